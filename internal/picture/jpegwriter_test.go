package picture

import (
	"bytes"
	"image"
	"image/jpeg"
	"math"
	"testing"
)

// planesOf returns planes of side × side with texture as luma and slopes of
// colour, subsampled where side is even.
func planesOf(side int, texture func(x, y int) byte) planes {
	small := side
	if side%2 == 0 {
		small = side / 2
	}
	p := planes{plane{make([]byte, side*side), side}, plane{make([]byte, small*small), small}, plane{make([]byte, small*small), small}}
	for i := range p.y.pix {
		p.y.pix[i] = texture(i%side, i/side)
	}
	for i := range p.cb.pix {
		p.cb.pix[i], p.cr.pix[i] = byte(100+i%small%50), byte(160-i/small%60)
	}
	return p
}

// asYCbCr returns p as the standard library has it.
func asYCbCr(p planes) *image.YCbCr {
	img := &image.YCbCr{
		Y: p.y.pix, Cb: p.cb.pix, Cr: p.cr.pix, YStride: p.y.side, CStride: p.cb.side,
		SubsampleRatio: image.YCbCrSubsampleRatio444, Rect: image.Rect(0, 0, p.y.side, p.y.side),
	}
	if p.cb.side != p.y.side {
		img.SubsampleRatio = image.YCbCrSubsampleRatio420
	}
	return img
}

// lumaError returns the mean square error of the luma of a JPEG.
func lumaError(t *testing.T, body []byte, want plane) float64 {
	t.Helper()
	img, ok := decoded(t, body).(*image.YCbCr)
	if !ok || img.Rect.Dx() != want.side || img.Rect.Dy() != want.side {
		t.Fatalf("decoded to %T of %v, want YCbCr of %d", img, img.Bounds(), want.side)
	}
	sum := 0.0
	for i, v := range want.pix {
		d := float64(v) - float64(img.Y[img.YOffset(i%want.side, i/want.side)])
		sum += d * d
	}
	return sum / float64(len(want.pix))
}

// TestJPEGWriter compares with image/jpeg, which decodes what we write: no worse
// and no larger in the same quality.
func TestJPEGWriter(t *testing.T) {
	textures := map[string]func(x, y int) byte{
		"even":     func(int, int) byte { return 77 },
		"black":    func(int, int) byte { return 0 },
		"white":    func(int, int) byte { return 255 },
		"slope":    func(x, y int) byte { return byte((x + y) / 6) },
		"noise":    noise,
		"chequers": func(x, y int) byte { return byte(255 * ((x + y) % 2)) },
		"waves":    func(x, y int) byte { return byte(128 + 100*math.Sin(float64(x*y)/900)) },
	}
	for name, texture := range textures {
		for _, side := range []int{48, 49, 63, 66, 200, 201} {
			p := planesOf(side, texture)
			for _, quality := range []int{92, 75, 40, 1} {
				w := newJPEGWriter(p)
				w.code(quality)
				got := w.file()
				w.free()
				var theirs bytes.Buffer
				if err := jpeg.Encode(&theirs, asYCbCr(p), &jpeg.Options{Quality: quality}); err != nil {
					t.Fatal(err)
				}
				own, want := lumaError(t, got, p.y), lumaError(t, theirs.Bytes(), p.y)
				if own > want*1.02+0.3 {
					t.Errorf("%s, %d, quality %d: error %.2f, image/jpeg has %.2f", name, side, quality, own, want)
				}
				if side%2 == 0 && len(got) > theirs.Len()+20 { // of odd ones it halves the chroma
					t.Errorf("%s, %d, quality %d: %d bytes, image/jpeg has %d", name, side, quality, len(got), theirs.Len())
				}
			}
		}
	}
}

// TestEncodeFits gives in as much quality as needed, and little more.
func TestEncodeFits(t *testing.T) {
	tests := []struct {
		name    string
		texture func(x, y int) byte
		least   int // bytes; what is below was given away
	}{
		{"fits in the best quality", func(x, y int) byte { return byte(x / 3) }, 0},
		{"noise", noise, MaxBytes * 80 / 100},
		{"half noise", func(x, y int) byte { return 60 + noise(x, y)/2 }, MaxBytes * 80 / 100},
		{"some noise", func(x, y int) byte { return 100 + noise(x, y)/16 }, MaxBytes * 80 / 100},
	}
	for _, tt := range tests {
		body, err := encode(planesOf(MaxSide, tt.texture))
		if err != nil || len(body) > MaxBytes || len(body) < tt.least {
			t.Errorf("%s: %d bytes (%v), want %d to %d", tt.name, len(body), err, tt.least, MaxBytes)
		}
	}
}

// TestHuffman makes codes that JPEG allows, of any counts.
func TestHuffman(t *testing.T) {
	tests := map[string]func(i int) int{
		"one symbol":             func(i int) int { return max(0, 1-i) },
		"none":                   func(int) int { return 0 },
		"all alike":              func(int) int { return 5 },
		"each twice as often":    func(i int) int { return 1 << min(i, 40) },
		"Fibonacci's":            func(i int) int { return int(math.Pow(1.618, float64(min(i, 60)))) },
		"one often, many once":   func(i int) int { return 1 + 1_000_000*max(0, 1-i) },
		"every other one absent": func(i int) int { return i % 2 * i },
	}
	for name, count := range tests {
		var h histogram
		for i := range h {
			h[i] = count(i)
		}
		table := newHuffman(&h)
		room := 1 << 16 // Kraft: what codes take of it
		for symbol, n := range h {
			length := int(table.length[symbol])
			if n > 0 && (length < 1 || length > 16) {
				t.Errorf("%s: symbol %d has %d bits", name, symbol, length)
				continue
			}
			if n == 0 && length != 0 {
				t.Errorf("%s: symbol %d isn't used and has a code", name, symbol)
			}
			if length > 0 {
				room -= 1 << (16 - length)
				if table.code[symbol] == 1<<length-1 {
					t.Errorf("%s: symbol %d has a code of ones only", name, symbol)
				}
			}
		}
		if room < 1 {
			t.Errorf("%s: codes take more than there is, by %d", name, -room)
		}
	}
}

// BenchmarkEncode measures the writer alone, at the largest size.
func BenchmarkEncode(b *testing.B) {
	img := photoLike(b, 2*MaxSide, 2*MaxSide)
	p := scale(newRaster(img, square{0, 0, 2 * MaxSide}.area(1), false, white), MaxSide)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := encode(p); err != nil {
			b.Fatal(err)
		}
	}
}
