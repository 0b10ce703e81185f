package store_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"portrait/internal/store"
	"portrait/internal/store/storetest"
)

// TestSecurityAllowanceHoldsOverReplicas has two replicas spend at once: together
// they get what one would.
func TestSecurityAllowanceHoldsOverReplicas(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *storetest.Database) {
		replicas := []*store.Store{db.Open(t), db.Open(t)}
		a := store.Allowance{Name: "saves:ann", Most: 10, Window: time.Hour}
		var wait sync.WaitGroup
		var mu sync.Mutex
		taken := 0
		for i := range 40 {
			wait.Go(func() {
				again, err := replicas[i%2].Spend(t.Context(), a, noon)
				if err != nil {
					t.Errorf("use %d: %v", i, err)
				}
				mu.Lock()
				defer mu.Unlock()
				if again.IsZero() {
					taken++
				} else if !again.Equal(noon.Add(time.Hour)) {
					t.Errorf("use %d is possible again at %v, want an hour after the first", i, again)
				}
			})
		}
		wait.Wait()
		if taken != a.Most {
			t.Errorf("%d of 40 were let through, want %d", taken, a.Most)
		}
	})
}

func TestSecurityAllowanceBeginsAnew(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *storetest.Database) {
		s := db.Open(t)
		ann := store.Allowance{Name: "saves:ann", Most: 2, Window: time.Hour}
		bob := store.Allowance{Name: "saves:bob", Most: 2, Window: time.Hour}
		for _, tt := range []struct {
			sentence string
			of       store.Allowance
			after    time.Duration
			ok       bool
		}{
			{"the first", ann, 0, true},
			{"the second, half an hour later", ann, 30 * time.Minute, true},
			{"a third", ann, 31 * time.Minute, false},
			{"somebody else's first", bob, 31 * time.Minute, true},
			{"a third, just before the hour is over", ann, time.Hour - time.Millisecond, false},
			{"the first of the next hour", ann, time.Hour, true},
			{"the second of it", ann, time.Hour + time.Minute, true},
			{"the third of it", ann, time.Hour + 2*time.Minute, false},
		} {
			again, err := s.Spend(t.Context(), tt.of, noon.Add(tt.after))
			if err != nil || again.IsZero() != tt.ok || !tt.ok && !again.After(noon.Add(tt.after)) {
				t.Errorf("%s: possible again at %v, %v; want it let through: %v", tt.sentence, again, err, tt.ok)
			}
		}
		if n, err := s.SweepAllowances(t.Context(), noon.Add(90*time.Minute)); err != nil || n != 0 {
			t.Errorf("swept %d that still count, %v", n, err)
		}
		if n, err := s.SweepAllowances(t.Context(), noon.Add(24*time.Hour)); err != nil || n != 2 || strings.Contains(string(db.Dump(t, "allowances")), "ann") {
			t.Errorf("swept %d, %v; want 2", n, err)
		}
	})
}
