package photo

import (
	"bytes"
	"context"
	"net/http"
	"testing"
	"time"

	"portrait/internal/directory"
	"portrait/internal/fault"
)

// TestTheNewerOfTwoTabsWins has an older change that waits, and a newer one.
func TestTheNewerOfTwoTabsWins(t *testing.T) {
	x, shelf := newShelf(t, nil)
	older, newer := of(pictured(t, 0), "older"), of(pictured(t, 1), "newer")
	busy := inTurn(always(429, "{}", "Retry-After", "60"), func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })
	shelf.to(func(w http.ResponseWriter, r *http.Request, _ func()) { busy(w, r) })
	if saved, err := x.Set(t.Context(), ann, directory.Me(), older); err != nil || saved.State != Waiting {
		t.Fatal(saved, err)
	}
	shelf.to(nil)
	x.sets(t, ann, newer)
	x.pass(time.Hour)
	n := len(x.puts())
	_, err := x.Set(t.Context(), ann, directory.Me(), older)
	check(t, err, fault.Conflict, "photo.newer", fault.NextRetry)
	if saved, err := x.Send(t.Context(), ann, directory.Me(), Origin{}); err != nil || saved.State != Confirmed || len(x.puts()) != n {
		t.Errorf("Send in the older tab: %s, %v after %d more PUTs", saved.State, err, len(x.puts())-n)
	}
	if hexOf(shelf.is()) != x.newestRow(t, ann, directory.Me()).ETag {
		t.Error("Graph has the older one")
	}
	x.audited(t, "set done")
}

// TestAnOlderChangeDoesNotComeAfterANewerOne lets a newer change arrive while the
// older one waits for Graph within its request.
func TestAnOlderChangeDoesNotComeAfterANewerOne(t *testing.T) {
	x, shelf := newShelf(t, newUpload(t, 70, 70).Body)
	old := shelf.is()
	busy := inTurn(always(429, "{}", "Retry-After", "2"), fine)
	shelf.to(func(w http.ResponseWriter, r *http.Request, take func()) {
		busy(w, r)
		if len(x.puts()) > 1 {
			take()
		}
	})
	var newest Saved
	x.Sleep = func(context.Context, time.Duration) error {
		x.Sleep = func(context.Context, time.Duration) error { t.Error("somebody waits again"); return nil }
		newest = x.sets(t, ann, of(pictured(t, 1), "newer"))
		return nil
	}
	_, err := x.Set(t.Context(), ann, directory.Me(), of(pictured(t, 0), "older"))
	check(t, err, fault.Conflict, "photo.newer", fault.NextRetry)
	if n := len(x.puts()); n != 2 || hexOf(shelf.is()) != newest.ETag {
		t.Errorf("%d PUTs, and the newer photo is there: %v", n, hexOf(shelf.is()) == newest.ETag)
	}
	if pasts := pastsOf(t, x); len(pasts) != 1 || !bytes.Equal(pasts[0], old) || newest.Past == "" {
		t.Errorf("the history has %d photos, want the one that was replaced", len(pasts))
	}
	x.audited(t, "set done")
}

// TestAPageThatIsOlderThanTheLastChange saves from pages that were opened before.
func TestAPageThatIsOlderThanTheLastChange(t *testing.T) {
	x, shelf := newShelf(t, nil)
	version := func() string {
		t.Helper()
		shown, err := x.Show(t.Context(), ann, directory.Me())
		if err != nil {
			t.Fatal(err)
		}
		return shown.Version
	}
	opened := version()
	from := func(u Upload, version string) Upload { u.Version = version; return u }
	x.sets(t, ann, from(pictured(t, 0), opened))
	n := len(x.puts())
	_, err := x.Set(t.Context(), ann, directory.Me(), from(pictured(t, 1), opened))
	check(t, err, fault.Conflict, "photo.changed-meanwhile", fault.NextRetry)
	if len(x.puts()) != n {
		t.Error("it was sent all the same")
	}
	x.sets(t, ann, from(pictured(t, 1), ""))
	current := version()
	shelf.to(func(w http.ResponseWriter, r *http.Request, _ func()) { always(500, "")(w, r) })
	if _, err := x.Set(t.Context(), ann, directory.Me(), from(pictured(t, 2), current)); !fault.Is(err, fault.Unavailable) {
		t.Fatal(err)
	}
	shelf.to(nil)
	if _, err := x.Track(t.Context(), ann, directory.Me()); err != nil {
		t.Fatal(err)
	}
	x.sets(t, ann, from(pictured(t, 3), current)) // neither a failure nor looking is a change
}

// TestTwoPeopleChangeOnePhoto has an owner of a group overtake another's change.
func TestTwoPeopleChangeOnePhoto(t *testing.T) {
	x, shelf := newShelf(t, nil)
	group, eve := subjectAt(t, paths[directory.FormGroup]), ann
	eve.ID = bobID
	shelf.to(func(w http.ResponseWriter, r *http.Request, _ func()) { cut(w, r) })
	if saved, err := x.Set(t.Context(), ann, group, of(pictured(t, 0), "a")); err != nil || saved.State != Unknown {
		t.Fatal(saved, err)
	}
	shelf.to(nil)
	if saved, err := x.Set(t.Context(), eve, group, of(pictured(t, 1), "b")); err != nil || saved.State != Confirmed {
		t.Fatal(saved, err)
	}
	x.pass(time.Hour)
	_, err := x.Send(t.Context(), ann, group, Origin{})
	check(t, err, fault.Conflict, "photo.newer", fault.NextRetry)
	all := x.audited(t, "set unknown", "set done")
	if all[0].Person != annID || all[1].Person != eve.ID {
		t.Errorf("the entries name %s and %s", all[0].Person, all[1].Person)
	}
}

// TestSecurityRefusedChangeEndsNobodysOther lets somebody who doesn't own a group
// try to change its photo while an owner's change waits: Graph refuses them, and
// the owner's goes on.
func TestSecurityRefusedChangeEndsNobodysOther(t *testing.T) {
	x, shelf := newShelf(t, nil)
	group, eve := subjectAt(t, paths[directory.FormGroup]), ann
	eve.ID = bobID
	busy := func(w http.ResponseWriter, _ *http.Request, _ func()) {
		w.Header().Set("Retry-After", "90")
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	shelf.to(busy)
	if saved, err := x.Set(t.Context(), ann, group, of(pictured(t, 0), "a")); err != nil || saved.State != Waiting {
		t.Fatal(saved, err)
	}
	if saved, err := x.Set(t.Context(), eve, group, of(pictured(t, 1), "b")); err != nil || saved.State != Waiting { // Graph hasn't looked who it is
		t.Fatal(saved, err)
	}
	x.pass(2 * time.Minute)
	shelf.to(func(w http.ResponseWriter, _ *http.Request, _ func()) { w.WriteHeader(http.StatusForbidden) })
	if _, err := x.Send(t.Context(), eve, group, Origin{}); !fault.Is(err, fault.Forbidden) {
		t.Fatalf("who owns nothing is answered %v", err)
	}
	shelf.to(nil)
	if saved, err := x.Send(t.Context(), ann, group, Origin{}); err != nil || saved.State != Confirmed {
		t.Errorf("the owner's change is %s, %v; want it confirmed", saved.State, err)
	}
}
