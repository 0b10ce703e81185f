package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"portrait/internal/directory"
)

// SecretBytes is the length of what a cookie holds: 256 random bits.
const SecretBytes = 32

// touchEvery is how often at most a session's row is written only because the
// person did something. The idle time is that much shorter for whoever stops
// right after a click.
const touchEvery = time.Minute

// Session is one signed-in browser. Its row is found by the SHA-256 of the
// cookie's secret, and Data opens with that secret alone.
type Session struct {
	Tenant  directory.ID
	Person  directory.ID // object id
	SID     string       // the provider's session id, "" if it sends none
	Created time.Time
	Seen    time.Time
	Version int64  // of Data: 1 when made, one more with every SaveSession
	Data    []byte // at rest sealed
}

// Alive says how old a session may be: seen and created after these times.
type Alive struct {
	SeenAfter    time.Time
	CreatedAfter time.Time
}

// Lease is the right to refresh a session's tokens, held by one at a time over
// all processes.
type Lease struct {
	Holder string // random, one for each attempt
	Until  time.Time
}

// CreateSession stores session under secret, which must be SecretBytes fresh
// random bytes. Version and Seen are set by it.
func (s *Store) CreateSession(ctx context.Context, secret []byte, session Session) error {
	const op = "store.CreateSession"
	if len(secret) != SecretBytes {
		return fmt.Errorf("%s: the secret has %d bytes", op, len(secret))
	}
	id := hash(secret)
	sealed, err := s.ring.Seal(sessionData(id), secret, session.Data)
	if err != nil {
		return trouble(op, err)
	}
	_, err = s.db.ExecContext(ctx, `
		INSERT INTO sessions (id, tenant, person, sid, created, seen, version, data, refresh_holder, refresh_until)
		VALUES ($1, $2, $3, $4, $5, $5, 1, $6, '', 0)`,
		id, string(session.Tenant), string(session.Person), session.SID, millis(session.Created), sealed)
	if err != nil {
		return trouble(op, err)
	}
	return nil
}

// Session returns the session of secret. It fails with ErrNone if there is none
// or it has outlived alive, and with ErrSealed if its key has left the ring.
func (s *Store) Session(ctx context.Context, secret []byte, alive Alive) (Session, error) {
	const op = "store.Session"
	id := hash(secret)
	var session Session
	var created, seen int64
	var sealed []byte
	err := s.db.QueryRowContext(ctx, `
		SELECT tenant, person, sid, created, seen, version, data FROM sessions
		WHERE id = $1 AND seen > $2 AND created > $3`,
		id, millis(alive.SeenAfter), millis(alive.CreatedAfter),
	).Scan(&session.Tenant, &session.Person, &session.SID, &created, &seen, &session.Version, &sealed)
	if errors.Is(err, sql.ErrNoRows) {
		return Session{}, ErrNone
	}
	if err != nil {
		return Session{}, trouble(op, err)
	}
	session.Created, session.Seen = time.UnixMilli(created), time.UnixMilli(seen)
	session.Data, err = s.ring.Open(sessionData(id), secret, sealed)
	if err != nil {
		return Session{}, trouble(op, err)
	}
	return session, nil
}

// TouchSession notes that the session of secret was used at now. It writes only
// if session, as it was read, hasn't been for a minute.
func (s *Store) TouchSession(ctx context.Context, secret []byte, session Session, now time.Time) error {
	if now.Sub(session.Seen) < touchEvery {
		return nil
	}
	// The condition lets one of several requests at once write.
	_, err := s.db.ExecContext(ctx, `UPDATE sessions SET seen = $2 WHERE id = $1 AND seen <= $3`,
		hash(secret), millis(now), millis(now.Add(-touchEvery)))
	if err != nil {
		return trouble("store.TouchSession", err)
	}
	return nil
}

// LeaseSession takes the lease on the session of secret and reports whether it
// could: not if somebody else holds one that lasts beyond now, nor if the
// session is gone.
func (s *Store) LeaseSession(ctx context.Context, secret []byte, lease Lease, now time.Time) (bool, error) {
	n, err := affected(s.db.ExecContext(ctx, `
		UPDATE sessions SET refresh_holder = $2, refresh_until = $3
		WHERE id = $1 AND (refresh_holder = '' OR refresh_until <= $4)`,
		hash(secret), lease.Holder, millis(lease.Until), millis(now)))
	if err != nil {
		return false, trouble("store.LeaseSession", err)
	}
	return n == 1, nil
}

// SaveSession writes session.Data over what was read as session.Version and
// gives the lease back. holder is the lease's, or "" for a change that was made
// without one.
//
// It fails with ErrConflict if the row was changed since it was read, or
// another holds the lease by now; nothing is written then.
func (s *Store) SaveSession(ctx context.Context, secret []byte, holder string, session Session) error {
	const op = "store.SaveSession"
	id := hash(secret)
	sealed, err := s.ring.Seal(sessionData(id), secret, session.Data)
	if err != nil {
		return trouble(op, err)
	}
	n, err := affected(s.db.ExecContext(ctx, `
		UPDATE sessions SET data = $4, version = version + 1, refresh_holder = '', refresh_until = 0
		WHERE id = $1 AND version = $2 AND refresh_holder = $3`,
		id, session.Version, holder, sealed))
	if err != nil {
		return trouble(op, err)
	}
	if n == 0 {
		return fmt.Errorf("%s: %w", op, ErrConflict)
	}
	return nil
}

// ReleaseSession gives the lease back without a change. It does nothing if
// holder no longer has it.
func (s *Store) ReleaseSession(ctx context.Context, secret []byte, holder string) error {
	_, err := s.db.ExecContext(ctx, `
		UPDATE sessions SET refresh_holder = '', refresh_until = 0 WHERE id = $1 AND refresh_holder = $2`,
		hash(secret), holder)
	if err != nil {
		return trouble("store.ReleaseSession", err)
	}
	return nil
}

// EndSession deletes the session of secret, tokens included. That there is none
// is no error.
func (s *Store) EndSession(ctx context.Context, secret []byte) error {
	if _, err := s.db.ExecContext(ctx, `DELETE FROM sessions WHERE id = $1`, hash(secret)); err != nil {
		return trouble("store.EndSession", err)
	}
	return nil
}

// EndSessionsBySID deletes the sessions that belong to the provider's session
// sid and returns how many there were. An empty sid ends none.
func (s *Store) EndSessionsBySID(ctx context.Context, sid string) (int64, error) {
	if sid == "" {
		return 0, nil
	}
	n, err := affected(s.db.ExecContext(ctx, `DELETE FROM sessions WHERE sid = $1`, sid))
	if err != nil {
		return 0, trouble("store.EndSessionsBySID", err)
	}
	return n, nil
}

// SweepSessions deletes the sessions that have outlived alive and returns how
// many there were.
func (s *Store) SweepSessions(ctx context.Context, alive Alive) (int64, error) {
	n, err := affected(s.db.ExecContext(ctx, `DELETE FROM sessions WHERE seen <= $1 OR created <= $2`,
		millis(alive.SeenAfter), millis(alive.CreatedAfter)))
	if err != nil {
		return 0, trouble("store.SweepSessions", err)
	}
	return n, nil
}

func sessionData(id []byte) Place { return Place{Table: "sessions", Row: id, Column: "data"} }

// hash is how secrets stand in the database: they are random, so a plain
// SHA-256 can't be undone by guessing.
func hash(secret []byte) []byte {
	sum := sha256.Sum256(secret)
	return sum[:]
}
