// Package e2e does what a person does, with a real browser on the real program.
//
//	newSite   the program, `portrait serve`, on a demo tenant of its own
//	newPage   a browser window on it, as wide, dark or Chinese as asked for
//	page      find by role and name, click, drag, pinch, press keys, drop files
//
// Things are found as people find them: by what they are and what they say. A
// page that reports anything (an error on the console, an exception, something
// that its security policy blocked) fails its test, whatever the test is about.
//
// harness_test.go shows on small pages that this package sees what it should.
package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

// shared is what all tests of a run use together, made when first needed.
var shared struct {
	browser browser
	program struct {
		once sync.Once
		dir  string
		err  error
		said []byte
	}
}

func TestMain(m *testing.M) {
	code := m.Run()
	shared.browser.close()
	if dir := shared.program.dir; dir != "" {
		os.RemoveAll(dir)
	}
	os.Exit(code)
}

// program builds the program once and returns its path.
func program(t *testing.T) string {
	t.Helper()
	p := &shared.program
	p.once.Do(func() {
		if p.dir, p.err = os.MkdirTemp("", "portrait-e2e-"); p.err != nil {
			return
		}
		build := exec.Command("go", "build", "-o", filepath.Join(p.dir, "portrait"), "./cmd/portrait")
		build.Dir = ".."
		build.Env = append(os.Environ(), "CGO_ENABLED=0")
		p.said, p.err = build.CombinedOutput()
	})
	if p.err != nil {
		t.Fatalf("the program does not build: %v\n%s", p.err, p.said)
	}
	return filepath.Join(p.dir, "portrait")
}
