package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

// scripts bundles an entry of static/js and what it imports into one module.
// built are the names of what was built before: of the worker that it starts.
func scripts(root, entry string, built map[string]string) ([]byte, error) {
	return bundle(root, api.BuildOptions{
		EntryPoints: []string{"static/js/" + entry},
		Define:      map[string]string{"SHRINK_WORKER": strconv.Quote("/static/" + built["shrink.js"])},
	})
}

// bundle makes one module of an entry point and what it imports. The target is
// what people of a tenant have: a browser of the last three years.
func bundle(root string, o api.BuildOptions) ([]byte, error) {
	o.AbsWorkingDir = root
	o.Bundle, o.Format, o.Target, o.Charset = true, api.FormatESModule, api.ES2022, api.CharsetUTF8
	o.MinifyWhitespace, o.MinifyIdentifiers, o.MinifySyntax = true, true, true
	result := api.Build(o)
	var failed error
	for _, text := range api.FormatMessages(result.Errors, api.FormatMessagesOptions{}) {
		failed = errors.Join(failed, errors.New(strings.TrimSpace(text)))
	}
	if failed != nil {
		return nil, failed
	}
	return result.OutputFiles[0].Contents, nil
}

// styles runs tailwindcss over static/css/app.css. Node runs it as a file: the
// link in node_modules/.bin isn't there on every system.
func styles(root string) ([]byte, error) {
	out, err := os.CreateTemp("", "portrait-*.css")
	if err != nil {
		return nil, err
	}
	defer os.Remove(out.Name()) // temporary
	if err := out.Close(); err != nil {
		return nil, err
	}

	cmd := exec.Command("node", filepath.Join("node_modules", "@tailwindcss", "cli", "dist", "index.mjs"),
		"--input", filepath.Join("static", "css", "app.css"), "--output", out.Name(), "--minify")
	cmd.Dir = root
	if said, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("tailwindcss: %w\n%s", err, bytes.TrimSpace(said))
	}
	css, err := os.ReadFile(out.Name())
	if err != nil {
		return nil, err
	}
	if len(bytes.TrimSpace(css)) == 0 {
		return nil, errors.New("tailwindcss wrote nothing; run `npm ci --ignore-scripts`")
	}
	return css, nil
}
