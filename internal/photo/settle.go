package photo

import (
	"context"
	"errors"
	"time"

	"portrait/internal/audit"
	"portrait/internal/directory"
	"portrait/internal/fault"
	"portrait/internal/graph"
	"portrait/internal/store"
	"portrait/internal/words"
)

const (
	// settleTime is how long it is tried to write down what became of a change.
	settleTime = 30 * time.Second

	settlePause = time.Second
)

// unanswered leaves the outcome of a change open.
type unanswered struct{ cause error }

func (u unanswered) Error() string { return "photo: the outcome is open" }
func (u unanswered) Unwrap() error { return u.cause }

// settle writes down what became of c: err is Graph's word, nil for success. The
// state, the history, what people must be told and the audit log change together
// or not at all.
//
// If that can't be written, the change isn't reported as done though Graph has
// it: whoever comes back finds it open, and it is read back.
func (s *Service) settle(ctx context.Context, r request, c *change, receipt graph.Receipt, err error) (Saved, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTime)
	defer cancel()
	if err == nil {
		c.details.DirectoryOnly = s.hasNoMailbox(ctx, r, c)
	}
	said := s.conclude(c, err)
	if closeErr := c.close(); closeErr != nil {
		return Saved{}, closeErr
	}
	for {
		err := s.Store.Tx(ctx, func(tx *store.Tx) error { return s.write(ctx, tx, r, c, receipt) })
		switch {
		case err == nil:
			s.after(ctx, r, said)
			return c.saved(), said
		case errors.Is(err, store.ErrConflict): // the hold ran out, and another looks after it
			return Saved{State: Unknown, ETag: c.ETag, RetryAt: s.Now().Add(lookAgain)}, nil
		case !fault.Is(err, fault.Busy) || tick(ctx, settlePause) != nil:
			s.after(ctx, r, said)
			return c.saved(), err
		}
	}
}

// conclude sets c's state by Graph's word, and returns what the person is told:
// nil where the state says it all.
func (s *Service) conclude(c *change, err error) error {
	var open unanswered
	c.RetryAt, c.details.Code, c.details.Data, c.details.Next, c.details.Refused = time.Time{}, "", nil, "", false
	switch {
	case err == nil:
		c.State = string(Confirmed)
		return nil
	case errors.As(err, &open), graph.IsUnanswered(err):
		c.State, c.RetryAt = string(Unknown), s.Now().Add(lookAgain)
		if fault.Is(open.cause, fault.SignIn) {
			return open.cause // until then nobody can look
		}
		return nil
	case fault.Is(err, fault.Busy):
		c.State, c.RetryAt = string(Waiting), s.Now().Add(fault.As(err).RetryAfter)
		return nil
	case fault.Is(err, fault.SignIn):
		c.State = string(Draft)
		return err
	}
	e := fault.As(err)
	c.State, c.details.Code, c.details.Data, c.details.Next = string(Failed), e.Say.ID, e.Say.Data, e.Next
	c.details.Refused, c.details.GraphRequestID = e.Kind == fault.Forbidden, e.GraphRequestID
	return err
}

// write is settle's transaction. Like keep it locks the photo before its drafts,
// and the audit log last: two that lock the other way round wait for each other.
func (s *Service) write(ctx context.Context, tx *store.Tx, r request, c *change, receipt graph.Receipt) error {
	now := s.Now()
	if State(c.State) == Confirmed {
		if err := tx.CountChange(ctx, c.Photo, now); err != nil {
			return err
		}
	}
	if err := tx.FinishDraft(ctx, c.Draft, now); err != nil {
		return err
	}
	switch State(c.State) {
	case Confirmed:
		sent, err := s.overtakeOlder(ctx, tx, c, func(store.Draft) bool { return true })
		if err != nil {
			return err
		}
		if err := tx.TrimPast(ctx, c.Photo, s.HistoryPhotos, now); err != nil {
			return err
		}
		if err := s.tell(ctx, tx, r, c); err != nil {
			return err
		}
		if j := jobOf(ctx); j != nil {
			if err := j.Done(ctx, tx, c.ETag); err != nil {
				return err
			}
		}
		if err := s.noteOvertaken(ctx, tx, r, sent); err != nil {
			return err
		}
		return s.note(ctx, tx, r, c, audit.Done, receipt)
	case Unknown:
		return nil
	}
	if c.details.PastIsNew { // it wasn't replaced
		if err := tx.DropPast(ctx, c.Photo, c.details.Past, c.Draft); err != nil {
			return err
		}
	}
	if c.details.Refused {
		return s.note(ctx, tx, r, c, audit.Refused, receipt)
	}
	return nil
}

// hasNoMailbox reports whether the user whose photo c set is known to have no
// mailbox: Microsoft 365 keeps the photo in the directory then.
func (s *Service) hasNoMailbox(ctx context.Context, r request, c *change) bool {
	switch r.subject.Form() {
	case directory.FormMe, directory.FormUser:
	default:
		return false
	}
	if action(c.Act) == remove {
		return false
	}
	if r.person == nil {
		me, err := s.me(ctx, r, afterthought)
		return err == nil && me.Mail == "" // the photo is saved whether we know this or not
	}
	return r.person.Mail == ""
}

// after forgets what a change, or Graph's refusal of it, has made untrue.
func (s *Service) after(ctx context.Context, r request, err error) {
	s.changed(ctx, r.key())
	if group := r.subject.Group(); group != "" && fault.Is(err, fault.Forbidden) {
		s.memories().owners.forget(func(k ownerKey) bool { return k == r.ownerKey() })
	}
}

// unknownOutcome says that nobody knows whether a change arrived. Reading it
// back will settle that.
func unknownOutcome(op string, err error) error {
	e := *fault.As(err)
	e.Op, e.Say, e.Next, e.Err = op, words.M("photo.unknown-outcome"), fault.NextRetry, err
	return &e
}
