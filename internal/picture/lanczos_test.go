package picture

import (
	"bytes"
	"image"
	"math"
	"testing"
)

// TestScaleOfEvenSurface keeps every level exactly, at every ratio: no seams,
// no drift.
func TestScaleOfEvenSurface(t *testing.T) {
	for _, from := range []int{1, 2, 47, 649, 1100} {
		for _, to := range []int{48, 49, 648} {
			for _, level := range []byte{0, 127, 255} {
				grey := greySquare(from, func(int, int) byte { return level })
				for i, v := range scale(newRaster(grey, square{0, 0, from}.area(1), false, white), to).y.pix {
					if v != level {
						t.Fatalf("%d → %d: sample %d of an even %d is %d", from, to, i, level, v)
					}
				}
			}
		}
	}
}

// TestScaleAgainstFloat compares with the textbook formula in floating point.
func TestScaleAgainstFloat(t *testing.T) {
	tests := []struct {
		name     string
		from, to int
		texture  func(x, y int) byte
	}{
		{"noise, reduced", 301, 50, noise},
		{"noise, reduced a little", 61, 60, noise},
		{"noise, enlarged", 17, 48, noise},
		{"chequers", 200, 64, func(x, y int) byte { return byte(255 * ((x/7 + y/7) % 2)) }},
		{"a slope", 128, 48, func(x, y int) byte { return byte(x + y) }},
		{"two pixels", 2, 48, func(x, y int) byte { return byte(200 * x) }},
	}
	for _, tt := range tests {
		got := scale(newRaster(greySquare(tt.from, tt.texture), square{0, 0, tt.from}.area(1), false, white), tt.to).y
		want := scaleFloat(tt.from, tt.to, tt.texture)
		for i, v := range got.pix {
			if d := math.Abs(float64(v) - want[i]); d > 2 {
				t.Errorf("%s: sample %d is %d, want %.1f", tt.name, i, v, want[i])
				break
			}
		}
	}
}

// TestScaleIsSymmetric turns picture and result by each orientation: the
// resizer must prefer no direction.
func TestScaleIsSymmetric(t *testing.T) {
	const from, to = 150, 64
	want := scale(newRaster(greySquare(from, noise), square{0, 0, from}.area(1), false, white), to).y
	for o := orientation(2); o <= 8; o++ {
		turned := plane{greySquare(from, noise).Pix, from}.oriented(o)
		grey := greySquare(from, func(x, y int) byte { return turned.pix[y*from+x] })
		got := scale(newRaster(grey, square{0, 0, from}.area(1), false, white), to).y
		for i, v := range (plane{bytes.Clone(want.pix), to}).oriented(o).pix {
			if d := int(v) - int(got.pix[i]); d < -1 || d > 1 { // the order of rounding
				t.Errorf("orientation %d: sample %d is %d, want %d", o, i, got.pix[i], v)
				break
			}
		}
	}
}

// TestScaleKeepsEnergy keeps the mean brightness.
func TestScaleKeepsEnergy(t *testing.T) {
	for _, from := range []int{100, 700, 1500} {
		grey := greySquare(from, func(x, y int) byte { return 60 + noise(x, y)/2 })
		got, want := mean(scale(newRaster(grey, square{0, 0, from}.area(1), false, white), 90).y.pix), mean(grey.Pix)
		if math.Abs(got-want) > 0.5 {
			t.Errorf("from %d: mean %.2f, want %.2f", from, got, want)
		}
	}
}

// TestScaleStaysInTheSquare never mixes in what lies outside of the crop.
func TestScaleStaysInTheSquare(t *testing.T) {
	img := image.NewYCbCr(image.Rect(0, 0, 200, 200), image.YCbCrSubsampleRatio444)
	fill(img.Cb, 128)
	fill(img.Cr, 128)
	for y := range 200 {
		for x := range 200 {
			if x < 60 || x >= 140 || y < 60 || y >= 140 {
				img.Y[img.YOffset(x, y)] = 255
			}
		}
	}
	for i, v := range scale(newRaster(img, square{60, 60, 80}.area(1), false, white), 64).y.pix {
		if v != 0 {
			t.Fatalf("sample %d is %d, want the black of the square", i, v)
		}
	}
}

