package photo

import (
	"context"
	"errors"
	"time"

	"portrait/internal/directory"
	"portrait/internal/fault"
	"portrait/internal/graph"
	"portrait/internal/store"
)

// batchPatience is how long an item of a batch waits for a slot.
const batchPatience = 30 * time.Second

// errSlotLost ends a call whose slot has passed to somebody else: the process
// stood still, or the database was away, for longer than slotLease.
var errSlotLost = errors.New("photo: the slot was lost")

// batchMark marks a context whose calls are a batch's.
type batchMark struct{}

// InBatch returns a context for what a batch does: calls of Graph with it let
// people go first.
func InBatch(ctx context.Context) context.Context { return context.WithValue(ctx, batchMark{}, true) }

func inBatch(ctx context.Context) bool { return ctx.Value(batchMark{}) != nil }

// turn is one call that needs a slot.
type turn struct {
	changes directory.PhotoKey // the photo that the call changes; zero = it only reads
	left    *time.Duration     // of a person's patience, which waiting uses up; nil = all of it
}

// inSlot makes call when it is its turn among the calls of all replicas. The
// call's ctx ends if the slot is lost.
//
// It fails as call does, and with fault.Busy and RetryAfter if its turn doesn't
// come while patience, or ctx, lasts. Where the database takes no slots any more,
// as on a full disk, a person's look at a photo is let through without one.
func (s *Service) inSlot(ctx context.Context, t turn, call func(ctx context.Context) error) error {
	if s.Slots == nil {
		return call(ctx)
	}
	c, wait := claim{batch: inBatch(ctx)}, patience
	if t.changes != (directory.PhotoKey{}) {
		c.photo = t.changes.String()
	}
	switch {
	case c.batch:
		wait = batchPatience
	case t.left != nil:
		wait = *t.left
	}
	before := s.Slots.now()
	h, err := s.Slots.take(ctx, c, wait)
	if t.left != nil && !c.batch {
		*t.left -= s.Slots.now().Sub(before)
	}
	if store.IsFull(err) && c.photo == "" && !c.batch {
		return call(ctx) // people go on to see photos; Graph itself says if they are too many
	}
	if err != nil {
		return err
	}
	return s.Slots.call(ctx, h, call)
}

// askPhoto is ask for a question about a photo: when its turn has come, within
// the same patience.
func (s *Service) askPhoto(ctx context.Context, r request, patience time.Duration, call func(ctx context.Context, token string) error) error {
	return s.ask(ctx, r, patience, func(ctx context.Context, token string) error {
		return s.inSlot(ctx, turn{}, func(ctx context.Context) error { return call(ctx, token) })
	})
}

// call makes call in h and gives h back.
func (s *Slots) call(ctx context.Context, h *hold, call func(ctx context.Context) error) error {
	so := ended
	defer func() { s.give(h, so) }()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	if !s.now().Before(h.until) { // the process stood still after it got the slot
		return noSlot(slotRetry, errSlotLost)
	}
	over := make(chan struct{})
	defer close(over)
	go func() {
		select {
		case <-h.lost:
			cancel(errSlotLost)
		case <-over:
		}
	}()
	err := call(ctx)
	so = outcome(err)
	var said *fault.Error
	if err != nil && !errors.As(err, &said) && errors.Is(context.Cause(ctx), errSlotLost) {
		// What was cut off is no defect, and can be done again: errors of Graph are
		// faults, which say themselves whether it may have got the request.
		return noSlot(slotRetry, err)
	}
	return err
}

// outcome returns what the error of a call says about the limit.
func outcome(err error) stage {
	switch {
	case err == nil, fault.Is(err, fault.NotFound), fault.Is(err, fault.Forbidden):
		return succeeded
	case graph.IsThrottled(err): // the database can be busy, too
		return throttled
	}
	return ended
}
