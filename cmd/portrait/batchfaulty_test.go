package main

import (
	"crypto/sha256"
	"flag"
	"net/http"
	"strings"
	"testing"
	"time"

	"portrait/internal/demo"
	"portrait/internal/directory"
	"portrait/internal/store"
	"portrait/internal/store/storetest"
)

var faultyItems = flag.Int("batch-faulty-items", 20, "how many items the batch has of which each fault hits a twentieth; `make soak` asks for 10000")

// itemFaults are what goes wrong with an item, each with 5 % of them.
var itemFaults = []struct {
	name   string
	answer demo.Answer
	fails  bool // the item fails, until somebody tries it again
}{
	{"429", demo.Answer{Method: http.MethodPut, Status: http.StatusTooManyRequests, Header: http.Header{"Retry-After": {"1"}}}, false},
	{"503", demo.Answer{Method: http.MethodPut, Status: http.StatusServiceUnavailable, Header: http.Header{"Retry-After": {"1"}}}, false},
	{"504", demo.Answer{Method: http.MethodPut, Status: http.StatusGatewayTimeout}, false},
	{"500", demo.Answer{Method: http.MethodPut, Status: http.StatusInternalServerError}, false},
	{"cut off before", demo.Answer{Method: http.MethodPut}, false},
	{"cut off after", demo.Answer{Method: http.MethodPut, Taken: true}, false},
	{"cut off before, when it was read", demo.Answer{Method: http.MethodGet}, false},
	{"503 when it was read", demo.Answer{Method: http.MethodGet, Status: http.StatusServiceUnavailable, Header: http.Header{"Retry-After": {"1"}}}, false},
	{"403", demo.Answer{Method: http.MethodPut, Status: http.StatusForbidden, Code: "ErrorAccessDenied"}, true},
	{"404", demo.Answer{Method: http.MethodPut, Status: http.StatusNotFound, Code: "Request_ResourceNotFound"}, true},
}

// TestABatchMeetsEveryFault runs a batch of which each fault hits a twentieth,
// tries again what failed, and rolls it back. Graph's log, the photos and the
// report agree at each step.
func TestABatchMeetsEveryFault(t *testing.T) {
	for name, url := range map[string]func(*testing.T) string{
		"SQLite":     func(t *testing.T) string { return storetest.SQLite(t).URL },
		"PostgreSQL": func(t *testing.T) string { return storetest.PostgreSQL(t).URL },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // most of the time it waits for what Graph asks for
			meetsEveryFault(t, url(t), *faultyItems)
		})
	}
}

// meetsEveryFault is the test on one database, with n items.
func meetsEveryFault(t *testing.T, database string, n int) {
	s := newBatchSiteWith(t, database, "PORTRAIT_APPROVAL_ABOVE", "0")
	s.people, s.patience = filledPeople(s.tenant, n), time.Duration(n)*time.Second/2+3*time.Minute
	before, w, failing := make([][32]byte, n), demo.Weather{ReadDelay: -1}, 0
	for i, p := range s.people {
		before[i] = sha256.Sum256(s.tenant.Photo(p.ID))
		if i%20 < len(itemFaults) {
			fault := itemFaults[i%20]
			fault.answer.Path = "/users/" + string(p.ID) + "/photo"
			if w.Graph = append(w.Graph, fault.answer); fault.fails {
				failing++
			}
		}
	}
	s.tenant.Set(w)
	desk, began := s.signedIn("helpdesk"), time.Now()
	id := s.fill(s.person("helpdesk"), n)
	filled := time.Since(began)
	desk.press(id, "run")
	counts := s.until(id, store.BatchPaused)
	if int(counts.States[store.ItemFailed]) != failing || int(counts.States[store.ItemDone]) != n-failing {
		t.Errorf("of %d items %d must fail: %v", n, failing, counts.States)
	}
	ran := time.Since(began) - filled
	desk = s.signedIn("helpdesk") // 10,000 items outlast a session that nobody uses
	desk.press(id, "retry")
	counts = s.until(id, store.BatchDone)
	right, twice := s.agrees(id, n)
	if int(counts.States[store.ItemDone]) != n || int(counts.Total) != n || right != n || twice > 0 {
		t.Errorf("%d items: %v; %d photos are what the report says, %d were changed twice", n, counts.States, right, twice)
	}
	t.Logf("%d items, %d %% of each of %d faults, filled in %v and run in %v: %d failed and were tried again; %v; %d photos are what the report says, %d were changed twice",
		n, 5, len(itemFaults), filled.Round(time.Second), ran.Round(time.Second), failing, counts.States, right, twice)
	desk = s.signedIn("helpdesk")
	back := strings.TrimPrefix(desk.press(id, "rollback", "reason", "wrong day").url.Path, "/batches/")
	desk.press(back, "run")
	counts = s.until(back, store.BatchDone)
	same := 0
	for i, p := range s.people {
		if sha256.Sum256(s.tenant.Photo(p.ID)) == before[i] {
			same++
		}
	}
	if same != n || int(counts.States[store.ItemDone]) != n {
		t.Errorf("rolled back: %v; %d of %d photos are as they were", counts.States, same, n)
	}
	t.Logf("rolled back: %d of %d photos are as they were", same, n)
}

// agrees returns how many photos are what the rows of the first n people say, and
// how many people's were changed more than once.
func (s *batchSite) agrees(id string, n int) (right, twice int) {
	s.t.Helper()
	of := map[directory.ID][]byte{}
	for after := int64(-1); ; {
		items, err := s.db.Items(s.t.Context(), id, after, 1000)
		if err != nil {
			s.t.Fatal(err)
		}
		for _, it := range items {
			after, of[it.Person] = it.N, it.NewHash
		}
		if len(items) < 1000 {
			break
		}
	}
	for _, p := range s.people[:n] {
		if now := sha256.Sum256(s.tenant.Photo(p.ID)); string(now[:]) == string(of[p.ID]) {
			right++
		}
	}
	for _, times := range s.puts() {
		if times > 1 {
			twice++
		}
	}
	return right, twice
}
