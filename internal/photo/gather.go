package photo

import (
	"context"
	"fmt"
	"sync"
	"time"

	"portrait/internal/directory"
	"portrait/internal/graph"
)

// gatherTime is how long the first picture of a page waits for the others.
// Browsers send the requests of one page within a few milliseconds.
const gatherTime = 15 * time.Millisecond

// gathering is what a batch has in common: all in it travels with one token, in
// one size (0 = as large as it is).
type gathering struct {
	token string
	size  int
}

// gatherer makes one $batch of the pictures that are wanted at the same time.
type gatherer struct {
	fetch   func(ctx context.Context, token string, subjects []directory.Subject, size int) ([]graph.PhotoAnswer, error)
	mu      sync.Mutex
	batches map[gathering]*gathered // those that still take more
}

// gathered is one batch.
type gathered struct {
	subjects []directory.Subject
	full     chan struct{} // closed when nobody can join any more
	done     chan struct{} // closed when answers and err are there
	answers  []graph.PhotoAnswer
	err      error
}

// photo returns the picture of subject, fetched with whatever else is wanted
// with the same token and size. The batch isn't cut short when ctx ends, but
// the wait for it is.
func (g *gatherer) photo(ctx context.Context, what gathering, subject directory.Subject) (graph.Image, error) {
	b, i := g.join(ctx, what, subject)
	select {
	case <-b.done:
	case <-ctx.Done():
		return graph.Image{}, ctx.Err()
	}
	switch {
	case b.err != nil:
		return graph.Image{}, b.err
	case i >= len(b.answers):
		return graph.Image{}, fmt.Errorf("photo: %d answers to a batch of %d", len(b.answers), len(b.subjects))
	}
	return b.answers[i].Image, b.answers[i].Err
}

// join puts subject into a batch and returns its place there.
func (g *gatherer) join(ctx context.Context, what gathering, subject directory.Subject) (*gathered, int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	b, ok := g.batches[what]
	if !ok {
		b = &gathered{full: make(chan struct{}), done: make(chan struct{})}
		g.batches[what] = b
		go g.send(context.WithoutCancel(ctx), what, b)
	}
	b.subjects = append(b.subjects, subject)
	most := graph.MaxBundle
	if what.size == 0 {
		most = graph.MaxBundleFull
	}
	if len(b.subjects) == most {
		delete(g.batches, what)
		close(b.full)
	}
	return b, len(b.subjects) - 1
}

// send waits until b is full or its time is up, and fetches.
func (g *gatherer) send(ctx context.Context, what gathering, b *gathered) {
	defer close(b.done)
	timer := time.NewTimer(gatherTime)
	defer timer.Stop()
	select {
	case <-b.full:
	case <-timer.C:
	}
	g.mu.Lock()
	if g.batches[what] == b {
		delete(g.batches, what)
	}
	g.mu.Unlock()
	b.err = guarded(func() (err error) {
		b.answers, err = g.fetch(ctx, what.token, b.subjects, what.size)
		return err
	})
}
