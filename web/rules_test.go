package web_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// reserved says where, and only where, something may be named: as a call or as
// a value. Tests may do more.
var reserved = []struct {
	rule    string
	objects *regexp.Regexp // of use.object, whole
	where   []string       // files, or folders with all in them
}{
	{
		"the app's own identity is asked for in the gate alone, after decide",
		regexp.MustCompile(`portrait/internal/photo\.Service\.App`),
		[]string{"internal/photo/gate.go"},
	},
	{
		"photos are changed by the use case, which decides, and by nobody past it",
		regexp.MustCompile(`\(\*?portrait/internal/graph\.Client\)\.(PutPhoto|DeletePhoto)`),
		[]string{"internal/photo"},
	},
	{
		"pictures are decoded where the limits are",
		regexp.MustCompile(`(image|image/jpeg|image/png|image/gif|golang\.org/x/image/\w+)\.Decode(All|Config)?`),
		[]string{"internal/picture", "internal/jpegscale", "internal/demo", "bench"},
	},
	{
		"the environment is read in one place, where every variable is documented",
		regexp.MustCompile(`os\.(Getenv|LookupEnv|Environ|ExpandEnv)|github\.com/caarlos0/env/v11\..*`),
		[]string{"cmd/portrait/config.go", "internal/store/storetest"},
	},
	{
		"only main ends the program: what is deferred must run",
		regexp.MustCompile(`os\.Exit|log\.Fatal.*`),
		[]string{"cmd/portrait/main.go", "cmd/gallery/main.go", "bench/main.go", "bench/load/main.go"},
	},
}

func TestSecurityReserved(t *testing.T) {
	for _, u := range usesOf(t) {
		for _, r := range reserved {
			if r.objects.FindString(u.object) != u.object {
				continue
			}
			if !slices.Contains(r.where, u.file) && !slices.Contains(r.where, u.folder) {
				t.Errorf("%s:%d names %s: %s (%v)", u.file, u.line, u.object, r.rule, r.where)
			}
		}
	}
}

// TestSecurityReservedNames holds that what the rules are about exists as soon as its
// package does: a rule about a name that was changed would hold for ever.
func TestSecurityReservedNames(t *testing.T) {
	uses := usesOf(t)
	for _, r := range reserved {
		named := slices.ContainsFunc(uses, func(u use) bool { return r.objects.FindString(u.object) == u.object })
		if !named {
			t.Errorf("nothing of ours names %s any more: the rule %q is about nothing", r.objects, r.rule)
		}
	}
}

// unescaped are the ways of templ around its own escaping, and of the page
// around the Content Security Policy.
var unescaped = regexp.MustCompile(`templ\.(Raw|SafeURL|SafeCSS|SafeCSSProperty|JSUnsafe\w+)\b|style=|\son[a-z]+=|javascript:`)

func TestSecurityViewsEscape(t *testing.T) {
	views, err := filepath.Glob("../views/*.templ")
	if err != nil {
		t.Fatal(err)
	}
	if len(views) == 0 {
		t.Fatal("there are no views")
	}
	for _, name := range views {
		source, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for i, line := range strings.Split(string(source), "\n") {
			if found := unescaped.FindString(line); found != "" {
				t.Errorf("%s:%d: %q goes around the escaping or the policy of the page", filepath.Base(name), i+1, strings.TrimSpace(found))
			}
		}
	}
}

// TestSizes holds files to a length that can be read in one go, see the
// house style: 400 lines of Go, 180 of templ, 250 of TypeScript.
func TestSizes(t *testing.T) {
	limits := map[string]int{".go": 400, ".templ": 180, ".ts": 250}
	err := filepath.WalkDir("..", func(name string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && slices.Contains([]string{"node_modules", ".git", "bin", "testdata"}, d.Name()) {
			return filepath.SkipDir
		}
		limit := limits[filepath.Ext(name)]
		if limit == 0 || strings.HasSuffix(name, "_templ.go") {
			return nil
		}
		source, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		if n := strings.Count(string(source), "\n"); n > limit {
			t.Errorf("%s has %d lines; %d is the limit", strings.TrimPrefix(filepath.ToSlash(name), "../"), n, limit)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
