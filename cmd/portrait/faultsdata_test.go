package main

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	_ "modernc.org/sqlite" // registers the driver "sqlite"

	"portrait/internal/demo"
	"portrait/internal/store"
	"portrait/internal/store/storetest"
)

var databaseFaults = []promised{
	{fault: "SQLite is locked for 3 seconds", proof: lockedBriefly, promise: "Everybody waits, and every photo is saved."},
	{fault: "SQLite is locked for 30 seconds", proof: lockedForLong,
		promise: "A sentence after 5 seconds, no half rows, and the same save goes through once it can. What is being sent waits up to 30 seconds with its outcome."},
	{fault: "The disk is full", proof: diskFull, promise: "Photos are still shown; a save gets a sentence, nothing is half written, readiness is red, and all goes on once there is room."},
	{fault: "The SQLite file is gone, or can't be written to at the start", proof: fileGone, promise: "Readiness is red; a program that can't write doesn't start, and says why."},
	{fault: "Somebody looks into the SQLite file with another program while Portrait runs", elsewhere: "internal/store TestTheDatabaseIsHeld",
		promise: "The other program sees that it isn't the last to leave, so that the journal stays, and what is written to it."},
	{fault: "PostgreSQL has become read-only", proof: readOnly, promise: "As with a full disk."},
	{fault: "PostgreSQL ends all connections and takes none for 3 seconds", proof: postgresRestarts,
		promise: "Whoever saves meanwhile is saved or gets a sentence; the same save goes through afterwards, and none is sent twice."},
	{fault: "PostgreSQL is stopped, and killed, under two replicas while people save and a batch runs", elsewhere: "cmd/portrait TestPostgresRestartsUnderLoad",
		promise: "Every photo is saved, each once in the audit log; until it is back, and at most 10 seconds longer, people read a sentence; the batch goes on by itself within seconds."},
	{fault: "The audit log can't be written", elsewhere: "internal/photo TestWhatCannotBeAuditedIsNotReportedAsDone",
		promise: "The change isn't called saved, nothing of it is half written, and it is read back once the log can be written."},
	{fault: "kill −9 or a crash at any moment", elsewhere: "cmd/portrait TestKilledAtRandomMoments",
		promise: "What was called saved is saved and isn't sent again; every other picture is found as it was, one click from saved."},
}

// locks locks the site's SQLite file for writing until unlock is called.
func (s *testSite) locks() (unlock func()) {
	s.t.Helper()
	db, err := sql.Open("sqlite", "file:"+s.config.Database+"?_pragma=busy_timeout(5000)")
	if err != nil {
		s.t.Fatal(err)
	}
	conn, err := db.Conn(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	if _, err := conn.ExecContext(s.t.Context(), "BEGIN EXCLUSIVE"); err != nil {
		s.t.Fatal(err)
	}
	return func() {
		if _, err := conn.ExecContext(context.Background(), "ROLLBACK"); err != nil {
			s.t.Error(err)
		}
		_ = conn.Close() // the rollback was all that mattered
		_ = db.Close()   // likewise
	}
}

func lockedBriefly(t *testing.T) {
	s := newSite(t)
	var all sync.WaitGroup
	people := map[string]*browser{"employee": s.signedIn("employee"), "owner": s.signedIn("owner"), "helpdesk": s.signedIn("helpdesk")}
	unlock := s.locks()
	for name, b := range people {
		photo := randomPicture(t)
		all.Go(func() {
			if status, body, err := b.saving(photo, "key"); err != nil || status != http.StatusOK {
				t.Errorf("%s is answered %d %s, %v", name, status, body, err)
			}
			s.has(name, photo)
		})
	}
	time.Sleep(3 * time.Second)
	unlock()
	all.Wait()
	s.wasPut(len(people))
}

func lockedForLong(t *testing.T) {
	s := newSite(t)
	b, photo := s.signedIn("employee"), randomPicture(t)
	unlock := s.locks()
	if said := b.saves("key", photo, 503, ""); said["next"] != "wait" || !strings.Contains(said["detail"].(string), "storage") {
		t.Errorf("it says %v", said)
	}
	if page := b.get("/me/photo"); page.status != http.StatusOK {
		t.Errorf("the page is answered %d", page.status)
	}
	unlock()
	s.wasPut(0)
	if n := s.rows("drafts", "history", "told", "audit_log"); n != 0 {
		t.Errorf("%d rows were left", n)
	}
	b.saves("key", photo, 200, "confirmed")

	// The next one is locked out when Graph has the photo already.
	photo = randomPicture(t)
	s.tenant.Set(demo.Weather{ReadDelay: -1, Slow: 300 * time.Millisecond})
	answered := make(chan int, 1)
	go func() {
		status, _, _ := b.saving(photo, "later") // what counts is the status
		answered <- status
	}()
	for len(s.writes()) == 1 && !bytes.Equal(s.tenant.Photo(s.person("employee")), rendered(t, photo)) {
		time.Sleep(time.Millisecond)
	}
	unlock = s.locks()
	time.Sleep(7 * time.Second) // beyond the 5 that one try waits
	unlock()
	if status := <-answered; status != http.StatusOK {
		t.Errorf("what was under way is answered %d", status)
	}
	s.wasPut(2)
	s.has("employee", photo)
	s.logs("set done", "set done")
}

// saving is put as scripts send it, for goroutines.
func (b *browser) saving(photo []byte, key string) (int, []byte, error) {
	return b.asks(http.MethodPut, "/me/photo/$value", photo, "Content-Type", "image/jpeg", "Idempotency-Key", key)
}

// rows returns how many rows the tables have in all.
func (s *testSite) rows(tables ...string) (n int) {
	s.t.Helper()
	driver, name := "sqlite", "file:"+s.config.Database
	if strings.Contains(s.config.Database, "://") {
		driver, name = "pgx", s.config.Database
	}
	db, err := sql.Open(driver, name)
	if err != nil {
		s.t.Fatal(err)
	}
	defer db.Close() // it is only read
	for _, table := range tables {
		var rows int
		if err := db.QueryRowContext(s.t.Context(), "SELECT COUNT(*) FROM "+table).Scan(&rows); err != nil {
			s.t.Fatal(err)
		}
		n += rows
	}
	return n
}

// smallDisk returns a folder on a disk of so many bytes. It skips the test where
// that isn't permitted.
func smallDisk(t *testing.T, size int) string {
	t.Helper()
	folder := t.TempDir()
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", fmt.Sprintf("size=%d", size), "tmpfs", folder).CombinedOutput(); err != nil {
		t.Skipf("a disk of its own takes root: %v: %s", err, out)
	}
	t.Cleanup(func() {
		if out, err := exec.Command("umount", "-l", folder).CombinedOutput(); err != nil {
			t.Errorf("%v: %s", err, out)
		}
	})
	return folder
}

