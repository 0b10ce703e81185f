package main

import (
	"bytes"
	"crypto/sha256"
	"debug/buildinfo"
	"fmt"
	goversion "go/version"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"strings"
	"testing"
)

// least are the versions that put right what is known to be wrong before them,
// as security.md, row 30, has them. A module that isn't in the binary is as good.
var least = map[string]string{
	"github.com/labstack/echo/v4":   "v4.16.0", // X-Forwarded-Proto, %2F past guarded routes
	"golang.org/x/image":            "v0.45.0", // CVE-2026-46603 and others
	"github.com/go-jose/go-jose/v4": "v4.1.4",  // CVE-2026-34986
	"github.com/jackc/pgx/v5":       "v5.9.2",  // CVE-2026-41889
	"golang.org/x/oauth2":           "v0.27.0", // CVE-2025-22868
}

// leastGo is likewise.
const leastGo = "go1.26.6"

// never are modules that mustn't be in the program.
var never = map[string]string{
	"github.com/gorilla/csrf":     "CVE-2025-47909 is not put right",
	"github.com/dgrijalva/jwt-go": "nobody looks after it",
}

// source copies what git has of this repository, as it lies here, to a new folder.
func source(t *testing.T) (folder string) {
	t.Helper()
	folder = t.TempDir()
	list := exec.Command("git", "ls-files", "-z", "--", "go.mod", "go.sum", "*.go", "static", "internal", "views", "cmd", "web", "handlers")
	list.Dir = "../.."
	names, err := list.Output()
	if err != nil {
		t.Skipf("there is no git here: %v", err)
	}
	for _, name := range strings.Split(strings.TrimSuffix(string(names), "\x00"), "\x00") {
		content, err := os.ReadFile(filepath.Join("../..", name))
		if os.IsNotExist(err) {
			continue // deleted here, not yet in git
		}
		if err != nil {
			t.Fatal(err)
		}
		to := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(to, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

// release builds the program in folder as a release is built.
func release(t *testing.T, folder string) (binary string) {
	t.Helper()
	binary = filepath.Join(t.TempDir(), "portrait")
	build := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-o", binary, "./cmd/portrait")
	build.Dir, build.Env = folder, append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return binary
}

// TestSecurityBinary builds the program twice, in two folders, and looks at what
// came of it: the same bytes, nothing older than least, and no path of this
// machine.
func TestSecurityBinary(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the program twice")
	}
	folder := source(t)
	first := release(t, folder)
	if second := release(t, source(t)); sumOf(t, first) != sumOf(t, second) {
		t.Error("two builds of the same source differ")
	}
	info, err := buildinfo.ReadFile(first)
	if err != nil {
		t.Fatal(err)
	}
	if len(info.Deps) < 30 {
		t.Fatalf("the binary names only %d modules", len(info.Deps))
	}
	for _, complaint := range outdated(info) {
		t.Error(complaint)
	}
	content, err := os.ReadFile(first)
	if err != nil {
		t.Fatal(err)
	}
	if home, err := os.UserHomeDir(); err == nil && len(home) > 1 && bytes.Contains(content, []byte(home+"/")) || bytes.Contains(content, []byte(folder)) {
		t.Error("the binary names folders of the machine that it was built on")
	}
}

func sumOf(t *testing.T, name string) string {
	t.Helper()
	content, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%x", sha256.Sum256(content))
}

// released is how released versions of modules are written.
var released = regexp.MustCompile(`^v\d+\.\d+\.\d+$`)

// isOlder compares two released versions of a module as Go compares its own;
// anything else, a beta say, counts as older.
func isOlder(v, than string) bool {
	return !released.MatchString(v) || goversion.Compare("go"+strings.TrimPrefix(v, "v"), "go"+strings.TrimPrefix(than, "v")) < 0
}

// outdated says what in a binary is older than it may be, or mustn't be there.
func outdated(info *buildinfo.BuildInfo) (complaints []string) {
	if plain, _, _ := strings.Cut(info.GoVersion, " "); goversion.Compare(plain, leastGo) < 0 {
		complaints = append(complaints, fmt.Sprintf("it is built with %s, older than %s", info.GoVersion, leastGo))
	}
	for _, m := range info.Deps {
		if m.Replace != nil {
			m = m.Replace
		}
		if why := never[m.Path]; why != "" {
			complaints = append(complaints, m.Path+" is in it: "+why)
		}
		if want := least[m.Path]; want != "" && isOlder(m.Version, want) {
			complaints = append(complaints, fmt.Sprintf("%s is %s, older than %s", m.Path, m.Version, want))
		}
	}
	return complaints
}

// TestSecurityOutdatedModulesAreSeen holds that outdated would complain.
func TestSecurityOutdatedModulesAreSeen(t *testing.T) {
	for _, tt := range []struct {
		module, version, goVersion string
		ok                         bool
	}{
		{"github.com/labstack/echo/v4", "v4.16.0", leastGo, true},
		{"github.com/labstack/echo/v4", "v4.15.4", leastGo, false},
		{"github.com/labstack/echo/v4", "v4.16.0-rc.1", leastGo, false},
		{"golang.org/x/image", "v0.44.9", leastGo, false},
		{"golang.org/x/image", "v0.100.0", leastGo, true},
		{"github.com/gorilla/csrf", "v1.7.4", leastGo, false},
		{"golang.org/x/text", "v0.1.0", leastGo, true},
		{"golang.org/x/text", "v0.1.0", "go1.26.5", false},
		{"golang.org/x/text", "v0.1.0", "go1.27.0 X:nodwarf5", true},
	} {
		info := &buildinfo.BuildInfo{GoVersion: tt.goVersion}
		info.Deps = append(info.Deps, &debug.Module{Path: tt.module, Version: tt.version})
		if got := outdated(info); (len(got) == 0) != tt.ok {
			t.Errorf("%s %s with %s: %v", tt.module, tt.version, tt.goVersion, got)
		}
	}
}

// TestSecurityScriptsOfPackagesDontRun holds that npm runs nothing of what it
// installs: by the setting of this folder, and again wherever we call it.
func TestSecurityScriptsOfPackagesDontRun(t *testing.T) {
	settings, err := os.ReadFile("../../.npmrc")
	if err != nil || !regexp.MustCompile(`(?m)^ignore-scripts=true$`).Match(settings) {
		t.Errorf(".npmrc doesn't switch scripts off: %v", err)
	}
	calls := 0
	for _, name := range []string{"Makefile", ".ci/run", "tools/check.sh", "tools/install.sh", "tools/test.sh", "tools/test-js.sh"} {
		content, err := os.ReadFile(filepath.Join("../..", name))
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range strings.Split(string(content), "\n") {
			if regexp.MustCompile(`^\s*npm (ci|install|i|add|rebuild)\b`).MatchString(line) {
				calls++
				if !strings.Contains(line, "--ignore-scripts") {
					t.Errorf("%s: %s", name, strings.TrimSpace(line))
				}
			}
		}
	}
	if calls == 0 {
		t.Error("nothing here calls npm: this test looks in the wrong places")
	}
	if npm, err := exec.LookPath("npm"); err == nil {
		ask := exec.Command(npm, "config", "get", "ignore-scripts")
		ask.Dir = "../.."
		if out, err := ask.Output(); err != nil || strings.TrimSpace(string(out)) != "true" {
			t.Errorf("npm says ignore-scripts is %q, %v", out, err)
		}
	}
}
