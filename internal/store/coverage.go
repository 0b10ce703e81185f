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

// ScanState is where a scan of who has a photo stands.
type ScanState string

// The states of a scan. At most one of a tenant is running.
const (
	ScanRunning ScanState = "running"
	ScanDone    ScanState = "done"
)

// Scan is one count of who has a photo.
type Scan struct {
	ID     string
	Tenant directory.ID
	Day    string // of UTC, when it was begun: "2026-11-25"
	State  ScanState
	Next   string // where to go on in the directory; "" at its beginning, and its end
	Pages  int64  // of the directory, read so far
	ScanCounts

	Started, Changed, Ended time.Time // zero = not yet

	fence int64
}

// ScanCounts are people, counted.
type ScanCounts struct {
	People    int64
	WithPhoto int64
	Unknown   int64 // it couldn't be found out whether they have a photo
}

// Missing is how many have no photo.
func (c ScanCounts) Missing() int64 { return c.People - c.WithPhoto - c.Unknown }

// What a Scanned may have as its Side beside pixels.
const (
	SideNone    = 0  // there is no photo
	SideUnknown = -1 // it couldn't be found out
)

// Scanned is somebody who was counted.
type Scanned struct {
	Person     directory.ID
	Department string
	Side       int64 // of the photo, in pixels; or SideNone, SideUnknown
}

const scanColumns = `id, tenant, day, state, next, pages, people, with_photo, unknown, started, changed, ended, fence`

// BeginScan writes a scan of tenant that nobody works at yet, unless there is
// one that runs.
func (s *Store) BeginScan(ctx context.Context, tenant directory.ID, now time.Time) error {
	const op = "store.BeginScan"
	id := NewBatchID()
	next, err := s.ring.Seal(scanPlace(id, "next"), nil, nil)
	if err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	_, err = s.db.ExecContext(ctx, `
		INSERT INTO coverage_scans (`+scanColumns+`, holder, until)
		VALUES ($1, $2, $3, 'running', $4, 0, 0, 0, 0, $5, $5, 0, 0, '', 0) ON CONFLICT DO NOTHING`,
		id, string(tenant), now.UTC().Format(time.DateOnly), next, millis(now))
	return trouble(op, err)
}

// ClaimScan returns the scan of tenant that runs, and makes it l.Holder's until
// l.Until: whoever held it before is refused from now on.
//
// It fails with ErrNone if none runs, and with ErrConflict if somebody else
// holds it.
func (s *Store) ClaimScan(ctx context.Context, tenant directory.ID, l Lease, now time.Time) (Scan, error) {
	const op = "store.ClaimScan"
	n, err := affected(s.db.ExecContext(ctx, `
		UPDATE coverage_scans SET holder = $2, until = $3, fence = fence + 1
		WHERE tenant = $1 AND state = 'running' AND (holder = '' OR holder = $2 OR until <= $4)`,
		string(tenant), l.Holder, millis(l.Until), millis(now)))
	if err != nil {
		return Scan{}, trouble(op, err)
	}
	sc, err := s.scanWhere(ctx, op, `tenant = $1 AND state = 'running'`, string(tenant))
	if err == nil && n == 0 {
		err = fmt.Errorf("%s: %w", op, ErrConflict)
	}
	return sc, err
}

// RunningScan returns the scan of tenant that runs. It fails with ErrNone.
func (s *Store) RunningScan(ctx context.Context, tenant directory.ID) (Scan, error) {
	return s.scanWhere(ctx, "store.RunningScan", `tenant = $1 AND state = 'running'`, string(tenant))
}

// LastScan returns the newest scan of tenant that is done. It fails with ErrNone.
func (s *Store) LastScan(ctx context.Context, tenant directory.ID) (Scan, error) {
	return s.scanWhere(ctx, "store.LastScan", `tenant = $1 AND state = 'done' ORDER BY ended DESC, id LIMIT 1`, string(tenant))
}

func (s *Store) scanWhere(ctx context.Context, op, where string, args ...any) (Scan, error) {
	sc, err := s.readScan(s.db.QueryRowContext(ctx, `SELECT `+scanColumns+` FROM coverage_scans WHERE `+where, args...))
	if errors.Is(err, sql.ErrNoRows) {
		return Scan{}, ErrNone
	}
	return sc, trouble(op, err)
}

