package e2e

import (
	"bytes"
	"encoding/base64"
	"image"
	"image/jpeg"
	"net/http"
	"strings"
	"testing"
	"time"

	cdpbrowser "github.com/chromedp/cdproto/browser"

	"portrait/internal/demo"
)

// sample returns one of the demo's pictures to try.
func sample(t *testing.T, name string) []byte {
	t.Helper()
	raw, err := demo.Sample(name)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// received returns what Graph was last sent as this person's photo.
func (s *site) received(person string) image.Image {
	s.t.Helper()
	img, err := jpeg.Decode(bytes.NewReader(s.Tenant.Photo(s.persona(person).ID)))
	if err != nil {
		s.t.Fatalf("what Graph received isn't a JPEG: %v", err)
	}
	return img
}

// puts returns the photos that Graph was sent.
func (s *site) puts() []demo.Request {
	var puts []demo.Request
	for _, r := range s.Tenant.Requests() {
		if r.Method == http.MethodPut {
			puts = append(puts, r)
		}
	}
	return puts
}

// dropSample drops one of the demo's pictures onto the page and waits until it
// is framed.
func (p *page) dropSample(name string) {
	p.t.Helper()
	p.dropPicture(name, sample(p.t, name))
}

// dropPicture drops a picture onto the page and waits until it is framed: until
// the page has its first suggestion, for which it may look for a face.
func (p *page) dropPicture(name string, content []byte) {
	p.t.Helper()
	p.drop(p.middle(), p.file(name, content))
	p.framed()
}

// framed waits until a picture can be framed, has its first suggestion, and the
// page says what is known about it, which moves the buttons below.
func (p *page) framed() {
	p.t.Helper()
	p.wait("a picture can be framed", func() bool {
		return eval[bool](p, `document.querySelector('[data-editor]')?.dataset.state === 'framing'`)
	})
	p.wait("the page has looked for a face", func() bool {
		return !eval[bool](p, `document.querySelector('[data-editor]').hasAttribute('data-looking')`)
	})
	p.wait("the page says what is known about the picture", func() bool {
		return eval[bool](p, `(known => known !== '' && known !== JSON.parse(document.getElementById('words').textContent)['face-looking'])(
			document.querySelector('[data-part="facts"]').textContent)`)
	})
}

// middle is the middle of the window.
func (p *page) middle() point { return point{float64(p.look.Width) / 2, float64(p.look.Height) / 2} }

// save presses the button and waits until the photo was read back. On a busy
// machine Chromium takes a slow tap for a long press, which does nothing: then
// it is pressed once more, as a person would.
func (p *page) save() {
	p.t.Helper()
	begun := func() bool {
		return eval[string](p, `document.querySelector('[data-editor]').dataset.state`) != "framing"
	}
	p.click("button", "Save photo")
	for end := time.Now().Add(3 * time.Second); !begun() && time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
	}
	if p.look.Touch && !begun() {
		p.click("button", "Save photo")
	}
	p.waitText("We read it back, and this is it.")
}

// TestAnEmployeeSavesAPhonePhoto is the main job: sign in, drop the sideways
// photo of a phone, frame it by mouse and keyboard, save, see it.
func TestAnEmployeeSavesAPhonePhoto(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	p := newPage(t, look{})
	p.open(s.URL + "/")
	p.click("link", "Sign in with your work account")
	p.query(`button[value="employee"]`).click()
	p.waitText("This is your photo now")

	p.dropSample("sideways.jpg")
	p.waitText("Location data removed.")
	p.accessible("framing")
	p.screenshot("framing-light")
	stage := p.query(`[data-part="stage"]`)
	p.drag(stage.box().center(), stage.box().center().plus(0, 60))
	p.wheel(stage.box().center(), -240)
	stage.focus()
	p.press("ArrowLeft", "+", "ArrowDown")
	framed := p.preview(120)
	p.save()
	p.accessible("saved")
	p.screenshot("saved-light")

	puts := s.puts()
	if len(puts) != 1 {
		t.Fatalf("Graph was sent %d photos, want 1", len(puts))
	}
	if n := len(puts[0].Body); n > 100_000 {
		t.Errorf("Graph was sent %d bytes, want at most 100,000", n)
	}
	if bytes.Contains(puts[0].Body, []byte("Exif")) {
		t.Error("what Graph was sent has EXIF")
	}
	got := s.received("employee")
	if got.Bounds().Size() != image.Pt(648, 648) {
		t.Errorf("Graph was sent %v, want 648×648", got.Bounds().Size())
	}
	alike(t, "the phone photo", got, framed)
	shown := p.picture(p.query(`[data-part="result"]`))
	alike(t, "what the page shows", shown, framed)
}

