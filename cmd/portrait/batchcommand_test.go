package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"portrait/internal/audit"
	"portrait/internal/directory"
	"portrait/internal/store"
	"portrait/internal/store/storetest"
)

// operatorDesk is a terminal beside a site.
type operatorDesk struct {
	*testSite
	folder string // with pictures
}

// terminal returns a terminal whose commands take the settings of s.
func (s *testSite) terminal() *operatorDesk {
	s.t.Helper()
	for name, value := range s.vars {
		s.t.Setenv(name, value)
	}
	return &operatorDesk{s, s.t.TempDir()}
}

// upn returns the userPrincipalName of a persona.
func (s *testSite) upn(key string) string {
	s.t.Helper()
	id := s.person(key)
	for _, p := range s.tenant.People() {
		if p.ID == id {
			return p.UPN
		}
	}
	s.t.Fatalf("%s has no name", key)
	return ""
}

// lays puts a picture with this name into the folder.
func (d *operatorDesk) lays(name string, body []byte) {
	d.t.Helper()
	if err := os.WriteFile(filepath.Join(d.folder, name), body, 0o600); err != nil {
		d.t.Fatal(err)
	}
}

// does runs `portrait batch` with args and returns the exit code and what it
// said.
func (d *operatorDesk) does(args ...string) (code int, said string) {
	d.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	var out bytes.Buffer
	code = run(ctx, append([]string{"batch"}, args...), &out, &out)
	return code, out.String()
}

// batchID is a batch's id in what a command says.
var batchID = regexp.MustCompile(`[a-z2-7]{26}`)

// want runs `portrait batch` and returns the id of the batch that it speaks of.
// It must exit with code and say each of phrases.
func (d *operatorDesk) want(code int, args []string, phrases ...string) string {
	d.t.Helper()
	got, said := d.does(args...)
	for _, phrase := range phrases {
		if !strings.Contains(said, phrase) {
			d.t.Errorf("portrait batch %s doesn't say %q", strings.Join(args, " "), phrase)
			got = -1
		}
	}
	if got != code {
		d.t.Errorf("portrait batch %s: exit code %d, want %d:\n%s", strings.Join(args, " "), got, code, said)
	}
	return batchID.FindString(said)
}

// TestABatchFromATerminal runs one while a server works batches, looks at it, and
// rolls it back: the server does it all, as the operator.
func TestABatchFromATerminal(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *storetest.Database) {
		s := newBatchSite(t, db.URL)
		d := s.testSite.terminal()
		owner, bare := s.person("owner"), s.person("no-photo")
		before := s.tenant.Photo(owner)
		d.lays(s.upn("owner")+".jpg", tinted(t, 1))
		d.lays("badge 7.jpg", tinted(t, 2))
		d.lays("Thumbs.db", []byte("x"))
		d.lays("badges.csv", []byte("userPrincipalName,file\n"+s.upn("no-photo")+",badge 7.jpg\n"))
		dry := d.want(0, []string{"run", d.folder, "--reason", "INC-9", "--dry-run"}, "2 to run, 0 aside; a dry run", "Would replace the photo", "Would be the first photo")
		if n := len(s.writes()); n > 0 {
			t.Fatalf("a dry run changed %d photos", n)
		}
		id := d.want(0, []string{"run", "--reason", "INC-10", d.folder}, "By line 2 of the table", "2 of 2: 2 done, 0 skipped, 0 failed")
		if bytes.Equal(s.tenant.Photo(owner), before) || s.tenant.Photo(bare) == nil {
			t.Error("the photos weren't changed")
		}
		d.want(0, []string{"status", id, "--items"}, "is done", s.upn("no-photo"), "Replaced the photo that was there", "The first photo was set")
		d.want(0, []string{"status"}, dry, id, "INC-10")
		d.want(0, []string{"rollback", id, "--reason", "wrong day"}, "puts back 2 photos of batch "+id, "2 of 2: 2 done")
		if !bytes.Equal(s.tenant.Photo(owner), before) || s.tenant.Photo(bare) != nil {
			t.Error("the photos aren't as they were")
		}
		s.actedAsOperator(id)
	})
}

