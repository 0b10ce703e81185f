package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"portrait/internal/directory"
)

// Past is a photo that was there and was replaced. At rest Picture is sealed.
type Past struct {
	ID       string // random
	Photo    directory.PhotoKey
	Person   directory.ID // object id of who replaced it
	ETag     string       // hexadecimal SHA-256 of Picture
	Picture  []byte       // nil in lists
	Replaced time.Time
	Until    time.Time // kept until then, whatever the settings say; zero = by the settings
}

// AddPast stores p, whose ID is given by it and returned, and reports whether it
// is new: the newest one of a photo isn't stored a second time.
func (tx *Tx) AddPast(ctx context.Context, p Past) (id string, added bool, err error) {
	const op = "store.AddPast"
	var newest, etag string
	err = tx.tx.QueryRowContext(ctx, `SELECT id, etag FROM history WHERE photo = $1 ORDER BY replaced DESC, id LIMIT 1`, p.Photo.String()).Scan(&newest, &etag)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return "", false, trouble(op, err)
	}
	if err == nil && etag == p.ETag {
		_, err := tx.tx.ExecContext(ctx, `UPDATE history SET replaced = $2, until = CASE WHEN until > $3 THEN until ELSE $3 END WHERE id = $1`,
			newest, millis(p.Replaced), millisOrZero(p.Until))
		return newest, false, trouble(op, err)
	}
	p.ID = rand.Text()
	sealed, err := tx.store.ring.Seal(pastPlace(p), nil, p.Picture)
	if err != nil {
		return "", false, fmt.Errorf("%s: %w", op, err)
	}
	_, err = tx.tx.ExecContext(ctx, `
		INSERT INTO history (id, tenant, photo, person, etag, picture, replaced, until) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		p.ID, string(p.Photo.Tenant), p.Photo.String(), string(p.Person), p.ETag, sealed, millis(p.Replaced), millisOrZero(p.Until))
	return p.ID, true, trouble(op, err)
}

// TrimPast deletes what photo has beyond its newest keep photos, but for those
// that must be kept beyond now.
func (tx *Tx) TrimPast(ctx context.Context, photo directory.PhotoKey, keep int, now time.Time) error {
	_, err := tx.tx.ExecContext(ctx, `
		DELETE FROM history WHERE photo = $1 AND until <= $3 AND id NOT IN (
			SELECT id FROM history WHERE photo = $1 ORDER BY replaced DESC, id LIMIT $2)`,
		photo.String(), keep, millis(now))
	return trouble("store.TrimPast", err)
}

// Pasts returns the photos that photo had, newest first, without their pictures.
func (s *Store) Pasts(ctx context.Context, photo directory.PhotoKey) ([]Past, error) {
	const op = "store.Pasts"
	rows, err := s.db.QueryContext(ctx, `SELECT id, person, etag, replaced, until FROM history WHERE photo = $1 ORDER BY replaced DESC, id`, photo.String())
	if err != nil {
		return nil, trouble(op, err)
	}
	defer rows.Close() // read to the end below
	var all []Past
	for rows.Next() {
		p := Past{Photo: photo}
		var replaced, until int64
		if err := rows.Scan(&p.ID, &p.Person, &p.ETag, &replaced, &until); err != nil {
			return nil, trouble(op, err)
		}
		p.Replaced, p.Until = time.UnixMilli(replaced), timeOrZero(until)
		all = append(all, p)
	}
	return all, trouble(op, rows.Err())
}

// Past returns one of the photos that photo had, with its picture. It fails with
// ErrNone, also if id is of another photo or its key has left the ring.
func (s *Store) Past(ctx context.Context, photo directory.PhotoKey, id string) (Past, error) {
	const op = "store.Past"
	p := Past{ID: id, Photo: photo}
	var replaced, until int64
	err := s.db.QueryRowContext(ctx, `SELECT person, etag, picture, replaced, until FROM history WHERE photo = $1 AND id = $2`,
		photo.String(), id).Scan(&p.Person, &p.ETag, &p.Picture, &replaced, &until)
	if errors.Is(err, sql.ErrNoRows) {
		return Past{}, ErrNone
	}
	if err != nil {
		return Past{}, trouble(op, err)
	}
	p.Replaced, p.Until = time.UnixMilli(replaced), timeOrZero(until)
	p.Picture, err = s.ring.Open(pastPlace(p), nil, p.Picture)
	if errors.Is(err, ErrSealed) {
		return Past{}, ErrNone
	}
	return p, err
}

// DeletePast deletes one of the photos that photo had, or all of them where id
// is "". It returns how many there were.
func (tx *Tx) DeletePast(ctx context.Context, photo directory.PhotoKey, id string) (int64, error) {
	n, err := affected(tx.tx.ExecContext(ctx, `DELETE FROM history WHERE photo = $1 AND ($2 = '' OR id = $2)`, photo.String(), id))
	return n, trouble("store.DeletePast", err)
}

// DropPast deletes one of the photos that photo had, which was kept for draft
// and which that hasn't replaced after all. It stays if another change may have
// replaced it: one that is on its way, or a newer one that Graph has.
func (tx *Tx) DropPast(ctx context.Context, photo directory.PhotoKey, id string, draft Draft) error {
	_, err := tx.tx.ExecContext(ctx, `DELETE FROM history WHERE photo = $1 AND id = $2 AND NOT EXISTS (
		SELECT 1 FROM drafts WHERE photo = $1 AND id <> $3 AND (state IN ('sending', 'unknown') OR state = 'confirmed' AND turn > $4))`,
		photo.String(), id, draft.ID, draft.Turn)
	return trouble("store.DropPast", err)
}

// pastPlace binds a picture to the photo that it was.
func pastPlace(p Past) Place {
	return Place{Table: "history", Row: []byte(p.Photo.String() + "/" + p.ID), Column: "picture"}
}
