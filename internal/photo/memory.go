package photo

import (
	lru "container/list"
	"context"
	"sync"
	"time"

	"portrait/internal/fault"
	"portrait/internal/words"
)

// memory remembers answers for a while and asks once where several want the
// same at the same time. Beyond its limit it forgets what was used least
// recently. The process that keeps it may end at any time: nothing in here is
// more than a saved question.
type memory[K comparable, V any] struct {
	limit int64 // of all weights together
	now   func() time.Time

	mu     sync.Mutex
	kept   map[K]*lru.Element // of entry[K, V]
	recent lru.List           // most recently used first
	weight int64
	asking map[K]*asking[V]
	era    int // counts calls of forget: what was asked before one isn't kept after it
}

// answer is what asking brought.
type answer[V any] struct {
	value  V
	keep   time.Duration // 0 = not at all
	weight int64         // 0 = 1
}

type entry[K comparable, V any] struct {
	key    K
	value  V
	until  time.Time
	weight int64
}

// asking is a question on its way.
type asking[V any] struct {
	done  chan struct{} // closed when value and err are there
	value V
	err   error
	era   int // in which it was asked
}

// newMemory returns a memory for weights of limit in all.
func newMemory[K comparable, V any](limit int64, now func() time.Time) *memory[K, V] {
	return &memory[K, V]{limit: limit, now: now, kept: map[K]*lru.Element{}, asking: map[K]*asking[V]{}}
}

// get returns what is remembered for key, or what ask brings. Errors aren't
// remembered; besides those of ask there is fault.Timeout if ctx ends first. ask
// isn't cut short when ctx ends, since others may be waiting for the same; its
// own time limit ends it.
func (m *memory[K, V]) get(ctx context.Context, key K, ask func(context.Context) (answer[V], error)) (V, error) {
	m.mu.Lock()
	if value, ok := m.look(key); ok {
		m.mu.Unlock()
		return value, nil
	}
	q, ok := m.asking[key]
	if !ok {
		q = &asking[V]{done: make(chan struct{}), era: m.era}
		m.asking[key] = q
		go m.ask(context.WithoutCancel(ctx), key, q, ask)
	}
	m.mu.Unlock()
	select {
	case <-q.done:
		return q.value, q.err
	case <-ctx.Done():
		var none V
		return none, &fault.Error{Op: "photo.memory.get", Kind: fault.Timeout, Say: words.M("graph.slow"), Next: fault.NextRetry, Err: ctx.Err()}
	}
}

func (m *memory[K, V]) ask(ctx context.Context, key K, q *asking[V], ask func(context.Context) (answer[V], error)) {
	var a answer[V]
	err := guarded(func() (err error) {
		a, err = ask(ctx)
		return err
	})
	m.mu.Lock()
	defer m.mu.Unlock()
	q.value, q.err = a.value, err
	close(q.done)
	if m.asking[key] == q {
		delete(m.asking, key)
	}
	if err == nil && a.keep > 0 && q.era == m.era {
		m.put(key, a)
	}
}

// peek returns what is remembered for key, without asking.
func (m *memory[K, V]) peek(key K) (V, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.look(key)
}

// remember keeps a for key.
func (m *memory[K, V]) remember(key K, a answer[V]) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.put(key, a)
}

// forget drops every key of which is says true, and whatever is being asked
// for: what is on its way may be what was to be forgotten.
func (m *memory[K, V]) forget(is func(K) bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.era++
	for key, e := range m.kept {
		if is(key) {
			m.drop(e)
		}
	}
	for key := range m.asking {
		if is(key) {
			delete(m.asking, key) // who comes now asks anew
		}
	}
}

func (m *memory[K, V]) look(key K) (V, bool) {
	e, ok := m.kept[key]
	if !ok {
		var none V
		return none, false
	}
	kept := e.Value.(entry[K, V])
	if !m.now().Before(kept.until) {
		m.drop(e)
		var none V
		return none, false
	}
	m.recent.MoveToFront(e)
	return kept.value, true
}

func (m *memory[K, V]) put(key K, a answer[V]) {
	if e, ok := m.kept[key]; ok {
		m.drop(e)
	}
	kept := entry[K, V]{key, a.value, m.now().Add(a.keep), max(1, a.weight)}
	m.kept[key] = m.recent.PushFront(kept)
	m.weight += kept.weight
	for m.weight > m.limit {
		m.drop(m.recent.Back())
	}
}

func (m *memory[K, V]) drop(e *lru.Element) {
	kept := m.recent.Remove(e).(entry[K, V])
	delete(m.kept, kept.key)
	m.weight -= kept.weight
}
