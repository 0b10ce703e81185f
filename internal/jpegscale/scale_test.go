package jpegscale

import (
	"image"
	"math"
	"testing"
)

// scaled is what the i-th plane of s should be at 1/scale: of each block the
// lowest coefficients, transformed with as many points.
func (s sketch) scaled(i, scale int) *image.Gray {
	g := s.transformed(i)
	side := 8 / scale
	m := image.NewGray(image.Rect(0, 0, g.stride*side, len(g.blocks)/g.stride*side))
	for at, b := range g.blocks {
		var freq [64]float64
		for k, place := range zigzag {
			if row, column := int(place)/8, int(place)%8; row < side && column < side {
				freq[row*side+column] = float64(b[k] * s.stepAt(k))
			}
		}
		samples := [64]float64{freq[0] / 8}
		if side > 1 {
			samples = inverseOf(&freq, side)
		}
		for j := range side * side {
			v := math.Round(samples[j] + 128)
			m.Pix[(at/g.stride*side+j/side)*m.Stride+at%g.stride*side+j%side] = byte(max(0, min(255, v)))
		}
	}
	return m
}

// TestScales compares every variant at every scale with the definition in
// floating point: no sample is off by more than 1.
func TestScales(t *testing.T) {
	for _, v := range variants() {
		for _, size := range sizes {
			s := v.sketchOf(size.X, size.Y, 3)
			data := s.encode()
			for _, scale := range []int{1, 2, 4, 8} {
				m, err := Decode(data, Options{Scale: scale})
				if err != nil {
					t.Errorf("%s, %v, 1/%d: %v", v.name, size, scale, err)
					continue
				}
				if want := image.Rect(0, 0, ceil(size.X, scale), ceil(size.Y, scale)); m.Bounds() != want {
					t.Errorf("%s, %v, 1/%d: bounds %v, want %v", v.name, size, scale, m.Bounds(), want)
				}
				for i, plane := range planesOf(t, m) {
					if worst := furthest(t, plane, s.scaled(i, scale)); worst > 1 {
						t.Errorf("%s, %v, 1/%d: a sample of plane %d is off by %d", v.name, size, scale, i, worst)
					}
				}
			}
		}
	}
}

// averaged makes a picture smaller by taking the mean of scale×scale samples.
func averaged(m *image.Gray, scale int) *image.Gray {
	r := image.Rect(m.Rect.Min.X/scale, m.Rect.Min.Y/scale, ceil(m.Rect.Max.X, scale), ceil(m.Rect.Max.Y, scale))
	out := image.NewGray(r)
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			cell := image.Rect(x*scale, y*scale, (x+1)*scale, (y+1)*scale).Intersect(m.Rect)
			sum := 0
			for cy := cell.Min.Y; cy < cell.Max.Y; cy++ {
				for cx := cell.Min.X; cx < cell.Max.X; cx++ {
					sum += int(m.GrayAt(cx, cy).Y)
				}
			}
			n := cell.Dx() * cell.Dy()
			out.Pix[out.PixOffset(x, y)] = byte((sum + n/2) / n)
		}
	}
	return out
}
