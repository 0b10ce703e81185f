package main

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"portrait/internal/batch"
	"portrait/internal/demo"
	"portrait/internal/directory"
	"portrait/internal/store"
	"portrait/internal/store/storetest"
)

// batchSite is a site that works batches.
type batchSite struct {
	*testSite
	site   built
	people []directory.Person // with nothing special about them
	stop   func()

	patience time.Duration // how long until waits; 0 = three minutes

	mu   sync.Mutex
	sent map[directory.ID]int
}

// watching returns s once it counts how often each person's photo is changed.
func (s *batchSite) watching() *batchSite {
	s.sent = map[directory.ID]int{}
	s.tenant.Watch(func(r demo.Request) {
		parts := strings.Split(r.Path, "/")
		if len(parts) < 4 || parts[2] != "users" || r.Method == http.MethodGet || r.Status != http.StatusOK {
			return
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.sent[directory.ID(parts[3])]++
	})
	return s
}

// newBatchSite starts a site on database whose batches are worked.
func newBatchSite(t *testing.T, database string) *batchSite {
	t.Helper()
	return newBatchSiteWith(t, database, "PORTRAIT_GRAPH_SLOTS", "4")
}

// newBatchSiteWith is newBatchSite with more settings: names and values in turn.
func newBatchSiteWith(t *testing.T, database string, settings ...string) *batchSite {
	t.Helper()
	s := &batchSite{testSite: newSiteWith(t, nil, func(vars map[string]string) {
		vars["PORTRAIT_DATABASE"], vars["PORTRAIT_GRAPH_SLOTS"] = database, "4"
		for i := 0; i+1 < len(settings); i += 2 {
			vars[settings[i]] = settings[i+1]
		}
	})}
	s.watching().people = filledPeople(s.tenant, 80)
	s.start()
	t.Cleanup(func() { s.stop() })
	return s
}

// filledPeople gives the tenant n more people, and returns them.
func filledPeople(tenant *demo.Tenant, n int) []directory.Person {
	tenant.Fill(0, 0, n)
	people := make([]directory.Person, 0, n)
	for i := range n { // as internal/demo numbers them
		id := directory.ID(fmt.Sprintf("f1117e0a-0000-4000-8000-%012d", i))
		people = append(people, directory.Person{ID: id, UPN: fmt.Sprintf("person%d@example.com", i)})
	}
	return people
}

// start begins working batches, as a process that starts does.
func (s *batchSite) start() {
	s.t.Helper()
	log := slog.New(slog.NewJSONHandler(s.log, nil))
	var err error
	if s.site, err = build(s.config, s.db, watched(s.t, s.tenant), log); err != nil {
		s.t.Fatal(err)
	}
	if s.stop, err = s.site.work(context.Background(), log); err != nil {
		s.t.Fatal(err)
	}
	site := s.site
	s.running.Store(&site)
}

// fill makes a batch with a picture for each of the first n people.
func (s *batchSite) fill(author directory.ID, n int) string {
	s.t.Helper()
	ctx, id := s.t.Context(), store.NewBatchID()
	err := s.db.CreateBatch(ctx, store.Batch{ID: id, Tenant: s.tenant.ID(), Author: author, Reason: "new badges", Created: time.Now()})
	if err != nil {
		s.t.Fatal(err)
	}
	items := make([]store.Item, 0, n)
	for i, p := range s.people[:n] {
		if err := s.db.AddItem(ctx, id, int64(i), p.UPN+".jpg", tinted(s.t, i)); err != nil {
			s.t.Fatal(err)
		}
		items = append(items, store.Item{N: int64(i), Verdict: string(batch.Matched), Person: p.ID, Ticked: true})
	}
	if err := s.db.MatchItems(ctx, id, items); err != nil {
		s.t.Fatal(err)
	}
	return id
}

// tinted returns a small picture that no other i has.
func tinted(t *testing.T, i int) []byte {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, 64, 64))
	for k := range 64 * 64 {
		m.Set(k%64, k/64, color.RGBA{uint8(i * 3), uint8(k / 64 * 3), uint8(255 - i*2), 255})
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// press presses a button of a batch's page: the page that follows is another
// helper's, so it isn't looked at.
func (b *browser) press(id, button string, fields ...string) *answer {
	b.t.Helper()
	form := url.Values{"csrf_token": {b.token}}
	for i := 0; i+1 < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	return b.do(http.MethodPost, "/batches/"+id+"/"+button, strings.NewReader(form.Encode()), "Content-Type", "application/x-www-form-urlencoded")
}

// until waits until the batch is in state, and returns the counts of its items.
func (s *batchSite) until(id string, state store.BatchState) store.BatchCounts {
	s.t.Helper()
	patience := cmp.Or(s.patience, 3*time.Minute)
	for end := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
		b, err := s.db.Batch(s.t.Context(), s.tenant.ID(), id)
		if err != nil {
			s.t.Fatal(err)
		}
		counts, err := s.db.CountItems(s.t.Context(), id)
		if err != nil {
			s.t.Fatal(err)
		}
		if b.State == state {
			return counts
		}
		if time.Now().After(end) {
			s.t.Fatalf("after %v it is %s: %v; note %s\n%s", patience, b.State, counts.States, b.Note, s.logged())
		}
	}
}

