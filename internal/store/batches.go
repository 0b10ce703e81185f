package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"portrait/internal/directory"
)

// BatchState is where a batch stands.
type BatchState string

// The states of a batch.
const (
	BatchOpen      BatchState = "open"      // files are dropped, matched and reviewed
	BatchWaiting   BatchState = "waiting"   // for the approval of a second person; may be changed, which voids it
	BatchRunning   BatchState = "running"   // items are worked
	BatchPaused    BatchState = "paused"    // by somebody, or see Note
	BatchDone      BatchState = "done"      // every item has ended
	BatchCancelled BatchState = "cancelled" // items that hadn't begun never will
)

// Batch is a change of many photos, without its items.
type Batch struct {
	ID          string
	Tenant      directory.ID
	Author      directory.ID // who made it
	State       BatchState
	Title       string
	Reason      string
	Note        []byte // why it is paused, as the caller wrote it
	OnlyMissing bool   // skip people who have a photo
	DryRun      bool   // change nothing
	Parent      string // the batch that this one rolls back, "" = none
	SpoolKey    []byte // of the zip in the spool, nil = there is none

	Approver     directory.ID // "" = nobody yet
	Approved     time.Time
	ApprovedPlan []byte // the hash of what was approved

	Created, Changed, Started, Ended, Purged time.Time // zero = not yet
	PurgedItems                              int64
}

// NewBatchID returns a random id of 130 bits, in small letters and digits.
func NewBatchID() string { return strings.ToLower(rand.Text()) }

const batchColumns = `id, tenant, author, state, title, reason, note, only_missing, dry_run, parent, spool_key,
	approver, approved, approved_plan, created, changed, started, ended, purged, purged_items`

// CreateBatch stores b, which is open and has no items, under its ID.
func (s *Store) CreateBatch(ctx context.Context, b Batch) error {
	return s.Tx(ctx, func(tx *Tx) error { return tx.CreateBatch(ctx, b) })
}

// CreateBatch is Store's, in a transaction.
func (tx *Tx) CreateBatch(ctx context.Context, b Batch) error {
	const op = "store.CreateBatch"
	if b.ID == "" {
		return fmt.Errorf("%s: an id is needed", op)
	}
	sealed, err := tx.store.sealBatch(b)
	if err != nil {
		return trouble(op, err)
	}
	_, err = tx.tx.ExecContext(ctx, `
		INSERT INTO batches (`+batchColumns+`)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, '', 0, $12, $13, $13, 0, 0, 0, 0)`,
		b.ID, string(b.Tenant), string(b.Author), string(BatchOpen), sealed["title"], sealed["reason"], sealed["note"],
		flag(b.OnlyMissing), flag(b.DryRun), b.Parent, sealed["spool_key"], []byte{}, millis(b.Created))
	if err != nil {
		return trouble(op, err)
	}
	return nil
}

// sealBatch returns the sealed columns of b.
func (s *Store) sealBatch(b Batch) (map[string][]byte, error) {
	sealed := map[string][]byte{}
	for column, plain := range map[string][]byte{"title": []byte(b.Title), "reason": []byte(b.Reason), "note": b.Note, "spool_key": b.SpoolKey} {
		data, err := s.ring.Seal(batchPlace(b.ID, column), nil, plain)
		if err != nil {
			return nil, err
		}
		sealed[column] = data
	}
	return sealed, nil
}

// Batch returns the batch of tenant with the given id. It fails with ErrNone.
func (s *Store) Batch(ctx context.Context, tenant directory.ID, id string) (Batch, error) {
	return s.batch(ctx, s.db, tenant, id)
}

// Batch is Store's, in a transaction.
func (tx *Tx) Batch(ctx context.Context, tenant directory.ID, id string) (Batch, error) {
	return tx.store.batch(ctx, tx.tx, tenant, id)
}

func (s *Store) batch(ctx context.Context, in querier, tenant directory.ID, id string) (Batch, error) {
	const op = "store.Batch"
	row := in.QueryRowContext(ctx, `SELECT `+batchColumns+` FROM batches WHERE id = $1 AND tenant = $2`, id, string(tenant))
	b, err := s.scanBatch(row)
	if errors.Is(err, sql.ErrNoRows) {
		return Batch{}, ErrNone
	}
	if err != nil {
		return Batch{}, trouble(op, err)
	}
	return b, nil
}

