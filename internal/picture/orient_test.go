package picture

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"testing"

	"portrait/internal/fault"
)

// TestOrientations shows four corner colours in the right corners, whatever way
// the picture is stored.
func TestOrientations(t *testing.T) {
	upright := corners(80)
	for o := 1; o <= 8; o++ {
		stored := storedAs(o, upright)
		jpeg := encodeJPEG(t, stored, 95)
		png := encodePNG(t, stored)
		tests := []struct {
			name string
			body []byte
		}{
			{"JPEG", withSegment(jpeg, markerAPP1, []byte(exifMagic+string(exifBlock(o))))},
			{"JPEG with two EXIF segments, of which the first counts", withSegment(
				withSegment(jpeg, markerAPP1, []byte(exifMagic+string(exifBlock(3)))),
				markerAPP1, []byte(exifMagic+string(exifBlock(o))))},
			{"PNG", withChunk(png, "eXIf", exifBlock(o))},
			{"PNG with the magic of JPEG in its EXIF", withChunk(png, "eXIf", []byte(exifMagic+string(exifBlock(o))))},
		}
		for _, tt := range tests {
			r, err := Render(tt.body, Frame{})
			if err != nil {
				t.Errorf("%s, orientation %d: %v", tt.name, o, err)
				continue
			}
			if diff := difference(t, r.JPEG, upright); diff > 4 {
				t.Errorf("%s, orientation %d: mean difference %.1f, want at most 4", tt.name, o, diff)
			}
		}
	}
}

// TestOrientationOfWebP compares eight files that show the same.
func TestOrientationOfWebP(t *testing.T) {
	want, err := Render(readCorpus(t, "orient/Pillow__hopper_orientation_2.jpg"), Frame{})
	if err != nil {
		t.Fatal(err)
	}
	for o := 2; o <= 8; o++ {
		r, err := Render(readCorpus(t, fmt.Sprintf("orient/Pillow__hopper_orientation_%d.webp", o)), Frame{})
		if err != nil {
			t.Errorf("orientation %d: %v", o, err)
			continue
		}
		if diff := difference(t, r.JPEG, decoded(t, want.JPEG)); diff > 8 { // two lossy codings
			t.Errorf("orientation %d: mean difference %.1f, want at most 8", o, diff)
		}
	}
}

// TestFrame asks for squares of numbered tiles and gets these tiles, in every
// orientation.
func TestFrame(t *testing.T) {
	upright := tiles(8, 6, 40) // 320 × 240
	frames := []Frame{
		{X: 0, Y: 0, Side: 240},
		{X: 80, Y: 40, Side: 160},
		{X: 37, Y: 61, Side: 141},
		{X: 319 - 69, Y: 239 - 69, Side: 70},
		{X: 1, Y: 0, Side: 48},
	}
	for o := 1; o <= 8; o++ {
		stored := storedAs(o, upright)
		bodies := map[string][]byte{
			"JPEG": withSegment(encodeJPEG(t, stored, 95), markerAPP1, []byte(exifMagic+string(exifBlock(o)))),
			"PNG":  withChunk(encodePNG(t, stored), "eXIf", exifBlock(o)),
		}
		for format, body := range bodies {
			for _, f := range frames {
				r, err := Render(body, f)
				if err != nil {
					t.Errorf("%s, orientation %d, %+v: %v", format, o, f, err)
					continue
				}
				want := part(upright, f.X, f.Y, f.Side)
				if diff := difference(t, r.JPEG, want); diff > 4 {
					t.Errorf("%s, orientation %d, %+v: mean difference %.1f, want at most 4", format, o, f, diff)
				}
				if r.SourceWidth != 320 || r.SourceHeight != 240 {
					t.Errorf("orientation %d: source %d×%d, want 320×240", o, r.SourceWidth, r.SourceHeight)
				}
			}
		}
	}
}

// TestTurn turns the crop, not the picture, and clockwise.
func TestTurn(t *testing.T) {
	upright := tiles(8, 6, 40)
	body := withSegment(encodeJPEG(t, storedAs(6, upright), 95), markerAPP1, []byte(exifMagic+string(exifBlock(6))))
	tests := []struct {
		turn int
		as   int // the orientation that stores the wanted picture
	}{{0, 1}, {90, 8}, {180, 3}, {270, 6}, {360, 1}, {-90, 6}, {450, 8}}
	for _, tt := range tests {
		f := Frame{X: 40, Y: 80, Side: 120, Turn: tt.turn}
		r, err := Render(body, f)
		if err != nil {
			t.Errorf("turn %d: %v", tt.turn, err)
			continue
		}
		want := storedAs(tt.as, part(upright, f.X, f.Y, f.Side))
		if diff := difference(t, r.JPEG, want); diff > 4 {
			t.Errorf("turn %d: mean difference %.1f, want at most 4", tt.turn, diff)
		}
	}
}

// TestAutomaticFrame checks which square is taken where nobody framed one.
func TestAutomaticFrame(t *testing.T) {
	tests := []struct {
		name          string
		width, height int
		orientation   int
		want          square
	}{
		{"a square is taken whole", 300, 300, 1, square{0, 0, 300}},
		{"landscape: the middle", 400, 300, 1, square{50, 0, 300}},
		{"portrait: a third of the rest above, two thirds below", 300, 450, 1, square{0, 50, 300}},
		{"portrait by orientation", 450, 300, 6, square{0, 50, 300}},
	}
	for _, tt := range tests {
		s := source{Header: Header{Width: tt.width, Height: tt.height, Orientation: tt.orientation}}
		got, err := s.crop(Frame{X: 7, Y: 7})
		if err != nil || got != tt.want {
			t.Errorf("%s: %+v (%v), want %+v", tt.name, got, err, tt.want)
		}
	}
}

