package photo

import (
	"context"
	"math/rand/v2"
	"time"

	"portrait/internal/fault"
)

const (
	// patience is how long a save waits in all for a busy Graph while a person
	// watches.
	patience = 5 * time.Second

	// unsaidWait is what a person is told where Graph didn't say how long.
	unsaidWait = 30 * time.Second
)

// patiently makes call, which changes the photo of r, as withToken does when its
// turn among all calls has come, and again as often as Graph is busy and asks
// for a wait that patience allows. Otherwise it fails with fault.Busy, RetryAfter
// set to what is left to wait.
func (s *Service) patiently(ctx context.Context, r request, call func(ctx context.Context, token string) error) error {
	left := patience
	inTurn := func(token string) error {
		return s.inSlot(ctx, turn{changes: r.key(), left: &left}, func(ctx context.Context) error { return call(ctx, token) })
	}
	for try := 0; ; try++ {
		err := s.withToken(ctx, r, inTurn)
		if !fault.Is(err, fault.Busy) {
			return err
		}
		e := *fault.As(err)
		wait := pause(e.RetryAfter, try)
		if e.RetryAfter == 0 {
			e.RetryAfter = unsaidWait
		}
		if wait > left || s.Sleep(ctx, wait) != nil { // nobody is waiting any longer: busy is still the truth
			return &e
		}
		left -= wait
	}
}

// pause returns how long to wait before the next try: what Graph asked for, but
// at least a second; and where it said nothing 1, 2, 4 … seconds, half of which
// is left to chance so that those who were refused together don't come back
// together.
//
// Source: https://learn.microsoft.com/graph/throttling
func pause(asked time.Duration, try int) time.Duration {
	if asked > 0 {
		return max(asked, time.Second)
	}
	most := time.Second << (try + 1)
	return most/2 + rand.N(most/2) // #nosec G404 -- spreads retries; nobody gains by guessing it
}
