package web_test

import (
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"
)

// TestDocsNameWhatThereIs holds that every relative link and anchor of the pages
// for people leads somewhere, and that every `make` target, `portrait` command
// and flag, PORTRAIT_ variable, file and test that they name exists.
func TestDocsNameWhatThereIs(t *testing.T) {
	known := knownThings(t)
	pages := docPages(t)
	for _, page := range slices.Sorted(maps.Keys(pages)) {
		for _, found := range known.missing(page, pages) {
			t.Errorf("%s: %s", page, found)
		}
	}
	if len(pages) < 12 {
		t.Errorf("there are only %d pages", len(pages))
	}
}

// TestDocsCheckFindsWhatIsWrong shows the check pages with something wrong.
func TestDocsCheckFindsWhatIsWrong(t *testing.T) {
	known := knownThings(t)
	for _, tt := range []struct {
		text string
		want []string
	}{
		{"[here](other.md#the-first-part), `make test`, `portrait batch run DIR --reason TEXT`, `PORTRAIT_KEYS_FILE`, `web/routes.go`", nil},
		{"![a picture](gone.png)", []string{"gone.png isn't there"}},
		{"[here](other.md#second)", []string{"docs/other.md has no heading for #second"}},
		{"[below](#nowhere)", []string{"docs/page.md has no heading for #nowhere"}},
		{"`make coffee`", []string{"make coffee: there is no such target"}},
		{"```\nmake coffee # now\n```", []string{"make coffee: there is no such target"}},
		{"`portrait fly`", []string{"portrait fly: there is no such command"}},
		{"`portrait audit burn`", []string{"portrait audit burn: there is no such command"}},
		{"```\n$ portrait batch run x --force\n```", []string{"portrait batch: there is no flag --force"}},
		{"`portrait check --wait`", []string{"portrait check: there is no flag --wait"}},
		{"PORTRAIT_COLOUR=red, PORTRAIT_ADDR_FILE", []string{"PORTRAIT_COLOUR is no setting", "PORTRAIT_ADDR_FILE is no setting"}},
		{"`internal/photo/gone.go` and `internal/photo`", []string{"internal/photo/gone.go isn't there"}},
		{"`TestOfNothingAtAll`", []string{"TestOfNothingAtAll: there is no such test"}},
	} {
		pages := map[string]string{"docs/page.md": tt.text, "docs/other.md": "# Other\n## The first part"}
		if diff := cmp.Diff(tt.want, known.missing("docs/page.md", pages)); diff != "" {
			t.Errorf("%q: %s", tt.text, diff)
		}
	}
}

