package picture

import (
	"context"
	"image"
	"testing"
	"testing/synctest"
	"time"

	"portrait/internal/fault"
)

// TestBudgetIsBusy waits ten seconds for room, by a clock of the test.
func TestBudgetIsBusy(t *testing.T) {
	body := encodeJPEG(t, tiles(4, 4, 20), 90)
	synctest.Test(t, func(t *testing.T) {
		b := NewBudget(100 << 20)
		if err := b.room.Acquire(t.Context(), 99<<20); err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		_, err := b.Render(t.Context(), body, Frame{})
		e := fault.As(err)
		if e == nil || e.Kind != fault.Busy || e.Say.ID != "picture.busy" || e.RetryAfter <= 0 || e.Next != fault.NextWait {
			t.Errorf("without room: %v, want Busy with a time", err)
		}
		if waited := time.Since(start); waited != patience {
			t.Errorf("waited %v, want %v", waited, patience)
		}
		if _, err := b.Render(t.Context(), []byte("no picture"), Frame{}); !fault.Is(err, fault.Unsupported) {
			t.Errorf("no picture, without room: %v, want Unsupported at once", err)
		}
		time.AfterFunc(3*time.Second, func() { b.room.Release(99 << 20) })
		if _, err := b.Render(t.Context(), body, Frame{}); err != nil {
			t.Errorf("room after 3 seconds: %v, want a picture", err)
		}
	})
}

// TestBudgetFollowsContext stops waiting when nobody waits for the answer.
func TestBudgetFollowsContext(t *testing.T) {
	b := NewBudget(100 << 20)
	if err := b.room.Acquire(t.Context(), 100<<20); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := b.Render(ctx, encodeJPEG(t, tiles(1, 1, 20), 90), Frame{}); !fault.Is(err, fault.Busy) {
		t.Errorf("cancelled: %v, want Busy", err)
	}
}

// TestBudgetGivesBack renders more than fits at once, the last one dearer than
// the whole budget, and ends with all of it free.
func TestBudgetGivesBack(t *testing.T) {
	const bytes = 9 << 19 // 4.5 MB: what stands beside the pixels takes 4
	small, large := encodeJPEG(t, tiles(4, 4, 20), 90), encodeJPEG(t, image.NewGray(image.Rect(0, 0, 3000, 1000)), 90)
	if cost := costOf(t, large); cost <= bytes {
		t.Fatalf("the large one costs %d, want more than the whole", cost)
	}
	bodies := [][]byte{small, small, []byte("\xff\xd8\xff\xd9"), small, large}
	synctest.Test(t, func(t *testing.T) { // whose clock stands still while pictures are made
		b := NewBudget(bytes)
		errs := make(chan error)
		for _, body := range bodies {
			go func() {
				_, err := b.Render(t.Context(), body, Frame{})
				errs <- err
			}()
		}
		failed := 0
		for range bodies {
			if err := <-errs; err != nil {
				failed++
			}
		}
		if failed != 1 { // the empty one
			t.Errorf("%d pictures failed, want 1", failed)
		}
		if !b.room.TryAcquire(bytes) {
			t.Error("some of the budget wasn't given back")
		}
	})
}
