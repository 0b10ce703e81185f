package photo

import (
	"context"
	"math/rand/v2"
	"slices"
	"time"

	"portrait/internal/store"
)

// run looks at the table again and again, as long as there is a reason to.
func (s *Slots) run() {
	for {
		mine, any := s.mine()
		if !any {
			return
		}
		var out settled
		err := guarded(func() (err error) {
			out, err = s.settle(mine)
			return err
		})
		timer := time.NewTimer(s.conclude(mine, out, err))
		select {
		case <-s.wake:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// mine is what one process brings to a look at the table.
type mine struct {
	waiting []*waiter // people before batches, each in the order they came
	holds   []hold    // as they are now
	of      []*hold   // where holds come from
	credit  int
	closed  time.Time
	slow    bool
}

// settled is what a look has brought.
type settled struct {
	grants map[*waiter]store.Slot
	slots  []*store.Slot // of mine.holds; nil = given back, or lost
	lost   []bool        // which of them somebody else took
	credit int
	full   bool      // all slots were in use
	closed time.Time // nobody gets a slot before
	now    time.Time
	part   bool // the rest of m is still to be settled
}

// mine returns what there is to settle. Where there is nothing the goroutine
// has to end.
func (s *Slots) mine() (m mine, any bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.waiting) == 0 && len(s.holds) == 0 && s.closed.IsZero() && !s.slow {
		s.running = false
		return mine{}, false
	}
	for _, batch := range []bool{false, true} {
		for _, w := range s.waiting {
			if w.batch == batch {
				m.waiting = append(m.waiting, w)
			}
		}
	}
	for _, h := range s.holds {
		m.holds = append(m.holds, *h)
	}
	m.of = slices.Clone(s.holds)
	m.credit, m.closed, m.slow = s.credit, s.closed, s.slow
	return m, true
}

// settle looks at the table and, only if something has to be written, changes it.
func (s *Slots) settle(m mine) (settled, error) {
	ctx, cancel := context.WithTimeout(context.Background(), s.lease)
	defer cancel()
	table, err := s.store.Slots(ctx)
	if err != nil {
		return settled{}, err
	}
	before := table.Clone()
	out := s.apply(&table, m)
	if table.Equal(before) {
		return out, nil
	}
	if first, any := out.unwritten(before, m); any {
		return first, nil
	}
	err = s.store.ChangeSlots(ctx, func(t *store.SlotTable) { out = s.apply(t, m) })
	return out, err
}

// unwritten returns the part of out that needs nothing written, if there is one:
// slots that go from one call to the next of the same kind. They needn't wait
// for the disk.
func (out settled) unwritten(before store.SlotTable, m mine) (first settled, any bool) {
	first = settled{grants: map[*waiter]store.Slot{}, lost: make([]bool, len(m.holds)), credit: m.credit, now: out.now, part: true}
	for _, h := range m.holds {
		slot, passes := h.slot, false
		for w, granted := range out.grants {
			if granted.N == slot.N && granted.Turn == slot.Turn && slices.Contains(before.Slots, granted) {
				first.grants[w], passes = granted, true
			}
		}
		if !passes {
			first.slots = append(first.slots, &slot)
			continue
		}
		first.slots = append(first.slots, nil)
		if h.stage == succeeded && out.full {
			first.credit++
		}
	}
	throttles := slices.ContainsFunc(m.holds, func(h hold) bool { return h.stage == throttled })
	return first, len(first.grants) > 0 && !throttles
}

// apply settles m in t.
func (s *Slots) apply(t *store.SlotTable, m mine) settled {
	l := &look{SlotTable: t, me: s.me, most: s.most, lease: s.lease, now: time.UnixMilli(s.now().UnixMilli())}
	out := settled{
		grants: map[*waiter]store.Slot{}, slots: make([]*store.Slot, len(m.holds)), lost: make([]bool, len(m.holds)), now: l.now,
	}
	l.expire()
	l.heard(m.closed, m.slow)
	out.full = l.full()
	out.credit = l.learn(m)
	spare := l.reclaim(m, &out)
	people, batches, since := l.grant(m.waiting, &spare, &out)
	l.keepIdle(m, spare, people+batches > 0, s.idle, &out)
	l.announce(people, batches, since)
	out.closed = l.Gate.Closed
	return out
}

// conclude carries out what a look has brought, and returns when to look again.
func (s *Slots) conclude(m mine, out settled, err error) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.trouble = err
	if err != nil {
		now := s.now()
		s.holds = slices.DeleteFunc(s.holds, func(h *hold) bool { return h.stage != calling && !now.Before(h.slot.Until) })
		if store.IsFull(err) { // waiting won't help
			for _, w := range s.waiting {
				w.ready <- granted{err: err}
			}
			s.waiting = nil
		}
		return slotPoll
	}
	s.credit = out.credit
	for i, h := range m.of {
		s.concludeHold(h, out.slots[i], out.lost[i])
		if was := m.holds[i].stage; !out.part && was != calling && was != idle {
			h.stage, h.since = idle, out.now
		}
	}
	for w, slot := range out.grants {
		s.grant(w, slot, out.now)
	}
	if out.part {
		return 0
	}
	if s.closed.Equal(m.closed) {
		s.closed = time.Time{}
	}
	s.slow = s.slow && !m.slow
	s.dismiss(out.closed, out.now)
	return s.next(out.now)
}

// concludeHold notes what became of h.
func (s *Slots) concludeHold(h *hold, slot *store.Slot, lost bool) {
	if slot != nil {
		h.slot = *slot
		return
	}
	if lost {
		close(h.lost)
	}
	s.holds = slices.DeleteFunc(s.holds, func(other *hold) bool { return other == h })
}

// grant hands slot to w. If w has left meanwhile, the slot goes back.
func (s *Slots) grant(w *waiter, slot store.Slot, now time.Time) {
	h := &hold{slot: slot, until: slot.Until, start: now, lost: make(chan struct{}), stage: calling}
	s.holds = append(s.holds, h)
	i := slices.Index(s.waiting, w)
	if i < 0 {
		h.stage = ended
		return
	}
	s.waiting = slices.Delete(s.waiting, i, i+1)
	w.ready <- granted{hold: h}
}

// dismiss tells those who can't wait until the gate opens that it is closed.
func (s *Slots) dismiss(closed, now time.Time) {
	s.waiting = slices.DeleteFunc(s.waiting, func(w *waiter) bool {
		if !closed.After(now) || w.deadline.After(closed) {
			return false
		}
		w.ready <- granted{err: noSlot(closed.Sub(now), nil)}
		return true
	})
}

// next returns when to look at the table again if nothing happens here.
func (s *Slots) next(now time.Time) time.Duration {
	switch {
	case len(s.waiting) > 0:
		return slotPoll/2 + rand.N(slotPoll/2) // #nosec G404 -- spreads the replicas; nobody gains by guessing it
	case len(s.holds) == 0:
		return 0 // and see that there is nothing left to do
	}
	wait := s.lease
	for _, h := range s.holds {
		switch h.stage {
		case calling:
			wait = min(wait, h.slot.Until.Add(-s.lease*5/8).Sub(now)+time.Millisecond)
		case idle:
			wait = min(wait, h.since.Add(s.idle).Sub(now))
		default:
			wait = 0
		}
	}
	return max(wait, 0)
}
