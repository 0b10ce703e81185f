package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"portrait/internal/directory"
)

// Draft is one change of a photo, from before it is sent until a day after. At
// rest Picture and Details are sealed for its person.
type Draft struct {
	ID      []byte // SHA-256 of whatever makes a repeat the same change
	Tenant  directory.ID
	Person  directory.ID // object id of who makes the change
	Photo   directory.PhotoKey
	Turn    int64 // order of the changes of one photo; set by AddDraft
	Act     string
	State   string
	Input   []byte // SHA-256 of what was asked for
	ETag    string // hexadecimal SHA-256 of Picture, "" for a removal
	Picture []byte
	Details []byte
	Holder  string // who sends it until Until
	Until   time.Time
	RetryAt time.Time // zero = at once
	Seen    bool      // Graph has served what was confirmed
	Created time.Time
	Updated time.Time
}

const draftColumns = `id, tenant, person, photo, turn, act, state, input, etag, picture, details, holder, until, retry_at, seen, created, updated`

// AddDraft stores d with the next turn of its photo and returns that. It fails
// with ErrConflict if there is a draft with this id.
func (tx *Tx) AddDraft(ctx context.Context, d Draft) (turn int64, err error) {
	const op = "store.AddDraft"
	// The row is locked until the transaction ends: turns are given one by one.
	err = tx.tx.QueryRowContext(ctx, `
		INSERT INTO photo_versions (photo, version, turn) VALUES ($1, 0, 1)
		ON CONFLICT (photo) DO UPDATE SET turn = photo_versions.turn + 1 RETURNING turn`, d.Photo.String()).Scan(&turn)
	if err != nil {
		return 0, trouble(op, err)
	}
	picture, details, err := tx.store.sealDraft(d)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", op, err)
	}
	n, err := affected(tx.tx.ExecContext(ctx, `
		INSERT INTO drafts (`+draftColumns+`)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 0, $15, $15)
		ON CONFLICT (id) DO NOTHING`,
		d.ID, string(d.Tenant), string(d.Person), d.Photo.String(), turn, d.Act, d.State, d.Input, d.ETag,
		picture, details, d.Holder, millisOrZero(d.Until), millisOrZero(d.RetryAt), millis(d.Created)))
	if err != nil {
		return 0, trouble(op, err)
	}
	if n == 0 {
		return 0, ErrConflict
	}
	return turn, nil
}

// Draft returns the draft with this id. It fails with ErrNone.
func (s *Store) Draft(ctx context.Context, id []byte) (Draft, error) {
	return s.oneDraft(ctx, "store.Draft", `SELECT `+draftColumns+` FROM drafts WHERE id = $1`, id)
}

// NewestDraft returns the newest draft that person made of photo after since. It
// fails with ErrNone.
func (s *Store) NewestDraft(ctx context.Context, tenant, person directory.ID, photo directory.PhotoKey, since time.Time) (Draft, error) {
	return s.oneDraft(ctx, "store.NewestDraft", `SELECT `+draftColumns+` FROM drafts
		WHERE photo = $1 AND tenant = $2 AND person = $3 AND created > $4 ORDER BY turn DESC LIMIT 1`,
		photo.String(), string(tenant), string(person), millis(since))
}

// LastConfirmed returns the newest change of photo, by whomever, that Graph has
// confirmed after since. It fails with ErrNone.
func (s *Store) LastConfirmed(ctx context.Context, photo directory.PhotoKey, since time.Time) (Draft, error) {
	return s.oneDraft(ctx, "store.LastConfirmed", `SELECT `+draftColumns+` FROM drafts
		WHERE photo = $1 AND state = 'confirmed' AND created > $2 ORDER BY turn DESC LIMIT 1`, photo.String(), millis(since))
}

// DraftsOf returns all drafts of person, oldest first.
func (s *Store) DraftsOf(ctx context.Context, tenant, person directory.ID) ([]Draft, error) {
	return s.drafts(ctx, "store.DraftsOf", `SELECT `+draftColumns+` FROM drafts WHERE tenant = $1 AND person = $2 ORDER BY created, turn`,
		string(tenant), string(person))
}

