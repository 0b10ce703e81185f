// Package store is everything that Portrait remembers, in one SQL database:
// SQLite inside the program where there is one replica, PostgreSQL where there
// are several. The same statements run on both.
//
// What must not be read by whoever reads the database alone (tokens, names,
// pictures) is sealed: see Ring. Times are kept as unix milliseconds, by the
// caller's clock.
package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
	_ "modernc.org/sqlite" // registers the driver "sqlite"
)

//go:embed migrations/*.sql
var migrations embed.FS

// ErrNone says that there is no such row, or none that may still be used.
var ErrNone = errors.New("store: no such row")

// ErrConflict says that a row was changed, or is about to be, by somebody else.
var ErrConflict = errors.New("store: changed by somebody else")

// maxConnections is how many connections one process keeps at most. SQLite
// writes one at a time whatever their number; PostgreSQL allows 100 by default,
// which leaves room for several replicas.
const maxConnections = 16

// passingConnections is how many more there are for what is passing: one
// goroutine uses them.
const passingConnections = 2

// postgresConnectTimeout is how long a connection to PostgreSQL may take where
// the URL doesn't say.
const postgresConnectTimeout = 5 * time.Second

// Store is the database. Its methods may be called from several goroutines and,
// on PostgreSQL, from several processes.
type Store struct {
	db        *prepared
	passing   *prepared // the same database, for what may be forgotten when the power fails: its commits don't wait for the disk
	ring      *Ring
	database  string // as Open was given it
	readiness readiness
}

// Open opens the database, which is the path of a SQLite file (made if it
// doesn't exist, readable by its owner alone) or a URL postgres://…, and brings
// its tables up to date. Several processes may open one PostgreSQL database at
// once: one of them does the work, the others wait.
func Open(ctx context.Context, database string, ring *Ring) (*Store, error) {
	if ring == nil {
		return nil, errors.New("store.Open: no keys")
	}
	db, dialect, err := connect(database, true)
	if err != nil {
		return nil, fmt.Errorf("store.Open: %w", err)
	}
	db.SetMaxOpenConns(maxConnections)
	db.SetMaxIdleConns(maxConnections)
	if err := migrate(ctx, db, dialect); err != nil {
		_ = db.Close() // the first error says more
		return nil, fmt.Errorf("store.Open: %w", err)
	}
	passing, _, err := connect(database, false)
	if err != nil {
		_ = db.Close() // the first error says more
		return nil, fmt.Errorf("store.Open: %w", err)
	}
	passing.SetMaxOpenConns(passingConnections)
	passing.SetMaxIdleConns(passingConnections)
	var writing chan struct{}
	if dialect == goose.DialectSQLite3 {
		writing = make(chan struct{}, 1)
	}
	return &Store{db: prepare(db, writing), passing: prepare(passing, writing), ring: ring, database: database}, nil
}

// Close closes the database. Calls that are under way fail.
func (s *Store) Close() error { return errors.Join(s.passing.Close(), s.db.Close()) }

// Mark is Ring.Mark with the store's keys.
func (s *Store) Mark(label string, parts ...string) string { return s.ring.Mark(label, parts...) }

// connect opens the database. A commit waits until it is on the disk if durable;
// otherwise the last ones before the power fails may be lost, and nothing else.
//
// Source: https://www.sqlite.org/pragma.html#pragma_synchronous,
// https://www.postgresql.org/docs/current/wal-async-commit.html and
// https://www.postgresql.org/docs/current/runtime-config-client.html#GUC-IDLE-IN-TRANSACTION-SESSION-TIMEOUT
func connect(database string, durable bool) (*sql.DB, goose.Dialect, error) {
	if isPostgres(database) {
		config, err := pgx.ParseConfig(database) // its error hides the password
		if err != nil {
			return nil, "", err
		}
		if config.ConnectTimeout == 0 {
			config.ConnectTimeout = postgresConnectTimeout
		}
		// A replica that stands still in the middle of a transaction, as a frozen
		// container does, would hold up all others for as long; ours take
		// milliseconds.
		config.RuntimeParams["idle_in_transaction_session_timeout"] = "10s"
		if !durable {
			config.RuntimeParams["synchronous_commit"] = "off"
		}
		return stdlib.OpenDB(*config), goose.DialectPostgres, nil
	}
	if database == "" {
		return nil, "", errors.New("no database is named")
	}
	name, err := sqliteName(database, durable)
	if err != nil {
		return nil, "", err
	}
	db, err := sql.Open("sqlite", name)
	return db, goose.DialectSQLite3, err
}

// sqliteName makes the file at path, if it isn't there, and returns the name
// that the driver knows it by.
//
// The journal and its index take the file's permissions, so making the file
// ourselves keeps all three private. One that is there is never opened here:
// closing it would drop the locks that the process has on it, and the next other
// process to leave would take itself for the last and remove the journal that we
// go on writing to. Writing transactions begin as such (_txlock): one that reads
// first and writes later fails at once when another wrote in between, whatever
// the timeout.
//
// Source: https://www.sqlite.org/lang_transaction.html and
// https://www.sqlite.org/howtocorrupt.html#_posix_advisory_locks_canceled_by_a_separate_thread_doing_close_
func sqliteName(path string, durable bool) (string, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600) // #nosec G304 -- the operator's setting
	if err == nil {
		err = file.Close()
	}
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return "", err
	}
	absolute, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	u := url.URL{Scheme: "file", Path: filepath.ToSlash(absolute)}
	wait := "FULL"
	if !durable {
		wait = "NORMAL"
	}
	u.RawQuery = "_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=synchronous(" + wait + ")&_txlock=immediate"
	return u.String(), nil
}

func migrate(ctx context.Context, db *sql.DB, dialect goose.Dialect) error {
	provider, err := newMigrator(db, dialect)
	if err != nil {
		return err
	}
	_, err = provider.Up(ctx)
	return err
}

// newMigrator returns what brings the tables of db up to date.
func newMigrator(db *sql.DB, dialect goose.Dialect) (*goose.Provider, error) {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, err
	}
	options := []goose.ProviderOption{goose.WithDisableGlobalRegistry(true)}
	if dialect == goose.DialectPostgres {
		// Asked again every second for a minute; the default of five seconds
		// would be most of the time that a replica takes to start.
		locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 60))
		if err != nil {
			return nil, err
		}
		options = append(options, goose.WithSessionLocker(locker))
	}
	return goose.NewProvider(dialect, db, files, options...)
}

// millis is t as the database keeps it.
func millis(t time.Time) int64 { return t.UnixMilli() }

// affected turns a statement's result into the number of rows that it changed.
func affected(result sql.Result, err error) (int64, error) {
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}
