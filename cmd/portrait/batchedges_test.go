package main

import (
	"bytes"
	"context"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"portrait/internal/audit"
	"portrait/internal/demo"
	"portrait/internal/directory"
	"portrait/internal/store"
	"portrait/internal/store/storetest"
)

// changing is what is another one in each answer.
var changing = regexp.MustCompile(`\b[A-Z2-7]{26}\b|nonce="[^"]*"|content="[^"]*"|value="[^"]*"`)

// TestSecurityABatchOfAnotherTenantIsNone asks for every address of a batch of
// another tenant: the answer is that of a batch that isn't there.
func TestSecurityABatchOfAnotherTenantIsNone(t *testing.T) {
	s := newBatchSite(t, storetest.SQLite(t).URL)
	id, ctx := store.NewBatchID(), t.Context()
	err := s.db.CreateBatch(ctx, store.Batch{ID: id, Tenant: "other", Author: "somebody", Reason: "x", Created: time.Now()})
	if err == nil {
		err = s.db.AddItem(ctx, id, 1, "a.jpg", tinted(t, 1))
	}
	if err != nil {
		t.Fatal(err)
	}
	desk, tried := s.signedIn("helpdesk"), 0
	ask := func(r route, batch string) *answer {
		path := strings.NewReplacer(":batch", batch, ":n", "1").Replace(r.Path)
		return desk.do(r.Method, path, strings.NewReader("plan=00&person=x&reason=r&tick=on"), "X-CSRF-Token", desk.token, "Content-Type", formType)
	}
	for _, r := range s.routes() {
		if !strings.Contains(r.Path, ":batch") || r.Method == http.MethodHead {
			continue
		}
		tried++
		absent := store.NewBatchID()
		theirs, none := ask(route{r.Method, r.Path}, id), ask(route{r.Method, r.Path}, absent)
		if theirs.status != http.StatusNotFound || none.status != http.StatusNotFound {
			t.Errorf("%s %s answers %d for another tenant's batch, %d for none", r.Method, r.Path, theirs.status, none.status)
		}
		same := func(a *answer, id string) string {
			return changing.ReplaceAllString(strings.ReplaceAll(string(a.body), id, "ID"), "")
		}
		if diff := cmp.Diff(same(none, absent), same(theirs, id)); diff != "" {
			t.Errorf("%s %s tells that the batch exists: %s", r.Method, r.Path, diff)
		}
	}
	if tried < 12 {
		t.Errorf("there are only %d addresses", tried)
	}
	if text := desk.get("/batches").text(); strings.Contains(text, id) {
		t.Error("the list shows another tenant's batch")
	}
	b, err := s.db.Batch(ctx, "other", id)
	if it, err := s.db.Item(ctx, id, 1); err != nil || it.Ticked || it.Person != "" {
		t.Errorf("another tenant's item was changed: %+v, %v", it, err)
	}
	if err != nil || b.State != store.BatchOpen || b.Approver != "" {
		t.Errorf("another tenant's batch was changed: %+v, %v", b, err)
	}
}

// route is an address with its parameters, and a method.
type route struct{ Method, Path string }

// TestFailedItemsAreRetriedOrLeftAsTheyAre presses both buttons of a batch that is
// paused since some of its items have failed, and reads in the audit log who did
// all this.
func TestFailedItemsAreRetriedOrLeftAsTheyAre(t *testing.T) {
	const items = 6
	s := newBatchSite(t, storetest.SQLite(t).URL)
	desk := s.signedIn("helpdesk")
	refuse := func(n int) {
		w := demo.Weather{ReadDelay: -1}
		for range n {
			w.Graph = append(w.Graph, demo.Answer{Method: http.MethodPut, Status: http.StatusForbidden, Code: "ErrorAccessDenied"})
		}
		s.tenant.Set(w)
	}
	id := s.fill(s.person("helpdesk"), items)
	refuse(2)
	desk.press(id, "run")
	if counts := s.until(id, store.BatchPaused); counts.States[store.ItemFailed] != 2 || counts.States[store.ItemDone] != items-2 {
		t.Fatalf("before the retry: %v", counts.States)
	}
	refuse(1)
	desk.press(id, "retry")
	s.untilDone(id, items-1)
	if counts := s.until(id, store.BatchPaused); counts.States[store.ItemFailed] != 1 || counts.States[store.ItemDone] != items-1 {
		t.Fatalf("after the retry: %v", counts.States)
	}
	if n := len(s.puts()); n != items-1 {
		t.Errorf("%d people's photos were changed, want %d", n, items-1)
	}
	for person, n := range s.puts() {
		if n != 1 {
			t.Errorf("%s was sent %d times: the retry is for the failed alone", person, n)
		}
	}
	desk.press(id, "finish")
	if counts := s.until(id, store.BatchDone); counts.States[store.ItemFailed] != 1 {
		t.Errorf("finished: %v", counts.States)
	}
	if _, err := s.db.Grant(t.Context(), id); err == nil {
		t.Error("the grant is still there")
	}
	report := string(desk.get("/batches/" + id + "/report.csv").body)
	if strings.Count(report, `"done"`) != items-1 || strings.Count(report, `"failed"`) != 1 {
		t.Errorf("the report doesn't add up to %d:\n%s", items, report)
	}
	back := desk.press(id, "rollback", "reason", "wrong day")
	s.trail(id, desk, []string{"batchStart", "batchPause", "batchRetry", "batchPause", "batchFinish", "batchReport"})
	s.trail(strings.TrimPrefix(back.url.Path, "/batches/")+" undoes "+id, desk, []string{"batchRollBack"})
}

