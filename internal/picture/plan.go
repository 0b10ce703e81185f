package picture

import "image"

// plan is what is going to be done with a source.
type plan struct {
	stored square      // what is kept, in pixels as stored
	side   int         // of the result, in pixels
	scale  int         // how many times smaller than it is the source is decoded: 1, 2, 4 or 8
	turn   orientation // after that of the source
	ground ground      // under transparent parts
}

// plan finds out how to make f of s. resized says how many pixels the result's
// side gets from how many the square has. It fails with fault.BadRequest if f
// doesn't fit the picture.
func (s source) plan(f Frame, resized func(side int) int) (plan, error) {
	turn, err := orientationOf(f.Turn)
	if err != nil {
		return plan{}, err
	}
	upright, err := s.crop(f)
	if err != nil {
		return plan{}, err
	}
	p := plan{
		stored: s.orientation().stored(upright, s.Width, s.Height),
		scale:  1,
		turn:   turn,
		ground: groundOf(f.Background),
	}
	p.side = resized(p.stored.side)
	if s.scalable {
		// Twice the result is left to the resizer: its kernel is sharper than what
		// a JPEG decoder does when it leaves out high frequencies.
		for p.scale < 8 && p.stored.side/(2*p.scale) >= 2*p.side {
			p.scale *= 2
		}
	}
	return p, nil
}

// region returns the square that is to be decoded.
func (p plan) region() image.Rectangle {
	q := p.stored
	return image.Rect(q.x, q.y, q.x+q.side, q.y+q.side)
}

// cost estimates how much memory p takes, in bytes, beside the body of s.
func (s source) cost(p plan) int64 {
	const beside = 4 << 20 // the decoder's tables, the resizer's rows and the result
	pixels := float64(s.Width) * float64(s.Height)
	if !s.scalable {
		return int64(pixels*s.bytesPerPixel) + beside
	}
	const round = 32 // the decoder rounds outwards to whole MCUs, of at most 16 pixels
	side := float64(p.stored.side+round) / float64(p.scale)
	bytes := side * side * s.samples
	if s.Progressive {
		// jpegscale keeps the coefficients that the scale uses, of 2 bytes, and 8
		// bytes for every block of 64 samples.
		used := 8 / p.scale
		bytes += pixels * s.samples * float64(2*used*used+8) / 64
	}
	return int64(bytes) + beside
}
