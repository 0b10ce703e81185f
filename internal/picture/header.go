package picture

import (
	"errors"

	"portrait/internal/fault"
	"portrait/internal/words"
)

const (
	// maxSourceSide bounds either side of a source, in pixels: rows are held
	// whole, and nobody's portrait is longer than the largest cameras are wide.
	maxSourceSide = 12_000

	// The most megapixels per kind of coding. A baseline JPEG is what phones
	// make, up to 50; the others need several times the memory a pixel.
	maxBaselineMegapixels    = 50
	maxProgressiveMegapixels = 16 // their coefficients are kept until the last pass
	maxOtherMegapixels       = 16

	// maxDecodeBytes is the most memory that one picture may need, in bytes.
	// Rare codings (CMYK, 16 bits) get fewer pixels than the figures above.
	maxDecodeBytes = 200_000_000

	// maxScans bounds the passes of a progressive JPEG. Encoders write 6 to 12;
	// each costs image/jpeg a walk over all blocks, so that 440 kB with 2000 of
	// them took 100 s.
	maxScans = 100
)

// Header is what a picture says of itself before its first pixel.
type Header struct {
	Format        Format
	Width, Height int  // in pixels, as stored
	Orientation   int  // EXIF: 1 to 8, 1 = upright; whatever else a file says is read as 1
	Progressive   bool // JPEG
	Scans         int  // JPEG: passes over the picture; an upper bound
	Components    int  // JPEG: 1 grey, 3 colour, 4 CMYK
	Lossy         bool // WebP: YCbCr in limited range
	Animated      bool // several frames
	Location      bool // carries a position, in EXIF or XMP
	Camera        bool // carries other EXIF data of the camera

	scalable      bool    // JPEG: one that jpegscale decodes
	samples       float64 // JPEG: samples a pixel, of all components
	bytesPerPixel float64 // what decoding by other decoders allocates, at most
}

// Inspect reads the header of a picture, and nothing else, and enforces all
// limits, before memory for a single pixel is taken.
//
// It fails with fault.Unreadable if body is empty or damaged, with
// fault.Unsupported if it is nothing that we take, and with fault.TooLarge if
// it has too many bytes or pixels.
func Inspect(body []byte) (Header, error) {
	s, err := open(body)
	return s.Header, err
}

// source is a picture whose header is known and within the limits.
type source struct {
	Header
	body []byte
	keep []span // JPEG: the parts that image/jpeg is given
	end  int    // JPEG: where it ends in body

	profile []byte    // ICC profile of a JPEG or WebP, nil if it has none
	png     pngColour // PNG
	grey    bool      // coded without colour
}

// span is the part [from, to) of a body.
type span struct{ from, to int }

// open walks the header of body; see Inspect.
func open(body []byte) (source, error) {
	const op = "picture.open"
	if len(body) > MaxUploadBytes {
		return source{}, &fault.Error{
			Op: op, Kind: fault.TooLarge, Next: fault.NextChoose,
			Say: words.M("picture.file-too-large", "MaxMegabytes", MaxUploadBytes>>20),
		}
	}
	format, err := sniff(body)
	if err != nil {
		return source{}, err
	}
	s := source{Header: Header{Format: format, Orientation: 1}, body: body}
	switch format {
	case JPEG:
		err = s.walkJPEG()
	case PNG:
		err = s.walkPNG()
	case GIF:
		err = s.walkGIF()
	case WebP:
		err = s.walkWebP()
	}
	if err == nil || s.Width > maxSourceSide || s.Height > maxSourceSide { // that it is too large says more than that it is cut off
		err = s.limit()
	}
	if err != nil {
		return source{}, err
	}
	return s, nil
}

// limit enforces the limits on what the header says.
func (h Header) limit() error {
	const op = "picture.limit"
	if h.Width <= 0 || h.Height <= 0 {
		return damaged(op, errors.New("a side of zero pixels"))
	}
	megapixels := h.maxMegapixels()
	// The sides first: their product then fits an int of any size.
	if h.Width > maxSourceSide || h.Height > maxSourceSide || h.Width*h.Height > megapixels*1_000_000 {
		return &fault.Error{
			Op: op, Kind: fault.TooLarge, Next: fault.NextChoose,
			Say: words.M("picture.too-many-pixels", "Width", h.Width, "Height", h.Height,
				"MaxMegapixels", megapixels, "MaxSide", maxSourceSide),
		}
	}
	// Only progressive pictures come in more passes than they have components.
	if h.Scans > maxScans || !h.Progressive && h.Scans > max(1, h.Components) {
		return unsupported(op, words.M("picture.too-many-scans"), nil)
	}
	return nil
}

// maxMegapixels returns how many million pixels a picture of this kind may have.
func (h Header) maxMegapixels() int {
	most := maxOtherMegapixels
	switch {
	case h.Format == JPEG && h.Progressive:
		most = maxProgressiveMegapixels
	case h.Format == JPEG:
		most = maxBaselineMegapixels
	}
	if h.scalable || h.bytesPerPixel == 0 { // at most 110 MB, see cost; or the header broke off
		return most
	}
	return min(most, int(maxDecodeBytes/1_000_000/h.bytesPerPixel))
}

// colours returns the colour space of s; nil is sRGB. A profile that we can't
// use is as none.
func (s source) colours() *colourSpace {
	if s.Format == PNG {
		return s.png.space(s.grey)
	}
	return readICC(s.profile, s.grey)
}

// upright returns width and height after EXIF orientation.
func (h Header) upright() (width, height int) {
	if h.orientation().swaps() {
		return h.Height, h.Width
	}
	return h.Width, h.Height
}

// orientation returns Orientation as what it does.
func (h Header) orientation() orientation { return orientation(h.Orientation) }
