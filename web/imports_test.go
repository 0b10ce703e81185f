package web_test

import (
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// anything stands for every package of ours.
const anything = "*"

// mayImport is the table of the design: which packages of ours a package may
// import, by folder. A package that isn't here shouldn't be in the repository.
// Tests may import more.
//
// Whoever makes a fault.Error makes the sentence in it, and so imports words.
var mayImport = map[string][]string{
	"cmd/portrait": {anything},
	"cmd/gallery":  {"views", "static", "internal/words"},

	"web":      {"handlers", "views", "static", "internal/auth", "internal/words", "internal/directory", "internal/fault"},
	"handlers": {"views", "internal/words", "internal/auth", "internal/photo", "internal/batch", "internal/coverage", "internal/export", "internal/directory", "internal/fault"},
	"views":    {"static", "internal/words"},
	"static":   {},

	"internal/batch":           {"internal/photo", "internal/picture", "internal/store", "internal/words", "internal/directory", "internal/fault"},
	"internal/coverage":        {"internal/photo", "internal/store", "internal/words", "internal/directory", "internal/fault"},
	"internal/export":          {"internal/photo", "internal/store", "internal/words", "internal/directory", "internal/fault"},
	"internal/photo":           {"internal/picture", "internal/graph", "internal/store", "internal/audit", "internal/directory", "internal/fault", "internal/words"},
	"internal/auth":            {"internal/store", "internal/directory", "internal/fault", "internal/words"},
	"internal/graph":           {"internal/directory", "internal/fault", "internal/words"},
	"internal/store":           {"internal/directory", "internal/fault", "internal/words"},
	"internal/audit":           {"internal/store", "internal/directory", "internal/fault", "internal/words"},
	"internal/picture":         {"internal/jpegscale", "internal/fault", "internal/words"},
	"internal/fault":           {"internal/words"},
	"internal/demo":            {"internal/directory"}, // the other side of the wire, never graph
	"internal/directory":       {},
	"internal/words":           {},
	"internal/jpegscale":       {},
	"internal/graph/contract":  {},                 // for tests alone: what Graph's calls look like
	"internal/store/storetest": {"internal/store"}, // for tests alone: opens a store on each database

	"e2e":        {anything},
	"bench":      {anything},
	"bench/load": {"internal/demo", "internal/directory"}, // the program itself is another process
}

// theirs are modules that only some packages of ours may import, so that each
// stands behind one door.
var theirs = map[string][]string{
	"github.com/caarlos0/env":       {"cmd/portrait"},
	"github.com/a-h/templ":          {"views", "handlers", "web", "cmd/gallery"},
	"github.com/coreos/go-oidc":     {"internal/auth"},
	"github.com/gorilla/sessions":   {"internal/auth"},
	"github.com/jackc/pgx":          {"internal/store", "internal/store/storetest"},
	"github.com/klauspost/compress": {"web"},
	"github.com/labstack/echo":      {"handlers", "web"},
	"github.com/pressly/goose":      {"internal/store"},
	"github.com/zitadel/oidc":       {"internal/demo"},
	"github.com/riverqueue/river":   {"internal/store", "internal/batch"},
	"golang.org/x/image":            {"internal/picture", "internal/demo", "bench"},
	"github.com/tsenart/vegeta":     {"bench/load"},
	"modernc.org/sqlite":            {"internal/store"},
	"github.com/chromedp":           {"e2e"},
	"github.com/nicksnyder/go-i18n": {"internal/words"},
}

func TestImports(t *testing.T) {
	_, own := everyPackage(t)
	for _, p := range own {
		allowed, ok := mayImport[p.folder()]
		if !ok {
			t.Errorf("%s is not in the table: a package needs a reason, and a row", p.folder())
			continue
		}
		for _, path := range p.Imports {
			if !ours(path) || slices.Contains(allowed, anything) {
				continue
			}
			if imported := strings.TrimPrefix(path, module+"/"); !slices.Contains(allowed, imported) {
				t.Errorf("%s imports %s, which it may not; it may import %v", p.folder(), imported, allowed)
			}
		}
	}
}

func TestImportsOfOthers(t *testing.T) {
	_, own := everyPackage(t)
	for _, p := range own {
		for _, path := range p.Imports {
			for prefix, allowed := range theirs {
				if !strings.HasPrefix(path, prefix) || p.folder() == "cmd/portrait" {
					continue
				}
				if !slices.Contains(allowed, p.folder()) {
					t.Errorf("%s imports %s; only %v may", p.folder(), path, allowed)
				}
			}
		}
	}
}

// TestFolders keeps the top of the repository as the design lists it.
func TestFolders(t *testing.T) {
	want := []string{"bench", "cmd", "deploy", "docs", "e2e", "handlers", "internal", "static", "tools", "views", "web"}
	ignored := []string{"bin", "node_modules"} // by git, too
	entries, err := os.ReadDir("..")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		name := e.Name()
		if !e.IsDir() || strings.HasPrefix(name, ".") || slices.Contains(ignored, name) {
			continue
		}
		if !slices.Contains(want, name) {
			t.Errorf("%s/ is not a folder of the design: %v", name, want)
		}
	}
}

// TestPackageComments holds that every package says what it is for, in one of
// its files. A package of tests alone says so in a test file.
func TestPackageComments(t *testing.T) {
	_, own := everyPackage(t)
	for _, p := range own {
		names := p.GoFiles
		if len(names) == 0 {
			names = p.TestGoFiles
		}
		if len(names) == 0 {
			continue
		}
		commented := slices.ContainsFunc(names, func(name string) bool {
			f, err := parser.ParseFile(token.NewFileSet(), filepath.Join(p.Dir, name), nil, parser.PackageClauseOnly|parser.ParseComments)
			return err == nil && strings.HasPrefix(f.Doc.Text(), packagePrefix(p, f.Name.Name))
		})
		if !commented {
			t.Errorf("%s has no package comment that begins with %q", p.folder(), packagePrefix(p, filepath.Base(p.Dir)))
		}
	}
}

// packagePrefix is how Go begins the comment of a package or a program.
func packagePrefix(p listed, name string) string {
	if name == "main" {
		return "Command " + filepath.Base(p.Dir)
	}
	return "Package " + name
}