// trail holds what the audit log says was done with a batch, and that the
// helpdesk did it, but for pauses, which Portrait makes when items fail.
func (s *batchSite) trail(item string, desk *browser, want []string) {
	s.t.Helper()
	var got []string
	err := s.testSite.audited().Each(context.Background(), audit.Filter{}, func(r audit.Record) error {
		if r.Item != item {
			return nil
		}
		got = append([]string{r.Action}, got...)
		switch {
		case r.Reason == "" || r.Outcome != audit.Done || r.Tenant != s.tenant.ID():
			s.t.Errorf("%s: %q, %s, tenant %s", r.Action, r.Reason, r.Outcome, r.Tenant)
		case r.Action == "batchPause" && (r.As != audit.AsOperator || r.Person != "" || r.Code != "batch.some-failed"):
			s.t.Errorf("the pause is %+v", r.Entry)
		case r.Action != "batchPause" && (r.Person != s.person("helpdesk") || r.Role != directory.Helpdesk || r.IP == "" || r.RequestID == ""):
			s.t.Errorf("%s is by %s (%s) from %q, request %q", r.Action, r.Person, r.Role, r.IP, r.RequestID)
		}
		return nil
	})
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		s.t.Errorf("the audit log about %s: %v %s", item, err, diff)
	}
}

// TestSecurityBatchActsAreAudited is about the acts that the test above hasn't.
func TestSecurityBatchActsAreAudited(t *testing.T) {
	s := newBatchSiteWith(t, storetest.SQLite(t).URL, "PORTRAIT_APPROVAL_ABOVE", "2")
	s.tenant.Set(demo.Weather{ReadDelay: -1, Slow: 100 * time.Millisecond})
	s.tenant.GrantRole("employee", "Helpdesk")
	desk, second := s.signedIn("helpdesk"), s.signedIn("employee")
	empty := strings.TrimPrefix(desk.newBatch(), "/batches/")
	desk.press(empty, "cancel")
	s.trail(empty, desk, []string{"batchCreate", "batchCancel"})
	id := s.fill(s.person("helpdesk"), 12)
	desk.press(id, "approve")
	plan := attr(second.get("/batches/"+id).find(`input[name="plan"]`), "value")
	if a := desk.press(id, "approve", "plan", plan); a.status != http.StatusForbidden {
		t.Errorf("the author's approval: %d", a.status)
	}
	second.press(id, "approve", "plan", plan)
	desk.press(id, "run")
	s.untilDone(id, 1)
	desk.press(id, "pause")
	s.until(id, store.BatchPaused)
	desk.press(id, "resume")
	s.until(id, store.BatchRunning)
	desk.press(id, "cancel")
	var got []string
	err := s.testSite.audited().Each(t.Context(), audit.Filter{}, func(r audit.Record) error {
		if r.Item == id {
			got = append([]string{r.Action + " " + r.Outcome + " " + map[directory.ID]string{
				s.person("helpdesk"): "desk", s.person("employee"): "second"}[r.Person]}, got...)
		}
		return nil
	})
	want := []string{
		"batchAsk done desk", "batchApprove refused desk", "batchApprove done second", "batchStart done desk", "batchPause done desk",
		"batchResume done desk", "batchCancel done desk",
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v %s", err, diff)
	}
}

// forgetProvider makes the provider forget who this browser is; the site still
// knows.
func (b *browser) forgetProvider() {
	b.t.Helper()
	site, err := url.Parse(b.url)
	if err != nil {
		b.t.Fatal(err)
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		b.t.Fatal(err)
	}
	jar.SetCookies(site, b.http.Jar.Cookies(site)) // the provider's have its path
	b.http.Jar = jar
}

