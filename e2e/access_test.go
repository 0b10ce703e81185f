package e2e

import (
	"cmp"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/accessibility"
	cdppage "github.com/chromedp/cdproto/page"
)

// Targets of WCAG 2.2: 24 CSS pixels for a mouse (2.5.8), 44 for a finger, as
// the design says.
const (
	mouseTargetPx  = 24
	fingerTargetPx = 44
)

// hittable fails the test if something that can be clicked is too small for who
// looks at the page. A link inside a text is as high as its line, which both
// rules let be.
func (p *page) hittable(state string) {
	p.t.Helper()
	least := mouseTargetPx
	if p.look.Touch {
		least = fingerTargetPx
	}
	small := eval[[]string](p, `(least => [...document.querySelectorAll('a[href], button, summary, select, input:not([type=hidden]), [tabindex="0"]')].filter(e => {
		const target = e.labels?.[0] ?? e; // a label's tap is its field's
		if (!e.checkVisibility({ visibilityProperty: true, opacityProperty: true }) || e.disabled || e.closest('.skip-link')) return false;
		if (e.matches('a') && getComputedStyle(e).display === 'inline') return false;
		const field = e.getBoundingClientRect(), label = target.getBoundingClientRect();
		return Math.max(field.width, label.width) < least - 0.5 || Math.max(field.height, label.height) < least - 0.5;
	}).map(e => e.outerHTML.slice(0, 120) + ' ' + Math.round(e.getBoundingClientRect().width) + '×' + Math.round(e.getBoundingClientRect().height)))(`+pick(least == fingerTargetPx, "44", "24")+`)`)
	for _, e := range small {
		p.t.Errorf("%s: too small to hit, under %d px: %s", state, least, e)
	}
}

// uncut fails the test if the words of a button or a heading are wider than it.
func (p *page) uncut(state string) {
	p.t.Helper()
	cut := eval[[]string](p, `[...document.querySelectorAll('.button, h1, h2, label, summary, legend, th')].filter(e => {
		const style = getComputedStyle(e);
		if (!e.checkVisibility() || style.clipPath !== 'none' || style.textOverflow === 'ellipsis') return false;
		return e.clientWidth > 1 && e.scrollWidth > e.clientWidth + 1;
	}).map(e => e.outerHTML.slice(0, 160) + ' ' + e.scrollWidth + ' > ' + e.clientWidth)`)
	for _, e := range cut {
		p.t.Errorf("%s: its words are cut: %s", state, e)
	}
}

// told is what a screen reader says of an element: its role, name, description
// and value, from the accessibility tree.
func (p *page) told(e element) (role, name, description, value string) {
	p.t.Helper()
	tree := call(p, accessibility.GetPartialAXTree, accessibility.GetPartialAXTreeParams{ObjectID: e.id})
	node := tree.Nodes[0]
	text := func(v *accessibility.Value) string { // it is JSON
		if v == nil {
			return ""
		}
		return strings.Trim(string(v.Value), `"`)
	}
	return text(node.Role), text(node.Name), text(node.Description), cmp.Or(e.attribute("aria-valuetext"), text(node.Value))
}

// TestByKeyboardAlone does the main job without a mouse, in at most 25 key
// presses after the sign-in, and holds what a screen reader is told on the way.
func TestByKeyboardAlone(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	p := newPage(t, look{})
	s.signIn(p, "/me/photo", "employee")
	presses := 0
	press := func(keys ...string) {
		presses += len(keys)
		p.press(keys...)
	}
	focused := func() string {
		return eval[string](p, `(e => e.getAttribute('aria-label') || e.textContent.trim())(document.activeElement)`)
	}

	press("Tab")
	if got := focused(); got != "Skip to the content" {
		t.Errorf("the first Tab leads to %q, want the link that skips the header", got)
	}
	press("Enter", "Tab", "Tab")
	if got := focused(); got != "Choose a picture" {
		t.Fatalf("the keyboard is on %q, want it on Choose a picture", got)
	}
	p.chooseBy(func() { press("Enter") }, p.file("me.png", sample(t, "astronaut.png")))
	p.framed()
	stage := p.query(`[data-part="stage"]`)
	if !stage.focused() {
		t.Error("the keyboard isn't on the stage when a picture was chosen")
	}
	role, name, description, _ := p.told(stage)
	if role != "application" || name != "Your picture in its frame" || !strings.Contains(description, "arrows") || !strings.Contains(description, "Ctrl+Enter") {
		t.Errorf("of the stage one is told %q %q %q", role, name, description)
	}
	press("+", "+", "ArrowUp", "f")
	p.settled()
	if said := p.said(); !strings.Contains(said, "Zoom") || !strings.Contains(said, "mirrored") {
		t.Errorf("after framing one is told %q", said)
	}
	if _, _, _, value := p.told(p.find("slider", "Zoom")); !strings.HasSuffix(value, "%") {
		t.Errorf("of the slider one is told %q, want a percentage", value)
	}
	framed := p.preview(120)
	press("Control+Enter")
	p.waitText("We read it back, and this is it.")
	alike(t, "what Graph received", s.received("employee"), framed)
	if got := focused(); got != "Saved" {
		t.Errorf("after saving the keyboard is on %q, want it on the heading Saved", got)
	}
	if said := p.said(); !strings.Contains(said, "Microsoft 365 has the new photo") {
		t.Errorf("after saving one is told %q", said)
	}
	if presses > 25 {
		t.Errorf("the main job took %d key presses, want at most 25", presses)
	}
	t.Logf("%d key presses", presses)
}

// TestEveryEye looks at the editor as people see it who need it otherwise: in
// forced colours, without motion, and with text twice as large, on a laptop and
// on a phone. Everything stays within the window and can be hit.
func TestEveryEye(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	p := newPage(t, look{})
	s.signIn(p, "/me/photo", "employee")
	p.dropSample("astronaut.png")
	phone := look{Width: 360, Height: 740, Touch: true}
	for _, tt := range []struct {
		name  string
		look  look
		large bool
	}{
		{"a laptop", look{}, false},
		{"a tablet", look{Width: 768, Height: 1024, Touch: true}, false},
		{"a phone", phone, false},
		{"the narrowest", look{Width: 320, Height: 640}, false},
		{"forced colours", look{Contrast: true}, false},
		{"no motion, dark", look{Still: true, Dark: true}, false},
		{"text twice as large", look{}, true},
		{"text twice as large on a phone", phone, true},
	} {
		p.emulate(tt.look, shared.browser.userAgent)
		px := int64(16)
		if tt.large {
			px = 32
		}
		call(p, cdppage.SetFontSizes, cdppage.SetFontSizesParams{FontSizes: &cdppage.FontSizes{Standard: px, Fixed: px}})
		p.settled() // colours change in 120 ms, and the picture is drawn in its new size
		p.fits(tt.name)
		p.uncut(tt.name)
		p.hittable(tt.name)
		p.accessible(tt.name)
		p.screenshot("eye-" + strings.ReplaceAll(tt.name, " ", "-"))
		p.screenshot("eye-" + strings.ReplaceAll(tt.name, " ", "-"))
		if tt.look.Still {
			if moving := eval[int](p, `document.getAnimations().length`); moving > 0 {
				t.Errorf("%d things move for who wants none to", moving)
			}
		}
	}
}
