package picture

import (
	"encoding/binary"
	"runtime"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"portrait/internal/fault"
)

// TestSecurityLimits has a row for each side of each limit.
func TestSecurityLimits(t *testing.T) {
	tests := []struct {
		name       string
		body       []byte
		megapixels int // what the sentence names as the most; 0 = accepted
	}{
		{"50 megapixels of baseline JPEG", jpegOf(sof(markerSOF0, 10_000, 5_000)), 0},
		{"a line more", jpegOf(sof(markerSOF0, 10_000, 5_001)), 50},
		{"16 megapixels of progressive JPEG", jpegOf(sof(markerSOF2, 4_000, 4_000)), 0},
		{"a line more of it", jpegOf(sof(markerSOF2, 4_000, 4_001)), 16},
		{"a JPEG of 12,000 pixels across", jpegOf(sof(markerSOF0, 12_000, 10)), 0},
		{"one pixel wider", jpegOf(sof(markerSOF0, 12_001, 10)), 50},
		{"a JPEG that claims 65,500 by 65,500", jpegOf(sof(markerSOF2, 65_500, 65_500)), 16},
		{"CMYK, which takes 8 bytes a pixel", jpegOf(fourComponents(markerSOF0, 5_000, 5_001)), 25},
		{"progressive CMYK, which takes 24", jpegOf(fourComponents(markerSOF2, 3_000, 3_000)), 8},
		{"16 megapixels of PNG", pngOf(4_000, 4_000, 8, 6, 0), 0},
		{"a line more of PNG", pngOf(4_000, 4_001, 8, 6, 0), 16},
		{"16 megapixels of interlaced PNG with 16 bits", pngOf(4_000, 4_000, 16, 6, 1), 0},
		{"a PNG that claims a million pixels across", pngOf(1_000_000, 1, 8, 2, 0), 16},
		{"a GIF with a canvas of 5,000 by 5,000", []byte("GIF89a\x88\x13\x88\x13\x00\x00\x00;"), 16},
		{"a lossy WebP of 4,000 by 4,000", webpFile("VP8 ", "\x00\x00\x00\x9d\x01\x2a\xa0\x0f\xa0\x0f"), 0},
		{"a lossy WebP of 16,383 by 16,383", webpFile("VP8 ", "\x00\x00\x00\x9d\x01\x2a\xff\x3f\xff\x3f"), 16},
		{"a lossless WebP of 16,384 by 16,384", webpFile("VP8L", "\x2f\xff\xff\xff\x0f"), 16},
	}
	for _, tt := range tests {
		_, err := Inspect(tt.body)
		if tt.megapixels == 0 {
			if err != nil {
				t.Errorf("%s: %v, want it accepted", tt.name, err)
			}
			if cost := costOf(t, tt.body); cost > maxDecodeBytes+8<<20 {
				t.Errorf("%s: costs %d MB, want at most 200", tt.name, cost>>20)
			}
			continue
		}
		e := fault.As(err)
		if e == nil || e.Kind != fault.TooLarge || e.Say.ID != "picture.too-many-pixels" || e.Say.Data["MaxMegapixels"] != tt.megapixels {
			t.Errorf("%s: %v, want TooLarge with at most %d megapixels", tt.name, err, tt.megapixels)
		}
	}
}

// costOf returns what decoding the automatic square of body is taken to cost.
func costOf(tb testing.TB, body []byte) int64 {
	tb.Helper()
	s, err := open(body)
	if err != nil {
		tb.Fatal(err)
	}
	p, err := s.plan(Frame{}, outputSide)
	if err != nil {
		tb.Fatal(err)
	}
	return s.cost(p)
}

// TestScans bounds the passes over a picture.
func TestScans(t *testing.T) {
	tests := []struct {
		name    string
		body    []byte
		refused bool
	}{
		{"a progressive JPEG of 100 passes", manyScans(markerSOF2, 3000, 3000, 100), false},
		{"one more", manyScans(markerSOF2, 3000, 3000, 101), true},
		{"a baseline JPEG with a pass for each component", manyScans(markerSOF0, 3000, 3000, 3), false},
		{"one more, which would only be decoded again", manyScans(markerSOF0, 3000, 3000, 4), true},
		{"passes in a comment aren't counted", withSegment(manyScans(markerSOF0, 300, 300, 1), 0xfe,
			manyScans(markerSOF2, 300, 300, 500)), false},
		{"passes in a table are, since a decoder could get lost in it", withSegment(manyScans(markerSOF0, 300, 300, 1), markerDHT,
			manyScans(markerSOF2, 300, 300, 500)), true},
	}
	for _, tt := range tests {
		_, err := Inspect(tt.body)
		if refused := err != nil; refused != tt.refused {
			t.Errorf("%s: %v, refused should be %v", tt.name, err, tt.refused)
		}
		if err != nil && fault.As(err).Say.ID != "picture.too-many-scans" {
			t.Errorf("%s: %v, want picture.too-many-scans", tt.name, err)
		}
	}
}

