// Package storetest gives tests a database of their own: each test runs once on
// SQLite and once on PostgreSQL, and starts with empty tables.
//
// It is a package and not a _test.go file because the tests of every package
// that remembers something (store, auth, later photo, batch, audit) need the
// same two databases; only tests may import it, and nothing of it ends up in
// the program.
//
// PostgreSQL is the cluster that PORTRAIT_TEST_POSTGRES names with a URL, as
// `make test` does, or a throwaway one that is started for the test binary and
// stopped with it (see Run).
package storetest

import (
	"bytes"
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"portrait/internal/store"
)

// Database is the database of one test.
type Database struct {
	URL string // as store.Open takes it

	driver string
	ring   *store.Ring
}

// EachBlank is Each without any tables, as it is before Portrait starts for the
// first time.
func EachBlank(t *testing.T, test func(t *testing.T, db *Database)) {
	t.Helper()
	t.Run("SQLite", func(t *testing.T) { test(t, sqliteAt(t, filepath.Join(t.TempDir(), "portrait.db"))) })
	t.Run("PostgreSQL", func(t *testing.T) { test(t, postgreSQL(t, "template0")) })
}

// Each runs test on a fresh SQLite and on a fresh PostgreSQL database. The
// package's TestMain must call Run.
func Each(t *testing.T, test func(t *testing.T, db *Database)) {
	t.Helper()
	t.Run("SQLite", func(t *testing.T) { test(t, SQLite(t)) })
	t.Run("PostgreSQL", func(t *testing.T) { test(t, PostgreSQL(t)) })
}

// SQLite returns a fresh SQLite database, for tests to which it doesn't matter
// which one they run on.
func SQLite(t *testing.T) *Database {
	t.Helper()
	d := sqliteAt(t, filepath.Join(t.TempDir(), "portrait.db"))
	migrated.once.Do(func() { migrated.file, migrated.err = migratedFile(t) })
	if migrated.err != nil {
		t.Fatal(migrated.err)
	}
	if err := os.WriteFile(d.URL, migrated.file, 0o600); err != nil {
		t.Fatal(err)
	}
	return d
}

// migrated is an SQLite file with empty tables. It is made once for a test
// binary: making the tables takes longer than many a test.
var migrated struct {
	once sync.Once
	file []byte
	err  error
}

func migratedFile(t *testing.T) ([]byte, error) {
	path := filepath.Join(t.TempDir(), "migrated.db")
	if err := migrate(path, Ring(t, Key())); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
}

// migrate makes all tables in the database, those of the queue too.
func migrate(database string, ring *store.Ring) error {
	ctx, cancel := context.WithTimeout(context.Background(), startWithin)
	defer cancel()
	s, err := store.Open(ctx, database, ring)
	if err != nil {
		return err
	}
	queue, err := s.Queue(ctx, slog.New(slog.DiscardHandler))
	if err == nil {
		err = queue.Close()
	}
	return errors.Join(err, s.Close())
}

func sqliteAt(t *testing.T, path string) *Database {
	return &Database{URL: path, driver: "sqlite", ring: Ring(t, Key())}
}

// Key returns a fresh random key for a ring.
func Key() []byte {
	key := make([]byte, store.KeyBytes)
	_, _ = rand.Read(key) // never fails, see crypto/rand
	return key
}

// Ring returns the ring of keys, newest first.
func Ring(t *testing.T, keys ...[]byte) *store.Ring {
	t.Helper()
	ring, err := store.NewRing(keys...)
	if err != nil {
		t.Fatal(err)
	}
	return ring
}

// Open opens the database, always with the same keys; each call is as another
// replica. It is closed when the test ends.
func (d *Database) Open(t *testing.T) *store.Store {
	t.Helper()
	return d.OpenWith(t, d.ring)
}

// OpenWith is Open with the keys in ring.
func (d *Database) OpenWith(t *testing.T, ring *store.Ring) *store.Store {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	s, err := store.Open(ctx, d.URL, ring)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return s
}

// Look is store.Look of the database.
func (d *Database) Look(t *testing.T) store.Condition {
	t.Helper()
	c, err := store.Look(t.Context(), d.URL)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// SQL opens the database for statements that the store has none for. It is
// closed when the test ends.
func (d *Database) SQL(t *testing.T) *sql.DB {
	t.Helper()
	name := d.URL
	if d.driver == "sqlite" {
		name = "file:" + name + "?_pragma=busy_timeout(5000)"
	}
	db, err := sql.Open(d.driver, name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() }) // nothing was left to write
	return db
}

// Dump returns every value of every row in tables, for tests about what can be
// read in a stolen database.
func (d *Database) Dump(t *testing.T, tables ...string) []byte {
	t.Helper()
	db := d.SQL(t)
	var out bytes.Buffer
	for _, table := range tables {
		rows, err := db.QueryContext(t.Context(), "SELECT * FROM "+table)
		if err != nil {
			t.Fatal(err)
		}
		columns, err := rows.Columns()
		if err != nil {
			t.Fatal(err)
		}
		for rows.Next() {
			values := make([]any, len(columns))
			for i := range values {
				values[i] = new(any)
			}
			if err := rows.Scan(values...); err != nil {
				t.Fatal(err)
			}
			for i, value := range values {
				fmt.Fprintf(&out, "%s.%s=%s\n", table, columns[i], text(*value.(*any)))
			}
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
	}
	return out.Bytes()
}

func text(value any) string {
	if b, ok := value.([]byte); ok {
		return string(b)
	}
	return strings.TrimSpace(fmt.Sprint(value))
}
