package words

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func load(t *testing.T, lang string) map[string]any {
	t.Helper()
	raw, err := files.ReadFile(lang + ".json")
	if err != nil {
		t.Fatal(err)
	}
	var texts map[string]any
	if err := json.Unmarshal(raw, &texts); err != nil {
		t.Fatalf("%s.json: %v", lang, err)
	}
	return texts
}

// TestEveryLanguageHasEveryKey also makes sure that a translation puts in the
// same values as the source, and says something.
func TestEveryLanguageHasEveryKey(t *testing.T) {
	source := load(t, "en")
	values := regexp.MustCompile(`\{\{\s*\.(\w+)\s*\}\}`)
	used := func(text any) []string {
		found := map[string]bool{}
		raw, _ := json.Marshal(text) // it came from JSON
		for _, m := range values.FindAllStringSubmatch(string(raw), -1) {
			found[m[1]] = true
		}
		return slices.Sorted(maps.Keys(found))
	}
	for _, lang := range Languages {
		texts := load(t, lang)
		for key, text := range texts {
			if s, ok := text.(string); ok && strings.TrimSpace(s) == "" {
				t.Errorf("%s.json: %s is empty", lang, key)
			}
			if _, ok := source[key]; !ok {
				t.Errorf("%s.json: %s isn't in en.json", lang, key)
			} else if got, want := used(text), used(source[key]); !slices.Equal(got, want) {
				t.Errorf("%s.json: %s puts in %v, en.json %v", lang, key, got, want)
			}
		}
		for key := range source {
			if _, ok := texts[key]; !ok {
				t.Errorf("%s.json: %s is missing", lang, key)
			}
		}
	}
}

// TestEveryKeyIsSaid reads the program: every id that it says exists, and every
// id that exists is said somewhere.
func TestEveryKeyIsSaid(t *testing.T) {
	texts := load(t, "en")
	said := map[string]bool{}
	for id, where := range idsInGo(t) {
		said[id] = true
		if _, ok := texts[id]; !ok {
			t.Errorf("%s says %q, which isn't in en.json", where, id)
		}
	}
	for id, where := range idsInScripts(t) {
		said["script."+id] = true
		if _, ok := texts["script."+id]; !ok {
			t.Errorf("%s says %q, which isn't in en.json as script.%s", where, id, id)
		}
	}
	for id := range texts {
		if !said[id] {
			t.Errorf("en.json: %s is said nowhere", id)
		}
	}
}

// idsInGo returns every id that is given to M or T in the program, with the
// file that says it. Both must be given a literal.
func idsInGo(t *testing.T) map[string]string {
	t.Helper()
	ids := map[string]string{}
	for _, path := range sources(t, ".go") {
		if strings.HasSuffix(path, "_test.go") || filepath.Base(path) == "words.go" {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) == 0 || !isSaying(call.Fun) {
				return true
			}
			id, ok := literal(call.Args[0])
			if !ok {
				t.Errorf("%s: an id is not a literal", path)
			}
			ids[id] = path
			return true
		})
	}
	return ids
}

// isSaying reports whether fun is words.M or a Printer's T.
func isSaying(fun ast.Expr) bool {
	s, ok := fun.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	x, isIdent := s.X.(*ast.Ident)
	if isIdent && x.Name == "words" {
		return s.Sel.Name == "M"
	}
	return s.Sel.Name == "T"
}

func literal(e ast.Expr) (string, bool) {
	l, ok := e.(*ast.BasicLit)
	if !ok || l.Kind != token.STRING {
		return "", false
	}
	s, err := strconv.Unquote(l.Value)
	return s, err == nil
}

// idsInScripts returns every id that a script says.
func idsInScripts(t *testing.T) map[string]string {
	t.Helper()
	call := regexp.MustCompile(`\bsay\(\s*['"\x60]([^'"\x60]+)['"\x60]`)
	ids := map[string]string{}
	for _, path := range sources(t, ".ts") {
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range call.FindAllStringSubmatch(string(raw), -1) {
			ids[m[1]] = path
		}
	}
	return ids
}

