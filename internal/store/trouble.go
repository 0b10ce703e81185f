package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"portrait/internal/fault"
	"portrait/internal/words"
)

// busyAgain is when it makes sense to try again after the database was busy or
// out of reach.
const busyAgain = 10 * time.Second

// trouble returns err, which came out of the database, as an error of op: a
// fault with a sentence where the database is busy, out of reach, full or
// read-only, and something unexpected otherwise. nil stays nil.
func trouble(op string, err error) error {
	switch {
	case err == nil:
		return nil
	case isFull(err):
		return &fault.Error{Op: op, Kind: fault.Busy, Say: words.M("store.full"), Next: fault.NextAdmin, Err: err}
	case isBusy(err):
		return &fault.Error{Op: op, Kind: fault.Busy, Say: words.M("store.busy"), Next: fault.NextWait, RetryAfter: busyAgain, Err: err}
	}
	return fmt.Errorf("%s: %w", op, err)
}

// IsFull reports whether err, which came from here, says that nothing can be
// written until somebody helps. What is there may still be read.
func IsFull(err error) bool {
	var e *fault.Error
	return errors.As(err, &e) && e.Say.ID == "store.full"
}

// isFull reports whether the database can't write until somebody helps.
//
// Source: https://www.sqlite.org/rescode.html and
// https://www.postgresql.org/docs/current/errcodes-appendix.html
func isFull(err error) bool {
	switch sqliteCode(err) {
	case sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return true
	}
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code == "53100" || pg.Code == "25006" || pg.Code == "58030")
}

// isBusy reports whether the database may do the same soon.
func isBusy(err error) bool {
	switch sqliteCode(err) {
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return true
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		class := pg.Code[:min(2, len(pg.Code))]
		return class == "08" || class == "40" || class == "53" || class == "55" || class == "57"
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) { // a PostgreSQL that was killed says no more than that
		return true
	}
	var connect *pgconn.ConnectError
	var network net.Error
	return errors.As(err, &connect) || errors.As(err, &network) || errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) ||
		errors.Is(err, context.DeadlineExceeded) || strings.Contains(err.Error(), "conn closed")
}

// sqliteCode returns the primary result code of SQLite, 0 for none.
func sqliteCode(err error) int {
	var e *sqlite.Error
	if errors.As(err, &e) {
		return e.Code() & 0xff
	}
	return 0
}
