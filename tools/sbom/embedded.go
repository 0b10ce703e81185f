package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// woven are the npm packages that are for development only by package.json, and
// whose text still ends up in static/dist: the icons, and Tailwind's styles.
var woven = []string{"lucide-static", "tailwindcss"}

// npmParts returns the npm packages that are embedded: all that package.json
// lists for use, and woven.
func npmParts(root string) ([]component, error) {
	var ours struct {
		Dependencies map[string]string `json:"dependencies"`
	}
	if err := readJSON(filepath.Join(root, "package.json"), &ours); err != nil {
		return nil, err
	}
	names := slices.Clone(woven)
	for name := range ours.Dependencies {
		names = append(names, name)
	}
	slices.Sort(names)
	var parts []component
	for _, name := range slices.Compact(names) {
		folder := filepath.Join(root, "node_modules", filepath.FromSlash(name))
		var p struct {
			Version string `json:"version"`
		}
		if err := readJSON(filepath.Join(folder, "package.json"), &p); err != nil {
			return nil, err
		}
		purl := "pkg:npm/" + name + "@" + p.Version
		part, err := licensed(folder, component{Type: "library", Ref: purl, Name: name, Version: p.Version, PURL: purl})
		if err != nil {
			return nil, err
		}
		parts = append(parts, part)
	}
	return parts, nil
}

func readJSON(name string, v any) error {
	raw, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	return json.Unmarshal(raw, v)
}

// embeddedFiles returns each file of static/dist and static/extra with its hash:
// what is compiled already (WebAssembly, say) has no other name than that.
func embeddedFiles(static string) ([]component, error) {
	var parts []component
	for _, folder := range []string{"dist", "extra"} {
		err := filepath.WalkDir(filepath.Join(static, folder), func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			raw, err := os.ReadFile(name)
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
