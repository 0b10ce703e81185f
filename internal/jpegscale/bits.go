package jpegscale

import (
	"bytes"
	"encoding/binary"
)

const (
	// bufSize is how many bytes without stuffing are made at a time: few
	// enough to stay in the first-level cache.
	bufSize = 8 << 10
	// maxBlockBytes is more than any block can read: 64 coefficients of a code
	// and a value of up to 16 bits each, and the 8 bytes that are read ahead.
	maxBlockBytes = 64*4 + 64
)

// bitReader reads the bits of entropy-coded data.
//
// The bytes of data are first copied to buf without their stuffing, so that the
// loops that decode needn't look at bytes. They take their bits from the top of
// acc, of which n are there, and refill it by 8 bytes at once, in what Fabian
// Giesen calls variant 4:
// https://fgiesen.wordpress.com/2018/02/20/reading-bits-in-far-too-many-ways-part-2/
//
// Before each block, whoever decodes calls ready; buf then holds all that one
// block can take. After the end of the data, buf holds zeros, and the next ready
// finds out.
type bitReader struct {
	src []byte // up to the next marker that is not a restart
	at  int    // of src, what comes after buf

	acc   uint64
	n     uint
	pos   int  // of buf, what comes after acc
	end   int  // of the data in buf
	limit int  // from this pos on, ready has something to do
	last  bool // buf ends at a marker or at the end of src

	buf [bufSize + 2*maxBlockBytes]byte
}

// start begins to read data.
func (b *bitReader) start(data []byte) {
	b.src, b.at = data, 0
	b.reset()
}

// reset forgets what was read ahead, and goes on at b.at.
func (b *bitReader) reset() {
	b.acc, b.n, b.pos, b.end, b.last = 0, 0, 0, 0, false
	b.fill()
}

// fill moves what is left of buf to its start, and copies more data behind it.
func (b *bitReader) fill() {
	b.acc &= ^(^uint64(0) >> b.n)
	b.end = copy(b.buf[:], b.buf[b.pos:b.end])
	b.pos = 0
	for b.end < bufSize && !b.last {
		piece := b.src[b.at:min(len(b.src), b.at+bufSize-b.end)]
		if i := bytes.IndexByte(piece, 0xff); i >= 0 {
			piece = piece[:i]
		}
		b.end += copy(b.buf[b.end:], piece)
		b.at += len(piece)
		switch {
		case b.at == len(b.src):
			b.last = true
		case b.src[b.at] != 0xff:
		case b.at+1 < len(b.src) && b.src[b.at+1] == 0:
			b.buf[b.end] = 0xff
			b.end++
			b.at += 2
		default:
			b.last = true
		}
	}
	b.limit = b.end - maxBlockBytes
	if b.last {
		clear(b.buf[b.end : b.end+maxBlockBytes])
		b.limit = b.end
	}
}

// ready makes sure that there are bits for a block. It returns false if those
// of the block before weren't all there.
func (b *bitReader) ready() bool {
	if b.pos < b.limit {
		return true
	}
	return b.more()
}

func (b *bitReader) more() bool {
	if !b.last {
		b.fill()
		return true
	}
	return !b.overrun()
}

// overrun says whether more bits were read than there are.
func (b *bitReader) overrun() bool { return b.pos*8-int(b.n) > b.end*8 }

// refill makes sure that there are at least 56 bits.
func (b *bitReader) refill() {
	b.acc |= binary.BigEndian.Uint64(b.buf[b.pos:]) >> (b.n & 63)
	b.pos += int(63-b.n) >> 3
	b.n |= 56
}

// take returns the next n bits, at most 16, which must be there.
func (b *bitReader) take(n uint) int {
	v := int(b.acc >> 1 >> (63 - n))
	b.acc <<= n
	b.n -= n
	return v
}

// short is the error of a scan whose data ended too early.
func (b *bitReader) short() error {
	if b.at+1 >= len(b.src) {
		return errTruncated
	}
	return FormatError("a marker within the data of a scan")
}

// nextRestart passes over the restart marker that is due, and over what stands
// before it.
func (b *bitReader) nextRestart(due byte) error {
	if b.overrun() {
		return b.short()
	}
	marker, next := nextMarker(b.src, b.at)
	switch marker {
	case due:
	case 0:
		return errTruncated
	default:
		return FormatError("wrong restart marker")
	}
	b.at = next
	b.reset()
	return nil
}
