package jpegscale

import (
	"encoding/binary"
	"math/bits"
)

// A progressive picture comes in several scans, each of which adds some
// coefficients, or some bits of them, to every block. So they are kept until
// the last scan: for the blocks of the region, the coefficients that the scale
// uses; and for all blocks that are read, a bit for each coefficient that says
// whether it isn't zero, because that decides how many bits a later refinement
// takes. The signs and values of coefficients that the scale doesn't use are
// never needed.
//
// Source: ITU-T T.81 annex G.

// allocateCoefficients makes the room for them.
func (d *decoder) allocateCoefficients() {
	side := 8 / d.options.Scale
	for _, s := range d.scans {
		c := s.comp[0]
		switch {
		case s.skip:
		case s.ss > 0 && c.nonzero == nil:
			c.nonzero = make([]uint64, c.maskStride(d)*c.keep.Max.Y)
		case s.ss == 0 && s.ah == 0:
			for _, c := range s.comp[:s.n] {
				if c.coefs == nil {
					c.coefs = make([]int16, c.keep.Dx()*c.keep.Dy()*side*side)
				}
			}
		}
	}
}

// maskStride is how many entries of nonzero a row of blocks has.
func (c *component) maskStride(d *decoder) int { return d.wide * c.h }

// kept returns the coefficients of a block, or nil if the block isn't wanted.
func (c *component) kept(d *decoder, x, y int) []int16 {
	if !c.wants(x, y) {
		return nil
	}
	side := 8 / d.options.Scale
	n := side * side
	at := ((y-c.keep.Min.Y)*c.keep.Dx() + x - c.keep.Min.X) * n
	return c.coefs[at : at+n]
}

// firstDC decodes the upper bits of the DC coefficients.
func (d *decoder) firstDC(s *scan, i, x, y int) error {
	if !d.bits.ready() {
		return d.bits.short()
	}
	diff, ok := d.bits.dc(&d.huff[0][s.td[i]])
	if !ok {
		return errCode
	}
	d.dc[i] += diff
	if kept := s.comp[i].kept(d, x, y); kept != nil {
		kept[0] = d.coefficient(d.dc[i] << s.al)
	}
	return nil
}

// refineDC decodes one more bit of the DC coefficients.
func (d *decoder) refineDC(s *scan, i, x, y int) error {
	if !d.bits.ready() {
		return d.bits.short()
	}
	d.bits.refill()
	bit := d.bits.take(1)
	if kept := s.comp[i].kept(d, x, y); kept != nil {
		kept[0] |= int16(bit << s.al)
	}
	return nil
}

// coefficient makes v fit; that of a picture does.
func (d *decoder) coefficient(v int) int16 {
	if large(v) {
		d.quirks = true
		v = max(-1<<15, min(v, 1<<15-1))
	}
	return int16(v)
}

// firstAC decodes the upper bits of a band of AC coefficients.
//
// It is long for the same reason as sequentialAC.
func (d *decoder) firstAC(s *scan, i, x, y int) error {
	if d.eobRun > 0 {
		d.eobRun--
		return nil
	}
	b := &d.bits
	if !b.ready() {
		return b.short()
	}
	c, h := s.comp[i], &d.huff[1][s.ta[i]]
	kept := c.kept(d, x, y)
	mask := uint64(0)
	acc, n, pos := b.acc, b.n, b.pos
	for k := s.ss - 1; k < s.se; {
		if n < 48 {
			acc |= binary.BigEndian.Uint64(b.buf[pos:]) >> (n & 63)
			pos += int(63-n) >> 3
			n |= 56
		}
		e := h.look[acc>>(64-lookBits)]
		value := e.value()
		if e&(127|entryLong)-1 >= entryLong-1 {
			if e, value = h.long(acc, e); e == 0 {
				return errCode
			}
		}
		acc <<= e & 63
		n -= uint(e & 63)
		if e.advance() == endOfBlock {
			d.eobRun = 1<<value + int(acc>>1>>(63-value)) - 1
			acc <<= value & 63
			n -= uint(value)
			break
		}
		if k += e.advance(); value == 0 {
			continue
		}
		if k > s.se {
			d.quirks = true
			break
		}
		mask |= 1 << k
		if at := int(c.dequantize[k&127] & 127); at < len(kept) {
			kept[at] = d.coefficient(value << s.al)
		}
	}
	b.acc, b.n, b.pos = acc, n, pos
	c.nonzero[y*c.maskStride(d)+x] |= mask
	return nil
}

// reconstruct makes the samples of a progressive picture.
func (d *decoder) reconstruct() {
	last := lastUsed[d.options.Scale]
	for i := range d.comp[:d.nComp] {
		c := &d.comp[i]
		if c.coefs == nil {
			continue // as image/jpeg does: a plane of zeros
		}
		c.dequantize.set(&d.quant[c.tq], d.options.Scale)
		var factors [64]int
		for _, m := range c.dequantize {
			if at := m & 127; at != unused {
				factors[at] = int(m >> 8)
			}
		}
		for y := c.keep.Min.Y; y < min(c.keep.Max.Y, c.blocksHigh); y++ {
			for x := c.keep.Min.X; x < min(c.keep.Max.X, c.blocksWide); x++ {
				kept, top := c.kept(d, x, y), 0
				if c.nonzero != nil {
					mask := c.nonzero[y*c.maskStride(d)+x] & (1<<last<<1 - 1)
					top = max(0, bits.Len64(mask)-1)
				}
				d.block[0] = int32(int(kept[0]) * factors[0])
				if top > 0 {
					for at, v := range kept {
						d.block[at] = int32(int(v) * factors[at&63])
					}
				}
				d.transform(c, x, y, top)
			}
		}
	}
}
