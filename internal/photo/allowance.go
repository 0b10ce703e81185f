package photo

import (
	"context"
	"errors"
	"math"
	"time"

	"portrait/internal/fault"
	"portrait/internal/store"
	"portrait/internal/words"
)

// spendSave counts a new photo, or one that is put back, of r's actor, and fails
// with fault.TooMany and RetryAfter where there were SavesPerHour within an hour.
// Repeats of a change aren't counted, nor is what was refused before: it has cost
// its time and changes nothing. The helpdesk and operators have no limit. The count is in the
// database: whoever saves in a loop would otherwise have as many as there are
// replicas. Equal saves at once are one: the count goes with the draft.
func (s *Service) spendSave(ctx context.Context, tx *store.Tx, r request) error {
	const op = "photo.spendSave"
	if s.SavesPerHour <= 0 || r.act == remove || r.actor.Role.ForOthers() {
		return nil
	}
	now := s.Now()
	again, err := tx.Spend(ctx, store.Allowance{
		Name: "saves:" + string(r.actor.Tenant) + ":" + string(r.actor.ID), Most: s.SavesPerHour, Window: time.Hour,
	}, now)
	if err != nil || again.IsZero() {
		return err
	}
	wait := again.Sub(now)
	return &fault.Error{
		Op: op, Kind: fault.TooMany, Say: words.M("photo.too-many-saves", "Minutes", int(math.Ceil(wait.Minutes()))),
		Next: fault.NextWait, RetryAfter: wait, Err: errors.New("the saves of an hour are used up"),
	}
}