// readScan reads scanColumns.
func (s *Store) readScan(row interface{ Scan(...any) error }) (Scan, error) {
	var sc Scan
	var next []byte
	var started, changed, ended int64
	err := row.Scan(&sc.ID, &sc.Tenant, &sc.Day, &sc.State, &next, &sc.Pages, &sc.People, &sc.WithPhoto, &sc.Unknown, &started, &changed, &ended, &sc.fence)
	if err != nil {
		return Scan{}, err
	}
	plain, err := s.ring.Open(scanPlace(sc.ID, "next"), nil, next)
	if err != nil {
		return Scan{}, err
	}
	sc.Next, sc.Started, sc.Changed, sc.Ended = string(plain), timeOf(started), timeOf(changed), timeOf(ended)
	return sc, nil
}

// AddScanned adds people, a page of the directory, to sc, which was claimed, and
// where to go on; the claim holds until then. What comes back is sc as it is now.
// Somebody who was counted before, since the directory has changed meanwhile,
// counts once.
//
// It fails with ErrConflict if somebody else has claimed the scan meanwhile.
func (s *Store) AddScanned(ctx context.Context, sc Scan, people []Scanned, next string, until, now time.Time) (Scan, error) {
	const op = "store.AddScanned"
	sealed, err := s.ring.Seal(scanPlace(sc.ID, "next"), nil, []byte(next))
	if err != nil {
		return sc, fmt.Errorf("%s: %w", op, err)
	}
	err = s.Tx(ctx, func(tx *Tx) error {
		err := changedOne(op)(tx.tx.ExecContext(ctx, `
			UPDATE coverage_scans SET next = $3, pages = pages + 1, changed = $4, until = $5
			WHERE id = $1 AND fence = $2 AND state = 'running'`, sc.ID, sc.fence, sealed, millis(now), millis(until)))
		if err != nil {
			return err
		}
		if err := tx.addScanned(ctx, sc.ID, people); err != nil {
			return trouble(op, err)
		}
		_, err = tx.tx.ExecContext(ctx, `
			UPDATE coverage_scans SET
				people = (SELECT COUNT(*) FROM coverage_people WHERE scan = $1),
				with_photo = (SELECT COUNT(*) FROM coverage_people WHERE scan = $1 AND side > 0),
				unknown = (SELECT COUNT(*) FROM coverage_people WHERE scan = $1 AND side < 0)
			WHERE id = $1`, sc.ID)
		return trouble(op, err)
	})
	if err != nil {
		return sc, err
	}
	return s.scanWhere(ctx, op, `id = $1`, sc.ID)
}

func (tx *Tx) addScanned(ctx context.Context, scan string, people []Scanned) error {
	numbers, err := tx.departments(ctx, scan, people)
	if err != nil || len(people) == 0 {
		return err
	}
	var rows []string
	args := []any{scan}
	for _, p := range people {
		i := len(args)
		rows = append(rows, "($1, $"+strconv.Itoa(i+1)+", $"+strconv.Itoa(i+2)+", $"+strconv.Itoa(i+3)+")")
		args = append(args, string(p.Person), numbers[p.Department], p.Side)
	}
	// #nosec G202 -- what is put in are the parameters' numbers
	_, err = tx.tx.ExecContext(ctx, `
		INSERT INTO coverage_people (scan, person, d, side) VALUES `+strings.Join(rows, ", ")+` ON CONFLICT DO NOTHING`, args...)
	return err
}

