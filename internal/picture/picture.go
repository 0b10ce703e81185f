// Package picture turns any picture that a person chooses into the one JPEG
// that goes to Graph. It is pure: bytes in, bytes out, no files, no network.
//
//	body → open:   sniff, walk the header, enforce the limits (header.go)
//	     → plan:   which square, how small to decode it       (plan.go)
//	     → decode: jpegscale, image/png, gif, x/image/webp    (decode.go)
//	     → raster: rows of the crop, as Y, Cb and Cr          (raster.go)
//	     → scale:  Lanczos-3 on the three planes              (lanczos.go)
//	     → colour: from the source's profile to sRGB          (colour.go)
//	     → turn:   EXIF orientation, then Frame.Turn          (orient.go)
//	     → encode: at most MaxBytes                           (encode.go)
//
// Nothing of the source but its pixels reaches the result: no EXIF, no
// location, no comment, no thumbnail, no appended data.
package picture

import "image/color"

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

	// Background lies under what is transparent. The zero value is white; any
	// other is taken as opaque.
	Background color.RGBA
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

	Judgement Judgement // how good a portrait the result is, as far as pixels tell
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
	p, err := s.plan(f, outputSide)
	if err != nil {
		return Rendered{}, err
	}
	return s.render(p)
}

// render does the work of Render after the header was found good.
func (s source) render(p plan) (Rendered, error) {
	pixels, err := s.pixels(p)
	if err != nil {
		return Rendered{}, err
	}
	defer pixels.free()
	jpeg, err := encode(pixels)
	if err != nil {
		return Rendered{}, err
	}
	width, height := s.upright()
	return Rendered{
		JPEG:        jpeg,
		Side:        p.side,
		SourceWidth: width, SourceHeight: height,
		Location: s.Location, Camera: s.Camera, Animated: s.Animated,
		Judgement: judge(pixels.y, p.stored.side),
	}, nil
}

// pixels does what p says, but for the coding of the result, whose planes are to
// be freed.
func (s source) pixels(p plan) (planes, error) {
	img, err := s.decode(p)
	if err != nil {
		return planes{}, err
	}
	space := s.colours()
	r := newRaster(img, p.stored.area(p.scale), s.Lossy, space.source(p.ground))
	small := scale(r, p.side)
	if c := newConverter(space); c != nil {
		c.apply(small, r.hs == 0)
	}
	return small.oriented(s.orientation()).oriented(p.turn), nil
}

// outputSide returns the side of the result for a crop of side pixels.
func outputSide(side int) int { return max(MinSide, min(MaxSide, side)) }
