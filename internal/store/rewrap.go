package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"portrait/internal/directory"
)

// Rewrapped says what Rewrap did.
type Rewrapped struct {
	Anew   int // values that are sealed with the newest key now
	Closed int // values that no key of the ring opens: what they said is lost
	Cookie int // sessions and sign-ins sealed with an older key: only their cookies open them, and they end by themselves
}

// shelf is a table with columns that the ring alone seals.
type shelf struct {
	table   string
	columns []string
	row     []string // the columns that say which row it is and where its values are bound to
	place   func(row []any, column string) Place
}

// shelves are all of them. A table that isn't here would keep an old key for as
// long as it has rows: a test fills every table and looks.
var shelves = []shelf{
	{"drafts", []string{"picture", "details"}, []string{"id", "person"}, func(row []any, column string) Place {
		return draftPlace(Draft{ID: row[0].([]byte), Person: directory.ID(row[1].(string))}, column)
	}},
	{"history", []string{"picture"}, []string{"id", "photo"}, func(row []any, column string) Place {
		return Place{Table: "history", Row: []byte(row[1].(string) + "/" + row[0].(string)), Column: column}
	}},
	{"audit_sides", []string{"data"}, []string{"seq"}, func(row []any, _ string) Place { return auditSide(row[0].(int64)) }},
	{"batches", []string{"title", "reason", "note", "spool_key"}, []string{"id"}, func(row []any, column string) Place {
		return batchPlace(row[0].(string), column)
	}},
	{"batch_items", []string{"name", "found", "result"}, []string{"batch", "n"}, func(row []any, column string) Place {
		return itemPlace(row[0].(string), row[1].(int64), column)
	}},
	{"batch_pictures", []string{"data"}, []string{"batch", "n", "kind"}, func(row []any, _ string) Place {
		return picturePlace(row[0].(string), row[1].(int64), PictureKind(row[2].(string)))
	}},
	{"coverage_scans", []string{"next"}, []string{"id"}, func(row []any, column string) Place { return scanPlace(row[0].(string), column) }},
	{"coverage_departments", []string{"name"}, []string{"scan", "d"}, func(row []any, _ string) Place {
		return departmentPlace(row[0].(string), row[1].(int64))
	}},
	{"exports", []string{"reason", "whose"}, []string{"id"}, func(row []any, column string) Place { return exportPlace(row[0].(string), column) }},
	{"batch_grants", []string{"data"}, []string{"batch"}, func(row []any, _ string) Place { return grantPlace(row[0].(string)) }},
}

// Rewrap seals anew, with the newest key, whatever was sealed with an older one
// and with the ring alone, so that older keys can leave the ring. Everything can
// be read and written meanwhile; what somebody else writes first stays as they
// wrote it. It may be broken off and begun again.
//
// Sessions and sign-ins that are under way are sealed with their cookies too, and
// stay as they are.
func (s *Store) Rewrap(ctx context.Context) (Rewrapped, error) {
	const op = "store.Rewrap"
	var done Rewrapped
	for _, sh := range shelves {
		for _, column := range sh.columns {
			if err := s.rewrapColumn(ctx, sh, column, &done); err != nil {
				return done, trouble(op, fmt.Errorf("%s.%s: %w", sh.table, column, err))
			}
		}
	}
	for _, table := range []string{"sessions", "flows"} {
		var n int
		// #nosec G202 -- the table's name is a constant above
		err := s.db.QueryRowContext(ctx, `SELECT COUNT(*) FROM `+table+` WHERE substr(data, 1, 8) <> $1`, s.ring.keys[0].id[:]).Scan(&n)
		if err != nil {
			return done, trouble(op, err)
		}
		done.Cookie += n
	}
	return done, nil
}

// rewrapColumn is Rewrap for one column.
func (s *Store) rewrapColumn(ctx context.Context, sh shelf, column string, done *Rewrapped) error {
	stale, err := s.stale(ctx, sh, column)
	if err != nil {
		return err
	}
	for _, row := range stale {
		switch err := s.rewrapValue(ctx, sh, column, row); {
		case errors.Is(err, ErrSealed):
			done.Closed++
		case errors.Is(err, sql.ErrNoRows) || errors.Is(err, ErrConflict): // deleted, or sealed anew by whoever wrote it
		case err != nil:
			return err
		default:
			done.Anew++
		}
	}
	return nil
}

// stale returns the rows of sh whose column was sealed with an older key.
func (s *Store) stale(ctx context.Context, sh shelf, column string) ([][]any, error) {
	// #nosec G202 -- the names are those of shelves
	rows, err := s.db.QueryContext(ctx, `SELECT `+strings.Join(sh.row, ", ")+` FROM `+sh.table+` WHERE substr(`+column+`, 1, 8) <> $1`, s.ring.keys[0].id[:])
	if err != nil {
		return nil, err
	}
	defer rows.Close() // Err says whether all were read
	var all [][]any
	for rows.Next() {
		row := make([]any, len(sh.row))
		into := make([]any, len(row))
		for i := range row {
			into[i] = &row[i]
		}
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		all = append(all, row)
	}
	return all, rows.Err()
}

// rewrapValue seals one value anew. It fails with sql.ErrNoRows if the row is
// gone, with ErrConflict if the value was changed meanwhile, and with ErrSealed.
func (s *Store) rewrapValue(ctx context.Context, sh shelf, column string, row []any) error {
	where := make([]string, len(row))
	for i, name := range sh.row {
		where[i] = fmt.Sprintf("%s = $%d", name, i+1)
	}
	condition := ` WHERE ` + strings.Join(where, " AND ")
	var sealed []byte
	// #nosec G202 -- the names are those of shelves, the values parameters
	if err := s.db.QueryRowContext(ctx, `SELECT `+column+` FROM `+sh.table+condition, row...).Scan(&sealed); err != nil {
		return err
	}
	plain, err := s.ring.Open(sh.place(row, column), nil, sealed)
	if err != nil {
		return err
	}
	anew, err := s.ring.Seal(sh.place(row, column), nil, plain)
	if err != nil {
		return err
	}
	n := len(row)
	// #nosec G202 -- the names are those of shelves, the values parameters
	update := fmt.Sprintf(`UPDATE %s SET %s = $%d`, sh.table, column, n+1) + condition + fmt.Sprintf(` AND %s = $%d`, column, n+2)
	return changedOne("store.Rewrap")(s.db.ExecContext(ctx, update, append(slices.Clone(row), anew, sealed)...))
}
