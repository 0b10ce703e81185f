package main

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"portrait/internal/auth"
	"portrait/internal/demo"
)

// ownToken finds the token for forms, which is written in another way each time.
const ownToken = `csrf-token" content="[\w-]*"|csrf_token" value="[\w-]*"`

// ownWords finds what is another in every answer: the token, ids, nonces, and the
// address that was asked for, where the forms for language and theme come back to.
var ownWords = regexp.MustCompile(ownToken + `|[A-Z2-7]{26}|nonce="[^"]*"|/users/[^"&<]*`)

// TestSecurityOtherPeopleAreNobodysBusiness holds that who isn't of the helpdesk hears
// the same whether a person exists or not, and that nobody is looked up for it.
func TestSecurityOtherPeopleAreNobodysBusiness(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.signedIn("employee")
	picture := sample(t, "tiny.jpg")
	for _, tt := range []struct {
		name string
		ask  func(path string) *answer
	}{
		{"the page", func(path string) *answer { return b.get(path + "/photo") }},
		{"the picture", func(path string) *answer { return b.get(path + "/photo/$value") }},
		{"a size of it", func(path string) *answer { return b.get(path + "/photos/96x96/$value") }},
		{"PUT", func(path string) *answer { return b.putAt(path, picture, "X-Reason", "because") }},
		{"DELETE", func(path string) *answer {
			return b.do(http.MethodDelete, path+"/photo/$value", nil, "X-CSRF-Token", b.token, "X-Reason", "because")
		}},
		{"the form", func(path string) *answer { return b.postAt(path, picture, "reason", "because") }},
		{"the form that removes", func(path string) *answer { return b.submit(path+"/photo/remove", "reason", "because") }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			n := s.asked()
			there := tt.ask("/users/" + string(s.person("owner")))
			want := ownWords.ReplaceAllString(string(there.body), "")
			if there.status != http.StatusForbidden || !strings.Contains(want, "Only the helpdesk") {
				t.Fatalf("answered %d: %s", there.status, there.text())
			}
			for _, absent := range []string{
				"/users/00000000-0000-4000-8000-00000000dead", "/users/nobody@skylark.example", "/users/petr.kovar@skylark.example",
				"/users/yuki.tanabe_harbour.example%23EXT%23@skylark.example", "/users/" + strings.ToUpper(string(s.person("owner"))),
			} {
				// A name might be their own; whose it is can't be asked for by everybody, so it isn't.
				a := tt.ask(absent)
				if a.status != there.status || ownWords.ReplaceAllString(string(a.body), "") != want {
					t.Errorf("%s answers %d: %s\nwant as for those who exist: %s", absent, a.status, a.text(), there.text())
				}
			}
			if asked := s.since(n); len(asked) > 0 {
				t.Errorf("Graph was asked for %v", asked)
			}
		})
	}
	for _, path := range []string{"/users?q=maya", "/users"} {
		if a := b.get(path); a.status != http.StatusForbidden {
			t.Errorf("%s answers %d, want 403", path, a.status)
		}
	}
}

// TestSecurityNoSpellingWalksRoundAProtectedPerson holds that the decision is about the
// id that Graph answers, whatever stands in the address.
func TestSecurityNoSpellingWalksRoundAProtectedPerson(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.signedIn("helpdesk")
	admin := string(s.user("anders.holm"))
	for _, tt := range []struct{ name, who string }{
		{"the id", admin},
		{"the id in capitals", strings.ToUpper(admin)},
		{"the name", "anders.holm@skylark.example"},
		{"the name in capitals", "ANDERS.HOLM@SKYLARK.EXAMPLE"},
		{"the name, escaped", "anders%2Eholm%40skylark.example"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path := "/users/" + tt.who
			for what, a := range map[string]*answer{
				"PUT":    b.putAt(path, sample(t, "tiny.jpg"), "X-Reason", "because"),
				"DELETE": b.do(http.MethodDelete, path+"/photo/$value", nil, "X-CSRF-Token", b.token, "X-Reason", "because"),
				"POST":   b.postAt(path, sample(t, "tiny.jpg"), "reason", "because"),
			} {
				if a.status != http.StatusForbidden || !strings.Contains(string(a.body), "protected") {
					t.Errorf("%s answers %d: %s", what, a.status, a.text())
				}
			}
			page := b.get(path + "/photo")
			if page.status != http.StatusOK || !strings.EqualFold(page.url.Path, "/users/"+admin+"/photo") || !strings.Contains(page.text(), "protected") {
				t.Errorf("the page ends on %d %s: %s", page.status, page.url, page.text())
			}
		})
	}
	// An invited administrator has # in the name.
	s.tenant.SetDirectoryRoles(s.person("guest"), demo.DirectoryRole{Template: "62e90394-69f5-4237-9190-012177145e10", Name: "Global Administrator"})
	plain := b.putAt("/users/"+string(s.person("guest")), sample(t, "tiny.jpg"), "X-Reason", "because")
	for _, name := range []string{"yuki.tanabe_harbour.example%23EXT%23@skylark.example", "YUKI.TANABE_harbour.example%23ext%23@skylark.example"} {
		a := b.putAt("/users/"+name, sample(t, "tiny.jpg"), "X-Reason", "because")
		if a.status != http.StatusForbidden || a.status != plain.status || a.detail() != plain.detail() {
			t.Errorf("%s answers %d %q, by id %d %q", name, a.status, a.detail(), plain.status, plain.detail())
		}
		if page := b.get("/users/" + name + "/photo"); page.url.Path != "/users/"+string(s.person("guest"))+"/photo" {
			t.Errorf("the page of %s ends on %s", name, page.url)
		}
	}
	if w := s.writes(); len(w) > 0 {
		t.Errorf("Graph was asked for %v", w)
	}
}

