package jpegscale

import (
	"image"
	"testing"
)

// planesOf returns the planes of a picture, each within its own bounds.
func planesOf(t testing.TB, m image.Image) []*image.Gray {
	t.Helper()
	switch m := m.(type) {
	case *image.Gray:
		return []*image.Gray{m}
	case *image.YCbCr:
		r := m.Rect
		// The ratio's factors, by what the planes have of an even picture.
		fx, fy := ratio(m.SubsampleRatio)
		c := image.Rect(r.Min.X/fx, r.Min.Y/fy, ceil(r.Max.X, fx), ceil(r.Max.Y, fy))
		return []*image.Gray{
			{Pix: m.Y, Stride: m.YStride, Rect: r},
			{Pix: m.Cb, Stride: m.CStride, Rect: c},
			{Pix: m.Cr, Stride: m.CStride, Rect: c},
		}
	}
	t.Fatalf("a picture of %T", m)
	return nil
}

// ratio is how many luma samples there are to a chroma sample, each way.
func ratio(s image.YCbCrSubsampleRatio) (x, y int) {
	switch s {
	case image.YCbCrSubsampleRatio422:
		return 2, 1
	case image.YCbCrSubsampleRatio420:
		return 2, 2
	case image.YCbCrSubsampleRatio440:
		return 1, 2
	case image.YCbCrSubsampleRatio411:
		return 4, 1
	case image.YCbCrSubsampleRatio410:
		return 4, 2
	}
	return 1, 1
}

// furthest returns the largest difference of a sample of got to that of want,
// within the bounds of got, which must lie within those of want.
func furthest(t testing.TB, got, want image.Image) int {
	t.Helper()
	a, b := planesOf(t, got), planesOf(t, want)
	if len(a) != len(b) {
		t.Fatalf("%d planes, want %d", len(a), len(b))
	}
	worst := 0
	for i := range a {
		if !a[i].Rect.In(b[i].Rect) {
			t.Fatalf("plane %d is %v, want it within %v", i, a[i].Rect, b[i].Rect)
		}
		r := a[i].Rect
		for y := r.Min.Y; y < r.Max.Y; y++ {
			theirs := b[i].Pix[b[i].PixOffset(r.Min.X, y):]
			for x, v := range a[i].Pix[a[i].PixOffset(r.Min.X, y):][:r.Dx()] {
				d := int(v) - int(theirs[x])
				worst = max(worst, d, -d)
			}
		}
	}
	return worst
}

// meanDifference is the mean of the absolute differences of two planes of the
// same bounds.
func meanDifference(a, b *image.Gray) float64 {
	sum := 0
	for y := a.Rect.Min.Y; y < a.Rect.Max.Y; y++ {
		for x := a.Rect.Min.X; x < a.Rect.Max.X; x++ {
			d := int(a.GrayAt(x, y).Y) - int(b.GrayAt(x, y).Y)
			sum += max(d, -d)
		}
	}
	return float64(sum) / float64(a.Rect.Dx()*a.Rect.Dy())
}
