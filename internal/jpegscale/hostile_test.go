package jpegscale

import (
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"
)

// small calls f with small pictures of some variants.
func small(f func(v variant, data []byte)) {
	for _, v := range variants() {
		if strings.HasPrefix(v.name, "4:2:0") && v.restart != 1 {
			f(v, v.sketchOf(28, 24, 20).encode())
		}
	}
}

// TestTruncated cuts pictures at every byte: the error says so, whatever the
// scale.
func TestTruncated(t *testing.T) {
	small(func(v variant, data []byte) {
		for n := range data {
			for _, scale := range []int{1, 2, 8} {
				if _, err := Decode(data[:n], Options{Scale: scale}); !errors.Is(err, io.ErrUnexpectedEOF) {
					t.Errorf("%s, %d of %d bytes at 1/%d: %v, want io.ErrUnexpectedEOF", v.name, n, len(data), scale, err)
				}
			}
		}
	})
}

// TestDamaged changes every byte of pictures in some ways: there may be an
// error or not, but no panic, and no decode that never ends.
func TestDamaged(t *testing.T) {
	small(func(_ variant, data []byte) {
		for i := range data {
			for _, change := range []byte{0x01, 0x80, 0xff} {
				data[i] ^= change
				_, _ = Decode(data, Options{Scale: 1 << (i % 4), MaxPixels: 1e6}) // either is fine
				data[i] ^= change
			}
		}
	})
}

// frameOf is a JPEG that declares a size and has one scan of n bytes.
func frameOf(marker byte, w, h, n int, scans ...[]byte) []byte {
	out := appendSegment([]byte{0xff, markerSOI}, markerDQT, make([]byte, 65))
	out = appendSegment(out, marker, []byte{8, byte(h >> 8), byte(h), byte(w >> 8), byte(w), 3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0})
	for class := range 2 {
		table := append(make([]byte, 17), 0)
		table[0], table[1] = byte(class<<4), 1
		out = appendSegment(out, markerDHT, table)
	}
	for _, s := range scans {
		out = append(appendSegment(out, markerSOS, s), make([]byte, n)...)
	}
	return append(out, 0xff, markerEOI)
}

// TestHostile wants pictures that declare more than they can hold to cost
// nothing.
func TestHostile(t *testing.T) {
	sequential := []byte{3, 1, 0, 2, 0, 3, 0, 0, 63, 0}
	firstDC := []byte{3, 1, 0, 2, 0, 3, 0, 0, 0, 0}
	luma := []byte{1, 1, 0, 0, 0, 0}
	lumaAC := []byte{1, 1, 0, 1, 63, 0}
	tests := []struct {
		name string
		data []byte
		want error
	}{
		{"a header alone, 65500×65500", frameOf(markerSOF2, 65500, 65500, 0), nil},
		{"20 kB of progressive 7000×7000", frameOf(markerSOF2, 7000, 7000, 20_000, firstDC), io.ErrUnexpectedEOF},
		{"20 kB of baseline 7000×7000", frameOf(markerSOF0, 7000, 7000, 20_000, sequential), io.ErrUnexpectedEOF},
		{"20 kB of luma for 9000×9000, then of AC", frameOf(markerSOF2, 9000, 9000, 20_000, luma, lumaAC), io.ErrUnexpectedEOF},
		{"AC alone", frameOf(markerSOF2, 7000, 7000, 20_000, lumaAC), FormatError("no DC coefficients before others")},
		{"100 megapixels", frameOf(markerSOF0, 10_000, 10_001, 9_000_000, sequential), ErrTooLarge},
		{"a million tables", append([]byte{0xff, markerSOI}, repeated([]byte{0xff, markerDRI, 0, 4, 0, 0}, 1_000_000)...), ErrTooLarge},
	}
	for _, tt := range tests {
		for _, scale := range []int{1, 8} {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := Decode(tt.data, Options{Scale: scale, MaxPixels: 100e6, MaxScans: 100})
			runtime.ReadMemStats(&after)
			if err == nil || tt.want != nil && !errors.Is(err, tt.want) {
				t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
			}
			// The decoder itself, and the list of tables as it grew to its limit.
			if got := after.TotalAlloc - before.TotalAlloc; got > 16<<20 {
				t.Errorf("%s: allocated %d bytes", tt.name, got)
			}
		}
	}
}

// TestManyScans wants a picture that costs image/jpeg 100 s to be refused at
// once: 8000×8000 in 2000 scans.
func TestManyScans(t *testing.T) {
	scans := [][]byte{{3, 1, 0, 2, 0, 3, 0, 0, 0, 0}}
	for range 1999 {
		scans = append(scans, []byte{1, 1, 0, 1, 63, 0})
	}
	data := frameOf(markerSOF2, 8000, 8000, 220, scans...)
	least := time.Hour // of several, since the machine may be busy
	for range 5 {
		start := time.Now()
		if _, err := Decode(data, Options{Scale: 8, MaxScans: 100}); !errors.Is(err, ErrTooLarge) {
			t.Fatalf("%v, want ErrTooLarge", err)
		}
		least = min(least, time.Since(start))
	}
	if least > 50*time.Millisecond {
		t.Errorf("refused after %v, want less than 50 ms", least)
	}
}

func repeated(b []byte, n int) []byte {
	out := make([]byte, 0, n*len(b))
	for range n {
		out = append(out, b...)
	}
	return out
}

// TestMemory wants the bounds of memory that Decode states.
func TestMemory(t *testing.T) {
	const w, h = 1000, 750
	blocks := ceil(w, 16) * ceil(h, 16) * 6
	v := variant{factors: subsamplings["4:2:0"]}
	for _, scans := range [][]pass{nil, spectral} {
		v.scans = scans
		data := v.sketchOf(w, h, 10).encode()
		for _, scale := range []int{1, 2, 4, 8} {
			n := 64 / scale / scale
			bound := blocks * n
			if scans != nil {
				bound += blocks * (8 + 2*n)
			}
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			if _, err := Decode(data, Options{Scale: scale}); err != nil {
				t.Fatal(err)
			}
			runtime.ReadMemStats(&after)
			// Rounding up to size classes, and 200 kB for the decoder.
			if got := int(after.TotalAlloc - before.TotalAlloc); got > bound*102/100+200<<10 {
				t.Errorf("progressive %v at 1/%d: %d bytes, want at most %d", scans != nil, scale, got, bound)
			}
		}
	}
}
