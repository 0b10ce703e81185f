// Package export hands out the photos of many people as files: what is there
// now, in zips with a manifest, which can be dropped into a batch as they are.
//
//	Create: whose (everybody, a department, a group, a list) → object ids kept
//	   → above ApprovalAbove a second person approves exactly these
//	Part: zip of 500 people, streamed: names → photos → … → manifest.csv
//
// Whose photos they are is settled when the export is made, so that approval is
// of people and not of a question, and a download that broke off is repeated in
// its part alone.
package export

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"portrait/internal/directory"
	"portrait/internal/fault"
	"portrait/internal/photo"
	"portrait/internal/store"
	"portrait/internal/words"
)

const (
	// PartPeople is how many people are in one zip: some 75 MB of photos as
	// Microsoft 365 keeps them, half a minute's download, and within what a batch
	// takes of one zip.
	PartPeople = 500

	// MaxPeople is how many people one export has at most: a hundred zips.
	MaxPeople = 50_000

	// MaxReasonRunes bounds what is written about an export.
	MaxReasonRunes = 500

	// KeepFor is how long an export can be downloaded, the wait for approval
	// included.
	KeepFor = 3 * 24 * time.Hour

	// rememberFor is how long after that it stays in the list, without whose
	// photos they were. The audit log has it for longer.
	rememberFor = 30 * 24 * time.Hour

	listed = 50 // exports in the list
)

// What the audit log calls what happens with exports.
const (
	asked    = "askHandOut"
	approved = "approveHandOut"
	handed   = "handOut"
)

// Service is what the helpdesk does with exports. All its fields must be set.
type Service struct {
	Store *store.Store
	Photo *photo.Service
	Now   func() time.Time
	Sleep func(ctx context.Context, d time.Duration) error // returns early, with an error, when ctx ends

	ApprovalAbove int // an export of more people needs a second person; 0 = none does
}

// Shown is an export as its page shows it.
type Shown struct {
	store.Export
	Whose         Whose
	Mine          bool // the actor made it
	NeedsApproval bool // and hasn't got it yet
	Over          bool // it can't be downloaded any more
	Taken         map[int64]time.Time
}

// show returns x as actor sees it.
func (s *Service) show(actor directory.Actor, x store.Export) (Shown, error) {
	sh := Shown{Export: x, Mine: x.Author == actor.ID, Over: !s.Now().Before(x.Until)}
	sh.NeedsApproval = s.ApprovalAbove > 0 && x.People > int64(s.ApprovalAbove) && x.Approver == ""
	if err := json.Unmarshal(x.Whose, &sh.Whose); err != nil {
		return sh, fmt.Errorf("export.show: %w", err)
	}
	return sh, nil
}

// List returns the newest exports of the tenant.
//
// It fails with fault.Forbidden for everybody but the helpdesk, as everything
// here does.
func (s *Service) List(ctx context.Context, actor directory.Actor) ([]Shown, error) {
	actor, err := s.Photo.MayHandOut(ctx, actor, looking)
	if err != nil {
		return nil, err
	}
	all, err := s.Store.Exports(ctx, actor.Tenant, listed)
	if err != nil {
		return nil, err
	}
	shown := make([]Shown, 0, len(all))
	for _, x := range all {
		sh, err := s.show(actor, x)
		if err != nil {
			return nil, err
		}
		shown = append(shown, sh)
	}
	return shown, nil
}

// looking stands for the reason where nothing is handed out yet.
const looking = "looking"

// Show returns an export. It fails with fault.NotFound if there is none.
func (s *Service) Show(ctx context.Context, actor directory.Actor, id string) (Shown, error) {
	_, sh, err := s.find(ctx, actor, id)
	if err != nil {
		return sh, err
	}
	sh.Taken, err = s.Store.TakenParts(ctx, id)
	return sh, err
}

func (s *Service) find(ctx context.Context, actor directory.Actor, id string) (directory.Actor, Shown, error) {
	actor, err := s.Photo.MayHandOut(ctx, actor, looking)
	if err != nil {
		return actor, Shown{}, err
	}
	x, err := s.Store.Export(ctx, actor.Tenant, id)
	if errors.Is(err, store.ErrNone) {
		err = &fault.Error{Op: "export.find", Kind: fault.NotFound, Say: words.M("export.none"), Next: fault.NextHome, Err: err}
	}
	if err != nil {
		return actor, Shown{}, err
	}
	sh, err := s.show(actor, x)
	return actor, sh, err
}

// Approve notes that actor, who didn't make it, approves of the export with the
// plan that they were shown.
//
// It fails with fault.Forbidden for its author, and with fault.Conflict if it was
// approved already or has run out.
func (s *Service) Approve(ctx context.Context, actor directory.Actor, id string, plan []byte, from photo.Origin) error {
	const op = "export.Approve"
	actor, sh, err := s.find(ctx, actor, id)
	if err != nil {
		return err
	}
	err = s.Store.Tx(ctx, func(tx *store.Tx) error {
		if err := tx.ApproveExport(ctx, sh.Export, actor.ID, plan, s.Now()); err != nil {
			return err
		}
		return s.Photo.NoteHandOut(ctx, tx, actor, approved, photo.HandOut{Outcome: "done", Reason: sh.Reason, Item: "export/" + id, Of: sh.Whose.String(), Origin: from})
	})
	switch {
	case errors.Is(err, store.ErrOwnPlan):
		return &fault.Error{Op: op, Kind: fault.Forbidden, Say: words.M("export.own-plan"), Next: fault.NextHelpdesk, Err: err}
	case errors.Is(err, store.ErrConflict):
		return &fault.Error{Op: op, Kind: fault.Conflict, Say: words.M("export.moved-on"), Next: fault.NextRetry, Err: err}
	}
	return err
}

// Sweep forgets whose photos were in exports that have run out, and returns of
// how many people.
func (s *Service) Sweep(ctx context.Context) (int64, error) {
	now := s.Now()
	return s.Store.PurgeExports(ctx, now.Add(-rememberFor), now)
}

// planOf returns the hash of whose photos an export has, in order, and why.
func planOf(id, reason string, people []directory.ID) []byte {
	h := sha256.New()
	for _, part := range append([]string{"portrait export plan 1", id, reason}, texts(people)...) {
		_, _ = h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(part)))) // a hash never fails
		_, _ = h.Write([]byte(part))
	}
	return h.Sum(nil)
}

func texts(ids []directory.ID) []string {
	all := make([]string, len(ids))
	for i, id := range ids {
		all[i] = string(id)
	}
	return all
}

// reasonFrom returns text as it is kept. It fails with fault.Unreadable if there
// is none, or too much of it.
func reasonFrom(op, text string) (string, error) {
	text = strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, text))
	switch {
	case text == "":
		return "", &fault.Error{Op: op, Kind: fault.Unreadable, Say: words.M("photo.reason-missing"), Next: fault.NextRetry}
	case utf8.RuneCountInString(text) > MaxReasonRunes:
		return "", &fault.Error{Op: op, Kind: fault.Unreadable, Say: words.M("batch.text-too-long", "Max", MaxReasonRunes), Next: fault.NextRetry}
	}
	return text, nil
}
