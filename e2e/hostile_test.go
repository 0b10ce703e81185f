package e2e

import (
	"bytes"
	"encoding/base64"
	"image"
	"image/jpeg"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"portrait/internal/demo"
)

// hostile is text that runs as a script, or ends what it stands in, wherever it is
// taken for more than text.
var hostile = []string{
	`"><img src=x onerror=window.pwned=1>`,
	`'-(window.pwned=1)-'`,
	`</title></script></textarea></template><script>window.pwned=1</script>`,
	`javascript:window.pwned=1`,
	`<svg onload=window.pwned=1><!--`,
	`{{window.pwned=1}}\${window.pwned=1}`,
	"\u202e=HYPERLINK(1)\u2066<mark>",
}

// renamed calls everybody and everything by their own name and one of hostile.
func renamed() func(string) string {
	n := 0
	return func(name string) string {
		n++
		return strings.TrimSpace(name + " " + hostile[n%len(hostile)])
	}
}

// harmless opens a page, which must show one of hostile as text, and looks whether
// anything of it was taken for more. What the policy had to stop is seen by
// newPage.
func (p *page) harmless(address string) {
	p.t.Helper()
	p.open(address)
	p.stillHarmless(address)
}

func (p *page) stillHarmless(where string) {
	p.t.Helper()
	found := eval[string](p, `(() => {
		const odd = document.querySelectorAll('script:not([nonce]):not([src]):not([type="application/json"]), [onerror], [onload], [onclick], img[src="x"], mark, svg[onload], [href^="javascript:"], [src^="javascript:"], [style]');
		return (window.pwned ? 'a script ran; ' : '') + [...odd].map(e => e.outerHTML.slice(0, 120)).join('; ');
	})()`)
	if found != "" {
		p.t.Errorf("%s: %s", where, found)
	}
	if !strings.Contains(eval[string](p, `document.documentElement.outerHTML`), "pwned") {
		p.t.Errorf("%s shows nothing hostile", where)
	}
}

// TestSecurityHostileNames has everybody, every job, group, folder and contact
// called by what would run as a script, and goes through the pages of an owner
// and of the helpdesk.
func TestSecurityHostileNames(t *testing.T) {
	t.Parallel()
	s := newSiteWith(t, demo.Options{Addr: "127.0.0.1:0", Rename: renamed()}, program(t))
	s.Tenant.Consent("owner", "Group.ReadWrite.All", "Contacts.ReadWrite", "Contacts.ReadWrite.Shared", "User.ReadWrite")
	p := newPage(t, look{})
	s.signIn(p, "/me/photo", "owner")
	for _, wish := range []string{"groups", "contacts"} {
		p.open(s.URL + "/auth/sign-in?return_to=/admin&for=" + wish)
		s.through(p, "owner")
	}
	group := s.Tenant.Owned("owner")[3]
	folder := s.Tenant.Folders(s.persona("owner").ID)[1]
	contact := s.Tenant.Contacts(s.persona("owner").ID, true)[0]
	for _, path := range []string{
		"/me/photo", "/groups", "/groups/" + string(group.ID) + "/photo", "/me/contacts",
		"/me/contactfolders/" + url.PathEscape(string(folder.ID)) + "/contacts", "/me/contacts/" + url.PathEscape(string(contact.ID)) + "/photo",
	} {
		p.harmless(s.URL + path)
	}
	s.hostileDesk(t)
}

// through presses what the provider's pages ask for until it leads back.
func (s *site) through(p *page, persona string) {
	p.t.Helper()
	for range 3 {
		if strings.HasPrefix(p.url(), s.URL) {
			return
		}
		eval[bool](p, `(document.querySelector('button[value="`+persona+`"]') ?? document.querySelector('button[value="accept"]')).click() ?? true`)
		p.wait("the provider goes on", func() bool { return eval[string](p, `document.readyState`) == "complete" })
	}
}

