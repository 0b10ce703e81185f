package photo

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"time"

	"portrait/internal/audit"
	"portrait/internal/directory"
	"portrait/internal/fault"
	"portrait/internal/store"
	"portrait/internal/words"
)

const (
	// sendTime bounds one try to send a change, in all: some waiting, Graph's
	// longest answer, and looking for what became of it.
	sendTime = 100 * time.Second

	// holdTime is how long whoever sends a change has it for themselves without
	// saying so again, every renewPause. A process that is killed leaves it behind
	// for so long.
	holdTime   = 10 * time.Second
	renewPause = holdTime / 3

	// repeatTime is how long a repeat waits for the change that is under way.
	repeatTime = 45 * time.Second

	repeatPause = 100 * time.Millisecond
)

// order is a change that somebody asks for, found permissible.
type order struct {
	Order
	request
	input []byte // SHA-256 of what was asked for
	make  func(ctx context.Context) (content, error)
	check func(ctx context.Context) error // refuses it where the photo isn't what the page showed; nil = nothing to check
}

// carryOut makes the change that o asks for: once, however often it is asked
// for under the same key.
//
//	no draft yet → keep it → deliver
//	being sent   → wait for that
//	confirmed    → nothing to do
//	else         → claim it → deliver
func (s *Service) carryOut(ctx context.Context, o order) (Saved, error) {
	if o.Key == "" {
		o.Key = rand.Text()
	}
	deadline := time.Now().Add(repeatTime)
	for {
		d, err := s.Store.Draft(ctx, o.draftID(o.Key))
		if errors.Is(err, store.ErrNone) {
			saved, err := s.first(ctx, o)
			if errors.Is(err, store.ErrConflict) {
				continue // another request with this key came first
			}
			return saved, err
		}
		if err != nil {
			return Saved{}, err
		}
		if !bytes.Equal(d.Input, o.input) {
			return Saved{}, keyReused()
		}
		saved, taken, err := s.again(ctx, o.request, d)
		if err != nil || taken {
			return saved, err
		}
		if time.Now().After(deadline) || tick(ctx, repeatPause) != nil {
			return saved, unknownOutcome("photo.carryOut", &fault.Error{Kind: fault.Timeout, Say: words.M("graph.slow"), Err: errStillSending})
		}
	}
}

var errStillSending = errors.New("photo: another request is still sending this")

// first makes a change that nobody has asked for before.
func (s *Service) first(ctx context.Context, o order) (Saved, error) {
	if err := s.checkVersion(ctx, o.request, o.Order); err != nil {
		return Saved{}, err
	}
	what, err := o.make(ctx)
	if err != nil {
		return Saved{}, err
	}
	if o.check != nil {
		if err := o.check(ctx); err != nil {
			return Saved{}, err
		}
	}
	c, err := s.draft(o.request, o.Order, o.input, what, Sending)
	if err != nil {
		return Saved{}, err
	}
	c.Holder, c.Until = holderOf(ctx), s.Now().Add(holdTime)
	if err := s.keep(ctx, o.request, c); err != nil {
		return Saved{}, err
	}
	return s.deliver(ctx, o.request, c, Draft)
}

// again makes the change d, which has been asked for before. It reports whether
// there is an answer: not while somebody else is sending it.
func (s *Service) again(ctx context.Context, r request, d store.Draft) (saved Saved, answered bool, err error) {
	c, err := opened(d)
	if err != nil {
		return Saved{}, false, err
	}
	now := s.Now()
	switch {
	case State(d.State) == Confirmed:
		return c.saved(), true, nil
	case c.details.Code == "photo.newer" && State(d.State) == Failed:
		return c.saved(), true, newer()
	case d.Holder != "" && now.Before(d.Until):
		return c.saved(), false, nil
	case now.Before(d.RetryAt):
		return c.saved(), true, nil
	}
	was := State(d.State)
	if was == Sending && c.details.Sent.IsZero() { // whoever had it was killed before anything was sent
		was = Draft
	}
	c.Holder, c.Until = holderOf(ctx), now.Add(holdTime)
	claimed, err := s.Store.ClaimDraft(ctx, d.ID, c.Holder, c.Until, now)
	if err != nil || !claimed {
		return c.saved(), false, err
	}
	saved, err = s.deliver(ctx, r, c, was)
	return saved, true, err
}

