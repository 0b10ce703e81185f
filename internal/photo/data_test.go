package photo

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"testing"

	"portrait/internal/directory"
)

// TestTheDataOfAPersonIsComplete downloads everything about somebody and compares
// it with what is kept.
func TestTheDataOfAPersonIsComplete(t *testing.T) {
	x, shelf := newShelf(t, newUpload(t, 70, 70).Body)
	x.sets(t, bobby, pictured(t, 0))
	x.sets(t, ann, pictured(t, 1)) // is in nobody else's data
	if _, err := x.Set(t.Context(), desk, subjectAt(t, paths[directory.FormUser]), withReason(t)); err != nil {
		t.Fatal(err)
	}
	shelf.to(func(w http.ResponseWriter, r *http.Request, _ func()) { cut(w, r) })
	if saved, err := x.Set(t.Context(), bobby, directory.Me(), pictured(t, 2)); err != nil || saved.State != Unknown {
		t.Fatal(saved, err)
	}
	var body bytes.Buffer
	if err := x.Export(t.Context(), bobby, &body, Order{}); err != nil {
		t.Fatal(err)
	}
	files := unzipped(t, body.Bytes())
	var about exported
	if err := json.Unmarshal(files["about.json"], &about); err != nil {
		t.Fatal(err)
	}
	if about.Person != bobID || about.Tenant != tenant || len(about.Drafts) != 2 || len(about.Past) != 3 || len(about.Told) != 1 {
		t.Fatalf("about.json says %+v", about)
	}
	for i, state := range []State{Confirmed, Unknown} {
		d := about.Drafts[i]
		if d.State != string(state) || d.Act != "set" || len(files[d.File]) == 0 {
			t.Errorf("change %d: %+v with %d bytes", i, d, len(files[d.File]))
		}
	}
	pasts, err := x.Store.Pasts(t.Context(), directory.UserPhoto(tenant, bobID))
	if err != nil || len(pasts) != len(about.Past) {
		t.Fatal(len(pasts), err)
	}
	for i, p := range about.Past {
		if p.SHA256 != pasts[i].ETag || hexOf(files[p.File]) != p.SHA256 {
			t.Errorf("earlier photo %d is another one", i)
		}
	}
	if len(files) != 1+len(about.Drafts)+len(about.Past) {
		t.Errorf("%d files", len(files))
	}
	if all := x.entries(t); all[len(all)-1].Action != "export" {
		t.Error("the download isn't in the audit log")
	}
}

// TestDataThatCannotBeReadIsNotLeftOut gives no zip that lacks something.
func TestDataThatCannotBeReadIsNotLeftOut(t *testing.T) {
	x, _ := newShelf(t, newUpload(t, 70, 70).Body)
	x.sets(t, ann, pictured(t, 0))
	if err := x.Store.Close(); err != nil {
		t.Fatal(err)
	}
	var body bytes.Buffer
	if err := x.Export(t.Context(), ann, &body, Order{}); err == nil || body.Len() > 0 {
		t.Errorf("%v with %d bytes", err, body.Len())
	}
}

func unzipped(t *testing.T, raw []byte) map[string][]byte {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
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
