package web

import (
	"context"
	"testing"
	"time"
)

func TestSecurityOnePersonHoldsUpNobodyElse(t *testing.T) {
	turns := newTurns(4)
	soon := func() context.Context {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		t.Cleanup(cancel)
		return ctx
	}
	var releases []func()
	for range 2 {
		release, err := turns.acquire(soon(), "slow", 1)
		if err != nil {
			t.Fatal(err)
		}
		releases = append(releases, release)
	}
	waiting, cancel := context.WithCancel(t.Context())
	refused := make(chan error)
	go func() {
		_, err := turns.acquire(waiting, "slow", 2)
		refused <- err
	}()
	other, err := turns.acquire(t.Context(), "other", 2)
	if err != nil {
		t.Fatalf("another person: %v, want half of the room", err)
	}
	if _, err := turns.acquire(soon(), "third", 1); err == nil {
		t.Error("there is more room than there is memory")
	}
	cancel()
	if err := <-refused; err == nil {
		t.Error("one person gets more than half")
	}
	other()
	for _, release := range releases {
		release()
	}
	if len(turns.people) != 0 {
		t.Errorf("%d people are remembered after they left", len(turns.people))
	}
	if _, err := turns.acquire(soon(), "slow", 2); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}
