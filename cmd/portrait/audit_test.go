package main

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/csv"
	"encoding/json"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"portrait/internal/audit"
	"portrait/internal/directory"
	"portrait/internal/store"
)

// audited is the audit log of s.
func (s *testSite) audited() *audit.Log {
	return auditLog(s.config, s.db, slog.New(slog.DiscardHandler))
}

// wrote appends entries to the audit log of s.
func (s *testSite) wrote(entries ...audit.Entry) {
	s.t.Helper()
	for _, e := range entries {
		if err := s.db.Tx(s.t.Context(), func(tx *store.Tx) error { return s.audited().Append(s.t.Context(), tx, e) }); err != nil {
			s.t.Fatal(err)
		}
	}
}

// change is an entry about the helpdesk changing somebody's photo.
func (s *testSite) change(of directory.ID, name string) audit.Entry {
	return audit.Entry{
		Tenant: s.tenant.ID(), Person: s.person("helpdesk"), Role: directory.Helpdesk, Proof: audit.ProofIDToken, As: audit.AsApp,
		Photo: directory.UserPhoto(s.tenant.ID(), of), Action: audit.Set, Outcome: audit.Done, New: strings.Repeat("ab", 32),
		Name: "Hanna Desk", Address: "hanna@skylark.example", Reason: "INC-4711", TargetName: name, IP: "192.0.2.7", Agent: "Firefox",
	}
}

func TestTheAuditPage(t *testing.T) {
	s := newSite(t)
	b := s.signedIn("helpdesk")
	if a := b.get("/audit"); a.status != http.StatusOK || !strings.Contains(a.text(), "Nothing has been written yet") {
		t.Errorf("the empty log answers %d: %s", a.status, a.text())
	}
	if a := b.get("/admin"); a.leadingTo("Audit log") != "/audit" {
		t.Errorf("/admin doesn't lead there: %s", a.text())
	}
	owner := s.person("owner")
	evil := `"><img src=x onerror=alert(1)>`
	s.wrote(s.change(owner, evil))
	for range 55 {
		s.wrote(s.change(s.person("guest"), "Guest"))
	}
	page := b.get("/audit")
	if rows := page.all(`li[class="audit__row"]`); len(rows) != 50 || !strings.Contains(page.text(), "INC-4711") || !strings.Contains(page.text(), "are as they were written") {
		t.Errorf("%d rows: %s", len(rows), page.text())
	}
	older := b.get(page.next())
	if rows := older.all(`li[class="audit__row"]`); len(rows) != 6 || older.next() != "" || !strings.Contains(older.text(), evil) {
		t.Errorf("the next page has %d rows: %s", len(rows), older.text())
	}
	if len(older.all("img")) != len(page.all("img")) {
		t.Error("a name became a picture")
	}
	only := b.get("/audit?for=" + string(owner))
	if rows := only.all(`li[class="audit__row"]`); len(rows) != 1 || only.find(`a[href="/users/`+string(owner)+`/photo"]`) == nil {
		t.Errorf("filtered: %d rows: %s", len(rows), only.text())
	}
	for path, said := range map[string]string{
		"/audit?outcome=refused":                      "No entry matches",
		"/audit?who=nobody@skylark.example":           "knows nobody by this name",
		"/audit?from=2026-01-01&to=2026-01-02":        "No entry matches",
		"/audit?for=maya.lindqvist%40skylark.example": "No entry matches",
	} {
		if a := b.get(path); a.status != http.StatusOK || !strings.Contains(a.text(), said) {
			t.Errorf("%s answers %d: %s", path, a.status, a.text())
		}
	}
	for _, path := range []string{"/audit?from=yesterday", "/audit?before=x"} {
		if a := b.get(path); a.status != http.StatusBadRequest {
			t.Errorf("%s answers %d", path, a.status)
		}
	}
}

func TestSecurityTheAuditPageSaysWhatWasTamperedWith(t *testing.T) {
	s := newSite(t)
	s.wrote(s.change(s.person("owner"), "Owner"), s.change(s.person("guest"), "Guest"))
	b := s.signedIn("helpdesk")
	if err := s.audited().CheckIfDue(t.Context(), time.Hour); err != nil {
		t.Fatal(err)
	}
	if a := b.get("/audit"); !strings.Contains(a.text(), "checked up to entry 2") {
		t.Errorf("checked, but: %s", a.text())
	}
	tamper(t, s.config.Database, "UPDATE audit_log SET outcome = 'refused' WHERE seq = 1")
	if a := b.get("/audit"); !strings.Contains(a.text(), "Entry 1 isn't as it was written") || !strings.Contains(a.text(), "Not as it was written") {
		t.Errorf("tampered with, but: %s", a.text())
	}
}

