package main

import (
	"archive/zip"
	"bytes"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"portrait/internal/directory"
	"portrait/internal/store"
)

// dropFile is a file of a form.
type dropFile struct {
	name string
	body []byte
}

// newBatch makes a batch as the form does and returns its path.
func (b *browser) newBatch(fields ...string) string {
	b.t.Helper()
	a := b.submit("/batches", append([]string{"reason", "INC-1"}, fields...)...)
	if a.status != http.StatusOK || !strings.HasPrefix(a.url.Path, "/batches/") {
		b.t.Fatalf("making a batch: %d at %s: %s", a.status, a.url.Path, a.text())
	}
	return a.url.Path
}

// upload sends files with the plain form.
func (b *browser) upload(batch string, files ...dropFile) *answer {
	b.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	_ = w.WriteField("csrf_token", b.token) // a Buffer never fails
	for _, f := range files {
		part, err := w.CreateFormFile("files", f.name)
		if err != nil {
			b.t.Fatal(err)
		}
		_, _ = part.Write(f.body) // likewise
	}
	_ = w.Close() // likewise
	return b.do(http.MethodPost, batch+"/files", &body, "Content-Type", w.FormDataContentType())
}

// putFile sends one file as the scripts do.
func (b *browser) putFile(batch, n, name string, body []byte) *answer {
	b.t.Helper()
	return b.do(http.MethodPut, batch+"/files/"+n, bytes.NewReader(body), "X-CSRF-Token", b.token, "X-File-Name", url.PathEscape(name))
}

