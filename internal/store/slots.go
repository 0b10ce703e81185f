package store

import (
	"context"
	"database/sql"
	"errors"
	"maps"
	"slices"
	"time"
)

// SlotTable is what all replicas share about their calls on photos.
type SlotTable struct {
	Turn    int64 // grows with every change
	Gate    Gate
	Slots   []Slot        // those that are taken, by N
	Waiting []SlotWaiting // replicas in which somebody waits, by Holder
}

// Gate says how many calls may run. Its times are whole milliseconds.
type Gate struct {
	Limit   int       // calls at once, over all replicas
	Ceiling int       // the most that Graph took when it last throttled, 0 = unknown
	Credit  int       // calls that succeeded since Limit changed
	Lowered time.Time // when Limit was last lowered
	Closed  time.Time // nobody may call until then
	Slow    time.Time // batches have half their share until then
}

// Slot is the right to one call on a photo.
type Slot struct {
	N      int    // from 1
	Holder string // a replica
	Turn   int64  // of the table when it was taken: N is another slot if it is taken again
	Until  time.Time
	Batch  bool   // for a batch and not for a person
	Photo  string // the photo that it changes; no two slots have the same, "" = none
}

// SlotWaiting is how many wait in one replica.
type SlotWaiting struct {
	Holder  string
	People  int
	Batches int
	Since   time.Time // when the first of them came
	Until   time.Time // it says so until then
}

// errNoChange ends a transaction that has nothing to write.
var errNoChange = errors.New("store: nothing changed")

// Slots returns the table as it is now.
func (s *Store) Slots(ctx context.Context) (SlotTable, error) {
	table, err := readSlots(ctx, s.passing)
	if err != nil {
		return SlotTable{}, trouble("store.Slots", err)
	}
	return table, nil
}

// ChangeSlots hands the table to change and writes what that makes of it. Over
// all replicas one change happens after the other. A change that leaves the
// table as it was isn't written. What the table says is about calls that are
// under way, so it may be forgotten when the power fails.
func (s *Store) ChangeSlots(ctx context.Context, change func(*SlotTable)) error {
	const op = "store.ChangeSlots"
	err := s.in(ctx, s.passing, func(tx *Tx) error {
		// On PostgreSQL this row is the lock; SQLite has locked the file already.
		if _, err := tx.tx.ExecContext(ctx, `UPDATE gate SET turn = turn + 1 WHERE one = 1`); err != nil {
			return trouble(op, err)
		}
		before, err := readSlots(ctx, tx.tx)
		if err != nil {
			return trouble(op, err)
		}
		after := before.Clone()
		change(&after)
		if after.Equal(before) {
			return errNoChange
		}
		if err := writeSlots(ctx, tx.tx, before, after); err != nil {
			return trouble(op, err)
		}
		return nil
	})
	if errors.Is(err, errNoChange) {
		return nil
	}
	return err
}

// Clone returns a copy that shares nothing with t.
func (t SlotTable) Clone() SlotTable {
	t.Slots, t.Waiting = slices.Clone(t.Slots), slices.Clone(t.Waiting)
	return t
}

// Equal reports whether t and other say the same, in whatever order; Turn
// doesn't count.
func (t SlotTable) Equal(other SlotTable) bool {
	return t.Gate == other.Gate && maps.Equal(t.slots(), other.slots()) && maps.Equal(t.waiting(), other.waiting())
}

func (t SlotTable) slots() map[int]Slot {
	all := make(map[int]Slot, len(t.Slots))
	for _, s := range t.Slots {
		all[s.N] = s
	}
	return all
}

func (t SlotTable) waiting() map[string]SlotWaiting {
	all := make(map[string]SlotWaiting, len(t.Waiting))
	for _, w := range t.Waiting {
		all[w.Holder] = w
	}
	return all
}

// readSlots reads the whole table in one statement: one way to the database and
// back, and all of it from the same moment.
func readSlots(ctx context.Context, q querier) (SlotTable, error) {
	rows, err := q.QueryContext(ctx, `
		SELECT 0 AS kind, '' AS holder, '' AS photo, turn, at_once, ceiling, credit, lowered, closed_until, slow_until FROM gate
		UNION ALL SELECT 1, holder, COALESCE(photo, ''), turn, n, batch, 0, until, 0, 0 FROM slot
		UNION ALL SELECT 2, holder, '', 0, people, batches, 0, since, until, 0 FROM slot_waiting
		ORDER BY 1, 2, 5`)
	if err != nil {
		return SlotTable{}, err
	}
	defer rows.Close() // rows.Err says what there is to say
	var t SlotTable
	for rows.Next() {
		var kind, a, b, c int
		var holder, photo string
		var turn, x, y, z int64
		if err := rows.Scan(&kind, &holder, &photo, &turn, &a, &b, &c, &x, &y, &z); err != nil {
			return SlotTable{}, err
		}
		at, until := time.UnixMilli(x), time.UnixMilli(y)
		switch kind {
		case 0:
			t.Turn, t.Gate = turn, Gate{Limit: a, Ceiling: b, Credit: c, Lowered: at, Closed: until, Slow: time.UnixMilli(z)}
		case 1:
			t.Slots = append(t.Slots, Slot{N: a, Holder: holder, Turn: turn, Until: at, Batch: b != 0, Photo: photo})
		case 2:
			t.Waiting = append(t.Waiting, SlotWaiting{Holder: holder, People: a, Batches: b, Since: at, Until: until})
		}
	}
	return t, rows.Err()
}

// writeSlots writes what differs between before and after. Rows go before others
// come, since a photo may have moved from one to the other.
func writeSlots(ctx context.Context, tx *sql.Tx, before, after SlotTable) error {
	run := func(query string, args ...any) error {
		_, err := tx.ExecContext(ctx, query, args...)
		return err
	}
	was, is := before.slots(), after.slots()
	for n, s := range was {
		if is[n] == s {
			continue
		}
		if err := run(`DELETE FROM slot WHERE n = $1`, n); err != nil {
			return err
		}
	}
	for n, s := range is {
		if was[n] == s {
			continue
		}
		err := run(`INSERT INTO slot (n, holder, turn, until, batch, photo) VALUES ($1, $2, $3, $4, $5, $6)`,
			n, s.Holder, s.Turn, millis(s.Until), flag(s.Batch), sql.NullString{String: s.Photo, Valid: s.Photo != ""})
		if err != nil {
			return err
		}
	}
	if g := after.Gate; g != before.Gate {
		err := run(`
			UPDATE gate SET at_once = $1, ceiling = $2, credit = $3, lowered = $4, closed_until = $5, slow_until = $6 WHERE one = 1`,
			g.Limit, g.Ceiling, g.Credit, millis(g.Lowered), millis(g.Closed), millis(g.Slow))
		if err != nil {
			return err
		}
	}
	return writeWaiting(run, before.waiting(), after.waiting())
}

func writeWaiting(run func(query string, args ...any) error, was, is map[string]SlotWaiting) error {
	for holder := range was {
		if _, stays := is[holder]; stays {
			continue
		}
		if err := run(`DELETE FROM slot_waiting WHERE holder = $1`, holder); err != nil {
			return err
		}
	}
	for holder, w := range is {
		if was[holder] == w {
			continue
		}
		err := run(`
			INSERT INTO slot_waiting (holder, people, batches, since, until) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (holder) DO UPDATE SET
				people = excluded.people, batches = excluded.batches, since = excluded.since, until = excluded.until`,
			holder, w.People, w.Batches, millis(w.Since), millis(w.Until))
		if err != nil {
			return err
		}
	}
	return nil
}
