package jpegscale

import "encoding/binary"

// errCode says that the bits at hand are no code.
const errCode = FormatError("unknown Huffman code")

// sequentialBlock decodes block (x, y) of the i-th component of s, and makes
// its samples if they are within the region.
func (d *decoder) sequentialBlock(s *scan, i, x, y int) error {
	if !d.bits.ready() {
		return d.bits.short()
	}
	diff, ok := d.bits.dc(&d.huff[0][s.td[i]])
	if !ok {
		return errCode
	}
	d.dc[i] += diff
	c, last := s.comp[i], 0
	wanted := c.wants(x, y)
	if wanted {
		last = lastUsed[d.options.Scale]
	}
	top := d.sequentialAC(&d.huff[1][s.ta[i]], &c.dequantize, last)
	if top < 0 {
		return errCode
	}
	if wanted {
		d.block[0] = c.dequantize.dc(d.dc[i])
		d.transform(c, x, y, top)
	}
	return nil
}

// wants says whether the samples of a block are part of the result.
func (c *component) wants(x, y int) bool {
	return x >= c.keep.Min.X && x < c.keep.Max.X && y >= c.keep.Min.Y && x < c.blocksWide && y < c.blocksHigh
}

// large says whether an AC coefficient is beyond what 8 bits a sample allow, so
// that decoders may differ in how they overflow.
func large(v int) bool { return v > 2047 || v < -2047 }

// dc decodes the difference of a DC coefficient to the one before.
//
// Source: ITU-T T.81 section F.2.2.1.
func (b *bitReader) dc(h *huffman) (diff int, ok bool) {
	b.refill()
	e := h.look[b.acc>>(64-lookBits)]
	if e != 0 && e&entryLong == 0 {
		b.acc <<= e.length() & 63
		b.n -= e.length()
		return e.value(), true
	}
	size, length := e.valueBits(), e.codeLength()
	if e == 0 {
		var symbol byte
		symbol, length = h.code(b.acc)
		if size = uint(symbol); length == 0 || size > maxDCBits {
			return 0, false
		}
	}
	diff = extend(b.acc<<length, size)
	b.acc <<= (length + size) & 63
	b.n -= length + size
	return diff, true
}

// long finds what look hasn't whole: an entry whose code or value is too long.
// The entry it returns is right but for its value, which is returned beside it;
// it is 0 if there is no such code.
func (h *huffman) long(acc uint64, e entry) (entry, int) {
	if e != 0 {
		return e &^ entryLong, extend(acc<<e.codeLength(), e.valueBits())
	}
	symbol, length := h.code(acc)
	run, size := uint(symbol>>4), uint(symbol&15)
	switch {
	case length == 0:
		return 0, 0
	case size == 0 && run != 15:
		return entry(length | endOfBlock<<8), int(run)
	}
	return entry(length + size | (run+1)<<8), extend(acc<<length, size)
}

// sequentialAC decodes the AC coefficients of a block: those up to last into
// d.block, and passes over the rest. It returns the index of the last one it
// stored, in zigzag order, or -1 at an unknown code.
//
// It is long because it is where the time goes: acc, n and pos have to stay in
// registers.
//
// Source: ITU-T T.81 section F.2.2.2.
func (d *decoder) sequentialAC(h *huffman, q *dequantizer, last int) (top int) {
	b, block := &d.bits, &d.block
	acc, n, pos := b.acc, b.n, b.pos
	k := 0
	var e entry
	for k < last {
		top = k
		if n < 32 {
			acc |= binary.BigEndian.Uint64(b.buf[pos:]) >> (n & 63)
			pos += int(63-n) >> 3
			n |= 56
		}
		e = h.look[acc>>(64-lookBits)]
		value := e.value()
		if e&(127|entryLong)-1 >= entryLong-1 { // 0, or too long
			if e, value = h.long(acc, e); e == 0 {
				return -1
			}
			d.quirks = d.quirks || large(value)
		}
		acc <<= e & 63
		n -= uint(e & 63)
		k += e.advance()
		m := q[k&127]
		block[m&127] = int32(value * int(m>>8))
	}
	if k < 64 {
		top = k
	}
	for k < 63 {
		if n < 32 {
			acc |= binary.BigEndian.Uint64(b.buf[pos:]) >> (n & 63)
			pos += int(63-n) >> 3
			n |= 56
		}
		// All codes at once that the next bits hold, if they belong to this block.
		skip := h.skip[acc>>(64-lookBits)]
		length, next := uint(skip&15), k+int(skip>>4)&127
		if length != 0 && next+int(skip>>15) <= 63 {
			acc <<= length
			n -= length
			k = next + int(skip>>15)<<6
			continue
		}
		e = h.look[acc>>(64-lookBits)]
		if e&(127|entryLong)-1 >= entryLong-1 {
			if e, _ = h.long(acc, e); e == 0 {
				return -1
			}
		}
		acc <<= e & 63
		n -= uint(e & 63)
		k += e.advance()
	}
	b.acc, b.n, b.pos = acc, n, pos
	if k > 63 && e.advance() != endOfBlock || e.advance() == endOfBlock && e.value() != 0 {
		d.quirks = true
	}
	return top
}
