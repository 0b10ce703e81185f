package e2e

import (
	"bytes"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"

	"portrait/internal/demo"
)

// TestAPhotoThatWaitsIsSentByItself saves while Microsoft 365 is busy for longer
// than a request waits, and closes the page.
func TestAPhotoThatWaitsIsSentByItself(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	p := newPage(t, look{})
	s.signIn(p, "/me/photo", "employee")
	p.dropSample("sideways.jpg")
	framed := p.preview(120)
	s.Tenant.Set(demo.Weather{ReadDelay: -1, Throttle: 30 * time.Second})
	p.click("button", "Save photo")
	p.waitText("Microsoft 365 is busy")
	p.open(s.URL + "/me/photo")
	p.waitText("Your picture is safe")
	p.waitText("Saving by itself in")
	p.accessible("waiting")
	p.screenshot("draft-waiting")
	kept := p.picture(p.query(".draft__image"))
	alike(t, "the kept picture", kept, framed)
	s.Tenant.Set(demo.Weather{ReadDelay: -1})
	p.click("button", "Save it now")
	p.waitText("Saved")
	alike(t, "what was saved after all", s.received("employee"), framed)
	if n := len(s.accepted()); n != 1 {
		t.Errorf("%d photos were taken, want 1", n)
	}
}

// TestARevokedTokenComesBackToTheSameCrop revokes every token between framing and
// saving.
func TestARevokedTokenComesBackToTheSameCrop(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	p := newPage(t, look{Width: 360, Height: 740, Touch: true})
	s.signIn(p, "/me/photo", "employee")
	p.dropSample("sideways.jpg")
	framed := p.preview(120)
	s.Tenant.RevokeTokens()
	p.expect(`status of 401`)
	p.click("button", "Save photo")
	p.waitText("Your picture is kept, framed as it is now")
	p.screenshot("signed-out-phone")
	p.click("link", "Sign in again")
	s.choosePersona(p, "employee")
	p.waitText("Your picture is safe")
	p.screenshot("draft-kept-phone")
	p.click("button", "Save it now")
	p.waitText("Saved")
	alike(t, "what was saved", s.received("employee"), framed)
}

// TestTheBrowserKeepsTheCropOfASessionThatEnded deletes the session before the
// server gets the photo; nobody else sees it.
func TestTheBrowserKeepsTheCropOfASessionThatEnded(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	p := newPage(t, look{Language: "zh-CN"})
	s.signIn(p, "/me/photo", "employee")
	p.drop(p.middle(), p.file("sideways.jpg", sample(t, "sideways.jpg")))
	p.find("button", "保存照片")
	framed := p.preview(120)
	p.dropCookies()
	p.expect(`status of 401`)
	p.click("button", "保存照片")
	p.waitText("您的图片已按现在的裁剪保留")
	p.open(s.URL + "/auth/sign-in?return_to=/me/photo")
	s.choosePersona(p, "employee")
	p.waitText("在您退出登录期间")
	p.accessible("kept by the browser")
	p.screenshot("kept-chinese")
	kept := p.picture(p.query(`[data-part="kept-image"]`))
	alike(t, "what the browser kept", kept, framed)
	p.click("button", "立即保存")
	p.waitText("已保存")
	alike(t, "what was saved", s.received("employee"), framed)
}

// TestABrowserThatKeepsNothingSaysSo takes the browser's database away: nothing
// is promised then.
func TestABrowserThatKeepsNothingSaysSo(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	p := newPage(t, look{})
	s.signIn(p, "/me/photo", "employee")
	p.dropSample("sideways.jpg")
	eval[bool](p, `(IDBFactory.prototype.open = () => { throw new Error('no room') }, true)`)
	p.dropCookies()
	p.expect(`status of 401`)
	p.click("button", "Save photo")
	p.waitText("This browser can't keep the picture")
	if strings.Contains(p.text(), "is kept") {
		t.Error("the page says that the picture is kept")
	}
	p.accessible("nothing is kept")
	p.screenshot("not-kept")
}

// TestTwoPeopleOneBrowser signs somebody else in where a photo is kept.
func TestTwoPeopleOneBrowser(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	p := newPage(t, look{})
	s.signIn(p, "/me/photo", "employee")
	p.dropSample("sideways.jpg")
	p.dropCookies()
	p.expect(`status of 401`)
	p.click("button", "Save photo")
	p.waitText("Your picture is kept")
	p.open(s.URL + "/auth/sign-in?return_to=/me/photo")
	s.choosePersona(p, "owner")
	p.find("button", "Choose a picture")
	p.wait("what was kept is gone", func() bool { return p.inVault() == 0 })
	if eval[bool](p, `document.querySelector('[data-part="kept-card"]') !== null`) {
		t.Error("somebody else's picture is offered")
	}
}

