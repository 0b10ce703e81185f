package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Condition is what a database is like.
type Condition struct {
	New    bool  // there is none yet, or it is empty; opening makes it
	Schema int64 // the last migration that it has had
	Latest int64 // the last one that this program knows
}

// Look returns what the database is like, as Open is given it, and changes
// nothing: it neither makes the file nor brings the tables up to date.
//
// It fails if the database can't be reached, or a file that isn't there yet
// couldn't be made.
func Look(ctx context.Context, database string) (Condition, error) {
	const op = "store.Look"
	c := Condition{Latest: latestMigration()}
	if !isPostgres(database) {
		switch _, err := os.Stat(database); {
		case errors.Is(err, fs.ErrNotExist):
			c.New = true
			return c, mayMake(filepath.Dir(database))
		case err != nil:
			return c, fmt.Errorf("%s: %w", op, err)
		}
	}
	db, _, err := connect(database, true)
	if err != nil {
		return c, fmt.Errorf("%s: %w", op, err)
	}
	defer db.Close() // it was only read
	if err := db.PingContext(ctx); err != nil {
		return c, fmt.Errorf("%s: %w", op, err)
	}
	if c.New, err = isNew(ctx, db, database); err != nil || c.New {
		return c, err
	}
	err = db.QueryRowContext(ctx, `SELECT max(version_id) FROM goose_db_version`).Scan(&c.Schema)
	if err != nil {
		err = fmt.Errorf("%s: %w", op, err)
	}
	return c, err
}

// isNew reports whether db has no tables of ours.
func isNew(ctx context.Context, db *sql.DB, database string) (bool, error) {
	query := `SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'goose_db_version'`
	if isPostgres(database) {
		query = `SELECT count(*) FROM (SELECT to_regclass('goose_db_version') AS name) t WHERE name IS NOT NULL`
	}
	var tables int
	if err := db.QueryRowContext(ctx, query).Scan(&tables); err != nil {
		return false, fmt.Errorf("store.Look: %w", err)
	}
	return tables == 0, nil
}

// mayMake reports why no file can be made in folder.
func mayMake(folder string) error {
	file, err := os.CreateTemp(folder, ".portrait-")
	if err != nil {
		return fmt.Errorf("store.Look: %w", err)
	}
	return errors.Join(file.Close(), os.Remove(file.Name()))
}

// latestMigration returns the number of the last migration.
func latestMigration() int64 {
	files, _ := fs.Glob(migrations, "migrations/*.sql") // the pattern is good
	var latest int64
	for _, name := range files {
		number, _, _ := strings.Cut(filepath.Base(name), "_")
		n, _ := strconv.ParseInt(number, 10, 64) // goose refuses a file without a number
		latest = max(latest, n)
	}
	return latest
}
