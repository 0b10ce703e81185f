package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"portrait/internal/batch"
	"portrait/internal/directory"
	"portrait/internal/export"
	"portrait/internal/store"
)

// waitingCells says what every route of a batch or an export answers while that
// waits for a second person: to who made it, and to another person of the
// helpdesk. Whoever approves can't first change what they approve.
var waitingCells = map[string]string{
	//                                            author colleague
	"GET /batches/:batch":                       "200 200",
	"PUT /batches/:batch/files/:n":              "204 403",
	"POST /batches/:batch/files":                "303 403",
	"POST /batches/:batch/match":                "303 403",
	"POST /batches/:batch/items/:n":             "303 403",
	"GET /batches/:batch/items/:n/$value":       "200 200",
	"GET /batches/:batch/items/:n/whole/$value": "200 403", // for whoever frames it
	"POST /batches/:batch/approve":              "403 303",
	"GET /batches/:batch/report.csv":            "200 200",
	"GET /batches/:batch/state":                 "200 200",
	"POST /batches/:batch/run":                  "303 303", // to the sign-in page, from where it is refused
	"POST /batches/:batch/pause":                "409 409", // it doesn't run
	"POST /batches/:batch/resume":               "409 409", // nor stands
	"POST /batches/:batch/cancel":               "303 303",
	"POST /batches/:batch/retry":                "409 409",
	"POST /batches/:batch/finish":               "409 409",
	"POST /batches/:batch/rollback":             "409 409",
	"POST /batches/:batch/options":              "303 403",
	"GET /batches/:batch/expected.csv":          "200 200",
	"GET /exports/:export":                      "200 200",
	"POST /exports/:export/approve":             "403 303",
	"GET /exports/:export/parts/:part":          "409 409", // nobody has approved
}

// TestSecurityWaitingGrid asks for every route of waitingCells as both, each with
// a batch and an export of its own that wait.
func TestSecurityWaitingGrid(t *testing.T) {
	t.Parallel()
	s := newSiteWith(t, nil, func(vars map[string]string) { vars["PORTRAIT_APPROVAL_ABOVE"] = "1" })
	s.tenant.GrantRole("no-photo", "Helpdesk")
	author, colleague := s.signedIn("helpdesk").stay(), s.signedIn("no-photo").stay()
	for _, r := range s.routes() {
		name := r.Method + " " + r.Path
		cells, listed := waitingCells[name]
		if about := strings.Contains(name, ":batch") || strings.Contains(name, ":export"); about != listed && r.Method != http.MethodHead {
			t.Errorf("%s is about a batch or an export, or in waitingCells, but not both", name)
		}
		if !listed {
			continue
		}
		var got []string
		for _, b := range []*browser{author, colleague} {
			got = append(got, fmt.Sprint(s.askWaiting(author, colleague, b, name).status))
		}
		if strings.Join(got, " ") != cells {
			t.Errorf("%s answers %s, want %s", name, strings.Join(got, " "), cells)
		}
	}
}

// askWaiting asks for a route as b, about a batch and an export that the author
// has made for it and that wait.
func (s *testSite) askWaiting(author, colleague, b *browser, route string) *answer {
	s.t.Helper()
	if strings.Contains(route, ":export") {
		return s.askAt(b, route, ":export", s.exportOf(s.tenant.ID(), "helpdesk", "owner", "employee"))
	}
	id := s.waitingBatch(author)
	if route == "POST /batches/:batch/approve" {
		plan := s.askAt(colleague, "GET /batches/:batch", ":batch", id).find(`input[name="plan"]`)
		if plan == nil {
			s.t.Fatal("the batch doesn't wait")
		}
		return b.submit("/batches/"+id+"/approve", "plan", attr(plan, "value"))
	}
	return s.askAt(b, route, ":batch", id)
}

// waitingBatch makes a batch of the author's with two pictures, and asks for its
// approval.
func (s *testSite) waitingBatch(author *browser) string {
	s.t.Helper()
	id := s.openBatch()
	if err := s.db.AddItem(s.t.Context(), id, 2, "petr.jpg", tinted(s.t, 1)); err != nil {
		s.t.Fatal(err)
	}
	items := []store.Item{
		{N: 1, Verdict: string(batch.Matched), Person: s.person("owner"), Ticked: true},
		{N: 2, Verdict: string(batch.Matched), Person: s.person("employee"), Ticked: true},
	}
	if err := s.db.MatchItems(s.t.Context(), id, items); err != nil {
		s.t.Fatal(err)
	}
	if a := author.submit("/batches/" + id + "/approve"); a.status != http.StatusSeeOther {
		s.t.Fatalf("asking for approval answers %d: %s", a.status, a.text())
	}
	return id
}