// TestUndoAndHistory saves twice, undoes, and deletes what was kept.
func TestUndoAndHistory(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	before := s.Tenant.Photo(s.persona("employee").ID)
	p := newPage(t, look{})
	s.signIn(p, "/me/photo", "employee")
	p.dropSample("sideways.jpg")
	p.save()
	p.click("button", "Undo")
	p.waitText("The earlier photo is back.")
	if !bytes.Equal(s.Tenant.Photo(s.persona("employee").ID), before) {
		t.Error("undoing didn't bring back the very photo that was there")
	}
	p.query("#history > summary").click()
	p.waitText("Kept in case you want one back.")
	p.accessible("history")
	p.screenshot("history-light")
	p.query(".history__all > summary").click()
	p.click("button", "Delete all")
	p.waitText("Deleted.")
	if eval[bool](p, `document.querySelector('#history') !== null`) {
		t.Error("what was deleted is still there")
	}
}

// TestThePersonIsTold has the helpdesk change somebody's photo, who sees it and
// undoes it.
func TestThePersonIsTold(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	whose := s.persona("employee").ID
	before := s.Tenant.Photo(whose)
	desk := newPage(t, look{})
	s.signIn(desk, "/users/"+string(whose)+"/photo", "helpdesk")
	desk.dropSample("astronaut.png")
	desk.fillIn(`[data-part="reason"]`, "new badge, ticket 4711")
	desk.save()
	p := newPage(t, look{Dark: true, Width: 360, Height: 740, Touch: true})
	s.signIn(p, "/me/photo", "employee")
	p.waitText("The helpdesk changed your photo")
	p.accessible("told")
	p.screenshot("told-dark-phone")
	p.query(".told button").click()
	p.waitText("The earlier photo is back.")
	if !bytes.Equal(s.Tenant.Photo(whose), before) {
		t.Error("undoing didn't bring back the very photo that was there")
	}
}

// TestStaleReadsAreOnTheirWay saves while Microsoft 365 hands out old photos.
func TestStaleReadsAreOnTheirWay(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.Tenant.Set(demo.Weather{ReadDelay: time.Hour})
	p := newPage(t, look{})
	s.signIn(p, "/me/photo", "employee")
	p.dropSample("sideways.jpg")
	p.click("button", "Save photo")
	p.waitUpTo(time.Minute, "the page says that it takes a while", func() bool { return strings.Contains(p.text(), "It doesn't show it everywhere yet") })
	p.open(s.URL + "/me/photo")
	p.waitText("is still passing it on")
	p.screenshot("draft-on-its-way")
	if n := len(s.puts()); n != 1 {
		t.Errorf("%d photos were sent, want 1", n)
	}
}

// accepted returns the photos that Graph was sent and took.
func (s *site) accepted() []demo.Request {
	var taken []demo.Request
	for _, r := range s.puts() {
		if r.Status == http.StatusOK || r.Status == http.StatusNoContent {
			taken = append(taken, r)
		}
	}
	return taken
}

// choosePersona goes on from the provider's page as the persona with the key.
func (s *site) choosePersona(p *page, persona string) {
	p.t.Helper()
	p.query(`button[value="` + persona + `"]`).click()
	p.wait("the provider sends the person back", func() bool { return strings.HasPrefix(p.url(), s.URL) })
}

// fillIn writes text into a field, as a person's keyboard would in the end.
func (p *page) fillIn(selector, text string) {
	p.t.Helper()
	field := p.query(selector)
	field.focus()
	on[bool](field, `function(text) { this.value = text; this.dispatchEvent(new Event('input', { bubbles: true })); return true }`, text)
}

// dropCookies ends every session of the browser.
func (p *page) dropCookies() {
	p.t.Helper()
	call(p, network.ClearBrowserCookies, cdp.Empty{})
}

// inVault returns how many photos the browser keeps.
func (p *page) inVault() int {
	p.t.Helper()
	return eval[int](p, `indexedDB.databases().then(all => all.length > 0 && new Promise(done => {
		const opening = indexedDB.open('portrait');
		opening.onsuccess = () => {
			const db = opening.result;
			const count = db.transaction('crops').objectStore('crops').count();
			count.onsuccess = () => { db.close(); done(count.result) };
		};
	})).then(Number)`)
}
