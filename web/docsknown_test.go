package web_test

import (
	"bufio"
	"cmp"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// knownThings reads from the sources what there is.
func knownThings(t *testing.T) things {
	t.Helper()
	k := things{targets: map[string]bool{}, commands: map[string]map[string]bool{}, settings: map[string]bool{}, tests: map[string]bool{}}
	for _, m := range regexp.MustCompile(`(?m)^([a-z-]+):.*## `).FindAllStringSubmatch(read(t, "../Makefile"), -1) {
		k.targets[m[1]] = true
	}
	sources, err := filepath.Glob("../cmd/portrait/*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range sources {
		if !strings.HasSuffix(name, "_test.go") {
			k.readSource(read(t, name))
		}
	}
	for _, m := range setting.FindAllString(read(t, "../tools/test.sh"), -1) {
		k.settings[m] = true
	}
	k.readTests(t)
	if len(k.targets) < 10 || len(k.commands) < 12 || len(k.settings) < 30 || len(k.tests) < 300 {
		t.Fatalf("only %d targets, %d commands, %d settings, %d tests are found", len(k.targets), len(k.commands), len(k.settings), len(k.tests))
	}
	return k
}

// readSource adds the commands, their flags and the settings in a file of
// cmd/portrait.
func (k things) readSource(text string) {
	for _, m := range regexp.MustCompile(`(?m)^\tcase "([a-z]+)":$`).FindAllStringSubmatch(text, -1) {
		if strings.Contains(text, "\tcase \"version\":") && k.commands[m[1]] == nil { // the switch of run
			k.commands[m[1]] = map[string]bool{}
		}
	}
	for _, m := range regexp.MustCompile(`env:"(PORTRAIT_\w+)"`).FindAllStringSubmatch(text, -1) {
		k.settings[m[1]] = true
	}
	if _, list, ok := strings.Cut(text, "\nvar secrets = []string{"); ok {
		list, _, _ = strings.Cut(list, "}")
		for _, name := range setting.FindAllString(list, -1) {
			k.settings[name+"_FILE"] = true
		}
	}
	// Commands of two words say so where somebody uses them wrongly.
	for _, m := range regexp.MustCompile(`\bportrait (batch|audit|keys) ([a-z]+)\b`).FindAllStringSubmatch(text, -1) {
		k.add(m[1])[""] = true
		k.add(m[1] + " " + m[2])
	}
	for _, part := range strings.Split(text, "\nfunc ") {
		set := regexp.MustCompile(`NewFlagSet\("portrait ([a-z ]+)"`).FindStringSubmatch(part)
		for _, m := range regexp.MustCompile(`flags\.\w+\((?:&[\w.]+, )?"([a-z-]+)"`).FindAllStringSubmatch(part, -1) {
			if set != nil {
				k.add(set[1])[m[1]] = true
			}
		}
	}
}

func (k things) add(command string) map[string]bool {
	if k.commands[command] == nil {
		k.commands[command] = map[string]bool{}
	}
	return k.commands[command]
}

// readTests adds the names of all tests.
func (k things) readTests(t *testing.T) {
	t.Helper()
	declared := regexp.MustCompile(`^func ((?:Test|Fuzz|Benchmark)\w+)\(`)
	err := filepath.WalkDir("..", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() && slices.Contains([]string{"node_modules", ".git", "bin"}, d.Name()) {
			return cmp.Or(err, fs.SkipDir)
		}
		if !strings.HasSuffix(name, "_test.go") {
			return nil
		}
		f, err := os.Open(name)
		if err != nil {
			return err
		}
		defer f.Close() // it is only read
		lines := bufio.NewScanner(f)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			if m := declared.FindStringSubmatch(lines.Text()); m != nil {
				k.tests[m[1]] = true
			}
		}
		return lines.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
