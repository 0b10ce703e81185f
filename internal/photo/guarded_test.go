package photo

import (
	"context"
	"strings"
	"testing"
	"time"

	"portrait/internal/directory"
	"portrait/internal/graph"
)

// TestPanicsStayWithTheirRequest panics in the goroutines that no request
// recovers: without guarded the test's process ends.
func TestPanicsStayWithTheirRequest(t *testing.T) {
	m := newMemory[string, int](10, time.Now)
	_, err := m.get(t.Context(), "a", func(context.Context) (answer[int], error) { panic("odd picture") })
	if err == nil || !strings.Contains(err.Error(), "odd picture") {
		t.Errorf("a panic while asking: %v, want it as an error", err)
	}
	if v, err := m.get(t.Context(), "a", func(context.Context) (answer[int], error) { return answer[int]{value: 1}, nil }); v != 1 || err != nil {
		t.Errorf("afterwards: %d, %v, want to be asked anew", v, err)
	}
	g := gatherer{batches: map[gathering]*gathered{}}
	g.fetch = func(context.Context, string, []directory.Subject, int) ([]graph.PhotoAnswer, error) {
		panic("odd answer")
	}
	if _, err := g.photo(t.Context(), gathering{"token", 96}, directory.Me()); err == nil || !strings.Contains(err.Error(), "odd answer") {
		t.Errorf("a panic while fetching: %v, want it as an error", err)
	}
}
