package e2e

import (
	"testing"

	"github.com/chromedp/cdproto/input"
)

// tap puts a finger on the middle of an element and lifts it.
func (e element) tap() {
	e.p.t.Helper()
	e.p.wait(e.name+" has a place on the screen", func() bool { b := e.box(); return b.Width > 0 && b.Height > 0 })
	at := e.box().center()
	e.p.touch(input.DispatchTouchEventTypeTouchStart, []point{at})
	e.p.touch(input.DispatchTouchEventTypeTouchEnd, nil)
}

// TestByFingersAlone saves a photo on a phone 360 pixels wide: signed in, a
// picture is chosen, moved and pinched, and saved, all by touch.
func TestByFingersAlone(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	p := newPage(t, look{Width: 360, Height: 740, Touch: true})
	p.open(s.URL + "/")
	p.find("link", "Sign in with your work account").tap()
	p.query(`button[value="employee"]`).tap()
	p.waitText("This is your photo now")
	p.chooseBy(p.find("button", "Choose a picture").tap, p.file("sideways.jpg", sample(t, "sideways.jpg")))
	p.framed()
	begun := p.preview(120)

	window := p.query(`[data-part="window"]`).box()
	p.pinch(window.center(), 60, 130)
	p.swipe(window.center(), window.center().plus(40, 30))
	framed := p.preview(120)
	if d := difference(begun, framed); d < 2*alikeLimit {
		t.Errorf("fingers have hardly moved the picture: %.1f of 255", d)
	}
	p.fits("framing by touch")
	p.find("button", "Save photo").tap()
	p.waitText("We read it back, and this is it.")
	p.fits("saved by touch")
	alike(t, "what Graph received", s.received("employee"), framed)
}
