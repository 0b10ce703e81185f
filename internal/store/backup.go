package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
)

// ErrNotSQLite says that something is for SQLite alone.
var ErrNotSQLite = errors.New("store: this is for SQLite: PostgreSQL has pg_dump")

// Backup writes a copy of the SQLite database to the file at path, which must not
// be there, as it is at one moment: others may write meanwhile. The copy is whole
// and on the disk when Backup returns, and readable by its owner alone; it needs
// no journal beside it.
//
// It fails with ErrNotSQLite on PostgreSQL.
//
// Source: https://www.sqlite.org/lang_vacuum.html#vacuum_with_an_into_clause
func Backup(ctx context.Context, database, path string) error {
	const op = "store.Backup"
	if isPostgres(database) {
		return ErrNotSQLite
	}
	if _, err := os.Stat(database); err != nil {
		return fmt.Errorf("%s: %w", op, err) // opening would make an empty one
	}
	if _, err := os.Lstat(path); err == nil {
		return fmt.Errorf("%s: %s is there already", op, path)
	}
	db, _, err := connect(database, true)
	if err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	defer db.Close()                                                              // it was only read
	part, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*.part") // for its owner alone
	if err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	defer os.Remove(part.Name()) // does nothing once it has its name
	if err := errors.Join(part.Close(), copyInto(ctx, db, part.Name())); err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	if err := os.Rename(part.Name(), path); err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	return nil
}

// copyInto copies db into the empty file at path, and makes sure of the copy.
func copyInto(ctx context.Context, db *sql.DB, path string) error {
	if _, err := db.ExecContext(ctx, `VACUUM INTO $1`, path); err != nil {
		return err
	}
	if err := isWhole(ctx, path); err != nil {
		return err
	}
	file, err := os.OpenFile(path, os.O_RDWR, 0) // #nosec G304 -- we made it
	if err != nil {
		return err
	}
	return errors.Join(file.Sync(), file.Close())
}

// isWhole reads all of the SQLite file at path and reports what is wrong with it.
func isWhole(ctx context.Context, path string) error {
	db, err := sql.Open("sqlite", path)
	if err != nil {
		return err
	}
	defer db.Close() // it was only read
	var said string
	if err := db.QueryRowContext(ctx, `PRAGMA integrity_check(1)`).Scan(&said); err != nil {
		return err
	}
	if said != "ok" {
		return fmt.Errorf("the copy is damaged: %s", said)
	}
	return nil
}

// Migrate brings the tables of the database up to date, those of the queue
// included, and returns what it was like before. Open does it too; this is for
// those who give the program that serves no right to change tables.
func Migrate(ctx context.Context, database string, ring *Ring) (Condition, error) {
	before, err := Look(ctx, database)
	if err != nil {
		return before, err
	}
	s, err := Open(ctx, database, ring)
	if err != nil {
		return before, err
	}
	queue, err := s.Queue(ctx, slog.New(slog.DiscardHandler))
	if err != nil {
		return before, errors.Join(err, s.Close())
	}
	return before, errors.Join(queue.Close(), s.Close())
}