// Batches returns at most limit batches of tenant that were created before
// then, the newest first.
func (s *Store) Batches(ctx context.Context, tenant directory.ID, before time.Time, limit int) ([]Batch, error) {
	const op = "store.Batches"
	rows, err := s.db.QueryContext(ctx, `
		SELECT `+batchColumns+` FROM batches WHERE tenant = $1 AND created < $2 ORDER BY created DESC, id LIMIT $3`,
		string(tenant), millis(before), limit)
	if err != nil {
		return nil, trouble(op, err)
	}
	defer rows.Close() // Err says whether all were read
	var all []Batch
	for rows.Next() {
		b, err := s.scanBatch(rows)
		if err != nil {
			return nil, trouble(op, err)
		}
		all = append(all, b)
	}
	if err := rows.Err(); err != nil {
		return nil, trouble(op, err)
	}
	return all, nil
}

// scanBatch reads batchColumns.
func (s *Store) scanBatch(row interface{ Scan(...any) error }) (Batch, error) {
	var b Batch
	var title, reason, note, key []byte
	var onlyMissing, dryRun, approved, created, changed, started, ended, purged int64
	err := row.Scan(&b.ID, &b.Tenant, &b.Author, &b.State, &title, &reason, &note, &onlyMissing, &dryRun, &b.Parent, &key,
		&b.Approver, &approved, &b.ApprovedPlan, &created, &changed, &started, &ended, &purged, &b.PurgedItems)
	if err != nil {
		return Batch{}, err
	}
	for column, sealed := range map[string]*[]byte{"title": &title, "reason": &reason, "note": &note, "spool_key": &key} {
		if *sealed, err = s.ring.Open(batchPlace(b.ID, column), nil, *sealed); err != nil {
			return Batch{}, err
		}
	}
	b.Title, b.Reason, b.Note, b.SpoolKey = string(title), string(reason), note, key
	b.OnlyMissing, b.DryRun = onlyMissing == 1, dryRun == 1
	b.Approved, b.Created, b.Changed = timeOf(approved), timeOf(created), timeOf(changed)
	b.Started, b.Ended, b.Purged = timeOf(started), timeOf(ended), timeOf(purged)
	return b, nil
}

// EditBatch writes b's Title, Reason, OnlyMissing, DryRun and SpoolKey while
// nothing runs yet. What was approved before isn't any more, if it matters.
//
// It fails with ErrConflict if the batch runs, has ended, or is gone.
func (s *Store) EditBatch(ctx context.Context, b Batch, now time.Time) error {
	const op = "store.EditBatch"
	sealed, err := s.sealBatch(b)
	if err != nil {
		return trouble(op, err)
	}
	return changedOne(op)(s.db.ExecContext(ctx, `
		UPDATE batches SET title = $2, reason = $3, only_missing = $4, dry_run = $5, spool_key = $6, changed = $7
		WHERE id = $1 AND state IN ('open', 'waiting')`,
		b.ID, sealed["title"], sealed["reason"], flag(b.OnlyMissing), flag(b.DryRun), sealed["spool_key"], millis(now)))
}

// MoveBatch changes the state of a batch from one of from to another that
// doesn't end it, with a note why.
//
// It fails with ErrConflict if the batch is in another state, or gone.
func (tx *Tx) MoveBatch(ctx context.Context, id string, from []BatchState, to BatchState, note []byte, now time.Time) error {
	const op = "store.MoveBatch"
	if to == BatchDone || to == BatchCancelled {
		return fmt.Errorf("%s: %s is EndBatch's", op, to)
	}
	sealed, err := tx.store.ring.Seal(batchPlace(id, "note"), nil, note)
	if err != nil {
		return trouble(op, err)
	}
	var states [3]BatchState // as many as there are that a batch can be moved from at once
	if copy(states[:], from) < len(from) {
		return fmt.Errorf("%s: from %d states", op, len(from))
	}
	return changedOne(op)(tx.tx.ExecContext(ctx, `
		UPDATE batches SET state = $2, note = $3, changed = $4,
			started = CASE WHEN started = 0 AND $2 = 'running' THEN $4 ELSE started END
		WHERE id = $1 AND state IN ($5, $6, $7)`,
		id, string(to), sealed, millis(now), string(states[0]), string(states[1]), string(states[2])))
}

func batchPlace(id, column string) Place {
	return Place{Table: "batches", Row: []byte(id), Column: column}
}

// querier is the database, or a transaction.
type querier interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// changedOne turns the result of a statement that must change one row into an
// error: ErrConflict if it changed none.
func changedOne(op string) func(sql.Result, error) error {
	return func(result sql.Result, err error) error {
		switch n, err := affected(result, err); {
		case err != nil:
			return trouble(op, err)
		case n == 0:
			return fmt.Errorf("%s: %w", op, ErrConflict)
		}
		return nil
	}
}

// flag is a bool as the database keeps it.
func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// timeOf is the time of a column in which 0 means that it hasn't come.
func timeOf(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms)
}
