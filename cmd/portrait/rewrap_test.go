package main

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"portrait/internal/store"
)

// TestSecurityOldKeysCanLeave changes PORTRAIT_KEYS while there are earlier
// photos, and takes the old key away once the command says that it can leave.
func TestSecurityOldKeysCanLeave(t *testing.T) {
	s := newSite(t)
	b := s.signedIn("employee")
	if a := b.put(sample(t, "tiny.jpg")); a.status != http.StatusOK {
		t.Fatalf("saving: %d %s", a.status, a.body)
	}
	before := b.firstPast()
	old, fresh := s.secrets["PORTRAIT_KEYS"], newKey()
	for _, tt := range []struct {
		sentence, keys string
		args           []string
		want           int
		said           string
	}{
		{"no command", old, nil, 2, "usage: portrait keys rewrap"},
		{"no keys", "", []string{"rewrap"}, 2, "PORTRAIT_KEYS is missing"},
		{"the old key alone", old, []string{"rewrap"}, 0, "anew with the newest key: 0 values\nNothing needs an older key"},
		{"a key that has left too early", fresh, []string{"rewrap"}, 1, "a key has left too early"},
		{"both keys", fresh + "," + old, []string{"rewrap"}, 0, "Sessions that an older key sealed: 1."},
		{"the new key alone", fresh, []string{"rewrap"}, 0, "anew with the newest key: 0 values\n"},
	} {
		t.Setenv("PORTRAIT_DATABASE", s.config.Database)
		t.Setenv("PORTRAIT_KEYS", tt.keys)
		var out bytes.Buffer
		if got := run(t.Context(), append([]string{"keys"}, tt.args...), &out, &out); got != tt.want || !strings.Contains(out.String(), tt.said) {
			t.Errorf("%s: exit code %d with %q, want %d with %q", tt.sentence, got, out.String(), tt.want, tt.said)
		}
	}
	db := s.reopened(fresh)
	site, err := build(s.config, db, watched(t, s.tenant), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	s.running.Store(&site)
	if after := s.signedIn("employee").firstPast(); !bytes.Equal(after, before) {
		t.Error("the earlier photo is another one")
	}
}

// firstPast returns the first of the earlier photos that the page of one's own
// photo shows.
func (b *browser) firstPast() []byte {
	b.t.Helper()
	page := b.get("/me/photo")
	i := slices.IndexFunc(page.all("img"), func(n *html.Node) bool { return strings.Contains(attr(n, "src"), "/photo/history/") })
	if i < 0 {
		b.t.Fatalf("there is no earlier photo: %s", page.text())
	}
	past := b.get(attr(page.all("img")[i], "src"))
	if past.status != http.StatusOK || len(past.body) == 0 {
		b.t.Fatalf("the earlier photo answers %d", past.status)
	}
	return past.body
}

// reopened opens the database of s with other keys.
func (s *testSite) reopened(keys ...string) *store.Store {
	s.t.Helper()
	var p problems
	db, err := store.Open(s.t.Context(), s.config.Database, p.keys(keys))
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = db.Close() }) // the test ends
	return db
}

// TestServerRewraps holds that the server does it by itself, and says so.
func TestServerRewraps(t *testing.T) {
	s := newSite(t)
	b := s.signedIn("employee")
	b.put(sample(t, "tiny.jpg"))
	db := s.reopened(newKey(), s.secrets["PORTRAIT_KEYS"])
	ctx, stop := context.WithCancel(t.Context())
	done, log := make(chan struct{}), &lockedBuffer{}
	go func() {
		rewrap(ctx, db, slog.New(slog.NewJSONHandler(log, nil)))
		close(done)
	}()
	for deadline := time.Now().Add(20 * time.Second); !strings.Contains(log.text(), `"untilSignedOut":1`); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("logged %s", log.text())
		}
	}
	stop()
	<-done
	if again, err := db.Rewrap(t.Context()); err != nil || again.Anew != 0 {
		t.Errorf("afterwards %+v, %v: want nothing left", again, err)
	}
}
