// Package coverage counts who has a photo: once a day, in $batches of 20, and as
// slowly as everybody else's work allows.
//
//	Tend: due? → BeginScan → ClaimScan (one replica) → a page of the directory
//	   → 5 × ScanPhotos → AddScanned (one transaction) → … → EndScan
//
// A scan that was cut off goes on at its last page, here or on another replica.
// Only the newest scan knows who was counted, by object id; of earlier ones the
// numbers stay. Names are asked for when a list is shown.
package coverage

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"portrait/internal/directory"
	"portrait/internal/fault"
	"portrait/internal/photo"
	"portrait/internal/store"
	"portrait/internal/words"
)

const (
	// every is how long it is from one scan's beginning to the next.
	every = 24 * time.Hour

	// keepFor is how long the numbers of a day are kept: a year, and the same
	// month of the year before to compare with.
	keepFor = 400 * 24 * time.Hour

	// settle is how long a process that has just started leaves Graph to those who
	// wait for it.
	settle = time.Minute

	// lease is how long a scan stays whose it is without a sign of life. A page
	// must be done within it.
	lease = 5 * time.Minute

	tendEvery = 5 * time.Second
)

// Service counts and tells. All its fields must be set.
type Service struct {
	Store   *store.Store
	Photo   *photo.Service
	Log     *slog.Logger
	Now     func() time.Time
	Sleep   func(ctx context.Context, d time.Duration) error // returns early, with an error, when ctx ends
	Tenant  directory.ID
	Replica string // name of this process, which a restart keeps and no other process has

	// Fresh returns a with the role of an ID token that is at most 5 minutes old,
	// of the session in ctx.
	Fresh func(ctx context.Context, a directory.Actor) (directory.Actor, error)
}

// mayUse returns actor as their session proves them now. It fails with
// fault.Forbidden for everybody but the helpdesk, before anything is looked up.
func (s *Service) mayUse(ctx context.Context, actor directory.Actor) (directory.Actor, error) {
	refused := &fault.Error{Op: "coverage.mayUse", Kind: fault.Forbidden, Say: words.M("photo.helpdesk-only"), Next: fault.NextHelpdesk}
	if actor.Role != directory.Helpdesk {
		return actor, refused
	}
	fresh, err := s.Fresh(ctx, actor)
	if err == nil && fresh.Role != directory.Helpdesk {
		err = refused
	}
	return fresh, err
}

// Ask lets a scan begin now, unless one runs.
//
// It fails with fault.Forbidden for everybody but the helpdesk, as everything
// here that is asked for.
func (s *Service) Ask(ctx context.Context, actor directory.Actor) error {
	actor, err := s.mayUse(ctx, actor)
	if err != nil {
		return err
	}
	return s.Store.BeginScan(ctx, actor.Tenant, s.Now())
}

// Tend scans when it is time, until ctx ends.
func (s *Service) Tend(ctx context.Context) {
	begun := s.Now()
	for ctx.Err() == nil {
		err := errors.Join(s.beginIfDue(ctx, begun), s.Scan(ctx))
		wait := tendEvery
		if err != nil {
			wait = lease / 5
			if ctx.Err() == nil {
				s.Log.WarnContext(ctx, "the scan of who has a photo was interrupted; it goes on", "cause", err.Error())
			}
		}
		if s.Sleep(ctx, wait) != nil {
			return
		}
	}
}

// Scan works at the scan that runs, as far as it comes, unless another replica
// does. Where none runs there is nothing to do.
func (s *Service) Scan(ctx context.Context) error {
	scan, err := s.Store.ClaimScan(ctx, s.Tenant, store.Lease{Holder: s.Replica, Until: s.Now().Add(lease)}, s.Now())
	switch {
	case errors.Is(err, store.ErrNone), errors.Is(err, store.ErrConflict): // another replica's
		return nil
	case err != nil:
		return err
	}
	err = s.work(ctx, scan)
	if errors.Is(err, store.ErrConflict) {
		return nil // somebody else has taken it over
	}
	return err
}

func (s *Service) beginIfDue(ctx context.Context, begun time.Time) error {
	last, err := s.Store.LastScan(ctx, s.Tenant)
	if err != nil && !errors.Is(err, store.ErrNone) {
		return err
	}
	now := s.Now()
	if now.Sub(last.Started) < every || now.Sub(begun) < settle {
		return nil
	}
	return s.Store.BeginScan(ctx, s.Tenant, now)
}

// Sweep deletes numbers that are too old and returns of how many scans.
func (s *Service) Sweep(ctx context.Context) (int64, error) {
	return s.Store.PurgeScans(ctx, s.Now().Add(-keepFor))
}