// actedAsOperator holds that the audit log names the operator for the batch and
// each of its items, and that the app's identity made the changes.
func (s *batchSite) actedAsOperator(id string) {
	s.t.Helper()
	host, err := os.Hostname()
	if err != nil {
		s.t.Fatal(err)
	}
	page := s.signedIn("helpdesk").get("/audit?action=batchRollBack")
	if text := page.text(); page.status != http.StatusOK || !strings.Contains(text, "Roll-back of a batch created") || !strings.Contains(text, "@"+host) || strings.Contains(string(page.body), "/users/operator") {
		s.t.Errorf("the audit page answers %d: %s", page.status, text)
	}
	items, acts := 0, map[string]int{}
	err = s.testSite.audited().Each(context.Background(), audit.Filter{}, func(r audit.Record) error {
		if r.Role != directory.Operator || r.Proof != audit.ProofOperator || !directory.IsOperator(r.Person) || !strings.HasSuffix(r.Name, "@"+host) {
			s.t.Errorf("%s of %s is by %s (%s, %s, %q)", r.Action, r.Item, r.Person, r.Role, r.Proof, r.Name)
		}
		if strings.HasPrefix(r.Item, id+"/") {
			items++
			if r.As != audit.AsApp || r.Reason != "INC-10" || r.Outcome != audit.Done {
				s.t.Errorf("item %s: as %s, for %q, %s", r.Item, r.As, r.Reason, r.Outcome)
			}
		}
		acts[r.Action]++
		return nil
	})
	if err != nil || items != 2 || acts["batchCreate"] != 2 || acts["batchStart"] != 3 || acts["batchRollBack"] != 1 {
		s.t.Errorf("%d items, %v, %v", items, acts, err)
	}
}

// TestATerminalSkipsPeopleWhoHaveAPhoto also looks at what becomes of pictures for
// nobody.
func TestATerminalSkipsPeopleWhoHaveAPhoto(t *testing.T) {
	s := newBatchSite(t, storetest.SQLite(t).URL)
	d := s.testSite.terminal()
	before := s.tenant.Photo(s.person("owner"))
	d.lays(s.upn("owner")+".jpg", tinted(t, 1))
	d.lays(s.upn("no-photo")+".jpg", tinted(t, 2))
	d.lays("zz top.jpg", tinted(t, 3))
	d.lays("notes.doc", []byte("no picture"))
	d.want(exitLook, []string{"run", d.folder, "--only-missing", "--reason", "INC-1"},
		"4 pictures, 2 to run, 2 aside, 1 unmatched, 1 unreadable; people who have a photo are skipped",
		"Skipped: this person has a photo.", "2 of 2: 1 done, 1 skipped, 0 failed", "2 pictures were left aside")
	if !bytes.Equal(s.tenant.Photo(s.person("owner")), before) || s.tenant.Photo(s.person("no-photo")) == nil {
		t.Error("not only the missing photo was set")
	}
}

// TestATerminalWorksWhereNoServerDoes: one was killed a while ago, or stands
// still.
func TestATerminalWorksWhereNoServerDoes(t *testing.T) {
	s := newSite(t)
	d := s.terminal()
	d.lays(s.upn("no-photo")+".jpg", tinted(t, 1))
	if err := s.db.Beat(t.Context(), "a server that was killed", time.Now()); err != nil {
		t.Fatal(err)
	}
	queued := d.want(0, []string{"run", d.folder, "--reason", "INC-1", "--no-wait"}, "is queued")
	if len(s.writes()) > 0 {
		t.Error("it was worked though it was only to be queued")
	}
	d.want(0, []string{"status", queued, "--wait"}, "No server works batches now, so this command does it.", "1 of 1: 1 done")
	if s.tenant.Photo(s.person("no-photo")) == nil {
		t.Error("nobody worked the batch")
	}
	if beats, err := s.db.Beats(t.Context()); len(beats) != 1 || err != nil {
		t.Errorf("the command left %v, %v", beats, err)
	}
}

// TestSecurityATerminalsLargeBatchWaitsForApproval: the operator alone is not
// enough, and once somebody of the helpdesk agrees it runs by itself.
func TestSecurityATerminalsLargeBatchWaitsForApproval(t *testing.T) {
	s := newBatchSiteWith(t, storetest.SQLite(t).URL, "PORTRAIT_APPROVAL_ABOVE", "1")
	d := s.testSite.terminal()
	d.lays(s.upn("owner")+".jpg", tinted(t, 1))
	d.lays(s.upn("no-photo")+".jpg", tinted(t, 2))
	id := d.want(exitApproval, []string{"run", d.folder, "--reason", "INC-2"}, "has to approve it, at "+s.url+"/batches/")
	time.Sleep(time.Second)
	if n := len(s.writes()); n > 0 {
		t.Fatalf("%d photos were changed before anybody approved", n)
	}
	d.want(exitApproval, []string{"status", id, "--wait"}, "is waiting", "runs by itself after that")
	desk := s.signedIn("helpdesk")
	page := desk.get("/batches/" + id)
	if !strings.Contains(page.text(), "made at a terminal of the server") {
		t.Errorf("the page doesn't say where it comes from: %s", page.text())
	}
	plan := attr(page.find(`input[name="plan"]`), "value")
	if a := desk.submit("/batches/"+id+"/run", "plan", plan); a.status == http.StatusOK && len(s.writes()) > 0 {
		t.Error("it ran without approval")
	}
	desk.submit("/batches/"+id+"/approve", "plan", plan)
	counts := s.until(id, store.BatchDone)
	if counts.States[store.ItemDone] != 2 {
		t.Errorf("approved: %v", counts.States)
	}
	d.want(0, []string{"status", id}, "2 of 2: 2 done")
	d.want(exitApproval, []string{"rollback", id, "--reason", "wrong"}, "puts back 2 photos", "has to approve it")
}