// untilStill waits until no item is under way any more.
func (s *batchSite) untilStill(id string) {
	s.t.Helper()
	for end := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		counts, err := s.db.CountItems(s.t.Context(), id)
		if err != nil {
			s.t.Fatal(err)
		}
		if counts.States[store.ItemWorking] == 0 {
			return
		}
		if time.Now().After(end) {
			s.t.Fatalf("after a minute items are under way: %v", counts.States)
		}
	}
}

// untilDone waits until n items have ended.
func (s *batchSite) untilDone(id string, n int64) {
	s.t.Helper()
	for end := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		counts, err := s.db.CountItems(s.t.Context(), id)
		if err != nil {
			s.t.Fatal(err)
		}
		if counts.States[store.ItemDone] >= n {
			return
		}
		if time.Now().After(end) {
			b, err := s.db.Batch(s.t.Context(), s.tenant.ID(), id)
			s.t.Fatalf("after a minute: %v; it is %s: %s, %v\n%s", counts.States, b.State, b.Note, err, s.logged())
		}
	}
}

// puts returns how often each person's photo was changed, but for those that
// Graph refused.
func (s *batchSite) puts() map[directory.ID]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.sent)
}

// TestABatchRunsAndIsRolledBack runs sixty items, a twentieth of which meet a
// fault, with a restart in the middle, and puts everything back.
func TestABatchRunsAndIsRolledBack(t *testing.T) {
	t.Parallel() // it waits most of the time
	storetest.Each(t, func(t *testing.T, db *storetest.Database) {
		t.Parallel()
		const items = 60
		s := newBatchSite(t, db.URL)
		b := s.signedIn("helpdesk")
		id := s.fill(s.person("helpdesk"), items)
		before := map[directory.ID][]byte{}
		for _, p := range s.people[:items] {
			before[p.ID] = s.tenant.Photo(p.ID)
		}
		s.tenant.Set(demo.Weather{ReadDelay: -1, Slow: 5 * time.Millisecond, Graph: []demo.Answer{
			{Method: http.MethodPut, Status: http.StatusTooManyRequests, Header: http.Header{"Retry-After": {"1"}}},
			{Method: http.MethodPut, Status: 0},
			{Method: http.MethodPut, Status: http.StatusServiceUnavailable, Header: http.Header{"Retry-After": {"1"}}},
		}})
		began := time.Now()
		b.press(id, "run")
		s.untilDone(id, items/3)
		s.stop()
		s.start()
		counts := s.until(id, store.BatchDone)
		if counts.States[store.ItemDone] != items {
			t.Errorf("of %d items: %v", items, counts.States)
		}
		twice := 0
		for person, n := range s.puts() {
			if n != 1 {
				twice++
				t.Logf("%s was sent %d times", person, n)
			}
		}
		if len(s.puts()) != items || twice > 0 {
			t.Errorf("%d people were changed, %d of them twice; want each of %d once", len(s.puts()), twice, items)
		}
		t.Logf("%d items in %v with 3 faults and a restart: %v", items, time.Since(began).Round(time.Millisecond), counts.States)
		s.tenant.Set(demo.Weather{ReadDelay: -1})
		a := b.stay().press(id, "rollback", "reason", "wrong folder")
		back := strings.TrimPrefix(a.header.Get("Location"), "/batches/")
		if a.status != http.StatusSeeOther || back == "" {
			t.Fatalf("rolling back: %d %s", a.status, a.text())
		}
		b.http.CheckRedirect = nil
		b.press(back, "run")
		counts = s.until(back, store.BatchDone)
		same := 0
		for person, old := range before {
			if bytes.Equal(s.tenant.Photo(person), old) {
				same++
			}
		}
		if same != items || counts.States[store.ItemDone] != items {
			t.Errorf("%d of %d photos are as they were: %v", same, items, counts.States)
		}
		t.Logf("rolled back: %d of %d photos are byte for byte as they were", same, items)
	})
}

