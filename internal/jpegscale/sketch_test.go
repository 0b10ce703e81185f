package jpegscale

import (
	"bytes"
	"fmt"
	"image"
	"image/jpeg"
	"math/rand/v2"
	"testing"
)

// variant is a way to encode.
type variant struct {
	name    string
	factors [][2]int
	scans   []pass
	restart int
}

var grey = [][2]int{{1, 1}}

// subsamplings are all that image/jpeg knows.
var subsamplings = map[string][][2]int{
	"grey":  grey,
	"4:4:4": {{1, 1}, {1, 1}, {1, 1}},
	"4:2:2": {{2, 1}, {1, 1}, {1, 1}},
	"4:4:0": {{1, 2}, {1, 1}, {1, 1}},
	"4:2:0": {{2, 2}, {1, 1}, {1, 1}},
	"4:1:1": {{4, 1}, {1, 1}, {1, 1}},
	"4:1:0": {{4, 2}, {1, 1}, {1, 1}},
}

// variants are each subsampling, sequential in one scan and in several, and
// progressive, with and without restart markers.
func variants() (vs []variant) {
	for name, factors := range subsamplings {
		progressive := spectral
		if len(factors) == 1 {
			progressive = []pass{
				{[]int{0}, 0, 0, 0, 1}, {[]int{0}, 1, 5, 0, 2}, {[]int{0}, 6, 63, 0, 2},
				{[]int{0}, 1, 63, 2, 1}, {[]int{0}, 0, 0, 1, 0}, {[]int{0}, 1, 63, 1, 0},
			}
		}
		for _, restart := range []int{0, 1, 3} {
			vs = append(vs,
				variant{fmt.Sprint(name, " sequential, restart ", restart), factors, nil, restart},
				variant{fmt.Sprint(name, " in scans, restart ", restart), factors, sequentialPasses(len(factors)), restart},
				variant{fmt.Sprint(name, " progressive, restart ", restart), factors, progressive, restart})
		}
	}
	return vs
}

// sketchOf draws a picture of w×h for v.
func (v variant) sketchOf(w, h, step int) sketch {
	s := sketch{factors: v.factors, scans: v.scans, restart: v.restart, step: step, rise: 1}
	r := rand.New(rand.NewPCG(uint64(w), uint64(h)))
	for i, f := range v.factors {
		m := image.NewGray(image.Rect(0, 0, ceil(w*f[0], v.factors[0][0]), ceil(h*f[1], v.factors[0][1])))
		amplitude := float32(40)
		if i > 0 {
			amplitude = 20
		}
		paint(r, m.Pix, m.Rect.Dx(), m.Rect.Dy(), amplitude, 3)
		s.planes = append(s.planes, m)
	}
	return s
}

var sizes = []image.Point{{1, 1}, {7, 9}, {17, 33}, {64, 64}, {100, 75}}

// TestVariants compares with image/jpeg at full size, on pictures of all
// variants and of odd sizes.
//
// image/jpeg counts restart intervals of scans of one subsampled component
// wrongly (by MCUs of all components), so that it reads none of these; they are
// compared with the same picture without restart markers.
func TestVariants(t *testing.T) {
	for _, v := range variants() {
		for _, size := range sizes {
			s := v.sketchOf(size.X, size.Y, 3)
			got, err := Decode(s.encode(), Options{})
			if err != nil {
				t.Errorf("%s, %v: %v", v.name, size, err)
				continue
			}
			s.restart = 0
			want, err := jpeg.Decode(bytes.NewReader(s.encode()))
			if err != nil {
				t.Fatalf("%s, %v: image/jpeg: %v", v.name, size, err)
			}
			if worst := furthest(t, got, want); worst > 1 {
				t.Errorf("%s, %v: a sample is off by %d", v.name, size, worst)
			}
		}
	}
}
