package batch

import (
	"context"
	"strings"
	"unicode/utf8"

	"portrait/internal/directory"
	"portrait/internal/fault"
	"portrait/internal/photo"
	"portrait/internal/picture"
	"portrait/internal/store"
	"portrait/internal/words"
)

const (
	// MaxTitleRunes and MaxReasonRunes bound what is written about a batch.
	MaxTitleRunes  = 100
	MaxReasonRunes = 500
)

// Wish is what a batch is made with.
type Wish struct {
	Title       string // "" = none
	Reason      string // why, for the audit log: required
	OnlyMissing bool   // skip people who have a photo
	DryRun      bool   // change nothing

	// Expect are the people whose pictures the batch waits for; nil = anybody's.
	Expect []directory.ID
}

// Create makes an empty batch and returns its id.
//
// It fails with fault.Forbidden for everybody but the helpdesk, as everything
// here does, and with fault.Unreadable without a reason.
func (s *Service) Create(ctx context.Context, actor directory.Actor, w Wish) (string, error) {
	const op = "batch.Create"
	actor, err := s.mayUse(ctx, actor)
	if err != nil {
		return "", err
	}
	if w, err = w.checked(op); err != nil {
		return "", err
	}
	b := store.Batch{
		ID: store.NewBatchID(), Tenant: actor.Tenant, Author: actor.ID, Title: w.Title, Reason: w.Reason,
		OnlyMissing: w.OnlyMissing, DryRun: w.DryRun, Created: s.Now(),
	}
	return b.ID, s.Store.Tx(ctx, func(tx *store.Tx) error {
		if err := tx.CreateBatch(ctx, b); err != nil {
			return err
		}
		if err := tx.Expect(ctx, b.ID, w.Expect); err != nil {
			return err
		}
		return s.note(ctx, tx, actor, b, photo.BatchCreate)
	})
}

// checked returns w with its texts as they are kept. It fails with
// fault.Unreadable without a reason, or where a text is too long.
func (w Wish) checked(op string) (Wish, error) {
	w.Title, w.Reason = strings.TrimSpace(clean(w.Title)), strings.TrimSpace(clean(w.Reason))
	switch {
	case w.Reason == "":
		return w, &fault.Error{Op: op, Kind: fault.Unreadable, Say: words.M("batch.reason-needed"), Next: fault.NextRetry}
	case utf8.RuneCountInString(w.Title) > MaxTitleRunes, utf8.RuneCountInString(w.Reason) > MaxReasonRunes:
		return w, &fault.Error{Op: op, Kind: fault.Unreadable, Say: words.M("batch.text-too-long", "Max", MaxReasonRunes), Next: fault.NextRetry}
	}
	return w, nil
}

// open is find for a batch whose files may still be changed. It fails with
// fault.Conflict otherwise, and with fault.Forbidden for everybody but the author
// of one that waits for approval: who approves must not have made the plan.
func (s *Service) open(ctx context.Context, actor directory.Actor, id string) (directory.Actor, store.Batch, error) {
	const op = "batch.open"
	actor, b, err := s.find(ctx, actor, id)
	if err == nil && b.State != store.BatchOpen && b.State != store.BatchWaiting {
		err = said(op, store.ErrConflict)
	}
	if err == nil && b.State == store.BatchWaiting {
		err = authors(op, actor, b)
	}
	return actor, b, err
}

// AddFile adds a picture as number n, from 1 to MaxFiles. Adding the same again
// changes nothing, so an upload that broke off can go on. What is no picture, or
// one beyond the limits of internal/picture, is not kept: its item says why.
//
// It fails with fault.BadRequest for another n, with fault.Busy where the server
// has too much to do, and with fault.Conflict if the batch isn't open or has
// another picture under the number.
func (s *Service) AddFile(ctx context.Context, actor directory.Actor, id string, n int64, name string, body []byte) error {
	_, b, err := s.open(ctx, actor, id)
	if err != nil {
		return err
	}
	return s.put(ctx, b.ID, n, name, body, words.Message{})
}

// put is AddFile for somebody who may. A file with skip isn't taken, and that is
// why.
func (s *Service) put(ctx context.Context, id string, n int64, name string, body []byte, skip words.Message) error {
	const op = "batch.AddFile"
	if n < 1 || n > MaxFiles {
		return &fault.Error{Op: op, Kind: fault.BadRequest, Say: words.M("batch.too-many", "Max", MaxFiles), Next: fault.NextHome}
	}
	it := Item{Why: skip}
	if skip.ID == "" {
		var err error
		if it.Why, it.Hints, err = s.inspect(ctx, body); err != nil {
			return err
		}
	}
	if it.Why.ID != "" {
		body, it.Verdict = nil, Unreadable
	}
	if err := s.Store.AddItem(ctx, id, n, shownName(name), body); err != nil {
		return said(op, err)
	}
	if it.Why.ID == "" && len(it.Hints) == 0 {
		return nil
	}
	stored, err := it.Stored(n)
	if err != nil {
		return err
	}
	return said(op, s.Store.MatchItem(ctx, id, stored))
}

// inspect renders body as it would be sent: why says that it can't be, hints
// what somebody may want to know of it.
func (s *Service) inspect(ctx context.Context, body []byte) (why words.Message, hints []picture.Hint, err error) {
	rendered, err := s.Photo.Pictures.Render(ctx, body, picture.Frame{})
	if err == nil {
		return words.Message{}, rendered.Judgement.Hints(), nil
	}
	switch f := fault.As(err); f.Kind {
	case fault.TooLarge, fault.Unsupported, fault.Unreadable, fault.BadRequest:
		return f.Say, nil, nil
	}
	return words.Message{}, nil, err
}

// maxShownRunes is how much of a file's name is kept.
const maxShownRunes = 500

// shownName is a file's name as it is kept.
func shownName(name string) string {
	name = clean(strings.ToValidUTF8(name, "�"))
	if runes := []rune(name); len(runes) > maxShownRunes {
		name = string(runes[len(runes)-maxShownRunes:]) // its end tells more than its folders
	}
	if strings.TrimSpace(name) == "" {
		return "?"
	}
	return name
}

// AddTable keeps a CSV that says whose pictures the files are, in place of the
// one that is there. It counts when the files are matched next.
//
// It fails as ReadTable does, and with fault.Conflict if the batch isn't open.
func (s *Service) AddTable(ctx context.Context, actor directory.Actor, id string, csv []byte) error {
	_, b, err := s.open(ctx, actor, id)
	if err != nil {
		return err
	}
	if _, err := ReadTable(csv); err != nil {
		return err
	}
	return said("batch.AddTable", s.Store.PutBatchTable(ctx, b.ID, csv))
}

// Numbers returns the numbers of the files that are there, so that an upload
// knows where to go on.
func (s *Service) Numbers(ctx context.Context, actor directory.Actor, id string) ([]int64, error) {
	_, b, err := s.find(ctx, actor, id)
	if err != nil {
		return nil, err
	}
	return s.Store.ItemNumbers(ctx, b.ID)
}
