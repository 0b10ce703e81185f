package photo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"portrait/internal/directory"
	"portrait/internal/fault"
	"portrait/internal/graph"
	"portrait/internal/picture"
	"portrait/internal/store"
	"portrait/internal/words"
)

// undoTime is how long somebody can undo what the helpdesk did to their photo.
const undoTime = 7 * 24 * time.Hour

// Past is a photo that was there before.
type Past struct {
	ID       string
	Replaced time.Time
	ByOwner  bool // its owner replaced it; otherwise the helpdesk or another owner did
}

// addPast keeps picture, which c is going to replace, in the history; empty
// stands for none.
func (s *Service) addPast(ctx context.Context, tx *store.Tx, r request, c *change, picture []byte) (err error) {
	c.details.Past, c.details.PastIsNew = "", false
	if len(picture) == 0 {
		return nil
	}
	p := store.Past{Photo: c.Photo, Person: c.Person, ETag: hexOf(picture), Picture: picture, Replaced: s.Now()}
	if tellsOwner(r) {
		p.Until = s.Now().Add(undoTime)
	}
	if s.HistoryPhotos == 0 && p.Until.IsZero() {
		return nil
	}
	c.details.Past, c.details.PastIsNew, err = tx.AddPast(ctx, p)
	return err
}

// History returns the photos that subject had, newest first. The helpdesk has to
// say what it wants to know that for.
//
// It fails with fault.Forbidden for those whose business it isn't.
func (s *Service) History(ctx context.Context, actor directory.Actor, subject directory.Subject, o Order) ([]Past, error) {
	r, err := s.request(ctx, actor, seeHistory, subject, o.Reason)
	if err != nil {
		return nil, err
	}
	if actsAsApp(r.actor, seeHistory, r.subject) {
		if err := s.noteLook(ctx, r, o); err != nil {
			return nil, err
		}
	}
	return s.pasts(ctx, r)
}

func (s *Service) pasts(ctx context.Context, r request) ([]Past, error) {
	kept, err := s.Store.Pasts(ctx, r.key())
	if err != nil {
		return nil, err
	}
	oldest := s.Now().Add(-s.HistoryAge)
	var all []Past
	for _, p := range kept {
		if p.Replaced.Before(oldest) && p.Until.Before(s.Now()) {
			continue // about to be purged
		}
		all = append(all, Past{ID: p.ID, Replaced: p.Replaced, ByOwner: p.Person == r.key().Owner})
	}
	return all, nil
}

// PastImage returns one of the photos that subject had. The helpdesk shows with
// pass that it has told what for, see Pass.
//
// It fails as History does, and with fault.NotFound for an id that isn't one of
// this photo's.
func (s *Service) PastImage(ctx context.Context, actor directory.Actor, subject directory.Subject, id, pass string) (graph.Image, error) {
	reason := ""
	if s.opens(pass, actor, subject) {
		reason = "told" // when the history was opened, which is in the audit log
	}
	r, err := s.request(ctx, actor, seeHistory, subject, reason)
	if err != nil {
		return graph.Image{}, err
	}
	p, err := s.past(ctx, r, id)
	if err != nil {
		return graph.Image{}, err
	}
	jpeg, err := s.Pictures.Thumbnail(ctx, p.Picture, thumbnailPx)
	if err != nil {
		return graph.Image{}, err
	}
	return graph.Image{Bytes: jpeg, ContentType: "image/jpeg"}, nil
}

// noPast is the fault for an id that isn't kept, or is another photo's.
func noPast(err error) error {
	return &fault.Error{Op: "photo.past", Kind: fault.NotFound, Say: words.M("photo.no-past"), Next: fault.NextHome, Err: err}
}

// thumbnailPx is the side of the pictures of the history, in pixels.
const thumbnailPx = 240

func (s *Service) past(ctx context.Context, r request, id string) (store.Past, error) {
	p, err := s.Store.Past(ctx, r.key(), id)
	if errors.Is(err, store.ErrNone) {
		return p, noPast(err)
	}
	return p, err
}

