package photo

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"portrait/internal/directory"
	"portrait/internal/fault"
	"portrait/internal/store"
	"portrait/internal/store/storetest"
)

func TestEveryCallOnAPhotoWaitsForItsTurn(t *testing.T) {
	x := newSite(t, always(200, strings.Replace(bob, string(bobID), string(annID), 1)))
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
	closed := time.UnixMilli(time.Now().Add(time.Second).UnixMilli())
	setGate(t, x.Service, store.Gate{Limit: 1, Closed: closed})
	left, had := 5*time.Second, time.Until(closed)
	if err := x.inSlot(t.Context(), turn{left: &left}, during(0)); err != nil {
		t.Fatal(err)
	}
	if left > 5*time.Second-had+10*time.Millisecond || left < 0 { // 10 ms for what lies between the two clocks
		t.Errorf("%v of 5 seconds' patience is left after %v", left, had)
	}
	left = time.Second
	if err := x.inSlot(InBatch(t.Context()), turn{left: &left}, during(0)); err != nil || left != time.Second {
		t.Errorf("%v is left to a batch, %v; want all", left, err)
	}
}

// TestAPageOpensWhereGraphIsTaken holds that somebody can choose a picture long
// before Graph has the time to say what is there now.
func TestAPageOpensWhereGraphIsTaken(t *testing.T) {
	x := newSite(t, always(200, strings.Replace(bob, string(bobID), string(annID), 1)))
	x.Slots = NewSlots(storetest.SQLite(t).Open(t), 1)
	t.Cleanup(x.Slots.rest)
	taken, release := make(chan struct{}), make(chan struct{})
	var other sync.WaitGroup
	other.Go(func() {
		err := x.inSlot(t.Context(), turn{}, func(context.Context) error {
			close(taken)
			<-release
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	})
	<-taken
	began := time.Now()
	shown, err := x.Show(t.Context(), ann, directory.Me())
	if took := time.Since(began); err != nil || shown.Person.ID != annID || !fault.Is(shown.Trouble, fault.Busy) || took > showPatience-time.Second {
		t.Errorf("the page of %q opens after %v: trouble %v, %v; want who it is, that Graph is busy, and about %v", shown.Person.ID, took, shown.Trouble, err, queuePatience)
	}
	close(release)
	other.Wait()
}

func TestWaitingEnds(t *testing.T) {
	s := replicas(t, storetest.SQLite(t), 1, 1)[0]
	release := make(chan struct{})
	var wait sync.WaitGroup
	inside := make(chan struct{})
	wait.Go(func() {
		_ = s.inSlot(t.Context(), turn{}, func(context.Context) error { close(inside); <-release; return nil })
	})
	<-inside
	left := 50 * time.Millisecond
	err := s.inSlot(t.Context(), turn{left: &left}, during(0))
	if e := check(t, err, fault.Busy, "graph.busy", fault.NextWait); e.RetryAfter != slotRetry || left > 0 {
		t.Errorf("RetryAfter is %v and %v of patience is left, want %v and none", e.RetryAfter, left, slotRetry)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if err := s.inSlot(ctx, turn{}, during(0)); !fault.Is(err, fault.Busy) {
		t.Errorf("when ctx ends: %v, want busy", err)
	}
	close(release)
	wait.Wait()
	setGate(t, s, store.Gate{Limit: 1, Closed: time.UnixMilli(time.Now().Add(time.Minute).UnixMilli())})
	start := time.Now()
	err = s.inSlot(t.Context(), turn{}, during(0))
	if e := fault.As(err); e == nil || e.Kind != fault.Busy || e.RetryAfter < 55*time.Second || time.Since(start) > 2*time.Second {
		t.Errorf("while Graph refuses the app for a minute: %v after %v, want busy with that minute at once", err, time.Since(start))
	}
}

func TestADatabaseThatFailsIsSaid(t *testing.T) {
	db := storetest.SQLite(t).Open(t)
	s := &Service{Slots: NewSlots(db, 4)}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	left := 100 * time.Millisecond
	err := s.inSlot(t.Context(), turn{left: &left}, during(0))
	if err == nil || fault.Is(err, fault.Busy) {
		t.Errorf("with the database gone: %v, want its error", err)
	}
	s.Slots.rest()
}

func TestWhatTheErrorOfACallSaysAboutTheLimit(t *testing.T) {
	refusal := func(status int) error {
		_, err := newSite(t, always(status, "")).Graph.PhotoInfo(t.Context(), "first", directory.Me())
		return err
	}
	for _, tt := range []struct {
		sentence string
		err      error
		want     stage
	}{
		{"none", nil, succeeded},
		{"there is no photo", refusal(404), succeeded},
		{"somebody may not see it", refusal(403), succeeded},
		{"too many calls", refusal(429), throttled},
		{"an overload", refusal(503), throttled},
		{"a defect of Graph's", refusal(500), ended},
		{"no answer", refusal(504), ended},
		{"a busy database", &fault.Error{Op: "store.Tx", Kind: fault.Busy}, ended},
	} {
		if got := outcome(tt.err); got != tt.want {
			t.Errorf("%s: %d, want %d (%v)", tt.sentence, got, tt.want, tt.err)
		}
	}
}