// TestSecurityBombsAreCheap refuses what kills naive servers, in no time and memory.
func TestSecurityBombsAreCheap(t *testing.T) {
	bodies := map[string][]byte{
		"65500×65500": jpegOf(sof(markerSOF2, 65_500, 65_500)),
		"2000 scans":  manyScans(markerSOF2, 3600, 3600, 2000),
		"PNG 2^31":    pngOf(1<<31-1, 1<<31-1, 8, 6, 0),
	}
	for name, body := range bodies {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		var err error
		took := took(t, func() { _, err = Render(body, Frame{}) })
		runtime.ReadMemStats(&after)
		if err == nil {
			t.Errorf("%s: rendered, want a refusal", name)
		}
		if took > 50*time.Millisecond {
			t.Errorf("%s: refused after %v, want at most 50 ms", name, took)
		}
		if grown := after.TotalAlloc - before.TotalAlloc; grown > 1<<20 {
			t.Errorf("%s: allocated %d kB, want at most 1024", name, grown>>10)
		}
	}
}

// TestSecurityCostliestJPEG decodes about the worst that the limits let through: 100
// passes, each of which touches every block and needs almost no bytes. It takes
// a quarter of the pixels and the time for all of them: tests share their cores.
func TestSecurityCostliestJPEG(t *testing.T) {
	side := 1_800
	if raceEnabled {
		side = 600 // the race detector makes image/jpeg many times slower
	}
	body := emptyProgressive(side, side, 98)
	var r Rendered
	var err error
	if time := took(t, func() { r, err = Render(body, Frame{}) }); time.Seconds() > 5 {
		t.Errorf("took %v, want at most 5 s", time)
	}
	if err != nil {
		t.Fatal(err)
	}
	checkResult(t, "100 scans", r)
}

// TestInspect reads everything that a header has.
func TestInspect(t *testing.T) {
	little := binary.LittleEndian
	const behind = 26 // a TIFF block with one entry ends here
	gps := func(tags ...tag) []byte {
		return directory(tiff(little, tag{tagGPSIFD, 4, 1, behind}), little, tags...)
	}
	plain := encodeJPEG(t, tiles(1, 1, 20), 90)
	exif := func(block []byte) []byte { return withSegment(plain, markerAPP1, []byte(exifMagic+string(block))) }
	upright := Header{Format: JPEG, Width: 20, Height: 20, Orientation: 1, Scans: 1, Components: 3}
	but := func(change func(*Header)) Header {
		h := upright
		change(&h)
		return h
	}
	tests := []struct {
		name string
		body []byte
		want Header
	}{
		{"a JPEG without EXIF", plain, upright},
		{"orientation, little-endian", exif(tiff(little, tag{tagOrientation, 3, 1, 8})), but(func(h *Header) { h.Orientation = 8 })},
		{"orientation as a long number", exif(tiff(binary.BigEndian, tag{tagOrientation, 4, 1, 6})), but(func(h *Header) { h.Orientation = 6 })},
		{"an orientation that doesn't exist", exif(exifBlock(9)), upright},
		{"orientation zero", exif(exifBlock(0)), upright},
		{"a directory beyond the end", exif([]byte("II*\x00\xff\xff\xff\xff")), upright},
		{"65,535 entries announced, none there", exif([]byte("II*\x00\x08\x00\x00\x00\xff\xff")), upright},
		{"the maker's name", exif(tiff(little, tag{tagMake, 2, 3, 0})), but(func(h *Header) { h.Camera = true })},
		{"a position", exif(gps(tag{tagGPSVersion, 1, 4, 0x0202}, tag{2, 5, 3, 0})), but(func(h *Header) { h.Location = true })},
		{"a GPS part without a position", exif(gps(tag{tagGPSVersion, 1, 4, 0x0202})), upright},
		{"a position in XMP", withSegment(plain, markerAPP1, []byte("http://ns.adobe.com/xap/1.0/\x00<x exif:GPSLatitude='52,31N'/>")),
			but(func(h *Header) { h.Location = true })},
		{"a progressive JPEG", jpegOf(sof(markerSOF2, 30, 20)),
			Header{Format: JPEG, Width: 30, Height: 20, Orientation: 1, Components: 3, Progressive: true}},
		{"a PNG that is turned", withChunk(encodePNG(t, tiles(2, 1, 10)), "eXIf", exifBlock(6)),
			Header{Format: PNG, Width: 20, Height: 10, Orientation: 6}},
		{"a lossy WebP with EXIF", webpFile("VP8X", "\x08\x00\x00\x00\x09\x00\x00\x13\x00\x00",
			"VP8 ", "\x00\x00\x00\x9d\x01\x2a\x0a\x00\x14\x00", "EXIF", string(exifBlock(5))),
			Header{Format: WebP, Width: 10, Height: 20, Orientation: 5, Lossy: true}},
		{"a lossless WebP", webpFile("VP8L", "\x2f\x13\x40\x02\x00"), Header{Format: WebP, Width: 20, Height: 10, Orientation: 1}},
	}
	for _, tt := range tests {
		got, err := Inspect(tt.body)
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
		if diff := cmp.Diff(tt.want, got, cmpopts.IgnoreUnexported(Header{})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}