// fills fills the disk that folder is on, and returns how to make room again.
func fills(t *testing.T, folder string) (empty func()) {
	t.Helper()
	name := filepath.Join(folder, "full")
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	for _, piece := range []int{1 << 20, 4 << 10, 1} {
		for err = nil; err == nil; {
			_, err = f.Write(make([]byte, piece))
		}
	}
	_ = f.Close() // there is no room for what it holds back
	return func() {
		if err := os.Remove(name); err != nil {
			t.Error(err)
		}
	}
}

func diskFull(t *testing.T) {
	folder := smallDisk(t, 32<<20)
	s := newSiteWith(t, nil, func(vars map[string]string) { vars["PORTRAIT_DATABASE"] = filepath.Join(folder, "portrait.db") })
	b, photo := s.signedIn("employee"), randomPicture(t)
	if ready := b.get("/readyz"); ready.status != http.StatusOK {
		t.Fatalf("at first readiness is %d: %s", ready.status, ready.body)
	}
	s.shortenJournal()
	empty := fills(t, folder)
	s.refusesToStore(b, photo)
	empty()
	s.takesAgain(b, photo)
}

// shortenJournal lets SQLite's journal give back the room that it has.
func (s *testSite) shortenJournal() {
	s.t.Helper()
	db, err := sql.Open("sqlite", "file:"+s.config.Database+"?_pragma=busy_timeout(5000)")
	if err != nil {
		s.t.Fatal(err)
	}
	defer db.Close() // nothing is left to write
	if _, err := db.ExecContext(s.t.Context(), "PRAGMA wal_checkpoint(TRUNCATE)"); err != nil {
		s.t.Fatal(err)
	}
}

// refusesToStore checks what is promised while nothing can be written.
func (s *testSite) refusesToStore(b *browser, photo []byte) {
	s.t.Helper()
	before := s.rows("drafts", "history", "told", "audit_log")
	for range 2 {
		if said := b.saves("key", photo, 503, ""); said["next"] != "admin" || !strings.Contains(said["detail"].(string), "nothing was changed") {
			s.t.Errorf("it says %v", said)
		}
	}
	if a := b.get("/me/photo/$value"); a.status != http.StatusOK {
		s.t.Errorf("the photo is answered %d", a.status)
	}
	if a := b.get("/me/photo"); a.status != http.StatusOK {
		s.t.Errorf("the page is answered %d: %s", a.status, a.text())
	}
	time.Sleep(5 * time.Second) // how long readiness is believed
	if ready := b.get("/readyz"); ready.status != http.StatusServiceUnavailable || !bytes.Contains(ready.body, []byte("database: not ready")) {
		s.t.Errorf("readiness is %d: %s", ready.status, ready.body)
	}
	if a := b.get("/healthz"); a.status != http.StatusOK {
		s.t.Errorf("/healthz is %d: it would be restarted again and again", a.status)
	}
	s.wasPut(0)
	if after := s.rows("drafts", "history", "told", "audit_log"); after != before {
		s.t.Errorf("there are %d rows, %d before", after, before)
	}
}

// takesAgain checks that all goes on.
func (s *testSite) takesAgain(b *browser, photo []byte) {
	s.t.Helper()
	time.Sleep(time.Second) // how long it is believed that it isn't ready
	if ready := b.get("/readyz"); ready.status != http.StatusOK {
		s.t.Errorf("afterwards readiness is %d: %s", ready.status, ready.body)
	}
	b.saves("key", photo, 200, "confirmed")
	s.wasPut(1)
	s.has("employee", photo)
	s.logs("set done")
}

