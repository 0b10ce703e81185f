package store

import (
	"context"
	"database/sql"
	"errors"

	"portrait/internal/directory"
)

// PhotoVersion returns how often photo was changed, by whatever replica; 0 if
// never.
func (s *Store) PhotoVersion(ctx context.Context, photo directory.PhotoKey) (int64, error) {
	var version int64
	err := s.db.QueryRowContext(ctx, `SELECT version FROM photo_versions WHERE photo = $1`, photo.String()).Scan(&version)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return 0, trouble("store.PhotoVersion", err)
	}
	return version, nil
}

// BumpPhoto counts a change of photo.
func (s *Store) BumpPhoto(ctx context.Context, photo directory.PhotoKey) error {
	_, err := s.db.ExecContext(ctx, bumpPhoto, photo.String())
	return trouble("store.BumpPhoto", err)
}

// BumpPhoto counts a change of photo in the transaction that makes it.
func (tx *Tx) BumpPhoto(ctx context.Context, photo directory.PhotoKey) error {
	_, err := tx.tx.ExecContext(ctx, bumpPhoto, photo.String())
	return trouble("store.BumpPhoto", err)
}

const bumpPhoto = `
	INSERT INTO photo_versions (photo, version) VALUES ($1, 1)
	ON CONFLICT (photo) DO UPDATE SET version = photo_versions.version + 1`
