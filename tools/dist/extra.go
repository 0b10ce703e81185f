package main

import (
	"fmt"
	"os"
	"path/filepath"
)

// part is a file of others that the browser loads on need.
type part struct {
	from string // below node_modules, pinned by package-lock.json
	to   string // below static/extra
}

// extras are the parts that go to static/extra, each with its licence.
var extras = []part{}

// copyExtras puts the extras into static/extra, unmodified.
func copyExtras(root string) error {
	for _, p := range extras {
		content, err := os.ReadFile(filepath.Join(root, "node_modules", p.from))
		if err != nil {
			return fmt.Errorf("%s is missing: run `npm ci --ignore-scripts`", p.from)
		}
		to := filepath.Join(root, "static", "extra", p.to)
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(to, content, 0o644); err != nil {
			return err
		}
	}
	return nil
}
