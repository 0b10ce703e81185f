package main

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"portrait/internal/directory"
	"portrait/internal/store"
)

// routeCell says what a route that isn't a photo's answers: to somebody who isn't
// signed in, an employee, an owner of groups, and the helpdesk. None of them has
// allowed anything beside their own photo. :batch and :export were made by this
// person of the helpdesk, :id is what the employee is told, and somebody has
// counted who has a photo.
var routeCells = map[string]string{
	//                                            nobody employee owner helpdesk
	"GET /":                                            "200 303 303 303",
	"GET /auth/sign-in":                                "303 303 303 303",
	"GET /auth/callback":                               "400 400 400 400",
	"GET /auth/front-channel-logout":                   "400 400 400 400",
	"POST /preferences":                                "303 303 303 303",
	"POST /share":                                      "303 303 303 303", // the service worker's: the server drops the body
	"GET /healthz":                                     "200 200 200 200",
	"GET /readyz":                                      "200 200 200 200",
	"GET /static/*":                                    "404 404 404 404",
	"GET /admin":                                       "303 200 200 200",
	"POST /admin/mailbox":                              "401 403 403 303",
	"GET /me/data.zip":                                 "303 200 200 200",
	"POST /me/told/:id/undo":                           "401 303 404 404",
	"POST /me/told/:id/dismiss":                        "401 303 303 303", // says nothing of whether it was there
	"GET /audit":                                       "303 403 403 200",
	"GET /audit.csv":                                   "303 403 403 200",
	"GET /batches":                                     "303 403 403 200",
	"POST /batches":                                    "401 403 403 303",
	"GET /batches/:batch":                              "303 403 403 200",
	"PUT /batches/:batch/files/:n":                     "401 403 403 204",
	"POST /batches/:batch/files":                       "401 403 403 303",
	"POST /batches/:batch/match":                       "401 403 403 303",
	"POST /batches/:batch/items/:n":                    "401 403 403 303",
	"GET /batches/:batch/items/:n/$value":              "401 403 403 200",
	"GET /batches/:batch/items/:n/whole/$value":        "401 403 403 200",
	"POST /batches/:batch/approve":                     "401 403 403 303",
	"GET /batches/:batch/report.csv":                   "303 403 403 200",
	"GET /batches/:batch/state":                        "303 403 403 200",
	"POST /batches/:batch/run":                         "401 403 403 303",
	"POST /batches/:batch/pause":                       "401 403 403 409", // it isn\'t in the state for that
	"POST /batches/:batch/resume":                      "401 403 403 409", // it isn\'t in the state for that
	"POST /batches/:batch/cancel":                      "401 403 403 303",
	"POST /batches/:batch/retry":                       "401 403 403 409", // it isn\'t in the state for that
	"POST /batches/:batch/finish":                      "401 403 403 409", // it isn\'t in the state for that
	"POST /batches/:batch/rollback":                    "401 403 403 409", // it isn\'t in the state for that
	"POST /batches/:batch/options":                     "401 403 403 303",
	"GET /batches/:batch/expected.csv":                 "303 403 403 200",
	"GET /coverage":                                    "303 403 403 200",
	"POST /coverage/count":                             "401 403 403 303",
	"POST /coverage/batch":                             "401 403 403 303",
	"GET /coverage/people":                             "303 403 403 200",
	"GET /coverage/people.csv":                         "303 403 403 200",
	"GET /coverage/days.csv":                           "303 403 403 200",
	"GET /exports":                                     "303 403 403 200",
	"POST /exports":                                    "401 403 403 303",
	"GET /exports/:export":                             "303 403 403 200",
	"POST /exports/:export/approve":                    "401 403 403 403", // their own, see waitingCells
	"GET /exports/:export/parts/:part":                 "303 403 403 200",
	"GET /groups":                                      "303 200 200 200",
	"GET /teams":                                       "303 200 200 200",
	"GET /me/contacts":                                 "303 200 200 200",
	"GET /me/contactfolders/:folder/contacts":          "303 200 200 200",
	"GET /users":                                       "303 403 403 200",
	"GET /users/:user/contacts":                        "303 200 200 200",
	"GET /users/:user/contactfolders/:folder/contacts": "303 200 200 200",
	"POST /auth/sign-out":                              "303 303 303 303", // last: it ends the session
}

