package picture

import (
	"bytes"
	"image"
	"image/jpeg"
	"image/png"
	"math"
	"testing"
)

// BenchmarkRender measures the whole way, from bytes to bytes. bench/ compares
// it with other programs.
func BenchmarkRender(b *testing.B) {
	tests := []struct {
		name string
		body []byte
	}{
		{"12 MP phone JPEG", sideways(b, photoLike(b, 4032, 3024))},
		{"1296 px from the browser", encodeJPEG(b, photoLike(b, 1296, 1296), 95)},
		{"12 MP PNG", encodePNG(b, photoLike(b, 4000, 3000))},
	}
	for _, tt := range tests {
		b.Run(tt.name, func(b *testing.B) {
			b.SetBytes(int64(len(tt.body)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Render(tt.body, Frame{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkScale measures the resizer alone, at 12 megapixels.
func BenchmarkScale(b *testing.B) {
	img := photoLike(b, 4032, 3024)
	for b.Loop() {
		scale(newRaster(img, square{504, 0, 3024}.area(1), false, white), MaxSide)
	}
}

// photoLike draws something with the smooth parts, edges and grain of a photo.
func photoLike(tb testing.TB, width, height int) *image.YCbCr {
	tb.Helper()
	img := image.NewYCbCr(image.Rect(0, 0, width, height), image.YCbCrSubsampleRatio420)
	grain := uint32(1)
	for y := range height {
		for x := range width {
			grain = grain*1664525 + 1013904223
			wave := math.Sin(float64(x)/97) + math.Cos(float64(y)/61)
			edge := 30 * ((x/200 + y/300) % 2)
			img.Y[img.YOffset(x, y)] = clamp(110 + int(40*wave) + edge + int(grain>>28) - 8)
		}
	}
	for y := range (height + 1) / 2 {
		for x := range (width + 1) / 2 {
			img.Cb[y*img.CStride+x] = clamp(128 + int(30*math.Sin(float64(x+y)/150)))
			img.Cr[y*img.CStride+x] = clamp(128 + int(30*math.Cos(float64(x-y)/170)))
		}
	}
	return img
}

// sideways encodes img as a phone does that is held upright.
func sideways(tb testing.TB, img image.Image) []byte {
	return withSegment(encodeJPEG(tb, img, 90), markerAPP1, []byte(exifMagic+string(exifBlock(6))))
}

func encodeJPEG(tb testing.TB, img image.Image, quality int) []byte {
	tb.Helper()
	var out bytes.Buffer
	if err := jpeg.Encode(&out, img, &jpeg.Options{Quality: quality}); err != nil {
		tb.Fatal(err)
	}
	return out.Bytes()
}

func encodePNG(tb testing.TB, img image.Image) []byte {
	tb.Helper()
	var out bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestSpeed} // the tests' time, not the file's size
	if err := encoder.Encode(&out, img); err != nil {
		tb.Fatal(err)
	}
	return out.Bytes()
}
