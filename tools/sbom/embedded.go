package main

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// woven are the npm packages that are for development only by package.json, and
// whose text still ends up in static/dist: the icons, and Tailwind's styles.
var woven = []string{"lucide-static", "tailwindcss"}

// loaded are the npm packages in static/extra, which browsers load on need, with
// the files beside them that say on what terms. tools/dist puts both there.
var loaded = []struct {
	name  string
	terms []string // below static/extra
}{
	{"@tensorflow/tfjs-backend-wasm", []string{"faces/LICENSE-apache-2.0.txt", "faces/NOTICE.txt"}},
	{"@tensorflow/tfjs-core", []string{"faces/LICENSE-apache-2.0.txt"}},
	{"@vladmandic/face-api", []string{"faces/LICENSE-face-api.txt"}},
	{"heic-to", []string{"heic/LICENSE.txt", "heic/LICENSE-gpl-3.0.txt", "heic/NOTICE.txt"}},
}

// npmParts returns the npm packages that are embedded: woven, and loaded where
// static/extra was built.
func npmParts(root string) ([]component, error) {
	var parts []component
	for _, name := range woven {
		part, err := npmPart(root, name)
		if err != nil {
			return nil, err
		}
		if part, err = licensed(filepath.Join(root, "node_modules", name), part); err != nil {
			return nil, err
		}
		parts = append(parts, part)
	}
	for _, l := range loaded {
		var terms []string
		for _, t := range l.terms {
			terms = append(terms, filepath.Join(root, "static", "extra", filepath.FromSlash(t)))
		}
		if _, err := os.Stat(terms[0]); err != nil {
			continue // built without it
		}
		part, err := npmPart(root, l.name)
		if err != nil {
			return nil, err
		}
		if part, err = licensedBy(terms, part); err != nil {
			return nil, err
		}
		parts = append(parts, part)
	}
	return parts, nil
}

// noticed is a line of a NOTICE about what is compiled into a package: name,
// version, copyright, SPDX id and address.
var noticed = regexp.MustCompile(`(?m)^\s+([\w.@/-]+) (\d[\w.]*)\s+Copyright .*, ([\w.-]+), https://\S+$`)

// compiled returns what the notices of static/extra name: libraries in C, for
// example, which no other list has.
func compiled(root string) ([]component, error) {
	notices, err := filepath.Glob(filepath.Join(root, "static", "extra", "*", "NOTICE.txt"))
	if err != nil {
		return nil, err
	}
	var parts []component
	for _, notice := range notices {
		raw, err := os.ReadFile(notice)
		if err != nil {
			return nil, err
		}
		for _, m := range noticed.FindAllStringSubmatch(string(raw), -1) {
			if isLoaded(m[1]) {
				continue // npmParts has it
			}
			var l licence
			l.Licence.ID = m[3]
			l.Licence.Text = text{"text/plain", "base64", base64.StdEncoding.EncodeToString([]byte(strings.TrimSpace(m[0])))}
			parts = append(parts, component{Type: "library", Ref: "compiled:" + m[1] + "@" + m[2], Name: m[1], Version: m[2], Licences: []licence{l}})
		}
	}
	return parts, nil
}

func isLoaded(name string) bool {
	for _, l := range loaded {
		if l.name == name {
			return true
		}
	}
	return false
}

// npmPart returns the package called name, as it is installed.
func npmPart(root, name string) (component, error) {
	var p struct {
		Version string `json:"version"`
	}
	err := readJSON(filepath.Join(root, "node_modules", filepath.FromSlash(name), "package.json"), &p)
	purl := "pkg:npm/" + strings.Replace(name, "@", "%40", 1) + "@" + p.Version
	return component{Type: "library", Ref: purl, Name: name, Version: p.Version, PURL: purl}, err
}

func readJSON(name string, v any) error {
	raw, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	return json.Unmarshal(raw, v)
}

// embeddedFiles returns each file of static/dist and static/extra with its hash:
// what is compiled already (WebAssembly, say) has no other name than that. What is
// packed there is named and hashed as it is served.
func embeddedFiles(static string) ([]component, error) {
	var parts []component
	for _, folder := range []string{"dist", "extra"} {
		err := filepath.WalkDir(filepath.Join(static, folder), func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			raw, err := os.ReadFile(name)
			if err == nil && filepath.Ext(name) == ".gz" {
				name = strings.TrimSuffix(name, ".gz")
				raw, err = unpacked(raw)
			}
			if err != nil {
				return err
			}
			sum := sha256.Sum256(raw)
			rel, err := filepath.Rel(static, name)
			if err != nil {
				return err
			}
			ref := "static/" + filepath.ToSlash(rel)
			parts = append(parts, component{Type: "file", Ref: ref, Name: ref, Hashes: []hash{{"SHA-256", hex.EncodeToString(sum[:])}}})
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return parts, nil
}

func unpacked(packed []byte) ([]byte, error) {
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}
