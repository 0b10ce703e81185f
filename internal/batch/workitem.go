package batch

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"

	"portrait/internal/directory"
	"portrait/internal/fault"
	"portrait/internal/photo"
	"portrait/internal/picture"
	"portrait/internal/store"
	"portrait/internal/words"
)

// driver is what River works with, see store.Queue.
type driver = riverdriver.Driver[*sql.Tx]

const (
	// maxTries is how often an item is tried that fails for a passing reason
	// which doesn't say when to come back; with the waits between, for about ten
	// minutes.
	maxTries = 10

	// maxBusyTries is the same where Graph says when.
	maxBusyTries = 200
)

// proveLater is when it is tried again to prove that a batch may go on, where
// the provider can't be reached.
const proveLater = 30 * time.Second

// errNotRunning says that a batch was paused or cancelled meanwhile.
var errNotRunning = errors.New("batch: it doesn't run")

// stopped is why a batch can't go on.
type stopped struct{ why words.Message }

func (s stopped) Error() string { return "batch: stopped: " + s.why.ID }

// unproven is why it can't be shown just now that the batch may go on.
type unproven struct{ cause error }

func (u unproven) Error() string { return "batch: unproven: " + u.cause.Error() }
func (u unproven) Unwrap() error { return u.cause }

// errand is one item on its way.
type errand struct {
	job   *river.Job[itemJob]
	batch store.Batch
	claim store.Claim
	was   photo.Present // what is there before
	done  bool          // the item was finished together with its change
}

// work works the claimed item of job. again is when to come back for it, 0 where
// it has ended.
func (s *Service) work(ctx context.Context, job *river.Job[itemJob], c store.Claim) (again time.Duration, err error) {
	e := &errand{job: job, claim: c}
	saved, err := s.change(ctx, e)
	if e.done {
		return 0, err
	}
	var stop stopped
	if errors.As(err, &stop) {
		if err := s.pause(ctx, directory.Actor{Tenant: e.batch.Tenant}, e.batch, stop.why, true); err != nil && !errors.Is(err, store.ErrConflict) {
			return 0, err
		}
	}
	o, again, err := s.outcome(e, saved, err)
	if err != nil {
		return 0, err
	}
	return again, s.Store.Tx(context.WithoutCancel(ctx), func(tx *store.Tx) error { return s.finish(ctx, tx, job, c, o) })
}

// change makes e's change, or only looks where the batch is a dry run.
func (s *Service) change(ctx context.Context, e *errand) (photo.Saved, error) {
	running, err := s.running(ctx, e.job.Args.Batch)
	if err != nil {
		return photo.Saved{}, err
	}
	e.batch = running
	actor, err := s.prove(ctx, running.ID)
	if err != nil {
		return photo.Saved{}, err
	}
	body, err := s.Store.ItemPicture(ctx, running.ID, e.claim.Item.N, store.NewPicture)
	if err != nil {
		return photo.Saved{}, err
	}
	subject, err := directory.OfUser(e.claim.Item.Person)
	if err != nil {
		return photo.Saved{}, err
	}
	j, err := s.conditions(ctx, e)
	if err != nil {
		return photo.Saved{}, err
	}
	j.Fresh = func(context.Context, directory.Actor) (directory.Actor, error) { return actor, nil } // proven just now
	ctx = photo.ForItem(ctx, j)
	item := fmt.Sprintf("%s/%d", running.ID, e.claim.Item.N)
	o := photo.Order{Key: "batch/" + item, Reason: running.Reason, Origin: photo.Origin{Item: item}}
	switch {
	case running.DryRun:
		return photo.Saved{State: photo.Confirmed}, s.Photo.Look(ctx, actor, subject, o)
	case running.Parent != "":
		return s.Photo.PutBack(ctx, actor, subject, body, o)
	}
	frame, err := ParseCrop(e.claim.Item.Crop)
	if err != nil {
		return photo.Saved{}, err
	}
	return s.Photo.Set(ctx, actor, subject, photo.Upload{Body: body, Frame: frame, Order: o})
}

// running returns the batch with the given id, which runs.
func (s *Service) running(ctx context.Context, id string) (store.Batch, error) {
	all, err := s.Store.RunningBatches(ctx)
	if err != nil {
		return store.Batch{}, err
	}
	for _, b := range all {
		if b.ID == id {
			return b, nil
		}
	}
	return store.Batch{}, errNotRunning
}

// prove returns whom the batch acts for: somebody who is of the helpdesk as of
// the last five minutes, or an operator. It fails with stopped if that can't be shown any more.
func (s *Service) prove(ctx context.Context, id string) (directory.Actor, error) {
	actor, err := s.Prove(ctx, id)
	switch {
	case fault.Is(err, fault.SignIn):
		return actor, stopped{words.M("batch.grant-refused")}
	case err == nil && !actor.Role.ForOthers():
		return actor, stopped{words.M("batch.role-gone", "Name", actor.Name)}
	}
	if err != nil {
		err = unproven{err}
	}
	return actor, err
}

