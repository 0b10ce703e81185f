package store_test

import (
	"bytes"
	"errors"
	"testing"

	"portrait/internal/directory"
	"portrait/internal/store"
	"portrait/internal/store/storetest"
)

func TestSecurityNewRingRefuses(t *testing.T) {
	key := storetest.Key()
	for _, tt := range []struct {
		sentence string
		keys     [][]byte
	}{
		{"no key", nil},
		{"a short key", [][]byte{key[:31]}},
		{"a long key", [][]byte{append(key[:32:32], 0)}},
		{"an empty key after a good one", [][]byte{key, {}}},
		{"the same key twice", [][]byte{key, bytes.Clone(key)}},
	} {
		if _, err := store.NewRing(tt.keys...); err == nil {
			t.Errorf("%s was taken", tt.sentence)
		}
	}
}

func TestSecuritySealedOpensOnlyWhereItStands(t *testing.T) {
	older, newer, other := storetest.Key(), storetest.Key(), storetest.Key()
	place := store.Place{Table: "sessions", Row: []byte("row"), Column: "data"}
	secret, plain := secretOf(7), []byte("eyJ0b2tlbiI6Im9uZSJ9")
	ring := storetest.Ring(t, older)
	sealed, err := ring.Seal(place, secret, plain)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(sealed, plain[:8]) {
		t.Error("the plain text can be read")
	}
	for _, tt := range []struct {
		sentence string
		ring     *store.Ring
		place    store.Place
		secret   []byte
		opens    bool
	}{
		{"where it was sealed", ring, place, secret, true},
		{"after a newer key has come", storetest.Ring(t, newer, older), place, secret, true},
		{"after its key has left", storetest.Ring(t, newer), place, secret, false},
		{"with somebody else's key", storetest.Ring(t, other), place, secret, false},
		{"in another table", ring, store.Place{Table: "flows", Row: place.Row, Column: "data"}, secret, false},
		{"in another row", ring, store.Place{Table: "sessions", Row: []byte("rov"), Column: "data"}, secret, false},
		{"in another column", ring, store.Place{Table: "sessions", Row: place.Row, Column: "date"}, secret, false},
		{"where the same letters are parted differently", ring, store.Place{Table: "sessionsr", Row: []byte("ow"), Column: "data"}, secret, false},
		{"with another cookie's secret", ring, place, secretOf(8), false},
		{"with the key alone", ring, place, nil, false},
	} {
		got, err := tt.ring.Open(tt.place, tt.secret, sealed)
		if tt.opens && (err != nil || !bytes.Equal(got, plain)) {
			t.Errorf("%s: %q, %v; want it open", tt.sentence, got, err)
		}
		if !tt.opens && !errors.Is(err, store.ErrSealed) {
			t.Errorf("%s: %v, want ErrSealed", tt.sentence, err)
		}
	}
}

func TestSecuritySealedWithAFlippedBitStaysShut(t *testing.T) {
	ring := storetest.Ring(t, storetest.Key())
	place := store.Place{Table: "t", Row: []byte{1}, Column: "c"}
	sealed, err := ring.Seal(place, nil, []byte("plain"))
	if err != nil {
		t.Fatal(err)
	}
	for i := range sealed {
		bad := bytes.Clone(sealed)
		bad[i] ^= 0x10
		if _, err := ring.Open(place, nil, bad); !errors.Is(err, store.ErrSealed) {
			t.Errorf("byte %d flipped: %v, want ErrSealed", i, err)
		}
		if _, err := ring.Open(place, nil, sealed[:i]); !errors.Is(err, store.ErrSealed) {
			t.Errorf("cut to %d bytes: %v, want ErrSealed", i, err)
		}
	}
}

func TestSecuritySealNeverGivesTheSameTwice(t *testing.T) {
	ring := storetest.Ring(t, storetest.Key())
	place := store.Place{Table: "t", Row: []byte{1}, Column: "c"}
	seen := map[string]bool{}
	for range 1000 {
		sealed, err := ring.Seal(place, nil, []byte("plain"))
		if err != nil || seen[string(sealed)] {
			t.Fatalf("sealed the same bytes again, or failed: %v", err)
		}
		seen[string(sealed)] = true
	}
}

// TestSecuritySwappedReasonsDoNotOpen swaps what is sealed with the ring alone:
// there is no cookie's secret that would keep it shut anyway.
func TestSecuritySwappedReasonsDoNotOpen(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *storetest.Database) {
		s, ctx := db.Open(t), t.Context()
		for _, id := range []string{"one", "two"} {
			x := store.Export{ID: id, Tenant: home, Author: "desk", Reason: "for " + id, Whose: []byte("{}"), Plan: []byte("plan"), Part: 500, Created: noon, Until: noon}
			if err := s.Tx(ctx, func(tx *store.Tx) error { return tx.CreateExport(ctx, x, []directory.ID{"p"}) }); err != nil {
				t.Fatal(err)
			}
			if got, err := s.Export(ctx, home, id); err != nil || got.Reason != x.Reason {
				t.Errorf("before the swap: %q, %v", got.Reason, err)
			}
		}
		raw := db.SQL(t)
		for _, statement := range []string{
			`CREATE TABLE before AS SELECT id, reason FROM exports`, // SQLite would read what it has just written
			`UPDATE exports SET reason = (SELECT reason FROM before WHERE before.id <> exports.id)`,
		} {
			if _, err := raw.ExecContext(ctx, statement); err != nil {
				t.Fatal(err)
			}
		}
		for _, id := range []string{"one", "two"} {
			if got, err := s.Export(ctx, home, id); !errors.Is(err, store.ErrSealed) || got.Reason != "" {
				t.Errorf("after the swap %s has the reason %q, %v; want ErrSealed", id, got.Reason, err)
			}
		}
	})
}
