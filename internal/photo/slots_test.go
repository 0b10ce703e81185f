package photo

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"portrait/internal/directory"
	"portrait/internal/fault"
	"portrait/internal/store"
	"portrait/internal/store/storetest"
)

// replicas returns Services that have nothing but slots of the same database.
func replicas(t *testing.T, db *storetest.Database, n, most int) []*Service {
	t.Helper()
	all := make([]*Service, n)
	for i := range all {
		all[i] = &Service{Slots: NewSlots(db.Open(t), most)}
	}
	t.Cleanup(func() { // the databases are closed after this: nothing may be under way
		for _, s := range all {
			s.Slots.rest()
		}
	})
	return all
}

// rest waits until the goroutine of s has ended.
func (s *Slots) rest() {
	for range 1000 {
		s.mu.Lock()
		running := s.running
		s.mu.Unlock()
		if !running {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// most counts how many are inside at once.
type most struct {
	mu         sync.Mutex
	inside, at int
}

func (m *most) enter() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.inside++
	m.at = max(m.at, m.inside)
}

func (m *most) leave() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.inside--
}

// during returns a call that takes d and is counted by each of ms.
func during(d time.Duration, ms ...*most) func(context.Context) error {
	return func(context.Context) error {
		for _, m := range ms {
			m.enter()
			defer m.leave()
		}
		time.Sleep(d)
		return nil
	}
}

// set puts the gate into a state.
func setGate(t *testing.T, s *Service, g store.Gate) {
	t.Helper()
	if err := s.Slots.store.ChangeSlots(t.Context(), func(table *store.SlotTable) { table.Gate = g }); err != nil {
		t.Fatal(err)
	}
}

func gateOf(t *testing.T, s *Service) store.Gate {
	t.Helper()
	table, err := s.Slots.store.Slots(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return table.Gate
}

func TestReplicasKeepTheLimitTogether(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *storetest.Database) {
		all := replicas(t, db, 2, 4)
		var calls, batch most
		var done, failed atomic.Int64
		var wait sync.WaitGroup
		for i, s := range all {
			for j := range 30 {
				wait.Go(func() {
					ctx, counted := t.Context(), []*most{&calls}
					if j%3 == 0 {
						ctx, counted = InBatch(ctx), append(counted, &batch)
					}
					for k := range 3 {
						var turn turn
						if j%2 == 0 {
							turn.changes = directory.UserPhoto("t", directory.ID(fmt.Sprint(i, j, k)))
						}
						if err := s.inSlot(ctx, turn, during(10*time.Millisecond, counted...)); err != nil {
							failed.Add(1)
							t.Errorf("call: %v", err)
						}
						done.Add(1)
					}
				})
			}
		}
		wait.Wait()
		t.Logf("%d calls, %d failed, at most %d at once, %d of them of batches", done.Load(), failed.Load(), calls.at, batch.at)
		if calls.at != 4 {
			t.Errorf("%d calls at once, want 4", calls.at)
		}
	})
}

func TestOneCallAtATimeChangesAPhoto(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *storetest.Database) {
		all := replicas(t, db, 2, 16)
		setGate(t, all[0], store.Gate{Limit: 16})
		var ofOne, ofOther, reads most
		var wait sync.WaitGroup
		for _, s := range all {
			for range 5 {
				for who, counter := range map[directory.ID]*most{"one": &ofOne, "other": &ofOther} {
					wait.Go(func() {
						if err := s.inSlot(t.Context(), turn{changes: directory.UserPhoto("t", who)}, during(10*time.Millisecond, counter)); err != nil {
							t.Errorf("change: %v", err)
						}
					})
				}
				wait.Go(func() {
					if err := s.inSlot(t.Context(), turn{}, during(100*time.Millisecond, &reads)); err != nil {
						t.Errorf("read: %v", err)
					}
				})
			}
		}
		wait.Wait()
		if ofOne.at != 1 || ofOther.at != 1 || reads.at < 4 {
			t.Errorf("at once: %d changes of one photo, %d of another, %d reads; want 1, 1, several", ofOne.at, ofOther.at, reads.at)
		}
	})
}