// TestSecurityATerminalLeavesProtectedPeopleAlone: the setting and the tenant's
// rule hold for operators, too.
func TestSecurityATerminalLeavesProtectedPeopleAlone(t *testing.T) {
	const fatima = "2dd56cfb-1414-5b5c-b6e6-10d70fcbc23a" // ids of the demo come from names
	s := newBatchSiteWith(t, storetest.SQLite(t).URL, "PORTRAIT_PROTECTED", fatima)
	if s.person("owner") != fatima {
		t.Fatalf("the group owner is %s", s.person("owner"))
	}
	d := s.testSite.terminal()
	d.lays(s.upn("owner")+".jpg", tinted(t, 1))
	d.want(exitLook, []string{"run", d.folder, "--reason", "INC-3"}, "1 of 1: 0 done, 0 skipped, 1 failed", "is paused")
	if n := len(s.writes()); n > 0 {
		t.Errorf("%d photos were changed", n)
	}
	other := newSite(t)
	other.tenant.SetPolicy("onPremises")
	d = other.terminal()
	d.lays(other.upn("no-photo")+".jpg", tinted(t, 2))
	d.want(exitLook, []string{"run", d.folder, "--reason", "INC-4", "--dry-run"}, "1 of 1: 0 done, 0 skipped, 1 failed")
	d.want(exitLook, []string{"run", d.folder, "--reason", "INC-4"}, "1 of 1: 0 done, 0 skipped, 1 failed")
	if n := len(other.writes()); n > 0 {
		t.Errorf("%d photos were changed where they come from on-premises", n)
	}
}

func TestExitCodesOfPortraitBatch(t *testing.T) {
	s := newSite(t)
	d := s.terminal()
	d.lays("zz top.jpg", tinted(t, 1))
	zip := filepath.Join(d.folder, "all.zip")
	if err := os.WriteFile(zip, []byte("no zip"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		sentence string
		args     []string
		code     int
		said     string
	}{
		{"help", []string{"-h"}, 0, "Exit codes: 0 all is done"},
		{"help about one", []string{"run", "-h"}, 0, "portrait batch rollback ID"},
		{"nothing", nil, 2, "portrait batch run DIR|ZIP"},
		{"something else", []string{"stop"}, 2, "portrait batch run DIR|ZIP"},
		{"no reason", []string{"run", d.folder}, 2, "--reason is missing"},
		{"an empty reason", []string{"run", d.folder, "--reason", " "}, 2, "--reason is missing"},
		{"a roll-back without one", []string{"rollback", "x"}, 2, "--reason is missing"},
		{"an unknown flag", []string{"run", d.folder, "--reason", "x", "--fast"}, 2, "-fast"},
		{"two folders", []string{"run", d.folder, d.folder, "--reason", "x"}, 2, "portrait batch run DIR|ZIP"},
		{"a folder that isn't there", []string{"run", d.folder + "x", "--reason", "x"}, 2, "no such file"},
		{"a table that isn't there", []string{"run", d.folder, "--reason", "x", "--csv", d.folder + "x"}, 2, "no such file"},
		{"no zip", []string{"run", zip, "--reason", "x"}, 1, "This zip can't be read"},
		{"a batch that isn't there", []string{"status", "none"}, 1, "There is no such batch."},
		{"pictures for nobody", []string{"run", d.folder, "--reason", "x"}, exitLook, "nothing of this can be run"},
	} {
		if code, said := d.does(tt.args...); code != tt.code || !strings.Contains(said, tt.said) {
			t.Errorf("%s: exit code %d with %q, want %d with %q", tt.sentence, code, said, tt.code, tt.said)
		}
	}
	all, err := s.db.Batches(t.Context(), s.tenant.ID(), time.Now().Add(time.Hour), 100)
	for _, b := range all {
		if b.State != store.BatchCancelled {
			t.Errorf("batch %s is left behind, %s", b.ID, b.State)
		}
	}
	if len(all) == 0 || err != nil {
		t.Error(fmt.Sprint(all), err)
	}
	t.Setenv("PORTRAIT_TENANT", "none")
	if code, said := d.does("status"); code != 2 || !strings.Contains(said, "PORTRAIT_TENANT") {
		t.Errorf("a wrong setting: %d %q", code, said)
	}
}