// sources returns the program's files with this ending.
func sources(t *testing.T, ending string) []string {
	t.Helper()
	const root = "../.."
	var paths []string
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && path != root && (d.Name() == "node_modules" || strings.HasPrefix(d.Name(), ".") && d.Name() != "..") {
			return fs.SkipDir
		}
		if strings.HasSuffix(path, ending) && !strings.HasSuffix(path, ".test.ts") {
			paths = append(paths, path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(paths) == 0 {
		t.Fatalf("no %s files found", ending)
	}
	return paths
}

func TestPrinterFollowsThePersonThenTheBrowser(t *testing.T) {
	c, err := New()
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, chosen, accept, want string
	}{
		{"nothing said", "", "", "en"},
		{"a browser in Chinese", "", "zh-CN,zh;q=0.9,en;q=0.8", "zh-Hans"},
		{"a browser in Taiwan", "", "zh-TW", "zh-Hans"},
		{"a browser in German", "", "de-DE,de;q=0.9", "en"},
		{"English chosen in a Chinese browser", "en", "zh-CN", "en"},
		{"Chinese chosen in an English browser", "zh-Hans", "en-GB", "zh-Hans"},
		{"nonsense chosen", "xx-nonsense", "zh-CN", "zh-Hans"},
		{"a hostile header of 64 kB", "", strings.Repeat("zh-CN,", 10_000), "zh-Hans"},
		{"a long header without a comma", "", strings.Repeat("a", 70_000), "en"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := c.Printer(tt.chosen, tt.accept).Lang(); got != tt.want {
				t.Errorf("Printer(%q, %.40q).Lang() = %q, want %q", tt.chosen, tt.accept, got, tt.want)
			}
		})
	}
}

func TestSayPutsInValues(t *testing.T) {
	c, err := New()
	if err != nil {
		t.Fatal(err)
	}
	got := c.Printer("en", "").T("picture.file-too-large", "MaxMegabytes", 25)
	if want := "This file is larger than 25 MB. Please choose a smaller one."; got != want {
		t.Errorf("T = %q, want %q", got, want)
	}
	if got := c.Printer("en", "").T("no.such-key"); got != "no.such-key" {
		t.Errorf("a missing key is said as %q", got)
	}
}

func TestScriptsGetTheirOwnWords(t *testing.T) {
	c, err := New()
	if err != nil {
		t.Fatal(err)
	}
	for _, lang := range Languages {
		keys := slices.Sorted(maps.Keys(c.scripts[lang]))
		texts := c.Printer(lang, "").Script(append(keys, "no-such-key"))
		if len(keys) == 0 || !slices.Equal(keys, slices.Sorted(maps.Keys(texts))) {
			t.Errorf("%s: scripts have the words %v, want %v", lang, texts, keys)
		}
		for key, value := range texts {
			text, _ := json.Marshal(value) // it came from JSON
			if strings.Contains(string(text), "{{") {
				t.Errorf("%s: script.%s still has template marks: %q", lang, key, text)
			}
		}
	}
}

func TestNumbersDatesAndPluralsAreTheLanguages(t *testing.T) {
	c, err := New()
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 11, 3, 8, 5, 0, 0, time.UTC)
	for _, tt := range []struct{ name, lang, got, want string }{
		{"one picture in English", "en", c.Printer("en", "").T("batch.files", "Count", 1), "1 picture"},
		{"many pictures in English", "en", c.Printer("en", "").T("batch.files", "Count", 12345), "12,345 pictures"},
		{"a date in English", "en", c.Printer("en", "").Date(at), "3 November 2026, 08:05 UTC"},
		{"a date in Chinese", "zh-Hans", c.Printer("zh-Hans", "").Date(at), "2026年11月3日 08:05 UTC"},
	} {
		if tt.got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, tt.got, tt.want)
		}
	}
	for _, lang := range Languages {
		if n := len(strings.Split(c.Printer(lang, "").T("language.months"), ",")); n != 12 {
			t.Errorf("%s has %d months, want 12, with commas between", lang, n)
		}
	}
	if got := c.Printer("zh-Hans", "").Others(); len(got) != len(Languages)-1 || got[0] != (Language{"en", "English"}) {
		t.Errorf("Others() = %v, want all but Chinese, English first", got)
	}
}

// TestPseudoIsLonger holds that a text of the language nobody speaks is at least
// 40 % longer, keeps what is put in, and is told from English at once.
func TestPseudoIsLonger(t *testing.T) {
	c, err := New()
	if err != nil {
		t.Fatal(err)
	}
	plain, pseudo := c.Printer("en", ""), c.Pseudo()
	for _, id := range []string{"home.title", "home.lead", "editor.save", "photo.remove-effect"} {
		was, is := plain.T(id), pseudo.T(id)
		if utf8.RuneCountInString(is)*10 < utf8.RuneCountInString(was)*14 || strings.Contains(is, was) {
			t.Errorf("%s: %q became %q", id, was, is)
		}
	}
	if got := pseudo.Script([]string{"note-size"})["note-size"]; !strings.Contains(got.(string), "{Side} × {Side}") {
		t.Errorf("what scripts put in is lost: %q", got)
	}
}