// exportOf makes an export of a tenant's by a persona, with the photos of others,
// or the author's own where none are named.
func (s *testSite) exportOf(tenant directory.ID, author string, of ...string) string {
	s.t.Helper()
	id, now := store.NewBatchID(), time.Now()
	people := []directory.ID{s.person(author)}
	if len(of) > 0 {
		people = nil
	}
	for _, persona := range of {
		people = append(people, s.person(persona))
	}
	err := s.db.Tx(s.t.Context(), func(tx *store.Tx) error {
		return tx.CreateExport(s.t.Context(), store.Export{
			ID: id, Tenant: tenant, Author: s.person(author), Reason: "T-1", Whose: []byte(`{"kind":"list"}`),
			Part: export.PartPeople, Plan: exportPlan(id), Created: now, Until: now.Add(export.KeepFor),
		}, people)
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return id
}

// exportPlan stands for the hash of whose photos an export of exportOf has.
func exportPlan(id string) []byte {
	sum := sha256.Sum256([]byte(id))
	return sum[:]
}

// planOf returns the plan that the page of an export of exportOf shows.
func planOf(path string) string {
	id := strings.TrimSuffix(strings.TrimPrefix(path, "/exports/"), "/approve")
	return hex.EncodeToString(exportPlan(id))
}

// othersExports holds that an export of another tenant is answered as one that
// there isn't, and that nothing happens to it.
func (s *testSite) othersExports(desk *browser, route string) {
	s.t.Helper()
	theirs := s.exportOf(elsewhere, "owner")
	desk.get("/nothing") // says what an earlier answer has left to be said, which /exports leaves
	s.absent(route, s.askAt(desk, route, ":export", theirs), s.askAt(desk, route, ":export", store.NewBatchID()))
	x, err := s.db.Export(s.t.Context(), elsewhere, theirs)
	taken, err2 := s.db.TakenParts(s.t.Context(), theirs)
	if err != nil || err2 != nil || x.Approver != "" || len(taken) > 0 {
		s.t.Errorf("%s changed another tenant's export: %+v %v, %v, %v", route, x, taken, err, err2)
	}
}

// elsewhere is another tenant.
const elsewhere = "99999999-0000-4000-8000-000000000009"

// count lets the site count who has a photo.
func (s *testSite) count() {
	s.t.Helper()
	if err := s.db.BeginScan(s.t.Context(), s.tenant.ID(), time.Now()); err != nil {
		s.t.Fatal(err)
	}
	if err := s.running.Load().coverage.Scan(s.t.Context()); err != nil {
		s.t.Fatal(err)
	}
}

// TestSecurityOthersCountsAreNotShown counts one person of another tenant, later
// than this one was counted: nobody here hears of it, and where this one wasn't
// counted at all there is no list.
func TestSecurityOthersCountsAreNotShown(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	desk := s.signedIn("helpdesk").stay()
	s.countElsewhere(t, "Flight 99")
	lists := []string{"GET /coverage/people", "GET /coverage/people.csv", "POST /coverage/batch"}
	for _, route := range lists {
		if a := s.askAt(desk, route); a.status != http.StatusNotFound {
			t.Errorf("%s answers %d before this tenant is counted, want 404: %s", route, a.status, a.text())
		}
	}
	if text := desk.get("/coverage").text(); !strings.Contains(text, "Nobody has been counted yet") {
		t.Errorf("the page says: %s", text)
	}
	s.count()
	s.countElsewhere(t, "Flight 99")
	for _, path := range []string{"/coverage", "/coverage/people", "/coverage/people.csv", "/coverage/days.csv"} {
		a := desk.get(path)
		if body := string(a.body); a.status != http.StatusOK || strings.Contains(body, "Flight 99") || strings.Contains(body, strangersID) {
			t.Errorf("%s answers %d and shows whom another tenant counted: %s", path, a.status, a.text())
		}
	}
}

// strangersID is somebody of another tenant.
const strangersID = "99999999-0000-4000-8000-000000000001"

// countElsewhere ends a count of another tenant, of one person of department.
func (s *testSite) countElsewhere(t *testing.T, department string) {
	t.Helper()
	ctx, now := t.Context(), time.Now()
	if err := s.db.BeginScan(ctx, elsewhere, now); err != nil {
		t.Fatal(err)
	}
	sc, err := s.db.ClaimScan(ctx, elsewhere, store.Lease{Holder: "theirs", Until: now.Add(time.Minute)}, now)
	if err == nil {
		sc, err = s.db.AddScanned(ctx, sc, []store.Scanned{{Person: strangersID, Department: department, Side: store.SideNone}}, "", now.Add(time.Minute), now)
	}
	if err == nil {
		err = s.db.EndScan(ctx, sc, now)
	}
	if err != nil {
		t.Fatal(err)
	}
}
