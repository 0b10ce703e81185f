package main

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"portrait/internal/auth"
	"portrait/internal/demo"
	"portrait/internal/directory"
)

// place is one way to a photo: a path form, and who comes by it.
type place struct {
	name      string
	persona   string
	wishes    []string
	path      func(*testing.T, *testSite) string
	heading   func(*testSite) string
	kind      string // of the token that Graph sees with the change
	removable bool
}

// places has every path form, those of other mailboxes for both who may come.
func places() []place {
	myContact := func(t *testing.T, s *testSite) string {
		subject, err := directory.MyContact(s.contactIn(s.person("owner"), "Contacts").ID)
		return pathOf(t, subject, err)
	}
	myFolderContact := func(t *testing.T, s *testSite) string {
		subject, err := directory.MyFolderContact(s.folder(s.person("owner"), "Hangar").ID, s.contactIn(s.person("owner"), "Hangar").ID)
		return pathOf(t, subject, err)
	}
	userContact := func(t *testing.T, s *testSite) string {
		subject, err := directory.UserContact(s.user("crewdesk"), s.contactIn(s.user("crewdesk"), "Contacts").ID)
		return pathOf(t, subject, err)
	}
	userFolderContact := func(t *testing.T, s *testSite) string {
		subject, err := directory.UserFolderContact(s.user("crewdesk"), s.folder(s.user("crewdesk"), "Hotels").ID, s.contactIn(s.user("crewdesk"), "Hotels").ID)
		return pathOf(t, subject, err)
	}
	contact := func(who func(*testSite) directory.ID, folder string) func(*testSite) string {
		return func(s *testSite) string { return s.contactIn(who(s), folder).DisplayName }
	}
	owner := func(s *testSite) directory.ID { return s.person("owner") }
	desk := func(s *testSite) directory.ID { return s.user("crewdesk") }
	said := func(heading string) func(*testSite) string { return func(*testSite) string { return heading } }
	return []place{
		{"my photo", "employee", nil, func(*testing.T, *testSite) string { return "/me" }, said("Maya Lindqvist"), "delegated", true},
		{"my contact", "owner", []string{auth.ForContacts}, myContact, contact(owner, "Contacts"), "delegated", false},
		{"my contact in a folder", "owner", []string{auth.ForContacts}, myFolderContact, contact(owner, "Hangar"), "delegated", false},
		{"a group", "owner", []string{auth.ForGroups}, func(t *testing.T, s *testSite) string {
			return "/groups/" + string(s.group("Crew Choir").ID)
		}, said("Crew Choir"), "delegated", true},
		{"a team", "owner", []string{auth.ForTeams}, func(t *testing.T, s *testSite) string {
			return "/teams/" + string(s.group("Crew Planning").ID)
		}, said("Crew Planning"), "delegated", false},
		{"another user, for the helpdesk", "helpdesk", nil, func(t *testing.T, s *testSite) string {
			return "/users/" + string(s.person("employee"))
		}, said("Maya Lindqvist"), "app", true},
		{"a contact of a mailbox, for the helpdesk", "helpdesk", nil, userContact, contact(desk, "Contacts"), "app", false},
		{"a contact of a mailbox, for a delegate", "owner", []string{auth.ForShared}, userContact, contact(desk, "Contacts"), "delegated", false},
		{"a contact in a folder of a mailbox, for the helpdesk", "helpdesk", nil, userFolderContact, contact(desk, "Hotels"), "app", false},
		{"a contact in a folder of a mailbox, for a delegate", "owner", []string{auth.ForShared}, userFolderContact, contact(desk, "Hotels"), "delegated", false},
	}
}