// docPages returns the pages for people by name, from the root.
func docPages(t *testing.T) map[string]string {
	t.Helper()
	names, err := filepath.Glob("../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	pages := map[string]string{}
	for _, name := range append(names, "../README.md", "../SECURITY.md") {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		pages[strings.TrimPrefix(filepath.ToSlash(name), "../")] = string(text)
	}
	return pages
}

// things are what pages may name.
type things struct {
	targets  map[string]bool            // of make
	commands map[string]map[string]bool // of portrait, "" among the flags = takes a second word
	settings map[string]bool
	tests    map[string]bool
}

var (
	link     = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	fence    = regexp.MustCompile("(?ms)^```.*?^```$")
	coded    = regexp.MustCompile("`([^`\n]+)`")
	heading  = regexp.MustCompile(`(?m)^#+ (.+)$`)
	setting  = regexp.MustCompile(`\bPORTRAIT_[A-Z_]*[A-Z]\b`)
	flagName = regexp.MustCompile(`(?:^|[\s\[])--?([a-z][a-z-]*)`)
	filePath = regexp.MustCompile(`^(?:cmd|web|handlers|views|static|internal|e2e|bench|tools|deploy|docs)/[\w./-]+$`)
	testName = regexp.MustCompile(`^(?:Test|Fuzz|Benchmark)[A-Z]\w+$`)
)

// made are the beginnings of what a clone doesn't have: it is made by whoever
// does what the page says.
var made = []string{"static/extra/", "internal/words/de.json"}

// missing returns what the page, one of pages, names that there isn't.
func (k things) missing(page string, pages map[string]string) []string {
	text := pages[page]
	prose := fence.ReplaceAllString(text, "")
	var found []string
	for _, m := range link.FindAllStringSubmatch(coded.ReplaceAllString(prose, ""), -1) {
		if f := linked(page, m[1], pages); f != "" {
			found = append(found, f)
		}
	}
	var lines []string // of code
	for _, m := range coded.FindAllStringSubmatch(prose, -1) {
		lines = append(lines, m[1])
		if filePath.MatchString(m[1]) && !exists(m[1]) && !slices.ContainsFunc(made, func(begin string) bool { return strings.HasPrefix(m[1], begin) }) {
			found = append(found, m[1]+" isn't there")
		}
		if testName.MatchString(m[1]) && !k.tests[m[1]] {
			found = append(found, m[1]+": there is no such test")
		}
	}
	for _, block := range fence.FindAllString(text, -1) {
		lines = append(lines, strings.Split(block, "\n")...)
	}
	for _, line := range lines {
		found = append(found, k.command(line)...)
	}
	for _, name := range setting.FindAllString(text, -1) {
		if !k.settings[name] {
			found = append(found, name+" is no setting")
		}
	}
	return found
}

// linked says what is wrong with a link of page's, "" for nothing.
func linked(page, target string, pages map[string]string) string {
	if strings.Contains(target, "://") || strings.HasPrefix(target, "mailto:") {
		return ""
	}
	name, anchor, _ := strings.Cut(target, "#")
	file := page
	if name != "" {
		file = path.Join(path.Dir(page), name)
	}
	text, isPage := pages[file]
	switch {
	case !isPage && !exists(file):
		return name + " isn't there"
	case isPage && anchor != "" && !slices.Contains(anchors(text), anchor):
		return file + " has no heading for #" + anchor
	}
	return ""
}

// anchors returns those of a page's headings, as GitHub makes them.
func anchors(text string) []string {
	var all []string
	for _, m := range heading.FindAllStringSubmatch(fence.ReplaceAllString(text, ""), -1) {
		all = append(all, strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case r == '-' || r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r):
				return unicode.ToLower(r)
			}
			return -1
		}, m[1]))
	}
	return all
}

func exists(name string) bool {
	_, err := os.Stat(filepath.Join("..", filepath.FromSlash(name)))
	return err == nil
}

// command says what is wrong with a line of code, if it is a command of ours.
func (k things) command(line string) []string {
	line, _, _ = strings.Cut(strings.TrimPrefix(strings.TrimSpace(line), "$ "), " #")
	words := strings.Fields(strings.Replace(line, "go run ./cmd/portrait", "portrait", 1))
	if len(words) < 2 || !regexp.MustCompile(`^[a-z]`).MatchString(words[1]) {
		return nil
	}
	switch strings.TrimPrefix(words[0], "bin/") {
	case "make":
		if !k.targets[words[1]] {
			return []string{"make " + words[1] + ": there is no such target"}
		}
	case "portrait":
		name := words[1]
		flags, ok := k.commands[name]
		if ok && flags[""] && len(words) > 2 && !strings.HasPrefix(words[2], "-") {
			name += " " + words[2]
			_, ok = k.commands[name]
		}
		if !ok {
			return []string{"portrait " + name + ": there is no such command"}
		}
		var found []string
		for _, m := range flagName.FindAllStringSubmatch(line, -1) {
			if !flags[m[1]] && !k.commands[name][m[1]] {
				found = append(found, "portrait "+words[1]+": there is no flag --"+m[1])
			}
		}
		return found
	}
	return nil
}