// conditions returns what must hold for e's change, and what is written with it.
func (s *Service) conditions(ctx context.Context, e *errand) (*photo.Job, error) {
	c := e.claim
	j := &photo.Job{Holder: s.Replica, OnlyMissing: e.batch.OnlyMissing, Since: e.batch.Created}
	j.Keep = func(ctx context.Context, was photo.Present) error {
		e.was = was
		if !was.Known || e.batch.DryRun {
			return nil
		}
		old := store.Old{Had: store.HadNone}
		if was.ETag != "" {
			hash, err := hex.DecodeString(was.ETag)
			if err != nil {
				return err
			}
			old = store.Old{Had: store.HadPhoto, Hash: hash, Picture: was.Picture}
		}
		return s.Store.KeepOld(ctx, e.batch.ID, c, old)
	}
	j.Done = func(ctx context.Context, tx *store.Tx, etag string) error {
		hash, err := hex.DecodeString(etag)
		if err != nil {
			return err
		}
		result, err := EncodeMessage(e.success())
		if err != nil {
			return err
		}
		e.done = true // unless the transaction fails: then somebody else has the item, or it is open and found again
		return s.finish(ctx, tx, e.job, c, store.Outcome{State: store.ItemDone, Result: result, NewHash: hash})
	}
	if c.Item.Had != store.HadUnknown { // an earlier try has looked
		expected := hex.EncodeToString(c.Item.OldHash)
		j.Expect = &expected
	}
	if e.batch.Parent == "" {
		return j, nil
	}
	put, err := s.Store.Item(ctx, e.batch.Parent, c.Item.N)
	expected := hex.EncodeToString(put.NewHash)
	j.Expect = &expected
	return j, err
}

// success says what was done.
func (e *errand) success() words.Message {
	had := e.was.ETag != "" || e.claim.Item.Had == store.HadPhoto
	switch {
	case e.batch.DryRun && had:
		return words.M("batch.would-replace")
	case e.batch.DryRun:
		return words.M("batch.would-add")
	case e.batch.Parent != "":
		return words.M("batch.put-back")
	case had:
		return words.M("batch.replaced")
	}
	return words.M("batch.added")
}

// outcome returns what becomes of e after a try that ended with saved and err,
// and when to come back for it. It fails with err where that is about the batch
// and not about the item.
func (s *Service) outcome(e *errand, saved photo.Saved, err error) (o store.Outcome, again time.Duration, _ error) {
	tries, open := e.claim.Item.Tries, store.Outcome{State: store.ItemOpen}
	var stop stopped
	var later unproven
	switch {
	case errors.As(err, &stop), errors.Is(err, errNotRunning):
		return open, retryLater, nil // whoever lets it go on finds it open, or this job comes back
	case errors.As(err, &later):
		return open, proveLater, nil
	case errors.Is(err, store.ErrConflict) && !fault.Is(err, fault.Conflict):
		return o, 0, err
	case err == nil && saved.State == photo.Confirmed:
		return s.ended(store.ItemDone, e.success(), saved.ETag)
	case err == nil && tries%maxBusyTries > 0: // Waiting, Unknown
		return open, max(saved.RetryAt.Sub(s.Now()), 100*time.Millisecond), nil
	case err == nil:
		return s.ended(store.ItemFailed, words.M("graph.busy"), "")
	case fault.Is(err, fault.Conflict): // there is a photo, or somebody else has changed it
		return s.ended(store.ItemSkipped, fault.As(err).Say, "")
	case fault.Is(err, fault.Busy) && tries%maxBusyTries > 0:
		return open, max(fault.As(err).RetryAfter, time.Second), nil
	case isPassing(err) && tries%maxTries > 0: // each time that it is retried by hand it has as many again
		return open, waitAfter(tries), nil
	}
	s.Log.Warn("an item of a batch failed", "batch", e.job.Args.Batch, "item", e.claim.Item.N, "cause", fault.As(err).Error())
	return s.ended(store.ItemFailed, fault.As(err).Say, "")
}

// ended is the outcome of an item that has ended.
func (s *Service) ended(state store.ItemState, why words.Message, etag string) (store.Outcome, time.Duration, error) {
	result, err := EncodeMessage(why)
	if err != nil {
		return store.Outcome{}, 0, err
	}
	hash, err := hex.DecodeString(etag)
	return store.Outcome{State: state, Result: result, NewHash: hash}, 0, err
}

// FormatCrop returns f as an item keeps it: "x y side turn", "" for the
// automatic one.
func FormatCrop(f picture.Frame) string {
	if f.Side == 0 && f.Turn == 0 {
		return ""
	}
	return fmt.Sprintf("%d %d %d %d", f.X, f.Y, f.Side, f.Turn)
}

// ParseCrop reads what FormatCrop wrote.
func ParseCrop(text string) (f picture.Frame, err error) {
	if text == "" {
		return f, nil
	}
	if _, err := fmt.Sscanf(text, "%d %d %d %d", &f.X, &f.Y, &f.Side, &f.Turn); err != nil {
		return f, fmt.Errorf("batch.ParseCrop: %w", err)
	}
	return f, nil
}