// TestBadFrame refuses what doesn't fit the upright picture.
func TestBadFrame(t *testing.T) {
	const most = int(^uint(0) >> 1)
	body := withSegment(encodeJPEG(t, tiles(2, 3, 50), 80), markerAPP1, []byte(exifMagic+string(exifBlock(6)))) // 150×100 upright
	tests := []struct {
		name string
		f    Frame
	}{
		{"left of the picture", Frame{X: -1, Side: 10}},
		{"above the picture", Frame{Y: -1, Side: 10}},
		{"too far right", Frame{X: 51, Side: 100}},
		{"too far down", Frame{Y: 1, Side: 100}},
		{"wider than the picture is high", Frame{Side: 101}},
		{"a negative side", Frame{X: 5, Y: 5, Side: -3}},
		{"a sum beyond the largest int", Frame{X: most, Y: most, Side: most}},
		{"turned by 45 degrees", Frame{Turn: 45}},
		{"turned by -1 degrees", Frame{Turn: -1}},
	}
	for _, tt := range tests {
		_, err := Render(body, tt.f)
		if e := fault.As(err); e == nil || e.Kind != fault.BadRequest || e.Say.ID != "picture.bad-crop" {
			t.Errorf("%s: %v, want BadRequest picture.bad-crop", tt.name, err)
		}
	}
	if _, err := Render(body, Frame{X: 50, Side: 100}); err != nil {
		t.Errorf("the rightmost square: %v, want none", err)
	}
}

// corners draws four quarters: red, green, blue, yellow, in reading order.
func corners(side int) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, side, side))
	colours := []color.NRGBA{{200, 30, 30, 255}, {30, 160, 30, 255}, {30, 30, 200, 255}, {210, 210, 40, 255}}
	for i, c := range colours {
		x, y := i%2*side/2, i/2*side/2
		draw.Draw(img, image.Rect(x, y, x+side/2, y+side/2), image.NewUniform(c), image.Point{}, draw.Src)
	}
	return img
}

// tiles draws across × down tiles of size pixels, each with its own colour.
func tiles(across, down, size int) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, across*size, down*size))
	for ty := range down {
		for tx := range across {
			n := ty*across + tx
			c := color.NRGBA{byte(60 + 150*tx/across), byte(60 + 150*ty/down), byte(70 + 37*n%120), 255}
			tile := image.Rect(tx*size, ty*size, (tx+1)*size, (ty+1)*size)
			draw.Draw(img, tile, image.NewUniform(c), image.Point{}, draw.Src)
		}
	}
	return img
}

// storedAs returns the picture that stands upright as img when turned by
// orientation o, by the definition in EXIF: where the stored row 0 and column 0
// are seen. It shares no code with what it tests.
func storedAs(o int, img *image.NRGBA) *image.NRGBA {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	stored := image.NewNRGBA(image.Rect(0, 0, w, h))
	if o >= 5 {
		stored = image.NewNRGBA(image.Rect(0, 0, h, w))
	}
	for y := range h {
		for x := range w {
			var column, row int
			switch o {
			case 1: // row 0 on top, column 0 left
				column, row = x, y
			case 2: // top, right
				column, row = w-1-x, y
			case 3: // bottom, right
				column, row = w-1-x, h-1-y
			case 4: // bottom, left
				column, row = x, h-1-y
			case 5: // left, top
				column, row = y, x
			case 6: // right, top
				column, row = y, w-1-x
			case 7: // right, bottom
				column, row = h-1-y, w-1-x
			case 8: // left, bottom
				column, row = h-1-y, x
			}
			stored.SetNRGBA(column, row, img.NRGBAAt(x, y))
		}
	}
	return stored
}

// part returns a square of img, moved to 0, 0.
func part(img *image.NRGBA, x, y, side int) *image.NRGBA {
	out := image.NewNRGBA(image.Rect(0, 0, side, side))
	draw.Draw(out, out.Rect, img, image.Pt(x, y), draw.Src)
	return out
}

// decoded returns the pixels of a JPEG.
func decoded(tb testing.TB, body []byte) image.Image {
	tb.Helper()
	img, _, err := image.Decode(bytes.NewReader(body))
	if err != nil {
		tb.Fatal(err)
	}
	return img
}

// difference returns the mean difference of the RGB samples of a JPEG and of
// want, of 255. Sizes must be equal.
func difference(tb testing.TB, body []byte, want image.Image) float64 {
	tb.Helper()
	got := decoded(tb, body)
	if got.Bounds() != want.Bounds() {
		tb.Fatalf("picture of %v, want %v", got.Bounds(), want.Bounds())
	}
	a, b := redrawn(image.NewRGBA(got.Bounds()), got), redrawn(image.NewRGBA(got.Bounds()), want)
	sum := 0
	for i, v := range a.Pix {
		d := int(v) - int(b.Pix[i])
		sum += max(d, -d)
	}
	return float64(sum) * 4 / 3 / float64(len(a.Pix)) // alpha has no difference
}
