package picture

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"portrait/internal/words"
)

// maxSegments bounds the segments of a JPEG. Real ones have at most a few
// hundred, of profile and EXIF; remembering millions of empty ones would cost
// more memory than the picture.
const maxSegments = 10_000

// JPEG markers: the second byte, after 0xff.
//
// Source: ITU-T T.81 table B.1.
const (
	markerSOF0  = 0xc0 // baseline
	markerSOF1  = 0xc1 // extended sequential
	markerSOF2  = 0xc2 // progressive
	markerDHT   = 0xc4
	markerJPG   = 0xc8
	markerSOF15 = 0xcf
	markerRST0  = 0xd0
	markerRST7  = 0xd7
	markerEOI   = 0xd9
	markerSOS   = 0xda
	markerAPP0  = 0xe0 // JFIF
	markerAPP1  = 0xe1 // EXIF, XMP
	markerAPP2  = 0xe2 // colour profile
	markerAPP14 = 0xee // Adobe's colour transform
)

// walkJPEG reads the segments of a JPEG up to its end and remembers those that
// decoding needs.
//
// The decoder is given these alone: it never sees metadata or what follows the
// end, and it can't find a scan where the walk found a comment. Where image/jpeg
// is lenient (junk between segments, fill bytes, stray restart markers), the
// walk is lenient in the same way.
func (s *source) walkJPEG() error {
	const op = "picture.walkJPEG"
	s.keepTo(0, 2)
	var seen jpegSeen
	for at := 2; ; {
		start, marker := nextMarker(s.body, at)
		switch {
		case marker == 0:
			return damaged(op, errors.New("no end"))
		case marker == markerEOI:
			s.keepTo(start, start+2)
			s.end = start + 2
			return s.finishJPEG(seen)
		case markerRST0 <= marker && marker <= markerRST7:
			at = start + 2
			continue
		}
		if start+4 > len(s.body) {
			return damaged(op, errors.New("ends within a segment's length"))
		}
		end := start + 2 + int(binary.BigEndian.Uint16(s.body[start+2:]))
		if end < start+4 || end > len(s.body) {
			return damaged(op, errors.New("ends within a segment"))
		}
		if err := s.segment(marker, s.body[start+4:end], &seen); err != nil {
			return err
		}
		if marker == markerSOS {
			end = endOfScan(s.body, end)
		}
		if marker <= markerAPP0 || marker == markerAPP14 {
			s.keepTo(start, end)
		}
		at = end
	}
}

// jpegSeen is what only the walk over a JPEG needs to remember.
type jpegSeen struct {
	segments int
	exif     bool
	jfif     bool
	adobe    bool // an Adobe segment …
	plain    bool // … that says the components aren't YCbCr
	rgb      bool // components named R, G, B
	profile  iccParts
}

// segment takes what data, the content of one segment, says about the picture.
func (s *source) segment(marker byte, data []byte, seen *jpegSeen) error {
	const op = "picture.segment"
	if seen.segments++; seen.segments > maxSegments {
		return unsupported(op, words.M("picture.too-many-scans"), fmt.Errorf("more than %d segments", maxSegments))
	}
	switch {
	case marker == markerSOF0 || marker == markerSOF1 || marker == markerSOF2:
		s.Progressive = marker == markerSOF2
		return s.frameHeader(data, seen)
	case markerSOF0 <= marker && marker <= markerSOF15 && marker != markerDHT && marker != markerJPG:
		return unusual(op, fmt.Errorf("frame type %#x: lossless, differential or arithmetic", marker))
	case marker == markerAPP0:
		seen.jfif = seen.jfif || starts(data, "JFIF\x00")
	case marker == markerAPP14:
		if len(data) >= 12 && starts(data, "Adobe") {
			seen.adobe, seen.plain = true, data[11] == 0
		}
	case marker == markerAPP2 && starts(data, iccMagic):
		seen.profile.add(data[len(iccMagic):])
	case marker == markerAPP1 && starts(data, exifMagic):
		if !seen.exif { // the first counts, as everywhere
			seen.exif = true
			s.readEXIF(data)
		}
	case marker == markerAPP1:
		s.readXMP(data)
	}
	return nil
}