// OldDrafts returns at most limit drafts that were made before then and that
// nobody is sending.
func (s *Store) OldDrafts(ctx context.Context, then, now time.Time, limit int) ([]Draft, error) {
	return s.drafts(ctx, "store.OldDrafts", `SELECT `+draftColumns+` FROM drafts
		WHERE created <= $1 AND (holder = '' OR until <= $2) ORDER BY created LIMIT $3`, millis(then), millis(now), limit)
}

// ClaimDraft makes holder the one who sends the draft until then, and reports
// whether it could: not if it is confirmed, or another holds it beyond now.
func (s *Store) ClaimDraft(ctx context.Context, id []byte, holder string, until, now time.Time) (bool, error) {
	n, err := affected(s.db.ExecContext(ctx, `
		UPDATE drafts SET state = 'sending', holder = $2, until = $3, updated = $4
		WHERE id = $1 AND state <> 'confirmed' AND (holder = '' OR until <= $4)`,
		id, holder, millis(until), millis(now)))
	if err != nil {
		return false, trouble("store.ClaimDraft", err)
	}
	return n == 1, nil
}

// RenewDraft lets holder keep the draft until then. It does nothing if another
// holds it by now, or nobody.
func (s *Store) RenewDraft(ctx context.Context, id []byte, holder string, until time.Time) error {
	_, err := s.db.ExecContext(ctx, `UPDATE drafts SET until = $3 WHERE id = $1 AND holder = $2`, id, holder, millis(until))
	return trouble("store.RenewDraft", err)
}

// HasNewerDraft reports whether there is a change of photo after turn that
// overtakes one of person's: one of their own that hasn't failed, or one of
// anybody's that has arrived or may have.
func (s *Store) HasNewerDraft(ctx context.Context, photo directory.PhotoKey, turn int64, person directory.ID) (bool, error) {
	var n int
	err := s.db.QueryRowContext(ctx, `SELECT COUNT(*) FROM drafts WHERE photo = $1 AND turn > $2
		AND (state IN ('confirmed', 'unknown') OR person = $3 AND state <> 'failed')`, photo.String(), turn, string(person)).Scan(&n)
	return n > 0, trouble("store.HasNewerDraft", err)
}

// FinishDraft writes d's State, RetryAt and Details and gives it back. It fails
// with ErrConflict, and nothing is written, if d.Holder no longer holds it.
func (tx *Tx) FinishDraft(ctx context.Context, d Draft, now time.Time) error {
	const op = "store.FinishDraft"
	_, details, err := tx.store.sealDraft(Draft{ID: d.ID, Person: d.Person, Details: d.Details})
	if err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	n, err := affected(tx.tx.ExecContext(ctx, `
		UPDATE drafts SET state = $3, retry_at = $4, details = $5, updated = $6, holder = '', until = 0
		WHERE id = $1 AND holder = $2`,
		d.ID, d.Holder, d.State, millisOrZero(d.RetryAt), details, millis(now)))
	if err != nil {
		return trouble(op, err)
	}
	if n == 0 {
		return ErrConflict
	}
	return nil
}

// NoteDraft writes d's Details while d.Holder holds it. It fails with ErrConflict
// if that isn't so any more.
func (tx *Tx) NoteDraft(ctx context.Context, d Draft) error {
	const op = "store.NoteDraft"
	_, details, err := tx.store.sealDraft(Draft{ID: d.ID, Person: d.Person, Details: d.Details})
	if err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	n, err := affected(tx.tx.ExecContext(ctx, `UPDATE drafts SET details = $3 WHERE id = $1 AND holder = $2`, d.ID, d.Holder, details))
	if err != nil {
		return trouble(op, err)
	}
	if n == 0 {
		return ErrConflict
	}
	return nil
}

