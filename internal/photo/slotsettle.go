package photo

import (
	"slices"
	"time"

	"portrait/internal/store"
)

// learn moves the limit by what became of the calls of m, and returns the
// successes that aren't in the table yet: it isn't written for each.
func (l *look) learn(m mine) (credit int) {
	full := l.full()
	credit = m.credit
	for _, h := range m.holds {
		switch {
		case h.stage == throttled:
			l.throttled(h.start)
			credit = 0
		case h.stage == succeeded && full && h.start.After(l.Gate.Lowered):
			credit++
		}
	}
	switch {
	case !l.mayGrow():
		return 0
	case credit >= max(1, l.limit()/4):
		l.succeeded(credit)
		return 0
	}
	return credit
}

// reclaim takes the slots of m that aren't used out of the table and returns
// them. What the table has of this replica beyond m was written by a change
// that seemed to fail.
func (l *look) reclaim(m mine, out *settled) (spare []store.Slot) {
	had := slices.Clone(l.Slots)
	l.Slots = slices.DeleteFunc(l.Slots, func(s store.Slot) bool { return s.Holder == l.me })
	for i, h := range m.holds {
		at := slices.IndexFunc(had, func(s store.Slot) bool { return s.Holder == l.me && s.N == h.slot.N && s.Turn == h.slot.Turn })
		switch {
		case at < 0:
			out.lost[i] = true
		case h.stage == calling:
			kept := l.keep(had[at])
			out.slots[i] = &kept
		default:
			spare = append(spare, had[at])
		}
	}
	return spare
}

// grant gives slots to those who wait and returns how many are left who could
// have used one, and since when the first of them waits.
func (l *look) grant(waiting []*waiter, spare *[]store.Slot, out *settled) (people, batches int, since time.Time) {
	for _, w := range waiting {
		switch {
		case l.busy(w.claim):
			continue // a slot wouldn't help
		case people == 0 && batches == 0 && l.may(w.claim):
			out.grants[w] = l.take(w.claim, spare)
			continue
		case w.batch:
			batches++
		default:
			people++
		}
		if since.IsZero() || w.since.Before(since) {
			since = w.since
		}
	}
	return people, batches, since
}

// keepIdle keeps the slots in spare a moment longer if nobody waits for them.
func (l *look) keepIdle(m mine, spare []store.Slot, wanted bool, idleFor time.Duration, out *settled) {
	others := slices.ContainsFunc(l.Waiting, func(w store.SlotWaiting) bool { return w.Holder != l.me })
	for i, h := range m.holds {
		at := slices.IndexFunc(spare, func(s store.Slot) bool { return s.N == h.slot.N && s.Turn == h.slot.Turn })
		if at < 0 || wanted || others || l.closed() || l.free() <= 0 || spare[at].Photo != "" {
			continue
		}
		if h.stage == idle && l.now.Sub(h.since) >= idleFor {
			continue
		}
		kept := l.keep(spare[at])
		out.slots[i] = &kept
	}
}

// announce says in the table how many wait here: at most as many as there are
// slots, so that a long queue isn't written whenever it moves.
func (l *look) announce(people, batches int, since time.Time) {
	i := slices.IndexFunc(l.Waiting, func(w store.SlotWaiting) bool { return w.Holder == l.me })
	people, batches = min(people, l.limit()), min(batches, l.limit())
	if people+batches == 0 {
		if i >= 0 {
			l.Waiting = slices.Delete(l.Waiting, i, i+1)
		}
		return
	}
	if i < 0 {
		l.Waiting = append(l.Waiting, store.SlotWaiting{Holder: l.me})
		i = len(l.Waiting) - 1
	}
	w := &l.Waiting[i]
	if w.People == people && w.Batches == batches && w.Until.Sub(l.now) > waitingFor/2 {
		return
	}
	*w = store.SlotWaiting{Holder: l.me, People: people, Batches: batches, Since: time.UnixMilli(since.UnixMilli()), Until: l.now.Add(waitingFor)}
}

// waitingFor is how long the table remembers that somebody waits in a replica
// that doesn't say so again.
const waitingFor = 2 * time.Second
