package jpegscale

import "bytes"

// Markers: the second byte, after 0xff.
//
// Source: ITU-T T.81 table B.1.
const (
	markerSOF0  = 0xc0 // baseline
	markerSOF1  = 0xc1 // extended sequential, Huffman
	markerSOF2  = 0xc2 // progressive, Huffman
	markerDHT   = 0xc4
	markerRST0  = 0xd0
	markerRST7  = 0xd7
	markerSOI   = 0xd8
	markerEOI   = 0xd9
	markerSOS   = 0xda
	markerDQT   = 0xdb
	markerDRI   = 0xdd
	markerAPP0  = 0xe0
	markerAPP14 = 0xee
	markerAPP15 = 0xef
	markerCOM   = 0xfe
)

// A segment is one that the second walk needs: tables and scans.
type segment struct {
	marker   byte
	baseline bool   // it stands after SOF0
	data     []byte // without marker and length
	scan     *scan  // of SOS
}

// walk reads the segments of data up to the end of the picture, or with header
// up to the first scan, and remembers the tables and scans in d.segments.
//
// It is as lenient as image/jpeg: it passes over junk and restart markers
// between segments, and ignores what follows EOI.
func (d *decoder) walk(data []byte, header bool) error {
	if len(data) < 2 {
		return errTruncated
	}
	if data[0] != 0xff || data[1] != markerSOI {
		return FormatError("no SOI marker")
	}
	for at := 2; ; {
		marker, next := nextMarker(data, at)
		switch {
		case marker == 0 || marker == markerEOI:
			d.ended = marker == markerEOI
			switch {
			case d.ended && d.nComp == 0:
				return FormatError("no frame header")
			case header && !d.ended:
				return errTruncated
			}
			return nil
		case markerRST0 <= marker && marker <= markerRST7:
			at = next
			continue
		}
		body, err := segmentAt(data, next)
		switch {
		case err == errTruncated && !header && len(d.scans) > 0:
			return nil // whether what is missing matters is for plan to say
		case err != nil:
			return err
		case header && marker == markerSOS && d.nComp != 0:
			return nil
		}
		at = next + 2 + len(body)
		if marker == markerSOS {
			end := endOfScan(data, at)
			err = d.scanHeader(body, data[at:end])
			at = end
		} else {
			err = d.note(marker, body)
		}
		if err != nil {
			return err
		}
	}
}

// maxSegments bounds the tables and scans of a picture. Real ones have at most a
// few hundred; remembering millions would cost more memory than the picture.
const maxSegments = 1 << 16

func (d *decoder) remember(s segment) error {
	if len(d.segments) == maxSegments {
		return tooLarge("%d tables and scans", maxSegments)
	}
	d.segments = append(d.segments, s)
	return nil
}

// note takes what the first walk needs of a segment.
func (d *decoder) note(marker byte, body []byte) error {
	switch {
	case marker == markerSOF0 || marker == markerSOF1 || marker == markerSOF2:
		d.baseline, d.progressive = marker == markerSOF0, marker == markerSOF2
		return d.frameHeader(body)
	case marker == markerDHT || marker == markerDQT || marker == markerDRI:
		return d.remember(segment{marker: marker, baseline: d.baseline, data: body})
	case marker == markerAPP0:
		if len(body) >= 5 {
			d.jfif = string(body[:5]) == "JFIF\x00"
		}
	case marker == markerAPP14:
		if len(body) >= 12 && string(body[:5]) == "Adobe" {
			d.adobe, d.adobeTransform = true, body[11]
		}
	case markerAPP0 <= marker && marker <= markerAPP15 || marker == markerCOM:
	case marker < 0xc0:
		return FormatError("unknown marker")
	default:
		// Arithmetic, lossless and hierarchical frames among them.
		return UnsupportedError("marker")
	}
	return nil
}

// segmentAt returns what follows the length at at.
func segmentAt(data []byte, at int) ([]byte, error) {
	if at+2 > len(data) {
		return nil, errTruncated
	}
	n := int(data[at])<<8 | int(data[at+1])
	if n < 2 {
		return nil, FormatError("short segment length")
	}
	if at+n > len(data) {
		return nil, errTruncated
	}
	return data[at+2 : at+n], nil
}

// nextMarker finds the next marker at or after at, and returns it and where it
// ends; it returns 0 if there is none.
func nextMarker(data []byte, at int) (marker byte, next int) {
	for at+1 < len(data) {
		i := bytes.IndexByte(data[at:len(data)-1], 0xff)
		if i < 0 {
			break
		}
		at += i
		switch m := data[at+1]; m {
		case 0xff: // a fill byte
			at++
		case 0: // a stuffed one
			at += 2
		default:
			return m, at + 2
		}
	}
	return 0, len(data)
}

// endOfScan returns where the entropy-coded data that begins at at ends: at the
// next marker that isn't a restart, or at the end of data.
func endOfScan(data []byte, at int) int {
	for {
		marker, next := nextMarker(data, at)
		switch {
		case marker == 0:
			return len(data)
		case marker < markerRST0 || markerRST7 < marker:
			return next - 2
		}
		at = next
	}
}
