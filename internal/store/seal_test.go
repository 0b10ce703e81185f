package store_test

import (
	"bytes"
	"errors"
	"testing"

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