// departments returns the numbers of the departments of people in scan; those
// that are new get one.
func (tx *Tx) departments(ctx context.Context, scan string, people []Scanned) (map[string]int64, error) {
	known, err := tx.store.departments(ctx, tx.tx, scan)
	if err != nil {
		return nil, err
	}
	numbers := map[string]int64{}
	for _, d := range known {
		numbers[d.Name] = d.N
	}
	for _, p := range people {
		if _, has := numbers[p.Department]; has {
			continue
		}
		n := int64(len(numbers)) + 1
		name, err := tx.store.ring.Seal(departmentPlace(scan, n), nil, []byte(p.Department))
		if err != nil {
			return nil, err
		}
		if _, err := tx.tx.ExecContext(ctx, `
			INSERT INTO coverage_departments (scan, d, name, people, with_photo, unknown) VALUES ($1, $2, $3, 0, 0, 0)`, scan, n, name); err != nil {
			return nil, err
		}
		numbers[p.Department] = n
	}
	return numbers, nil
}

// EndScan makes sc, which was claimed, the newest that is done. Earlier ones
// keep their numbers, one for each day, and forget who was counted.
//
// It fails with ErrConflict as AddScanned does.
func (s *Store) EndScan(ctx context.Context, sc Scan, now time.Time) error {
	const op = "store.EndScan"
	return s.Tx(ctx, func(tx *Tx) error {
		err := changedOne(op)(tx.tx.ExecContext(ctx, `
			UPDATE coverage_scans SET state = 'done', ended = $3, changed = $3, holder = '', until = 0
			WHERE id = $1 AND fence = $2 AND state = 'running'`, sc.ID, sc.fence, millis(now)))
		if err != nil {
			return err
		}
		older := `(SELECT id FROM coverage_scans WHERE tenant = $2 AND id <> $1)`
		sameDay := `(SELECT id FROM coverage_scans WHERE tenant = $2 AND id <> $1 AND day = $3)`
		for _, q := range []struct {
			query string
			args  []any
		}{
			{`UPDATE coverage_departments SET
				people = (SELECT COUNT(*) FROM coverage_people p WHERE p.scan = $1 AND p.d = coverage_departments.d),
				with_photo = (SELECT COUNT(*) FROM coverage_people p WHERE p.scan = $1 AND p.d = coverage_departments.d AND p.side > 0),
				unknown = (SELECT COUNT(*) FROM coverage_people p WHERE p.scan = $1 AND p.d = coverage_departments.d AND p.side < 0)
			WHERE scan = $1`, []any{sc.ID}},
			{`DELETE FROM coverage_people WHERE scan IN ` + older, []any{sc.ID, string(sc.Tenant)}},
			{`DELETE FROM coverage_departments WHERE scan IN ` + sameDay, []any{sc.ID, string(sc.Tenant), sc.Day}},
			{`DELETE FROM coverage_scans WHERE id IN ` + sameDay, []any{sc.ID, string(sc.Tenant), sc.Day}},
		} {
			if _, err := tx.tx.ExecContext(ctx, q.query, q.args...); err != nil {
				return trouble(op, err)
			}
		}
		return nil
	})
}

// DropScan deletes sc, which was claimed and can't go on.
//
// It fails with ErrConflict as AddScanned does.
func (s *Store) DropScan(ctx context.Context, sc Scan) error {
	const op = "store.DropScan"
	return s.Tx(ctx, func(tx *Tx) error {
		err := changedOne(op)(tx.tx.ExecContext(ctx, `DELETE FROM coverage_scans WHERE id = $1 AND fence = $2 AND state = 'running'`, sc.ID, sc.fence))
		if err != nil {
			return err
		}
		return tx.dropCounted(ctx, op, []string{sc.ID})
	})
}

func (tx *Tx) dropCounted(ctx context.Context, op string, scans []string) error {
	for _, id := range scans {
		for _, table := range []string{"coverage_people", "coverage_departments", "coverage_scans"} {
			column := "scan"
			if table == "coverage_scans" {
				column = "id"
			}
			if _, err := tx.tx.ExecContext(ctx, `DELETE FROM `+table+` WHERE `+column+` = $1`, id); err != nil { // #nosec G202 -- both names are constants above
				return trouble(op, err)
			}
		}
	}
	return nil
}

func scanPlace(id, column string) Place {
	return Place{Table: "coverage_scans", Row: []byte(id), Column: column}
}

func departmentPlace(scan string, n int64) Place {
	return Place{Table: "coverage_departments", Row: []byte(scan + " " + strconv.FormatInt(n, 10)), Column: "name"}
}
