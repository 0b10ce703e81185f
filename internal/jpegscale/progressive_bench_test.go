package jpegscale

import (
	"image"
	"testing"
)

// progressivePhoto is phonePhoto in the scans of jpegtran -progressive.
func progressivePhoto() []byte {
	m := drawn(4032, 3024)
	c := image.Rect(0, 0, 2016, 1512)
	return sketch{
		planes: []*image.Gray{
			{Pix: m.Y, Stride: m.YStride, Rect: m.Rect},
			{Pix: m.Cb, Stride: m.CStride, Rect: c},
			{Pix: m.Cr, Stride: m.CStride, Rect: c},
		},
		factors: subsamplings["4:2:0"], scans: spectral, step: 2, rise: 1,
	}.encode()
}

func BenchmarkProgressive12MP(b *testing.B) {
	benchmarkScales(b, progressivePhoto())
}
