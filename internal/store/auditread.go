package store

import (
	"context"
	"database/sql"
	"errors"
	"strconv"
	"strings"
	"time"

	"portrait/internal/directory"
)

// AuditView is the audit log at one moment: what others write meanwhile isn't
// in it.
type AuditView struct {
	tx    *sql.Tx
	store *Store
}

// AuditRecord is an entry with what belongs to it.
type AuditRecord struct {
	AuditRow
	Previous []byte     // the MAC of the entry before it, nil where that one isn't there
	Side     *AuditSide // nil where there is none, or where it can't be opened
	SideErr  error      // ErrSealed where it can't be opened
}

// ViewAudit calls do with the audit log as it is now. It holds up nobody who
// writes.
func (s *Store) ViewAudit(ctx context.Context, do func(v *AuditView) error) error {
	// PostgreSQL shows a transaction one moment from this isolation level on;
	// SQLite always does, and begins this one as a reader's.
	tx, err := s.db.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	if err != nil {
		return trouble("store.ViewAudit", err)
	}
	defer func() { _ = tx.Rollback() }() // nothing was written
	return do(&AuditView{tx: tx, store: s})
}

// Head returns the place and the MAC of the newest entry as they were noted when
// it was written; 0 and nothing for an empty log.
func (v *AuditView) Head(ctx context.Context) (seq int64, mac []byte, err error) {
	err = v.tx.QueryRowContext(ctx, `SELECT seq, mac FROM audit_head WHERE id = 1`).Scan(&seq, &mac)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return 0, nil, trouble("store.AuditView.Head", err)
	}
	return seq, mac, nil
}

// Mark returns the mark with this name. It fails with ErrNone.
func (v *AuditView) Mark(ctx context.Context, name string) (AuditMark, error) {
	return scanMark(v.tx.QueryRowContext(ctx, auditMark, name))
}

// AuditMark returns the mark with this name. It fails with ErrNone.
func (tx *Tx) AuditMark(ctx context.Context, name string) (AuditMark, error) {
	return scanMark(tx.tx.QueryRowContext(ctx, auditMark, name))
}

const auditMark = `SELECT name, at, seq, mac, note, key_id, signature FROM audit_marks WHERE name = $1`

func scanMark(row *sql.Row) (AuditMark, error) {
	var m AuditMark
	var at int64
	err := row.Scan(&m.Name, &at, &m.Seq, &m.MAC, &m.Note, &m.KeyID, &m.Signature)
	m.At = time.UnixMilli(at)
	if errors.Is(err, sql.ErrNoRows) {
		return m, ErrNone
	}
	if err != nil {
		return m, trouble("store.AuditMark", err)
	}
	return m, nil
}

// AuditFilter chooses entries. What is zero doesn't narrow the choice.
type AuditFilter struct {
	Tenant  directory.ID
	Person  directory.ID // who acted
	Owner   directory.ID // of the photo: a user, a group or a mailbox
	Action  string
	Outcome string
	From    time.Time
	To      time.Time // not included
	Before  int64     // a place in the log, not included
	After   int64     // likewise
}

// where returns the condition and the values in it.
func (f AuditFilter) where() (string, []any) {
	var conditions []string
	var values []any
	add := func(column, relation string, value any) {
		values = append(values, value)
		conditions = append(conditions, column+" "+relation+" $"+strconv.Itoa(len(values)))
	}
	for _, text := range [][2]string{
		{"l.tenant", string(f.Tenant)}, {"l.person", string(f.Person)}, {"l.photo_owner", string(f.Owner)},
		{"l.action", f.Action}, {"l.outcome", f.Outcome},
	} {
		if text[1] != "" {
			add(text[0], "=", text[1])
		}
	}
	if !f.From.IsZero() {
		add("l.at", ">=", millis(f.From))
	}
	if !f.To.IsZero() {
		add("l.at", "<", millis(f.To))
	}
	if f.Before != 0 {
		add("l.seq", "<", f.Before)
	}
	if f.After != 0 {
		add("l.seq", ">", f.After)
	}
	if len(conditions) == 0 {
		return "", nil
	}
	return "WHERE " + strings.Join(conditions, " AND "), values
}

// Newest calls do with at most limit of the entries that f chooses, newest
// first, until it returns an error, which Newest returns.
func (v *AuditView) Newest(ctx context.Context, f AuditFilter, limit int, do func(AuditRecord) error) error {
	where, values := f.where()
	return v.records(ctx, where+` ORDER BY l.seq DESC LIMIT `+strconv.Itoa(limit), values, do)
}

// Oldest calls do with all the entries that f chooses, oldest first, as Newest
// does.
func (v *AuditView) Oldest(ctx context.Context, f AuditFilter, do func(AuditRecord) error) error {
	where, values := f.where()
	return v.records(ctx, where+` ORDER BY l.seq`, values, do)
}

func (v *AuditView) records(ctx context.Context, rest string, values []any, do func(AuditRecord) error) error {
	const op = "store.AuditView"
	// #nosec G202 -- rest is made of constants and numbers here, values are parameters
	rows, err := v.tx.QueryContext(ctx, `
		SELECT `+auditColumns+`, p.mac, s.salt, s.data FROM audit_log l
		LEFT JOIN audit_log p ON p.seq = l.seq - 1 LEFT JOIN audit_sides s ON s.seq = l.seq `+rest, values...)
	if err != nil {
		return trouble(op, err)
	}
	defer rows.Close() // Err below says what there is to say
	for rows.Next() {
		r, err := v.scan(rows)
		if err != nil {
			return trouble(op, err)
		}
		if err := do(r); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return trouble(op, err)
	}
	return nil
}

// scan reads an entry and opens what stands beside it.
func (v *AuditView) scan(rows *sql.Rows) (AuditRecord, error) {
	var r AuditRecord
	var previous, salt, sealed []byte
	row, err := scanAudit(rows, &previous, &salt, &sealed)
	if err != nil {
		return r, err
	}
	r.AuditRow, r.Previous = row, previous
	if salt == nil && sealed == nil {
		return r, nil
	}
	data, err := v.store.ring.Open(auditSide(r.Seq), nil, sealed)
	if err != nil {
		r.SideErr = err
		return r, nil
	}
	r.Side = &AuditSide{Salt: salt, Data: data}
	return r, nil
}
