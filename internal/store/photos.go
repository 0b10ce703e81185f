package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"portrait/internal/directory"
)

// PhotoVersion returns how often photo was changed, by whatever replica; 0 if
// never.
func (s *Store) PhotoVersion(ctx context.Context, photo directory.PhotoKey) (int64, error) {
	var version int64
	err := s.db.QueryRowContext(ctx, `SELECT version FROM photo_versions WHERE photo = $1`, photo.String()).Scan(&version)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return 0, fmt.Errorf("store.PhotoVersion: %w", err)
	}
	return version, nil
}

// BumpPhoto counts a change of photo.
func (s *Store) BumpPhoto(ctx context.Context, photo directory.PhotoKey) error {
	_, err := s.db.ExecContext(ctx, `
		INSERT INTO photo_versions (photo, version) VALUES ($1, 1)
		ON CONFLICT (photo) DO UPDATE SET version = photo_versions.version + 1`, photo.String())
	if err != nil {
		return fmt.Errorf("store.BumpPhoto: %w", err)
	}
	return nil
}
