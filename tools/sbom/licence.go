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
	{"GPL-3.0-or-later", []string{"the gnu general public license is a free, copyleft license", "version 3, 29 june 2007"}},
	{"LGPL-3.0-or-later", []string{"gnu lesser general public license", "either version 3 of the license, or"}},
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
	var names []string
	for _, e := range entries {
		if !e.IsDir() && licenceName.MatchString(e.Name()) {
			names = append(names, filepath.Join(folder, e.Name()))
		}
	}
	return licensedBy(names, c)
}

// licensedBy returns c with the licences in the files names. It fails if none of
// them is known.
func licensedBy(names []string, c component) (component, error) {
	known := false
	for _, name := range names {
		raw, err := os.ReadFile(name)
		if err != nil {
			return c, err
		}
		var l licence
		l.Licence.Text = text{"text/plain", "base64", base64.StdEncoding.EncodeToString(raw)}
		for _, id := range recognise(string(raw)) {
			known, l.Licence.ID = true, id
			c.Licences = append(c.Licences, l)
		}
		if l.Licence.ID == "" {
			l.Licence.Name = filepath.Base(name)
			c.Licences = append(c.Licences, l)
		}
	}
	if !known {
		return c, fmt.Errorf("%s has no licence that is known: look at it, and add it to the table in tools/sbom", c.Name)
	}
	return c, nil
}

// within are licences whose words stand in another's text too: they count alone
// only.
var within = map[string]string{"BSD-2-Clause": "BSD-3-Clause", "LGPL-3.0-or-later": "GPL-3.0-or-later"}

// recognise returns the SPDX ids of the licences in a text.
func recognise(text string) []string {
	plain := strings.Join(strings.Fields(strings.ToLower(text)), " ")
	plain = strings.NewReplacer("“", `"`, "”", `"`, "``", `"`, "''", `"`).Replace(plain)
	var ids []string
	for _, l := range licences {
		if slices.Contains(ids, within[l.id]) {
			continue
		}
		if !slices.ContainsFunc(l.words, func(w string) bool { return !strings.Contains(plain, w) }) {
			ids = append(ids, l.id)
		}
	}
	return ids
}
