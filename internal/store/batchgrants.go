package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"portrait/internal/directory"
)

// Grant is what a batch acts with, apart from any session: who let it run, and
// how their role is proven again and again.
type Grant struct {
	Person  directory.ID // object id of who pressed Run or Resume
	Data    []byte       // the refresh token and what goes with it; at rest sealed
	Proof   time.Time    // of the newest ID token with the role
	Version int64        // of Data: 1 when made, one more with every SaveGrant
}

// SetGrant stores g for batch in place of what is there, and of any lease on
// it.
func (tx *Tx) SetGrant(ctx context.Context, batch string, g Grant) error {
	const op = "store.SetGrant"
	sealed, err := tx.store.ring.Seal(grantPlace(batch), nil, g.Data)
	if err != nil {
		return trouble(op, err)
	}
	_, err = tx.tx.ExecContext(ctx, `
		INSERT INTO batch_grants (batch, person, data, proof, version, holder, until) VALUES ($1, $2, $3, $4, 1, '', 0)
		ON CONFLICT (batch) DO UPDATE SET person = excluded.person, data = excluded.data, proof = excluded.proof,
			version = batch_grants.version + 1, holder = '', until = 0`,
		batch, string(g.Person), sealed, millis(g.Proof))
	if err != nil {
		return trouble(op, err)
	}
	return nil
}

// Grant returns what batch acts with. It fails with ErrNone if there is
// nothing, and with ErrSealed if its key has left the ring.
func (s *Store) Grant(ctx context.Context, batch string) (Grant, error) {
	const op = "store.Grant"
	var g Grant
	var proof int64
	var sealed []byte
	err := s.db.QueryRowContext(ctx, `SELECT person, data, proof, version FROM batch_grants WHERE batch = $1`, batch).
		Scan(&g.Person, &sealed, &proof, &g.Version)
	if errors.Is(err, sql.ErrNoRows) {
		return Grant{}, ErrNone
	}
	if err != nil {
		return Grant{}, trouble(op, err)
	}
	g.Proof = timeOf(proof)
	if g.Data, err = s.ring.Open(grantPlace(batch), nil, sealed); err != nil {
		return Grant{}, trouble(op, err)
	}
	return g, nil
}

// HasGrant reports whether batch has something to act with.
func (tx *Tx) HasGrant(ctx context.Context, batch string) (bool, error) {
	var n int64
	if err := tx.tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM batch_grants WHERE batch = $1`, batch).Scan(&n); err != nil {
		return false, trouble("store.HasGrant", err)
	}
	return n == 1, nil
}

// LeaseGrant takes the lease on renewing the grant of batch and reports whether
// it could, as LeaseSession does: a refresh token can be spent once.
func (s *Store) LeaseGrant(ctx context.Context, batch string, lease Lease, now time.Time) (bool, error) {
	n, err := affected(s.db.ExecContext(ctx, `
		UPDATE batch_grants SET holder = $2, until = $3 WHERE batch = $1 AND (holder = '' OR until <= $4)`,
		batch, lease.Holder, millis(lease.Until), millis(now)))
	if err != nil {
		return false, trouble("store.LeaseGrant", err)
	}
	return n == 1, nil
}

// SaveGrant writes g.Data and g.Proof over what was read as g.Version and gives
// the lease of holder back.
//
// It fails with ErrConflict if the grant was changed or dropped since it was
// read, or another holds the lease by now; nothing is written then.
func (s *Store) SaveGrant(ctx context.Context, batch, holder string, g Grant) error {
	const op = "store.SaveGrant"
	sealed, err := s.ring.Seal(grantPlace(batch), nil, g.Data)
	if err != nil {
		return trouble(op, err)
	}
	return changedOne(op)(s.db.ExecContext(ctx, `
		UPDATE batch_grants SET data = $4, proof = $5, version = version + 1, holder = '', until = 0
		WHERE batch = $1 AND version = $2 AND holder = $3`,
		batch, g.Version, holder, sealed, millis(g.Proof)))
}

// ReleaseGrant gives the lease back without a change. It does nothing if holder
// no longer has it.
func (s *Store) ReleaseGrant(ctx context.Context, batch, holder string) error {
	_, err := s.db.ExecContext(ctx, `UPDATE batch_grants SET holder = '', until = 0 WHERE batch = $1 AND holder = $2`, batch, holder)
	if err != nil {
		return trouble("store.ReleaseGrant", err)
	}
	return nil
}

// DropGrant deletes what batch acts with. That there is nothing is no error.
func (tx *Tx) DropGrant(ctx context.Context, batch string) error {
	if _, err := tx.tx.ExecContext(ctx, `DELETE FROM batch_grants WHERE batch = $1`, batch); err != nil {
		return trouble("store.DropGrant", err)
	}
	return nil
}

func grantPlace(batch string) Place {
	return Place{Table: "batch_grants", Row: []byte(batch), Column: "data"}
}