// TestABatchIsPausedResumedAndCancelled also changes a photo while the batch is
// paused: that one is skipped, and says so.
func TestABatchIsPausedResumedAndCancelled(t *testing.T) {
	t.Parallel()
	const items = 40
	s := newBatchSite(t, storetest.SQLite(t).URL)
	s.tenant.Set(demo.Weather{ReadDelay: -1, Slow: 20 * time.Millisecond})
	b := s.signedIn("helpdesk")
	id := s.fill(s.person("helpdesk"), items)
	b.press(id, "run")
	s.untilDone(id, 3)
	b.press(id, "pause")
	s.until(id, store.BatchPaused)
	s.untilStill(id)
	paused := len(s.puts())
	time.Sleep(time.Second)
	if now := len(s.puts()); now != paused || now == items {
		t.Errorf("%d photos were changed when it was paused, and %d a second later", paused, now)
	}
	changed := s.people[items-1] // by somebody else, while it is paused
	a := b.do(http.MethodPut, "/users/"+string(changed.ID)+"/photo/$value", bytes.NewReader(tinted(t, 99)),
		"X-CSRF-Token", b.token, "Content-Type", "image/jpeg", "X-Reason", "asked%20for")
	if a.status != http.StatusOK {
		t.Fatalf("the change in between: %d %s", a.status, a.text())
	}
	b.press(id, "resume")
	s.untilDone(id, int64(paused)+3)
	counts := s.until(id, store.BatchDone)
	if counts.States[store.ItemDone] != items-1 || counts.States[store.ItemSkipped] != 1 {
		t.Errorf("in the end: %v; want all done but the one whose photo was changed meanwhile", counts.States)
	}
	it, err := s.db.Item(t.Context(), id, items-1)
	if err != nil || it.State != store.ItemSkipped || !bytes.Contains(it.Result, []byte("batch.changed-meanwhile")) {
		t.Errorf("the one that was changed meanwhile: %s %s, %v", it.State, it.Result, err)
	}
	t.Logf("paused after %d, resumed: %v", paused, counts.States)

	other := s.fill(s.person("helpdesk"), items)
	b.press(other, "run")
	s.untilDone(other, 2)
	b.press(other, "cancel")
	s.until(other, store.BatchCancelled)
	s.untilStill(other)
	counts, err = s.db.CountItems(t.Context(), other)
	if err != nil || counts.States[store.ItemLeft] == 0 || counts.States[store.ItemWorking]+counts.States[store.ItemOpen] != 0 {
		t.Errorf("cancelled: %v, %v", counts.States, err)
	}
	t.Logf("cancelled: %v", counts.States)
}

// TestSecurityARoleThatIsTakenAwayStopsABatch: nothing is changed any more once
// the newest proof of the role is older than five minutes, and the page says why.
func TestSecurityARoleThatIsTakenAwayStopsABatch(t *testing.T) {
	t.Parallel()
	const items = 40
	s := newBatchSite(t, storetest.SQLite(t).URL)
	s.tenant.Set(demo.Weather{ReadDelay: -1, Slow: 20 * time.Millisecond})
	b := s.signedIn("helpdesk")
	id := s.fill(s.person("helpdesk"), items)
	b.press(id, "run")
	s.untilDone(id, 3)
	s.tenant.RevokeRole("helpdesk")
	s.age(id)
	s.until(id, store.BatchPaused)
	s.untilStill(id)
	changed := len(s.puts())
	time.Sleep(2 * time.Second)
	batched, err := s.db.Batch(t.Context(), s.tenant.ID(), id)
	if err != nil || len(s.puts()) != changed || changed == items || !bytes.Contains(batched.Note, []byte("batch.role-gone")) {
		t.Errorf("%d, then %d photos changed; note %s, %v", changed, len(s.puts()), batched.Note, err)
	}
	if _, err := s.db.Grant(t.Context(), id); err == nil {
		t.Error("the grant is still there")
	}
	t.Logf("paused after %d of %d, and no photo was changed after that", changed, items)
}

// age makes the grant's proof of the role older than five minutes.
func (s *batchSite) age(id string) {
	s.t.Helper()
	g, err := s.db.Grant(s.t.Context(), id)
	if err != nil {
		s.t.Fatal(err)
	}
	old := time.Now().Add(-6 * time.Minute).UTC().Format(time.RFC3339Nano)
	start := bytes.Index(g.Data, []byte(`"Proven":"`)) + len(`"Proven":"`)
	end := start + bytes.IndexByte(g.Data[start:], '"')
	g.Data = []byte(string(g.Data[:start]) + old + string(g.Data[end:]))
	g.Proof = time.Now().Add(-6 * time.Minute)
	if err := s.db.Tx(s.t.Context(), func(tx *store.Tx) error { return tx.SetGrant(s.t.Context(), id, g) }); err != nil {
		s.t.Fatal(err)
	}
}

// TestSecurityBatchesAreTheHelpdesks: everybody else hears the same of batches
// that are there and that aren't.
func TestSecurityBatchesAreTheHelpdesks(t *testing.T) {
	t.Parallel()
	s := newBatchSite(t, storetest.SQLite(t).URL)
	id := s.fill(s.person("helpdesk"), 2)
	employee, desk := s.signedIn("employee"), s.signedIn("helpdesk")
	for _, button := range []string{"run", "pause", "resume", "cancel", "retry", "finish", "rollback"} {
		there, absent := employee.press(id, button, "reason", "x"), employee.press(store.NewBatchID(), button, "reason", "x")
		if there.status != http.StatusForbidden || absent.status != http.StatusForbidden {
			t.Errorf("%s by an employee: %d, and %d for one that isn't there", button, there.status, absent.status)
		}
		if a := desk.press(store.NewBatchID(), button, "reason", "x"); a.status != http.StatusNotFound {
			t.Errorf("%s of none: %d", button, a.status)
		}
	}
	if n := len(s.puts()); n > 0 {
		t.Errorf("%d photos were changed", n)
	}
}
