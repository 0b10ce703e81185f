package audit_test

import (
	"strings"
	"sync"
	"testing"

	"portrait/internal/audit"
	"portrait/internal/directory"
	"portrait/internal/store"
	"portrait/internal/store/storetest"

	"github.com/google/go-cmp/cmp"
)

func TestWhatIsAppendedIsRead(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *storetest.Database) {
		s := newSite(t, db)
		s.holds("an empty log")
		strange := sample(2)
		strange.Name = "line one\nline two\r\n\x00\u202Egnp.exe"
		strange.Reason = strings.Repeat("ü", 5<<10) // 10 kB
		strange.TargetName = `"><img src=x onerror=alert(1)>`
		bare := audit.Entry{At: noon, Tenant: tenant, Action: audit.Export, Outcome: audit.Done}
		written := []audit.Entry{sample(1), strange, bare}
		s.add(written...)
		if r := s.holds("three entries"); r.Entries != 3 || r.First != 1 || r.Last != 3 || r.Erased != 0 {
			t.Errorf("reported %+v", r)
		}
		page, err := s.Page(t.Context(), audit.Filter{}, 50)
		if err != nil || len(page.Records) != 3 || page.Next != 0 {
			t.Fatalf("page: %d entries, next %d, %v", len(page.Records), page.Next, err)
		}
		for i, e := range written {
			r := page.Records[len(written)-1-i]
			if r.Seq != int64(i+1) || !r.Verified || r.Erased {
				t.Errorf("entry %d: %+v", i+1, r)
			}
			if diff := cmp.Diff(e, r.Entry); diff != "" {
				t.Errorf("entry %d was read as (- written, + read):\n%s", i+1, diff)
			}
		}
	})
}

// TestSecurityNobodyIsNamedInTheDatabase looks for what stands beside the chain in what
// the database holds.
func TestSecurityNobodyIsNamedInTheDatabase(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *storetest.Database) {
		s := newSite(t, db)
		s.fill(1)
		dump := string(db.Dump(t, "audit_log", "audit_sides", "audit_head", "audit_marks"))
		for _, name := range []string{"Hanna", "hanna.desk", "INC-4711", "Maya", "192.0.2.7", "Mozilla"} {
			if strings.Contains(dump, name) {
				t.Errorf("the database holds %q", name)
			}
		}
		if !strings.Contains(dump, string(desk)) {
			t.Error("the dump doesn't show the log at all")
		}
	})
}

// TestAnEntryIsThereWithItsChangeOrNotAtAll undoes a transaction.
func TestAnEntryIsThereWithItsChangeOrNotAtAll(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *storetest.Database) {
		s := newSite(t, db)
		s.fill(1)
		err := s.Store.Tx(t.Context(), func(tx *store.Tx) error {
			if err := s.Append(t.Context(), tx, sample(2)); err != nil {
				return err
			}
			return store.ErrConflict // what else the transaction does fails
		})
		if err != store.ErrConflict {
			t.Fatal(err)
		}
		s.fill(1)
		if r := s.holds("after a transaction that was undone"); r.Last != 2 {
			t.Errorf("the log ends at %d, want 2", r.Last)
		}
	})
}

// TestSecurityTwoReplicasWriteOneChain writes 500 entries on each of two replicas at
// once. SQLite, which is for one replica, lets nobody wait in line: there each
// has one writer, so that none waits in vain on a slow machine.
func TestSecurityTwoReplicasWriteOneChain(t *testing.T) {
	const each = 500
	storetest.Each(t, func(t *testing.T, db *storetest.Database) {
		writers := 10
		if strings.HasSuffix(db.URL, ".db") {
			writers = 1
		}
		key := storetest.Key()
		replicas := []*audit.Log{logOn(t, db.Open(t), key), logOn(t, db.Open(t), key)}
		var all sync.WaitGroup
		for _, l := range replicas {
			for range writers {
				all.Go(func() {
					for range each / writers {
						err := l.Store.Tx(t.Context(), func(tx *store.Tx) error { return l.Append(t.Context(), tx, sample(1)) })
						if err != nil {
							t.Error(err)
						}
					}
				})
			}
		}
		all.Wait()
		r := (&site{Log: replicas[0], t: t, db: db}).holds("1,000 entries of two replicas")
		if r.Entries != 2*each || r.First != 1 || r.Last != 2*each {
			t.Errorf("there are %d entries from %d to %d, want %d without a gap", r.Entries, r.First, r.Last, 2*each)
		}
	})
}