// holderOf names whoever sends a change: nobody else is called so, but for a
// process that works batches, which knows by its name what it left behind.
func holderOf(ctx context.Context) string {
	if j := jobOf(ctx); j != nil {
		return j.Holder
	}
	return rand.Text()
}

// turnedAway records that somebody may not make a change, and keeps the picture
// of somebody who only has to sign in again. It returns err.
func (s *Service) turnedAway(ctx context.Context, o order, err error) error {
	switch {
	case fault.Is(err, fault.Forbidden):
		s.noteRefusal(ctx, o, err)
		return err
	case !fault.Is(err, fault.SignIn) || o.actor.ID == "" || !isStable(o.subject):
		return err
	}
	what, makeErr := o.make(ctx)
	if makeErr != nil {
		return makeErr // signing in wouldn't help
	}
	if o.Key == "" {
		o.Key = rand.Text()
	}
	c, draftErr := s.draft(o.request, o.Order, o.input, what, Draft)
	if draftErr == nil {
		draftErr = s.keep(ctx, o.request, c)
	}
	if errors.Is(draftErr, store.ErrConflict) {
		draftErr = nil // it is kept already
	}
	if draftErr != nil {
		return draftErr // the page still has the picture
	}
	return err
}

// Send sends the newest change of subject that actor has ordered and that
// Microsoft 365 doesn't have yet. It fails as Set does, and with fault.NotFound
// if there is none.
func (s *Service) Send(ctx context.Context, actor directory.Actor, subject directory.Subject, origin Origin) (Saved, error) {
	r, err := s.request(ctx, actor, see, subject, "")
	if err != nil {
		return Saved{}, err
	}
	d, err := s.newestDraft(ctx, r)
	if err != nil {
		return Saved{}, err
	}
	c, err := opened(d)
	if err != nil {
		return Saved{}, err
	}
	o := Order{Reason: c.details.Reason, Origin: origin}
	if r, err = s.request(ctx, actor, action(d.Act), subject, o.Reason); err != nil {
		if fault.Is(err, fault.Forbidden) {
			s.noteRefusal(ctx, order{Order: o, request: r}, err)
		}
		return Saved{}, err // the draft stays as it is
	}
	for deadline := time.Now().Add(repeatTime); ; {
		saved, answered, err := s.again(ctx, r, d)
		if err != nil || answered {
			return saved, err
		}
		if time.Now().After(deadline) || tick(ctx, repeatPause) != nil {
			return saved, nil
		}
		if d, err = s.Store.Draft(ctx, d.ID); err != nil {
			return saved, err
		}
	}
}

// Discard drops the newest change of subject that actor has ordered, unless it is
// being sent just now. That there is none is no error. Where nobody knows whether
// it has arrived, the audit log says so.
func (s *Service) Discard(ctx context.Context, actor directory.Actor, subject directory.Subject) error {
	r, err := s.request(ctx, actor, see, subject, "")
	if err != nil {
		return err
	}
	d, err := s.newestDraft(ctx, r)
	if fault.Is(err, fault.NotFound) || err == nil && State(d.State) == Confirmed {
		return nil
	}
	if err != nil {
		return err
	}
	c, err := opened(d)
	if err != nil {
		return err
	}
	return s.Store.Tx(ctx, func(tx *store.Tx) error {
		deleted, err := tx.DeleteDraft(ctx, d.ID, s.Now())
		if err != nil || !deleted || !c.mayHaveArrived() {
			return err
		}
		r.act = action(d.Act)
		return s.note(ctx, tx, r, c, audit.Unknown, noReceipt)
	})
}

// newestDraft returns the newest change of r's photo that its actor has ordered.
func (s *Service) newestDraft(ctx context.Context, r request) (store.Draft, error) {
	d, err := s.Store.NewestDraft(ctx, r.actor.Tenant, r.actor.ID, r.key(), s.Now().Add(-draftAge))
	if errors.Is(err, store.ErrNone) {
		return d, &fault.Error{Op: "photo.newestDraft", Kind: fault.NotFound, Say: sayNoDraft, Next: fault.NextHome}
	}
	return d, err
}

// sayNoDraft says that there is no change to go on with.
var sayNoDraft = words.M("photo.no-draft")

func noContent(context.Context) (content, error) { return content{}, nil }

// tick waits for d or until ctx ends.
func tick(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