// Restore makes one of the photos that subject had its photo again, as it was.
// It fails as Set does, with fault.NotFound for an id that isn't one of this
// photo's, and with fault.Conflict if the photo was changed elsewhere since the
// page was opened that o comes from.
func (s *Service) Restore(ctx context.Context, actor directory.Actor, subject directory.Subject, id string, o Order) (Saved, error) {
	ordered := order{Order: o, input: hashOf([]byte(restore), []byte(id))}
	// Looked up when it is made, and not for a repeat: by then it may have left the
	// history.
	ordered.make = func(ctx context.Context) (content, error) {
		p, err := s.past(ctx, ordered.request, id)
		if err != nil {
			return content{}, err
		}
		return s.asItWas(ctx, p)
	}
	var err error
	if ordered.request, err = s.request(ctx, actor, restore, subject, o.Reason); err != nil {
		return Saved{}, s.turnedAway(ctx, ordered, err)
	}
	ordered.check = func(ctx context.Context) error { return s.checkElsewhere(ctx, ordered.request, o) }
	return s.carryOut(ctx, ordered)
}

// asItWas returns a photo of the history, byte for byte where Graph takes it so.
func (s *Service) asItWas(ctx context.Context, p store.Past) (content, error) {
	rendered, err := s.Pictures.Render(ctx, p.Picture, picture.Frame{})
	if err != nil {
		return content{}, err
	}
	if bytes.HasPrefix(p.Picture, []byte("\xff\xd8\xff")) && len(p.Picture) <= picture.MaxBytes {
		rendered.JPEG, rendered.Side = p.Picture, min(rendered.SourceWidth, rendered.SourceHeight)
	}
	return content{Rendered: rendered, etag: hexOf(rendered.JPEG)}, nil
}

// checkElsewhere refuses an order if Graph has another photo than the page
// showed, unless that came from here.
func (s *Service) checkElsewhere(ctx context.Context, r request, o Order) error {
	if o.Saw == "" {
		return nil
	}
	var info graph.Info
	err := s.askPhoto(ctx, r, showPatience, func(ctx context.Context, token string) (err error) {
		info, err = s.Graph.PhotoInfo(ctx, token, r.subject)
		return err
	})
	if err != nil && !graph.IsNoPhoto(err) {
		return err
	}
	if sawOf(info.ETag) == o.Saw {
		return nil
	}
	if last, err := s.Store.LastConfirmed(ctx, r.key(), s.Now().Add(-draftAge)); err == nil {
		if c, err := opened(last); err == nil {
			if ours, err := s.arrived(ctx, r, c, showPatience); err == nil && ours {
				return nil
			}
		}
	}
	return &fault.Error{Op: "photo.checkElsewhere", Kind: fault.Conflict, Say: words.M("photo.changed-elsewhere"), Next: fault.NextRetry}
}

// sawOf returns what stands on a page for the photo that it shows.
func sawOf(etag string) string { return hexOf([]byte("saw " + etag))[:16] }

// Forget deletes one of the photos that subject had, or all of them where id is
// "". It is for those whose photo it is, not for the helpdesk.
//
// It fails with fault.NotFound if id is none of this photo's.
func (s *Service) Forget(ctx context.Context, actor directory.Actor, subject directory.Subject, id string, o Order) error {
	r, err := s.request(ctx, actor, forget, subject, o.Reason)
	if err != nil {
		return err
	}
	return s.Store.Tx(ctx, func(tx *store.Tx) error {
		n, err := tx.DeletePast(ctx, r.key(), id)
		switch {
		case err == nil && n == 0 && id != "":
			return noPast(store.ErrNone)
		case err != nil || n == 0:
			return err
		}
		return tx.AddPurge(ctx, store.Purge{At: s.Now(), What: "history, by its owner", Deleted: n, Older: s.Now()})
	})
}

// passTime is how long the helpdesk can look at a history after it said what
// for.
const passTime = 15 * time.Minute

// Pass returns what opens the pictures of subject's history for actor, who has
// just been shown it.
func (s *Service) Pass(actor directory.Actor, subject directory.Subject) string {
	until := s.Now().Add(passTime).Unix()
	return fmt.Sprintf("%d.%s", until, s.passMark(until, actor, subject))
}

// opens reports whether pass was given for this and is still good.
func (s *Service) opens(pass string, actor directory.Actor, subject directory.Subject) bool {
	number, mark, _ := strings.Cut(pass, ".")
	var until int64
	if _, err := fmt.Sscanf(number, "%d", &until); err != nil || s.Now().Unix() > until {
		return false
	}
	return store.SameMark(mark, s.passMark(until, actor, subject))
}

func (s *Service) passMark(until int64, actor directory.Actor, subject directory.Subject) string {
	return s.Store.Mark("history pass", fmt.Sprint(until), string(actor.Tenant), string(actor.ID), subject.Path())
}
