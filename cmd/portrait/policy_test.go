package main

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"

	"portrait/web"
)

// unguarded are the routes for people who aren't signed in; web's test of its
// table has the same list.
var unguarded = []string{
	"/", "/auth/sign-in", "/auth/callback", "/auth/sign-out", "/auth/front-channel-logout", "/preferences", "/healthz", "/readyz", "/static/*",
	"/share", // whoever's picture it is, it is dropped unread
}

// routes returns every method and address of the running site, with something
// in the place of what may be anything.
func (s *testSite) routes() []*echo.Route {
	whole, ok := s.handler.(*web.Handler)
	if !ok {
		s.t.Fatalf("the site is a %T", s.handler)
	}
	return whole.Routes()
}

// filled returns an address of the route.
func (s *testSite) filled(path string) string {
	return strings.NewReplacer(
		":user", string(s.person("owner")), ":group", string(s.group("Crew Choir").ID), ":team", string(s.group("Crew Planning").ID),
		":folder", "AQMk", ":contact", "AAMk", ":size", "96x96", "*", "none.css",
	).Replace(path)
}

// TestSecurityNobodyGetsInUnasked asks for every address without being signed in.
func TestSecurityNobodyGetsInUnasked(t *testing.T) {
	s := newSite(t)
	b := s.browser().stay()
	for _, r := range s.routes() {
		if slices.Contains(unguarded, r.Path) {
			continue
		}
		for _, accept := range []string{"text/html", "application/json"} {
			a := b.do(r.Method, s.filled(r.Path), nil, "Accept", accept)
			toSignIn := a.status == http.StatusSeeOther && strings.HasPrefix(a.header.Get("Location"), "/auth/sign-in?return_to=")
			if a.status != http.StatusUnauthorized && !toSignIn {
				t.Errorf("%s %s as %s answers %d %s to nobody", r.Method, r.Path, accept, a.status, a.header.Get("Location"))
			}
		}
	}
	if asked := s.tenant.Requests(); len(asked) > 0 {
		t.Errorf("Graph was asked for %v", asked)
	}
}

// forged are the ways in which a request can be made by somebody else than a page
// of ours: what it carries of the token, and where the browser says it is from.
func forged(own, others string) map[string][]string {
	return map[string][]string{
		"no token":                    nil,
		"an empty token":              {"X-CSRF-Token", ""},
		"a made-up token":             {"X-CSRF-Token", strings.Repeat("A", len(own))},
		"another session's":           {"X-CSRF-Token", others},
		"half of the right":           {"X-CSRF-Token", own[:len(own)/2]},
		"from another site":           {"X-CSRF-Token", own, "Sec-Fetch-Site", "cross-site"},
		"from a sister site":          {"X-CSRF-Token", own, "Sec-Fetch-Site", "same-site"},
		"from another origin":         {"X-CSRF-Token", own, "Origin", "https://evil.example"},
		"from nowhere":                {"X-CSRF-Token", own, "Origin", "null"},
		"from our host without https": {"X-CSRF-Token", own, "Origin", "http://portrait.example.com"},
	}
}

// TestSecurityEveryChangeNeedsTheToken sends every request that changes something
// as others could make a browser send it, in each form that a page of another
// site can send: nothing is changed here or at Graph, and the session stays.
func TestSecurityEveryChangeNeedsTheToken(t *testing.T) {
	s := newSite(t)
	b, other := s.signedIn("helpdesk"), s.signedIn("helpdesk")
	kept := []string{"sessions", "drafts", "history", "told", "batches", "batch_items", "audit_log"}
	batch := s.openBatch()
	n, rows, changes := s.asked(), s.rows(kept...), 0
	multipart, multipartType := multipartForm(t, sample(t, "tiny.jpg"), map[string]string{"csrf_token": other.token})
	for _, r := range s.routes() {
		if r.Method == http.MethodGet || r.Method == http.MethodHead || r.Path == "/share" { // which does nothing, see the test below
			continue
		}
		changes++
		path := strings.Replace(s.filled(r.Path), ":batch", batch, 1)
		for name, headers := range forged(b.token, other.token) {
			for contentType, body := range map[string]string{
				formType: "reason=because&plan=00&csrf_token=" + map[bool]string{true: other.token}[name == "another session's"], "text/plain": "reason=because", multipartType: multipart,
			} {
				a := b.do(r.Method, path, strings.NewReader(body), append(headers, "X-Reason", "because", "Content-Type", contentType)...)
				if a.status != http.StatusForbidden || !strings.Contains(string(a.body), "another site or from an outdated page") {
					t.Errorf("%s %s with %s as %s answers %d: %s", r.Method, r.Path, name, contentType, a.status, a.text())
				}
			}
		}
	}
	if changes < 30 {
		t.Errorf("there are only %d changes to try", changes)
	}
	if asked := s.since(n); len(asked) > 0 {
		t.Errorf("Graph was asked for %v", asked)
	}
	if now := s.rows(kept...); now != rows {
		t.Errorf("%d rows have become %d", rows, now)
	}
	if a := b.get("/me/photo"); a.status != http.StatusOK || !strings.Contains(a.url.Path, "/me/photo") {
		t.Errorf("afterwards the page answers %d", a.status)
	}
}

// TestSecurityShareDropsWhatItIsSent holds that the one change which others may
// ask for changes nothing.
func TestSecurityShareDropsWhatItIsSent(t *testing.T) {
	s := newSite(t)
	b := s.signedIn("employee").stay()
	kept := []string{"sessions", "drafts", "history", "audit_log"}
	n, rows := s.asked(), s.rows(kept...)
	form, contentType := multipartForm(t, sample(t, "tiny.jpg"), nil)
	for _, who := range []*browser{b, s.browser().stay()} {
		if a := who.do(http.MethodPost, "/share", strings.NewReader(form), "Content-Type", contentType); a.status != http.StatusSeeOther {
			t.Errorf("answered %d", a.status)
		}
	}
	if asked := s.since(n); len(asked) > 0 || s.rows(kept...) != rows {
		t.Errorf("Graph was asked for %v, or rows were written", asked)
	}
}