// TestSecurityEveryRouteHasItsCells holds that every route of the running site is
// in one of the two grids, and nothing is in them that there is no route for.
func TestSecurityEveryRouteHasItsCells(t *testing.T) {
	left := map[string]bool{}
	for cell := range routeCells {
		left[cell] = true
	}
	for _, form := range photoGrid {
		for _, act := range photoActs {
			method, rest, _ := strings.Cut(act.route, " ")
			left[method+" "+form.subject+rest] = true
		}
	}
	for _, r := range newSite(t).routes() {
		if r.Method == http.MethodHead {
			continue // net/http leaves out what GET answers
		}
		name := r.Method + " " + r.Path
		_, listed := routeCells[name]
		if !listed && !left[name] {
			t.Errorf("%s has no cells: say in routeCells, or in photoActs, what it answers to whom", name)
		}
		delete(left, name)
	}
	for name := range left {
		t.Errorf("%s has cells, but there is no such route", name)
	}
}

// askAt sends what the route takes, with the site's own ids, or those in given in
// their place.
func (s *testSite) askAt(b *browser, route string, given ...string) *answer {
	s.t.Helper()
	method, path, _ := strings.Cut(route, " ")
	given = append(given, ":user", string(s.user("crewdesk")), ":folder", url.PathEscape(string(s.folder(s.user("crewdesk"), "Hotels").ID)))
	path = s.filled(strings.NewReplacer(append(given, ":n", "1", ":id", "none", ":batch", "none", ":export", "none", ":part", "1")...).Replace(path))
	batch, _, files := strings.Cut(path, "/files")
	switch {
	case method == http.MethodGet:
		return b.get(path)
	case files && method == http.MethodPut:
		return b.putFile(batch, "1", "maya.lindqvist@skylark.example.jpg", sample(s.t, "tiny.jpg"))
	case files:
		return b.upload(batch, dropFile{"petr.jpg", tinted(s.t, 1)})
	}
	fields := []string{"reason", "T-1", "address", "crewdesk@skylark.example", "theme", "dark", "crop", "", "page_key", "k"}
	if strings.HasPrefix(path, "/exports") || strings.HasPrefix(path, "/coverage") {
		fields = append(fields, "kind", "department", "department", "Operations", "plan", planOf(path))
	}
	return b.submit(path, fields...)
}

// TestSecurityRouteGrid asks for every route of routeCells as everybody.
func TestSecurityRouteGrid(t *testing.T) {
	s := newSite(t)
	s.count()
	nobody, desk := s.browser().stay(), s.signedIn("helpdesk")
	everybody := []*browser{nobody, s.signedIn("employee").stay(), s.signedIn("owner").stay(), desk}
	desk.putAt("/users/"+string(s.person("employee")), sample(t, "tiny.jpg"), "X-Reason", "T-1")
	told, err := s.db.ToldTo(t.Context(), s.tenant.ID(), s.person("employee"), time.Now())
	if err != nil || len(told) != 1 {
		t.Fatalf("the employee is told %d things, %v", len(told), err)
	}
	desk.stay()
	last := "POST /auth/sign-out"
	for route, cells := range routeCells {
		if route != last {
			s.tryCells(everybody, route, cells, told[0].ID)
		}
	}
	s.tryCells(everybody, last, routeCells[last], "")
}

// tryCells asks for one route as everybody.
func (s *testSite) tryCells(everybody []*browser, route, cells, told string) {
	s.t.Helper()
	batch, export := s.openBatch(), s.exportOf(s.tenant.ID(), "helpdesk")
	n := s.asked()
	var got []string
	for _, b := range everybody {
		id := told
		if strings.HasSuffix(route, "/dismiss") {
			id = "none"
		}
		got = append(got, fmt.Sprint(s.askAt(b, route, ":batch", batch, ":export", export, ":id", id).status))
		if b == everybody[2] { // nobody of the helpdesk has been there yet
			for _, r := range s.since(n) {
				if r.TokenKind == "app" {
					s.t.Errorf("%s: %s %s came with Portrait's own token", route, r.Method, r.Path)
				}
			}
		}
	}
	if strings.Join(got, " ") != cells {
		s.t.Errorf("%s answers %s, want %s", route, strings.Join(got, " "), cells)
	}
	switch desk := everybody[3]; {
	case strings.Contains(route, ":batch"):
		s.othersBatches(desk, route)
	case strings.Contains(route, ":export"):
		s.othersExports(desk, route)
	}
}

// openBatch makes a batch of the helpdesk's with one picture in it.
func (s *testSite) openBatch() string {
	s.t.Helper()
	return s.batchOf(s.tenant.ID())
}

