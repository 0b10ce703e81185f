package store_test

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"portrait/internal/store"
	"portrait/internal/store/storetest"
)

func TestSecurityFlowIsTakenOnceByItsBrowser(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *storetest.Database) {
		s := db.Open(t)
		if err := s.CreateFlow(t.Context(), "state", secretOf(1), store.Flow{Created: noon, Data: []byte("nonce")}); err != nil {
			t.Fatal(err)
		}
		for _, tt := range []struct {
			sentence string
			state    string
			browser  byte
			taken    bool
		}{
			{"another state", "stat", 1, false},
			{"another browser", "state", 2, false},
			{"its own browser, after another tried", "state", 1, true},
			{"its own browser again", "state", 1, false},
		} {
			flow, err := s.TakeFlow(t.Context(), tt.state, secretOf(tt.browser), time.Time{})
			switch {
			case tt.taken && (err != nil || string(flow.Data) != "nonce" || !flow.Created.Equal(noon)):
				t.Errorf("%s: %q %v, %v; want the flow", tt.sentence, flow.Data, flow.Created, err)
			case !tt.taken && !errors.Is(err, store.ErrNone):
				t.Errorf("%s: %v, want ErrNone", tt.sentence, err)
			}
		}
	})
}

func TestSecurityFlowIsTakenOnceByManyAtOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *storetest.Database) {
		replicas := []*store.Store{db.Open(t), db.Open(t)}
		if err := replicas[0].CreateFlow(t.Context(), "state", secretOf(1), store.Flow{Created: noon, Data: []byte("x")}); err != nil {
			t.Fatal(err)
		}
		var taken atomic.Int32
		var wait sync.WaitGroup
		for i := range 20 {
			wait.Go(func() {
				_, err := replicas[i%2].TakeFlow(t.Context(), "state", secretOf(1), time.Time{})
				if err == nil {
					taken.Add(1)
				} else if !errors.Is(err, store.ErrNone) {
					t.Error(err)
				}
			})
		}
		wait.Wait()
		if taken.Load() != 1 {
			t.Errorf("taken %d times, want once", taken.Load())
		}
	})
}

func TestSecurityFlowRunsOut(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *storetest.Database) {
		s := db.Open(t)
		for _, tt := range []struct {
			sentence string
			limit    time.Time
			want     error
		}{
			{"a millisecond younger than the limit", noon.Add(-time.Millisecond), nil},
			{"as old as the limit", noon, store.ErrNone},
		} {
			if err := s.CreateFlow(t.Context(), "state", secretOf(1), store.Flow{Created: noon, Data: []byte("x")}); err != nil {
				t.Fatal(err)
			}
			if _, err := s.TakeFlow(t.Context(), "state", secretOf(1), tt.limit); !errors.Is(err, tt.want) {
				t.Errorf("%s: %v, want %v", tt.sentence, err, tt.want)
			}
			if _, err := s.TakeFlow(t.Context(), "state", secretOf(1), time.Time{}); !errors.Is(err, store.ErrNone) {
				t.Errorf("%s: still there after it was asked for: %v", tt.sentence, err)
			}
		}
	})
}

func TestSecurityOldestFlowGivesWay(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *storetest.Database) {
		s := db.Open(t)
		create := func(state string, browser byte, at time.Time) {
			t.Helper()
			if err := s.CreateFlow(t.Context(), state, secretOf(browser), store.Flow{Created: at, Data: []byte("x")}); err != nil {
				t.Fatal(err)
			}
		}
		create("neighbour", 2, noon.Add(-time.Hour))
		for i := range store.MaxFlows + 2 {
			create(fmt.Sprint(i), 1, noon.Add(time.Duration(i)*time.Millisecond))
		}
		for i := range store.MaxFlows + 2 {
			_, err := s.TakeFlow(t.Context(), fmt.Sprint(i), secretOf(1), time.Time{})
			if there := err == nil; there != (i >= 2) {
				t.Errorf("flow %d of %d: %v", i, store.MaxFlows+2, err)
			}
		}
		if _, err := s.TakeFlow(t.Context(), "neighbour", secretOf(2), time.Time{}); err != nil {
			t.Errorf("another browser's flow is gone: %v", err)
		}
		for i := range 2 * store.MaxFlows { // all in one millisecond: the newest must be there nevertheless
			create("same"+fmt.Sprint(i), 1, noon)
		}
		if _, err := s.TakeFlow(t.Context(), fmt.Sprintf("same%d", 2*store.MaxFlows-1), secretOf(1), time.Time{}); err != nil {
			t.Errorf("the flow just begun is gone: %v", err)
		}
	})
}

func TestSweepFlows(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *storetest.Database) {
		s := db.Open(t)
		for i := range 3 {
			at := noon.Add(time.Duration(i) * time.Minute)
			if err := s.CreateFlow(t.Context(), fmt.Sprint(i), secretOf(1), store.Flow{Created: at, Data: []byte("x")}); err != nil {
				t.Fatal(err)
			}
		}
		if n, err := s.SweepFlows(t.Context(), noon.Add(time.Minute)); n != 2 || err != nil {
			t.Errorf("swept %d, %v; want 2", n, err)
		}
		if _, err := s.TakeFlow(t.Context(), "2", secretOf(1), time.Time{}); err != nil {
			t.Errorf("the youngest is gone: %v", err)
		}
		if err := s.CreateFlow(t.Context(), "", secretOf(1), store.Flow{}); err == nil {
			t.Error("a flow without a state was taken")
		}
		if err := s.CreateFlow(t.Context(), "state", secretOf(1)[:8], store.Flow{}); err == nil {
			t.Error("a short browser secret was taken")
		}
	})
}
