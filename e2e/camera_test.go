package e2e

import (
	"strings"
	"testing"

	cdpbrowser "github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/target"
)

// permit lets or doesn't let pages of the site use the camera: "granted" or
// "denied".
func (p *page) permit(setting cdpbrowser.PermissionSetting) {
	p.t.Helper()
	window := call(p, target.GetTargetInfo, target.GetTargetInfoParams{}).TargetInfo.BrowserContextID
	call(p, cdpbrowser.SetPermission, cdpbrowser.SetPermissionParams{
		Permission: &cdpbrowser.PermissionDescriptor{Name: "camera"}, Setting: setting, BrowserContextID: window,
	})
}

// TestTheCamera takes a picture with Chromium's make-believe camera. It is on
// only while it is looked through, and somebody who doesn't let it on is told
// what to do.
func TestTheCamera(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	p := newPage(t, look{})
	s.signIn(p, "/me/photo", "employee")
	on := func() bool {
		return eval[bool](p, `document.querySelector('[data-part="camera-video"]').srcObject?.active === true`)
	}
	words := func(part string) {
		t.Helper()
		p.wait("the camera says "+part, func() bool {
			return strings.Contains(eval[string](p, `document.querySelector('[data-part="camera-words"]').textContent`), part)
		})
	}

	p.permit(cdpbrowser.PermissionSettingDenied)
	p.click("button", "Use the camera")
	words("didn't allow the camera")
	p.accessible("the camera is refused")

	p.permit(cdpbrowser.PermissionSettingGranted)
	p.click("button", "Try again")
	words("Put your face into the oval")
	if !on() {
		t.Error("the camera is off, want it on")
	}
	p.accessible("the camera is on")
	p.fits("the camera")
	p.screenshot("camera-light")
	eval[bool](p, `(window.seenStream = document.querySelector('[data-part="camera-video"]').srcObject) !== null`)
	p.press("Escape")
	p.wait("leaving turns the camera off", func() bool { return eval[bool](p, `!window.seenStream.active`) })

	p.click("button", "Use the camera")
	words("Put your face into the oval")
	p.click("button", "Take the picture")
	p.framed()
	if on() {
		t.Error("the camera is on after the picture was taken")
	}
	framed := p.preview(120)
	p.save()
	alike(t, "the picture of the camera", s.received("employee"), framed)
}
