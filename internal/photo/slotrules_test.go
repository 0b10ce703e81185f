package photo

import (
	"fmt"
	"testing"
	"time"

	"portrait/internal/graph"
	"portrait/internal/store"
)

// lookAt returns a look of replica "a" at a table with this limit, whose slots
// are taken as taken says: a letter for each, the replica's, upper case for a
// batch.
func lookAt(limit int, taken string) *look {
	l := &look{SlotTable: &store.SlotTable{Gate: store.Gate{Limit: limit}}, me: "a", most: 16, lease: slotLease, now: noon}
	for i, c := range taken {
		batch := c < 'a'
		if batch {
			c += 'a' - 'A'
		}
		l.Slots = append(l.Slots, store.Slot{N: i + 1, Holder: string(c), Until: noon.Add(time.Second), Batch: batch})
	}
	return l
}

func TestWhoGetsTheNextSlot(t *testing.T) {
	earlier, later := noon.Add(-time.Second), noon
	b := func(people, batches int, since time.Time) store.SlotWaiting {
		return store.SlotWaiting{Holder: "b", People: people, Batches: batches, Since: since, Until: noon.Add(time.Second)}
	}
	for _, tt := range []struct {
		sentence string
		limit    int
		taken    string
		others   store.SlotWaiting // of replica b
		batch    bool              // who asks in a
		want     bool
	}{
		{"a person gets the last slot", 4, "aaa", b(0, 0, noon), false, true},
		{"a person gets none beyond the limit", 4, "aaaa", b(0, 0, noon), false, false},
		{"a batch takes the last slot", 4, "AAA", b(0, 0, noon), true, true},
		{"a batch gets none beyond the limit", 4, "AAAA", b(0, 0, noon), true, false},
		{"a batch takes the only slot there is", 1, "", b(0, 0, noon), true, true},
		{"a person goes before a batch of another replica", 4, "AAA", b(0, 3, earlier), false, true},
		{"a batch lets a person of another replica go first", 4, "AAA", b(1, 0, later), true, false},
		{"a batch goes beside a person for whom there is room", 4, "AA", b(1, 0, later), true, true},
		{"the replica with fewer slots goes first", 4, "aaa", b(1, 0, later), false, false},
		{"the replica with as many keeps its own", 4, "abb", b(4, 0, earlier), false, true},
		{"the replica with more lets the other catch up", 6, "aaaab", b(1, 0, later), false, false},
		{"who came first gets the only slot", 1, "", b(1, 0, earlier), false, false},
		{"who came second lets the first go", 1, "", b(1, 0, later), false, true},
		{"batches share, too", 4, "AAA", b(0, 2, later), true, false},
	} {
		t.Run(tt.sentence, func(t *testing.T) {
			l := lookAt(tt.limit, tt.taken)
			if tt.others.People+tt.others.Batches > 0 {
				l.Waiting = append(l.Waiting, tt.others)
			}
			if got := l.may(claim{batch: tt.batch, since: noon.Add(-time.Millisecond)}); got != tt.want {
				t.Errorf("may = %v, want %v", got, tt.want)
			}
		})
	}
}

func TestNobodyCallsWhileTheGateIsClosed(t *testing.T) {
	l := lookAt(4, "")
	l.heard(noon.Add(time.Hour), false)
	if got := l.Gate.Closed.Sub(noon); got != 10*time.Minute {
		t.Errorf("closed for %v, want 10 minutes at most", got)
	}
	for after, want := range map[time.Duration]bool{0: false, 10*time.Minute - time.Millisecond: false, 10 * time.Minute: true} {
		l.now = noon.Add(after)
		if got := l.may(claim{since: noon}); got != want {
			t.Errorf("after %v a person may call: %v, want %v", after, got, want)
		}
	}
}

func TestBatchesGoSlowerWhereMostOfALimitIsUsed(t *testing.T) {
	for _, tt := range []struct {
		sentence string
		taken    string
		batch    bool
		after    time.Duration
		want     bool
	}{
		{"a batch has half of all", "AAAA", true, 0, false},
		{"and not less", "AAA", true, 0, true},
		{"people have all of theirs", "aaaaaaa", false, 0, true},
		{"it is over after ten seconds", "AAAA", true, slowFor, true},
	} {
		l := lookAt(8, tt.taken)
		l.heard(time.Time{}, true)
		l.now = l.now.Add(tt.after)
		if got := l.may(claim{batch: tt.batch, since: noon}); got != tt.want {
			t.Errorf("%s: may = %v, want %v", tt.sentence, got, tt.want)
		}
	}
}

