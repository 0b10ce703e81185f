package batch

import (
	"context"
	"errors"

	"portrait/internal/directory"
	"portrait/internal/picture"
	"portrait/internal/store"
)

// SetOptions says whether an open batch skips people who have a photo, and
// whether it only shows what would happen. An approval of it doesn't hold any
// more where that is another plan.
//
// It fails with fault.Conflict if the batch isn't open.
func (s *Service) SetOptions(ctx context.Context, actor directory.Actor, id string, onlyMissing, dryRun bool) error {
	_, b, err := s.open(ctx, actor, id)
	if err != nil {
		return err
	}
	b.OnlyMissing, b.DryRun = onlyMissing, dryRun
	return said("batch.SetOptions", s.Store.EditBatch(ctx, b, s.Now()))
}

// Whole returns all of item n of an open batch, for somebody who frames it.
//
// It fails with fault.NotFound where there is no picture, and as picture.Whole
// does.
func (s *Service) Whole(ctx context.Context, actor directory.Actor, id string, n int64) (picture.Whole, error) {
	const op = "batch.Whole"
	if _, _, err := s.item(ctx, actor, id, n); err != nil {
		return picture.Whole{}, err
	}
	body, err := s.Store.ItemPicture(ctx, id, n, store.NewPicture)
	if err != nil || len(body) == 0 {
		return picture.Whole{}, said(op, errors.Join(err, store.ErrNone))
	}
	return s.Photo.Pictures.Whole(ctx, body)
}
