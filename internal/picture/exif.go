package picture

import (
	"bytes"
	"encoding/binary"
)

// exifMagic opens the EXIF segment of a JPEG; some writers put it into the
// chunks of PNG and WebP too.
const exifMagic = "Exif\x00\x00"

// The EXIF tags that matter to us.
//
// Source: CIPA DC-008 (EXIF 2.32) sections 4.6.3 to 4.6.6.
const (
	tagMake        = 0x010f
	tagModel       = 0x0110
	tagOrientation = 0x0112
	tagExifIFD     = 0x8769
	tagGPSIFD      = 0x8825
	tagGPSVersion  = 0x0000 // stands in the GPS part even where no position is known
)

// readEXIF takes orientation and the presence of private data from data, an
// EXIF block with or without its magic. Whatever is broken in it is as if it
// weren't there: the pixels may well be fine.
func (h *Header) readEXIF(data []byte) {
	data = bytes.TrimPrefix(data, []byte(exifMagic))
	var order binary.ByteOrder = binary.BigEndian
	switch {
	case starts(data, "II*\x00"):
		order = binary.LittleEndian
	case !starts(data, "MM\x00*"):
		return
	}
	if len(data) < 8 {
		return
	}
	first := order.Uint32(data[4:])
	eachTag(data, order, first, func(tag uint16, value []byte) {
		switch tag {
		case tagOrientation:
			h.Orientation = readOrientation(order, value)
		case tagMake, tagModel, tagExifIFD:
			h.Camera = true
		case tagGPSIFD:
			eachTag(data, order, order.Uint32(value[4:]), func(tag uint16, _ []byte) {
				h.Location = h.Location || tag != tagGPSVersion
			})
		}
	})
}

// eachTag calls f with the tag of every entry of the directory at offset in data,
// and with the 8 bytes after tag and type: count and value. It reads one directory
// of at most 65,535 entries and follows no links, so it can't loop.
func eachTag(data []byte, order binary.ByteOrder, offset uint32, f func(tag uint16, value []byte)) {
	const entry = 12
	if uint64(offset)+2 > uint64(len(data)) {
		return
	}
	entries := data[offset+2:]
	for n := order.Uint16(data[offset:]); n > 0 && len(entries) >= entry; n-- {
		f(order.Uint16(entries), entries[4:entry])
		entries = entries[entry:]
	}
}

// readOrientation reads a SHORT or, as some writers have it, a LONG; value is
// the count and the value of the entry.
func readOrientation(order binary.ByteOrder, value []byte) int {
	n := uint32(order.Uint16(value[4:]))
	if n == 0 {
		n = order.Uint32(value[4:])
	}
	if n < 1 || n > 8 {
		return 1
	}
	return int(n)
}

// readXMP looks for a position in data, an XMP packet. Orientation isn't taken
// from XMP: browsers don't either, and what was framed is what must be saved.
func (h *Header) readXMP(data []byte) {
	h.Location = h.Location || bytes.Contains(data, []byte("GPSLatitude"))
}
