package photo

import (
	"bytes"
	"context"
	"errors"
	"time"

	"portrait/internal/directory"
	"portrait/internal/fault"
	"portrait/internal/graph"
	"portrait/internal/store"
	"portrait/internal/words"
)

// Job is what goes with a change that is an item of a batch. Its funcs must be
// set, the rest may be zero.
type Job struct {
	// Holder is who makes the change: the name of the process, by which it finds
	// what it left behind when it was killed.
	Holder string

	// Fresh is Service.Fresh, for a batch's actor, who has no session.
	Fresh func(ctx context.Context, a directory.Actor) (directory.Actor, error)

	// Keep is given what is there before anything is sent.
	Keep func(ctx context.Context, was Present) error

	// Done is called in the transaction that notes that the change was made. If
	// it fails, the change counts as not known to be made.
	Done func(ctx context.Context, tx *store.Tx, etag string) error

	OnlyMissing bool      // change it only where there is no photo
	Expect      *string   // hexadecimal SHA-256 of the photo that must be there, "" = none; nil = any
	Since       time.Time // nobody else may have changed it after that; zero = somebody may
}

// Present is the photo that is there.
type Present struct {
	Known   bool
	ETag    string // hexadecimal SHA-256, "" = there is none
	Picture []byte
}

// The reasons why an item's change isn't made, as causes of fault.Conflict.
var (
	ErrHasPhoto = errors.New("photo: there is one")
	ErrChanged  = errors.New("photo: it was changed meanwhile")
)

type jobKey struct{}

// ForItem returns a context for the change that j goes with: Set, Remove and
// PutBack take it from there. It is InBatch, too.
func ForItem(ctx context.Context, j *Job) context.Context {
	return context.WithValue(InBatch(ctx), jobKey{}, j)
}

func jobOf(ctx context.Context) *Job {
	j, _ := ctx.Value(jobKey{}).(*Job) // nil where no batch is at work
	return j
}

// PutBack makes jpeg, which was the photo of subject before, its photo again as
// it was; without a jpeg it removes the photo. It fails as Set does.
func (s *Service) PutBack(ctx context.Context, actor directory.Actor, subject directory.Subject, jpeg []byte, o Order) (Saved, error) {
	if len(jpeg) == 0 {
		return s.Remove(ctx, actor, subject, Change{o})
	}
	ordered := order{Order: o, input: hashOf([]byte(restore), jpeg)}
	ordered.make = func(ctx context.Context) (content, error) { return s.asItWas(ctx, store.Past{Picture: jpeg}) }
	var err error
	if ordered.request, err = s.request(ctx, actor, restore, subject, o.Reason); err != nil {
		return Saved{}, s.turnedAway(ctx, ordered, err)
	}
	return s.carryOut(ctx, ordered)
}

// Look decides whether actor may set the photo of subject and tells its job what
// is there. It fails as Set does.
func (s *Service) Look(ctx context.Context, actor directory.Actor, subject directory.Subject, o Order) error {
	r, err := s.request(ctx, actor, set, subject, o.Reason)
	if err != nil {
		return err
	}
	return s.patiently(ctx, r, func(ctx context.Context, token string) error {
		now, err := s.Graph.Photo(ctx, token, r.subject, 0)
		if err != nil && !graph.IsNoPhoto(err) {
			return err
		}
		return s.checkJob(ctx, r, nil, Present{Known: true, ETag: etagOf(now.Bytes), Picture: now.Bytes})
	})
}

// checkJob refuses a change of r whose batch has a condition that was, which is
// there before it, doesn't meet, and lets the batch keep it otherwise. c is nil
// where nothing is going to be changed.
func (s *Service) checkJob(ctx context.Context, r request, c *change, was Present) error {
	j := jobOf(ctx)
	if j == nil {
		return nil
	}
	if j.OnlyMissing && (was.ETag != "" || !was.Known) {
		return jobConflict(ErrHasPhoto, words.M("batch.has-photo"))
	}
	meanwhile, err := s.changedMeanwhile(ctx, r, c, j, was)
	switch {
	case err != nil:
		return err
	case meanwhile:
		return jobConflict(ErrChanged, words.M("batch.changed-meanwhile"))
	}
	return j.Keep(ctx, was)
}

// changedMeanwhile reports whether somebody else has changed r's photo since
// the batch looked: what is there is another one, or Portrait itself knows.
//
// Graph may serve what was put there in other bytes; for a day the picture tells.
func (s *Service) changedMeanwhile(ctx context.Context, r request, c *change, j *Job, was Present) (bool, error) {
	last, err := s.Store.LastConfirmed(ctx, r.key(), s.Now().Add(-draftAge))
	if err != nil && !errors.Is(err, store.ErrNone) {
		return false, err
	}
	known := err == nil
	if !known && !j.Since.IsZero() { // what is older than a day isn't kept, but its time is
		changed, err := s.Store.PhotoChanged(ctx, r.key())
		if err != nil || changed.After(j.Since) {
			return true, err
		}
	}
	if known && !j.Since.IsZero() && last.Updated.After(j.Since) && (c == nil || !bytes.Equal(last.ID, c.ID)) {
		return true, nil
	}
	if j.Expect == nil || was.Known && was.ETag == *j.Expect || c != nil && was.ETag != "" && was.ETag == c.ETag {
		return false, nil // as expected, or c itself, which an earlier try has sent
	}
	if !was.Known || !known || *j.Expect == "" || was.ETag == "" || last.ETag != *j.Expect {
		return true, nil
	}
	alike, err := s.Pictures.Alike(ctx, was.Picture, last.Picture)
	return !alike, err
}

func jobConflict(cause error, say words.Message) *fault.Error {
	return &fault.Error{Op: "photo.checkJob", Kind: fault.Conflict, Say: say, Next: fault.NextNone, Err: cause}
}

// etagOf is hexOf, and "" for nothing.
func etagOf(body []byte) string {
	if len(body) == 0 {
		return ""
	}
	return hexOf(body)
}
