package picture

import (
	"encoding/binary"
	"errors"
)

// walkWebP reads the chunks of a WebP.
//
// Animated ones are refused as unusual: golang.org/x/image/webp reads none.
//
// Source: https://developers.google.com/speed/webp/docs/riff_container
func (s *source) walkWebP() error {
	const op = "picture.walkWebP"
	for rest := s.body[12:]; len(rest) >= 8; {
		kind := string(rest[:4])
		size := int64(binary.LittleEndian.Uint32(rest[4:]))
		rest = rest[8:]
		data := rest[:min(size, int64(len(rest)))]
		if err := s.chunk(kind, data); err != nil {
			return err
		}
		rest = rest[min(size+size&1, int64(len(rest))):] // chunks are padded to even sizes
	}
	if s.bytesPerPixel == 0 {
		return damaged(op, errors.New("no picture data"))
	}
	return nil
}

// chunk takes what one chunk says about the picture.
func (s *source) chunk(kind string, data []byte) error {
	const op = "picture.chunk"
	switch kind {
	case "VP8X":
		const animation = 1 << 1
		if len(data) < 10 {
			return damaged(op, errors.New("short VP8X"))
		}
		if data[0]&animation != 0 {
			return unusual(op, errors.New("animated WebP"))
		}
		return s.canvas(uint24(data[4:])+1, uint24(data[7:])+1)
	case "VP8 ":
		return s.vp8(data)
	case "VP8L":
		return s.vp8l(data)
	case "EXIF":
		s.readEXIF(data)
	case "ICCP":
		s.profile = data
	case "XMP ":
		s.readXMP(data)
	}
	return nil
}

// vp8 reads the header of a lossy picture.
//
// Source: RFC 6386 section 9.1.
func (s *source) vp8(data []byte) error {
	const op = "picture.vp8"
	if len(data) < 10 || data[0]&1 != 0 || string(data[3:6]) != "\x9d\x01\x2a" {
		return damaged(op, errors.New("no key frame"))
	}
	const low14 = 1<<14 - 1
	s.Lossy = true
	s.bytesPerPixel = 1.5 + 1 + 8 // 4:2:0; alpha; what reading compressed alpha takes
	return s.canvas(int(binary.LittleEndian.Uint16(data[6:])&low14), int(binary.LittleEndian.Uint16(data[8:])&low14))
}

// vp8l reads the header of a lossless picture.
//
// Source: https://developers.google.com/speed/webp/docs/webp_lossless_bitstream_specification section 3.
func (s *source) vp8l(data []byte) error {
	const op = "picture.vp8l"
	const magic, low14 = 0x2f, 1<<14 - 1
	if len(data) < 5 || data[0] != magic {
		return damaged(op, errors.New("no lossless header"))
	}
	s.bytesPerPixel = 8 // the pixels, twice while a transform is undone
	bits := int(binary.LittleEndian.Uint32(data[1:]))
	return s.canvas(bits&low14+1, bits>>14&low14+1)
}

// canvas sets the size, or compares it if an earlier chunk gave one already.
func (s *source) canvas(width, height int) error {
	const op = "picture.canvas"
	if s.Width != 0 && (s.Width != width || s.Height != height) {
		return damaged(op, errors.New("chunks disagree on the size"))
	}
	s.Width, s.Height = width, height
	return nil
}

func uint24(b []byte) int { return int(b[0]) | int(b[1])<<8 | int(b[2])<<16 }