func fileGone(t *testing.T) {
	s := newSite(t)
	b := s.signedIn("employee")
	if err := os.Remove(s.config.Database); err != nil {
		t.Fatal(err)
	}
	if ready := b.get("/readyz"); ready.status != http.StatusServiceUnavailable {
		t.Errorf("readiness is %d: %s", ready.status, ready.body)
	}
	folder := smallDisk(t, 8<<20)
	if out, err := exec.Command("mount", "-o", "remount,ro", folder).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if _, err := store.Open(t.Context(), filepath.Join(folder, "portrait.db"), s.config.Keys); err == nil || !strings.Contains(err.Error(), "read-only") {
		t.Errorf("opening it says %v", err)
	}
}

// onPostgres is newSite on PostgreSQL, and a connection to its database.
func onPostgres(t *testing.T) (*testSite, *sql.DB) {
	t.Helper()
	database := storetest.PostgreSQL(t)
	s := newSiteWith(t, nil, func(vars map[string]string) { vars["PORTRAIT_DATABASE"] = database.URL })
	return s, database.SQL(t)
}

func readOnly(t *testing.T) {
	s, db := onPostgres(t)
	b, photo := s.signedIn("employee"), randomPicture(t)
	if ready := b.get("/readyz"); ready.status != http.StatusOK {
		t.Fatalf("at first readiness is %d: %s", ready.status, ready.body)
	}
	sets := func(value string) {
		t.Helper()
		var name string
		if err := db.QueryRowContext(t.Context(), `SELECT current_database()`).Scan(&name); err != nil {
			t.Fatal(err)
		}
		for _, query := range []string{
			`SET default_transaction_read_only = off`,
			`ALTER DATABASE ` + name + ` SET default_transaction_read_only = ` + value,
			`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`,
		} {
			if _, err := db.ExecContext(t.Context(), query); err != nil {
				t.Fatal(err)
			}
		}
	}
	db.SetMaxOpenConns(1)
	sets("on")
	for b.get("/me/photo").status != http.StatusOK { // until no connection is left that was ended
		time.Sleep(10 * time.Millisecond)
	}
	s.refusesToStore(b, photo)
	sets("off")
	s.takesAgain(b, photo)
}

func postgresRestarts(t *testing.T) {
	s, db := onPostgres(t)
	db.SetMaxOpenConns(1)
	var name string
	if err := db.QueryRowContext(t.Context(), `SELECT current_database()`).Scan(&name); err != nil {
		t.Fatal(err)
	}
	people := map[string]*browser{"employee": s.signedIn("employee"), "owner": s.signedIn("owner"), "helpdesk": s.signedIn("helpdesk"), "no-photo": s.signedIn("no-photo")}
	s.tenant.Set(demo.Weather{ReadDelay: -1, Slow: 50 * time.Millisecond})
	ctx, back := context.WithCancel(t.Context())
	var all sync.WaitGroup
	for persona, b := range people {
		all.Go(func() { s.savesThrough(ctx, persona, b) })
	}
	time.Sleep(500 * time.Millisecond)
	admin, err := sql.Open("pgx", strings.Replace(s.config.Database, "/"+name, "/postgres", 1))
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close() // nothing is left to write
	_ = db.Close()      // or it would be ended, too
	for until := time.Now().Add(3 * time.Second); time.Now().Before(until); time.Sleep(50 * time.Millisecond) {
		for _, query := range []string{
			`ALTER DATABASE ` + name + ` ALLOW_CONNECTIONS false`,
			`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '` + name + `'`,
		} {
			if _, err := admin.ExecContext(t.Context(), query); err != nil {
				t.Error(err)
			}
		}
	}
	if _, err := admin.ExecContext(t.Context(), `ALTER DATABASE `+name+` ALLOW_CONNECTIONS true`); err != nil {
		t.Error(err)
	}
	time.Sleep(time.Second)
	back()
	all.Wait()
}

// savesThrough saves again and again until ctx ends, and each photo until it is
// there.
func (s *testSite) savesThrough(ctx context.Context, persona string, b *browser) {
	refused := 0
	for n := 0; ctx.Err() == nil; n++ {
		photo := randomPicture(s.t)
		for {
			status, body, err := b.saving(photo, fmt.Sprintf("%s %d", persona, n))
			if err == nil && status == http.StatusOK {
				break
			}
			refused++
			if err != nil || status != http.StatusServiceUnavailable && status != http.StatusAccepted || refused > 200 {
				s.t.Errorf("%s is answered %d %s, %v", persona, status, body, err)
				return
			}
			time.Sleep(200 * time.Millisecond)
		}
		if !bytes.Equal(s.tenant.Photo(s.person(persona)), rendered(s.t, photo)) {
			s.t.Errorf("a photo of %s was called saved and isn't there", persona)
		}
	}
	s.t.Logf("%s: %d answers were a sentence or “not yet”", persona, refused)
}
