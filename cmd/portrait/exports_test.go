package main

import (
	"archive/zip"
	"bytes"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"portrait/internal/batch"
	"portrait/internal/directory"
)

// unzipped returns the files of a zip by name.
func unzipped(t *testing.T, body []byte) map[string][]byte {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(body), int64(len(body)))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if files[f.Name], err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
	}
	return files
}

// TestAnExportCanBeDroppedBackIn exports a department and drops the zip into a
// batch as it is: every photo finds its person by the manifest.
func TestAnExportCanBeDroppedBackIn(t *testing.T) {
	t.Parallel()
	s := newSiteWith(t, nil, func(vars map[string]string) { vars["PORTRAIT_APPROVAL_ABOVE"] = "0" })
	b := s.signedIn("helpdesk")
	have, lack := s.covered()
	page := b.submit("/exports", "kind", "department", "department", "operations", "reason", "INC-7")
	people := have["Operations"] + lack["Operations"]
	if want := strconv.Itoa(people) + " people"; page.status != 200 || !strings.Contains(page.text(), want) {
		t.Fatalf("the export answers %d and doesn't say %q: %s", page.status, want, page.text())
	}
	part := b.get(page.url.Path + "/parts/1")
	if part.status != 200 || part.header.Get("Content-Type") != "application/zip" {
		t.Fatalf("the part answers %d: %s", part.status, part.text())
	}
	files := unzipped(t, part.body)
	if len(files) != have["Operations"]+1 {
		t.Errorf("the zip has %d files, want %d photos and the manifest", len(files), have["Operations"])
	}
	manifest := (&answer{t: t, body: files["manifest.csv"]}).csv()
	if len(manifest) != people {
		t.Errorf("the manifest has %d rows, want %d", len(manifest), people)
	}
	ids := map[string]directory.ID{}
	for _, row := range manifest {
		id := directory.ID(row[8])
		if row[1] == "" {
			if row[2] != "no photo" || len(s.tenant.Photo(id)) > 0 {
				t.Errorf("%s has no file: %s", row[0], row[2])
			}
			continue
		}
		ids[row[1]] = id
		if len(files[row[1]]) == 0 {
			t.Errorf("%s of %s isn't in the zip", row[1], row[0])
		}
	}

	drop := b.newBatch()
	if a := b.upload(drop, dropFile{"photos.zip", part.body}); a.status != 200 {
		t.Fatalf("dropping it answers %d: %s", a.status, a.text())
	}
	b.submit(drop + "/match")
	items := s.items(drop)
	if len(items) != have["Operations"] {
		t.Errorf("the batch has %d items, want %d", len(items), have["Operations"])
	}
	for _, it := range items {
		if it.Verdict != string(batch.Matched) || it.How != string(batch.ByTable) || it.Person != ids[it.Name] || !it.Ticked {
			t.Errorf("%s is %s by %s to %s, want %s by the table", it.Name, it.Verdict, it.How, it.Person, ids[it.Name])
		}
	}
	log := b.get("/audit?action=handOut").text()
	if !strings.Contains(log, "Photos exported") || !strings.Contains(log, "INC-7") {
		t.Errorf("the audit log says: %s", log)
	}
	if text := b.get(page.url.Path).text(); !strings.Contains(text, "Downloaded") {
		t.Errorf("the page doesn't know that it was downloaded: %s", text)
	}
}

func TestWhoseAnExportIs(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.signedIn("helpdesk")
	have, lack := s.covered()
	members := s.tenant.Members(s.group("Crew Choir").ID)
	for _, tt := range []struct {
		name   string
		fields []string
		status int
		want   string
	}{
		{"everybody but guests and accounts without a sign-in", []string{"kind", "everybody"}, 200, strconv.Itoa(sum(have)+sum(lack)) + " people"},
		{"the members of a group by its mail address", []string{"kind", "group", "group", s.group("Crew Choir").Mail}, 200, strconv.Itoa(len(members)) + " people"},
		{"the members of a group by its name", []string{"kind", "group", "group", "crew choir"}, 200, strconv.Itoa(len(members)) + " people"},
		{"a group that there isn't", []string{"kind", "group", "group", "No Such Choir"}, 404, "There is no group"},
		{"a list with a head, a name twice and nobody", []string{"kind", "list", "list", "userPrincipalName,name\n" + members[0].UPN + ",x\n" + members[0].UPN + "\nnobody@example.com"}, 200, "1 address is nobody's"},
		{"a list without addresses", []string{"kind", "list", "list", "Ann\nBob"}, 422, "no user name or mail address"},
		{"a department that nobody is in", []string{"kind", "department", "department", "Alchemy"}, 404, "nobody of that kind"},
		{"no choice", nil, 400, ""},
	} {
		a := b.submit("/exports", append([]string{"reason", "INC-1"}, tt.fields...)...)
		if a.status != tt.status || !strings.Contains(a.text(), tt.want) {
			t.Errorf("%s: %d, want %d and %q: %s", tt.name, a.status, tt.status, tt.want, a.text())
		}
	}
	if a := b.submit("/exports", "kind", "everybody", "reason", "  "); a.status != http.StatusUnprocessableEntity {
		t.Errorf("without a reason: %d, want 422", a.status)
	}
}

func TestALargeExportNeedsASecondPerson(t *testing.T) {
	t.Parallel()
	s := newSiteWith(t, nil, func(vars map[string]string) { vars["PORTRAIT_APPROVAL_ABOVE"] = "3" })
	author := s.signedIn("helpdesk")
	page := author.submit("/exports", "kind", "department", "department", "Operations", "reason", "INC-8")
	if !strings.Contains(page.text(), "need somebody else's approval") || page.find(`input[name="plan"]`) != nil {
		t.Fatalf("the author's page says: %s", page.text())
	}
	path := page.url.Path
	if a := author.get(path + "/parts/1"); a.status != http.StatusConflict {
		t.Errorf("downloading before approval: %d, want 409", a.status)
	}
	s.tenant.GrantRole("owner", "Helpdesk")
	second := s.signedIn("owner")
	plan := attr(second.get(path).find(`input[name="plan"]`), "value")
	if a := author.submit(path+"/approve", "plan", plan); a.status != http.StatusForbidden {
		t.Errorf("the author approves: %d, want 403", a.status)
	}
	if a := second.submit(path+"/approve", "plan", "00"); a.status != http.StatusConflict {
		t.Errorf("another plan is approved: %d, want 409", a.status)
	}
	if a := second.submit(path+"/approve", "plan", plan); a.status != 200 || !strings.Contains(a.text(), "Part 1 of 1") {
		t.Errorf("the second person approves: %d: %s", a.status, a.text())
	}
	if a := author.get(path + "/parts/1"); a.status != 200 || len(unzipped(t, a.body)) < 2 {
		t.Errorf("downloading after approval: %d", a.status)
	}
	if a := author.get(path + "/parts/2"); a.status != http.StatusNotFound {
		t.Errorf("a part that there isn't: %d, want 404", a.status)
	}
	s.tenant.RevokeRole("helpdesk")
	if log := second.get("/audit?action=approveHandOut").text(); !strings.Contains(log, "Export of photos approved") {
		t.Errorf("the audit log says: %s", log)
	}
}
