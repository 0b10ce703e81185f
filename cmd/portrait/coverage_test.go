package main

import (
	"context"
	"encoding/csv"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"portrait/internal/coverage"
	"portrait/internal/demo"
	"portrait/internal/directory"
)

// covered returns what a count of the tenant must find: by department, how many
// people have a photo and how many have none.
func (s *testSite) covered() (have, lack map[string]int) {
	have, lack = map[string]int{}, map[string]int{}
	for _, p := range s.tenant.People() {
		switch {
		case p.Guest || p.DisplayName == "Crew Desk" || p.DisplayName == "Lounge Appointments": // nobody signs in with these
		case s.tenant.HasPhoto(p.ID):
			have[p.Department]++
		default:
			lack[p.Department]++
		}
	}
	return have, lack
}

func sum(of map[string]int) int {
	n := 0
	for _, v := range of {
		n += v
	}
	return n
}

// csv returns a CSV file without its head.
func (a *answer) csv() [][]string {
	a.t.Helper()
	all, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(a.body), "\uFEFF"))).ReadAll()
	if err != nil || len(all) == 0 {
		a.t.Fatalf("not a CSV: %v: %.200s", err, a.body)
	}
	return all[1:]
}

func TestTheHelpdeskSeesWhoHasAPhoto(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.signedIn("helpdesk")
	if text := b.get("/coverage").text(); !strings.Contains(text, "Nobody has been counted yet") {
		t.Errorf("before the first count: %s", text)
	}
	if a := b.get("/coverage/people"); a.status != http.StatusNotFound {
		t.Errorf("the list before the first count: %d", a.status)
	}
	if text := b.submit("/coverage/count").text(); !strings.Contains(text, "Counting:") {
		t.Errorf("after Count now: %s", text)
	}
	before := len(s.tenant.Requests())
	if err := s.running.Load().coverage.Scan(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, r := range s.tenant.Requests()[before:] {
		if strings.Contains(r.Path, "$value") || strings.HasSuffix(r.Path, "/photo") && !r.InBatch {
			t.Errorf("the count asked for %s, in a batch: %v", r.Path, r.InBatch)
		}
	}
	have, lack := s.covered()
	page := b.get("/coverage")
	if want := strconv.Itoa(sum(have)) + " of " + strconv.Itoa(sum(have)+sum(lack)) + " people have a photo"; !strings.Contains(page.text(), want) {
		t.Errorf("the page doesn't say %q: %s", want, page.text())
	}
	if page.find("svg") == nil || page.find("desc") == nil {
		t.Error("there is no drawing, or it isn't described")
	}
	for department, n := range lack {
		query := url.Values{"show": {"missing"}, "department": {department}}.Encode()
		list := b.get("/coverage/people?" + query)
		if got := len(list.all(`a[class="list__row"]`)); got != n {
			t.Errorf("behind the bar of %q are %d without a photo, want %d: %s", department, got, n, list.text())
		}
		if got := b.get("/coverage/people.csv?" + query).csv(); len(got) != n || got[0][0] == "" || got[0][2] != "no" {
			t.Errorf("the CSV of %q has %v, want %d rows", department, got, n)
		}
	}
	if got := b.get("/coverage/people.csv").csv(); len(got) != sum(have)+sum(lack) {
		t.Errorf("the CSV of everybody has %d rows, want %d", len(got), sum(have)+sum(lack))
	}
	if got := b.get("/coverage/days.csv").csv(); len(got) != 1 || got[0][2] != strconv.Itoa(sum(have)) {
		t.Errorf("the CSV of the days has %v", got)
	}
}

func TestSecurityCoverageAndExportsAreTheHelpdesks(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	employee := s.signedIn("employee")
	before := s.asked()
	for _, path := range []string{
		"/coverage", "/coverage/people", "/coverage/people.csv", "/coverage/days.csv", "/exports", "/exports/x", "/exports/x/parts/1", "/batches/x/expected.csv",
	} {
		if a := employee.get(path); a.status != http.StatusForbidden {
			t.Errorf("GET %s answers an employee %d, want 403", path, a.status)
		}
	}
	for path, fields := range map[string][]string{
		"/coverage/count": nil, "/coverage/batch": {"reason", "INC-1"},
		"/exports": {"kind", "everybody", "reason", "INC-1"}, "/exports/x/approve": {"plan", "00"},
	} {
		if a := employee.submit(path, fields...); a.status != http.StatusForbidden {
			t.Errorf("POST %s answers an employee %d, want 403", path, a.status)
		}
	}
	if n := s.asked() - before; n > 0 {
		t.Errorf("Graph was asked %d times", n)
	}
}

// TestACountGoesOnAfterAKill cuts a count off between two pages: another replica
// leaves it alone while it is held, then goes on at the same page.
func TestACountGoesOnAfterAKill(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	const filled = 150
	s.tenant.Fill(0, 0, filled)
	if err := s.db.BeginScan(t.Context(), s.tenant.ID(), time.Now()); err != nil {
		t.Fatal(err)
	}
	ctx, kill := context.WithCancel(t.Context())
	pages, site := 0, *s.running.Load().coverage
	first := site
	first.Now = func() time.Time {
		if pages++; pages > 6 { // in the second page
			kill()
		}
		return time.Now()
	}
	if err := first.Scan(ctx); err == nil {
		t.Fatal("the count wasn't cut off")
	}
	half, err := s.db.RunningScan(t.Context(), s.tenant.ID())
	if err != nil || half.Pages == 0 || half.Next == "" {
		t.Fatalf("what was left behind is %+v, %v", half, err)
	}
	second := coverage.Service{Store: site.Store, Photo: site.Photo, Log: site.Log, Now: time.Now, Sleep: sleep, Tenant: site.Tenant, Replica: "another", Fresh: site.Fresh}
	before := len(s.tenant.Requests())
	if err := second.Scan(t.Context()); err != nil || len(s.tenant.Requests()) != before {
		t.Errorf("another replica took the count over while it was held: %v", err)
	}
	second.Now = func() time.Time { return time.Now().Add(10 * time.Minute) }
	if err := second.Scan(t.Context()); err != nil {
		t.Fatal(err)
	}
	have, lack := s.covered()
	last, err := s.db.LastScan(t.Context(), s.tenant.ID())
	if want := int64(sum(have) + sum(lack) + filled); err != nil || last.People != want || last.Unknown != 0 {
		t.Errorf("counted %+v, %v, want all %d", last.ScanCounts, err, want)
	}
	if n := asksForFirstPage(s.tenant.Requests()); n != 1 {
		t.Errorf("the first page was read %d times", n)
	}
}

func asksForFirstPage(all []demo.Request) int {
	n := 0
	for _, r := range all {
		if r.Path == "/v1.0/users" && !strings.Contains(r.Query, "skiptoken") {
			n++
		}
	}
	return n
}

func TestACountIsWaitedForWhileGraphIsBusy(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	slept := time.Duration(0)
	site := *s.running.Load().coverage
	site.Sleep = func(_ context.Context, d time.Duration) error {
		slept += d
		s.tenant.Set(demo.Weather{ReadDelay: -1})
		return nil
	}
	if err := s.db.BeginScan(t.Context(), s.tenant.ID(), time.Now()); err != nil {
		t.Fatal(err)
	}
	s.tenant.Set(demo.Weather{ReadDelay: -1, Down: true})
	if err := site.Scan(t.Context()); err != nil {
		t.Fatal(err)
	}
	have, _ := s.covered()
	last, err := s.db.LastScan(t.Context(), s.tenant.ID())
	if err != nil || last.WithPhoto != int64(sum(have)) || slept == 0 {
		t.Errorf("counted %+v, %v, after %s of waiting, want %d with a photo", last.ScanCounts, err, slept, sum(have))
	}
}

func TestABatchWaitsForThosePeople(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.signedIn("helpdesk")
	b.submit("/coverage/count")
	if err := s.running.Load().coverage.Scan(t.Context()); err != nil {
		t.Fatal(err)
	}
	_, lack := s.covered()
	var without, with directory.Person
	for _, p := range s.tenant.People() {
		switch {
		case p.Department != "Operations" || p.Guest || p.DisplayName == "Crew Desk":
		case s.tenant.HasPhoto(p.ID):
			with = p
		default:
			without = p
		}
	}
	a := b.submit("/coverage/batch", "department", "Operations", "show", "missing", "reason", "INC-1", "title", "Operations")
	if want := "waits for pictures of " + strconv.Itoa(lack["Operations"]); !strings.Contains(a.text(), want) {
		t.Fatalf("the batch doesn't say %q: %s", want, a.text())
	}
	batch := a.url.Path
	if a := b.putFile(batch, "1", without.UPN+".jpg", sample(t, "tiny.jpg")); a.status != 204 {
		t.Fatal(a.status)
	}
	if a := b.putFile(batch, "2", with.UPN+".jpg", sample(t, "sideways.jpg")); a.status != 204 {
		t.Fatal(a.status)
	}
	text := b.submit(batch + "/match").text()
	for _, want := range []string{"1 of them", "1 to be changed", "doesn't wait for a picture of this person"} {
		if !strings.Contains(text, want) {
			t.Errorf("the wall doesn't say %q: %s", want, text)
		}
	}
	rows := b.get(batch + "/expected.csv").csv()
	if len(rows) != lack["Operations"] || rows[0][1] != "" || rows[len(rows)-1][0] != without.UPN || rows[len(rows)-1][1] != without.UPN+".jpg" {
		t.Errorf("the table has %v, want %d people, whose picture is here last", rows, lack["Operations"])
	}
}
