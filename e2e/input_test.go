package e2e

import (
	"strings"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// point is a place in the window, in CSS pixels.
type point struct{ X, Y float64 }

// plus is the point that is dx to the right and dy below.
func (a point) plus(dx, dy float64) point { return point{a.X + dx, a.Y + dy} }

// towards is the point at the given part of the way to b: 0 is here, 1 there.
func (a point) towards(b point, part float64) point {
	return point{a.X + (b.X-a.X)*part, a.Y + (b.Y-a.Y)*part}
}

// dragSteps is how many moves make a drag, of a mouse or of fingers: enough for
// a page that looks at every one, as it does with a person's.
const dragSteps = 12

// click clicks the one element with the role and name, with the mouse or, on a
// phone, with a finger. What lies over it gets the click, as with a person.
func (p *page) click(role, name string) {
	p.t.Helper()
	p.find(role, name).click()
}

// click clicks the element in its middle. It fails the test if something else
// is there.
func (e element) click() {
	e.p.t.Helper()
	e.p.wait(e.name+" can be clicked: it has a size, is enabled and nothing lies over it", func() bool {
		c := e.box().center()
		return on[bool](e, `function(x, y) {
			if (this.disabled) return false;
			const there = document.elementFromPoint(x, y);
			return there !== null && (this.contains(there) || there.contains(this) || [...(this.labels ?? [])].some(l => l.contains(there)));
		}`, c.X, c.Y)
	})
	c := e.box().center()
	if e.p.look.Touch {
		e.p.do("touching "+e.name, chromedp.TapXY(c.X, c.Y))
		return
	}
	e.p.do("clicking "+e.name, chromedp.MouseClickXY(c.X, c.Y))
}

// press presses keys, one after the other, wherever the keyboard is: "r", "+",
// "Enter", "ArrowLeft", "Shift+ArrowLeft", "Control+v".
func (p *page) press(keys ...string) {
	p.t.Helper()
	for _, key := range keys {
		name, modifiers := key, []chromedp.Modifier{}
		for before, after, ok := strings.Cut(name, "+"); ok && after != ""; before, after, ok = strings.Cut(name, "+") {
			modifiers = append(modifiers, modifier(before))
			name = after
		}
		p.do("pressing "+key, chromedp.KeyEvent(keyRune(name), chromedp.KeyModifiers(modifiers...)))
	}
}

// modifier is the key that is held: "Shift", "Control", "Alt" or "Meta".
func modifier(name string) chromedp.Modifier {
	switch name {
	case "Shift":
		return chromedp.ModifierShift
	case "Control":
		return chromedp.ModifierCtrl
	case "Alt":
		return chromedp.ModifierAlt
	}
	return chromedp.ModifierMeta
}

// keyRune returns what the protocol's table knows a key by: "a" is itself,
// "ArrowLeft" has a number.
func keyRune(name string) string {
	if len([]rune(name)) == 1 {
		return name
	}
	for r, k := range kb.Keys {
		if k.Key == name && k.Code == name {
			return string(r)
		}
	}
	return name
}

// drag presses the mouse at from, moves it to to and lets go.
func (p *page) drag(from, to point) {
	p.t.Helper()
	p.mouse(input.DispatchMouseEventTypeMouseMoved, from, 0)
	p.mouse(input.DispatchMouseEventTypeMousePressed, from, 1)
	for i := 1; i <= dragSteps; i++ {
		p.mouse(input.DispatchMouseEventTypeMouseMoved, from.towards(to, float64(i)/dragSteps), 1)
	}
	p.mouse(input.DispatchMouseEventTypeMouseReleased, to, 0)
}

// mouse sends one event; held is 1 while the left button is down.
func (p *page) mouse(kind input.DispatchMouseEventType, at point, held int64) {
	p.t.Helper()
	params := input.DispatchMouseEventParams{Type: kind, X: at.X, Y: at.Y, Buttons: held}
	if kind != input.DispatchMouseEventTypeMouseMoved || held == 1 {
		params.Button, params.ClickCount = input.MouseButtonLeft, 1
	}
	call(p, input.DispatchMouseEvent, params)
}

// wheelEvent is Input.dispatchMouseEvent of a wheel. The parameters of cdproto
// leave out a delta of zero, and Chromium insists on both.
type wheelEvent struct {
	Type   input.DispatchMouseEventType `json:"type"`
	X      float64                      `json:"x"`
	Y      float64                      `json:"y"`
	DeltaX float64                      `json:"deltaX"`
	DeltaY float64                      `json:"deltaY"`
}

// wheel turns the wheel of the mouse at a place, away from the person for a
// negative number of pixels.
func (p *page) wheel(at point, pixels float64) {
	p.t.Helper()
	command := cdp.Command[wheelEvent, cdp.Empty]{Method: input.CommandDispatchMouseEvent}
	call(p, command, wheelEvent{Type: input.DispatchMouseEventTypeMouseWheel, X: at.X, Y: at.Y, DeltaY: pixels})
}

// swipe puts one finger down at from, moves it to to and lifts it.
func (p *page) swipe(from, to point) {
	p.t.Helper()
	p.fingers(func(part float64) []point { return []point{from.towards(to, part)} })
}

// pinch puts two fingers down, side by side and as far apart as fromApart says,
// moves them until they are toApart, and lifts them.
func (p *page) pinch(center point, fromApart, toApart float64) {
	p.t.Helper()
	p.fingers(func(part float64) []point {
		half := (fromApart + (toApart-fromApart)*part) / 2
		return []point{center.plus(-half, 0), center.plus(half, 0)}
	})
}

// fingers moves fingers along where says, which gets the part of the way that
// is done.
func (p *page) fingers(where func(part float64) []point) {
	p.t.Helper()
	p.touch(input.DispatchTouchEventTypeTouchStart, where(0))
	for i := 1; i <= dragSteps; i++ {
		p.touch(input.DispatchTouchEventTypeTouchMove, where(float64(i)/dragSteps))
		time.Sleep(time.Millisecond) // Chromium drops moves of the same moment
	}
	p.touch(input.DispatchTouchEventTypeTouchEnd, nil)
}

// touch sends one event with all fingers that are down.
func (p *page) touch(kind input.DispatchTouchEventType, at []point) {
	p.t.Helper()
	points := []*input.TouchPoint{}
	for i, a := range at {
		id := float64(i)
		points = append(points, &input.TouchPoint{X: a.X, Y: a.Y, ID: &id})
	}
	call(p, input.DispatchTouchEvent, input.DispatchTouchEventParams{Type: kind, TouchPoints: points})
}
