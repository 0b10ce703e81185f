// Package picture turns any picture that a person chooses into the one JPEG
// that goes to Graph. It is pure: bytes in, bytes out, no files, no network.
//
//	body → open: sniff, walk the header, enforce the limits (header.go)
//	     → decode: image/jpeg, png, gif, x/image/webp     (decode.go)
//	     → raster: rows of the crop, as Y, Cb and Cr      (raster.go)
//	     → scale:  Lanczos-3 on the three planes          (lanczos.go)
//	     → turn:   EXIF orientation, then Frame.Turn      (orient.go)
//	     → encode: at most MaxBytes                       (encode.go)
//
// Nothing of the source but its pixels reaches the result: no EXIF, no
// location, no comment, no thumbnail, no appended data.
package picture

// MaxUploadBytes is the largest picture that is looked at, in bytes (25 MB).
// A phone's 50-megapixel JPEG has 10 to 20 MB.
const MaxUploadBytes = 25 << 20

// MaxBytes is the largest result, in bytes. A user without a mailbox, whose
// photo is kept in the directory, gets a 404 from Graph for anything larger.
const MaxBytes = 100_000

// MaxSide is the side of the largest size in which Microsoft 365 keeps photos,
// in pixels; more would only be thrown away.
//
// Source: https://learn.microsoft.com/graph/api/resources/profilephoto
const MaxSide = 648

// MinSide is the side of the smallest size in which Microsoft 365 keeps photos,
// in pixels. Smaller crops are enlarged to it: Graph answers a picture of 1×1
// where there is no photo, so a tiny one would look like none.
const MinSide = 48

// Frame says which square of the picture is kept.
type Frame struct {
	X, Y int // left and top of the square, in pixels of the upright picture (after EXIF orientation)
	Side int // of the square, in the same pixels; 0 = automatic, whatever X and Y say: the upper-middle square
	Turn int // degrees clockwise, after the crop: a multiple of 90, also negative
}

// Rendered is what Render made, and what it can tell the person about the source.
type Rendered struct {
	JPEG         []byte // a square baseline JPEG of at most MaxBytes, without metadata
	Side         int    // its side in pixels, MinSide to MaxSide
	SourceWidth  int    // of the upright source, in pixels
	SourceHeight int
	Location     bool // the source carried a position (GPS), which is gone now
	Camera       bool // the source carried other data of the camera, gone too
	Animated     bool // the source has several frames; only the first was used
}

// Render cuts the square f out of the picture body and makes it the JPEG for
// Graph: upright, between MinSide and MaxSide pixels, at most MaxBytes long,
// never enlarged beyond MinSide.
//
// It fails with fault.BadRequest if f doesn't fit the picture, and as Inspect
// does if body is no picture that we take; with fault.Unreadable if it is
// damaged further on than its header.
func Render(body []byte, f Frame) (Rendered, error) {
	s, err := open(body)
	if err != nil {
		return Rendered{}, err
	}
	return s.render(f)
}

// render does the work of Render after the header was found good.
func (s source) render(f Frame) (Rendered, error) {
	jpeg, side, err := s.cut(f, outputSide)
	if err != nil {
		return Rendered{}, err
	}
	width, height := s.upright()
	return Rendered{
		JPEG:        jpeg,
		Side:        side,
		SourceWidth: width, SourceHeight: height,
		Location: s.Location, Camera: s.Camera, Animated: s.Animated,
	}, nil
}

// cut makes the square f of s a JPEG. resized says how many pixels its side gets
// from how many the square has.
func (s source) cut(f Frame, resized func(side int) int) (jpeg []byte, side int, err error) {
	turn, err := orientationOf(f.Turn)
	if err != nil {
		return nil, 0, err
	}
	upright, err := s.crop(f)
	if err != nil {
		return nil, 0, err
	}
	img, err := s.decode()
	if err != nil {
		return nil, 0, err
	}
	stored := s.orientation().stored(upright, s.Width, s.Height)
	side = resized(stored.side)
	small := scale(newRaster(img, stored, s.Lossy), side)
	jpeg, err = encode(small.oriented(s.orientation()).oriented(turn))
	return jpeg, side, err
}

// outputSide returns the side of the result for a crop of side pixels.
func outputSide(side int) int { return max(MinSide, min(MaxSide, side)) }
