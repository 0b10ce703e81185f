package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// MaxFlows is how many sign-ins one browser can have under way, so that a page
// that starts them over and over fills no table. The oldest gives way.
const MaxFlows = 20

// Flow is a sign-in that was begun and not yet finished. It belongs to the
// browser that began it.
type Flow struct {
	Created time.Time
	Data    []byte // at rest sealed with the browser's secret
}

// CreateFlow stores a flow under state, for the browser whose cookie holds the
// secret browser (SecretBytes random bytes).
func (s *Store) CreateFlow(ctx context.Context, state string, browser []byte, flow Flow) error {
	const op = "store.CreateFlow"
	if state == "" || len(browser) != SecretBytes {
		return fmt.Errorf("%s: a state and %d bytes of secret are needed", op, SecretBytes)
	}
	id, owner := hash([]byte(state)), hash(browser)
	sealed, err := s.ring.Seal(flowData(id), browser, flow.Data)
	if err != nil {
		return trouble(op, err)
	}
	end, err := s.db.turn(ctx)
	if err != nil {
		return trouble(op, err)
	}
	defer end()
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return trouble(op, err)
	}
	defer tx.Rollback() // after Commit there is nothing to undo
	if _, err := tx.ExecContext(ctx, `
		DELETE FROM flows WHERE browser = $1 AND id NOT IN (
			SELECT id FROM flows WHERE browser = $1 ORDER BY created DESC LIMIT $2)`,
		owner, MaxFlows-1); err != nil {
		return trouble(op, err)
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO flows (id, browser, created, data) VALUES ($1, $2, $3, $4)`,
		id, owner, millis(flow.Created), sealed); err != nil {
		return trouble(op, err)
	}
	if err := tx.Commit(); err != nil {
		return trouble(op, err)
	}
	return nil
}

// TakeFlow returns the flow of state and deletes it: of several that ask at
// once, one gets it. Another browser than the one that began it doesn't, and
// doesn't use it up either.
//
// It fails with ErrNone if there is none, it is another browser's, it was taken
// before, or it was created at createdAfter or earlier.
func (s *Store) TakeFlow(ctx context.Context, state string, browser []byte, createdAfter time.Time) (Flow, error) {
	const op = "store.TakeFlow"
	id := hash([]byte(state))
	var created int64
	var sealed []byte
	err := s.db.QueryRowContext(ctx, `
		DELETE FROM flows WHERE id = $1 AND browser = $2 RETURNING created, data`,
		id, hash(browser)).Scan(&created, &sealed)
	if errors.Is(err, sql.ErrNoRows) {
		return Flow{}, ErrNone
	}
	if err != nil {
		return Flow{}, trouble(op, err)
	}
	flow := Flow{Created: time.UnixMilli(created)}
	if !flow.Created.After(createdAfter) {
		return Flow{}, ErrNone
	}
	flow.Data, err = s.ring.Open(flowData(id), browser, sealed)
	if err != nil {
		return Flow{}, trouble(op, err)
	}
	return flow, nil
}

// SweepFlows deletes the flows created at createdAfter or earlier and returns
// how many there were.
func (s *Store) SweepFlows(ctx context.Context, createdAfter time.Time) (int64, error) {
	n, err := affected(s.db.ExecContext(ctx, `DELETE FROM flows WHERE created <= $1`, millis(createdAfter)))
	if err != nil {
		return 0, trouble("store.SweepFlows", err)
	}
	return n, nil
}

func flowData(id []byte) Place { return Place{Table: "flows", Row: id, Column: "data"} }
