package main

import (
	"os/exec"
	"strings"
	"testing"
)

// mayExec are the packages in the program that can start another one, each with
// the reason why it doesn't.
var mayExec = map[string]string{
	"modernc.org/libc": "SQLite's C library in Go has system() and popen(), which nothing of SQLite's calls",
}

// TestSecurityNothingStartsPrograms holds that no package in the binary, but those
// listed, can start another program.
func TestSecurityNothingStartsPrograms(t *testing.T) {
	list := exec.Command("go", "list", "-deps", "-f", `{{if not .Standard}}{{.ImportPath}}{{range .Imports}} {{.}}{{end}}{{end}}`, ".")
	list.Env = append(list.Environ(), "CGO_ENABLED=0")
	out, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	packages := strings.Split(strings.TrimSpace(string(out)), "\n")
	for _, line := range packages {
		name, imports, _ := strings.Cut(line, " ")
		for _, imported := range strings.Fields(imports) {
			if imported != "os/exec" {
				continue
			}
			found[name] = true
			if mayExec[name] == "" {
				t.Errorf("%s imports os/exec: it can start programs", name)
			}
		}
	}
	for name := range mayExec {
		if !found[name] {
			t.Errorf("%s doesn't import os/exec any more: take it from the list", name)
		}
	}
	if len(packages) < 100 {
		t.Errorf("there are only %d packages to look at", len(packages))
	}
}