// TestEveryPathForm goes all ways to a photo, each by every request that there
// is, and looks at what came to Graph.
func TestEveryPathForm(t *testing.T) {
	t.Parallel()
	picture := sample(t, "tiles.png") // drawing it takes a while
	for _, p := range places() {
		t.Run(p.name, func(t *testing.T) {
			s := newSite(t)
			v := &visit{place: p, browser: s.signedInFor(p.persona, p.wishes...), path: p.path(t, s)}
			if page := v.get(v.path + "/photo"); page.status != http.StatusOK || !strings.Contains(page.text(), p.heading(s)) {
				t.Fatalf("the page answers %d: %s", page.status, page.text())
			}
			v.needsReason(t)
			v.puts(t, picture)
			v.shows(t)
			v.posts(t)
			v.removes(t)
		})
	}
}

// visit is somebody at a place.
type visit struct {
	place
	*browser
	path string
}

// reason is the header and the field that the helpdesk needs.
func (v *visit) reason() (header, field []string) {
	if v.kind == "app" {
		return []string{"X-Reason", "Ticket%204711"}, []string{"reason", "Ticket 4711"}
	}
	return nil, nil
}

// changes returns the changes since n requests had come to Graph, each checked
// for its address and token.
func (v *visit) changes(t *testing.T, n int) []demo.Request {
	t.Helper()
	var changes []demo.Request
	for _, r := range v.since(n) {
		if r.Method == http.MethodGet || strings.HasSuffix(r.Path, "/$batch") {
			continue
		}
		changes = append(changes, r)
		// Graph's own spelling differs from ours in one name; ids are compared as they are.
		if got, want := strings.Replace(r.Path, "/contactFolders/", "/contactfolders/", 1), "/v1.0"+v.path+"/photo/$value"; got != want {
			t.Errorf("Graph was asked for a change at %s, want %s", got, want)
		}
		if r.TokenKind != v.kind {
			t.Errorf("the change came with the token %q, want %q", r.TokenKind, v.kind)
		}
	}
	return changes
}

// needsReason checks that where the app acts nothing is sent without a reason.
func (v *visit) needsReason(t *testing.T) {
	t.Helper()
	if v.kind != "app" {
		return
	}
	n, picture := v.asked(), sample(t, "tiny.jpg")
	for _, tt := range []struct {
		name string
		a    *answer
	}{
		{"PUT", v.putAt(v.path, picture)},
		{"PUT with an empty reason", v.putAt(v.path, picture, "X-Reason", "%20")},
		{"PUT with a reason that can't be read", v.putAt(v.path, picture, "X-Reason", "%ff%zz")},
		{"POST", v.postAt(v.path, picture)},
	} {
		if tt.a.status != http.StatusUnprocessableEntity || !strings.Contains(string(tt.a.body), "give a reason") {
			t.Errorf("%s without a reason: %d %s", tt.name, tt.a.status, tt.a.text())
		}
	}
	if changes := v.changes(t, n); len(changes) > 0 {
		t.Errorf("without a reason Graph was asked for %v", changes)
	}
}

func (v *visit) puts(t *testing.T, picture []byte) {
	t.Helper()
	n := v.asked()
	header, _ := v.reason()
	a := v.putAt(v.path, picture, header...)
	if a.status != http.StatusOK || a.json()["state"] != "confirmed" {
		t.Fatalf("PUT: %d %s", a.status, a.body)
	}
	changes := v.changes(t, n)
	if len(changes) != 1 || changes[0].Method != http.MethodPut || changes[0].Header.Get("Content-Type") != "image/jpeg" {
		t.Fatalf("PUT made of it %v, want one PUT of a JPEG", changes)
	}
	if side := decode(t, changes[0].Body).Bounds().Dx(); side != 648 {
		t.Errorf("a picture of %d pixels was sent, want 648", side)
	}
}