// TestSecurityOwnershipTakenAwayBeforeTheSave holds that Graph's answer at the save
// counts, whatever the page said.
func TestSecurityOwnershipTakenAwayBeforeTheSave(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.signedInFor("owner", auth.ForGroups)
	choir := s.group("Crew Choir")
	path := "/groups/" + string(choir.ID)
	if page := b.get(path + "/photo"); page.find(`form[action="`+path+`/photo"]`) == nil {
		t.Fatalf("the owner's page has no editor: %s", page.text())
	}
	before := b.get(path + "/photo/$value").body
	s.tenant.SetOwners(choir.ID, s.person("employee"))
	put := b.putAt(path, sample(t, "tiny.jpg"))
	if put.status != http.StatusForbidden || !strings.Contains(put.detail(), "Only an owner") || put.json()["state"] != nil {
		t.Errorf("PUT answers %d: %s", put.status, put.body)
	}
	post := b.postAt(path, sample(t, "tiny.jpg"))
	if post.status != http.StatusForbidden || !strings.Contains(post.text(), "Only an owner") || strings.Contains(post.text(), "Saved") {
		t.Errorf("the form answers %d: %s", post.status, post.text())
	}
	remove := b.submit(path + "/photo/remove")
	if remove.status != http.StatusForbidden || !strings.Contains(remove.text(), "Only an owner") {
		t.Errorf("removing answers %d: %s", remove.status, remove.text())
	}
	page := b.get(path + "/photo")
	if strings.Contains(page.text(), "Saved") || !strings.Contains(page.text(), "Only an owner") || page.find(`form[action="`+path+`/photo"]`) != nil {
		t.Errorf("the page afterwards: %s", page.text())
	}
	if after := b.get(path + "/photo/$value").body; string(after) != string(before) {
		t.Error("the picture is another one")
	}
}

