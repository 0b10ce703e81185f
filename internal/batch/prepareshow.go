package batch

import (
	"context"
	"errors"
	"time"

	"portrait/internal/directory"
	"portrait/internal/fault"
	"portrait/internal/photo"
	"portrait/internal/store"
	"portrait/internal/words"
)

// thumbSide is the side of the pictures on the wall, in pixels: 96 on screens
// with two for each.
const thumbSide = 192

// SetCrop says which square of item n is wanted: "x y side turn" in pixels of the
// upright picture and degrees, "" for the automatic one.
//
// It fails with fault.BadRequest if the square doesn't fit the picture.
func (s *Service) SetCrop(ctx context.Context, actor directory.Actor, id string, n int64, crop string) error {
	const op = "batch.SetCrop"
	f, err := ParseCrop(crop)
	if err != nil {
		return &fault.Error{Op: op, Kind: fault.BadRequest, Say: words.M("picture.bad-crop"), Next: fault.NextRetry, Err: err}
	}
	it, _, err := s.item(ctx, actor, id, n)
	if err != nil {
		return err
	}
	if it.Verdict == string(Unreadable) {
		return unusable(op)
	}
	body, err := s.Store.ItemPicture(ctx, id, n, store.NewPicture)
	if err != nil {
		return said(op, err)
	}
	if _, err := s.Photo.Pictures.Render(ctx, body, f); err != nil {
		return err
	}
	return said(op, s.Store.CropItem(ctx, id, n, FormatCrop(f)))
}

// Thumbnail returns item n as it will be, as a JPEG.
//
// It fails with fault.NotFound where there is no picture, or none any more.
func (s *Service) Thumbnail(ctx context.Context, actor directory.Actor, id string, n int64) ([]byte, error) {
	const op = "batch.Thumbnail"
	_, b, err := s.find(ctx, actor, id)
	if err != nil {
		return nil, err
	}
	it, err := s.Store.Item(ctx, b.ID, n)
	if err != nil {
		return nil, said(op, err)
	}
	body, err := s.Store.ItemPicture(ctx, b.ID, n, store.NewPicture)
	if err != nil || len(body) == 0 {
		return nil, said(op, errors.Join(err, store.ErrNone))
	}
	frame, err := ParseCrop(it.Crop)
	if err != nil {
		return nil, err
	}
	rendered, err := s.Photo.Pictures.Render(ctx, body, frame)
	if err != nil {
		return nil, err
	}
	return s.Photo.Pictures.Thumbnail(ctx, rendered.JPEG, thumbSide)
}

// listed is how many batches a page of the list has.
const listed = 50 // rows

// Kept is an item as the store has it.
type Kept = store.Item

// Listed is a batch in the list.
type Listed struct {
	store.Batch
	Counts store.BatchCounts
}

// List returns the newest batches of the tenant that were made before then, and
// when the last of them was, zero at the end.
func (s *Service) List(ctx context.Context, actor directory.Actor, before time.Time) (all []Listed, next time.Time, err error) {
	if actor, err = s.mayUse(ctx, actor); err != nil {
		return nil, next, err
	}
	batches, err := s.Store.Batches(ctx, actor.Tenant, before, listed)
	if err != nil {
		return nil, next, err
	}
	for _, b := range batches {
		counts, err := s.Store.CountItems(ctx, b.ID)
		if err != nil {
			return nil, next, err
		}
		all = append(all, Listed{b, counts})
	}
	if len(batches) == listed {
		next = batches[listed-1].Created
	}
	return all, next, nil
}

// Shown is a batch as its page shows it.
type Shown struct {
	store.Batch
	Counts  store.BatchCounts
	Items   []store.Item
	Founds  []Found         // of Items
	Lines   []words.Message // lines of the table that came to nothing, and why
	Note    words.Message   // why it is paused
	Plan    []byte          // the hash of what is going to be done
	Mine    bool            // the actor made it
	Matched bool            // every file was looked up
	Expect  Expectation

	// HasPhoto are the people among them who had a photo when people were
	// counted last; nil = nobody was counted, or the batch has begun.
	HasPhoto map[directory.ID]bool
}