func TestKeysFollowOneAnother(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *storetest.Database) {
		first, second := storetest.Key(), storetest.Key()
		opened := db.Open(t)
		s := &site{Log: logOn(t, opened, first), t: t, db: db}
		s.fill(2)
		s.Log = logOn(t, opened, second, first)
		s.fill(2)
		s.holds("two keys")
		s.Log = logOn(t, opened, second)
		s.finds("the first key is gone", audit.Wrong{Seq: 1, How: audit.UnknownKey})
		s.Log = logOn(t, opened, first)
		s.finds("the second key is gone", audit.Wrong{Seq: 3, How: audit.UnknownKey})
		s.Log = logOn(t, opened, storetest.Key())
		s.finds("another key", audit.Wrong{Seq: 1, How: audit.UnknownKey})
	})
}

func TestSecurityNewKeysRefuses(t *testing.T) {
	key := storetest.Key()
	for _, tt := range []struct {
		sentence string
		keys     [][]byte
	}{
		{"no key", nil},
		{"a short key", [][]byte{key, key[:31]}},
		{"a key twice", [][]byte{key, storetest.Key(), key}},
	} {
		if _, err := audit.NewKeys(tt.keys...); err == nil {
			t.Errorf("%s is taken", tt.sentence)
		}
	}
}

func TestFilters(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *storetest.Database) {
		s := newSite(t, db)
		s.fill(3) // by desk, for maya
		own := audit.Entry{At: noon, Tenant: tenant, Person: joerg, Photo: directory.UserPhoto(tenant, joerg), Action: audit.Remove, Outcome: audit.Done}
		s.add(own, audit.Entry{At: noon.Add(1 << 40), Tenant: "another", Person: desk, Action: audit.Set, Outcome: audit.Done})
		for _, tt := range []struct {
			sentence string
			filter   audit.Filter
			want     []int64
		}{
			{"everything", audit.Filter{}, []int64{5, 4, 3, 2, 1}},
			{"one tenant", audit.Filter{Tenant: tenant}, []int64{4, 3, 2, 1}},
			{"by whom", audit.Filter{Person: joerg}, []int64{4}},
			{"for whom", audit.Filter{Owner: maya}, []int64{3, 2, 1}},
			{"what", audit.Filter{Action: audit.Remove}, []int64{4}},
			{"how it ended", audit.Filter{Outcome: audit.Refused}, []int64{3, 2, 1}},
			{"from a time", audit.Filter{Tenant: tenant, From: sample(2).At}, []int64{3, 2}},
			{"before a time", audit.Filter{To: sample(2).At}, []int64{4, 1}},
			{"all at once", audit.Filter{Tenant: tenant, Person: desk, Owner: maya, Action: audit.Set, Outcome: audit.Refused, From: sample(1).At, To: sample(3).At, Before: 2}, []int64{1}},
			{"nothing", audit.Filter{Person: maya}, nil},
		} {
			var got []int64
			err := s.Each(t.Context(), tt.filter, func(r audit.Record) error {
				got = append(got, r.Seq)
				return nil
			})
			if err != nil || !cmp.Equal(got, tt.want) {
				t.Errorf("%s: %v, %v; want %v", tt.sentence, got, err, tt.want)
			}
		}
		page, err := s.Page(t.Context(), audit.Filter{}, 2)
		if err != nil || len(page.Records) != 2 || page.Next != 4 {
			t.Errorf("a page of two: %d entries, next %d, %v", len(page.Records), page.Next, err)
		}
	})
}
