package store

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"portrait/internal/directory"
)

// ScannedDepartment is a department as a scan has counted it.
type ScannedDepartment struct {
	N    int64 // its number in the scan
	Name string
	ScanCounts
}

// Departments returns the departments of a scan, in no particular order. Their
// counts are 0 until the scan is done.
func (s *Store) Departments(ctx context.Context, scan string) ([]ScannedDepartment, error) {
	return s.departments(ctx, s.db, scan)
}

func (s *Store) departments(ctx context.Context, in querier, scan string) ([]ScannedDepartment, error) {
	const op = "store.Departments"
	rows, err := in.QueryContext(ctx, `SELECT d, name, people, with_photo, unknown FROM coverage_departments WHERE scan = $1 ORDER BY d`, scan)
	if err != nil {
		return nil, trouble(op, err)
	}
	defer rows.Close() // Err says whether all were read
	var all []ScannedDepartment
	for rows.Next() {
		var d ScannedDepartment
		var name []byte
		if err := rows.Scan(&d.N, &name, &d.People, &d.WithPhoto, &d.Unknown); err != nil {
			return nil, trouble(op, err)
		}
		plain, err := s.ring.Open(departmentPlace(scan, d.N), nil, name)
		if err != nil {
			return nil, trouble(op, err)
		}
		d.Name = string(plain)
		all = append(all, d)
	}
	return all, trouble(op, rows.Err())
}

// ScannedDays returns the scans of tenant that are done, one for each day from
// since on, the oldest first.
func (s *Store) ScannedDays(ctx context.Context, tenant directory.ID, since time.Time) ([]Scan, error) {
	const op = "store.ScannedDays"
	rows, err := s.db.QueryContext(ctx, `
		SELECT `+scanColumns+` FROM coverage_scans WHERE tenant = $1 AND state = 'done' AND day >= $2 ORDER BY day, ended`,
		string(tenant), since.UTC().Format(time.DateOnly))
	if err != nil {
		return nil, trouble(op, err)
	}
	defer rows.Close() // Err says whether all were read
	var all []Scan
	for rows.Next() {
		sc, err := s.readScan(rows)
		if err != nil {
			return nil, trouble(op, err)
		}
		all = append(all, sc)
	}
	return all, trouble(op, rows.Err())
}

// ScannedWhich chooses people of a scan.
type ScannedWhich struct {
	Department int64  // its number; 0 = all
	Show       string // ShowMissing, ShowPresent, ShowUnknown; "" = all
}

// Which people of a scan are wanted.
const (
	ShowMissing = "missing" // no photo
	ShowPresent = "present"
	ShowUnknown = "unknown"
)

// ScannedPeople returns at most limit people of a scan, by object id, behind
// after, which is "" for the first.
func (s *Store) ScannedPeople(ctx context.Context, scan string, w ScannedWhich, after directory.ID, limit int) ([]Scanned, error) {
	const op = "store.ScannedPeople"
	least, most := int64(SideUnknown), int64(1<<31)
	switch w.Show {
	case ShowMissing:
		least, most = SideNone, SideNone
	case ShowPresent:
		least = SideNone + 1
	case ShowUnknown:
		most = SideUnknown
	}
	rows, err := s.db.QueryContext(ctx, `
		SELECT person, side FROM coverage_people
		WHERE scan = $1 AND ($2 = 0 OR d = $2) AND side >= $3 AND side <= $4 AND person > $5 ORDER BY person LIMIT $6`,
		scan, w.Department, least, most, string(after), limit)
	if err != nil {
		return nil, trouble(op, err)
	}
	defer rows.Close() // Err says whether all were read
	var all []Scanned
	for rows.Next() {
		var p Scanned
		if err := rows.Scan(&p.Person, &p.Side); err != nil {
			return nil, trouble(op, err)
		}
		all = append(all, p)
	}
	return all, trouble(op, rows.Err())
}

// ScannedPresent returns which of people had a photo when they were counted in a
// scan.
func (s *Store) ScannedPresent(ctx context.Context, scan string, people []directory.ID) (map[directory.ID]bool, error) {
	const op = "store.ScannedPresent"
	const most = 500 // values in a statement; databases have a limit
	present := map[directory.ID]bool{}
	for some := range slices.Chunk(people, most) {
		places, args := make([]string, len(some)), []any{scan}
		for i, id := range some {
			args = append(args, string(id))
			places[i] = "$" + strconv.Itoa(len(args))
		}
		found, err := ids(ctx, s.db, op, `
			SELECT person FROM coverage_people WHERE scan = $1 AND side > 0 AND person IN (`+strings.Join(places, ", ")+`)`, args...)
		if err != nil {
			return nil, err
		}
		for _, id := range found {
			present[directory.ID(id)] = true
		}
	}
	return present, nil
}

// PurgeScans deletes what was counted before then, of every tenant, and returns
// how many scans that were.
func (s *Store) PurgeScans(ctx context.Context, before time.Time) (int64, error) {
	const op = "store.PurgeScans"
	var n int64
	err := s.Tx(ctx, func(tx *Tx) error {
		scans, err := ids(ctx, tx.tx, op, `SELECT id FROM coverage_scans WHERE state = 'done' AND ended < $1`, millis(before))
		if err != nil || len(scans) == 0 {
			return err
		}
		n = int64(len(scans))
		return tx.dropCounted(ctx, op, scans)
	})
	return n, err
}
