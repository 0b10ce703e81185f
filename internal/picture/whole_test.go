package picture

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"testing"

	"portrait/internal/fault"
)

// stripes is a picture whose colour tells how far along its longer side one is.
func stripes(t *testing.T, width, height int) []byte {
	t.Helper()
	img := image.NewNRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			along := x
			if height > width {
				along = y
			}
			img.SetNRGBA(x, y, color.NRGBA{uint8(along * 255 / max(width, height)), 90, 40, 255})
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestWholeShowsAllOfAPicture(t *testing.T) {
	for _, tt := range []struct {
		name                  string
		width, height         int
		smallWidth, smallHigh int
	}{
		{"a square", 900, 900, 648, 648},
		{"a portrait", 900, 1200, 648, 864},
		{"a landscape", 2000, 1000, 1296, 648},
		{"a long one", 3000, 500, 3000, 500},
		{"a tiny one is enlarged as Render does", 20, 30, 48, 72},
		{"one of odd sides", 101, 233, 100, 230},
	} {
		w, err := NewBudget(1<<30).Whole(context.Background(), stripes(t, tt.width, tt.height))
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		img, err := jpeg.Decode(bytes.NewReader(w.JPEG))
		if err != nil {
			t.Fatal(err)
		}
		size := img.Bounds().Size()
		if w.Width != tt.width || w.Height != tt.height || size != (image.Point{tt.smallWidth, tt.smallHigh}) {
			t.Errorf("%s: %d×%d is shown as %v, want %d×%d", tt.name, w.Width, w.Height, size, tt.smallWidth, tt.smallHigh)
		}
		for k := range 20 { // no tile lies elsewhere than its pixels say
			x, y := size.X/2, size.Y*(2*k+1)/40
			along, long := y, size.Y
			if size.X >= size.Y {
				x, y = size.X*(2*k+1)/40, size.Y/2
				along, long = x, size.X
			}
			r, _, _, _ := img.At(x, y).RGBA()
			if want := along * 255 / long; abs(int(r>>8)-want) > 12 {
				t.Errorf("%s: at %d of %d red is %d, want about %d", tt.name, along, long, r>>8, want)
			}
		}
	}
}

func abs(v int) int { return max(v, -v) }

func TestWholeRefuses(t *testing.T) {
	for name, body := range map[string][]byte{"one that is far too long": stripes(t, 1000, 100), "no picture": []byte("Dear helpdesk")} {
		if _, err := NewBudget(1<<30).Whole(context.Background(), body); err == nil || fault.As(err).Kind == fault.Unexpected {
			t.Errorf("%s: %v, want it refused", name, err)
		}
	}
}