// TestWaysToChoose goes through the button, the clipboard and dropping.
func TestWaysToChoose(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, tt := range []struct {
		name   string
		choose func(p *page)
	}{
		{"by the button", func(p *page) {
			p.choose(p.find("button", "Choose a picture"), p.file("me.png", sample(t, "transparent.png")))
		}},
		{"from the clipboard", func(p *page) { p.paste("me.webp", "image/webp", sample(t, "logo.webp")) }},
		{"by dropping", func(p *page) { p.drop(point{300, 700}, p.file("me.png", sample(t, "astronaut.png"))) }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := newPage(t, look{})
			s.signIn(p, "/me/photo", "employee")
			tt.choose(p)
			p.framed()
			framed := p.preview(120)
			p.save()
			alike(t, tt.name, s.received("employee"), framed)
		})
	}
}

// TestWrongFilesAreASentence drops what can't be framed; the page stays usable
// and sends nothing.
func TestWrongFilesAreASentence(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	p := newPage(t, look{})
	s.signIn(p, "/me/photo", "employee")
	phone := sample(t, "sideways.jpg")
	for _, tt := range []struct {
		name, file string
		content    []byte
		said       string
	}{
		{"text renamed .jpg", "notes.jpg", []byte("Dear helpdesk, here is my photo."), "isn't a picture"},
		{"zero bytes", "empty.jpg", nil, "is empty"},
		{"a truncated JPEG", "half.jpg", phone[:len(phone)/2], "damaged"},
		{"an SVG", "logo.svg", []byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`), "SVG"},
		{"a HEIC", "IMG_0001.HEIC", append([]byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"), make([]byte, 64)...), "HEIC"},
	} {
		p.drop(p.middle(), p.file(tt.file, tt.content))
		p.waitText(tt.said)
		p.accessible(tt.name)
	}
	p.dropSample("tiny.jpg")
	p.save()
	if got := len(s.puts()); got != 1 {
		t.Errorf("Graph was sent %d photos, want the last one alone", got)
	}
}

// TestWithoutScripts saves by the plain form.
func TestWithoutScripts(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	p := newPage(t, look{NoScript: true})
	p.open(s.URL + "/auth/sign-in?return_to=/me/photo")
	p.query(`button[value="employee"]`).click()
	p.fill(p.query(`input[type="file"]`), p.file("me.jpg", sample(t, "sideways.jpg")))
	p.click("button", "Save photo")
	p.waitText("Saved, and the location data was removed.")
	if got := s.received("employee").Bounds().Size(); got != image.Pt(648, 648) {
		t.Errorf("Graph was sent %v, want 648×648", got)
	}
}

// TestTroubleWhileSaving keeps the framed picture and offers to go on.
func TestTroubleWhileSaving(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		weather demo.Weather
		revoke  bool
		said    string
	}{
		{"Graph is down", demo.Weather{Down: true}, false, "Microsoft 365"},
		{"Graph takes 10 seconds", demo.Weather{Slow: slow, ReadDelay: -1}, false, "We read it back"},
		{"policy forbids", demo.Weather{Graph: []demo.Answer{{Method: "PUT", Status: 403, Code: "ForbiddenByPolicy", Message: "invalid_role"}}}, false, "organisation"},
		{"the sign-in was revoked", demo.Weather{}, true, "sign in again"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newSite(t)
			p := newPage(t, look{})
			p.expect(`status of (401|403|502|504)`)
			s.signIn(p, "/me/photo", "employee")
			p.dropSample("tiny.jpg")
			s.Tenant.Set(tt.weather)
			if tt.revoke {
				s.Tenant.RevokeTokens()
			}
			p.click("button", "Save photo")
			p.waitUpTo(3*patience, "the page says "+tt.said, func() bool { return strings.Contains(p.text(), tt.said) })
			p.accessible(tt.name)
			p.screenshot("trouble-" + strings.ReplaceAll(tt.name, " ", "-"))
		})
	}
}

// TestSlowReads is the usual case: Graph shows the old photo for a while after
// it has taken the new one.
func TestSlowReads(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	p := newPage(t, look{})
	s.signIn(p, "/me/photo", "employee")
	s.Tenant.Set(demo.Weather{}) // 2 seconds
	p.dropSample("tiles.png")
	p.save()
	if got := len(s.puts()); got != 1 {
		t.Errorf("Graph was sent %d photos, want 1", got)
	}
}

// TestRemovingAsksFirst removes the photo by the menu.
func TestRemovingAsksFirst(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	p := newPage(t, look{})
	s.signIn(p, "/me/photo", "employee")
	p.query(".photo__remove summary").click()
	p.waitText("Remove this photo?")
	p.accessible("removing")
	p.click("button", "Remove photo")
	p.waitText("The photo has been removed.")
	if s.Tenant.Photo(s.persona("employee").ID) != nil {
		t.Error("the tenant still has the photo")
	}
	p.accessible("removed")
}

// TestPreferences switches the language and the theme.
func TestPreferences(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	p := newPage(t, look{})
	p.open(s.URL + "/")
	p.click("button", "中文")
	p.waitText("使用工作帐户登录")
	p.click("button", "English")
	p.waitText("Sign in with your work account")
	dark := func() bool {
		return eval[string](p, `getComputedStyle(document.body.parentElement).colorScheme`) == "dark"
	}
	if dark() {
		t.Error("the page is dark for who prefers light")
	}
	p.click("button", "Switch between light and dark")
	p.wait("the page is dark", dark)
	p.reload()
	if !dark() {
		t.Error("the page has forgotten the theme")
	}
}

// TestEditorInEveryLook frames and saves as everybody sees it.
func TestEditorInEveryLook(t *testing.T) {
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
			s.signIn(p, "/me/photo", "employee")
			for _, camera := range []struct {
				says    string // the key of script.… that it says
				setting cdpbrowser.PermissionSetting
			}{{"camera-refused", cdpbrowser.PermissionSettingDenied}, {"camera-ready", cdpbrowser.PermissionSettingGranted}} {
				p.permit(camera.setting)
				p.query(`[data-do="camera"]`).click()
				p.wait(camera.says, func() bool {
					return eval[bool](p, `document.querySelector('[data-part="camera-words"]').textContent ===
						JSON.parse(document.getElementById('words').textContent)['`+camera.says+`'] && document.getAnimations().length === 0`) // colours are what they will be
				})
				see(camera.says)
				p.press("Escape")
			}
			p.dropSample("astronaut.png")
			for _, state := range []string{"framing", "saved"} {
				p.query(`[data-editor][data-state="` + state + `"]`)
				see(state)
				if state == "framing" {
					p.query(`[data-do="save"]`).click()
				}
			}
		})
	}
}

// TestWrongAndLargeFilesTakeLittleMemory sends to the program itself what the
// editor would never send: each gets a sentence, and it stays small.
func TestWrongAndLargeFilesTakeLittleMemory(t *testing.T) {
	s := newSite(t)
	p := newPage(t, look{})
	p.expect(`status of 4\d\d`)
	s.signIn(p, "/me/photo", "employee")
	for _, tt := range []struct {
		name, body string // a JavaScript expression
		status     int
	}{
		{"30 MB", `new Uint8Array(30e6).fill(255)`, http.StatusRequestEntityTooLarge},
		{"a header of 65500×65500", bytesOf(append([]byte{0xff, 0xd8, 0xff, 0xc2, 0, 17, 8, 0xff, 0xdc, 0xff, 0xdc, 3, 1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1}, make([]byte, 3000)...)), http.StatusRequestEntityTooLarge},
		{"half a phone photo", bytesOf(sample(t, "sideways.jpg")[:150_000]), http.StatusUnprocessableEntity},
		{"a whole phone photo", bytesOf(sample(t, "sideways.jpg")), http.StatusOK},
		{"a photo of 24 megapixels", bytesOf(sample(t, "large.jpg")), http.StatusOK},
	} {
		got := eval[int](p, `fetch('/me/photo/$value', {
			method: 'PUT', headers: {'X-CSRF-Token': document.querySelector('meta[name="csrf-token"]').content}, body: `+tt.body+`,
		}).then(response => response.status)`)
		if got != tt.status {
			t.Errorf("%s: answered %d, want %d", tt.name, got, tt.status)
		}
	}
	if got, limit := s.peakMemory(), int64(300<<20); got > limit {
		t.Errorf("the program had %d MB of memory, want at most %d", got>>20, limit>>20)
	} else {
		t.Logf("the program had at most %d MB of memory", got>>20)
	}
}

// bytesOf returns content as a JavaScript expression.
func bytesOf(content []byte) string {
	return `Uint8Array.from(atob("` + base64.StdEncoding.EncodeToString(content) + `"), c => c.charCodeAt(0))`
}
