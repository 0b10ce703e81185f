package jpegscale

import (
	"bytes"
	"fmt"
	"image"
	"image/jpeg"
	"math/rand/v2"
	"testing"
)

// drawn is a picture with the spectrum of a photo: noise of every size, the
// smaller the weaker, and what a sensor adds; in 4:2:0.
func drawn(w, h int) *image.YCbCr {
	m := image.NewYCbCr(image.Rect(0, 0, w, h), image.YCbCrSubsampleRatio420)
	r := rand.New(rand.NewPCG(1, 2))
	cw, ch := (w+1)/2, (h+1)/2
	paint(r, m.Y, w, h, 40, 3)
	paint(r, m.Cb, cw, ch, 12, 1)
	paint(r, m.Cr, cw, ch, 12, 1)
	return m
}

// paint fills a plane with noise of sizes from 256 samples down to 2, of which
// the largest has the amplitude given, and grain of each sample.
func paint(r *rand.Rand, plane []byte, w, h int, amplitude, grain float32) {
	sum := make([]float32, w*h)
	for size := 256; size >= 2; size /= 2 {
		gw := w/size + 2
		grid := make([]float32, gw*(h/size+2))
		for i := range grid {
			grid[i] = float32(r.NormFloat64()) * amplitude
		}
		for y := range h {
			gy, fy := y/size, float32(y%size)/float32(size)
			for x := range w {
				gx, fx := x/size, float32(x%size)/float32(size)
				g := grid[gy*gw+gx:]
				top, bottom := g[0]+(g[1]-g[0])*fx, g[gw]+(g[gw+1]-g[gw])*fx
				sum[y*w+x] += top + (bottom-top)*fy
			}
		}
		amplitude *= 0.6
	}
	for i, v := range sum {
		plane[i] = byte(max(0, min(255, 128+v+float32(r.NormFloat64())*grain)))
	}
}

// phonePhoto is a JPEG of 12 megapixels and about 4 MB.
func phonePhoto(tb testing.TB) []byte {
	tb.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, drawn(4032, 3024), &jpeg.Options{Quality: 95}); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

func BenchmarkBaseline12MP(b *testing.B) {
	benchmarkScales(b, phonePhoto(b))
}

// benchmarkScales decodes data at each scale, and with image/jpeg.
func benchmarkScales(b *testing.B, data []byte) {
	b.Logf("%d bytes", len(data))
	for _, scale := range []int{8, 4, 2, 1} {
		b.Run(fmt.Sprintf("scale=1÷%d", scale), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Decode(data, Options{Scale: scale}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("image÷jpeg", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := jpeg.Decode(bytes.NewReader(data)); err != nil {
				b.Fatal(err)
			}
		}
	})
}
