package store

import (
	"context"
	"crypto/rand"
	"time"

	"portrait/internal/directory"
)

// Told is what a person must be told: somebody else changed their photo.
type Told struct {
	ID      string // random
	Tenant  directory.ID
	Person  directory.ID // object id of whose photo it is
	Act     string       // what was done
	ETag    string       // hexadecimal SHA-256 of the photo that was set, "" = removed
	Past    string       // Past.ID of what was there, "" = nothing was
	Changed time.Time
	Until   time.Time // can be undone until then
}

// AddTold stores t, whose ID is given by it. It takes the place of what the
// person hasn't been told yet: only the last change can be undone.
func (tx *Tx) AddTold(ctx context.Context, t Told) error {
	const op = "store.AddTold"
	if _, err := tx.tx.ExecContext(ctx, `DELETE FROM told WHERE tenant = $1 AND person = $2`, string(t.Tenant), string(t.Person)); err != nil {
		return trouble(op, err)
	}
	_, err := tx.tx.ExecContext(ctx, `
		INSERT INTO told (id, tenant, person, act, etag, past, changed, until) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		rand.Text(), string(t.Tenant), string(t.Person), t.Act, t.ETag, t.Past, millis(t.Changed), millis(t.Until))
	return trouble(op, err)
}

// ToldTo returns what person must be told at the time now.
func (s *Store) ToldTo(ctx context.Context, tenant, person directory.ID, now time.Time) ([]Told, error) {
	const op = "store.ToldTo"
	rows, err := s.db.QueryContext(ctx, `SELECT id, act, etag, past, changed, until FROM told
		WHERE tenant = $1 AND person = $2 AND until > $3 ORDER BY changed DESC`, string(tenant), string(person), millis(now))
	if err != nil {
		return nil, trouble(op, err)
	}
	defer rows.Close() // read to the end below
	var all []Told
	for rows.Next() {
		t := Told{Tenant: tenant, Person: person}
		var changed, until int64
		if err := rows.Scan(&t.ID, &t.Act, &t.ETag, &t.Past, &changed, &until); err != nil {
			return nil, trouble(op, err)
		}
		t.Changed, t.Until = time.UnixMilli(changed), time.UnixMilli(until)
		all = append(all, t)
	}
	return all, trouble(op, rows.Err())
}

// DeleteTold forgets what person was told; id "" stands for all of it.
func (tx *Tx) DeleteTold(ctx context.Context, tenant, person directory.ID, id string) error {
	_, err := tx.tx.ExecContext(ctx, `DELETE FROM told WHERE tenant = $1 AND person = $2 AND ($3 = '' OR id = $3)`, string(tenant), string(person), id)
	return trouble("store.DeleteTold", err)
}
