package main

import (
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"

	"portrait/internal/auth"
	"portrait/internal/demo"
)

const maxGrowth = 32 << 20 // bytes of heap

// TestLongListsCostWhatTheirPageCosts goes through pages of lists that have
// thousands of rows: each is one call of Graph, the pictures of its rows come in
// bundles, and nothing of it stays in memory.
func TestLongListsCostWhatTheirPageCosts(t *testing.T) {
	s := newSite(t)
	owner, helpdesk := s.signedInFor("owner", auth.ForGroups, auth.ForContacts), s.signedIn("helpdesk")
	s.tenant.Fill(2000, 5000, 100_000)
	helpdesk.get("/users") // the app's token and what a first page loads
	before := heap()
	for _, tt := range []struct {
		name, path string
		b          *browser
		bundle     int // pictures in a $batch
	}{
		{"2,000 groups", "/groups", owner, 20},
		{"5,000 contacts", "/me/contacts", owner, 4},
		{"100,000 users", "/users", helpdesk, 20},
		{"a search among 100,000 users", "/users?q=alex", helpdesk, 20},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path := tt.path
			for page := range 4 {
				n := s.asked()
				a := tt.b.get(path)
				rows := a.rows()
				if a.status != http.StatusOK || len(rows) == 0 || len(rows) > 100 || a.next() == "" {
					t.Fatalf("page %d answers %d with %d rows", page, a.status, len(rows))
				}
				if lists := lists(s.since(n)); len(lists) != 1 {
					t.Errorf("page %d took %d calls: %v", page, len(lists), lists)
				}
				if page < 2 {
					thumbnails(t, tt.b, rows, tt.bundle)
				}
				path = a.next()
			}
		})
	}
	if growth := int64(heap()) - int64(before); growth > maxGrowth {
		t.Errorf("the heap has grown by %d MB", growth>>20)
	}
}

// lists returns the calls that read the rows of a list. The folders of a mailbox
// aren't, nor is the one contact that tells which is the default one.
func lists(all []demo.Request) []string {
	var found []string
	for _, r := range all {
		if strings.Contains(strings.ToLower(r.Path), "contactfolders") || strings.Contains(r.Query+"&", "top=1&") {
			continue
		}
		found = append(found, r.Method+" "+r.Path)
	}
	return found
}

// thumbnails asks for the pictures of rows side by side, as a browser does, and
// checks in how many calls they came.
func thumbnails(t *testing.T, b *browser, rows []listed, bundle int) {
	t.Helper()
	n := b.asked()
	var all sync.WaitGroup
	for _, r := range rows {
		all.Go(func() {
			if a := b.get(r.src); a.status != http.StatusOK {
				t.Errorf("%s answers %d: %.200s", r.src, a.status, a.body)
			}
		})
	}
	all.Wait()
	batches, single := 0, 0
	for _, r := range b.since(n) {
		switch {
		case strings.HasSuffix(r.Path, "/$batch"):
			batches++
		case !r.InBatch:
			single++
		}
	}
	// Who comes late makes a batch of their own, and the machine may be slow.
	least, most := (len(rows)+bundle-1)/bundle, len(rows)/2
	if single > 0 || batches < least || batches > most {
		t.Errorf("%d pictures came in %d batches and %d calls, want %d to %d batches", len(rows), batches, single, least, most)
	}
}

// heap returns what is in use, in bytes.
func heap() uint64 {
	runtime.GC()
	runtime.GC() // what the first one freed by finalizers
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
