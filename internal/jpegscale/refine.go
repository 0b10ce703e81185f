package jpegscale

import (
	"encoding/binary"
	"math/bits"
)

// refineAC decodes one more bit of a band of AC coefficients: a correction for
// each that isn't zero already, and those that become 1 or -1 in their place
// among the others.
//
// It is long for the same reason as sequentialAC.
//
// Source: ITU-T T.81 section G.1.2.3.
func (d *decoder) refineAC(s *scan, i, x, y int) error {
	c := s.comp[i]
	mask := &c.nonzero[y*c.maskStride(d)+x]
	band := uint64(1)<<s.se<<1 - 1
	before := *mask & band
	if d.eobRun > 0 && before>>s.ss == 0 {
		d.eobRun--
		return nil
	}
	b, h := &d.bits, &d.huff[1][s.ta[i]]
	if !b.ready() {
		return b.short()
	}
	kept, step := c.kept(d, x, y), int16(1)<<s.al
	d.quirks = d.quirks || large(int(step))
	acc, n, pos := b.acc, b.n, b.pos
	for k := s.ss; k <= s.se; {
		// Where the next new coefficient goes; behind the band there is none.
		to, value := s.se+1, 0
		if d.eobRun == 0 {
			if n < 48 {
				acc |= binary.BigEndian.Uint64(b.buf[pos:]) >> (n & 63)
				pos += int(63-n) >> 3
				n |= 56
			}
			e := h.look[acc>>(64-lookBits)]
			value = e.value()
			if e&(127|entryLong)-1 >= entryLong-1 {
				if e, value = h.long(acc, e); e == 0 {
					return errCode
				}
			}
			acc <<= e & 63
			n -= uint(e & 63)
			if run := e.advance() - 1; run == endOfBlock-1 {
				d.eobRun = 1<<value + int(acc>>1>>(63-value))
				acc <<= value & 63
				n -= uint(value)
				value = 0
			} else if to = k + run; before>>k&(2<<run-1) != 0 {
				to = afterZeros(before, k, run)
			}
			switch {
			case value > 1 || value < -1:
				return FormatError("a refinement by more than one bit")
			case d.eobRun == 0 && to > s.se:
				return FormatError("too many coefficients")
			}
		}
		for which := before >> k << k & (1<<to - 1); which != 0; {
			// The corrections at once, if they are not more than acc can hold.
			now := which
			if bits.OnesCount64(now) > 48 {
				now &= 1<<32 - 1
			}
			if n < 48 {
				acc |= binary.BigEndian.Uint64(b.buf[pos:]) >> (n & 63)
				pos += int(63-n) >> 3
				n |= 56
			}
			if len(kept) > 0 {
				correct(c, kept, now, acc, step)
			}
			count := bits.OnesCount64(now)
			acc <<= count & 63
			n -= uint(count)
			which &^= now
		}
		if value != 0 {
			*mask |= 1 << to
			if at := int(c.dequantize[to&127] & 127); at < len(kept) {
				kept[at] = int16(value) * step
			}
		}
		k = to + 1
	}
	b.acc, b.n, b.pos = acc, n, pos
	if d.eobRun > 0 {
		d.eobRun--
	}
	return nil
}

// afterZeros is the index of the zero that comes after run zeros from k on; 64
// if there are fewer.
func afterZeros(nonzero uint64, k, run int) int {
	zeros := ^nonzero >> k << k
	for range run {
		zeros &= zeros - 1
	}
	return bits.TrailingZeros64(zeros)
}

// correct moves away from zero by step those of the coefficients in which, by
// index, for which the bits at the top of acc, one for each, have a 1.
func correct(c *component, kept []int16, which, acc uint64, step int16) {
	for ; which != 0 && acc != 0; which &= which - 1 {
		at := int(c.dequantize[bits.TrailingZeros64(which)&127] & 127)
		if int64(acc) < 0 && at < len(kept) {
			sign := kept[at] >> 15
			kept[at] += step ^ sign - sign
		}
		acc <<= 1
	}
}
