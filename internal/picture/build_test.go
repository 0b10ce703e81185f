package picture

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/draw"
	"image/gif"
	"testing"
)

// exifBlock returns a TIFF block with an orientation and nothing else.
func exifBlock(orientation int) []byte {
	return tiff(binary.BigEndian, tag{tagOrientation, 3, 1, uint32(orientation) << 16})
}

// tag is an entry of a TIFF directory: number, type, count, value or offset.
type tag struct {
	number, kind uint16
	count, value uint32
}

// tiff returns a TIFF block whose first directory, at offset 8, has tags.
func tiff(order binary.AppendByteOrder, tags ...tag) []byte {
	block := []byte("MM\x00*")
	if order == binary.AppendByteOrder(binary.LittleEndian) {
		block = []byte("II*\x00")
	}
	block = order.AppendUint32(block, 8)
	return append(directory(block, order, tags...), 0, 0, 0, 0)
}

// directory appends a TIFF directory without its link to the next.
func directory(block []byte, order binary.AppendByteOrder, tags ...tag) []byte {
	block = order.AppendUint16(block, uint16(len(tags)))
	for _, t := range tags {
		block = order.AppendUint16(block, t.number)
		block = order.AppendUint16(block, t.kind)
		block = order.AppendUint32(block, t.count)
		block = order.AppendUint32(block, t.value)
	}
	return block
}

// segment returns a JPEG segment.
func segment(marker byte, data []byte) []byte {
	head := binary.BigEndian.AppendUint16([]byte{0xff, marker}, uint16(len(data)+2))
	return append(head, data...)
}

// withSegment puts a segment right behind the beginning of a JPEG.
func withSegment(jpeg []byte, marker byte, data []byte) []byte {
	return bytes.Join([][]byte{jpeg[:2], segment(marker, data), jpeg[2:]}, nil)
}

// sof returns a SOF segment of 4:2:0 colour.
func sof(marker byte, width, height int) []byte {
	data := []byte{8, byte(height >> 8), byte(height), byte(width >> 8), byte(width), 3,
		1, 0x22, 0, 2, 0x11, 0, 3, 0x11, 0}
	return segment(marker, data)
}

// chunk returns a PNG chunk.
func chunk(kind string, data []byte) []byte {
	out := binary.BigEndian.AppendUint32(nil, uint32(len(data)))
	out = append(append(out, kind...), data...)
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(out[4:]))
}

// withChunk puts a chunk right behind the image header of a PNG.
func withChunk(png []byte, kind string, data []byte) []byte {
	const header = 8 + 25
	return bytes.Join([][]byte{png[:header], chunk(kind, data), png[header:]}, nil)
}

// with returns b with one byte replaced.
func with(b []byte, at int, v byte) []byte {
	b = bytes.Clone(b)
	b[at] = v
	return b
}

// flipped returns b with the bits of one byte turned over.
func flipped(b []byte, at int) []byte { return with(b, at, ^b[at]) }

// webpFile returns a WebP of chunks, given as alternating kinds and data.
func webpFile(chunks ...string) []byte {
	var content []byte
	for i := 0; i < len(chunks); i += 2 {
		content = append(content, chunks[i]...)
		content = binary.LittleEndian.AppendUint32(content, uint32(len(chunks[i+1])))
		content = append(content, chunks[i+1]...)
		if len(chunks[i+1])%2 == 1 {
			content = append(content, 0)
		}
	}
	file := binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(len(content)+4))
	return append(append(file, "WEBP"...), content...)
}

// manyScans returns the frame header of a JPEG, and as many scans of next to
// nothing.
func manyScans(marker byte, width, height, scans int) []byte {
	scan := append(segment(markerSOS, []byte{1, 1, 0, 1, 63, 0}), 0x55, 0x55)
	body := append([]byte{0xff, 0xd8}, sof(marker, width, height)...)
	body = append(body, bytes.Repeat(scan, scans)...)
	return append(body, 0xff, markerEOI)
}

// redrawn copies from into to, which it returns.
func redrawn[T draw.Image](to T, from image.Image) T {
	draw.Draw(to, to.Bounds(), from, image.Point{}, draw.Src)
	return to
}

// tilePalette returns the colours of img, at most 256.
func tilePalette(img *image.NRGBA) color.Palette {
	var palette color.Palette
	seen := map[color.NRGBA]bool{}
	for i := 0; i < len(img.Pix); i += 4 {
		c := color.NRGBA{img.Pix[i], img.Pix[i+1], img.Pix[i+2], 255}
		if !seen[c] {
			seen[c] = true
			palette = append(palette, c)
		}
	}
	return palette
}

// halfClear makes one pixel of img nearly opaque, so that encoders keep alpha.
func halfClear(img *image.NRGBA64) *image.NRGBA64 {
	c := img.NRGBA64At(0, 0)
	c.A = 0xfeff
	img.SetNRGBA64(0, 0, c)
	return img
}

func encodeGIF(tb testing.TB, img image.Image) []byte {
	tb.Helper()
	var out bytes.Buffer
	if err := gif.Encode(&out, img, nil); err != nil {
		tb.Fatal(err)
	}
	return out.Bytes()
}

// jpegOf returns a JPEG of nothing but segments.
func jpegOf(segments ...[]byte) []byte {
	body := []byte{0xff, 0xd8}
	for _, s := range segments {
		body = append(body, s...)
	}
	return append(body, 0xff, markerEOI)
}

// fourComponents returns a SOF segment of CMYK.
func fourComponents(marker byte, width, height int) []byte {
	data := []byte{8, byte(height >> 8), byte(height), byte(width >> 8), byte(width), 4}
	for id := byte(1); id <= 4; id++ {
		data = append(data, id, 0x11, 0)
	}
	return segment(marker, data)
}

// pngOf returns the image header of a PNG and its end.
func pngOf(width, height uint32, depth, colour, interlace byte) []byte {
	data := binary.BigEndian.AppendUint32(nil, width)
	data = binary.BigEndian.AppendUint32(data, height)
	data = append(data, depth, colour, 0, 0, interlace)
	return fmt.Appendf(nil, "%s%s%s", pngMagic, chunk("IHDR", data), chunk("IEND", nil))
}

// emptyProgressive returns a grey-green progressive 4:4:4 JPEG: a pass for DC
// and then refinements that refine nothing, in runs of as many blocks as the
// format allows.
func emptyProgressive(width, height, refinements int) []byte {
	blocks := (width + 7) / 8 * ((height + 7) / 8)
	// One code each, of one bit: DC difference 0; a run of 2^14 blocks and more.
	table := func(class, symbol byte) []byte {
		return segment(markerDHT, append(append([]byte{class << 4, 1}, make([]byte, 15)...), symbol))
	}
	quant := make([]byte, 65)
	fill(quant[1:], 1)
	parts := [][]byte{segment(0xdb, quant), table(0, 0), table(1, 0xe0)}
	header := sof(markerSOF2, width, height)
	header[11] = 0x11 // luma no finer than chroma
	parts = append(parts, header, segment(markerSOS, []byte{3, 1, 0, 2, 0, 3, 0, 0, 0, 0x01}), make([]byte, (3*blocks+7)/8))
	for i := range refinements {
		parts = append(parts, segment(markerSOS, []byte{1, byte(1 + i%3), 0, 1, 63, 0x10}))
		for left := blocks; left > 0; left -= 1 << 14 {
			parts = append(parts, []byte{0, 0}) // a bit of code, 14 of length; the rest is padding
		}
	}
	return jpegOf(parts...)
}
