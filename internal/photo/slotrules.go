package photo

import (
	"slices"
	"time"

	"portrait/internal/store"
)

const (
	// probeAfter is how long the number of calls that Graph last found too many
	// isn't tried again. One try costs a few answers of 429.
	probeAfter = 2 * time.Minute

	// maxClosed is the longest that nobody may call.
	maxClosed = 10 * time.Minute

	// slowFor is how long batches go slower after Graph said that most of a limit
	// is used. Graph counts in windows of 10 seconds, and says it with each answer.
	//
	// Source: https://learn.microsoft.com/graph/throttling-limits#identity-and-access-service-limits
	slowFor = 10 * time.Second
)

// claim is what somebody wants a slot for.
type claim struct {
	batch bool
	photo string // the photo that will be changed, "" = it is only read
	since time.Time
}

// look is one replica's look at the table, and what it changes there. Nothing
// in here waits or asks: the rules of who gets a slot are these methods.
type look struct {
	*store.SlotTable
	me    string // the replica
	most  int    // slots, whatever Graph takes
	lease time.Duration
	now   time.Time // in whole milliseconds, as the table's times are
}

// limit is how many calls may run at once.
func (l *look) limit() int { return min(max(l.Gate.Limit, 1), l.most) }

// free is how many more calls may run. It is negative after the limit was
// lowered.
func (l *look) free() int { return l.limit() - len(l.Slots) }

// closed reports whether nobody may call.
func (l *look) closed() bool { return l.now.Before(l.Gate.Closed) }

// expire drops what has run out: the slots of those who were killed, too.
func (l *look) expire() {
	l.Slots = slices.DeleteFunc(l.Slots, func(s store.Slot) bool { return !l.now.Before(s.Until) })
	l.Waiting = slices.DeleteFunc(l.Waiting, func(w store.SlotWaiting) bool { return !l.now.Before(w.Until) })
}

// held returns how many slots holder has.
func (l *look) held(holder string) int {
	n := 0
	for _, s := range l.Slots {
		if s.Holder == holder {
			n++
		}
	}
	return n
}

// busy reports whether the photo of c is being changed.
func (l *look) busy(c claim) bool {
	return c.photo != "" && slices.ContainsFunc(l.Slots, func(s store.Slot) bool { return s.Photo == c.photo })
}

// may reports whether c gets a slot now. People come before batches, over all
// replicas, but no slot is kept free for somebody who may come: of four that
// would be a quarter of what a batch can do, and whoever comes has the next one
// that becomes free, which with four takes a fraction of a call. Among replicas
// who has fewest slots is next. c must be first among those who wait in its own
// replica.
func (l *look) may(c claim) bool {
	free := l.free()
	if l.closed() || free <= 0 || l.busy(c) {
		return false
	}
	mine := l.held(l.me)
	for _, w := range l.Waiting {
		if w.Holder == l.me {
			continue
		}
		wanted := w.People
		if c.batch { // whatever people want, and a fair share of the rest
			free -= w.People
			wanted = w.Batches
		}
		free -= l.ahead(w, wanted, mine, c.since)
	}
	if !c.batch {
		return free > 0
	}
	return free > 0 && (!l.now.Before(l.Gate.Slow) || l.batches() < max(1, l.limit()/2))
}

// ahead returns how many of the wanted slots w's replica gets before one that
// has mine and waits since then. With an equal number nobody is ahead, so that
// slots needn't wander between replicas, unless both have none: whoever came
// first is then.
func (l *look) ahead(w store.SlotWaiting, wanted, mine int, since time.Time) int {
	theirs := l.held(w.Holder)
	n := mine - theirs
	if mine == 0 && theirs == 0 && w.Since.Before(since) {
		n = 1
	}
	return max(0, min(n, wanted))
}

// batches returns how many slots batches have.
func (l *look) batches() int {
	n := 0
	for _, s := range l.Slots {
		if s.Batch {
			n++
		}
	}
	return n
}

// take gives a slot to c, if possible the same one that this replica has just
// had for the like in spare: then nothing is written.
func (l *look) take(c claim, spare *[]store.Slot) store.Slot {
	i := slices.IndexFunc(*spare, func(s store.Slot) bool { return s.Batch == c.batch && s.Photo == c.photo })
	if i >= 0 {
		s := (*spare)[i]
		*spare = slices.Delete(*spare, i, i+1)
		return l.keep(s)
	}
	s := store.Slot{N: l.unused(*spare), Holder: l.me, Turn: l.Turn, Batch: c.batch, Photo: c.photo}
	*spare = slices.DeleteFunc(*spare, func(old store.Slot) bool { return old.N == s.N })
	return l.keep(s)
}

// keep puts s into the table, renewed if it is time for that.
func (l *look) keep(s store.Slot) store.Slot {
	if s.Until.Sub(l.now) < l.lease*5/8 {
		s.Until = l.now.Add(l.lease)
	}
	l.Slots = append(l.Slots, s)
	return s
}

// unused returns the lowest number that no slot has, preferring one that isn't
// among spare, so that those can still be used again.
func (l *look) unused(spare []store.Slot) int {
	taken := func(all []store.Slot, n int) bool {
		return slices.ContainsFunc(all, func(s store.Slot) bool { return s.N == n })
	}
	n := 1
	for taken(l.Slots, n) || len(l.Slots)+len(spare) < l.limit() && taken(spare, n) {
		n++
	}
	return n
}

// throttled lowers the limit because Graph refused a call that began at start.
// Calls that were under way when the limit was lowered say nothing about the
// new one: however many of them are refused, that counts once.
func (l *look) throttled(start time.Time) {
	if !start.After(l.Gate.Lowered) {
		return
	}
	running := min(max(len(l.Slots), 1), l.limit())
	l.Gate.Ceiling, l.Gate.Limit = max(1, running-1), max(1, l.limit()/2)
	l.Gate.Lowered, l.Gate.Credit = l.now, 0
}

// full reports whether as many calls run as may: then success says something
// about the limit.
func (l *look) full() bool {
	return len(l.Slots) >= l.limit()
}

// mayGrow reports whether the limit isn't known to be as high as it can be.
func (l *look) mayGrow() bool {
	return l.limit() < l.most && (l.Gate.Ceiling == 0 || l.limit() < l.Gate.Ceiling || l.now.Sub(l.Gate.Lowered) >= probeAfter)
}

// succeeded counts n calls that Graph took while all slots were in use: after
// as many as there are slots there is one more.
func (l *look) succeeded(n int) {
	l.Gate.Credit += n
	if l.Gate.Credit < l.limit() {
		return
	}
	if l.Gate.Ceiling != 0 && l.limit() >= l.Gate.Ceiling {
		l.Gate.Ceiling = 0 // too long ago
	}
	l.Gate.Limit, l.Gate.Credit = l.limit()+1, 0
}

// heard notes what Graph said: until when nobody may call, and that much of a
// limit is used.
func (l *look) heard(closed time.Time, slow bool) {
	if latest := l.now.Add(maxClosed); closed.After(latest) {
		closed = latest
	}
	if closed.After(l.Gate.Closed) {
		l.Gate.Closed = time.UnixMilli(closed.UnixMilli())
	}
	if slow && l.Gate.Slow.Sub(l.now) < slowFor/2 {
		l.Gate.Slow = l.now.Add(slowFor)
	}
}
