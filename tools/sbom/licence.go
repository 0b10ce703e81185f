package main

import (
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// licences are what is recognised, by words that stand in no other. All of them
// must be there.
var licences = []struct {
	id    string // SPDX
	words []string
}{
	{"Apache-2.0", []string{"apache license", "version 2.0", "grant of patent license"}},
	{"MPL-2.0", []string{"mozilla public license version 2.0"}},
	{"MIT", []string{"permission is hereby granted, free of charge", "without restriction", "the software is provided \"as is\""}},
	{"ISC", []string{"permission to use, copy, modify", "distribute this software for any purpose with or without fee"}},
	{"Unlicense", []string{"this is free and unencumbered software released into the public domain"}},
	{"BSD-3-Clause", []string{"redistribution and use in source and binary forms", "endorse or promote products"}},
	{"BSD-2-Clause", []string{"redistribution and use in source and binary forms", "reproduce the above copyright notice"}},
}

// licenceName is what files with a licence are called.
var licenceName = regexp.MustCompile(`(?i)^(licen[cs]e|copying)([._-].*)?$`)

// licensed returns c with the licences whose texts lie in folder: its own, and
// those of what it has taken over. It fails if none of them is known.
func licensed(folder string, c component) (component, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return c, fmt.Errorf("%s: %w", c.Name, err)
	}
	for _, e := range entries {
		if e.IsDir() || !licenceName.MatchString(e.Name()) {
			continue
		}
		raw, err := os.ReadFile(filepath.Join(folder, e.Name()))
		if err != nil {
			return c, err
		}
		var l licence
		l.Licence.Text = text{"text/plain", "base64", base64.StdEncoding.EncodeToString(raw)}
		for _, id := range recognise(string(raw)) {
			l.Licence.ID = id
			c.Licences = append(c.Licences, l)
		}
		if l.Licence.ID == "" {
			l.Licence.Name = e.Name()
			c.Licences = append(c.Licences, l)
		}
	}
	if !slices.ContainsFunc(c.Licences, func(l licence) bool { return l.Licence.ID != "" }) {
		return c, fmt.Errorf("%s has no licence that is known: look at it, and add it to the table in tools/sbom", c.Name)
	}
	return c, nil
}

// recognise returns the SPDX ids of the licences in a text. BSD-2-Clause is
// within BSD-3-Clause and counts alone only.
func recognise(text string) []string {
	plain := strings.Join(strings.Fields(strings.ToLower(text)), " ")
	plain = strings.NewReplacer("“", `"`, "”", `"`, "``", `"`, "''", `"`).Replace(plain)
	var ids []string
	for _, l := range licences {
		if l.id == "BSD-2-Clause" && slices.Contains(ids, "BSD-3-Clause") {
			continue
		}
		if !slices.ContainsFunc(l.words, func(w string) bool { return !strings.Contains(plain, w) }) {
			ids = append(ids, l.id)
		}
	}
	return ids
}
