package batch

import (
	"context"
	"sync"

	"portrait/internal/store"
)

// underWay is which items this process works at. The zero value is none.
type underWay struct {
	mu    sync.Mutex
	items map[store.ItemRef]int // by how many jobs
}

// add notes that a job for it has begun; end that it is over.
func (u *underWay) add(it store.ItemRef) (end func()) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.items == nil {
		u.items = map[store.ItemRef]int{}
	}
	u.items[it]++
	return func() {
		u.mu.Lock()
		defer u.mu.Unlock()
		if u.items[it]--; u.items[it] == 0 {
			delete(u.items, it)
		}
	}
}

func (u *underWay) has(it store.ItemRef) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.items[it] > 0
}

// expireDropped lets the leases run out of items that this process has claimed and
// doesn't work at: the database was away when it wanted to write what became of
// them, or when it heard that they are its own. Whether an item is worked at is
// looked up after its row was read, so that a claim made meanwhile has another
// fence and stays.
func (s *Service) expireDropped(ctx context.Context) error {
	held, err := s.Store.HeldItems(ctx, s.Replica)
	if err != nil {
		return err
	}
	for _, h := range held {
		if s.atWork.has(h.ItemRef) {
			continue
		}
		if err := s.Store.ExpireItem(ctx, h, s.Now()); err != nil {
			return err
		}
	}
	return nil
}