// frameHeader reads a SOF segment.
//
// Source: ITU-T T.81 section B.2.2.
func (s *source) frameHeader(data []byte, seen *jpegSeen) error {
	const op = "picture.frameHeader"
	if s.Components != 0 {
		return damaged(op, errors.New("two frame headers"))
	}
	if len(data) < 6 || len(data) != 6+3*int(data[5]) {
		return damaged(op, errors.New("frame header of wrong length"))
	}
	if data[0] != 8 {
		return unusual(op, fmt.Errorf("%d bits a sample", data[0]))
	}
	s.Height = int(binary.BigEndian.Uint16(data[1:]))
	s.Width = int(binary.BigEndian.Uint16(data[3:]))
	s.Components = int(data[5])
	if s.Components != 1 && s.Components != 3 && s.Components != 4 {
		return unusual(op, fmt.Errorf("%d components", s.Components))
	}
	first := data[7] >> 4 * (data[7] & 15)
	if first == 0 {
		return damaged(op, errors.New("a sampling factor of zero"))
	}
	for c := data[6:]; len(c) > 0; c = c[3:] {
		s.samples += float64(c[1]>>4*(c[1]&15)) / float64(first)
	}
	s.samples = max(1, s.samples)
	s.grey = s.Components == 1
	seen.rgb = s.Components == 3 && data[6] == 'R' && data[9] == 'G' && data[12] == 'B'
	return nil
}

// finishJPEG draws the sums after the last segment.
func (s *source) finishJPEG(seen jpegSeen) error {
	const op = "picture.finishJPEG"
	if s.Components == 0 {
		return damaged(op, errors.New("no frame header"))
	}
	for _, part := range s.keep {
		// Every pair of bytes that could open a scan, wherever it stands: an
		// upper bound even if the decoder loses its way within a scan.
		s.Scans += bytes.Count(s.body[part.from:part.to], []byte{0xff, markerSOS})
	}
	s.profile = seen.profile.join()
	plain := !seen.jfif && (seen.adobe && seen.plain || seen.rgb)
	s.scalable = s.grey || s.Components == 3 && !plain
	s.bytesPerPixel = s.samples
	if s.Progressive {
		s.bytesPerPixel *= 5 // image/jpeg keeps a coefficient of 4 bytes beside each sample
	}
	if s.Components == 4 || s.Components == 3 && plain {
		s.bytesPerPixel += 4 // image/jpeg makes a second picture of these, CMYK or RGBA
	}
	return nil
}

// iccMagic opens each part of a JPEG's colour profile; the number of the part
// and of all parts follow, in a byte each.
//
// Source: ICC.1:2022 annex B.4.
const iccMagic = "ICC_PROFILE\x00"

// iccParts are the parts of a profile, by number less one.
type iccParts [][]byte

// add takes a part, from its number on.
func (p *iccParts) add(data []byte) {
	if len(data) < 2 || data[0] == 0 || data[0] > data[1] {
		return
	}
	if *p == nil {
		*p = make(iccParts, data[1])
	}
	if i := int(data[0]) - 1; i < len(*p) && (*p)[i] == nil {
		(*p)[i] = data[2:]
	}
}

// join returns the profile, nil if a part is missing or all are too long.
func (p iccParts) join() []byte {
	total := 0
	for _, part := range p {
		total += len(part)
		if part == nil || total > maxProfileBytes {
			return nil
		}
	}
	if len(p) == 1 {
		return p[0]
	}
	return slices.Concat(p...)
}

// keepTo adds [from, to) to what the decoder is given.
func (s *source) keepTo(from, to int) {
	if n := len(s.keep); n > 0 && s.keep[n-1].to == from {
		s.keep[n-1].to = to
		return
	}
	s.keep = append(s.keep, span{from, to})
}

// nextMarker finds the next marker at or after at: the index of its 0xff and
// its second byte, or 0 if there is none.
func nextMarker(body []byte, at int) (start int, marker byte) {
	for at+1 < len(body) {
		i := bytes.IndexByte(body[at:len(body)-1], 0xff)
		if i < 0 {
			return 0, 0
		}
		at += i
		switch body[at+1] {
		case 0xff: // a fill byte
			at++
		case 0:
			at += 2
		default:
			return at, body[at+1]
		}
	}
	return 0, 0
}

// endOfScan returns where the entropy-coded data that begins at at ends: at the
// next marker that isn't a restart.
func endOfScan(body []byte, at int) int {
	for {
		start, marker := nextMarker(body, at)
		if marker == 0 {
			return len(body)
		}
		if marker < markerRST0 || markerRST7 < marker {
			return start
		}
		at = start + 2
	}
}
