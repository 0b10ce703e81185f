package picture

import (
	"encoding/binary"
	"errors"
)

// pngMagic opens every PNG.
const pngMagic = "\x89PNG\r\n\x1a\n"

// walkPNG reads the chunks of a PNG. Compressed text (zTXt, iTXt) is passed over,
// never inflated, here and in image/png; a profile (iCCP) is, see inflateProfile.
//
// Source: https://www.w3.org/TR/png-3/
func (s *source) walkPNG() error {
	const op = "picture.walkPNG"
	const ihdr, around = 13, 12 // the size of IHDR's data; length, type and CRC of a chunk
	rest := s.body[len(pngMagic):]
	if len(rest) < around+ihdr || string(rest[4:8]) != "IHDR" || binary.BigEndian.Uint32(rest) != ihdr {
		return damaged(op, errors.New("no image header"))
	}
	if err := s.imageHeader(rest[8 : 8+ihdr]); err != nil {
		return err
	}
	for first := true; len(rest) >= around; first = false {
		kind := string(rest[4:8])
		size := int64(binary.BigEndian.Uint32(rest))
		if size > int64(len(rest)-around) {
			return nil // cut off: if the pixels are affected, the decoder will say so
		}
		data := rest[8 : 8+size]
		switch kind {
		case "IHDR":
			if !first {
				return damaged(op, errors.New("two image headers"))
			}
		case "acTL":
			s.Animated = true
		case "eXIf":
			s.readEXIF(data)
		case "iTXt":
			s.readXMP(data)
		case "cICP", "iCCP", "sRGB", "cHRM", "gAMA":
			s.png.take(kind, data)
		case "IEND":
			return nil
		}
		rest = rest[size+around:]
	}
	return nil
}

// imageHeader reads the data of an IHDR chunk.
func (s *source) imageHeader(data []byte) error {
	const op = "picture.imageHeader"
	width, height := binary.BigEndian.Uint32(data), binary.BigEndian.Uint32(data[4:])
	if int32(width) < 0 || int32(height) < 0 {
		return damaged(op, errors.New("a side beyond 2^31 pixels"))
	}
	s.Width, s.Height = int(width), int(height)
	depth, colour, interlaced := data[8], data[9], data[12] == 1
	const palette, hasColour = 3, 2
	s.grey = colour&hasColour == 0
	s.bytesPerPixel = 4
	switch {
	case colour == palette:
		s.bytesPerPixel = 1
	case depth == 16:
		s.bytesPerPixel = 8
	}
	if interlaced {
		s.bytesPerPixel *= 1.5 // the largest pass stands beside the picture
	}
	return nil
}
