package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"portrait/internal/directory"
)

// Export is the photos of some people, handed out in parts.
type Export struct {
	ID       string
	Tenant   directory.ID
	Author   directory.ID // who made it
	Reason   string
	Whose    []byte // the selection, as the caller wrote it
	People   int64
	Part     int64        // people in each part, but for the last
	Plan     []byte       // hash of who they are, in order, and the reason
	Approver directory.ID // "" = nobody yet
	Approved time.Time    // zero = not yet
	Created  time.Time
	Until    time.Time // it can't be downloaded after that
}

// Parts is how many parts x has.
func (x Export) Parts() int64 { return (x.People + x.Part - 1) / x.Part }

const exportColumns = `id, tenant, author, reason, whose, people, part, plan, approver, approved, created, until`

// CreateExport writes x, which nobody has approved, and whose photos it is. Its
// People and Plan follow from those.
func (tx *Tx) CreateExport(ctx context.Context, x Export, people []directory.ID) error {
	const op = "store.CreateExport"
	reason, err := tx.store.ring.Seal(exportPlace(x.ID, "reason"), nil, []byte(x.Reason))
	if err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	whose, err := tx.store.ring.Seal(exportPlace(x.ID, "whose"), nil, x.Whose)
	if err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	_, err = tx.tx.ExecContext(ctx, `
		INSERT INTO exports (`+exportColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, '', 0, $9, $10)`,
		x.ID, string(x.Tenant), string(x.Author), reason, whose, len(people), x.Part, x.Plan, millis(x.Created), millis(x.Until))
	if err != nil {
		return trouble(op, err)
	}
	const atOnce = 500 // rows of a statement
	for n := 0; n < len(people); n += atOnce {
		var rows []string
		args := []any{x.ID}
		for i, id := range people[n:min(n+atOnce, len(people))] {
			rows = append(rows, "($1, $"+strconv.Itoa(len(args)+1)+", $"+strconv.Itoa(len(args)+2)+")")
			args = append(args, n+i+1, string(id))
		}
		// #nosec G202 -- what is put in are the parameters' numbers
		if _, err := tx.tx.ExecContext(ctx, `INSERT INTO export_people (export, n, person) VALUES `+strings.Join(rows, ", "), args...); err != nil {
			return trouble(op, err)
		}
	}
	return nil
}

// Export returns the export of tenant with the given id. It fails with ErrNone.
func (s *Store) Export(ctx context.Context, tenant directory.ID, id string) (Export, error) {
	x, err := s.readExport(s.db.QueryRowContext(ctx, `SELECT `+exportColumns+` FROM exports WHERE id = $1 AND tenant = $2`, id, string(tenant)))
	if errors.Is(err, sql.ErrNoRows) {
		return Export{}, ErrNone
	}
	return x, trouble("store.Export", err)
}

// Exports returns at most limit exports of tenant, the newest first.
func (s *Store) Exports(ctx context.Context, tenant directory.ID, limit int) ([]Export, error) {
	const op = "store.Exports"
	rows, err := s.db.QueryContext(ctx, `SELECT `+exportColumns+` FROM exports WHERE tenant = $1 ORDER BY created DESC, id LIMIT $2`, string(tenant), limit)
	if err != nil {
		return nil, trouble(op, err)
	}
	defer rows.Close() // Err says whether all were read
	var all []Export
	for rows.Next() {
		x, err := s.readExport(rows)
		if err != nil {
			return nil, trouble(op, err)
		}
		all = append(all, x)
	}
	return all, trouble(op, rows.Err())
}

// readExport reads exportColumns.
func (s *Store) readExport(row interface{ Scan(...any) error }) (Export, error) {
	var x Export
	var reason, whose []byte
	var approved, created, until int64
	err := row.Scan(&x.ID, &x.Tenant, &x.Author, &reason, &whose, &x.People, &x.Part, &x.Plan, &x.Approver, &approved, &created, &until)
	if err != nil {
		return Export{}, err
	}
	plain, err := s.ring.Open(exportPlace(x.ID, "reason"), nil, reason)
	if err != nil {
		return Export{}, err
	}
	x.Reason = string(plain)
	if x.Whose, err = s.ring.Open(exportPlace(x.ID, "whose"), nil, whose); err != nil {
		return Export{}, err
	}
	x.Approved, x.Created, x.Until = timeOf(approved), timeOf(created), timeOf(until)
	return x, nil
}

// ApproveExport notes, within tx, that approver approves of the export with the
// plan that they were shown.
//
// It fails with ErrOwnPlan for its author, and with ErrConflict if it is another
// plan, was approved already, has run out at now, or there is none.
func (tx *Tx) ApproveExport(ctx context.Context, x Export, approver directory.ID, plan []byte, now time.Time) error {
	if approver == "" || approver == x.Author {
		return ErrOwnPlan
	}
	return changedOne("store.ApproveExport")(tx.tx.ExecContext(ctx, `
		UPDATE exports SET approver = $3, approved = $4 WHERE id = $1 AND tenant = $2 AND approver = '' AND plan = $5 AND until > $4`,
		x.ID, string(x.Tenant), string(approver), millis(now), plan))
}

// ExportPeople returns whose photos are in a part of an export, from 1, in their
// order.
func (s *Store) ExportPeople(ctx context.Context, x Export, part int64) ([]directory.ID, error) {
	all, err := ids(ctx, s.db, "store.ExportPeople", `
		SELECT person FROM export_people WHERE export = $1 AND n > $2 AND n <= $3 ORDER BY n`, x.ID, (part-1)*x.Part, part*x.Part)
	people := make([]directory.ID, 0, len(all))
	for _, id := range all {
		people = append(people, directory.ID(id))
	}
	return people, err
}

// TakePart notes that person got all of a part of an export.
func (s *Store) TakePart(ctx context.Context, export string, part int64, person directory.ID, now time.Time) error {
	_, err := s.db.ExecContext(ctx, `
		INSERT INTO export_parts (export, part, taken, person) VALUES ($1, $2, $3, $4)
		ON CONFLICT (export, part) DO UPDATE SET taken = excluded.taken, person = excluded.person`,
		export, part, millis(now), string(person))
	return trouble("store.TakePart", err)
}

// TakenParts returns when each part of an export that was sent was sent last.
func (s *Store) TakenParts(ctx context.Context, export string) (map[int64]time.Time, error) {
	const op = "store.TakenParts"
	rows, err := s.db.QueryContext(ctx, `SELECT part, taken FROM export_parts WHERE export = $1`, export)
	if err != nil {
		return nil, trouble(op, err)
	}
	defer rows.Close() // Err says whether all were read
	all := map[int64]time.Time{}
	for rows.Next() {
		var part, taken int64
		if err := rows.Scan(&part, &taken); err != nil {
			return nil, trouble(op, err)
		}
		all[part] = timeOf(taken)
	}
	return all, trouble(op, rows.Err())
}

// PurgeExports deletes who was in exports that have run out at now, and the
// exports themselves that ran out before older. It returns how many rows of
// people went.
func (s *Store) PurgeExports(ctx context.Context, older, now time.Time) (people int64, err error) {
	err = s.Tx(ctx, func(tx *Tx) error {
		people, err = affected(tx.tx.ExecContext(ctx, `DELETE FROM export_people WHERE export IN (SELECT id FROM exports WHERE until <= $1)`, millis(now)))
		if err != nil {
			return err
		}
		if _, err := tx.tx.ExecContext(ctx, `DELETE FROM export_parts WHERE export IN (SELECT id FROM exports WHERE until <= $1)`, millis(older)); err != nil {
			return err
		}
		_, err = tx.tx.ExecContext(ctx, `DELETE FROM exports WHERE until <= $1`, millis(older))
		return err
	})
	return people, trouble("store.PurgeExports", err)
}

func exportPlace(id, column string) Place {
	return Place{Table: "exports", Row: []byte(id), Column: column}
}
