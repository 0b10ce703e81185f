package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"portrait/internal/auth"
	"portrait/internal/demo"
)

// allowing returns the links of a page that ask for a permission.
func (a *answer) allowing() []*html.Node {
	var links []*html.Node
	for _, link := range a.all("a") {
		for _, attribute := range link.Attr {
			if attribute.Key == "data-allow" {
				links = append(links, link)
			}
		}
	}
	return links
}

// TestAPermissionIsAskedForWhereItIsNeeded opens what nobody has allowed yet,
// follows the one link there, and comes back to the same place.
func TestAPermissionIsAskedForWhereItIsNeeded(t *testing.T) {
	s := newSite(t)
	desk := string(s.user("crewdesk"))
	for _, tt := range []struct {
		name, path, wish, returnTo string
		rows                       bool // the place is a list
	}{
		{"groups", "/groups", auth.ForGroups, "/groups", true},
		{"a team", "/teams/" + string(s.group("Crew Planning").ID) + "/photo", auth.ForTeams, "/teams/" + string(s.group("Crew Planning").ID) + "/photo", false},
		{"contacts", "/me/contacts", auth.ForContacts, "/me/contacts", true},
		{"a shared mailbox", "/users/" + desk + "/contacts", auth.ForShared, "/users/" + desk + "/contacts", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := s.signedIn("owner")
			n := s.asked()
			page := b.get(tt.path)
			links := page.allowing()
			want := "/auth/sign-in?" + url.Values{"for": {tt.wish}, "return_to": {tt.returnTo}}.Encode()
			if page.status != http.StatusOK || len(links) != 1 || attr(links[0], "href") != want {
				t.Fatalf("answered %d with the links %v, want one to %s: %s", page.status, links, want, page.text())
			}
			if asked := s.since(n); len(asked) > 0 {
				t.Errorf("Graph was asked for %v before anything was allowed", asked)
			}
			back := b.at(b.at(b.get(want), "persona", "owner"), "consent", "accept")
			if back.status != http.StatusOK || back.url.EscapedPath() != tt.returnTo || len(back.allowing()) > 0 {
				t.Fatalf("came back to %d %s: %s", back.status, back.url, back.text())
			}
			if rows := len(back.rows()); tt.rows && rows == 0 {
				t.Errorf("the list has no rows: %s", back.text())
			}
			if again := b.get(tt.path); len(again.allowing()) > 0 {
				t.Error("it is asked for again")
			}
		})
	}
}

// TestPermissionsAddUp holds that allowing one thing keeps the others, and the
// token of the page.
func TestPermissionsAddUp(t *testing.T) {
	s := newSite(t)
	b := s.signedInFor("owner", auth.ForGroups)
	before, cookie := b.token, b.session()
	if a := b.allow(auth.ForContacts, "/me/contacts", "owner"); a.status != http.StatusOK || len(a.allowing()) > 0 {
		t.Fatalf("allowing contacts ended on %d %s", a.status, a.text())
	}
	b.token = before
	if a := b.put(tinted(t, 1)); a.status != http.StatusOK {
		t.Errorf("an open page of the same person can't save any more: %d %s", a.status, a.text())
	}
	if a := b.get("/groups"); len(a.allowing()) > 0 {
		t.Error("the groups have to be allowed again")
	}
	if a := s.browser().stay().get("/me/photo", "Cookie", cookie); a.status != http.StatusSeeOther {
		t.Errorf("the session from before answers %d, want the way to sign in", a.status)
	}
}

// session returns the cookies of the site as a browser sends them.
func (b *browser) session() string {
	b.t.Helper()
	u, err := url.Parse(b.url)
	if err != nil {
		b.t.Fatal(err)
	}
	var all []string
	for _, c := range b.http.Jar.Cookies(u) {
		all = append(all, c.String())
	}
	return strings.Join(all, "; ")
}

func TestDecliningIsExplainedAndTheRestWorks(t *testing.T) {
	s := newSite(t)
	b := s.signedIn("owner")
	asked := b.get("/auth/sign-in?for=groups&return_to=%2Fgroups")
	a := b.at(b.at(asked, "persona", "owner"), "consent", "decline")
	if a.status != http.StatusOK || a.url.Path != "/groups" || !strings.Contains(a.text(), "This wasn't allowed") || len(a.allowing()) != 1 {
		t.Errorf("declining ended on %d %s: %s", a.status, a.url, a.text())
	}
	if again := b.get("/groups"); strings.Contains(again.text(), "This wasn't allowed") {
		t.Error("it is said twice")
	}
	if me := b.get("/me/photo"); me.find(`form[action="/me/photo"]`) == nil {
		t.Errorf("one's own photo can't be changed any more: %d %s", me.status, me.text())
	}
	if put := b.put(sample(t, "tiny.jpg")); put.status != http.StatusOK {
		t.Errorf("PUT answers %d %s", put.status, put.body)
	}
}

