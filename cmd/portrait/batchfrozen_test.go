package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"maps"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"portrait/internal/audit"
	"portrait/internal/demo"
	"portrait/internal/store"
	"portrait/internal/store/storetest"
)

// twin starts a second replica of p on the same database, at an address of its
// own. It ends with the test.
func (p *program) twin() *program {
	p.t.Helper()
	addr, err := freeAddr("127.0.0.1:0")
	if err != nil {
		p.t.Fatal(err)
	}
	site := *p.testSite
	site.url = "http://" + addr
	q := &program{testSite: &site, vars: maps.Clone(p.vars)}
	q.vars["PORTRAIT_ADDR"] = addr
	q.start()
	p.t.Cleanup(q.kill)
	return q
}

// signal sends the program a signal.
func (p *program) signal(s syscall.Signal) {
	p.t.Helper()
	if err := p.process.Process.Signal(s); err != nil {
		p.t.Fatal(err)
	}
}

// replica is the name under which the program holds items, see newBatches.
func (p *program) replica() string {
	p.t.Helper()
	host, err := os.Hostname()
	if err != nil {
		p.t.Fatal(err)
	}
	return host + " " + strings.TrimPrefix(p.url, "http://")
}

// heldBy returns the items of a batch that holder has claimed.
func heldBy(t *testing.T, db *sql.DB, batch, holder string) (items []int64) {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), `SELECT n FROM batch_items WHERE batch = $1 AND holder = $2 AND state = 'working' ORDER BY n`, batch, holder)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close() // Err says whether all were read
	for rows.Next() {
		var n int64
		if err := rows.Scan(&n); err != nil {
			t.Fatal(err)
		}
		items = append(items, n)
	}
	if rows.Err() != nil {
		t.Fatal(rows.Err())
	}
	return items
}

// otherLeases is after how long the leases of slots and drafts have run out, see
// internal/photo.
const otherLeases = 11 * time.Second

// TestAFrozenReplicaConfirmsNoItemTwice freezes one of two replicas in the middle
// of a batch, beyond the lease of what it works at, and thaws it once the other
// one has done that. What it does then is worth nothing.
//
// The four minutes of an item's lease aren't waited for: its row says that they
// are over. The leases of slots and drafts run out by themselves meanwhile.
func TestAFrozenReplicaConfirmsNoItemTwice(t *testing.T) {
	const items = 60
	database := storetest.PostgreSQL(t)
	p := newProgram(t, database.URL, nil)
	db, err := store.Open(context.Background(), p.config.Database, p.config.Keys)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close() // the test's end
	p.db, p.log = db, &lockedBuffer{}
	s := (&batchSite{testSite: p.testSite, people: filledPeople(p.tenant, items)}).watching()
	q := p.twin()
	p.tenant.Set(demo.Weather{ReadDelay: -1, Slow: 150 * time.Millisecond})
	id := s.fill(s.person("helpdesk"), items)
	s.signedIn("helpdesk").press(id, "run")
	rows := database.SQL(t)
	var held []int64
	for end := time.Now().Add(time.Minute); ; time.Sleep(5 * time.Millisecond) {
		q.signal(syscall.SIGSTOP)
		if held = heldBy(t, rows, id, q.replica()); len(held) > 1 {
			break
		}
		q.signal(syscall.SIGCONT)
		if time.Now().After(end) {
			t.Fatalf("the second replica works at nothing: %s", q.said())
		}
	}
	froze := time.Now()
	if _, err := rows.ExecContext(t.Context(), `UPDATE batch_items SET until = 1 WHERE batch = $1 AND holder = $2`, id, q.replica()); err != nil {
		t.Fatal(err)
	}
	for _, n := range held {
		s.untilEnded(id, n)
	}
	time.Sleep(otherLeases - time.Since(froze))
	q.signal(syscall.SIGCONT)
	frozen := time.Since(froze).Round(time.Second)
	counts := s.until(id, store.BatchDone)
	time.Sleep(2 * time.Second) // what the thawed one still wants to do
	confirmed := map[string]int{}
	err = s.testSite.audited().Each(t.Context(), audit.Filter{}, func(r audit.Record) error {
		if strings.HasPrefix(r.Item, id+"/") && r.Outcome == audit.Done {
			confirmed[r.Item]++
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	twice, right, sent := 0, 0, 0
	for _, n := range confirmed {
		if n != 1 {
			twice++
		}
	}
	for n, person := range s.people {
		it, err := db.Item(t.Context(), id, int64(n))
		if now := sha256.Sum256(p.tenant.Photo(person.ID)); err == nil && bytes.Equal(now[:], it.NewHash) {
			right++
		}
	}
	for _, n := range s.puts() {
		sent += n
	}
	if twice > 0 || len(confirmed) != items || right != items || counts.States[store.ItemDone] != items {
		t.Errorf("%d items: %v; %d are confirmed, %d of them more than once; %d photos are what the report says", items, counts.States, len(confirmed), twice, right)
	}
	t.Logf("%d items, of which a replica was frozen for %v with %d: %v; %d confirmed, %d of them twice; %d photos are what the report says; %d PUTs",
		items, frozen, len(held), counts.States, len(confirmed), twice, right, sent)
}

// untilEnded waits until item n of a batch has ended.
func (s *batchSite) untilEnded(id string, n int64) {
	s.t.Helper()
	for end := time.Now().Add(2 * time.Minute); ; time.Sleep(50 * time.Millisecond) {
		it, err := s.db.Item(s.t.Context(), id, n)
		if err != nil {
			s.t.Fatal(err)
		}
		if it.State != store.ItemOpen && it.State != store.ItemWorking {
			return
		}
		if time.Now().After(end) {
			s.t.Fatalf("item %d is %s after two minutes", n, it.State)
		}
	}
}