// TestWhyNot goes to photos that can't be changed, and reads why.
func TestWhyNot(t *testing.T) {
	t.Parallel()
	user := func(name string) func(*testSite) string {
		return func(s *testSite) string { return "/users/" + string(s.user(name)) }
	}
	me := func(*testSite) string { return "/me" }
	for _, tt := range []struct {
		name    string
		persona string
		wishes  []string
		set     func(*testSite)
		path    func(*testSite) string
		page    string // what the page says before anything is tried; "" = it has an editor
		status  int
		said    string // what the save says
	}{
		{"photos come from the organisation's directory", "employee", nil,
			func(s *testSite) { s.tenant.SetPolicy("onPremises") }, me, "own directory", 403, "own directory"},
		{"the same for the helpdesk", "helpdesk", nil,
			func(s *testSite) { s.tenant.SetPolicy("onPremises") }, user("maya.lindqvist"), "own directory", 403, "own directory"},
		{"only some roles may", "employee", nil,
			func(s *testSite) { s.tenant.SetPolicy("cloud", "fe930be7-5e62-47db-91af-98c3a49a38b1") }, me, "", 403, "switched off"},
		{"the same for the helpdesk, which doesn't go round it", "helpdesk", nil,
			func(s *testSite) { s.tenant.SetPolicy("cloud", "fe930be7-5e62-47db-91af-98c3a49a38b1") }, user("maya.lindqvist"), "certain administrators", 403, "certain administrators"},
		{"a rule that can't be read", "employee", nil, func(s *testSite) {
			s.tenant.SetPolicy("onPremises")
			s.tenant.SetAppPermissions("ProfilePhoto.ReadWrite.All", "User.Read.All")
		}, me, "", 403, "switched off"},
		{"a guest", "guest", nil, func(*testSite) {}, me, "Guests", 403, "Guests"},
		{"a guest, for the helpdesk", "helpdesk", nil, func(*testSite) {}, user("yuki.tanabe_harbour.example#EXT#"), "Guests", 403, "Guests"},
		{"a mailbox on a server of their own", "helpdesk", nil, func(*testSite) {}, user("bruno.castellani"), "", 403, "own servers"},
		{"a mailbox for bookings", "helpdesk", nil, func(*testSite) {}, user("lounge"), "", 502, "bookings"},
		{"a group that is being made", "owner", []string{auth.ForGroups}, func(s *testSite) {
			s.tenant.Provision(s.group("Crew Choir").ID, time.Hour)
		}, func(s *testSite) string { return "/groups/" + string(s.group("Crew Choir").ID) }, "still setting this up", 404, "still setting this up"},
		{"a security group", "owner", []string{auth.ForGroups}, func(*testSite) {},
			func(s *testSite) string { return "/groups/" + string(s.group("Roster Editors").ID) }, "Security groups", 0, ""},
		{"a group of others", "owner", []string{auth.ForGroups}, func(*testSite) {},
			func(s *testSite) string { return "/groups/" + string(s.group("Hangar Two").ID) }, "Only an owner", 403, "Only an owner"},
		{"roles that can't be read", "helpdesk", nil, func(s *testSite) {
			s.tenant.SetAppPermissions("ProfilePhoto.ReadWrite.All", "User.Read.All")
		}, user("maya.lindqvist"), "Directory.Read.All", 403, "Directory.Read.All"},
		{"a permission that the app lacks", "helpdesk", nil, func(s *testSite) {
			s.tenant.SetAppPermissions("ProfilePhoto.Read.All", "User.Read.All", "Directory.Read.All")
		}, user("maya.lindqvist"), "", 403, "allow"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newSite(t)
			tt.set(s)
			b, path := s.signedInFor(tt.persona, tt.wishes...), tt.path(s)
			page := b.get(path + "/photo")
			editor := page.find(`form[action="`+path+`/photo"]`) != nil
			if page.status != http.StatusOK || editor != (tt.page == "") || !strings.Contains(page.text(), tt.page) {
				t.Errorf("the page answers %d, editor %v: %s\nwant %q", page.status, editor, page.text(), tt.page)
			}
			put := b.putAt(path, sample(t, "tiny.jpg"), "X-Reason", "because")
			if tt.status != 0 && put.status != tt.status || put.status < 400 || !strings.Contains(put.detail(), tt.said) {
				t.Errorf("PUT answers %d %s, want %d %q", put.status, put.body, tt.status, tt.said)
			}
			post := b.postAt(path, sample(t, "tiny.jpg"), "reason", "because")
			if post.status != put.status || !strings.Contains(post.text(), tt.said) || strings.Contains(post.text(), "Saved") {
				t.Errorf("the form answers %d: %s", post.status, post.text())
			}
		})
	}
}

// TestSavedInTheDirectoryOnly is about accounts without a mailbox, whose photo
// Outlook may not show.
func TestSavedInTheDirectoryOnly(t *testing.T) {
	s := newSite(t)
	for _, tt := range []struct{ persona, path string }{
		{"no-mailbox", "/me"}, {"helpdesk", "/users/" + string(s.person("no-mailbox"))},
	} {
		b := s.signedIn(tt.persona)
		if put := b.putAt(tt.path, sample(t, "tiny.jpg"), "X-Reason", "because"); put.status != http.StatusOK || put.json()["directoryOnly"] != true {
			t.Errorf("%s: PUT answers %d %s", tt.persona, put.status, put.body)
		}
		if post := b.postAt(tt.path, sample(t, "tiny.jpg"), "reason", "because"); !strings.Contains(post.text(), "Saved in the directory only; Outlook may not show it") {
			t.Errorf("%s: the form ends on %d: %s", tt.persona, post.status, post.text())
		}
	}
}

// TestSecurityTheHelpdeskRoleHolds looks at what the helpdesk may before and after it
// loses its role. Within a session the role is read anew after five minutes:
// internal/auth has a test with a clock for that.
func TestSecurityTheHelpdeskRoleHolds(t *testing.T) {
	s := newSite(t)
	b := s.signedIn("helpdesk")
	path := "/users/" + string(s.person("employee"))
	if a := b.putAt(path, sample(t, "tiny.jpg"), "X-Reason", "because"); a.status != http.StatusOK {
		t.Fatalf("with the role: %d %s", a.status, a.body)
	}
	s.tenant.RevokeRole("helpdesk")
	again := s.signedIn("helpdesk")
	if a := again.putAt(path, sample(t, "tiny.jpg"), "X-Reason", "because"); a.status != http.StatusForbidden || !strings.Contains(a.detail(), "Only the helpdesk") {
		t.Errorf("without the role: %d %s", a.status, a.body)
	}
	if a := again.get("/admin"); strings.Contains(string(a.body), `href="/users"`) {
		t.Error("the page for administration still leads to people")
	}
}
