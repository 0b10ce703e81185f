package main

import (
	"bytes"
	"image"
	"image/jpeg"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"portrait/internal/store"
	"portrait/internal/store/storetest"
)

// TestAPictureOfABatchIsFramedFromAllOfIt asks for all of an item's picture, as
// the editor of the review does: it says how large the picture is, and shows all
// of it, upright.
func TestAPictureOfABatchIsFramedFromAllOfIt(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	desk := s.signedIn("helpdesk")
	path := desk.newBatch()
	for n, body := range map[string][]byte{"1": tall(t, 300, 600), "2": []byte("Dear helpdesk"), "3": sample(t, "tiny.jpg")} {
		if a := desk.putFile(path, n, "person"+n+".jpg", body); a.status != http.StatusNoContent {
			t.Fatalf("file %s answers %d", n, a.status)
		}
	}
	for _, tt := range []struct {
		name, n string
		status  int
	}{
		{"a picture", "1", 200}, {"something that isn't a picture, which isn't kept", "2", 404}, {"a number that there isn't", "9", 404}, {"no number", "x", 404},
	} {
		a := desk.get(path + "/items/" + tt.n + "/whole/$value")
		if a.status != tt.status {
			t.Errorf("%s answers %d: %s, want %d", tt.name, a.status, a.text(), tt.status)
		}
		if a.status != http.StatusOK {
			continue
		}
		shown, err := jpeg.DecodeConfig(bytes.NewReader(a.body))
		if w, h := a.header.Get("Picture-Width"), a.header.Get("Picture-Height"); err != nil || w != "300" || h != "600" || shown.Height != 2*shown.Width {
			t.Errorf("%s is said to be %s×%s and shown as %d×%d, %v; want 300×600, in small", tt.name, w, h, shown.Width, shown.Height, err)
		}
		if kept := a.header.Get("Cache-Control"); !strings.Contains(kept, "private") && !strings.Contains(kept, "no-store") {
			t.Errorf("%s may be kept by others: %q", tt.name, kept)
		}
	}
}

// tall returns a JPEG of width and height.
func tall(t *testing.T, width, height int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, width, height)), nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestADryRunInTheBrowserChangesNothing chooses a dry run when the batch is made,
// runs it, and reads what would have happened.
func TestADryRunInTheBrowserChangesNothing(t *testing.T) {
	s := newBatchSite(t, storetest.SQLite(t).URL)
	desk := s.signedIn("helpdesk")
	path := desk.newBatch("dry_run", "on")
	id := strings.TrimPrefix(path, "/batches/")
	for n, persona := range []string{"owner", "no-photo"} {
		desk.putFile(path, strconv.Itoa(n+1), s.upn(persona)+".jpg", tinted(t, n))
	}
	if text := desk.submit(path + "/match").text(); !strings.Contains(text, "dry run") {
		t.Errorf("the review doesn't say that it is a dry run: %s", text)
	}
	desk.press(id, "run")
	s.until(id, store.BatchDone)
	report := string(desk.get(path + "/report.csv").body)
	for _, want := range []string{"Would replace the photo that is there", "Would be the first photo"} {
		if strings.Count(report, want) != 1 {
			t.Errorf("the report doesn't say once %q:\n%s", want, report)
		}
	}
	if sent := s.puts(); len(sent) > 0 {
		t.Errorf("a dry run has changed photos: %v", sent)
	}
	if a := desk.submit(path+"/rollback", "reason", "INC-1"); a.status < 400 {
		t.Errorf("taking back a dry run answers %d: %s", a.status, a.text())
	}
}
