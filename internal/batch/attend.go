package batch

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/riverqueue/river"

	"portrait/internal/store"
)

const (
	// beatEvery is how often a process that works batches says so.
	beatEvery = 2 * time.Second

	// attendedWithin is how long whoever wants to know waits for that: longer than
	// two beats, since the database may be busy.
	attendedWithin = 3 * beatEvery
)

// OpenToQueue lets s queue batches that others work. Whoever works some calls
// Open instead, or later.
func (s *Service) OpenToQueue(queue *store.Queue) error {
	client, err := river.NewClient[*sql.Tx](queue.Driver, &river.Config{Logger: s.Log})
	if err != nil {
		return fmt.Errorf("batch.OpenToQueue: %w", err)
	}
	s.client = client
	return nil
}

// beat says that this process works batches, if it is time to.
func (s *Service) beat(ctx context.Context, last *time.Time) error {
	now := s.Now()
	if now.Sub(*last) < beatEvery {
		return nil
	}
	*last = now
	return s.Store.Beat(ctx, s.Replica, now)
}

// Attended reports whether another process works batches. It says no at once
// where none has ever done so or all have stopped, and after six seconds where
// those that did are silent: they were killed, or stand still. Clocks aren't
// compared: those of two machines may differ.
//
// A wrong no does no harm: whoever works a batch then shares it by claims.
func (s *Service) Attended(ctx context.Context) (bool, error) {
	before, err := s.Store.Beats(ctx)
	if err != nil || len(before) == 0 {
		return false, err
	}
	for end := time.Now().Add(attendedWithin); time.Now().Before(end); {
		if err := s.Photo.Sleep(ctx, beatEvery/8); err != nil {
			return false, err
		}
		now, err := s.Store.Beats(ctx)
		if err != nil {
			return false, err
		}
		for name, n := range now {
			if name != s.Replica && n != before[name] {
				return true, nil
			}
		}
	}
	return false, nil
}