// OlderDrafts returns the drafts of photo before turn that are neither settled
// nor being sent now: a newer change has overtaken them.
func (tx *Tx) OlderDrafts(ctx context.Context, photo directory.PhotoKey, turn int64, now time.Time) ([]Draft, error) {
	const op = "store.OlderDrafts"
	rows, err := tx.tx.QueryContext(ctx, `SELECT `+draftColumns+` FROM drafts
		WHERE photo = $1 AND turn < $2 AND state IN ('draft', 'waiting', 'unknown', 'sending') AND (holder = '' OR until <= $3)`,
		photo.String(), turn, millis(now))
	if err != nil {
		return nil, trouble(op, err)
	}
	return tx.store.readDrafts(op, rows)
}

// SeeDraft notes that Graph has served what the draft set.
func (s *Store) SeeDraft(ctx context.Context, id []byte) error {
	_, err := s.db.ExecContext(ctx, `UPDATE drafts SET seen = 1 WHERE id = $1`, id)
	return trouble("store.SeeDraft", err)
}

// DeleteDraft deletes the draft unless somebody is sending it now. It reports
// whether it did.
func (tx *Tx) DeleteDraft(ctx context.Context, id []byte, now time.Time) (bool, error) {
	n, err := affected(tx.tx.ExecContext(ctx, `DELETE FROM drafts WHERE id = $1 AND (holder = '' OR until <= $2)`, id, millis(now)))
	return n == 1, trouble("store.DeleteDraft", err)
}

func (s *Store) oneDraft(ctx context.Context, op, query string, args ...any) (Draft, error) {
	all, err := s.drafts(ctx, op, query, args...)
	if err != nil {
		return Draft{}, err
	}
	if len(all) == 0 {
		return Draft{}, ErrNone
	}
	return all[0], nil
}

func (s *Store) drafts(ctx context.Context, op, query string, args ...any) ([]Draft, error) {
	rows, err := s.db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, trouble(op, err)
	}
	return s.readDrafts(op, rows)
}

func (s *Store) readDrafts(op string, rows *sql.Rows) ([]Draft, error) {
	defer rows.Close() // read to the end below
	var all []Draft
	for rows.Next() {
		var d Draft
		var photo string
		var until, retryAt, seen, created, updated int64
		err := rows.Scan(&d.ID, &d.Tenant, &d.Person, &photo, &d.Turn, &d.Act, &d.State, &d.Input, &d.ETag,
			&d.Picture, &d.Details, &d.Holder, &until, &retryAt, &seen, &created, &updated)
		if err != nil {
			return nil, trouble(op, err)
		}
		d.Until, d.RetryAt, d.Created, d.Updated = timeOrZero(until), timeOrZero(retryAt), time.UnixMilli(created), time.UnixMilli(updated)
		d.Seen = seen == 1
		if d.Photo, err = directory.ParsePhotoKey(photo); err != nil {
			return nil, fmt.Errorf("%s: %w", op, err)
		}
		if err := s.openDraft(&d); errors.Is(err, ErrSealed) {
			continue // its key has left the ring: nobody can do anything with it any more
		} else if err != nil {
			return nil, fmt.Errorf("%s: %w", op, err)
		}
		all = append(all, d)
	}
	return all, trouble(op, rows.Err())
}

func (s *Store) sealDraft(d Draft) (picture, details []byte, err error) {
	picture, err1 := s.ring.Seal(draftPlace(d, "picture"), nil, d.Picture)
	details, err2 := s.ring.Seal(draftPlace(d, "details"), nil, d.Details)
	return picture, details, errors.Join(err1, err2)
}

func (s *Store) openDraft(d *Draft) error {
	var err1, err2 error
	d.Picture, err1 = s.ring.Open(draftPlace(*d, "picture"), nil, d.Picture)
	d.Details, err2 = s.ring.Open(draftPlace(*d, "details"), nil, d.Details)
	return errors.Join(err1, err2)
}

// draftPlace binds what is sealed to its person too: a row that is given to
// somebody else doesn't open.
func draftPlace(d Draft, column string) Place {
	return Place{Table: "drafts", Row: append([]byte(d.Person), d.ID...), Column: column}
}

func millisOrZero(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return millis(t)
}

func timeOrZero(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms)
}
