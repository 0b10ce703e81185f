package e2e

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"image"
	"image/color"
	_ "image/jpeg"
	_ "image/png"
	"math"
	"strings"
	"testing"
	"time"
)

// slow is longer than anybody likes to wait and shorter than every deadline.
const slow = 10 * time.Second

// alikeLimit is how much two pictures of the same thing may differ on average,
// of 255: their pixels are scaled and compressed by different hands.
const alikeLimit = 4

// preview returns the page's preview of this size in CSS pixels.
func (p *page) preview(px int) image.Image {
	p.t.Helper()
	selector := fmt.Sprintf(`canvas[data-preview="%d"]`, px)
	// It is drawn with the next frame.
	eval[bool](p, `new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))`)
	return decodeURL(p.t, eval[string](p, fmt.Sprintf(`document.querySelector(%q).toDataURL('image/png')`, selector)))
}

// picture returns the pixels of an <img>.
func (p *page) picture(img element) image.Image {
	p.t.Helper()
	return decodeURL(p.t, on[string](img, `function() {
		const canvas = document.createElement('canvas');
		canvas.width = this.naturalWidth; canvas.height = this.naturalHeight;
		canvas.getContext('2d').drawImage(this, 0, 0);
		return canvas.toDataURL('image/png');
	}`))
}

func decodeURL(t *testing.T, dataURL string) image.Image {
	t.Helper()
	_, encoded, _ := strings.Cut(dataURL, ",")
	raw, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		t.Fatal(err)
	}
	img, _, err := image.Decode(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	return img
}

// shrink returns img in px × px pixels, each the mean of what it covers.
func shrink(img image.Image, px int) [][3]float64 {
	b := img.Bounds()
	cells := make([][3]float64, 0, px*px)
	for y := range px {
		for x := range px {
			cells = append(cells, mean(img, image.Rect(
				b.Min.X+x*b.Dx()/px, b.Min.Y+y*b.Dy()/px, b.Min.X+(x+1)*b.Dx()/px, b.Min.Y+(y+1)*b.Dy()/px)))
		}
	}
	return cells
}

func mean(img image.Image, r image.Rectangle) [3]float64 {
	var sum [3]float64
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			red, green, blue, _ := img.At(x, y).RGBA()
			for i, v := range [...]uint32{red, green, blue} {
				sum[i] += float64(v >> 8)
			}
		}
	}
	n := float64(r.Dx() * r.Dy())
	return [3]float64{sum[0] / n, sum[1] / n, sum[2] / n}
}

// difference returns the mean difference of two pictures of the same shape,
// looked at in 60 × 60 cells, of 255.
func difference(a, b image.Image) float64 {
	const px = 60
	left, right := shrink(a, px), shrink(b, px)
	total := 0.0
	for i := range left {
		for c := range 3 {
			total += math.Abs(left[i][c] - right[i][c])
		}
	}
	return total / float64(3*len(left))
}

func alike(t *testing.T, what string, got, want image.Image) {
	t.Helper()
	if d := difference(got, want); d > alikeLimit {
		t.Errorf("%s differs by %.1f of 255 from what was framed, want at most %d", what, d, alikeLimit)
	}
}

// crop is a square of a picture, turned clockwise by a multiple of 90°.
type crop struct {
	image.Image
	x, y, side float64
	turns      int
}

func (c crop) Bounds() image.Rectangle { return image.Rect(0, 0, 600, 600) }

// At looks up where the pixel comes from.
func (c crop) At(x, y int) color.Color {
	u, v := (float64(x)+.5)/600, (float64(y)+.5)/600
	for range c.turns {
		u, v = v, 1-u
	}
	return c.Image.At(int(c.x+u*c.side), int(c.y+v*c.side))
}

// TestWhatIsFramedIsWhatIsSaved moves a picture of numbered tiles by every hand
// that there is. Whatever is then in the window must be what Graph receives;
// where it can be computed, it must also be the right part of the picture.
func TestWhatIsFramedIsWhatIsSaved(t *testing.T) {
	t.Parallel()
	tiles, _, err := image.Decode(bytes.NewReader(sample(t, "tiles.png")))
	if err != nil {
		t.Fatal(err)
	}
	phone := look{Width: 360, Height: 740, Touch: true}
	press := func(names ...string) func(*page, box) {
		return func(p *page, _ box) {
			for _, name := range names {
				p.click("button", name)
			}
		}
	}
	keys := func(names ...string) func(*page, box) {
		return func(p *page, _ box) {
			p.query(`[data-part="stage"]`).focus()
			p.press(names...)
		}
	}
	for _, tt := range []struct {
		name  string
		look  look
		frame func(p *page, window box)
		want  *crop // of tiles; nil = only what the preview shows
	}{
		{"not at all", look{}, func(*page, box) {}, &crop{x: 200, side: 1200}},
		{"by dragging to the right as far as it goes", look{}, func(p *page, w box) { p.drag(w.center(), w.center().plus(w.Width, 0)) }, &crop{x: 0, side: 1200}},
		{"by dragging to the left by a twelfth", look{}, func(p *page, w box) { p.drag(w.center(), w.center().plus(-w.Width/12, 0)) }, &crop{x: 300, side: 1200}},
		{"by the wheel at a corner", look{}, func(p *page, w box) { p.wheel(point{w.X + w.Width*.8, w.Y + w.Height*.8}, -400) }, nil},
		{"by a finger", phone, func(p *page, w box) { p.swipe(w.center(), w.center().plus(-w.Width, 0)) }, &crop{x: 400, side: 1200}},
		{"by two fingers", phone, func(p *page, w box) { p.pinch(w.center().plus(-40, -30), 60, 160) }, nil},
		{"by keys", look{}, keys("+", "+", "+", "ArrowLeft", "Shift+ArrowUp", "ArrowLeft"), nil},
		{"by the key that turns", look{}, keys("r"), &crop{x: 200, side: 1200, turns: 1}},
		{"by keys, started over", look{}, keys("+", "r", "ArrowLeft", "0"), &crop{x: 200, side: 1200}},
		{"by buttons", look{}, press("Zoom in", "Zoom in", "Move right", "Move down", "Turn by 90°"), nil},
		{"turned twice by buttons", look{}, press("Turn by 90°", "Turn by 90°"), &crop{x: 200, side: 1200, turns: 2}},
		{"by buttons, started over", look{}, press("Zoom in", "Turn by 90°", "Move left", "Reset"), &crop{x: 200, side: 1200}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newSite(t)
			p := newPage(t, tt.look)
			s.signIn(p, "/me/photo", "employee")
			p.dropSample("tiles.png")
			begun := p.preview(120)
			tt.frame(p, p.query(`[data-part="window"]`).box())
			framed := p.preview(120)
			p.save()
			got := s.received("employee")
			alike(t, "what Graph received", got, framed)
			if tt.want != nil {
				tt.want.Image = tiles
				alike(t, "what Graph received, by the tiles", got, tt.want)
			} else if d := difference(begun, framed); d < 2*alikeLimit {
				t.Errorf("the picture has hardly moved: %.1f of 255", d)
			}
		})
	}
}
