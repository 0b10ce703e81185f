package store

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"time"

	"portrait/internal/directory"
)

// AuditRow is one entry of the audit log as the database keeps it. Everything
// but MAC is under the MAC; see internal/audit for what the fields mean.
type AuditRow struct {
	Seq           int64 // from 1, without gaps
	At            time.Time
	Tenant        directory.ID
	Person        directory.ID
	Role          directory.Role
	Proof         string
	As            string
	Photo         directory.PhotoKey
	Action        string
	Outcome       string
	Code          string
	Old, New      string
	GraphRequest  string
	ClientRequest string
	Request       string
	Item          string
	SideHash      []byte
	KeyID         string
	MAC           []byte
}

// AuditSide is what stands beside an entry and can be erased. At rest Data is
// sealed for its row.
type AuditSide struct {
	Salt []byte
	Data []byte
}

// AuditMark is a signed statement about a place in the audit log. There is one
// of each name at most.
type AuditMark struct {
	Name      string
	At        time.Time
	Seq       int64
	MAC       []byte // of the entry Seq
	Note      string
	KeyID     string
	Signature []byte
}

const auditColumns = `l.seq, l.at, l.tenant, l.person, l.role, l.proof, l.acted_as,
	l.photo_tenant, l.photo_kind, l.photo_owner, l.photo_item, l.action, l.outcome, l.code, l.old_hash, l.new_hash,
	l.graph_request, l.client_request, l.request, l.item, l.side_hash, l.key_id, l.mac`

// NextAudit takes the next place in the audit log and returns it with the MAC of
// the entry before it. Until the transaction ends nobody else, on any replica,
// can: what else a transaction locks, it should lock before. AddAudit must
// follow.
func (tx *Tx) NextAudit(ctx context.Context) (seq int64, previous []byte, err error) {
	err = tx.tx.QueryRowContext(ctx, `UPDATE audit_head SET seq = seq + 1 WHERE id = 1 RETURNING seq, mac`).Scan(&seq, &previous)
	if err != nil {
		return 0, nil, trouble("store.NextAudit", err)
	}
	return seq, previous, nil
}

// AddAudit writes row, with side beside it, at the place that NextAudit gave.
func (tx *Tx) AddAudit(ctx context.Context, row AuditRow, side AuditSide) error {
	const op = "store.AddAudit"
	sealed, err := tx.store.ring.Seal(auditSide(row.Seq), nil, side.Data)
	if err != nil {
		return trouble(op, err)
	}
	_, err = tx.tx.ExecContext(ctx, `
		INSERT INTO audit_log (seq, at, tenant, person, role, proof, acted_as, photo_tenant, photo_kind, photo_owner, photo_item,
			action, outcome, code, old_hash, new_hash, graph_request, client_request, request, item, side_hash, key_id, mac)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23)`,
		row.Seq, millis(row.At), string(row.Tenant), string(row.Person), string(row.Role), row.Proof, row.As,
		string(row.Photo.Tenant), string(row.Photo.Kind), string(row.Photo.Owner), string(row.Photo.Item),
		row.Action, row.Outcome, row.Code, row.Old, row.New,
		row.GraphRequest, row.ClientRequest, row.Request, row.Item, row.SideHash, row.KeyID, row.MAC)
	if err != nil {
		return trouble(op, err)
	}
	_, err = tx.tx.ExecContext(ctx, `INSERT INTO audit_sides (seq, salt, data) VALUES ($1, $2, $3)`, row.Seq, side.Salt, sealed)
	if err != nil {
		return trouble(op, err)
	}
	if _, err = tx.tx.ExecContext(ctx, `UPDATE audit_head SET mac = $1 WHERE id = 1`, row.MAC); err != nil {
		return trouble(op, err)
	}
	return nil
}

// EraseAuditSides deletes what stands beside the entries in which person acted,
// or a photo of theirs was changed or looked at, and returns how many there
// were.
func (tx *Tx) EraseAuditSides(ctx context.Context, tenant, person directory.ID) (int64, error) {
	n, err := affected(tx.tx.ExecContext(ctx, `
		DELETE FROM audit_sides WHERE seq IN (
			SELECT seq FROM audit_log WHERE tenant = $1 AND person = $2
			UNION ALL SELECT seq FROM audit_log WHERE photo_tenant = $1 AND photo_owner = $2)`,
		string(tenant), string(person)))
	if err != nil {
		return 0, trouble("store.EraseAuditSides", err)
	}
	return n, nil
}

// PurgeAudit deletes the entries up to through, with what stands beside them,
// and returns how many there were.
func (tx *Tx) PurgeAudit(ctx context.Context, through int64) (int64, error) {
	const op = "store.PurgeAudit"
	if _, err := tx.tx.ExecContext(ctx, `DELETE FROM audit_sides WHERE seq <= $1`, through); err != nil {
		return 0, trouble(op, err)
	}
	n, err := affected(tx.tx.ExecContext(ctx, `DELETE FROM audit_log WHERE seq <= $1`, through))
	if err != nil {
		return 0, trouble(op, err)
	}
	return n, nil
}

// LastAuditBefore returns the newest entry such that it and all before it are
// older than before. It fails with ErrNone.
func (tx *Tx) LastAuditBefore(ctx context.Context, before time.Time) (AuditRow, error) {
	// Clocks of replicas differ: the first entry that is young enough stays, and
	// so does everything after it.
	row, err := scanAudit(tx.tx.QueryRowContext(ctx, `
		SELECT `+auditColumns+` FROM audit_log l
		WHERE l.seq < COALESCE((SELECT MIN(seq) FROM audit_log WHERE at >= $1), 9223372036854775807)
		ORDER BY l.seq DESC LIMIT 1`, millis(before)))
	if errors.Is(err, sql.ErrNoRows) {
		return row, ErrNone
	}
	if err != nil {
		return row, trouble("store.LastAuditBefore", err)
	}
	return row, nil
}

// SetAuditMark puts m in the place of the mark with its name.
func (tx *Tx) SetAuditMark(ctx context.Context, m AuditMark) error {
	_, err := tx.tx.ExecContext(ctx, `
		INSERT INTO audit_marks (name, at, seq, mac, note, key_id, signature) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (name) DO UPDATE SET at = $2, seq = $3, mac = $4, note = $5, key_id = $6, signature = $7`,
		m.Name, millis(m.At), m.Seq, m.MAC, m.Note, m.KeyID, m.Signature)
	if err != nil {
		return trouble("store.SetAuditMark", err)
	}
	return nil
}

// auditSide is where the side row of the entry seq stands.
func auditSide(seq int64) Place {
	row := binary.BigEndian.AppendUint64(nil, uint64(seq)) // #nosec G115 -- counts from 1
	return Place{Table: "audit_sides", Row: row, Column: "data"}
}

// scanner is a row of one column list, from whatever query.
type scanner interface{ Scan(into ...any) error }

// scanAudit reads auditColumns, and into more what follows them.
func scanAudit(row scanner, more ...any) (AuditRow, error) {
	var r AuditRow
	var at int64
	err := row.Scan(append([]any{
		&r.Seq, &at, &r.Tenant, &r.Person, &r.Role, &r.Proof, &r.As,
		&r.Photo.Tenant, &r.Photo.Kind, &r.Photo.Owner, &r.Photo.Item, &r.Action, &r.Outcome, &r.Code, &r.Old, &r.New,
		&r.GraphRequest, &r.ClientRequest, &r.Request, &r.Item, &r.SideHash, &r.KeyID, &r.MAC,
	}, more...)...)
	r.At = time.UnixMilli(at)
	return r, err
}
