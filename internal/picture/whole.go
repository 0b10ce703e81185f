package picture

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/jpeg"
)

// wholeSide is the shorter side of Whole's results, in pixels, at most: enough
// for a stage to frame on.
const wholeSide = MaxSide

// maxTiles bounds how many squares a whole picture is made of: one that is more
// than eight times as long as it is wide is nobody's portrait.
const maxTiles = 8

// wholeQuality is how good the copy is: it is only looked at.
const wholeQuality = 85

// Whole is a picture as a person frames it.
type Whole struct {
	JPEG          []byte // all of the picture, upright, without metadata
	Width, Height int    // of the upright source, in pixels, as Frame counts them
}

// Whole returns all of the picture body in small, as Render would show its parts:
// for a stage on which a square is chosen. What people upload is never shown as
// it is.
//
// It fails as Render does, and with fault.BadRequest if the picture is more than
// eight times as long as it is wide.
func (b *Budget) Whole(ctx context.Context, body []byte) (Whole, error) {
	const op = "picture.Whole"
	s, err := open(body)
	if err != nil {
		return Whole{}, err
	}
	width, height := s.upright()
	side, long := min(width, height), max(width, height)
	if long > maxTiles*side {
		return Whole{}, badCrop(op, fmt.Errorf("%d×%d is too long", width, height))
	}
	tile := max(MinSide, min(wholeSide, side)) &^ 1 // even, so that chroma has half
	small := func(px int) int { return (px*tile + side/2) / side &^ 1 }
	img := image.NewYCbCr(image.Rect(0, 0, max(tile, small(width)), max(tile, small(height))), image.YCbCrSubsampleRatio420)
	for at := 0; ; at = min(at+side, long-side) { // the squares side by side; the last one overlaps
		f := Frame{X: at, Side: side}
		if height > width {
			f.X, f.Y = 0, at
		}
		if err := b.tile(ctx, s, f, tile, img, min(small(f.X), img.Rect.Dx()-tile), min(small(f.Y), img.Rect.Dy()-tile)); err != nil {
			return Whole{}, err
		}
		if at == long-side {
			break
		}
	}
	var out bytes.Buffer
	if err := jpeg.Encode(&out, img, &jpeg.Options{Quality: wholeQuality}); err != nil {
		return Whole{}, unexpected(op, err)
	}
	return Whole{JPEG: out.Bytes(), Width: width, Height: height}, nil
}

// tile puts the square f of s at x, y of img, tile pixels a side.
func (b *Budget) tile(ctx context.Context, s source, f Frame, tile int, img *image.YCbCr, x, y int) error {
	p, err := s.plan(f, func(int) int { return tile })
	if err != nil {
		return err
	}
	leave, err := b.enter(ctx, s.cost(p))
	if err != nil {
		return err
	}
	defer leave()
	pixels, err := s.pixels(p)
	if err != nil {
		return err
	}
	defer pixels.free()
	for row := range pixels.y.side {
		copy(img.Y[img.YOffset(x, y+row):], pixels.y.pix[row*pixels.y.side:][:pixels.y.side])
	}
	for row := range pixels.cb.side { // half of luma's, since that is even
		at, from := img.COffset(x, y+2*row), row*pixels.cb.side
		copy(img.Cb[at:], pixels.cb.pix[from:][:pixels.cb.side])
		copy(img.Cr[at:], pixels.cr.pix[from:][:pixels.cr.side])
	}
	return nil
}
