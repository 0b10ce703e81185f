package picture

import (
	"image"
	"math"
	"slices"
	"testing"
)

// TestHints says which portraits a person is told something about.
func TestHints(t *testing.T) {
	good := Judgement{Side: 648, Brightness: 120, Sharpness: 400}
	but := func(change func(*Judgement)) Judgement {
		j := good
		change(&j)
		return j
	}
	tests := []struct {
		name string
		j    Judgement
		want []Hint
	}{
		{"a good portrait", good, nil},
		{"cut out of 239 pixels", but(func(j *Judgement) { j.Side = 239 }), []Hint{TooSmall}},
		{"cut out of 240 pixels", but(func(j *Judgement) { j.Side = 240 }), nil},
		{"in the dark", but(func(j *Judgement) { j.Brightness = darkLuma - 1 }), []Hint{TooDark}},
		{"in front of the sun", but(func(j *Judgement) { j.Brightness = lightLuma + 1 }), []Hint{TooLight}},
		{"out of focus", but(func(j *Judgement) { j.Sharpness = blurredBelow - 1 }), []Hint{Blurred}},
		{"small and out of focus is small", but(func(j *Judgement) { j.Side, j.Sharpness = 100, 1 }), []Hint{TooSmall}},
		{"dark and out of focus", but(func(j *Judgement) { j.Brightness, j.Sharpness = 10, 1 }), []Hint{TooDark, Blurred}},
	}
	for _, tt := range tests {
		if got := tt.j.Hints(); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}

// TestJudgeMeasures compares with values that can be worked out by hand.
func TestJudgeMeasures(t *testing.T) {
	tests := []struct {
		name                  string
		side                  int
		texture               func(x, y int) byte
		brightness, sharpness float64
	}{
		{"an even surface has no edges", 648, func(int, int) byte { return 90 }, 90, 0},
		{"nor has a slope", 512, func(x, y int) byte { return byte(x / 2) }, 127.5, 0},
		// Cells of 2×2; the Laplacian is ±4·200, its mean 0.
		{"chequers of one cell", 512, func(x, y int) byte { return byte((x/2 + y/2) % 2 * 200) }, 100, 800 * 800},
		{"a tiny picture is measured as it is", 64, func(x, y int) byte { return byte((x + y) % 2 * 10) }, 5, 40 * 40},
	}
	for _, tt := range tests {
		j := Judge(greySquare(tt.side, tt.texture), 300)
		if j.Side != 300 || math.Abs(j.Brightness-tt.brightness) > 0.5 || math.Abs(j.Sharpness-tt.sharpness) > 0.5+tt.sharpness/1000 {
			t.Errorf("%s: %+v, want brightness %.1f and sharpness %.1f", tt.name, j, tt.brightness, tt.sharpness)
		}
	}
	if j := Judge(image.NewGray(image.Rectangle{}), 0); len(j.Hints()) == 0 {
		t.Error("nothing at all gets no hint")
	}
}

// TestJudgePortraits tells the portraits of the corpus from blurred copies.
func TestJudgePortraits(t *testing.T) {
	for _, path := range portraits {
		body := readCorpus(t, path)
		r, err := Render(body, Frame{})
		if err != nil {
			t.Fatal(err)
		}
		if hints := r.Judgement.Hints(); r.Judgement.Side >= smallPixels && len(hints) != 0 {
			t.Errorf("%s: %v (%+v), want none", path, hints, r.Judgement)
		}
		img := decoded(t, r.JPEG).(*image.YCbCr)
		blurred := Judge(blur(cropped(img, r.Side), r.Side/128), 648)
		if !slices.Contains(blurred.Hints(), Blurred) {
			t.Errorf("%s, blurred: %+v, want it told", path, blurred)
		}
		t.Logf("%s: %+v, blurred %.1f", path, r.Judgement, blurred.Sharpness)
	}
}

// cropped returns the luma of img without what is beyond its edges.
func cropped(img *image.YCbCr, side int) plane {
	p := plane{make([]byte, side*side), side}
	for y := range side {
		copy(p.pix[y*side:][:side], img.Y[y*img.YStride:])
	}
	return p
}

// blur takes the mean of 2·radius+1 pixels, three times in both directions: near
// to what a lens does that is out of focus.
func blur(p plane, radius int) *image.Gray {
	out := image.NewGray(image.Rect(0, 0, p.side, p.side))
	copy(out.Pix, p.pix)
	for range 3 {
		for _, step := range []int{1, p.side} {
			from := slices.Clone(out.Pix)
			for i := range from {
				x := i / step % p.side
				sum, n := 0, 0
				for d := -radius; d <= radius; d++ {
					if x+d >= 0 && x+d < p.side {
						sum, n = sum+int(from[i+d*step]), n+1
					}
				}
				out.Pix[i] = byte(sum / n)
			}
		}
	}
	return out
}

// portraits are the files of the corpus that show people as they want to be seen.
// Only one has a face; the other is as sharp as a phone makes it.
var portraits = []string{"faces/astronaut.png", "orient/exif-orientation-examples__Portrait_1.jpg"}
