package e2e

import "testing"

// looks are the ways in which the site's pages are looked at: each width, theme
// and language with the two others, but not all three in every combination. The
// gallery has every view in each of them.
var looks = []struct {
	name string
	look look
}{
	{"light", look{}},
	{"phone-dark", look{Width: 360, Height: 740, Touch: true, Dark: true}},
	{"phone-chinese", look{Width: 360, Height: 740, Touch: true, Language: "zh-CN"}},
	{"chinese-dark", look{Language: "zh-CN", Dark: true}},
}

// fits fails the test if the page has to be moved sideways to be seen.
func (p *page) fits(state string) {
	p.t.Helper()
	if wide := eval[int](p, `document.documentElement.scrollWidth - document.documentElement.clientWidth`); wide > 0 {
		p.t.Errorf("%s: the page is %d px wider than the window: %s", state, wide, eval[string](p, `[...document.querySelectorAll('body *')].filter(e =>
			e.getBoundingClientRect().right > document.documentElement.clientWidth).map(e => e.tagName + '.' + e.className).join(' ')`))
	}
}

// TestPagesInEveryLook looks at the pages that there are before a picture is
// chosen, as each person sees them.
func TestPagesInEveryLook(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, l := range looks {
		t.Run(l.name, func(t *testing.T) {
			p := newPage(t, l.look)
			see := func(state string) {
				p.accessible(state)
				p.fits(state)
				p.screenshot(state + "-" + l.name)
			}
			p.open(s.URL + "/")
			see("home")
			s.signIn(p, "/me/photo", "employee")
			p.waitText(s.persona("employee").Name)
			see("photo")
			p.expect(`status of 404`)
			p.open(s.URL + "/nowhere")
			see("not-found")
		})
	}
	if got, limit := s.peakMemory(), int64(300<<20); got > limit {
		t.Errorf("the program had %d MB of memory, want at most %d", got>>20, limit>>20)
	}
}
