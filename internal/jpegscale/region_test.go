package jpegscale

import (
	"image"
	"testing"
)

// regions of a picture of 100×75.
var regions = []image.Rectangle{
	image.Rect(0, 0, 100, 75),
	image.Rect(0, 0, 1, 1),
	image.Rect(99, 74, 100, 75),
	image.Rect(33, 20, 50, 41),
	image.Rect(0, 32, 100, 48),
	image.Rect(-10, -10, 40, 40),
	image.Rect(60, 50, 1000, 1000),
}

// TestRegions wants of each region the same samples as a decode of everything
// has there, and bounds that cover it and little more.
func TestRegions(t *testing.T) {
	for _, v := range variants() {
		data := v.sketchOf(100, 75, 3).encode()
		for _, scale := range []int{1, 2, 4, 8} {
			whole, err := Decode(data, Options{Scale: scale})
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range regions {
				m, err := Decode(data, Options{Scale: scale, Region: r})
				if err != nil {
					t.Errorf("%s, %v at 1/%d: %v", v.name, r, scale, err)
					continue
				}
				if b, want := m.Bounds(), v.outwards(r, scale); b != want {
					t.Errorf("%s, %v at 1/%d: bounds %v, want %v", v.name, r, scale, b, want)
				}
				if worst := furthest(t, m, whole); worst != 0 {
					t.Errorf("%s, %v at 1/%d: a sample is off by %d", v.name, r, scale, worst)
				}
			}
		}
	}
	if _, err := Decode(variants()[0].sketchOf(9, 9, 3).encode(), Options{Region: image.Rect(9, 0, 20, 9)}); err == nil {
		t.Error("no error for a region outside of the picture")
	}
}

// outwards is a region of a picture of 100×75 in whole MCUs, at 1/scale.
func (v variant) outwards(r image.Rectangle, scale int) image.Rectangle {
	w, h := 8*v.factors[0][0], 8*v.factors[0][1]
	r = r.Intersect(image.Rect(0, 0, 100, 75))
	r = image.Rect(r.Min.X/w*w/scale, r.Min.Y/h*h/scale, ceil(r.Max.X, w)*w/scale, ceil(r.Max.Y, h)*h/scale)
	return r.Intersect(image.Rect(0, 0, ceil(100, scale), ceil(75, scale)))
}

// TestBelowRegion leaves out, or damages, what is below the region: no error if
// the picture is sequential, and the same samples.
func TestBelowRegion(t *testing.T) {
	for _, v := range variants() {
		data := v.sketchOf(100, 75, 3).encode()
		o := Options{Region: image.Rect(0, 0, 100, 16)}
		want, err := Decode(data, o)
		if err != nil {
			t.Fatal(err)
		}
		short := data[:len(data)-len(data)/20]
		m, err := Decode(short, o)
		switch sequential := v.scans == nil || v.scans[0].se == 63; {
		case sequential && err != nil:
			t.Errorf("%s: %v, though only what is below the region is missing", v.name, err)
		case !sequential && err == nil:
			t.Errorf("%s: no error, though parts of all rows are missing", v.name)
		case sequential:
			if worst := furthest(t, m, want); worst != 0 {
				t.Errorf("%s: a sample is off by %d", v.name, worst)
			}
		}
		if len(v.factors) > 1 && len(v.scans) > 0 {
			if _, err := Decode(data[:len(data)/2], o); err == nil {
				t.Errorf("%s: no error, though scans are missing", v.name)
			}
		}
		o.Region = image.Rect(0, 0, 100, 75)
		if _, err := Decode(short, o); err == nil {
			t.Errorf("%s: no error for a truncated picture that is wanted whole", v.name)
		}
	}
}
