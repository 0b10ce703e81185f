package store

import "context"

// Counts are how many of a few things there are now, over all replicas.
type Counts struct {
	Sessions int64            // that are kept; some may have run out
	Drafts   map[string]int64 // by state
	Items    map[string]int64 // of batches, by state
}

// Counts returns them.
func (s *Store) Counts(ctx context.Context) (Counts, error) {
	c := Counts{}
	if err := s.db.QueryRowContext(ctx, `SELECT count(*) FROM sessions`).Scan(&c.Sessions); err != nil {
		return c, trouble("store.Counts", err)
	}
	var err error
	if c.Drafts, err = s.countStates(ctx, `SELECT state, count(*) FROM drafts GROUP BY state`); err != nil {
		return c, err
	}
	c.Items, err = s.countStates(ctx, `SELECT state, count(*) FROM batch_items GROUP BY state`)
	return c, err
}

func (s *Store) countStates(ctx context.Context, query string) (map[string]int64, error) {
	const op = "store.Counts"
	rows, err := s.db.QueryContext(ctx, query)
	if err != nil {
		return nil, trouble(op, err)
	}
	defer rows.Close() // read to the end below
	all := map[string]int64{}
	for rows.Next() {
		var state string
		var n int64
		if err := rows.Scan(&state, &n); err != nil {
			return nil, trouble(op, err)
		}
		all[state] = n
	}
	return all, trouble(op, rows.Err())
}