// TestSecurityTheAuditLogIsForTheHelpdeskAlone also for what isn't there.
func TestSecurityTheAuditLogIsForTheHelpdeskAlone(t *testing.T) {
	s := newSite(t)
	for _, persona := range []string{"employee", "owner"} {
		b := s.signedIn(persona)
		for _, path := range []string{"/audit", "/audit.csv", "/audit?who=nobody@skylark.example"} {
			if a := b.get(path); a.status != http.StatusForbidden || a.header.Get("Content-Type") == "text/csv; charset=utf-8" {
				t.Errorf("%s: %s answers %d: %s", persona, path, a.status, a.text())
			}
		}
		if a := b.get("/admin"); a.find(`a[href="/audit"]`) != nil {
			t.Errorf("%s is led to the audit log", persona)
		}
	}
}

func TestTheAuditLogAsAFile(t *testing.T) {
	s := newSite(t)
	evil := s.change(s.person("owner"), "=HYPERLINK(\"https://evil.example\")")
	evil.Reason = "two\nlines; =1+1"
	s.wrote(evil)
	for range 600 {
		s.wrote(s.change(s.person("guest"), "Guest"))
	}
	b := s.signedIn("helpdesk")
	a := b.get("/audit.csv")
	if a.status != http.StatusOK || a.header.Get("Content-Type") != "text/csv; charset=utf-8" || !strings.HasPrefix(a.header.Get("Content-Disposition"), "attachment; filename=") {
		t.Fatalf("answered %d %v", a.status, a.header)
	}
	body, marked := bytes.CutPrefix(a.body, []byte("\uFEFF"))
	rows, err := csv.NewReader(bytes.NewReader(body)).ReadAll()
	if err != nil || !marked || len(rows) != 1+1+601 {
		t.Fatalf("%d rows, marked %v, %v", len(rows), marked, err)
	}
	column := func(row []string, name string) string { return row[slices.Index(rows[0], name)] }
	last := rows[len(rows)-1]
	if got := column(last, "photo of"); got != `'=HYPERLINK("https://evil.example")` {
		t.Errorf("the name is %q", got)
	}
	if got := column(last, "reason"); got != "two\nlines; '=1+1" {
		t.Errorf("the reason is %q", got)
	}
	if first := rows[1]; column(first, "action") != audit.Export || column(first, "person") != string(s.person("helpdesk")) || column(first, "ip") != "127.0.0.1" || column(first, "verified") != "yes" {
		t.Errorf("the export itself is %q", first)
	}
	if a := b.get("/audit.csv?action=purge"); bytes.Count(a.body, []byte("\r\n")) != 1 {
		t.Errorf("a filter that finds nothing: %s", a.body)
	}
}

// tamper changes the database behind the program's back.
func tamper(t *testing.T, path, statement string) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=busy_timeout(5000)")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
}

