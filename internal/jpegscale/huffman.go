package jpegscale

// lookBits is how many bits are looked up at once. With 11, nearly all of the
// coefficients of photos are found with code and value, and the tables of luma
// and chroma together stay in a first-level cache of 32 kB; 12 was no faster.
const lookBits = 11

// An entry of huffman.look says what the next lookBits bits begin with.
//
//	bits 0–6    length of code and value together; 0 if the code is longer than lookBits
//	bit 7       the value isn't within the lookBits
//	bits 8–14   what to add to the index of the coefficient before: 1 + zeros,
//	            16 for ZRL, endOfBlock for EOB
//	bits 16–31  the value, signed; of EOBn, n;
//	            if bit 7 is set, bits 16–20 the length of the value and 21–25 that of the code
type entry uint32

const (
	entryLong  = 1 << 7
	endOfBlock = 64
)

func (e entry) length() uint     { return uint(e & 127) }
func (e entry) advance() int     { return int(e>>8) & 127 }
func (e entry) value() int       { return int(int32(e) >> 16) }
func (e entry) valueBits() uint  { return uint(e>>16) & 31 }
func (e entry) codeLength() uint { return uint(e>>21) & 31 }

// huffman decodes one Huffman code.
type huffman struct {
	set, made bool
	vals      [256]byte
	maxCode   [17]int32 // the largest code of each length, or -1
	first     [17]int32 // what to add to a code of each length to find its place in vals
	look      [1 << lookBits]entry
	// skip says how many codes with their values the next lookBits bits hold:
	// bits 0–3 their length, 0 if there is none; 4–10 the sum of their
	// advances, without that of EOB; bit 15 whether an EOB is the last.
	skip [1 << lookBits]uint16
}

const skipEnd = 1 << 15

// maxDCBits is how long a DC coefficient may be.
const maxDCBits = 16

// readHuffman reads a DHT segment; a baseline picture has fewer tables.
//
// Source: ITU-T T.81 section B.2.4.2.
func (d *decoder) readHuffman(b []byte, baseline bool) error {
	for len(b) > 0 {
		if len(b) < 17 {
			return FormatError("Huffman table of wrong length")
		}
		class, at := b[0]>>4, b[0]&15
		if class > 1 || at > 3 || baseline && at > 1 {
			return FormatError("number of Huffman table")
		}
		n := 0
		for _, count := range b[1:17] {
			n += int(count)
		}
		if n == 0 || n > 256 || len(b) < 17+n {
			return FormatError("Huffman table of wrong length")
		}
		if err := d.huff[class][at].define(b[1:17], b[17:17+n]); err != nil {
			return err
		}
		b = b[17+n:]
	}
	return nil
}

// define sets the code: how many codes there are of each length from 1 to 16,
// and the symbols in the order of their codes.
//
// Source: ITU-T T.81 annex C.
func (h *huffman) define(counts, vals []byte) error {
	code, k := int32(0), int32(0)
	for i, count := range counts {
		length := i + 1
		h.maxCode[length] = -1
		h.first[length] = k - code
		if count > 0 {
			code += int32(count)
			k += int32(count)
			h.maxCode[length] = code - 1
		}
		if code > 1<<length {
			return FormatError("Huffman table with too many codes")
		}
		code <<= 1
	}
	copy(h.vals[:], vals)
	h.set, h.made = true, false
	return nil
}

// code finds the code at the top of acc bit by bit; length is 0 if there is none.
func (h *huffman) code(acc uint64) (symbol byte, length uint) {
	for length = 1; length <= 16; length++ {
		if c := int32(acc >> (64 - length)); c <= h.maxCode[length] {
			return h.vals[(h.first[length]+c)&255], length
		}
	}
	return 0, 0
}

// tables makes look and skip, when a scan first needs them: definitions without
// a scan cost nothing.
func (h *huffman) tables(dc bool) error {
	switch {
	case !h.set:
		return FormatError("a Huffman table is missing")
	case h.made:
		return nil
	}
	h.made = true
	for i := range h.look {
		h.look[i] = h.entryFor(uint64(i)<<(64-lookBits), dc)
	}
	for i := range h.skip {
		if !dc {
			h.skip[i] = h.skipFor(uint(i))
		}
	}
	return nil
}

// entryFor makes the entry of which acc has the bits at its top.
func (h *huffman) entryFor(acc uint64, dc bool) entry {
	symbol, length := h.code(acc)
	if length == 0 || length > lookBits {
		return 0
	}
	run, size := uint(symbol>>4), uint(symbol&15)
	switch {
	case dc && symbol > maxDCBits:
		return 0
	case dc:
		run, size = 0, uint(symbol)
	case size == 0 && run != 15:
		return entry(length | endOfBlock<<8 | run<<16)
	}
	e := entry((run + 1) << 8)
	total := length + size
	if total > lookBits {
		return e | entry(total|entryLong|size<<16|length<<21)
	}
	return e | entry(total) | entry(uint32(extend(acc<<length, size))<<16)
}

// skipFor adds up the entries that bits begin with.
func (h *huffman) skipFor(bits uint) uint16 {
	used, advance := uint(0), 0
	for {
		e := h.look[bits<<used&(1<<lookBits-1)]
		switch {
		case e == 0 || used+e.length() > lookBits || advance+e.advance() >= 128:
			return uint16(used | uint(advance)<<4)
		case e.advance() == endOfBlock:
			if e.value() != 0 { // a run of blocks, not for here
				return uint16(used | uint(advance)<<4)
			}
			return uint16(used+e.length()|uint(advance)<<4) | skipEnd
		}
		used += e.length()
		advance += e.advance()
	}
}

// extend makes a value of the size bits at the top of acc; size is at most 16.
//
// Source: ITU-T T.81 section F.2.2.1, figure F.12.
func extend(acc uint64, size uint) int {
	v := int(acc >> 1 >> (63 - size))
	// The value is negative if its first bit is 0.
	return v + (int(acc>>63)-1)&(1-1<<size)
}
