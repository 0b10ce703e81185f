package picture

import (
	"context"
	"time"

	"golang.org/x/sync/semaphore"

	"portrait/internal/fault"
	"portrait/internal/words"
)

const (
	// patience is how long a picture waits for memory. A person waits that long
	// for a page without giving up.
	patience = 10 * time.Second

	// busyRetry is when a picture that found no room is worth another try: the
	// most expensive ones take about two seconds.
	busyRetry = 5 * time.Second
)

// Budget bounds how much memory the decoding of all pictures together takes.
// Make one with NewBudget and share it.
type Budget struct {
	// Observe, if it isn't nil, is told how long each picture took and how much
	// memory was set aside for it, in bytes. It must be set before the first.
	Observe func(took time.Duration, bytes int64)

	bytes int64
	room  *semaphore.Weighted
}

// NewBudget returns a budget of so many bytes. 200 MB let any picture within
// the limits through, and all that phones make by the dozen.
func NewBudget(bytes int64) *Budget {
	return &Budget{bytes: bytes, room: semaphore.NewWeighted(bytes)}
}

// Render is Render within the budget. Pictures that need more memory than is
// free wait, in the order in which they came.
//
// Besides as Render does it fails with fault.Busy and RetryAfter if there was no
// room within 10 seconds, or before ctx was done.
func (b *Budget) Render(ctx context.Context, body []byte, f Frame) (Rendered, error) {
	s, err := open(body) // refusing is cheap and waits for nobody
	if err != nil {
		return Rendered{}, err
	}
	p, err := s.plan(f, outputSide)
	if err != nil {
		return Rendered{}, err
	}
	leave, err := b.enter(ctx, s.cost(p))
	if err != nil {
		return Rendered{}, err
	}
	defer leave()
	return s.render(p)
}

// Thumbnail is Thumbnail within the budget, as Render is.
func (b *Budget) Thumbnail(ctx context.Context, body []byte, side int) ([]byte, error) {
	s, err := open(body)
	if err != nil {
		return nil, err
	}
	p, err := s.planThumbnail(side)
	if err != nil {
		return nil, err
	}
	leave, err := b.enter(ctx, s.cost(p))
	if err != nil {
		return nil, err
	}
	defer leave()
	return s.thumbnail(p)
}

// enter takes cost bytes of memory; leave gives them back.
func (b *Budget) enter(ctx context.Context, cost int64) (leave func(), err error) {
	// More than the whole would wait forever; it is let in alone instead.
	cost = min(cost, b.bytes)
	waiting, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := b.room.Acquire(waiting, cost); err != nil {
		return nil, &fault.Error{
			Op: "picture.Budget.enter", Kind: fault.Busy, Say: words.M("picture.busy"), Next: fault.NextWait, RetryAfter: busyRetry, Err: err,
		}
	}
	begun := time.Now()
	return func() {
		b.room.Release(cost)
		if b.Observe != nil {
			b.Observe(time.Since(begun), cost)
		}
	}, nil
}
