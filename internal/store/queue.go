package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"
)

// queueLock is the number under which replicas that start at once bring River's
// tables up to date one after the other.
const queueLock = 5_704_263_117

// Queue is what River, the queue of jobs, works with: a handle of its own on the
// same database. A client of it can insert jobs with the Tx of the store.
type Queue struct {
	Driver riverdriver.Driver[*sql.Tx]

	close func() error
}

// Queue opens the queue and brings its tables up to date. log hears of that.
//
// SQLite writes one at a time, so its handle has one connection: with more,
// River's own statements would wait for each other. On PostgreSQL a connection
// beside the handle listens for new jobs and for what is said to queues; without
// it, pausing one takes a second.
func (s *Store) Queue(ctx context.Context, log *slog.Logger) (*Queue, error) {
	const op = "store.Queue"
	db, _, err := connect(s.database, true)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", op, err)
	}
	q := &Queue{Driver: riversqlite.New(db), close: db.Close}
	db.SetMaxOpenConns(1)
	unlock := func() error { return nil }
	if isPostgres(s.database) {
		db.SetMaxOpenConns(maxConnections)
		db.SetMaxIdleConns(maxConnections)
		if unlock, err = s.lock(ctx, queueLock); err != nil {
			return nil, errors.Join(fmt.Errorf("%s: %w", op, err), q.close())
		}
		listener, err := listenerPool(ctx, s.database)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("%s: %w", op, err), unlock(), q.close())
		}
		q.Driver = riverdatabasesql.NewWithPgxListener(db, listener)
		q.close = func() error { listener.Close(); return db.Close() }
	}
	err = migrateQueue(ctx, q.Driver, log)
	if err = errors.Join(err, unlock()); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", op, err), q.close())
	}
	return q, nil
}

// Close closes the handle. The client must have stopped.
func (q *Queue) Close() error { return q.close() }

func migrateQueue(ctx context.Context, driver riverdriver.Driver[*sql.Tx], log *slog.Logger) error {
	m, err := rivermigrate.New(driver, &rivermigrate.Config{Logger: log})
	if err != nil {
		return err
	}
	_, err = m.Migrate(ctx, rivermigrate.DirectionUp, nil)
	return err
}

// lock takes PostgreSQL's advisory lock with the given number and returns what
// gives it back. It belongs to a connection, which is kept until then.
func (s *Store) lock(ctx context.Context, n int64) (unlock func() error, err error) {
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := conn.ExecContext(ctx, `SELECT pg_advisory_lock($1)`, n); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return func() error {
		_, err := conn.ExecContext(context.WithoutCancel(ctx), `SELECT pg_advisory_unlock($1)`, n)
		return errors.Join(err, conn.Close())
	}, nil
}

func listenerPool(ctx context.Context, database string) (*pgxpool.Pool, error) {
	config, err := pgxpool.ParseConfig(database) // its error hides the password
	if err != nil {
		return nil, err
	}
	config.MaxConns, config.MinConns = 1, 0
	return pgxpool.NewWithConfig(ctx, config)
}

func isPostgres(database string) bool {
	return strings.HasPrefix(database, "postgres://") || strings.HasPrefix(database, "postgresql://")
}

// SQL returns the transaction itself, for inserting and completing jobs in it.
func (tx *Tx) SQL() *sql.Tx { return tx.tx }
