package jpegscale

import (
	"errors"
	"fmt"
	"image"
	"io"
)

// A FormatError says that the data isn't a valid JPEG.
type FormatError string

func (e FormatError) Error() string { return "jpegscale: invalid JPEG: " + string(e) }

// An UnsupportedError says that the JPEG is of a kind this package doesn't
// decode: four components, components that are R, G and B, 12 bits a sample,
// arithmetic coding, lossless or hierarchical frames, odd subsampling.
type UnsupportedError string

func (e UnsupportedError) Error() string { return "jpegscale: unsupported JPEG: " + string(e) }

// ErrTooLarge says that the picture is beyond a limit of Options. What Decode
// returns says which; compare with errors.Is.
var ErrTooLarge = errors.New("jpegscale: beyond a limit")

// Options say what to decode, and how much is too much. The zero value decodes
// all of the picture at its full size, without a limit.
type Options struct {
	// Scale is what width and height are divided by: 1, 2, 4 or 8. Zero is 1.
	Scale int

	// Region is the part of the picture that is wanted, in pixels of the full
	// size, before any EXIF orientation. Empty means all of the picture.
	//
	// The result covers at least the part of Region that is within the
	// picture, rounded outwards to whole MCUs. What lies below isn't read (in
	// a sequential JPEG), so that damage there isn't noticed.
	Region image.Rectangle

	// MaxPixels is the largest width*height that the header may declare, of
	// the full size. Zero means no limit but the one that JPEG has
	// (65,535 × 65,535).
	MaxPixels int

	// MaxScans is how many scans the file may have; 100 is plenty, since each
	// scan of a progressive JPEG costs time for every block of the picture
	// whether it holds data or not. Zero means no limit.
	MaxScans int
}

// Config is what the header says about a picture.
type Config struct {
	Width, Height int  // of the full size, in pixels
	Components    int  // 1 (grey), 3 or 4
	Progressive   bool // of several passes over the whole picture
	RGB           bool // the three components aren't YCbCr; Decode refuses it
	// Subsampling is the ratio of luma to chroma samples, for 3 components.
	Subsampling image.YCbCrSubsampleRatio
}

// DecodeConfig reads the header up to the first scan.
//
// It fails as Decode does, but accepts pictures that Decode refuses for the
// number or the meaning of their components.
func DecodeConfig(data []byte) (Config, error) {
	var d decoder
	if err := d.walk(data, true); err != nil {
		return Config{}, err
	}
	return d.config(), nil
}

// Decode decodes a JPEG into an *image.Gray or an *image.YCbCr.
//
// The bounds of the result are in scaled pixels: its pixel (x, y) stands for
// the pixels from (x*Scale, y*Scale) on of the full size. The whole picture has
// ceil(width/Scale) by ceil(height/Scale) pixels.
//
// It fails with a FormatError, an UnsupportedError, an error that wraps
// ErrTooLarge (also for more than 65,536 tables and scans), or
// io.ErrUnexpectedEOF if data ends too early. Data that is missing below Region
// is no error in a sequential JPEG.
//
// Memory: the result and, for progressive JPEGs, 8 bytes and the coefficients
// that the scale uses (64, 16, 4 or 1 of 2 bytes) for every block of 8×8
// samples. Before it allocates, Decode makes sure that data is long enough to
// hold a picture of that size: at least 2 bits for each block (1 if
// progressive). A picture with less is truncated, whatever it says of its size.
func Decode(data []byte, o Options) (image.Image, error) {
	switch o.Scale {
	case 0:
		o.Scale = 1
	case 1, 2, 4, 8:
	default:
		return nil, fmt.Errorf("jpegscale: scale 1/%d: want 1, 2, 4 or 8", o.Scale)
	}
	d := decoder{options: o}
	return d.decode(data)
}

// decode walks over the segments twice: to see whether all is there and which
// scans are worth decoding, then to decode these.
func (d *decoder) decode(data []byte) (image.Image, error) {
	if err := d.walk(data, false); err != nil {
		return nil, err
	}
	if err := d.plan(); err != nil {
		return nil, err
	}
	for i := range d.segments {
		if err := d.segment(&d.segments[i]); err != nil {
			return nil, err
		}
		if d.done() {
			break
		}
	}
	switch {
	case d.progressive:
		d.reconstruct()
	case !d.ended && !d.done():
		return nil, errTruncated // before the scan of some component
	}
	return d.picture()
}

// segment acts upon one segment of the second walk.
func (d *decoder) segment(s *segment) error {
	switch s.marker {
	case markerDHT:
		return d.readHuffman(s.data, s.baseline)
	case markerDQT:
		return d.readQuantization(s.data)
	case markerDRI:
		if len(s.data) != 2 {
			return FormatError("restart interval of wrong length")
		}
		d.restart = int(s.data[0])<<8 | int(s.data[1])
	case markerSOS:
		if s.scan.skip {
			return nil
		}
		return d.decodeScan(s.scan)
	}
	return nil
}

// done says whether what is left of a sequential picture lies below the region.
func (d *decoder) done() bool {
	if d.progressive || !d.partial {
		return false
	}
	for i := range d.comp[:d.nComp] {
		if !d.comp[i].seen {
			return false
		}
	}
	return true
}

// tooLarge makes an error that wraps ErrTooLarge.
func tooLarge(format string, a ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{ErrTooLarge}, a...)...)
}

// errTruncated is what a picture gets that ends too early.
var errTruncated = io.ErrUnexpectedEOF

// errOutside is for a region that has no pixel of the picture.
var errOutside = errors.New("jpegscale: the region is outside of the picture")