func TestTheLimitIsLoweredOncePerWindow(t *testing.T) {
	l := lookAt(16, "aaaaaaaabbbbbbbb")
	for _, tt := range []struct {
		sentence string
		start    time.Duration // of the call that is refused, since noon
		now      time.Duration
		limit    int
		ceiling  int
	}{
		{"a refusal halves it", -time.Second, 0, 8, 15},
		{"a call of the same time doesn't count", -time.Second, 10 * time.Millisecond, 8, 15},
		{"nor one that began as it was lowered", 0, time.Second, 8, 15},
		{"one that began later halves it again", time.Millisecond, 2 * time.Second, 4, 7},
	} {
		l.now = noon.Add(tt.now)
		l.throttled(noon.Add(tt.start))
		if l.Gate.Limit != tt.limit || l.Gate.Ceiling != tt.ceiling {
			t.Errorf("%s: %d, ceiling %d; want %d, %d", tt.sentence, l.Gate.Limit, l.Gate.Ceiling, tt.limit, tt.ceiling)
		}
	}
	for i := range 5 {
		l.now = noon.Add(time.Duration(i+3) * time.Second)
		l.throttled(l.now)
	}
	if l.Gate.Limit != 1 {
		t.Errorf("after many refusals the limit is %d, want 1", l.Gate.Limit)
	}
}

// TestTheLimitGrows counts rounds in which every slot is used and every call
// succeeds, a second each.
func TestTheLimitGrows(t *testing.T) {
	round := func(l *look, taken int) {
		l.now = l.now.Add(time.Second)
		l.Slots = lookAt(l.limit(), fmt.Sprintf("%.*s", taken, "aaaaaaaaaaaaaaaa")).Slots
		m := mine{}
		for range l.Slots {
			m.holds = append(m.holds, hold{stage: succeeded, start: l.now.Add(-time.Millisecond)})
		}
		l.learn(m)
	}
	l := lookAt(4, "")
	for want := 5; want <= 16; want++ {
		if round(l, l.limit()); l.limit() != want {
			t.Fatalf("after a round the limit is %d, want %d", l.limit(), want)
		}
	}
	if round(l, 16); l.limit() != 16 {
		t.Errorf("beyond the setting the limit is %d", l.limit())
	}
	l = lookAt(4, "")
	if round(l, 3); l.limit() != 4 {
		t.Errorf("it grew to %d although it wasn't used up", l.limit())
	}
	l = lookAt(5, "aaaaa")
	l.throttled(noon.Add(-time.Millisecond))
	for i, want := range []int{3, 4, 4, 4} { // 2, and back to what wasn't too many
		if round(l, l.limit()); l.limit() != want {
			t.Errorf("%d rounds after a refusal at 5 it is %d, want %d", i+1, l.limit(), want)
		}
	}
	l.now = l.now.Add(probeAfter)
	if round(l, 4); l.limit() != 5 {
		t.Errorf("after two minutes it is %d, want another try at 5", l.limit())
	}
}

func TestASlotIsUsedAgainWithoutWriting(t *testing.T) {
	x := NewSlots(nil, 16)
	x.me, x.now = "a", func() time.Time { return noon }
	table := lookAt(4, "aB").SlotTable
	table.Slots[0].Until = noon.Add(slotLease)
	before := table.Clone()
	w := &waiter{claim: claim{since: noon}}
	out := x.apply(table, mine{waiting: []*waiter{w}, holds: []hold{{slot: table.Slots[0], stage: succeeded}}})
	if got, ok := out.grants[w]; !ok || got != before.Slots[0] || !table.Equal(before) {
		t.Errorf("granted %+v and left %+v, want the same slot and the same table", got, table.Slots)
	}
}

func TestHearsWhatGraphSays(t *testing.T) {
	for _, tt := range []struct {
		sentence string
		load     graph.Load
		slow     bool
		closed   time.Duration
	}{
		{"a throttle of one mailbox closes nothing", graph.Load{Status: 429, RetryAfter: time.Minute}, false, 0},
		{"one of the app does", graph.Load{Status: 429, RetryAfter: time.Minute, WholeApp: true}, false, time.Minute},
		{"most of a limit is used", graph.Load{Status: 200, Used: 0.8}, true, 0},
		{"less than most isn't said", graph.Load{Status: 200, Used: 0.79}, false, 0},
	} {
		x := NewSlots(nil, 16)
		x.running = true // nobody takes it away
		x.now = func() time.Time { return noon }
		x.Heard(tt.load)
		closed := time.Duration(0)
		if !x.closed.IsZero() {
			closed = x.closed.Sub(noon)
		}
		if x.slow != tt.slow || closed != tt.closed {
			t.Errorf("%s: slow %v, closed for %v; want %v, %v", tt.sentence, x.slow, closed, tt.slow, tt.closed)
		}
	}
}