// TestChromaStaysUnderLuma crops a subsampled picture at odd places; colours
// must not move against brightness.
func TestChromaStaysUnderLuma(t *testing.T) {
	ratios := []image.YCbCrSubsampleRatio{
		image.YCbCrSubsampleRatio444, image.YCbCrSubsampleRatio422, image.YCbCrSubsampleRatio420,
		image.YCbCrSubsampleRatio440, image.YCbCrSubsampleRatio411, image.YCbCrSubsampleRatio410,
	}
	slope := func(x, y float64) float64 { return 40 + 0.3*x + 0.25*y } // continuous, at a pixel's middle
	for _, ratio := range ratios {
		img := image.NewYCbCr(image.Rect(0, 0, 333, 301), ratio)
		across, down := subsampling(ratio)
		for y := range 301 {
			for x := range 333 {
				v := byte(math.Round(slope(float64(x)+0.5, float64(y)+0.5)))
				img.Y[img.YOffset(x, y)] = v
			}
		}
		for y := range (301 + down - 1) / down {
			for x := range (333 + across - 1) / across {
				v := byte(math.Round(slope((float64(x)+0.5)*float64(across), (float64(y)+0.5)*float64(down))))
				img.Cb[y*img.CStride+x], img.Cr[y*img.CStride+x] = v, v
			}
		}
		for _, q := range []square{{0, 0, 301}, {1, 3, 297}, {31, 2, 199}, {32, 1, 150}} {
			p := scale(newRaster(img, q.area(1), false, white), 64)
			for y := 2; y < 30; y++ { // away from the edge, where the kernel is cut
				for x := 2; x < 30; x++ {
					luma := mean([]byte{p.y.pix[2*y*64+2*x], p.y.pix[2*y*64+2*x+1], p.y.pix[(2*y+1)*64+2*x], p.y.pix[(2*y+1)*64+2*x+1]})
					cb, cr := float64(p.cb.pix[y*32+x]), float64(p.cr.pix[y*32+x])
					if math.Abs(luma-cb) > 1.5 || cb != cr {
						t.Fatalf("%v, %+v: at %d, %d luma is %.1f, chroma %.0f and %.0f", ratio, q, x, y, luma, cb, cr)
					}
				}
			}
		}
	}
}

// scaleFloat is Lanczos-3 by its definition, in one pass over both directions.
func scaleFloat(from, to int, texture func(x, y int) byte) []float64 {
	step := float64(from) / float64(to)
	stretch := math.Max(1, step)
	weights := make([][]float64, to)
	for i := range weights {
		weights[i] = make([]float64, from)
		sum := 0.0
		for j := range from {
			x := (float64(j) + 0.5 - (float64(i)+0.5)*step) / stretch
			if math.Abs(x) < 3 {
				weights[i][j] = 1
				if x != 0 {
					weights[i][j] = math.Sin(math.Pi*x) / (math.Pi * x) * math.Sin(math.Pi*x/3) / (math.Pi * x / 3)
				}
			}
			sum += weights[i][j]
		}
		for j := range from {
			weights[i][j] /= sum
		}
	}
	out := make([]float64, 0, to*to)
	for oy := range to {
		for ox := range to {
			sum := 0.0
			for y, wy := range weights[oy] {
				if wy == 0 {
					continue
				}
				for x, wx := range weights[ox] {
					if wx != 0 {
						sum += wx * wy * float64(texture(x, y))
					}
				}
			}
			out = append(out, math.Max(0, math.Min(255, sum)))
		}
	}
	return out
}

// noise is the same for the same place.
func noise(x, y int) byte {
	n := uint32(x)*374761393 + uint32(y)*668265263
	n = (n ^ n>>13) * 1274126177
	return byte(n >> 24)
}

// greySquare draws texture.
func greySquare(side int, texture func(x, y int) byte) *image.Gray {
	img := image.NewGray(image.Rect(0, 0, side, side))
	for y := range side {
		for x := range side {
			img.Pix[y*side+x] = texture(x, y)
		}
	}
	return img
}

func mean(b []byte) float64 {
	sum := 0
	for _, v := range b {
		sum += int(v)
	}
	return float64(sum) / float64(len(b))
}
