package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"portrait/internal/directory"
)

// PhotoVersion returns how often photo may have become another one, for whatever
// replica; 0 if never. It says when a picture that is remembered is old.
func (s *Store) PhotoVersion(ctx context.Context, photo directory.PhotoKey) (int64, error) {
	return s.count(ctx, "store.PhotoVersion", `SELECT version FROM photo_versions WHERE photo = $1`, photo)
}

// PhotoChanges returns how often photo was changed through Portrait; 0 if never.
// It says whether somebody else was faster.
func (s *Store) PhotoChanges(ctx context.Context, photo directory.PhotoKey) (int64, error) {
	return s.count(ctx, "store.PhotoChanges", `SELECT changes FROM photo_versions WHERE photo = $1`, photo)
}

func (s *Store) count(ctx context.Context, op, query string, photo directory.PhotoKey) (int64, error) {
	var n int64
	err := s.db.QueryRowContext(ctx, query, photo.String()).Scan(&n)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return 0, trouble(op, err)
	}
	return n, nil
}

// BumpPhoto notes that photo may be another one now.
func (s *Store) BumpPhoto(ctx context.Context, photo directory.PhotoKey) error {
	_, err := s.db.ExecContext(ctx, bumpPhoto, photo.String())
	return trouble("store.BumpPhoto", err)
}

// PhotoChanged returns when photo was last changed through Portrait; the zero
// time if never.
func (s *Store) PhotoChanged(ctx context.Context, photo directory.PhotoKey) (time.Time, error) {
	ms, err := s.count(ctx, "store.PhotoChanged", `SELECT changed FROM photo_versions WHERE photo = $1`, photo)
	return timeOf(ms), err
}

// CountChange counts a change of photo at the time now, in the transaction that
// makes it.
func (tx *Tx) CountChange(ctx context.Context, photo directory.PhotoKey, now time.Time) error {
	_, err := tx.tx.ExecContext(ctx, `
		INSERT INTO photo_versions (photo, version, changes, changed) VALUES ($1, 1, 1, $2)
		ON CONFLICT (photo) DO UPDATE SET
			version = photo_versions.version + 1, changes = photo_versions.changes + 1, changed = excluded.changed`, photo.String(), millis(now))
	return trouble("store.CountChange", err)
}

const bumpPhoto = `
	INSERT INTO photo_versions (photo, version) VALUES ($1, 1)
	ON CONFLICT (photo) DO UPDATE SET version = photo_versions.version + 1`