// TestAuditVerify runs the command as an operator does.
func TestAuditVerify(t *testing.T) {
	s := newSite(t)
	s.wrote(s.change(s.person("owner"), "Owner"), s.change(s.person("guest"), "Guest"))
	var log bytes.Buffer
	trail := s.audited()
	trail.Log = slog.New(slog.NewJSONHandler(&log, nil))
	if err := trail.Checkpoint(t.Context()); err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	checkpoints, empty := filepath.Join(folder, "log.json"), filepath.Join(folder, "empty.json")
	for path, content := range map[string][]byte{checkpoints: log.Bytes(), empty: []byte("{}\n")} {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, value := range s.secrets {
		t.Setenv(name, value)
	}
	for _, tt := range []struct {
		sentence  string
		tamper    string
		variables map[string]string
		args      []string
		want      int
		said      string
	}{
		{"no command", "", nil, nil, 2, "usage: portrait audit verify"},
		{"as it was written", "", nil, []string{"verify"}, 0, "Entries verified: 2 (1 to 2)\nNo checkpoints from outside"},
		{"with checkpoints", "", nil, []string{"verify", "--checkpoints", checkpoints}, 0, "Checkpoints compared: 1"},
		{"a file without checkpoints", "", nil, []string{"verify", "--checkpoints", empty}, 2, "holds no checkpoints"},
		{"a file that isn't there", "", nil, []string{"verify", "--checkpoints", empty + "x"}, 2, "no such file"},
		{"an unknown flag", "", nil, []string{"verify", "--fast"}, 2, "-fast"},
		{"another key", "", map[string]string{"PORTRAIT_AUDIT_KEYS": newKey()}, []string{"verify"}, 1, "entry 1 names a key that isn't in PORTRAIT_AUDIT_KEYS"},
		{"a database that isn't there", "", map[string]string{"PORTRAIT_DATABASE": filepath.Join(folder, "none.db")}, []string{"verify"}, 2, "PORTRAIT_DATABASE can't be found"},
		{"no keys", "", map[string]string{"PORTRAIT_AUDIT_KEYS": ""}, []string{"verify"}, 2, "PORTRAIT_AUDIT_KEYS is missing"},
		{"erasing nobody", "", nil, []string{"erase", "--reason", "left", "somebody"}, 2, "OBJECT-ID is the person's id"},
		{"erasing for no reason", "", nil, []string{"erase", string(s.person("guest"))}, 2, "usage"},
		{"erasing", "", nil, []string{"erase", "--reason", "left", strings.ToUpper(string(s.person("guest")))}, 0, "erased from 1 entries"},
		{"erased", "", nil, []string{"verify"}, 0, "Entries whose names were erased: 1"},
		{"changed", "UPDATE audit_log SET action = 'remove' WHERE seq = 2", nil, []string{"verify"}, 1, "NOT as it was written: entry 2 was changed"},
		{"cut", "DELETE FROM audit_log WHERE seq > 1; DELETE FROM audit_sides WHERE seq > 1; DELETE FROM audit_marks; UPDATE audit_head SET seq = 1, mac = (SELECT mac FROM audit_log)",
			nil, []string{"verify", "--checkpoints", checkpoints}, 1, "the log was cut off: entry 2 and all after it are gone"},
		{"cut, without checkpoints", "", nil, []string{"verify"}, 0, "whether the end was cut off can't be seen"},
	} {
		t.Run(tt.sentence, func(t *testing.T) {
			if tt.tamper != "" {
				tamper(t, s.config.Database, tt.tamper)
			}
			for name, value := range tt.variables {
				t.Setenv(name, value)
			}
			var out bytes.Buffer
			if got := run(context.Background(), append([]string{"audit"}, tt.args...), &out, &out); got != tt.want || !strings.Contains(out.String(), tt.said) {
				t.Errorf("exit code %d with %q, want %d with %q", got, out.String(), tt.want, tt.said)
			}
		})
	}
	var out, stderr bytes.Buffer
	code := run(context.Background(), []string{"audit", "verify", "--json", "--checkpoints", checkpoints}, &out, &stderr)
	var report audit.Report
	if err := json.Unmarshal(out.Bytes(), &report); err != nil || code != 1 || report.Wrong == nil || *report.Wrong != (audit.Wrong{Seq: 2, How: audit.Cut}) {
		t.Errorf("as JSON: exit code %d, %s, %v", code, out.Bytes(), err)
	}
}

// TestAuditIsLookedAfter runs for as long as it takes to see a checkpoint and a
// check.
func TestAuditIsLookedAfter(t *testing.T) {
	s := newSite(t)
	old := s.change(s.person("owner"), "Owner")
	old.At = time.Now().Add(-48 * time.Hour)
	s.wrote(old, s.change(s.person("guest"), "Guest"))
	log := &lockedBuffer{}
	trail := s.audited()
	trail.Log = slog.New(slog.NewJSONHandler(log, nil))
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		keepAudit(ctx, trail, 24*time.Hour, trail.Log)
		close(done)
	}()
	for deadline := time.Now().Add(20 * time.Second); !strings.Contains(log.text(), "audit entries purged"); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("logged %s", log.text())
		}
	}
	stop()
	<-done
	lastCheckpoint(trail, trail.Log)
	points, err := audit.ReadCheckpoints(strings.NewReader(log.text()))
	if err != nil || len(points) != 2 || points[0].Seq != 2 || points[1].Seq != 3 {
		t.Errorf("checkpoints %+v, %v: %s", points, err, log.text())
	}
	report, err := trail.Verify(t.Context(), points)
	if err != nil || report.Wrong != nil || report.Purged != 1 || report.Last != 3 {
		t.Errorf("reported %+v, %v", report, err)
	}
	page, err := trail.Page(t.Context(), audit.Filter{}, 1)
	if err != nil || page.Checked.Seq != 2 {
		t.Errorf("checked %+v, %v", page.Checked, err)
	}
}

// TestAFileThatIsCutShortIsLogged goes away in the middle of a long one.
func TestAFileThatIsCutShortIsLogged(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	long := s.change(s.person("guest"), "Guest")
	long.Reason = strings.Repeat("because ", 2<<10) // 16 kB
	err := s.db.Tx(t.Context(), func(tx *store.Tx) error {
		for range 1500 { // more than sockets hold
			if err := s.audited().Append(t.Context(), tx, long); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	res, err := s.signedIn("helpdesk").http.Get(s.url + "/audit.csv")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := res.Body.Read(make([]byte, 1<<10)); err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close() // as a browser does whose person presses Cancel
	line := regexp.MustCompile(`"msg":"request"[^\n]*"route":"/audit.csv"[^\n]*"cause":"`)
	for deadline := time.Now().Add(20 * time.Second); !line.MatchString(s.logged()); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("nothing is logged")
		}
	}
}
