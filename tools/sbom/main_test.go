package main

import (
	"bytes"
	"debug/buildinfo"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestSecurityBillNamesEverything builds the program and holds its bill against
// what the binary itself says.
func TestSecurityBillNamesEverything(t *testing.T) {
	if _, err := os.Stat("../../node_modules/.done"); err != nil {
		t.Skip("the npm packages aren't there: make node_modules/.done")
	}
	binary := filepath.Join(t.TempDir(), "portrait")
	build := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-o", binary, "./cmd/portrait")
	build.Dir, build.Env = "../..", append(os.Environ(), "CGO_ENABLED=0") // as make build does, and from the same cache
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	var first, second bytes.Buffer
	for _, out := range []*bytes.Buffer{&first, &second} {
		if err := run(binary, "../..", out); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(first.Bytes(), second.Bytes()) {
		t.Error("two bills of one binary differ")
	}
	var b bom
	if err := json.Unmarshal(first.Bytes(), &b); err != nil || b.Format != "CycloneDX" || b.Spec != "1.6" {
		t.Fatalf("%v, %s %s", err, b.Format, b.Spec)
	}
	info, err := buildinfo.ReadFile(binary)
	if err != nil {
		t.Fatal(err)
	}
	if len(info.Deps) < 30 {
		t.Fatalf("the binary names only %d modules", len(info.Deps))
	}
	refs := map[string]bool{}
	for _, c := range b.Components {
		if refs[c.Ref] {
			t.Errorf("%s is there twice", c.Ref)
		}
		refs[c.Ref] = true
		if c.Type == "library" && (len(c.Licences) == 0 || c.Licences[0].Licence.Text.Content == "" || c.Version == "") {
			t.Errorf("%s has no licence, or no version", c.Name)
		}
	}
	for _, m := range info.Deps {
		if !refs["pkg:golang/"+m.Path+"@"+m.Version] {
			t.Errorf("%s %s isn't in the bill", m.Path, m.Version)
		}
	}
	for _, c := range []string{"std", "static/dist/manifest.json"} {
		if !refs[c] {
			t.Errorf("%s isn't in the bill", c)
		}
	}
}

func TestRecognise(t *testing.T) {
	const mit = "Permission is hereby granted, free of charge, … without restriction … THE SOFTWARE IS PROVIDED “AS IS”"
	const isc = "Permission to use, copy, modify, and/or distribute this software for any purpose with or without fee"
	const bsd = "Redistribution and use in source\nand binary forms … must reproduce the above copyright notice"
	for _, tt := range []struct {
		text string
		want []string
	}{
		{mit, []string{"MIT"}},
		{isc + "\n\n" + mit, []string{"MIT", "ISC"}},
		{bsd, []string{"BSD-2-Clause"}},
		{bsd + " … endorse or promote products", []string{"BSD-3-Clause"}},
		{"All rights reserved.", nil},
	} {
		if got := recognise(tt.text); !slices.Equal(got, tt.want) {
			t.Errorf("%.40q is %v, want %v", tt.text, got, tt.want)
		}
	}
}

func TestSecurityUnknownLicenceFails(t *testing.T) {
	folder := t.TempDir()
	if _, err := licensed(folder, component{Name: "none"}); err == nil {
		t.Error("a part without a licence is taken")
	}
	if err := os.WriteFile(filepath.Join(folder, "LICENSE"), []byte("Ask my lawyer."), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := licensed(folder, component{Name: "odd"}); err == nil || !strings.Contains(err.Error(), "odd") {
		t.Errorf("a part with an unknown licence: %v", err)
	}
}
