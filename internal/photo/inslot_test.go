package photo

import (
	"testing"
	"time"

	"portrait/internal/directory"
	"portrait/internal/fault"
	"portrait/internal/store"
	"portrait/internal/store/storetest"
)

func TestEveryCallOnAPhotoWaitsForItsTurn(t *testing.T) {
	x := newSite(t, always(200, bob))
	x.Slots = NewSlots(storetest.SQLite(t).Open(t), 16)
	t.Cleanup(x.Slots.rest)
	setGate(t, x.Service, store.Gate{Limit: 4, Closed: time.UnixMilli(time.Now().Add(time.Minute).UnixMilli())})

	saved, err := x.Set(t.Context(), ann, directory.Me(), newUpload(t, 100, 100))
	if wait := saved.RetryAt.Sub(noon); err != nil || saved.State != Waiting || wait < 50*time.Second || wait > time.Minute {
		t.Errorf("a save is %q for %v, %v; want waiting for a minute", saved.State, wait, err)
	}
	if saved, err := x.Remove(t.Context(), desk, subjectAt(t, "/users/"+string(bobID)), Change{Order: Order{Reason: "left"}}); err != nil || saved.State != Waiting {
		t.Errorf("removing is %q, %v; want waiting", saved.State, err)
	}
	if shown, err := x.Show(t.Context(), ann, directory.Me()); err != nil || !fault.Is(shown.Trouble, fault.Busy) {
		t.Errorf("the page: trouble %v, %v; want that Graph is busy", shown.Trouble, err)
	}
	if _, err := x.Image(t.Context(), ann, directory.Me(), 96); !fault.Is(err, fault.Busy) {
		t.Errorf("a picture: %v, want busy", err)
	}
	if _, err := x.ThumbnailOf(t.Context(), ann, directory.Me(), 96); !fault.Is(err, fault.Busy) {
		t.Errorf("a thumbnail: %v, want busy", err)
	}
	for _, a := range x.everything() {
		if isPhoto(a.what) || a.what == "POST /v1.0/$batch" {
			t.Errorf("%s was sent while nobody may call", a.what)
		}
	}
}

func TestASaveHasItsTurnAndLowersTheLimitWhereGraphIsBusy(t *testing.T) {
	x := newSite(t, inTurn(always(429, "", "Retry-After", "1"), fine))
	x.Slots = NewSlots(storetest.SQLite(t).Open(t), 16)
	t.Cleanup(x.Slots.rest)
	saved, err := x.Set(t.Context(), ann, directory.Me(), newUpload(t, 100, 100))
	if err != nil || saved.State != Confirmed || len(x.puts()) != 1 || len(x.slept) != 1 {
		t.Errorf("%q, %v after %d PUTs and %v; want one PUT, a second after the first question", saved.State, err, len(x.puts()), x.slept)
	}
	x.Slots.rest()
	if g := gateOf(t, x.Service); g.Limit != 2 {
		t.Errorf("the limit is %d, want 2", g.Limit)
	}
}

func TestWaitingForASlotUsesUpPatience(t *testing.T) {
	x := newSite(t, fine)
	x.Slots = NewSlots(storetest.SQLite(t).Open(t), 1)
	t.Cleanup(x.Slots.rest)
	setGate(t, x.Service, store.Gate{Limit: 1, Closed: time.UnixMilli(time.Now().Add(300 * time.Millisecond).UnixMilli())})
	left := time.Second
	if err := x.inSlot(t.Context(), turn{left: &left}, during(0)); err != nil {
		t.Fatal(err)
	}
	if left > 750*time.Millisecond || left < 0 {
		t.Errorf("%v of a second's patience is left after 300 ms", left)
	}
	left = time.Second
	if err := x.inSlot(InBatch(t.Context()), turn{left: &left}, during(0)); err != nil || left != time.Second {
		t.Errorf("%v is left to a batch, %v; want all", left, err)
	}
}