// hostileDesk goes through the helpdesk's pages, with reasons, titles, files and a
// table that are hostile too.
func (s *site) hostileDesk(t *testing.T) {
	t.Helper()
	p := newPage(t, look{})
	s.signIn(p, "/me/photo", "helpdesk")
	employee := s.persona("employee")
	p.harmless(s.URL + "/users/" + string(employee.ID) + "/photo")
	if status := p.sends(http.MethodPut, "/users/"+string(employee.ID)+"/photo/$value", small(t), hostile[0]); status != http.StatusOK {
		t.Fatalf("a change for a hostile reason is answered %d", status)
	}
	for _, path := range []string{"/users?q=maya", "/users", "/audit", "/audit?for=" + string(employee.ID)} {
		p.harmless(s.URL + path)
	}
	p.open(s.URL + "/batches")
	p.fillIn(`input[name="title"]`, hostile[2])
	p.fillIn(`input[name="reason"]`, hostile[4])
	p.press("Enter")
	p.waitText("Drop a folder")
	p.stillHarmless("the empty batch")
	folder := t.TempDir()
	picture := small(t)
	paths := []string{filepath.Join(folder, "maya.lindqvist@skylark.example.jpg"), filepath.Join(folder, "people.csv")}
	for i, name := range hostile {
		if strings.Contains(name, "/") {
			continue // can be in no file's name
		}
		paths = append(paths, filepath.Join(folder, name+strconv.Itoa(i)+".jpg"))
	}
	for _, path := range paths {
		content := picture
		if strings.HasSuffix(path, ".csv") {
			content = []byte("file,user\r\n\"" + strings.ReplaceAll(hostile[0], `"`, `""`) + "0.jpg\",\"" + hostile[2] + "\"\r\n")
		}
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	p.dropAll(point{400, 400}, paths)
	p.wait("the files are on the wall", func() bool { return strings.Contains(p.text(), "to check") })
	p.stillHarmless("the wall")
	p.harmless(s.URL + "/batches")
}

// small returns a picture that takes no time.
func small(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 96, 96)), nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// sends makes the page send a picture for a reason, as the scripts do.
func (p *page) sends(method, path string, picture []byte, reason string) (status int) {
	p.t.Helper()
	eval[bool](p, `(() => { window.answered = 0; fetch(`+strconv.Quote(path)+`, { method: `+strconv.Quote(method)+`,
		headers: { 'X-CSRF-Token': document.querySelector('meta[name="csrf-token"]').content, 'X-Reason': encodeURIComponent(`+strconv.Quote(reason)+`) },
		body: Uint8Array.from(atob(`+strconv.Quote(base64.StdEncoding.EncodeToString(picture))+`), c => c.charCodeAt(0)) }).then(r => window.answered = r.status); return true })()`)
	p.wait("the change is answered", func() bool { return eval[int](p, `window.answered`) != 0 })
	return eval[int](p, `window.answered`)
}

// TestSecurityNothingAfterSignOut goes back after signing out: neither the page nor
// the photo is shown from what the browser has kept.
func TestSecurityNothingAfterSignOut(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	p := newPage(t, look{})
	s.signIn(p, "/me/photo", "employee")
	p.wait("the photo is shown", func() bool {
		return eval[bool](p, `[...document.images].some(i => i.src.includes('/photo') && i.complete && i.naturalWidth > 2)`)
	})
	address := p.url()
	eval[bool](p, `document.querySelector('form[action="/auth/sign-out"]').requestSubmit() ?? true`)
	p.wait("it is signed out", func() bool { return p.url() == s.URL+"/" && strings.Contains(p.text(), "Sign in") })
	p.expect(`.*`) // pictures that are asked for again are refused
	for range 2 {
		eval[bool](p, `history.back() ?? true`)
		p.wait("something is shown", func() bool { return eval[string](p, `document.readyState`) == "complete" })
		if strings.Contains(p.text(), "Maya Lindqvist") && strings.HasPrefix(p.url(), s.URL) {
			t.Errorf("going back shows %s: %.200s", p.url(), p.text())
		}
	}
	p.open(address)
	if strings.HasPrefix(p.url(), s.URL) {
		t.Errorf("the page's address ends on %s", p.url())
	}
	eval[bool](p, `true`)
	p.open(s.URL + "/me/photo/$value")
	if strings.Contains(p.text(), "sign in") == false && eval[int](p, `document.images.length`) > 0 {
		t.Errorf("the picture is shown from what was kept: %s", p.text())
	}
}
