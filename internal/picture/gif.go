package picture

import (
	"encoding/binary"
	"errors"
)

// walkGIF reads the size of a GIF's canvas and looks for a second frame.
//
// The canvas is the picture, as in browsers, even if the first frame covers
// only a part of it.
//
// Source: https://www.w3.org/Graphics/GIF/spec-gif89a.txt
func (s *source) walkGIF() error {
	const op = "picture.walkGIF"
	const header = 13
	if len(s.body) < header {
		return damaged(op, errors.New("ends within its header"))
	}
	s.Width = int(binary.LittleEndian.Uint16(s.body[6:]))
	s.Height = int(binary.LittleEndian.Uint16(s.body[8:]))
	s.bytesPerPixel = 2 // the palette's indexes, twice while an interlaced frame is sorted
	blocks := min(len(s.body), header+paletteSize(s.body[10]))
	s.Animated = countFrames(s.body[blocks:], 2) == 2
	return nil
}

// countFrames counts the frames in blocks, at most to most. A file that is cut
// off has as many as begin before the cut.
func countFrames(blocks []byte, most int) int {
	const extension, frame = 0x21, 0x2c
	frames := 0
	for len(blocks) > 0 && frames < most {
		head := 0
		switch {
		case blocks[0] == extension:
			head = 2
		case blocks[0] == frame && len(blocks) >= 10:
			frames++
			head = 11 + paletteSize(blocks[9]) // the descriptor, its palette and the LZW code size
		default:
			return frames // the trailer, or junk
		}
		for head < len(blocks) && blocks[head] != 0 {
			head += 1 + int(blocks[head])
		}
		blocks = blocks[min(len(blocks), head+1):]
	}
	return frames
}

// paletteSize returns how many bytes the palette takes that flags announces.
func paletteSize(flags byte) int {
	if flags&0x80 == 0 {
		return 0
	}
	return 3 << (flags&7 + 1)
}
