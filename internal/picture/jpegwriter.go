package picture

import (
	"encoding/binary"
	"math/bits"
)

// jpegWriter makes a baseline JPEG of planes, with Huffman tables of its own:
// about a twentieth smaller, and twice as fast, as image/jpeg makes it.
//
// Source: ITU-T T.81.
type jpegWriter struct {
	planes
	luma, chroma *quantiser
	tokens       []token
	extra        int          // bits beside those of the codes
	histograms   [4]histogram // DC and AC of luma, DC and AC of chroma
	tables       [4]*huffman
}

// token is a Huffman code and the bits behind it: the symbol, whose low four bits
// count these bits, from bit 16 on; the table from bit 24 on; the bits from 0 on.
type token uint32

func newJPEGWriter(p planes) *jpegWriter { return &jpegWriter{planes: p} }

// free gives back what code took.
func (w *jpegWriter) free() { tokenPools.give(w.tokens) }

// code prepares the file in a quality of 1 to 100.
func (w *jpegWriter) code(quality int) {
	w.luma, w.chroma = newQuantiser(&lumaQuant, quality), newQuantiser(&chromaQuant, quality)
	if w.tokens == nil {
		w.tokens = tokenPools.take(w.y.side * w.y.side / 2)
	}
	w.tokens, w.extra, w.histograms = w.tokens[:0], 0, [4]histogram{}
	var before [3]int32 // the last DC coefficients
	fine := w.y.side / w.cb.side
	for y := 0; y < w.cb.side; y += 8 {
		for x := 0; x < w.cb.side; x += 8 {
			for i := range fine * fine {
				w.block(w.y, fine*x+i%fine*8, fine*y+i/fine*8, w.luma, 0, &before[0])
			}
			w.block(w.cb, x, y, w.chroma, 2, &before[1])
			w.block(w.cr, x, y, w.chroma, 2, &before[2])
		}
	}
	for i := range w.tables {
		w.tables[i] = newHuffman(&w.histograms[i])
	}
}

// block adds the tokens of the block of p at x, y. table is that of its DC
// coefficients; the next one is that of the others.
func (w *jpegWriter) block(p plane, x, y int, q *quantiser, table int, before *int32) {
	const zeroes16 = 0xf0 // sixteen zeroes; 0 is the end of the block
	var b coefficients
	b.load(p, x, y)
	b.transform()
	var v [64]int32
	nonzero := q.quantise(&v, &b)
	w.add(table, 0, v[0]-*before)
	*before = v[0]
	table++
	last := 0
	for nonzero &^= 1; nonzero != 0; nonzero &= nonzero - 1 {
		k := bits.TrailingZeros64(nonzero) & 63
		run := k - last - 1
		for ; run > 15; run -= 16 {
			w.add(table, zeroes16, 0)
		}
		w.add(table, run<<4, v[k])
		last = k
	}
	if last < 63 {
		w.add(table, 0, 0)
	}
}

// add adds the token of a value that stands behind a run of zeroes, run<<4.
func (w *jpegWriter) add(table, run int, value int32) {
	sign := value >> 31
	size := bits.Len32(uint32((value ^ sign) - sign))
	symbol := (run | size) & 0xff
	low := uint32(value+sign) & (1<<size - 1)
	w.tokens = append(w.tokens, token(uint32(table)<<24|uint32(symbol)<<16|low))
	w.histograms[table&3][symbol]++
	w.extra += size
}

// estimate returns how long the file is going to be, in bytes, but for the
// zeroes that are put behind bytes of ones.
func (w *jpegWriter) estimate() int {
	const headers = 400
	sum := w.extra
	for i, t := range w.tables {
		sum += t.bits(&w.histograms[i])
	}
	return headers + sum/8
}

// file returns the file.
func (w *jpegWriter) file() []byte {
	out := make([]byte, 0, w.estimate()+w.estimate()/50)
	out = append(out, 0xff, 0xd8)
	out = w.header(out)
	return append(w.scan(out), 0xff, markerEOI)
}

// header appends all that stands before the scan.
func (w *jpegWriter) header(out []byte) []byte {
	const markerDQT = 0xdb
	for i, q := range []*quantiser{w.luma, w.chroma} {
		out = appendSegment(out, markerDQT, []byte{byte(i)}, q.table[:])
	}
	fine := byte(w.y.side / w.cb.side)
	size := binary.BigEndian.AppendUint16(nil, uint16(w.y.side))
	out = appendSegment(out, markerSOF0, []byte{8}, size, size, []byte{
		3, 1, fine<<4 | fine, 0, 2, 0x11, 1, 3, 0x11, 1,
	})
	for i, t := range w.tables {
		class, id := byte(i%2), byte(i/2)
		out = appendSegment(out, markerDHT, []byte{class<<4 | id}, t.counts[:], t.symbols)
	}
	return appendSegment(out, markerSOS, []byte{3, 1, 0x00, 2, 0x11, 3, 0x11, 0, 63, 0})
}

// appendSegment appends a segment with data to out.
func appendSegment(out []byte, marker byte, data ...[]byte) []byte {
	length := 2
	for _, d := range data {
		length += len(d)
	}
	out = binary.BigEndian.AppendUint16(append(out, 0xff, marker), uint16(length))
	for _, d := range data {
		out = append(out, d...)
	}
	return out
}

// scan appends the tokens.
func (w *jpegWriter) scan(out []byte) []byte {
	var codes [4][256]uint64 // a code and the bits behind it, as one number …
	var lengths [4][256]uint8
	for i, t := range w.tables {
		for symbol := range codes[i] {
			codes[i][symbol] = uint64(t.code[symbol]) << (symbol & 15)
			lengths[i][symbol] = t.length[symbol] + uint8(symbol&15)
		}
	}
	var held uint64 // … and those that aren't in out yet
	n := uint8(0)
	for _, t := range w.tokens {
		table, symbol := t>>24&3, uint8(t>>16)
		length := lengths[table][symbol]
		held = held<<(length&63) | codes[table][symbol] | uint64(t&0xffff)
		if n += length; n >= 32 {
			n -= 32
			out = appendStuffed(out, uint32(held>>(n&63)))
		}
	}
	for ; n > 0; n -= min(n, 8) { // the last byte is filled up with ones
		rest := (held<<8 | 0xff) >> (n & 63)
		if out = append(out, byte(rest)); byte(rest) == 0xff {
			out = append(out, 0)
		}
	}
	return out
}

// appendStuffed appends four bytes, with a zero behind each of ones.
func appendStuffed(out []byte, v uint32) []byte {
	if v&^(v+0x01010101)&0x80808080 == 0 { // no byte of ones: each such turns its top bit to zero
		return append(out, byte(v>>24), byte(v>>16), byte(v>>8), byte(v))
	}
	for shift := 24; shift >= 0; shift -= 8 {
		b := byte(v >> shift)
		if out = append(out, b); b == 0xff {
			out = append(out, 0)
		}
	}
	return out
}