// Show returns a batch and all its items.
func (s *Service) Show(ctx context.Context, actor directory.Actor, id string) (Shown, error) {
	actor, b, err := s.find(ctx, actor, id)
	if err != nil {
		return Shown{}, err
	}
	sh := Shown{Batch: b, Mine: b.Author == actor.ID, Matched: true}
	if sh.Counts, err = s.Store.CountItems(ctx, b.ID); err != nil {
		return sh, err
	}
	if sh.Plan, err = s.Store.PlanHash(ctx, actor.Tenant, b.ID); err != nil {
		return sh, said("batch.Show", err)
	}
	if sh.Note, err = DecodeMessage(b.Note); err != nil {
		return sh, err
	}
	d, err := s.dropped(ctx, b.ID)
	if err != nil {
		return sh, err
	}
	sh.Items, sh.Founds = d.items, d.found
	if sh.Expect, err = s.expectation(ctx, b.ID, d.items); err != nil {
		return sh, err
	}
	for _, it := range d.items {
		sh.Matched = sh.Matched && it.Verdict != ""
	}
	if sh.HasPhoto, err = s.whoHasPhoto(ctx, b, d.items); err != nil {
		return sh, err
	}
	for _, m := range newRows(d.files, d.table.Rows).missing {
		sh.Lines = append(sh.Lines, m.Why)
	}
	for _, bad := range d.table.Bad {
		sh.Lines = append(sh.Lines, words.M("batch.row-bad", "Line", bad.Line, "Why", bad.Why))
	}
	return sh, nil
}

// whoHasPhoto returns Shown.HasPhoto of b, whose items are given.
func (s *Service) whoHasPhoto(ctx context.Context, b store.Batch, items []store.Item) (map[directory.ID]bool, error) {
	const op = "batch.whoHasPhoto"
	if b.State != store.BatchOpen && b.State != store.BatchWaiting {
		return nil, nil
	}
	last, err := s.Store.LastScan(ctx, b.Tenant)
	if errors.Is(err, store.ErrNone) {
		return nil, nil
	}
	if err != nil {
		return nil, said(op, err)
	}
	var people []directory.ID
	for _, it := range items {
		if it.Person != "" {
			people = append(people, it.Person)
		}
	}
	found, err := s.Store.ScannedPresent(ctx, last.ID, people)
	return found, said(op, err)
}

// Report calls do with every item of a batch, in order, until it fails. That
// the report was asked for is written to the audit log first.
func (s *Service) Report(ctx context.Context, actor directory.Actor, id string, do func(Kept) error) error {
	actor, b, err := s.find(ctx, actor, id)
	if err != nil {
		return err
	}
	err = s.Store.Tx(ctx, func(tx *store.Tx) error { return s.note(ctx, tx, actor, b, photo.BatchReport) })
	if err != nil {
		return err
	}
	return s.eachItem(ctx, b, do)
}

// EachItem is Report for whoever only looks how far the batch is.
func (s *Service) EachItem(ctx context.Context, actor directory.Actor, id string, do func(Kept) error) error {
	_, b, err := s.find(ctx, actor, id)
	if err != nil {
		return err
	}
	return s.eachItem(ctx, b, do)
}

// eachItem calls do with every item of b, in order, until it fails.
func (s *Service) eachItem(ctx context.Context, b store.Batch, do func(Kept) error) error {
	const page = 500
	for after := int64(-1); ; {
		items, err := s.Store.Items(ctx, b.ID, after, page)
		if err != nil {
			return err
		}
		for _, it := range items {
			if err := do(it); err != nil {
				return err
			}
			after = it.N
		}
		if len(items) < page {
			return nil
		}
	}
}

// Counts returns a batch and how many of its items are what, for a page that
// follows it.
func (s *Service) Counts(ctx context.Context, actor directory.Actor, id string) (store.Batch, store.BatchCounts, error) {
	_, b, err := s.find(ctx, actor, id)
	if err != nil {
		return b, store.BatchCounts{}, err
	}
	counts, err := s.Store.CountItems(ctx, b.ID)
	return b, counts, err
}