func TestOnlyAnAdministratorCanAllow(t *testing.T) {
	s := newSite(t)
	b := s.signedIn("owner")
	s.tenant.Set(demo.Weather{ConsentNeedsAdmin: true, ReadDelay: -1})
	asked := b.get("/auth/sign-in?for=groups&return_to=%2Fgroups")
	a := b.at(b.at(asked, "persona", "owner"), "consent", "back")
	if !strings.Contains(a.text(), "Only an administrator can allow this") {
		t.Fatalf("ended on %d %s: %s", a.status, a.url, a.text())
	}
	if !strings.Contains(a.text(), strings.TrimSuffix(s.tenant.Issuer(), "/")+"/adminconsent?") || !strings.Contains(a.text(), "Group.ReadWrite.All") {
		t.Errorf("no link for the administrator: %s", a.text())
	}
	if put := b.put(sample(t, "tiny.jpg")); put.status != http.StatusOK {
		t.Errorf("one's own photo: %d %s", put.status, put.body)
	}
}

// TestSecurityAnotherPersonInTheCallback holds that who comes back as somebody else
// gets a session of their own, with nothing of the other's in it.
func TestSecurityAnotherPersonInTheCallback(t *testing.T) {
	s := newSite(t)
	b := s.signedInFor("owner", auth.ForContacts)
	token, cookie := b.token, b.session()
	a := b.allow(auth.ForGroups, "/groups", "employee")
	if a.status != http.StatusOK || !strings.Contains(a.text(), "another account") {
		t.Errorf("ended on %d %s: %s", a.status, a.url, a.text())
	}
	if strings.Contains(string(a.body), "Fatima") || b.token == token {
		t.Error("something of the other's is left")
	}
	if me := b.get("/me/photo"); !strings.Contains(me.text(), "Maya Lindqvist") {
		t.Errorf("signed in as %s", me.text())
	}
	if a := b.do(http.MethodDelete, "/me/photo/$value", nil, "X-CSRF-Token", token); a.status != http.StatusForbidden {
		t.Errorf("the other's token answers %d, want 403", a.status)
	}
	if a := s.browser().stay().get("/me/photo", "Cookie", cookie); a.status != http.StatusSeeOther {
		t.Errorf("the other's session answers %d, want the way to sign in", a.status)
	}
}

// TestAClaimsChallengeLeadsThroughTheSignInAndBack holds that at most two in a
// row do.
func TestAClaimsChallengeLeadsThroughTheSignInAndBack(t *testing.T) {
	s := newSite(t)
	b := s.signedInFor("owner", auth.ForGroups)
	path := "/groups/" + string(s.group("Crew Choir").ID) + "/photo"
	for range 2 {
		s.tenant.Challenge(s.person("owner"))
		way := b.getOnce(path)
		if way.status != http.StatusSeeOther || way.header.Get("Location") != "/auth/sign-in?return_to="+url.QueryEscape(path) {
			t.Fatalf("the page answers %d to %q: %s", way.status, way.header.Get("Location"), way.text())
		}
		provider := b.getOnce(way.header.Get("Location"))
		if at := provider.header.Get("Location"); !strings.Contains(at, "nbf") || !strings.Contains(at, "xms_cc") {
			t.Errorf("the sign-in doesn't ask for the claims: %s", at)
		}
		page := b.at(b.get(way.header.Get("Location")), "persona", "owner")
		if page.status != http.StatusOK || page.url.Path != path || !strings.Contains(page.text(), "Crew Choir") {
			t.Fatalf("came back to %d %s: %s", page.status, page.url, page.text())
		}
	}
	s.tenant.Challenge(s.person("owner"))
	if a := b.getOnce(path); a.status != http.StatusUnauthorized || !strings.Contains(a.text(), "keeps asking") {
		t.Errorf("the third time it answers %d: %s", a.status, a.text())
	}
}

// TestAChallengeAtTheSave is answered as a problem, and the page leads on.
func TestAChallengeAtTheSave(t *testing.T) {
	s := newSite(t)
	b := s.signedIn("employee")
	s.tenant.Challenge(s.person("employee"))
	put := b.put(sample(t, "tiny.jpg"))
	if put.status != http.StatusUnauthorized || put.json()["next"] != "sign-in" || !strings.Contains(put.detail(), "confirm who you are") {
		t.Fatalf("PUT answers %d %s", put.status, put.body)
	}
	if page := b.at(b.get("/auth/sign-in?return_to=%2Fme%2Fphoto"), "persona", "employee"); page.url.Path != "/me/photo" || page.status != http.StatusOK {
		t.Fatalf("signing in ended on %d %s", page.status, page.url)
	}
	if put := b.put(sample(t, "tiny.jpg")); put.status != http.StatusOK {
		t.Errorf("afterwards PUT answers %d %s", put.status, put.body)
	}
}

// getOnce is get without following where it leads.
func (b *browser) getOnce(path string) *answer {
	b.t.Helper()
	defer func() { b.http.CheckRedirect = nil }()
	return b.stay().get(path)
}

// TestSecurityRevokedConsent holds that what a person takes back is asked for again.
func TestSecurityRevokedConsent(t *testing.T) {
	s := newSite(t)
	s.signedInFor("owner", auth.ForGroups)
	s.tenant.RevokeConsent("owner")
	b := s.signedIn("owner")
	if a := b.get("/groups"); len(a.allowing()) != 1 {
		t.Errorf("answered %d: %s", a.status, a.text())
	}
}
