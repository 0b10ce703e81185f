package main

import (
	"bytes"
	"database/sql"
	"fmt"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"portrait/internal/store/storetest"
)

// operateFile is what operators follow.
const operateFile = "../../docs/operate.md"

// blocks finds code, and what kind it is of.
var blocks = regexp.MustCompile("(?ms)^ *```(\\w*)\n(.*?)^ *```$")

// operator is somebody who does what docs/operate.md says, in a shell.
type operator struct {
	*program
	folder string            // where they are
	blocks map[string]string // of the page, by what the first line begins with
	done   map[string]bool
}

// newOperator starts the program on the database at url, with a shell beside it
// whose `portrait` is this test binary.
func newOperator(t *testing.T, url string) *operator {
	t.Helper()
	o := &operator{program: newProgram(t, url, nil), folder: t.TempDir(), blocks: map[string]string{}, done: map[string]bool{}}
	text, err := os.ReadFile(operateFile)
	if err != nil {
		t.Fatal(err)
	}
	for _, block := range blocks.FindAllStringSubmatch(string(text), -1) {
		o.blocks[strings.Join(strings.Fields(block[2])[:2], " ")] = block[2]
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	script := fmt.Sprintf("#!/bin/sh\n%s=1 exec %q \"$@\"\n", runAlone, self)
	if err := os.WriteFile(filepath.Join(o.folder, "portrait"), []byte(script), 0o700); err != nil { // #nosec G306 -- a program has to be executable, and nobody else is let into its folder
		t.Fatal(err)
	}
	return o
}

// does does the block that begins so, and fails unless it succeeds. It returns
// what the commands printed.
func (o *operator) does(begin string) string {
	o.t.Helper()
	block, ok := o.blocks[begin]
	if !ok {
		o.t.Fatalf("%s has no block that begins with %q", operateFile, begin)
	}
	o.done[begin] = true
	block = strings.ReplaceAll(block, "OBJECT-ID", string(o.person("employee")))
	cmd := exec.Command("sh", "-eu", "-c", block)
	cmd.Dir = o.folder
	cmd.Env = []string{"PATH=" + o.folder + ":" + os.Getenv("PATH"), "TMPDIR=" + os.Getenv("TMPDIR")}
	for name, value := range o.vars {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	out, err := cmd.CombinedOutput()
	if err != nil {
		o.t.Fatalf("%s: %v\n%s", block, err, out)
	}
	return string(out)
}

// restarts stops the program, does what is in between, and starts it.
func (o *operator) restarts(between func()) {
	o.t.Helper()
	if err := o.end(); err != nil {
		o.t.Fatalf("%v: %s", err, o.said())
	}
	between()
	o.start()
}

// TestOperateIsFollowed does what docs/operate.md says, step by step, on both
// databases: each block of it is run on one of them at least.
func TestOperateIsFollowed(t *testing.T) {
	t.Parallel() // it waits most of the time
	done, all := map[string]bool{}, map[string]string{}
	for name, database := range map[string]*storetest.Database{"sqlite": nil, "pgx": storetest.PostgreSQL(t)} {
		url, backup, restore := "", "portrait backup", "rm -f"
		if database != nil {
			url, backup, restore = database.URL, "pg_dump --format=custom", "pg_restore --clean"
		}
		o := newOperator(t, url)
		o.follows(name, backup, restore)
		maps.Copy(done, o.done)
		all = o.blocks
	}
	for begin := range all {
		if !done[begin] {
			t.Errorf("nobody has followed the block of %s that begins with %q", operateFile, begin)
		}
	}
}

// follows follows the page from its top to its end.
func (o *operator) follows(driver, backup, restore string) {
	t := o.t
	b, kept, lost := o.signedIn("employee"), randomPicture(t), randomPicture(t)
	b.saves("kept", kept, 200, "confirmed")
	o.does(backup)
	b.saves("lost", lost, 200, "confirmed")
	o.restarts(func() { o.does(restore) })
	if n := o.pasts(driver); n != 1 {
		t.Errorf("%s: after the restore %d earlier photos are kept, want the 1 of the backup", driver, n)
	}
	if said := o.does("portrait check"); !strings.Contains(said, "as it was written") {
		t.Errorf("%s: the restored database: %s", driver, said)
	}
	if a := b.get("/me/photo"); a.status != http.StatusOK || a.url.Path != "/me/photo" {
		t.Errorf("%s: the session of the backup: %d %s", driver, a.status, a.url)
	}
	old := o.vars["PORTRAIT_KEYS"]
	o.restarts(func() { o.vars["PORTRAIT_KEYS"] = newKey() + "," + old })
	if said := o.does("portrait keys"); !strings.Contains(said, "Sessions that an older key sealed: 1.") {
		t.Errorf("%s: with a new key first: %s", driver, said)
	}
	o.restarts(func() {
		if said := o.does("portrait migrate"); !strings.Contains(said, "up to date") {
			t.Errorf("%s: %s", driver, said)
		}
	})
	said := o.does("portrait forget")
	for _, want := range []string{"sessions: 1 rows", "drafts: ", "history: 1 rows", "erased from ", "as it was written", "Entries whose names were erased"} {
		if !strings.Contains(said, want) {
			t.Errorf("%s: who has left: %q is missing in %s", driver, want, said)
		}
	}
	if n := o.pasts(driver); n != 0 {
		t.Errorf("%s: %d earlier photos of somebody who has left", driver, n)
	}
	if a := b.get("/me/photo", "Accept", "application/json"); a.status != http.StatusUnauthorized {
		t.Errorf("%s: who has left is answered %d", driver, a.status)
	}
	o.readsEvidence(driver)
}

// connected is the program's database.
func (o *operator) connected(driver string) *sql.DB {
	o.t.Helper()
	db, err := sql.Open(driver, o.vars["PORTRAIT_DATABASE"])
	if err != nil {
		o.t.Fatal(err)
	}
	return db
}

// pasts counts the earlier photos that are kept.
func (o *operator) pasts(driver string) (n int) {
	o.t.Helper()
	db := o.connected(driver)
	defer db.Close() // it was only read
	if err := db.QueryRowContext(o.t.Context(), `SELECT COUNT(*) FROM history`).Scan(&n); err != nil {
		o.t.Fatal(err)
	}
	return n
}

// readsEvidence runs the page's statement about what was deleted.
func (o *operator) readsEvidence(driver string) {
	o.t.Helper()
	const begin = "SELECT at,"
	o.done[begin] = true
	db := o.connected(driver)
	defer db.Close() // it was only read
	rows, err := db.QueryContext(o.t.Context(), o.blocks[begin])
	if err != nil {
		o.t.Fatal(err)
	}
	defer rows.Close() // Err says whether all were read
	var seen bytes.Buffer
	for rows.Next() {
		var at, deleted, older int64
		var what string
		if err := rows.Scan(&at, &what, &deleted, &older); err != nil {
			o.t.Fatal(err)
		}
		fmt.Fprintf(&seen, "%s %d;", what, deleted)
	}
	if rows.Err() != nil || !strings.Contains(seen.String(), "history 1;") || !strings.Contains(seen.String(), "sessions 1;") {
		o.t.Errorf("the evidence is %q, %v", seen.String(), rows.Err())
	}
}
