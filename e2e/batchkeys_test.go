package e2e

import (
	"archive/zip"
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"portrait/internal/demo"
)

// zipOf returns a zip of pictures, by name.
func zipOf(t *testing.T, pictures map[string][]byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for name, picture := range pictures {
		part, err := w.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = part.Write(picture) // a Buffer never fails
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// upn is the user name of a persona.
func (s *site) upn(persona string) string {
	s.t.Helper()
	id := s.persona(persona).ID
	for _, p := range s.Tenant.People() {
		if p.ID == id {
			return p.UPN
		}
	}
	s.t.Fatalf("nobody is %s", persona)
	return ""
}

// tabTo presses Tab until the keyboard is on what has the name, as a person does
// who has no mouse.
func (p *page) tabTo(role, name string) {
	p.t.Helper()
	p.find(role, name).tabTo()
}

// tabTo is page.tabTo for an element.
func (e element) tabTo() {
	e.p.t.Helper()
	const most = 80
	for range most {
		if e.focused() {
			return
		}
		e.p.press("Tab")
	}
	e.p.t.Fatalf("%d times Tab don't lead to the %s", most, e.name)
}

// write presses the keys of text.
func (p *page) write(text string) {
	p.t.Helper()
	p.press(strings.Split(text, "")...)
}

// badgeZip is a zip of four pictures: three that say whose they are, and one that
// doesn't.
func (s *site) badgeZip() []byte {
	s.t.Helper()
	pictures := map[string][]byte{"IMG_0001.jpg": sample(s.t, "tiny.jpg")}
	for i, persona := range []string{"employee", "no-photo", "helpdesk"} {
		pictures[s.upn(persona)+".jpg"] = tinted(s.t, sample(s.t, "sideways.jpg"), i)
	}
	return zipOf(s.t, pictures)
}

// TestFramingInABatchInEveryLook opens the dialog over the wall.
func TestFramingInABatchInEveryLook(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	var wall string
	for _, l := range looks {
		t.Run(l.name, func(t *testing.T) {
			p := newPage(t, l.look)
			if wall == "" {
				s.newBatch(p)
				p.fill(p.query(`input[name="files"]`), p.file("badges.zip", s.badgeZip()))
				p.click("button", "Upload")
				p.waitText("3 to be changed")
				wall = strings.TrimPrefix(p.url(), s.URL)
			} else {
				s.signIn(p, wall, "helpdesk")
			}
			p.query("[data-frame]").click()
			p.wait("the picture can be framed", func() bool {
				return eval[bool](p, `document.querySelector('.framer input[type="range"]').matches(':enabled')`)
			})
			p.accessible("framing in a batch")
			p.fits("framing in a batch")
			p.screenshot("batch-framing-" + l.name)
		})
	}
}

// TestABatchByKeyboard goes from a zip to the report without a mouse: it
// corrects one match, frames one picture, runs and rolls back.
func TestABatchByKeyboard(t *testing.T) {
	t.Parallel()
	s := newSite(t, "PORTRAIT_GRAPH_SLOTS=1")
	p := newPage(t, look{})
	s.newBatch(p)
	p.accessible("an empty batch")
	field := p.query(`input[name="files"]`)
	field.tabTo()
	p.fill(field, p.file("badges.zip", s.badgeZip())) // the browser's own window for files comes next
	p.tabTo("button", "Upload")
	p.press("Enter")
	p.waitText("3 to be changed")
	p.accessible("the wall")

	p.tabTo("DisclosureTriangle", "Correct IMG_0001.jpg")
	p.press("Enter", "Tab")
	p.write(s.upn("owner"))
	p.press("Enter")
	p.waitText("4 to be changed")

	p.leaveOutByKeyboard()

	crop := p.query(`input[name="crop"]`).value()
	p.tabTo("button", "Frame "+s.upn("employee")+".jpg")
	p.press("Enter")
	p.wait("the picture can be framed", func() bool {
		return !eval[bool](p, `document.querySelector('.framer input[type="range"]').disabled`) && strings.Contains(p.query(`.framer [role="status"]`).text(), "Zoom")
	})
	p.accessible("framing a picture of a batch")
	p.screenshot("batch-frame")
	p.press("+", "+", "+", "ArrowLeft", "ArrowDown", "r")
	p.tabTo("button", "Use this square")
	p.press("Enter")
	p.wait("the dialog is closed, and the keyboard back", func() bool {
		return !eval[bool](p, `document.querySelector('dialog').open`) && p.find("button", "Frame "+s.upn("employee")+".jpg").focused()
	})
	p.reload()
	framed := eval[[]string](p, `[...document.querySelectorAll('input[name="crop"]')].map(e => e.value)`)
	if !strings.HasSuffix(strings.Join(framed, ""), " 90") {
		t.Errorf("the squares are %q, and were %q; want one that is turned", framed, crop)
	}

	s.Tenant.Set(demo.Weather{ReadDelay: -1, Slow: 700 * time.Millisecond})
	p.tabTo("button", "Start 4 changes")
	p.press("Enter")
	p.noteProgress()
	p.accessible("a running batch")
	const end = "4 changed, 0 skipped, 0 failed, of 4"
	p.waitUpTo(2*patience, "the report", func() bool { return strings.Contains(p.text(), end) && p.has("button", "Roll back") })
	p.accessible("the report")
	if n := len(s.puts()); n != 4 {
		t.Errorf("Graph was sent %d photos, want 4", n)
	}
	// The first is what the page came with, the last may be the end.
	if said := p.progress(); len(slices.DeleteFunc(said[1:], func(text string) bool { return text == end })) == 0 {
		t.Errorf("the page said %q without being loaded again, want it to tell the progress", said)
	}

	p.tabTo("textbox", "Put the photos back that were there, because of")
	p.press("w", "Enter")
	p.waitText("puts back the photos that were there")
	p.accessible("rolling back")
}

// leaveOutByKeyboard leaves out the second picture of the wall, of four that are
// all taken, and takes it again.
func (p *page) leaveOutByKeyboard() {
	p.t.Helper()
	p.query(`.batch__wall > li[tabindex="0"]`).tabTo() // the one that has just been corrected has the keyboard, once the script is there
	p.press("Home", "ArrowRight", " ")
	p.waitText("3 to be changed")
	p.find("button", "Start 3 changes")
	if !p.query(".batch__wall > li:nth-child(2).batch__item--off").focused() {
		p.t.Error("the keyboard isn't on the picture that was left out")
	}
	p.press(" ")
	p.waitText("4 to be changed")
}

// noteProgress makes the page of a running batch note what it says about that,
// as long as it isn't loaded again.
func (p *page) noteProgress() {
	p.t.Helper()
	p.waitUpTo(2*patience, "the batch runs", func() bool { return strings.Contains(p.text(), "You can close this page") })
	eval[bool](p, `(() => {
		const said = document.querySelector('[data-progress-text]');
		const noted = [said.textContent];
		sessionStorage.setItem('noted', JSON.stringify(noted));
		new MutationObserver(() => {
			noted.push(said.textContent);
			sessionStorage.setItem('noted', JSON.stringify(noted));
		}).observe(said, { childList: true, characterData: true, subtree: true });
		return true;
	})()`)
}

// progress returns the different things that were noted.
func (p *page) progress() []string {
	p.t.Helper()
	return slices.Compact(eval[[]string](p, `JSON.parse(sessionStorage.getItem('noted'))`))
}

// TestABatchByZipWithoutScripts does the same with forms alone.
func TestABatchByZipWithoutScripts(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	p := newPage(t, look{NoScript: true, Width: 360, Height: 740})
	s.newBatch(p)
	p.fill(p.query(`input[name="files"]`), p.file("badges.zip", s.badgeZip()))
	p.click("button", "Upload")
	p.waitText("4 pictures")
	p.fits("a batch with files")
	p.click("button", "Find the people")
	p.waitText("3 to be changed")
	p.fits("the wall")
	p.click("button", "Leave out "+s.upn("helpdesk")+".jpg for "+s.persona("helpdesk").Name)
	p.waitText("2 to be changed")
	p.click("button", "Start 2 changes")
	p.waitUpTo(2*patience, "the report, by loading again", func() bool {
		if p.has("link", "Show how far it is") {
			p.click("link", "Show how far it is")
		}
		return p.has("button", "Roll back")
	})
	p.waitText("2 changed, 0 skipped, 0 failed, of 2")
	if n := len(s.puts()); n != 2 {
		t.Errorf("Graph was sent %d photos, want 2", n)
	}
}
