package fault

import (
	"errors"
	"fmt"
	"io"
	"testing"

	"portrait/internal/words"
)

func TestErrorIsForTheLog(t *testing.T) {
	say := words.M("fault.not-found")
	for _, tt := range []struct {
		name string
		e    Error
		want string
	}{
		{"operation and sentence", Error{Op: "photo.Set", Say: say}, "photo.Set: fault.not-found"},
		{"and the cause", Error{Op: "photo.Set", Say: say, Err: io.EOF}, "photo.Set: fault.not-found: EOF"},
		{"and Graph's id", Error{Op: "photo.Set", Say: say, GraphRequestID: "a-1", Err: io.EOF}, "photo.Set: fault.not-found (request-id a-1): EOF"},
	} {
		if got := tt.e.Error(); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestAs(t *testing.T) {
	e := &Error{Op: "x", Kind: Forbidden, Say: words.M("fault.not-found")}
	if got := As(fmt.Errorf("wrapped: %w", e)); got != e {
		t.Errorf("a wrapped fault becomes %v", got)
	}
	if As(nil) != nil {
		t.Error("nothing becomes a fault")
	}
	got := As(io.EOF)
	if got.Kind != Unexpected || got.Say.ID != "fault.unexpected" || got.Next != NextRetry || !errors.Is(got, io.EOF) {
		t.Errorf("another error becomes %+v", got)
	}
}

func TestIs(t *testing.T) {
	busy := &Error{Kind: Busy}
	for _, tt := range []struct {
		name string
		err  error
		kind Kind
		want bool
	}{
		{"itself", busy, Busy, true},
		{"wrapped", fmt.Errorf("x: %w", busy), Busy, true},
		{"another kind", busy, Timeout, false},
		{"the outermost fault counts", &Error{Kind: Timeout, Err: busy}, Busy, false},
		{"no fault", io.EOF, Unexpected, false},
		{"no error", nil, Unexpected, false},
	} {
		if got := Is(tt.err, tt.kind); got != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}
