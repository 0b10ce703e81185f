package store_test

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"portrait/internal/fault"
	"portrait/internal/store"
)

// TestALostDatabaseIsNotOurDefect holds that what the driver says of a server that
// stops, dies or starts becomes a sentence, and what it says of a wrong statement
// doesn't.
func TestALostDatabaseIsNotOurDefect(t *testing.T) {
	for _, tt := range []struct {
		sentence string
		err      error
		want     fault.Kind
	}{
		{"the server was stopped", &pgconn.PgError{Code: "57P01"}, fault.Busy},
		{"the server was killed in the middle of an answer", io.ErrUnexpectedEOF, fault.Busy},
		{"the server was killed before an answer", io.EOF, fault.Busy},
		{"the server's machine cut the connection", &net.OpError{Op: "read", Err: syscall.ECONNRESET}, fault.Busy},
		{"the server is starting", &pgconn.PgError{Code: "57P03"}, fault.Busy},
		{"the connection was found to be dead", driver.ErrBadConn, fault.Busy},
		{"the statement is wrong", &pgconn.PgError{Code: "42601"}, fault.Unexpected},
		{"something that nobody knows", errors.New("?"), fault.Unexpected},
	} {
		if got := fault.As(store.Trouble("op", fmt.Errorf("driver: %w", tt.err))).Kind; got != tt.want {
			t.Errorf("%s: %v, want %v", tt.sentence, got, tt.want)
		}
	}
}
