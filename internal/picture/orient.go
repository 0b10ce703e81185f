package picture

import (
	"fmt"

	"portrait/internal/fault"
	"portrait/internal/words"
)

// orientation is what EXIF calls by the same name: how a stored picture has to
// be turned and mirrored to stand upright. Its zero value isn't valid.
//
//	1 as it is      2 mirrored left-right   3 turned by 180°   4 mirrored top-bottom
//	5 transposed    6 turned by 90°         7 transversed      8 turned by 270°
//
// Source: CIPA DC-008 (EXIF 2.32) section 4.6.4, tag 274. Turns are clockwise.
type orientation int

// orientationOf returns a turn by degrees as an orientation. It fails with
// fault.BadRequest unless degrees is a multiple of 90.
func orientationOf(degrees int) (orientation, error) {
	const op = "picture.orientationOf"
	switch (degrees%360 + 360) % 360 {
	case 0:
		return 1, nil
	case 90:
		return 6, nil
	case 180:
		return 3, nil
	case 270:
		return 8, nil
	}
	return 0, badCrop(op, fmt.Errorf("turn by %d degrees", degrees))
}

// swaps reports whether width and height change places.
func (o orientation) swaps() bool { return o >= 5 }

// square is a square part of a picture, in its pixels.
type square struct{ x, y, side int }

// stored returns where q, a square of the upright picture, lies in the stored
// picture of width × height pixels.
func (o orientation) stored(q square, width, height int) square {
	right, bottom := width-q.side, height-q.side // the largest x and y
	switch o {
	case 2:
		return square{right - q.x, q.y, q.side}
	case 3:
		return square{right - q.x, bottom - q.y, q.side}
	case 4:
		return square{q.x, bottom - q.y, q.side}
	case 5:
		return square{q.y, q.x, q.side}
	case 6:
		return square{q.y, bottom - q.x, q.side}
	case 7:
		return square{right - q.y, bottom - q.x, q.side}
	case 8:
		return square{right - q.y, q.x, q.side}
	}
	return q
}

// crop returns the square that f asks for, in pixels of the upright picture. It
// fails with fault.BadRequest if that isn't within the picture.
//
// The automatic square is as large as fits. Left and right lose the same. Of a
// picture in portrait format a third of what must go is taken above and two
// thirds below: heads are in the upper part, with some room over them.
func (s source) crop(f Frame) (square, error) {
	const op = "picture.crop"
	width, height := s.upright()
	if f.Side == 0 {
		side := min(width, height)
		return square{(width - side) / 2, (height - side) / 3, side}, nil
	}
	// Subtractions only: the sum of two large numbers could come out negative.
	inside := f.X >= 0 && f.Y >= 0 && f.Side > 0 &&
		f.Side <= min(width, height) && f.X <= width-f.Side && f.Y <= height-f.Side
	if !inside {
		return square{}, badCrop(op, fmt.Errorf("square of %d at %d, %d in %d×%d", f.Side, f.X, f.Y, width, height))
	}
	return square{f.X, f.Y, f.Side}, nil
}

// badCrop is the fault of a Frame that doesn't fit the picture.
func badCrop(op string, cause error) error {
	return &fault.Error{Op: op, Kind: fault.BadRequest, Say: words.M("picture.bad-crop"), Next: fault.NextChoose, Err: cause}
}

// plane is one square channel of a picture.
type plane struct {
	pix  []byte // rows of side samples
	side int
}

// oriented returns p set upright by o, and gives p back to the pool if that is
// another one.
func (p plane) oriented(o orientation) plane {
	if o == 1 || p.side == 0 {
		return p
	}
	// Every orientation is a walk over the source with constant steps.
	index := func(x, y int) int {
		from := o.stored(square{x, y, 1}, p.side, p.side)
		return from.y*p.side + from.x
	}
	begin := index(0, 0)
	right, down := index(1, 0)-begin, index(0, 1)-begin
	out := plane{takeBytes(len(p.pix)), p.side}
	for y := range p.side {
		from := begin + y*down
		for x := range p.side {
			out.pix[y*p.side+x] = p.pix[from]
			from += right
		}
	}
	giveBytes(p.pix)
	return out
}

// planes is a small square picture as the JPEG encoder takes it: luma, and two
// chroma planes of the same side or of half of it.
type planes struct{ y, cb, cr plane }

// oriented returns p set upright by o.
func (p planes) oriented(o orientation) planes {
	return planes{p.y.oriented(o), p.cb.oriented(o), p.cr.oriented(o)}
}

// free gives the planes back to the pool.
func (p planes) free() {
	for _, plane := range []plane{p.y, p.cb, p.cr} {
		giveBytes(plane.pix)
	}
}