func zipped(t *testing.T, files ...dropFile) []byte {
	t.Helper()
	var body bytes.Buffer
	w := zip.NewWriter(&body)
	for _, f := range files {
		part, err := w.Create(f.name)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = part.Write(f.body) // a Buffer never fails
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return body.Bytes()
}

// items returns the items of the batch at path.
func (s *testSite) items(path string) []store.Item {
	s.t.Helper()
	items, err := s.db.Items(s.t.Context(), strings.TrimPrefix(path, "/batches/"), 0, 100)
	if err != nil {
		s.t.Fatal(err)
	}
	return items
}

func TestABatchFromFilesToTheWall(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.signedIn("helpdesk")
	batch := b.newBatch("title", "Badges")
	picture, other := sample(t, "tiny.jpg"), sample(t, "sideways.jpg")
	people := s.tenant.People()
	owner := s.person("owner")
	i := slices.IndexFunc(people, func(p directory.Person) bool { return p.ID == owner })
	upn := people[i].UPN
	for _, tt := range []struct {
		name, n, file string
		body          []byte
		status        int
	}{
		{"a picture", "1", upn + ".jpg", picture, 204},
		{"the same again", "1", upn + ".jpg", picture, 204},
		{"another one under its number", "1", upn + ".jpg", other, 409},
		{"nobody's", "2", "Nobody Whatsoever.jpg", other, 204},
		{"no picture", "3", "notes.jpg", []byte("Dear helpdesk"), 204},
		{"no number", "0", "x.jpg", picture, 404},
		{"a number beyond all", "10001", "x.jpg", picture, 400},
	} {
		if a := b.putFile(batch, tt.n, tt.file, tt.body); a.status != tt.status {
			t.Errorf("%s answers %d: %s, want %d", tt.name, a.status, a.body, tt.status)
		}
	}
	state := b.get(batch+"/state", "Accept", "application/json").json()
	if got := state["files"]; len(got.([]any)) != 3 {
		t.Errorf("the upload could go on after %v, want three numbers", got)
	}
	wall := b.submit(batch + "/match")
	text := wall.text()
	for _, want := range []string{"3 pictures", "1 to be changed", "3 to check", people[i].DisplayName, "By user name", "Nobody in the directory", "isn't a picture"} {
		if !strings.Contains(text, want) {
			t.Errorf("the wall doesn't say %q: %s", want, text)
		}
	}
	if a := b.get(batch + "/items/1/$value"); a.status != 200 || a.header.Get("Content-Type") != "image/jpeg" {
		t.Errorf("the picture answers %d %s", a.status, a.header.Get("Content-Type"))
	}
	for path, status := range map[string]int{batch + "/items/3/$value": 404, batch + "/items/9/$value": 404, batch + "/items/x/$value": 404, "/batches/none": 404} {
		if a := b.get(path); a.status != status {
			t.Errorf("%s answers %d, want %d", path, a.status, status)
		}
	}
	report := b.get(batch + "/report.csv")
	if n := strings.Count(string(report.body), "\r\n"); n != 4 || !strings.Contains(string(report.body), upn) {
		t.Errorf("the report has %d lines: %s", n, report.body)
	}
	if w := s.writes(); len(w) > 0 {
		t.Errorf("preparing changed %v", w)
	}
}

func TestABatchIsCorrectedByHand(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.signedIn("helpdesk")
	batch := b.newBatch()
	b.upload(batch, dropFile{"a.jpg", sample(t, "tiny.jpg")}, dropFile{"b.jpg", sample(t, "sideways.jpg")}, dropFile{"c.jpg", []byte("no")})
	b.submit(batch + "/match")
	var upn string
	for _, p := range s.tenant.People() {
		if p.ID == s.person("owner") {
			upn = p.UPN
		}
	}
	for _, tt := range []struct {
		name, n string
		fields  []string
		status  int
		ticked  []bool
	}{
		{"a tick without a person", "1", []string{"tick", "on"}, 422, []bool{false, false, false}},
		{"somebody who isn't there", "1", []string{"person", "nobody@skylark.example"}, 404, []bool{false, false, false}},
		{"a person by address", "1", []string{"person", strings.ToUpper(upn)}, 200, []bool{true, false, false}},
		{"another picture for them", "2", []string{"person", upn}, 200, []bool{false, true, false}},
		{"the first one after all", "1", []string{"tick", "on"}, 200, []bool{true, false, false}},
		{"a file that is no picture", "3", []string{"person", upn}, 422, []bool{true, false, false}},
		{"left out", "1", []string{"tick", "off"}, 200, []bool{false, false, false}},
		{"a square outside the picture", "2", []string{"crop", "0 0 99999 0"}, 400, []bool{false, false, false}},
		{"a crop that is none", "2", []string{"crop", "left"}, 400, []bool{false, false, false}},
		{"a square", "2", []string{"crop", "10 10 100 90"}, 200, []bool{false, false, false}},
		{"an item that isn't there", "9", []string{"tick", "on"}, 404, []bool{false, false, false}},
	} {
		if a := b.submit(batch+"/items/"+tt.n, tt.fields...); a.status != tt.status {
			t.Errorf("%s answers %d: %s, want %d", tt.name, a.status, a.text(), tt.status)
		}
		var ticked []bool
		for _, it := range s.items(batch) {
			ticked = append(ticked, it.Ticked)
		}
		if !slices.Equal(ticked, tt.ticked) {
			t.Errorf("after %s %v is ticked, want %v", tt.name, ticked, tt.ticked)
		}
	}
	if got := s.items(batch)[1].Crop; got != "10 10 100 90" {
		t.Errorf("the crop is %q", got)
	}
	b.submit(batch + "/match") // what was said by hand stays
	if it := s.items(batch)[0]; it.How != "hand" || it.Person != s.person("owner") {
		t.Errorf("matching again made it %s for %s", it.How, it.Person)
	}
}

// TestTheWallShowsWhoHasAPhoto: as people were counted last, and a picture is left
// out without loading the page.
func TestTheWallShowsWhoHasAPhoto(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.signedIn("helpdesk")
	batch := b.newBatch()
	upn := map[directory.ID]string{}
	for _, p := range s.tenant.People() {
		upn[p.ID] = p.UPN
	}
	b.putFile(batch, "1", upn[s.person("owner")]+".jpg", sample(t, "tiny.jpg"))
	b.putFile(batch, "2", upn[s.person("no-photo")]+".jpg", sample(t, "sideways.jpg"))
	if a := b.submit(batch + "/match"); strings.Contains(a.text(), "Has a photo") {
		t.Errorf("before anybody was counted the wall says who has a photo: %s", a.text())
	}
	if a := b.submit("/coverage/count"); a.status != http.StatusOK {
		t.Fatalf("counting answers %d: %s", a.status, a.text())
	}
	if err := s.running.Load().coverage.Scan(t.Context()); err != nil {
		t.Fatal(err)
	}
	for show, want := range map[string][]string{"all": {"item-1", "item-2"}, "photo": {"item-1"}} {
		page := b.get(batch + "?show=" + show)
		var got []string
		for _, item := range page.all("li") {
			if id := attr(item, "id"); id != "" {
				got = append(got, id)
			}
		}
		if !slices.Equal(got, want) || !strings.Contains(page.text(), "Has a photo 1") {
			t.Errorf("show=%s shows %v, want %v: %s", show, got, want, page.text())
		}
	}
	form := url.Values{"csrf_token": {b.token}, "tick": {"off"}}.Encode()
	a := b.do(http.MethodPost, batch+"/items/2", strings.NewReader(form), "Content-Type", formType, "Accept", "application/json")
	const want = `{"start":"Start 1 change","summary":"2 pictures · 1 to be changed · 1 to check","ticked":"1"}`
	if got := strings.TrimSpace(string(a.body)); a.status != http.StatusOK || got != want {
		t.Errorf("leaving one out answers %d: %s, want %s", a.status, got, want)
	}
}

func TestAZipWithATableBecomesABatch(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.signedIn("helpdesk")
	batch := b.newBatch()
	var upn string
	for _, p := range s.tenant.People() {
		if p.ID == s.person("owner") {
			upn = p.UPN
		}
	}
	body := zipped(t, dropFile{"badges/0001.jpg", sample(t, "tiny.jpg")}, dropFile{"list.csv", []byte("userPrincipalName,file\n" + upn + ",0001.jpg\n" + upn + ",gone.jpg\n")},
		dropFile{"__MACOSX/._0001.jpg", []byte("x")})
	for range 2 { // sent again, it adds nothing
		if a := b.upload(batch, dropFile{"all.zip", body}); a.status != 200 {
			t.Fatalf("the zip answers %d: %s", a.status, a.text())
		}
	}
	text := b.submit(batch + "/match").text()
	items := s.items(batch)
	if len(items) != 1 || items[0].Person != s.person("owner") || items[0].How != "table" {
		t.Fatalf("there are %d items: %+v", len(items), items)
	}
	if !strings.Contains(text, "gone.jpg, which isn't among the files") {
		t.Errorf("the page doesn't say which line came to nothing: %s", text)
	}
}

func TestSecurityAHostileZipIsASentenceAndNothingIsKept(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.signedIn("helpdesk")
	batch := b.newBatch()
	picture := dropFile{"a.jpg", sample(t, "tiny.jpg")}
	whole := zipped(t, picture)
	for _, tt := range []struct {
		name string
		body []byte
		said string
	}{
		{"no zip", []byte("PK, not"), "can't be read"},
		{"a name that leads elsewhere", zipped(t, picture, dropFile{"../evil.jpg", picture.body}), "leads somewhere else"},
		{"a bomb", zipped(t, picture, dropFile{"b.jpg", make([]byte, 20<<20)}), "hundred times"},
		{"one that was cut off", whole[:len(whole)-9], "can't be read"},
		{"a table that is none", zipped(t, picture, dropFile{"l.csv", []byte("x,y\n1,2\n")}), "doesn't name the columns"},
		{"two tables", zipped(t, picture, dropFile{"l.csv", []byte("upn,file\na@b,c\n")}, dropFile{"m.csv", []byte("upn,file\na@b,c\n")}), "several tables"},
	} {
		a := b.upload(batch, dropFile{"all.zip", tt.body})
		if a.status < 400 || a.status >= 500 || !strings.Contains(a.text(), tt.said) {
			t.Errorf("%s answers %d: %s, want %q", tt.name, a.status, a.text(), tt.said)
		}
		if n := len(s.items(batch)); n > 0 {
			t.Errorf("of %s %d items are kept", tt.name, n)
		}
	}
}

func TestASecondPersonApproves(t *testing.T) {
	t.Parallel()
	s := newSiteWith(t, nil, func(vars map[string]string) { vars["PORTRAIT_APPROVAL_ABOVE"] = "1" })
	s.tenant.GrantRole("no-photo", "Helpdesk")
	author, second := s.signedIn("helpdesk"), s.signedIn("no-photo")
	batch := author.newBatch()
	for n, key := range []string{"owner", "employee"} {
		for _, p := range s.tenant.People() {
			if p.ID == s.person(key) {
				author.putFile(batch, []string{"1", "2"}[n], p.UPN+".jpg", sample(t, []string{"tiny.jpg", "sideways.jpg"}[n]))
			}
		}
	}
	if text := author.submit(batch + "/match").text(); !strings.Contains(text, "more than 1 photo") {
		t.Errorf("the page doesn't say that it needs approval: %s", text)
	}
	if a := second.submit(batch + "/approve"); a.status != http.StatusForbidden {
		t.Errorf("asking for the approval of another's batch answers %d: %s", a.status, a.text())
	}
	if a := author.submit(batch + "/approve"); a.status != 200 || !strings.Contains(a.text(), "waits for the approval") {
		t.Errorf("asking for approval answers %d: %s", a.status, a.text())
	}
	for _, way := range [][]string{
		{"/items/1", "crop", "0 0 40 0"}, {"/items/1", "tick", "off"}, {"/options", "dry_run", "on"}, {"/match"},
	} {
		if a := second.submit(batch+way[0], way[1:]...); a.status != http.StatusForbidden {
			t.Errorf("whoever may approve changes the plan first by %v: %d", way, a.status)
		}
	}
	if second.get(batch).find(`input[name="crop"]`) != nil {
		t.Error("whoever may approve is offered to change the plan")
	}
	plan := attr(second.get(batch).find(`input[name="plan"]`), "value")
	if author.get(batch).find(`input[name="plan"]`) != nil {
		t.Error("the author may approve")
	}
	if a := author.submit(batch+"/approve", "plan", plan); a.status != http.StatusForbidden {
		t.Errorf("the author's approval answers %d: %s", a.status, a.text())
	}
	author.submit(batch+"/items/1", "crop", "0 0 50 0")
	if a := second.submit(batch+"/approve", "plan", plan); a.status != http.StatusConflict {
		t.Errorf("approving a plan that was changed answers %d: %s", a.status, a.text())
	}
	plan = attr(second.get(batch).find(`input[name="plan"]`), "value")
	if a := second.submit(batch+"/approve", "plan", plan); a.status != 200 || !strings.Contains(a.text(), "has approved") {
		t.Errorf("approving answers %d: %s", a.status, a.text())
	}
	author.submit(batch+"/items/1", "tick", "off")
	author.submit(batch+"/items/1", "tick", "on")
	author.submit(batch+"/items/1", "crop", "")
	if text := author.get(batch).text(); strings.Contains(text, "has approved") {
		t.Error("the approval holds for another plan")
	}
}

// TestSecurityEveryAddressOfABatchIsTheHelpdesks asks for every address of a batch as somebody else, with
// a batch that there is and one that there isn't: the answer is the same.
func TestSecurityEveryAddressOfABatchIsTheHelpdesks(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	desk, b := s.signedIn("helpdesk"), s.signedIn("employee")
	id := strings.TrimPrefix(desk.newBatch(), "/batches/")
	tried := 0
	for _, r := range s.routes() {
		if !strings.HasPrefix(r.Path, "/batches") || r.Method == http.MethodHead {
			continue
		}
		tried++
		for _, batch := range []string{id, "none"} {
			path := strings.NewReplacer(":batch", batch, ":n", "1").Replace(r.Path)
			a := b.do(r.Method, path, strings.NewReader("plan=00&person=x&reason=r"), "X-CSRF-Token", b.token, "Content-Type", "application/x-www-form-urlencoded")
			if a.status != http.StatusForbidden {
				t.Errorf("%s %s answers %d to an employee: %s", r.Method, r.Path, a.status, a.text())
			}
		}
	}
	if tried < 10 {
		t.Errorf("there are only %d addresses", tried)
	}
	if a := b.get("/admin"); a.find(`a[href="/batches"]`) != nil {
		t.Error("an employee is shown the way to batches")
	}
}
