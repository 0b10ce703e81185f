package e2e

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"math"
	"strings"
	"testing"
)

// lain is what is seen of a picture that was mirrored and straightened: the
// square about a point of it, so many pixels wide.
type lain struct {
	image.Image
	x, y, side float64
	flipped    bool
	degrees    float64     // clockwise
	ground     color.Color // around the picture
}

func (l lain) Bounds() image.Rectangle { return image.Rect(0, 0, 600, 600) }

// At looks up where the pixel comes from.
func (l lain) At(x, y int) color.Color {
	u, v := (float64(x)+.5)/600-.5, (float64(y)+.5)/600-.5
	sin, cos := math.Sincos(-l.degrees * math.Pi / 180)
	u, v = u*cos-v*sin, u*sin+v*cos
	if l.flipped {
		u = -u
	}
	at := image.Pt(int(math.Floor(l.x+u*l.side)), int(math.Floor(l.y+v*l.side)))
	if !at.In(l.Image.Bounds()) {
		return l.ground
	}
	return l.Image.At(at.X, at.Y)
}

// straightest is the side of the largest square in 1200 pixels that is turned
// by so many degrees.
func straightest(degrees float64) float64 {
	sin, cos := math.Sincos(math.Abs(degrees) * math.Pi / 180)
	return 1200 / (sin + cos)
}

// TestEveryHandFrames does what the table in the design says, by mouse, keys and
// buttons: what the preview shows is the right part of the picture each time,
// and it is said. Then it goes all the way back, and forth again.
func TestEveryHandFrames(t *testing.T) {
	t.Parallel()
	tiles, _, err := image.Decode(bytes.NewReader(sample(t, "tiles.png")))
	if err != nil {
		t.Fatal(err)
	}
	white := color.White
	s := newSite(t)
	p := newPage(t, look{})
	s.signIn(p, "/me/photo", "employee")
	p.dropSample("tiles.png")
	stage := p.query(`[data-part="stage"]`)
	press := func(keys ...string) func() { return func() { stage.focus(); p.press(keys...) } }
	click := func(names ...string) func() {
		return func() {
			for _, name := range names {
				p.click("button", name)
			}
		}
	}
	whole := lain{x: 800, y: 600, side: 1200}
	for _, tt := range []struct {
		name string
		do   func()
		want lain
		said string
	}{
		{"mirrored by a key", press("f"), lain{x: 800, y: 600, side: 1200, flipped: true}, "mirrored"},
		{"mirrored back by a button", click("Mirror"), whole, "Zoom 100%, centre"},
		{"straightened by a key", press("]", "]", "Shift+]"), lain{x: 800, y: 600, side: straightest(7), degrees: 7}, "straightened by 7°"},
		{"further by a button", click("Straighten to the left", "Straighten to the left"), lain{x: 800, y: 600, side: straightest(5), degrees: 5}, "straightened by 5°"},
		{"by its slider", func() { p.query(`[data-part="tilt"]`).focus(); p.press("End") }, lain{x: 800, y: 600, side: straightest(45), degrees: 45}, ""},
		{"mirrored as it is", press("f"), lain{x: 800, y: 600, side: straightest(45), degrees: -45, flipped: true}, "mirrored, straightened by -45°"},
		{"undone by keys", press("Control+z", "Control+z"), lain{x: 800, y: 600, side: straightest(5), degrees: 5}, "straightened by 5°"},
		{"done again by a button", click("Redo"), lain{x: 800, y: 600, side: straightest(45), degrees: 45}, "straightened by 45°"},
		{"started over", press("0"), whole, "Zoom 100%, centre"},
		{"fitted whole", click("Fit the whole picture"), lain{x: 800, y: 600, side: 1600, ground: white}, "the whole picture"},
		{"filled again", click("Fit the whole picture"), whole, "Zoom 100%, centre"},
	} {
		if tt.want.ground == white { // the page finds the colour of the edges; the tiles' is of no interest
			tt.do()
			eval[bool](p, `(() => { const field = document.querySelector('[data-part="ground"]'); field.value = '#ffffff'; field.dispatchEvent(new Event('input', { bubbles: true })); return true })()`)
		} else {
			tt.do()
		}
		p.settled()
		tt.want.Image = tiles
		alike(t, tt.name, p.preview(120), tt.want)
		if said := p.said(); !strings.Contains(said, tt.said) {
			t.Errorf("%s: the page says %q, want %q in it", tt.name, said, tt.said)
		}
	}
	p.click("button", "Undo")
	p.click("button", "Undo")
	p.settled()
	framed := p.preview(120)
	p.accessible("fitted whole")
	p.save()
	alike(t, "what Graph received", s.received("employee"), framed)
}

// settled waits until the picture rests, is drawn and has been described.
func (p *page) settled() {
	p.t.Helper()
	eval[bool](p, `new Promise(done => setTimeout(() => done(true), 700))`)
}

// said is what a screen reader was told last.
func (p *page) said() string {
	p.t.Helper()
	return eval[string](p, `document.querySelector('[data-editor] > [data-part="status"]').textContent`)
}

// TestComparingAndDismissing shows the present photo in place of the new one,
// and takes hints off the page.
func TestComparingAndDismissing(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	p := newPage(t, look{})
	s.signIn(p, "/me/photo", "employee")
	present := s.received("employee")
	p.dropSample("tiny.jpg")
	framed := p.preview(120)
	p.click("button", "Compare with the present photo")
	p.wait("the present photo is shown", func() bool { return strings.Contains(p.said(), "present photo is shown") })
	alike(t, "the present photo", p.preview(120), present)
	p.accessible("comparing")
	p.click("button", "Compare with the present photo")
	p.settled()
	alike(t, "the new photo", p.preview(120), framed)

	hints := func() int { return eval[int](p, `document.querySelectorAll('[data-part="hints"] > li').length`) }
	for n := hints(); n > 0; n-- {
		p.query(`[data-part="hints"] button`).click()
		p.wait(fmt.Sprintf("%d hints are left", n-1), func() bool { return hints() == n-1 })
	}
	p.click("button", "Zoom in")
	p.settled()
	if n := hints(); n != 0 {
		t.Errorf("%d hints came back, want those that were dismissed to stay away", n)
	}
}

// TestTwistingWithTwoFingers turns and straightens by touch.
func TestTwistingWithTwoFingers(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	p := newPage(t, look{Width: 360, Height: 740, Touch: true})
	s.signIn(p, "/me/photo", "employee")
	p.dropSample("tiles.png")
	p.fits("framing with all its controls")
	middle := p.query(`[data-part="window"]`).box().center()
	twist := func(degrees float64) {
		p.fingers(func(part float64) []point {
			sin, cos := math.Sincos(degrees * part * math.Pi / 180)
			return []point{middle.plus(-70*cos, -70*sin), middle.plus(70*cos, 70*sin)}
		})
		p.settled()
	}
	for _, tt := range []struct {
		name    string
		degrees float64
		said    string
	}{
		{"a quarter", 90, "turned by 90°"},
		{"hardly at all", 8, "turned by 90°"},
		{"back by a quarter", -90, "Zoom 100%, centre"},
		{"by half of one", 46, "straightened by"},
	} {
		twist(tt.degrees)
		if said := p.said(); !strings.Contains(said, tt.said) {
			t.Errorf("twisted %s, the page says %q, want %q in it", tt.name, said, tt.said)
		}
	}
	p.click("button", "Undo")
	p.settled()
	if said := p.said(); strings.Contains(said, "straightened") {
		t.Errorf("a twist isn't undone in one: %q", said)
	}
}