// TestSecurityARunThatNeedsThePersonAsksThem: the provider doesn't know the browser any
// more, so the batch starts once its person has signed in again, and not for
// anybody else.
func TestSecurityARunThatNeedsThePersonAsksThem(t *testing.T) {
	s := newBatchSite(t, storetest.SQLite(t).URL)
	s.tenant.GrantRole("employee", "Helpdesk")
	desk := s.signedIn("helpdesk")
	id := s.fill(s.person("helpdesk"), 2)
	desk.forgetProvider()
	page := desk.press(id, "run")
	if strings.HasPrefix(page.url.String(), s.url) {
		t.Fatalf("the person isn't asked: %d at %s: %s", page.status, page.url, page.text())
	}
	if a := desk.at(page, "persona", "employee"); a.status != http.StatusForbidden || !strings.Contains(a.text(), "came back as somebody else") {
		t.Errorf("coming back as somebody else: %d %s", a.status, a.text())
	}
	b, err := s.db.Batch(t.Context(), s.tenant.ID(), id)
	if err != nil || b.State != store.BatchOpen || len(s.puts()) > 0 {
		t.Fatalf("it runs for somebody else: %s, %v", b.State, err)
	}
	desk.forgetProvider()
	if a := desk.at(desk.press(id, "run"), "persona", "helpdesk"); a.status != http.StatusOK || a.url.Path != "/batches/"+id {
		t.Fatalf("coming back: %d at %s: %s", a.status, a.url, a.text())
	}
	if counts := s.until(id, store.BatchDone); counts.States[store.ItemDone] != 2 {
		t.Errorf("in the end: %v", counts.States)
	}
}

// TestWhoChangedTheirPhotoAfterThePlanIsSkipped: they did so before the batch ran,
// a moment ago or longer ago than changes are kept.
func TestWhoChangedTheirPhotoAfterThePlanIsSkipped(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *storetest.Database) {
		s := newBatchSite(t, db.URL)
		for i, key := range []string{"employee", "owner"} {
			s.people[i] = directory.Person{ID: s.person(key), UPN: s.upn(key)}
		}
		desk := s.signedIn("helpdesk")
		id := s.fill(s.person("helpdesk"), 3)
		own := map[string][]byte{}
		for _, key := range []string{"employee", "owner"} {
			b := s.signedIn(key)
			if a := b.put(tinted(t, 90+len(own))); a.status != http.StatusOK {
				t.Fatalf("%s: %d %s", key, a.status, a.text())
			}
			own[key] = s.tenant.Photo(s.person(key))
		}
		// Of the owner's change nothing but its time is kept, as of one that is days old.
		if _, err := db.SQL(t).ExecContext(t.Context(), `DELETE FROM drafts WHERE person = '`+string(s.person("owner"))+`'`); err != nil {
			t.Fatal(err)
		}
		desk.press(id, "run")
		counts := s.until(id, store.BatchDone)
		if counts.States[store.ItemSkipped] != 2 || counts.States[store.ItemDone] != 1 {
			t.Errorf("in the end: %v", counts.States)
		}
		for key, photo := range own {
			if !bytes.Equal(s.tenant.Photo(s.person(key)), photo) {
				t.Errorf("the photo that the %s chose is gone", key)
			}
		}
		report := string(desk.get("/batches/" + id + "/report.csv").body)
		if n := strings.Count(report, "Skipped: this photo was changed meanwhile."); n != 2 {
			t.Errorf("the report says so %d times:\n%s", n, report)
		}
	})
}

// TestTheReviewSaysWhomABatchSkips: whether people with a photo are skipped, and
// whether it is a dry run, can be said until it runs.
func TestTheReviewSaysWhomABatchSkips(t *testing.T) {
	s := newBatchSite(t, storetest.SQLite(t).URL)
	desk := s.signedIn("helpdesk")
	path := desk.newBatch()
	id := strings.TrimPrefix(path, "/batches/")
	desk.putFile(path, "1", s.upn("owner")+".jpg", tinted(t, 1))
	desk.putFile(path, "2", s.upn("no-photo")+".jpg", tinted(t, 2))
	desk.submit(path + "/match")
	checked := func(name string) bool {
		for _, input := range desk.get(path).all(`input[name="` + name + `"]`) {
			for _, a := range input.Attr {
				if a.Key == "checked" {
					return true
				}
			}
		}
		return false
	}
	if checked("only_missing") || checked("dry_run") {
		t.Error("something is chosen that nobody chose")
	}
	desk.submit(path+"/options", "only_missing", "on", "dry_run", "on")
	if !checked("only_missing") || !checked("dry_run") {
		t.Error("the page doesn't show what was chosen")
	}
	desk.submit(path+"/options", "only_missing", "on")
	if !checked("only_missing") || checked("dry_run") {
		t.Error("the page doesn't show what was chosen then")
	}
	desk.press(id, "run")
	counts := s.until(id, store.BatchDone)
	if counts.States[store.ItemSkipped] != 1 || counts.States[store.ItemDone] != 1 || s.puts()[s.person("no-photo")] != 1 || len(s.puts()) != 1 {
		t.Errorf("in the end: %v, %v", counts.States, s.puts())
	}
	if a := desk.submit(path+"/options", "dry_run", "on"); a.status != http.StatusConflict {
		t.Errorf("changing it when it has run answers %d: %s", a.status, a.text())
	}
}
