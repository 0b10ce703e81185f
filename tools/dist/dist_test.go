package main

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestHashedName(t *testing.T) {
	// The first digits of the SHA-256 of "abc", FIPS 180-2 appendix B.1.
	if got, want := hashedName("app.css", []byte("abc")), "app.ba7816bf.css"; got != want {
		t.Errorf("hashedName(app.css, abc) = %q, want %q", got, want)
	}
}

func TestDrawing(t *testing.T) {
	const svg = `<!-- @license -->
<svg class="lucide" width="24" viewBox="0 0 24 24">
  <path d="m6 6 1 1" />
  <circle cx="5" cy="4" r="3" />
  <line x1="1" x2="2" y1="3" y2="4" />
  <rect x="1" y="2" width="10" height="8" rx="2" />
</svg>`
	const want = "M0 0m6 6 1 1" + "M2 4a3 3 0 1 0 6 0a3 3 0 1 0 -6 0z" + "M1 3L2 4" +
		"M3 2h6a2 2 0 0 1 2 2v4a2 2 0 0 1 -2 2h-6a2 2 0 0 1 -2 -2v-4a2 2 0 0 1 2 -2z"
	if got, err := drawing([]byte(svg)); err != nil || got != want {
		t.Errorf("drawing = %s, %v, want %s", got, err, want)
	}
}

func TestDrawingRefuses(t *testing.T) {
	for name, svg := range map[string]string{
		"a drawing in another size": `<svg viewBox="0 0 16 16"><path d="M6 6"/></svg>`,
		"an empty drawing":          `<svg viewBox="0 0 24 24"></svg>`,
		"half a file":               `<svg viewBox="0 0 24 24"><path`,
		"an unknown attribute":      `<svg viewBox="0 0 24 24"><path d="M6 6" transform="scale(2)"/></svg>`,
		"an unknown shape":          `<svg viewBox="0 0 24 24"><text>x</text></svg>`,
	} {
		if _, err := drawing([]byte(svg)); err == nil {
			t.Errorf("drawing takes %s, want an error", name)
		}
	}
}

func TestWriteAndCompare(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "dist")
	files := map[string][]byte{"app.1.js": []byte("1"), "manifest.json": []byte("{}")}
	if err := compare(dir, files); err == nil {
		t.Error("compare of a folder that isn't there = nil, want an error")
	}
	if err := write(dir, files); err != nil {
		t.Fatal(err)
	}
	if err := compare(dir, files); err != nil {
		t.Errorf("compare of what was written = %v, want nil", err)
	}

	next := map[string][]byte{"app.2.js": []byte("2"), "manifest.json": []byte("{ }")}
	err := compare(dir, next)
	for _, stale := range []string{"app.1.js", "app.2.js", "manifest.json", "make build"} {
		if err == nil || !strings.Contains(err.Error(), stale) {
			t.Errorf("compare of another build = %v, want it to name %s", err, stale)
		}
	}
	if err := write(dir, next); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "app.1.js")); !os.IsNotExist(err) {
		t.Errorf("the file of the last build is still there (%v)", err)
	}
}

// TestEveryExtraHasItsLicence holds that each folder of static/extra tells whose
// it is, and that what is under the LGPL is copied, not bundled.
func TestEveryExtraHasItsLicence(t *testing.T) {
	has := map[string][]string{} // folder to kinds of text
	for _, p := range extras {
		folder, name := path.Split(p.to)
		switch {
		case name == "NOTICE.txt":
			has[folder] = append(has[folder], "notice")
		case strings.HasPrefix(name, "LICENSE"):
			has[folder] = append(has[folder], "licence")
		}
		if (p.from == "") == (p.make == nil) {
			t.Errorf("%s is both copied and bundled, or neither", p.to)
		}
		if strings.Contains(p.from, "heic-to") && p.make != nil {
			t.Errorf("%s is bundled, want it unmodified", p.to)
		}
	}
	for _, p := range extras {
		folder := path.Dir(p.to) + "/"
		if !slices.Contains(has[folder], "notice") || !slices.Contains(has[folder], "licence") {
			t.Errorf("%s lies in a folder with %v, want a notice and a licence", p.to, has[folder])
		}
	}
}

func TestWriteExtras(t *testing.T) {
	dir := t.TempDir()
	for name, content := range map[string]string{"README.txt": "read me", "old/part.js": "1"} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := writeExtras(dir, map[string][]byte{"new/part.js": []byte("2")}); err != nil {
		t.Fatal(err)
	}
	var got []string
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			got = append(got, name)
		}
		return err
	})
	if want := []string{"README.txt", "new/part.js"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("static/extra holds %v (%v), want %v", got, err, want)
	}
}
