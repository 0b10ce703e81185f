package photo

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"portrait/internal/directory"
	"portrait/internal/fault"
	"portrait/internal/graph"
)

func TestMemory(t *testing.T) {
	now := noon
	m := newMemory[string, int](10, func() time.Time { return now })
	asked := 0
	ask := func(a answer[int], err error) func(context.Context) (answer[int], error) {
		return func(context.Context) (answer[int], error) { asked++; return a, err }
	}
	get := func(key string, a answer[int], err error) int {
		t.Helper()
		v, got := m.get(t.Context(), key, ask(a, err))
		if !errors.Is(got, err) {
			t.Errorf("%s: %v, want %v", key, got, err)
		}
		return v
	}
	minute := answer[int]{value: 1, keep: time.Minute, weight: 4}
	get("a", minute, nil)
	if v := get("a", answer[int]{value: 2}, nil); v != 1 || asked != 1 {
		t.Errorf("%d after %d questions; want what is remembered", v, asked)
	}
	now = now.Add(time.Minute)
	if v := get("a", answer[int]{value: 2}, nil); v != 2 || asked != 2 {
		t.Errorf("%d after %d questions; want a new answer after a minute", v, asked)
	}
	if _, ok := m.peek("a"); ok {
		t.Error("an answer that isn't to be kept is")
	}
	broken := errors.New("broken")
	get("b", minute, broken)
	if v := get("b", minute, nil); v != 1 {
		t.Errorf("%d; an error is remembered", v)
	}
	for _, key := range []string{"c", "d"} { // 4 + 4 + 4 is more than 10
		m.remember(key, minute)
		m.peek("b")
	}
	_, b := m.peek("b")
	_, c := m.peek("c")
	_, d := m.peek("d")
	if !b || c || !d {
		t.Errorf("b %v, c %v, d %v; want c forgotten, which was used least recently", b, c, d)
	}
	m.remember("huge", answer[int]{value: 1, keep: time.Minute, weight: 11})
	if m.weight != 0 || len(m.kept) != 0 || m.recent.Len() != 0 {
		t.Errorf("weight %d, %d kept; nothing fits beside what doesn't fit", m.weight, len(m.kept))
	}
}

func TestMemoryAsksOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory[string, int](10, time.Now)
		asked := 0
		slow := func(ctx context.Context) (answer[int], error) {
			asked++
			time.Sleep(time.Second)
			return answer[int]{value: asked, keep: time.Minute}, ctx.Err()
		}
		hasty, leave := context.WithTimeout(t.Context(), time.Millisecond)
		defer leave()
		var all sync.WaitGroup
		all.Go(func() {
			if _, err := m.get(hasty, "a", slow); !fault.Is(err, fault.Timeout) || !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("who leaves hears %v", err)
			}
		})
		synctest.Wait()
		for range 5 {
			all.Go(func() {
				if v, err := m.get(t.Context(), "a", slow); v != 1 || err != nil {
					t.Errorf("%d, %v; want the first answer", v, err)
				}
			})
		}
		all.Wait()
		if asked != 1 {
			t.Errorf("asked %d times", asked)
		}
	})
}

// TestGatherer has the times of batches, with a clock that stands still.
func TestGatherer(t *testing.T) {
	for _, tt := range []struct {
		name     string
		size     int
		pictures int
		apart    time.Duration // from one to the next
		want     []int         // pictures in each batch
		takes    time.Duration
	}{
		{"twenty at once don't wait", 96, 20, 0, []int{20}, 0},
		{"of twenty-one one waits", 96, 21, 0, []int{20, 1}, gatherTime},
		{"one waits for others", 96, 1, 0, []int{1}, gatherTime},
		{"three that come one after the other go together", 96, 3, gatherTime / 4, []int{3}, gatherTime},
		{"who comes too late goes alone", 96, 2, 2 * gatherTime, []int{1, 1}, 3 * gatherTime},
		{"in full size four go together", 0, 9, 0, []int{4, 4, 1}, gatherTime},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var mu sync.Mutex
				var batches []int
				g := gatherer{batches: map[gathering]*gathered{}, fetch: func(_ context.Context, token string, s []directory.Subject, size int) ([]graph.PhotoAnswer, error) {
					mu.Lock()
					defer mu.Unlock()
					batches = append(batches, len(s))
					answers := make([]graph.PhotoAnswer, len(s))
					for i := range s {
						answers[i].Image.Bytes = []byte(s[i].Path())
					}
					return answers, nil
				}}
				start := time.Now()
				var all sync.WaitGroup
				for n := range tt.pictures {
					if n > 0 {
						time.Sleep(tt.apart)
					}
					all.Go(func() {
						s := groupAt(t, n)
						image, err := g.photo(t.Context(), gathering{"token", tt.size}, s)
						if err != nil || string(image.Bytes) != s.Path() {
							t.Errorf("%s got the picture of %s, %v", s, image.Bytes, err)
						}
					})
				}
				all.Wait()
				total := 0
				for _, n := range batches {
					total += n
				}
				if len(batches) != len(tt.want) || total != tt.pictures || time.Since(start) != tt.takes {
					t.Errorf("batches of %v after %v; want %v after %v", batches, time.Since(start), tt.want, tt.takes)
				}
				if len(g.batches) != 0 {
					t.Errorf("%d batches are still open", len(g.batches))
				}
			})
		})
	}
}

func TestGathererFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broken := errors.New("broken")
		g := gatherer{batches: map[gathering]*gathered{}}
		g.fetch = func(context.Context, string, []directory.Subject, int) ([]graph.PhotoAnswer, error) {
			return nil, broken
		}
		if _, err := g.photo(t.Context(), gathering{"token", 96}, groupAt(t, 1)); !errors.Is(err, broken) {
			t.Errorf("%v, want what became of the batch", err)
		}
		g.fetch = func(context.Context, string, []directory.Subject, int) ([]graph.PhotoAnswer, error) { return nil, nil }
		if _, err := g.photo(t.Context(), gathering{"token", 96}, groupAt(t, 1)); err == nil {
			t.Error("an answer that is missing is no error")
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := g.photo(ctx, gathering{"token", 96}, groupAt(t, 1)); !errors.Is(err, context.Canceled) {
			t.Errorf("who leaves hears %v", err)
		}
		time.Sleep(gatherTime) // the batch ends by itself
	})
}
