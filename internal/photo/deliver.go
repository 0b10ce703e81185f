package photo

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"time"

	"portrait/internal/fault"
	"portrait/internal/graph"
	"portrait/internal/store"
)

const (
	// lookAgain is when a change whose outcome is open is looked at again.
	lookAgain = 5 * time.Second

	// sendAgain is how long Graph may serve the old photo before a change whose
	// outcome is open counts as not arrived. Sending it again is harmless: a PUT
	// says what the photo shall be, not what shall be done to it.
	sendAgain = 30 * time.Second
)

// lookTimes are the waits before each look for a change that Graph got but
// didn't answer.
var lookTimes = [...]time.Duration{500 * time.Millisecond, time.Second, 2 * time.Second}

// deliver sends the change c, which its caller holds, and settles what became of
// it. was is how far it had come before.
//
// Whoever asked for it may leave meanwhile: what has begun is brought to its end,
// so that the outcome is known when they come back.
func (s *Service) deliver(ctx context.Context, r request, c *change, was State) (Saved, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), sendTime)
	defer cancel()
	defer s.hold(ctx, c)()
	if was == Unknown || was == Sending {
		arrived, err := s.arrived(ctx, r, c, showPatience)
		switch {
		case arrived:
			return s.settle(ctx, r, c, noReceipt, nil)
		case err != nil, was == Unknown && s.Now().Sub(c.details.Sent) < sendAgain:
			return s.leaveOpen(ctx, r, c, err)
		} // after a process that was killed, holdTime has been waited already
	}
	receipt, err := s.send(ctx, r, c)
	if graph.IsUnanswered(err) && s.lookFor(ctx, r, c) {
		err = nil
	}
	return s.settle(ctx, r, c, receipt, err)
}

// hold keeps c for its holder until stop is called: a sender that lives is never
// taken for one that was killed, however long Graph takes.
func (s *Service) hold(ctx context.Context, c *change) (stop func()) {
	ctx, stop = context.WithCancel(ctx)
	id, holder := c.ID, c.Holder
	go func() {
		for tick(ctx, renewPause) == nil {
			// If it fails it is tried again; settle finds out who has c in the end.
			_ = s.Store.RenewDraft(ctx, id, holder, s.Now().Add(holdTime))
		}
	}()
	return stop
}

// send keeps what is there and puts c in its place. Where Graph is busy it waits
// up to 5 seconds in all. It fails with fault.Conflict once there is a newer
// change of the photo.
func (s *Service) send(ctx context.Context, r request, c *change) (graph.Receipt, error) {
	var receipt graph.Receipt
	looked := false
	err := s.patiently(ctx, r, func(ctx context.Context, token string) (err error) {
		if !looked {
			if err := s.keepPast(ctx, r, c, token); err != nil {
				return err
			}
			looked = true
		}
		// Asked before every try: while this one waited, a newer one may have come.
		if overtaken, err := s.Store.HasNewerDraft(ctx, c.Photo, c.Turn, c.Person); err != nil || overtaken {
			return cmp.Or(err, error(newer()))
		}
		c.details.Sent = s.Now()
		if action(c.Act) == remove {
			receipt, err = s.Graph.DeletePhoto(ctx, token, r.subject)
		} else {
			receipt, err = s.Graph.PutPhoto(ctx, token, r.subject, c.Picture)
		}
		return err
	})
	if action(c.Act) == remove && graph.IsNoPhoto(err) {
		err = nil
	}
	return receipt, err
}

// keepPast reads the photo that c is going to replace and keeps it, and notes
// that c is about to be sent, before anything is: whoever is killed in between
// loses nothing, and who takes over knows where to look.
//
// A photo that Graph serves but that is no picture can't be kept, and stands in
// nobody's way.
func (s *Service) keepPast(ctx context.Context, r request, c *change, token string) error {
	now, err := s.Graph.Photo(ctx, token, r.subject, 0)
	c.details.Looked = err == nil || graph.IsNoPhoto(err)
	switch {
	case graph.IsNoPhoto(err), err != nil && !standsInTheWay(err):
		c.details.Before = ""
		now.Bytes = nil
	case err != nil:
		return err
	default:
		c.details.Before = hexOf(now.Bytes)
	}
	if now.Bytes, err = s.unstale(ctx, r, c, now.Bytes); err != nil {
		return err
	}
	if err := s.checkJob(ctx, r, c, Present{Known: c.details.Looked, ETag: etagOf(now.Bytes), Picture: now.Bytes}); err != nil {
		return err
	}
	c.details.Old, c.details.Sent = "", s.Now()
	if len(now.Bytes) > 0 {
		c.details.Old = hexOf(now.Bytes)
	}
	return s.Store.Tx(ctx, func(tx *store.Tx) error {
		if err := s.addPast(ctx, tx, r, c, now.Bytes); err != nil {
			return err
		}
		if err := c.close(); err != nil {
			return err
		}
		return tx.NoteDraft(ctx, c.Draft)
	})
}

// standsInTheWay reports whether err, of reading the present photo, is a reason
// not to replace it: Graph is out of reach or busy, or wants a sign-in. A photo
// that may not be read or that is broken may still be replaced.
func standsInTheWay(err error) bool {
	if graph.IsBroken(err) || fault.Is(err, fault.Forbidden) || fault.Is(err, fault.NotFound) {
		return false
	}
	return true
}

// unstale returns what is there before c. Graph serves an old photo for a while
// after a change; that one is in the history already, and what was confirmed
// since is what c replaces.
func (s *Service) unstale(ctx context.Context, r request, c *change, served []byte) ([]byte, error) {
	last, err := s.Store.LastConfirmed(ctx, c.Photo, s.Now().Add(-draftAge))
	if errors.Is(err, store.ErrNone) {
		return served, nil
	}
	if err != nil {
		return nil, err
	}
	before, err := opened(last)
	if err != nil {
		return nil, err
	}
	if last.Seen || !before.details.Looked || before.details.Before != c.details.Before || before.ETag == c.details.Before {
		return served, nil
	}
	return last.Picture, nil // empty after a removal
}

// lookFor looks a few times whether c has arrived, and reports whether it has.
func (s *Service) lookFor(ctx context.Context, r request, c *change) bool {
	for _, wait := range lookTimes {
		if s.Sleep(ctx, wait) != nil {
			return false
		}
		if arrived, _ := s.arrived(ctx, r, c, showPatience); arrived { // a failed look is no news; there is another
			return true
		}
	}
	return false
}

// arrived reports whether Graph serves what c made of the photo.
func (s *Service) arrived(ctx context.Context, r request, c *change, patience time.Duration) (bool, error) {
	var now graph.Image
	err := s.askPhoto(ctx, r, patience, func(ctx context.Context, token string) (err error) {
		now, err = s.Graph.Photo(ctx, token, r.subject, 0)
		return err
	})
	removed := action(c.Act) == remove
	switch {
	case graph.IsNoPhoto(err):
		return removed, nil
	case err != nil || removed:
		return false, err
	}
	switch etag := hexOf(now.Bytes); {
	case etag == c.ETag:
		return true, nil
	case c.details.Looked && etag == c.details.Before:
		return false, nil
	}
	return s.Pictures.Alike(ctx, now.Bytes, c.Picture)
}

// leaveOpen gives c back with its outcome open.
func (s *Service) leaveOpen(ctx context.Context, r request, c *change, cause error) (Saved, error) {
	return s.settle(ctx, r, c, noReceipt, unanswered{cause})
}

func hexOf(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])
}
