package main

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"portrait/internal/audit"
	"portrait/internal/demo"
	"portrait/internal/directory"
)

var tokenFaults = []promised{
	{fault: "The access token runs out between the page and the save", proof: tokenRanOut, promise: "It is renewed unseen, and the photo is saved."},
	{fault: "An administrator has revoked the sign-in", proof: revoked, promise: "The page asks for a sign-in, then comes back to the same picture, one click from saved."},
	{fault: "A claims challenge (Continuous Access Evaluation)", proof: challenged,
		promise: "One sign-in with the claims that Graph wants, then the same picture, one click from saved."},
	{fault: "Graph keeps challenging", elsewhere: "cmd/portrait TestAClaimsChallengeLeadsThroughTheSignInAndBack", promise: "After two times it says so, and nobody is led in circles."},
	{fault: "Another person signs in at the same browser", proof: anotherPerson, promise: "They see no draft, no history and nothing that the first one is told."},
	{fault: "The helpdesk's role is taken away", elsewhere: "cmd/portrait TestSecurityTheHelpdeskRoleHolds", promise: "It counts after 5 minutes at the latest, and what it orders is refused."},
	{fault: "The sign-in is down", elsewhere: "cmd/portrait TestProviderDownIsAPageWithAWayOn", promise: "Whoever is signed in goes on; the others get a page with a way on, and readiness is red."},
	{fault: "Clocks differ by some minutes", proof: clocksDiffer, promise: "Up to 4 minutes nobody notices. Beyond 5 nobody can sign in: `/readyz` says `clock: not ready`, and the log by how much."},
}

func tokenRanOut(t *testing.T) {
	s := newSite(t)
	b, photo := s.signedIn("employee"), randomPicture(t)
	s.tenant.ExpireAccessTokens()
	b.saves("key", photo, 200, "confirmed")
	s.has("employee", photo)
	b.saves("key", photo, 200, "confirmed")
	s.logs("set done")
}

func revoked(t *testing.T) {
	s := newSite(t)
	b, photo := s.signedIn("employee"), randomPicture(t)
	s.tenant.RevokeTokens()
	if said := b.saves("key", photo, 401, ""); said["next"] != "sign-in" {
		t.Errorf("it says %v", said)
	}
	b.comesBack(photo)
}

func challenged(t *testing.T) {
	s := newSite(t)
	b, photo := s.signedIn("employee"), randomPicture(t)
	s.tenant.Challenge(s.person("employee"))
	if said := b.saves("key", photo, 401, ""); said["next"] != "sign-in" {
		t.Errorf("it says %v", said)
	}
	b.comesBack(photo)
}

// comesBack signs in again and sends what was kept.
func (b *browser) comesBack(photo []byte) {
	b.t.Helper()
	if a := b.signIn("employee"); a.status != http.StatusOK || a.find(`section[data-state="draft"]`) == nil {
		b.t.Fatalf("after signing in the page is answered %d and doesn't show the picture: %s", a.status, a.text())
	}
	b.keeps(photo)
	b.sends(200)
	b.sends(200) // a double click
	b.has("employee", photo)
	b.logs("set done")
	taken := slices.DeleteFunc(b.writes(), func(r demo.Request) bool { return r.Status != http.StatusOK })
	if len(taken) != 1 {
		b.t.Errorf("Graph took %d changes, want 1", len(taken))
	}
}

// ownMarks are what differs in two answers that are the same: the number of the
// request, and the token.
var ownMarks = regexp.MustCompile(ownToken + `|[A-Z2-7]{26}`)