// shows checks the picture as it is, whole and in Graph's sizes.
func (v *visit) shows(t *testing.T) {
	t.Helper()
	for path, side := range map[string]int{"/photo/$value": 648, "/photos/648x648/$value": 648, "/photos/96x96/$value": 96, "/photos/48x48/$value": 48} {
		a := v.get(v.path + path)
		if a.status != http.StatusOK || a.header.Get("Content-Type") != "image/jpeg" {
			t.Errorf("%s answers %d %s: %.200s", path, a.status, a.header.Get("Content-Type"), a.body)
			continue
		}
		if got := decode(t, a.body).Bounds().Dx(); got != side {
			t.Errorf("%s is %d pixels wide, want %d", path, got, side)
		}
	}
	if a := v.get(v.path + "/photos/97x97/$value"); a.status != http.StatusNotFound {
		t.Errorf("a size that Graph hasn't got answers %d, want 404", a.status)
	}
}

func (v *visit) posts(t *testing.T) {
	t.Helper()
	n := v.asked()
	_, field := v.reason()
	a := v.postAt(v.path, sample(t, "tiny.jpg"), field...)
	if a.status != http.StatusOK || a.url.EscapedPath() != v.path+"/photo" || !strings.Contains(a.text(), "Saved.") {
		t.Errorf("the form ended on %d %s: %s", a.status, a.url, a.text())
	}
	if changes := v.changes(t, n); len(changes) != 1 || changes[0].Method != http.MethodPut || changes[0].Header.Get("Content-Type") != "image/jpeg" {
		t.Errorf("the form made of it %v, want one PUT of a JPEG", changes)
	}
}

// removes checks both ways to remove a photo, or that both are refused with the
// reason.
func (v *visit) removes(t *testing.T) {
	t.Helper()
	header, field := v.reason()
	header = append(header, "X-CSRF-Token", v.token)
	for _, way := range []struct {
		name   string
		status int
		send   func() *answer
	}{
		{"DELETE", http.StatusNoContent, func() *answer { return v.do(http.MethodDelete, v.path+"/photo/$value", nil, header...) }},
		{"the form that removes", http.StatusOK, func() *answer { return v.submit(v.path+"/photo/remove", field...) }},
	} {
		n := v.asked()
		a := way.send()
		changes := v.changes(t, n)
		if !v.removable {
			if a.status != http.StatusMethodNotAllowed || !strings.Contains(string(a.body), "remove the photo of a contact or a team") || len(changes) > 0 {
				t.Errorf("%s: %d %s, and Graph was asked for %v; want an honest 405", way.name, a.status, a.text(), changes)
			}
			continue
		}
		if a.status != way.status || len(changes) != 1 || changes[0].Method != http.MethodDelete {
			t.Errorf("%s: %d %s, and Graph was asked for %v; want one DELETE", way.name, a.status, a.text(), changes)
		}
		if gone := v.get(v.path + "/photo/$value"); gone.status != http.StatusNotFound {
			t.Errorf("after %s the picture answers %d, want 404", way.name, gone.status)
		}
	}
}

// TestSecurityTheHelpdeskIsNobodySpecialInGroups holds that the app's token doesn't
// reach groups and teams for anybody.
func TestSecurityTheHelpdeskIsNobodySpecialInGroups(t *testing.T) {
	s := newSite(t)
	b := s.signedInFor("helpdesk", auth.ForGroups, auth.ForTeams)
	for _, kind := range []string{"groups", "teams"} {
		path := fmt.Sprintf("/%s/%s", kind, s.group("Crew Planning").ID)
		page := b.get(path + "/photo")
		if page.status != http.StatusOK || page.find(`form[action="`+path+`/photo"]`) != nil {
			t.Errorf("the page of %s answers %d, with an editor or not: %s", kind, page.status, page.text())
		}
		a := b.putAt(path, sample(t, "tiny.jpg"), "X-Reason", "because")
		if a.status != http.StatusForbidden || !strings.Contains(a.detail(), "owner") {
			t.Errorf("PUT for %s: %d %s", kind, a.status, a.body)
		}
	}
	for _, w := range s.writes() {
		if w.TokenKind != "delegated" || w.Status != http.StatusForbidden {
			t.Errorf("%s came with the token %q and was answered %d", w.Path, w.TokenKind, w.Status)
		}
	}
}
