package photo

import (
	"context"
	"crypto/rand"
	"errors"
	"slices"
	"sync"
	"time"

	"portrait/internal/fault"
	"portrait/internal/graph"
	"portrait/internal/store"
	"portrait/internal/words"
)

const (
	// slotLease is how long the slots of a killed process stay taken. A living one
	// renews its own long before.
	slotLease = 8 * time.Second

	// slotIdle is how long a slot is kept for the next call where nobody waits for
	// it: the pictures of a page and the calls of one save follow on each other.
	slotIdle = 100 * time.Millisecond

	// slotPoll is how long it takes at most to see that another replica has given
	// a slot back. Half of it is left to chance.
	slotPoll = 50 * time.Millisecond

	// slotRetry is what those are told who have waited for a slot in vain.
	slotRetry = 5 * time.Second
)

// errNoSlot is the cause where somebody waited for a slot for too long.
var errNoSlot = errors.New("photo: no slot became free")

// Slots bounds the calls of Graph that read or change photos. All replicas
// together make so many at once as Graph takes, by what it answers: 4 in the
// beginning, as Microsoft's strictest page says, one more after each round that
// went well, half as many after it throttled. At most one call at a time changes
// a photo. People come before batches.
//
// Source: https://learn.microsoft.com/graph/throttling-limits#outlook-service-limits
//
// Slots are rows of the database, leased for 8 seconds and renewed. One goroutine
// looks at them as long as somebody waits or calls; it is the only one in the
// process that takes and returns them (slotpump.go → slotsettle.go, by the rules
// of slotrules.go). Replicas' clocks have to agree to a second or two.
type Slots struct {
	store *store.Store
	me    string // this replica, random
	most  int
	now   func() time.Time
	lease time.Duration
	idle  time.Duration
	wake  chan struct{}

	mu      sync.Mutex
	running bool // the goroutine
	waiting []*waiter
	holds   []*hold
	credit  int       // successes that the table doesn't know of yet
	closed  time.Time // what Heard heard
	slow    bool      // likewise
	trouble error     // of the last look at the table
}

// NewSlots returns the slots of db, most of them at most (1 to 256).
func NewSlots(db *store.Store, most int) *Slots {
	return &Slots{
		store: db, me: rand.Text(), most: most, now: time.Now, lease: slotLease, idle: slotIdle, wake: make(chan struct{}, 1),
	}
}

// waiter is somebody who waits for a slot.
type waiter struct {
	claim
	deadline time.Time
	ready    chan granted // has room for one
}

// granted is what came of waiting.
type granted struct {
	hold *hold
	err  error
}

// hold is a slot that this process has.
type hold struct {
	slot  store.Slot
	until time.Time     // when slot was granted, it was good until then
	start time.Time     // of the call
	lost  chan struct{} // closed when somebody else has the slot
	stage stage
	since time.Time // since when it is idle
}

// stage is how far a hold has come.
type stage int

const (
	calling stage = iota
	succeeded
	throttled
	ended // in a way that says nothing about the limit
	idle
)

// Heard takes in what an answer of Graph says about its load; it is for
// graph.Client.Load.
func (s *Slots) Heard(l graph.Load) {
	slow := l.Used >= graph.HighLoad
	if !slow && !l.WholeApp {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.slow = s.slow || slow
	if until := s.now().Add(l.RetryAfter); l.WholeApp && until.After(s.closed) {
		s.closed = until
	}
	s.start()
}

// take waits for a slot until ctx ends, but not longer than patience. It fails
// with fault.Busy and RetryAfter if there is none by then, at once if Graph has
// asked for a longer wait; or as the database does.
func (s *Slots) take(ctx context.Context, c claim, patience time.Duration) (*hold, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	c.since = s.now()
	w := &waiter{claim: c, deadline: c.since.Add(patience), ready: make(chan granted, 1)}
	s.mu.Lock()
	s.waiting = append(s.waiting, w)
	s.start()
	s.mu.Unlock()
	select {
	case g := <-w.ready:
		return g.hold, g.err
	case <-ctx.Done():
	}
	s.mu.Lock()
	i := slices.Index(s.waiting, w)
	if i >= 0 {
		s.waiting = slices.Delete(s.waiting, i, i+1)
		s.start() // others must know that nobody waits here any more
	}
	trouble := s.trouble
	s.mu.Unlock()
	switch {
	case i < 0: // it came at the last moment
		g := <-w.ready
		return g.hold, g.err
	case trouble != nil:
		return nil, trouble
	}
	return nil, noSlot(slotRetry, context.Cause(ctx))
}

// give returns h after a call that ended in so far.
func (s *Slots) give(h *hold, so stage) {
	s.mu.Lock()
	defer s.mu.Unlock()
	h.stage = so
	s.start()
}

// start wakes the goroutine, or starts it. s.mu is locked.
func (s *Slots) start() {
	if !s.running {
		s.running = true
		go s.run()
		return
	}
	select {
	case s.wake <- struct{}{}:
	default: // it is awake already
	}
}

func noSlot(after time.Duration, cause error) error {
	return &fault.Error{
		Op: "photo.inSlot", Kind: fault.Busy, Say: words.M("graph.busy"), Next: fault.NextWait, RetryAfter: after,
		Err: errors.Join(errNoSlot, cause),
	}
}