func TestConcurrentRefusalsLowerTheLimitOnce(t *testing.T) {
	x := newSite(t, always(429, ""))
	_, busy := x.Graph.PhotoInfo(t.Context(), "first", directory.Me())
	storetest.Each(t, func(t *testing.T, db *storetest.Database) {
		all := replicas(t, db, 2, 16)
		setGate(t, all[0], store.Gate{Limit: 8})
		var inside, wait sync.WaitGroup
		inside.Add(8)
		for _, s := range all {
			for range 4 {
				wait.Go(func() {
					_ = s.inSlot(t.Context(), turn{}, func(context.Context) error {
						inside.Done()
						inside.Wait()
						return busy
					})
				})
			}
		}
		wait.Wait()
		for _, s := range all {
			s.Slots.rest()
		}
		if g := gateOf(t, all[1]); g.Limit != 4 || g.Ceiling != 7 {
			t.Errorf("after 8 refusals at once the limit is %d and the ceiling %d, want 4 and 7", g.Limit, g.Ceiling)
		}
	})
}

func TestTheLimitGrowsAsLongAsItIsUsed(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *storetest.Database) {
		all := replicas(t, db, 2, 8)
		for range 5 { // one after the other, the limit isn't used
			if err := all[0].inSlot(t.Context(), turn{}, during(0)); err != nil {
				t.Fatal(err)
			}
		}
		all[0].Slots.rest()
		if g := gateOf(t, all[1]); g.Limit != 4 {
			t.Errorf("the limit is %d though one call ran at a time, want 4", g.Limit)
		}
		var calls most
		var wait sync.WaitGroup
		for _, s := range all {
			for range 20 {
				wait.Go(func() {
					for range 5 {
						if err := s.inSlot(t.Context(), turn{}, during(5*time.Millisecond, &calls)); err != nil {
							t.Errorf("call: %v", err)
						}
					}
				})
			}
		}
		wait.Wait()
		if g := gateOf(t, all[1]); g.Limit != 8 || calls.at > 8 {
			t.Errorf("after 200 calls the limit is %d, with %d at once; want 8", g.Limit, calls.at)
		}
	})
}

func TestTheSlotsOfTheKilledComeBack(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *storetest.Database) {
		killed, alive := &Service{Slots: NewSlots(db.Open(t), 4)}, replicas(t, db, 1, 4)[0]
		killed.Slots.lease, alive.Slots.lease = 400*time.Millisecond, 400*time.Millisecond
		changes := turn{changes: directory.UserPhoto("t", "one")}
		var inside, wait sync.WaitGroup
		inside.Add(4)
		lost := make(chan error, 4)
		for i := range 4 {
			of := turn{}
			if i == 0 {
				of = changes
			}
			wait.Go(func() {
				err := killed.inSlot(t.Context(), of, func(ctx context.Context) error {
					inside.Done()
					<-ctx.Done()
					lost <- context.Cause(ctx)
					return fmt.Errorf("store: %w", ctx.Err())
				})
				if !fault.Is(err, fault.Busy) {
					t.Errorf("what was cut off ended with %v, want that Graph is busy: it can be done again", err)
				}
			})
		}
		inside.Wait()
		time.Sleep(time.Second) // longer than the lease: it is renewed
		if n := len(lost); n > 0 {
			t.Fatalf("%d slots were lost by a living process", n)
		}
		killed.Slots.mu.Lock() // stands still
		start := time.Now()
		if err := alive.inSlot(t.Context(), changes, during(0)); err != nil {
			t.Errorf("another replica's change of the same photo: %v", err)
		}
		took := time.Since(start)
		killed.Slots.mu.Unlock() // goes on
		t.Logf("the slots came back after %v, with a lease of %v", took.Round(time.Millisecond), alive.Slots.lease)
		if took > 2*time.Second {
			t.Errorf("the slots came back after %v", took)
		}
		wait.Wait()
		for range 4 {
			if err := <-lost; !errors.Is(err, errSlotLost) {
				t.Errorf("the late holder is told %v, want that its slot is lost", err)
			}
		}
		killed.Slots.rest()
	})
}
