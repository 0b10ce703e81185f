package store

import (
	"context"
	"strconv"
	"strings"

	"portrait/internal/directory"
)

// Expect notes, within tx, whose pictures a new batch waits for.
func (tx *Tx) Expect(ctx context.Context, batch string, people []directory.ID) error {
	const atOnce = 500 // rows of a statement
	for len(people) > 0 {
		some := people[:min(len(people), atOnce)]
		people = people[len(some):]
		var rows []string
		args := []any{batch}
		for _, id := range some {
			args = append(args, string(id))
			rows = append(rows, "($1, $"+strconv.Itoa(len(args))+")")
		}
		// #nosec G202 -- what is put in are the parameters' numbers
		if _, err := tx.tx.ExecContext(ctx, `INSERT INTO batch_expected (batch, person) VALUES `+strings.Join(rows, ", ")+` ON CONFLICT DO NOTHING`, args...); err != nil {
			return trouble("store.Expect", err)
		}
	}
	return nil
}

// Expected returns whose pictures a batch waits for; nobody's where it takes
// anybody's.
func (s *Store) Expected(ctx context.Context, batch string) ([]directory.ID, error) {
	all, err := ids(ctx, s.db, "store.Expected", `SELECT person FROM batch_expected WHERE batch = $1 ORDER BY person`, batch)
	people := make([]directory.ID, 0, len(all))
	for _, id := range all {
		people = append(people, directory.ID(id))
	}
	return people, err
}
