package audit_test

import (
	"database/sql"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"portrait/internal/audit"
	"portrait/internal/directory"
	"portrait/internal/store"
	"portrait/internal/store/storetest"
)

func TestMain(m *testing.M) { os.Exit(storetest.Run(m)) }

// noon is when every test of this package begins.
var noon = time.UnixMilli(1_795_435_200_000)

const (
	tenant = directory.ID("7a1b2c3d-0000-4000-8000-000000000001")
	desk   = directory.ID("7a1b2c3d-0000-4000-8000-00000000de5c")
	maya   = directory.ID("7a1b2c3d-0000-4000-8000-00000000a1a1")
	joerg  = directory.ID("7a1b2c3d-0000-4000-8000-00000000b2b2")
)

// site is an audit log with its database.
type site struct {
	*audit.Log
	t  *testing.T
	db *storetest.Database
}

// newSite returns an empty log on db, with a key of its own.
func newSite(t *testing.T, db *storetest.Database) *site {
	t.Helper()
	return &site{Log: logOn(t, db.Open(t), storetest.Key()), t: t, db: db}
}

func logOn(t *testing.T, s *store.Store, keys ...[]byte) *audit.Log {
	t.Helper()
	ring, err := audit.NewKeys(keys...)
	if err != nil {
		t.Fatal(err)
	}
	return &audit.Log{Store: s, Keys: ring, Now: func() time.Time { return noon }, Log: slog.New(slog.NewTextHandler(io.Discard, nil))}
}

// sample is an entry in which every field says something.
func sample(n int) audit.Entry {
	return audit.Entry{
		At: noon.Add(time.Duration(n) * time.Minute), Tenant: tenant, Person: desk, Role: directory.Helpdesk,
		Proof: audit.ProofIDToken, As: audit.AsApp, Photo: directory.ContactPhoto(tenant, maya, "AAMk-Item"),
		Action: audit.Set, Outcome: audit.Refused, Code: "photo.protected",
		Old: fmt.Sprintf("%064x", n), New: fmt.Sprintf("%064x", n+1),
		GraphRequestID: "graph", ClientRequestID: "client", RequestID: "request", Item: fmt.Sprintf("batch/%d", n),
		Name: "Hanna Desk", Address: "hanna.desk@skylark.example", Reason: "INC-4711", TargetName: "Maya Lindqvist",
		IP: "192.0.2.7", Agent: "Mozilla/5.0",
	}
}

// add appends entries, each in its own transaction.
func (s *site) add(entries ...audit.Entry) {
	s.t.Helper()
	for _, e := range entries {
		if err := s.Store.Tx(s.t.Context(), func(tx *store.Tx) error { return s.Append(s.t.Context(), tx, e) }); err != nil {
			s.t.Fatal(err)
		}
	}
}

// fill appends n samples.
func (s *site) fill(n int) {
	s.t.Helper()
	for i := range n {
		s.add(sample(i + 1))
	}
}

// raw opens the database for many statements behind the log's back. On SQLite
// they don't wait for the disk.
func (s *site) raw() *sql.DB {
	s.t.Helper()
	db := s.db.SQL(s.t)
	if strings.HasSuffix(s.db.URL, ".db") {
		db.SetMaxOpenConns(1) // the setting is the connection's
		exec(s.t, db, "PRAGMA synchronous = OFF")
	}
	return db
}

// sql runs a statement behind the log's back.
func (s *site) sql(statement string, values ...any) {
	s.t.Helper()
	exec(s.t, s.db.SQL(s.t), statement, values...)
}

func exec(t *testing.T, db *sql.DB, statement string, values ...any) {
	t.Helper()
	if _, err := db.ExecContext(t.Context(), statement, values...); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

// report verifies the log.
func (s *site) report(checkpoints ...audit.Checkpoint) audit.Report {
	s.t.Helper()
	r, err := s.Verify(s.t.Context(), checkpoints)
	if err != nil {
		s.t.Fatal(err)
	}
	return r
}

// finds fails the test unless verifying finds this first.
func (s *site) finds(sentence string, want audit.Wrong, checkpoints ...audit.Checkpoint) {
	s.t.Helper()
	switch r := s.report(checkpoints...); {
	case r.Wrong == nil:
		s.t.Errorf("%s: nothing is found, want %q", sentence, want)
	case *r.Wrong != want:
		s.t.Errorf("%s: found %q, want %q", sentence, r.Wrong, want)
	}
}

// holds fails the test if verifying finds anything.
func (s *site) holds(sentence string, checkpoints ...audit.Checkpoint) audit.Report {
	s.t.Helper()
	r := s.report(checkpoints...)
	if r.Wrong != nil {
		s.t.Errorf("%s: %s", sentence, r.Wrong)
	}
	return r
}