// batchOf makes a batch of a tenant's.
func (s *testSite) batchOf(tenant directory.ID) string {
	s.t.Helper()
	b := store.Batch{ID: store.NewBatchID(), Tenant: tenant, Author: s.person("helpdesk"), Title: "Badges", Reason: "T-1", Created: time.Now()}
	if err := s.db.CreateBatch(s.t.Context(), b); err != nil {
		s.t.Fatal(err)
	}
	if err := s.db.AddItem(s.t.Context(), b.ID, 1, "maya.lindqvist@skylark.example.jpg", sample(s.t, "tiny.jpg")); err != nil {
		s.t.Fatal(err)
	}
	return b.ID
}

// othersBatches holds that a batch of another tenant is answered as one that
// there isn't, and that nothing happens to it.
func (s *testSite) othersBatches(desk *browser, route string) {
	s.t.Helper()
	theirs := s.batchOf(elsewhere)
	desk.get("/batches") // says what an earlier answer has left to be said
	s.absent(route, s.askAt(desk, route, ":batch", theirs), s.askAt(desk, route, ":batch", store.NewBatchID()))
	b, err := s.db.Batch(s.t.Context(), elsewhere, theirs)
	items, err2 := s.db.Items(s.t.Context(), theirs, 0, 10)
	if err != nil || err2 != nil || b.State != store.BatchOpen || len(items) != 1 || items[0].Verdict != "" {
		s.t.Errorf("%s changed another tenant's batch: %+v %+v, %v, %v", route, b, items, err, err2)
	}
}

// absent holds that there, something of another tenant's, is answered as one that
// there isn't.
func (s *testSite) absent(route string, there, none *answer) {
	s.t.Helper()
	same := func(a *answer) string {
		return ownAddress.ReplaceAllString(ownWords.ReplaceAllString(string(a.body), ""), "")
	}
	if there.status != http.StatusNotFound || none.status != http.StatusNotFound || same(there) != same(none) {
		s.t.Errorf("%s: another tenant's answers %d, one that there isn't %d; want 404 in the same words:\n%s\n%s", route, there.status, none.status, there.text(), none.text())
	}
}

// ownAddress is what differs where a page says where it is.
var ownAddress = regexp.MustCompile(`(?i)(/|%2F)(batches|exports)(/|%2F)[a-z0-9]{26}`)

// later lets time pass for the site: it goes on as a replica that starts then.
func (s *testSite) later(d time.Duration) {
	s.t.Helper()
	c := s.config
	c.Now = func() time.Time { return time.Now().Add(d) }
	site, err := build(c, s.db, watched(s.t, s.tenant), slog.New(slog.DiscardHandler))
	if err != nil {
		s.t.Fatal(err)
	}
	s.running.Store(&site)
}

// TestSecurityRoleTakenAwayInTheMiddle takes the role away within a session: six
// minutes later every address of the helpdesk's is refused to it, without a call
// with Portrait's own token.
func TestSecurityRoleTakenAwayInTheMiddle(t *testing.T) {
	var passed atomic.Int64
	s := newSiteWith(t, func() time.Time { return time.Now().Add(time.Duration(passed.Load())) }, nil)
	desk := s.signedIn("helpdesk").stay()
	if a := desk.get("/audit"); a.status != http.StatusOK {
		t.Fatalf("with the role: %d", a.status)
	}
	s.tenant.RevokeRole("helpdesk")
	passed.Store(int64(6 * time.Minute))
	s.later(6 * time.Minute)
	n := s.asked()
	for route, cells := range routeCells {
		if strings.HasPrefix(cells, "401 403 403") || strings.HasPrefix(cells, "303 403 403") {
			if a := s.askAt(desk, route, ":batch", s.openBatch(), ":export", s.exportOf(s.tenant.ID(), "helpdesk")); a.status != http.StatusForbidden {
				t.Errorf("%s answers %d six minutes after the role was taken away: %s", route, a.status, a.text())
			}
		}
	}
	for _, r := range s.since(n) {
		if r.TokenKind == "app" {
			t.Errorf("%s %s came with Portrait's own token", r.Method, r.Path)
		}
	}
	path := "/users/" + string(s.person("employee"))
	if a := desk.putAt(path, sample(t, "tiny.jpg"), "X-Reason", "T-1"); a.status != http.StatusForbidden {
		t.Errorf("a save answers %d: %s", a.status, a.body)
	}
}
