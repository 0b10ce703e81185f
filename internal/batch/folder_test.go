package batch

import (
	"io/fs"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"portrait/internal/fault"
)

func TestWhatAFolderHas(t *testing.T) {
	folder := fstest.MapFS{
		"a/lee.jpg":          {Data: []byte("x")},
		"a/b/deep.png":       {Data: []byte("x")},
		"badges.csv":         {Data: []byte("file\n")},
		".git/objects/x.jpg": {Data: []byte("x")},
		".DS_Store":          {Data: []byte("x")},
		"a/Thumbs.db":        {Data: []byte("x")},
		"a/._lee.jpg":        {Data: []byte("x")},
		"empty.jpg":          {},
		"inner.zip":          {Data: []byte("x")},
		"link.jpg":           {Data: []byte("/etc/passwd"), Mode: fs.ModeSymlink},
		"pipe":               {Mode: fs.ModeNamedPipe},
		"large.jpg":          {Data: make([]byte, MaxFileBytes+1)},
		"large.csv":          {Data: make([]byte, MaxTableBytes+1)},
		"…odd\x1b[2J.jpg":    {Data: []byte("x")},
	}
	files, tables, err := listFolder(folder)
	got := map[string]string{}
	for _, f := range files {
		got[f.name] = f.skip.ID
	}
	want := map[string]string{
		"a/lee.jpg": "", "a/b/deep.png": "", "…odd\x1b[2J.jpg": "", "empty.jpg": "batch.skip-empty", "inner.zip": "batch.skip-zip",
		"link.jpg": "batch.skip-link", "pipe": "batch.skip-link", "large.jpg": "batch.skip-too-large", "large.csv": "batch.table-too-large",
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v %s", err, diff)
	}
	if len(tables) != 1 || tables[0].name != "badges.csv" {
		t.Errorf("tables: %+v", tables)
	}
}

// TestFoldersThatAreTooMuch: nothing of them is taken.
func TestFoldersThatAreTooMuch(t *testing.T) {
	many, heavy := fstest.MapFS{}, fstest.MapFS{}
	for i := range MaxFiles + 1 {
		many[shownName(string(rune('一'+i)))+".jpg"] = &fstest.MapFile{Data: []byte("x")}
	}
	body := make([]byte, 24<<20) // one array for all
	for i := range MaxFolderBytes/len(body) + 1 {
		heavy[string(rune('一'+i))+".jpg"] = &fstest.MapFile{Data: body}
	}
	for _, tt := range []struct {
		sentence string
		folder   fs.FS
		say      string
	}{
		{"too many files", many, "batch.too-many"},
		{"too many bytes", heavy, "batch.folder-total"},
	} {
		_, _, err := listFolder(tt.folder)
		if !fault.Is(err, fault.TooLarge) || fault.As(err).Say.ID != tt.say {
			t.Errorf("%s: %v, want %s", tt.sentence, err, tt.say)
		}
	}
}
