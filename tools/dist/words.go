package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// words returns words.json: the keys "script.…" of internal/words that each
// script of manifest has, without that prefix, by the script's plain name.
//
// A key is a literal wherever it is said (a test of internal/words holds that),
// and stays one in the bundle. A short one may be there for another reason: then
// a page has a sentence too many.
func words(root string, files map[string][]byte, manifest map[string]string) ([]byte, error) {
	raw, err := os.ReadFile(filepath.Join(root, "internal", "words", "en.json"))
	if err != nil {
		return nil, err
	}
	var texts map[string]any
	if err := json.Unmarshal(raw, &texts); err != nil {
		return nil, fmt.Errorf("en.json: %w", err)
	}
	said := map[string][]string{}
	for plain, hashed := range manifest {
		if filepath.Ext(plain) != ".js" {
			continue
		}
		for id := range texts {
			key, ofScripts := strings.CutPrefix(id, "script.")
			if ofScripts && hasLiteral(files[hashed], key) {
				said[plain] = append(said[plain], key)
			}
		}
		slices.Sort(said[plain])
	}
	return indented(said)
}

// hasLiteral reports whether the string text is written in script.
func hasLiteral(script []byte, text string) bool {
	return slices.ContainsFunc([]string{`"`, "'", "`"}, func(quote string) bool {
		return bytes.Contains(script, []byte(quote+text+quote))
	})
}