func anotherPerson(t *testing.T) {
	s := newSite(t)
	desk, b := s.signedIn("helpdesk"), s.signedIn("employee")
	first := s.person("employee")
	if a := desk.putAt("/users/"+string(first), randomPicture(t), "X-Reason", "because"); a.status != http.StatusOK {
		t.Fatalf("the helpdesk's change is answered %d: %s", a.status, a.body)
	}
	told := b.get("/me/photo").all("form")
	undo := ""
	for _, f := range told {
		if action := attr(f, "action"); strings.HasPrefix(action, "/me/told/") && strings.HasSuffix(action, "/undo") {
			undo = action
		}
	}
	pasts, err := s.db.Pasts(t.Context(), directory.UserPhoto(s.tenant.ID(), first))
	if err != nil || len(pasts) != 1 || undo == "" {
		t.Fatalf("%d photos in the history, %v; undo at %q", len(pasts), err, undo)
	}
	s.tenant.RevokeTokens()
	b.saves("key", randomPicture(t), 401, "")
	b.submit("/auth/sign-out")
	page := b.signIn("owner")
	for _, private := range []string{`section[data-state="draft"]`, `form[action="` + undo + `"]`, `img[src="/me/photo/history/` + pasts[0].ID + `/$value"]`} {
		if page.find(private) != nil {
			t.Errorf("the other person's page has %s", private)
		}
	}
	if a := b.get("/me/photo/draft/$value"); a.status != http.StatusNotFound {
		t.Errorf("the draft of the first is answered %d", a.status)
	}
	const nobodys = "AAAAAAAAAAAAAAAAAAAAAAAAAA"
	for _, path := range []string{"/me/photo/history/ID/$value", "/me/photo/history/ID/restore", "/me/told/ID/undo"} {
		id := pasts[0].ID
		if strings.HasPrefix(path, "/me/told/") {
			id = strings.Split(undo, "/")[3]
		}
		theirs, none := b.fetches(strings.Replace(path, "ID", id, 1)), b.fetches(strings.Replace(path, "ID", nobodys, 1))
		if theirs.status != http.StatusNotFound || ownMarks.ReplaceAllString(string(theirs.body), "") != ownMarks.ReplaceAllString(string(none.body), "") {
			t.Errorf("%s of somebody else is answered %d, and otherwise than one that isn't there", path, theirs.status)
		}
	}
	if a := b.fetches("/me/photo/history/" + pasts[0].ID + "/delete"); a.status >= 500 {
		t.Errorf("deleting it is answered %d", a.status)
	}
	if left, err := s.db.Pasts(t.Context(), directory.UserPhoto(s.tenant.ID(), first)); err != nil || len(left) != 1 {
		t.Errorf("somebody else deleted it: %d, %v", len(left), err)
	}
}

// fetches asks for a picture, or presses the button that leads to another path.
func (b *browser) fetches(path string) *answer {
	b.t.Helper()
	if strings.HasSuffix(path, "$value") {
		return b.get(path)
	}
	form := url.Values{"csrf_token": {b.token}, "page_key": {"key"}}
	return b.do(http.MethodPost, path, strings.NewReader(form.Encode()), "Content-Type", formType)
}

func clocksDiffer(t *testing.T) {
	for _, ahead := range []time.Duration{-4 * time.Minute, 4 * time.Minute} {
		s := newSiteWith(t, func() time.Time { return time.Now().Add(ahead) }, nil)
		b, photo := s.signedIn("employee"), randomPicture(t)
		b.saves("key", photo, 200, "confirmed")
		s.has("employee", photo)
		if ready := b.get("/readyz"); ready.status != http.StatusOK {
			t.Errorf("/readyz answers %d: %s", ready.status, ready.body)
		}
	}
	apart := newSiteWith(t, func() time.Time { return time.Now().Add(-6 * time.Minute) }, nil)
	ready := apart.browser().get("/readyz")
	if ready.status != http.StatusServiceUnavailable || !strings.Contains(string(ready.body), "sign-in: ok\nclock: not ready\n") {
		t.Errorf("six minutes apart, /readyz answers %d: %s", ready.status, ready.body)
	}
	if !strings.Contains(apart.logged(), "clock is -6m") {
		t.Error("the log doesn't say what is wrong")
	}
}

// logs fails unless the audit log has these entries about photos, oldest first.
func (s *testSite) logs(want ...string) {
	s.t.Helper()
	page, err := s.audited().Page(s.t.Context(), audit.Filter{}, 100)
	if err != nil {
		s.t.Fatal(err)
	}
	var got []string
	for _, r := range page.Records {
		if r.Verified {
			got = append(got, r.Action+" "+r.Outcome)
		}
	}
	slices.Reverse(got)
	if !slices.Equal(got, want) {
		s.t.Errorf("the audit log has %q, want %q", got, want)
	}
}

// history returns the photos that the persona had, newest first.
func (s *testSite) history(persona string) [][]byte {
	s.t.Helper()
	key := directory.UserPhoto(s.tenant.ID(), s.person(persona))
	pasts, err := s.db.Pasts(s.t.Context(), key)
	if err != nil {
		s.t.Fatal(err)
	}
	var all [][]byte
	for _, p := range pasts {
		kept, err := s.db.Past(s.t.Context(), key, p.ID)
		if err != nil {
			s.t.Fatal(err)
		}
		all = append(all, kept.Picture)
	}
	return all
}
