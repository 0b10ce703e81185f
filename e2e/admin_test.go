package e2e

import (
	"bytes"
	"image/jpeg"
	"net/http"
	"strings"
	"testing"

	"portrait/internal/demo"
)

// allow goes through the provider's pages as the persona and grants what is
// asked for.
func (s *site) allow(p *page, persona string) {
	p.t.Helper()
	p.click("link", "Allow")
	p.query(`button[value="` + persona + `"]`).click()
	p.click("button", "Accept")
	p.wait("the provider sends the person back", func() bool { return strings.HasPrefix(p.url(), s.URL) })
}

// lastPut returns the last photo that Graph was sent.
func (s *site) lastPut() demo.Request {
	s.t.Helper()
	puts := s.puts()
	if len(puts) == 0 {
		s.t.Fatal("Graph was sent no photo")
	}
	return puts[len(puts)-1]
}

// TestAnOwnerSetsTheirGroupsPhoto begins at the door for owners.
func TestAnOwnerSetsTheirGroupsPhoto(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	p := newPage(t, look{})
	s.signIn(p, "/admin", "owner")
	p.accessible("admin")
	p.query(`a[href="/groups"].admin__door`).click()
	p.waitText("Portrait needs your permission")
	p.accessible("asking")
	s.allow(p, "owner")
	p.waitText("security groups")
	p.accessible("groups")
	p.query(".list__row").click()
	p.find("button", "Choose a picture")
	p.dropSample("transparent.png")
	p.accessible("framing a group's photo")
	framed := p.preview(120)
	p.save()
	put := s.lastPut()
	if !strings.HasPrefix(put.Path, "/v1.0/groups/") || put.TokenKind != "delegated" {
		t.Errorf("Graph was sent %s with a token of the kind %q", put.Path, put.TokenKind)
	}
	got, err := jpeg.Decode(bytes.NewReader(put.Body))
	if err != nil {
		t.Fatal(err)
	}
	alike(t, "the group's photo", got, framed)
}

// TestAContactInAFolder sets the photo of a contact of one's own.
func TestAContactInAFolder(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	p := newPage(t, look{})
	s.signIn(p, "/me/contacts", "owner")
	s.allow(p, "owner")
	p.click("link", "Suppliers")
	p.waitText("Back to Contacts")
	p.accessible("a folder")
	p.query(".list__row").click()
	p.find("button", "Choose a picture")
	p.accessible("a contact")
	p.dropSample("logo.webp")
	p.save()
	put := s.lastPut()
	if path := strings.ToLower(put.Path); !strings.HasPrefix(path, "/v1.0/me/contactfolders/") || put.TokenKind != "delegated" {
		t.Errorf("Graph was sent %s with a token of the kind %q", put.Path, put.TokenKind)
	}
}

// TestTheHelpdeskFindsMueller types what the keyboard has, and must say why.
func TestTheHelpdeskFindsMueller(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	p := newPage(t, look{})
	s.signIn(p, "/users", "helpdesk")
	p.accessible("people")
	p.press("/")
	if !p.query("#search").focused() {
		t.Error("/ doesn't lead to the search")
	}
	p.press("m", "u", "e", "l", "l", "e", "r")
	p.wait("only Müllers are left", func() bool {
		return eval[int](p, `document.querySelectorAll('.list__row').length`) == 2 && strings.Contains(p.text(), "Jörg Müller")
	})
	p.accessible("people found")
	p.press("ArrowDown", "Enter")
	p.find("button", "Choose a picture")
	p.dropSample("tiny.jpg")
	p.click("button", "Save photo")
	if reason := p.query("#editor-reason"); !reason.focused() {
		t.Error("saving without a reason doesn't lead to the field")
	} else {
		reason.focus()
	}
	if n := len(s.puts()); n != 0 {
		t.Fatalf("%d photos were sent without a reason", n)
	}
	p.press("T", "4", "7")
	p.save()
	put := s.lastPut()
	if !strings.HasPrefix(put.Path, "/v1.0/users/") || put.TokenKind != "app" {
		t.Errorf("Graph was sent %s with a token of the kind %q", put.Path, put.TokenKind)
	}
}

// TestAnEmployeeTypesAnotherPersonsAddress hears the same whether that person
// exists or not.
func TestAnEmployeeTypesAnotherPersonsAddress(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	p := newPage(t, look{})
	p.expect(`status of 403`)
	s.signIn(p, "/me/photo", "employee")
	var said []string
	for _, id := range []string{string(s.persona("owner").ID), "00000000-0000-4000-8000-000000000000"} {
		p.open(s.URL + "/users/" + id + "/photo")
		p.accessible("refused")
		reference := p.query("code").text()
		said = append(said, strings.ReplaceAll(p.text(), reference, ""))
	}
	if said[0] != said[1] {
		t.Errorf("of somebody who exists the page says\n%s\nof nobody\n%s", said[0], said[1])
	}
	for _, r := range s.Tenant.Requests() {
		if r.Method == http.MethodPut || strings.Contains(r.Path+string(r.Body), "/users/") { // the body is of a $batch
			t.Errorf("Graph was asked %s %s %s", r.Method, r.Path, r.Body)
		}
	}
}

// TestListsInEveryLook looks at the lists as everybody sees them.
func TestListsInEveryLook(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, l := range looks {
		t.Run(l.name, func(t *testing.T) {
			p := newPage(t, l.look)
			for path, state := range map[string]string{"/admin": "admin", "/users?q=mueller": "people", "/me/photo": "photo"} {
				s.signIn(p, path, "helpdesk")
				p.accessible(state)
				p.fits(state)
				p.screenshot(state + "-helpdesk-" + l.name)
			}
		})
	}
}
