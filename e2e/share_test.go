package e2e

import (
	"strings"
	"testing"
)

// TestSharingToPortrait does what a phone does with a picture that is shared to
// Portrait: a form is sent to /share. The service worker takes it, the page
// opens it, and the server never sees it. Who hasn't installed Portrait has no
// service worker: to them no phone offers it.
func TestSharingToPortrait(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	p := newPage(t, look{Width: 360, Height: 740, Touch: true})
	s.signIn(p, "/me/photo", "employee")
	p.idle()
	if n := eval[int](p, `navigator.serviceWorker.getRegistrations().then(all => all.length)`); n != 0 {
		t.Errorf("there are %d service workers before Portrait is installed, want none", n)
	}
	eval[bool](p, `dispatchEvent(new Event('appinstalled'))`)
	p.wait("the service worker is in charge", func() bool { return eval[bool](p, `navigator.serviceWorker.controller !== null`) })
	share := func() {
		eval[bool](p, `(() => {
			const canvas = document.createElement('canvas');
			canvas.width = canvas.height = 800;
			return new Promise(done => canvas.toBlob(blob => {
				const form = document.createElement('form');
				form.method = 'post'; form.action = '/share'; form.enctype = 'multipart/form-data';
				const field = document.createElement('input');
				field.type = 'file'; field.name = 'photo';
				const files = new DataTransfer();
				files.items.add(new File([blob], 'shared.png', { type: 'image/png' }));
				field.files = files.files;
				form.append(field);
				document.body.append(form);
				done(true);
				setTimeout(() => form.submit());
			}));
		})()`)
	}
	share()
	p.query(`[data-editor][data-state="framing"]`)
	if !strings.HasSuffix(p.url(), "/me/photo") {
		t.Errorf("the picture is opened at %s, want /me/photo", p.url())
	}
	p.click("button", "Cancel")
	p.reload()
	p.waitText("A new photo") // it is opened once
	p.idle()
	if state := eval[string](p, `document.querySelector('[data-editor]').dataset.state`); state != "empty" {
		t.Errorf("after loading again the editor is %s, want empty", state)
	}

	// Without a service worker the server gets it, doesn't read it and says so.
	p.open(s.URL + "/groups") // a page that doesn't register it again
	eval[bool](p, `navigator.serviceWorker.getRegistration('/').then(r => r.unregister())`)
	p.open(s.URL + "/groups")
	p.wait("no service worker is in charge", func() bool { return eval[bool](p, `navigator.serviceWorker.controller === null`) })
	share()
	p.waitText("Please choose the picture here once more.")
}
