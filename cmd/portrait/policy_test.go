package main

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"
)

// unguarded are the routes for people who aren't signed in; web's test of its
// table has the same list.
var unguarded = []string{
	"/", "/auth/sign-in", "/auth/callback", "/auth/sign-out", "/auth/front-channel-logout", "/preferences", "/healthz", "/readyz", "/static/*",
}

// routes returns every method and address of the running site, with something
// in the place of what may be anything.
func (s *testSite) routes() []*echo.Route {
	e, ok := s.handler.(*echo.Echo)
	if !ok {
		s.t.Fatalf("the site is a %T", s.handler)
	}
	return e.Routes()
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

// TestSecurityEveryChangeNeedsTheToken sends every request that changes something
// without the session's token, and with another session's.
func TestSecurityEveryChangeNeedsTheToken(t *testing.T) {
	s := newSite(t)
	b, other := s.signedIn("helpdesk"), s.signedIn("helpdesk")
	n, changes := s.asked(), 0
	for _, r := range s.routes() {
		if r.Method == http.MethodGet || r.Method == http.MethodHead {
			continue
		}
		changes++
		for name, headers := range map[string][]string{
			"no token": nil, "an empty one": {"X-CSRF-Token", ""}, "another session's": {"X-CSRF-Token", other.token},
			"the right one from another site": {"X-CSRF-Token", b.token, "Sec-Fetch-Site", "cross-site"},
		} {
			a := b.do(r.Method, s.filled(r.Path), nil, append(headers, "X-Reason", "because")...)
			if a.status != http.StatusForbidden || !strings.Contains(string(a.body), "another site or an outdated page") {
				t.Errorf("%s %s with %s answers %d: %s", r.Method, r.Path, name, a.status, a.text())
			}
		}
	}
	if changes < 30 {
		t.Errorf("there are only %d changes to try", changes)
	}
	if asked := s.since(n); len(asked) > 0 {
		t.Errorf("Graph was asked for %v", asked)
	}
}
