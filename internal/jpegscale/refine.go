package jpegscale

import "math/bits"

// refineAC decodes one more bit of a band of AC coefficients: a correction for
// each that isn't zero already, and those that become 1 or -1 in their place
// among the others.
//
// Source: ITU-T T.81 section G.1.2.3.
func (d *decoder) refineAC(s *scan, i, x, y int) error {
	b := &d.bits
	if !b.ready() {
		return b.short()
	}
	c, h := s.comp[i], &d.huff[1][s.ta[i]]
	r := refinement{c: c, kept: c.kept(d, x, y), mask: &c.nonzero[y*c.maskStride(d)+x], step: 1 << s.al}
	before := *r.mask
	d.quirks = d.quirks || large(int(r.step))
	k := s.ss // the first that isn't done
	for d.eobRun == 0 && k <= s.se {
		if b.n < 32 {
			b.refill()
		}
		e := h.look[b.acc>>(64-lookBits)]
		value := e.value()
		if e&(127|entryLong)-1 >= entryLong-1 {
			if e, value = h.long(b.acc, e); e == 0 {
				return errCode
			}
		}
		b.acc <<= e & 63
		b.n -= uint(e & 63)
		if e.advance() == endOfBlock {
			b.refill()
			d.eobRun = 1<<value + b.take(uint(value))
			break
		}
		if value > 1 || value < -1 {
			return FormatError("a refinement by more than one bit")
		}
		// The one at hand goes to the zero after the run of zeros.
		zeros := ^before >> k << k
		for range e.advance() - 1 {
			zeros &= zeros - 1
		}
		to := bits.TrailingZeros64(zeros)
		if to > s.se {
			return FormatError("too many coefficients")
		}
		r.correct(b, before>>k<<k&(1<<to-1))
		if value != 0 {
			*r.mask |= 1 << to
			if at := int(c.dequantize[to] & 127); at < len(r.kept) {
				r.kept[at] = int16(value) * r.step
			}
		}
		k = to + 1
	}
	if d.eobRun > 0 {
		d.eobRun--
		if k <= s.se {
			r.correct(b, before>>k<<k&(1<<s.se<<1-1))
		}
	}
	return nil
}

// refinement is what it takes to correct the coefficients of one block.
type refinement struct {
	c    *component
	kept []int16
	mask *uint64
	step int16
}

// correct reads a bit for each coefficient of which, by index, and moves those
// that have a 1 away from zero.
func (r *refinement) correct(b *bitReader, which uint64) {
	for ; which != 0; which &= which - 1 {
		if b.n < 32 {
			b.refill()
		}
		if b.take(1) == 0 {
			continue
		}
		at := int(r.c.dequantize[bits.TrailingZeros64(which)] & 127)
		switch {
		case at >= len(r.kept):
		case r.kept[at] >= 0:
			r.kept[at] += r.step
		default:
			r.kept[at] -= r.step
		}
	}
}
