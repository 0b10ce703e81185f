package store

import (
	"context"
	"time"

	"portrait/internal/directory"
)

// Forget deletes what is kept of a person who has left: their sessions, what they
// haven't finished, the earlier photos of them and of their contacts, and what they
// would be told. It writes evidence of that in the same transaction and returns it.
//
// What batches have replaced goes with the batch, by its age; the audit log has an
// Erase of its own.
func (s *Store) Forget(ctx context.Context, tenant, person directory.ID, now time.Time) ([]Purge, error) {
	own, contacts := directory.UserPhoto(tenant, person), directory.ContactPhoto(tenant, person, "")
	of := `(photo = $2 OR photo LIKE $3)` // object ids have nothing in them that LIKE would take for a pattern
	var done []Purge
	err := s.Tx(ctx, func(tx *Tx) error {
		done = nil
		for _, d := range []struct {
			what, query string
			args        []any
		}{
			{"sessions", `DELETE FROM sessions WHERE tenant = $1 AND person = $2`, []any{string(own.Tenant), string(own.Owner)}},
			{"told", `DELETE FROM told WHERE tenant = $1 AND person = $2`, []any{string(own.Tenant), string(own.Owner)}},
			{"drafts", `DELETE FROM drafts WHERE tenant = $1 AND (person = $4 OR ` + of + `)`, []any{string(own.Tenant), own.String(), contacts.String() + "%", string(own.Owner)}},
			{"history", `DELETE FROM history WHERE tenant = $1 AND ` + of, []any{string(own.Tenant), own.String(), contacts.String() + "%"}},
		} {
			n, err := affected(tx.tx.ExecContext(ctx, d.query, d.args...))
			if err != nil {
				return trouble("store.Forget", err)
			}
			p := Purge{At: now, What: d.what, Deleted: n, Older: now}
			if n == 0 {
				continue
			}
			if err := tx.AddPurge(ctx, p); err != nil {
				return err
			}
			done = append(done, p)
		}
		return nil
	})
	return done, err
}
