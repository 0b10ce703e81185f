package web

import (
	"context"
	"sync"

	"golang.org/x/sync/semaphore"

	"portrait/internal/directory"
)

// turns shares out memory for large request bodies. One person gets at most
// half of it, so that whoever sends slowly, again and again, holds up nobody but
// themselves.
type turns struct {
	all  *semaphore.Weighted
	half int64

	mu     sync.Mutex
	people map[directory.ID]*turn // those who have some or wait for it
}

// turn is one person's share.
type turn struct {
	room  *semaphore.Weighted
	users int // requests that have some of it or wait for it
}

func newTurns(bytes int64) *turns {
	return &turns{all: semaphore.NewWeighted(bytes), half: bytes / 2, people: map[directory.ID]*turn{}}
}

// acquire waits for so many bytes for person; release gives them back. It fails
// when ctx ends first.
func (t *turns) acquire(ctx context.Context, person directory.ID, bytes int64) (release func(), err error) {
	mine := t.enter(person)
	if err := mine.room.Acquire(ctx, bytes); err != nil {
		t.leave(person, mine)
		return nil, err
	}
	if err := t.all.Acquire(ctx, bytes); err != nil {
		mine.room.Release(bytes)
		t.leave(person, mine)
		return nil, err
	}
	return func() {
		t.all.Release(bytes)
		mine.room.Release(bytes)
		t.leave(person, mine)
	}, nil
}

func (t *turns) enter(person directory.ID) *turn {
	t.mu.Lock()
	defer t.mu.Unlock()
	mine, ok := t.people[person]
	if !ok {
		mine = &turn{room: semaphore.NewWeighted(t.half)}
		t.people[person] = mine
	}
	mine.users++
	return mine
}

func (t *turns) leave(person directory.ID, mine *turn) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if mine.users--; mine.users == 0 {
		delete(t.people, person)
	}
}
