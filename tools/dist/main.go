// Command dist builds what the browser loads, from what people write:
//
//	static/js/app.ts       esbuild      app.js
//	static/js/photo.ts     esbuild      photo.js
//	static/js/batch.ts     esbuild      batch.js, which knows the name of shrink.js
//	static/js/workers      esbuild      shrink.js
//	static/css/app.css     tailwindcss  app.css
//	tools/icons.txt        lucide       icons.json, for pages to draw
//	static/js/workers/share.ts  esbuild share.js
//	marks.go               drawn        favicon.png, icon-….png, app.webmanifest
//
// words.json names what each of the scripts of a page says, so that a page has
// those sentences alone. What is text has a file beside it that is compressed
// with Brotli, as browsers load it. Each goes to static/dist under a name that
// carries a hash of its content, and manifest.json maps the plain name to it. Then
// large parts of others, and the workers around them, go to static/extra, packed,
// by the table in extra.go:
//
//	static/js/workers/*.ts  esbuild     faces/worker.js, heic/worker.js
//	node_modules            as they are faces/…, heic/…
//
// The same sources give the same bytes on every machine.
//
// Run it in tools/: `go run ./dist`. With -check it writes nothing, and fails if
// static/dist isn't what the sources give; with -extra it makes static/extra
// alone, which git ignores.
package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/andybalholm/brotli"
)

func main() {
	root := flag.String("root", "..", "folder of the repository")
	check := flag.Bool("check", false, "write nothing, fail if static/dist is stale")
	extra := flag.Bool("extra", false, "make static/extra alone")
	flag.Parse()
	if err := run(*root, *check, *extra); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run builds everything below root and writes it. With check it compares
// static/dist instead; with extra it leaves static/dist alone.
func run(root string, check, extra bool) error {
	root, err := filepath.Abs(root)
	if err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(root, "node_modules")); err != nil {
		return fmt.Errorf("the packages from npm are missing: run `npm ci --ignore-scripts`, or `make build`, which does")
	}
	if extra {
		return makeExtras(root)
	}
	built, err := build(root)
	if err != nil {
		return err
	}
	dist := filepath.Join(root, "static", "dist")
	if check {
		return compare(dist, built)
	}
	if err := write(dist, built); err != nil {
		return err
	}
	return makeExtras(root)
}

// build returns the content of static/dist, by file name.
func build(root string) (map[string][]byte, error) {
	files, manifest := map[string][]byte{}, map[string]string{}
	parts := []struct {
		name string
		make func(root string) ([]byte, error)
	}{
		{"app.css", styles},
		{"shrink.js", shrinkWorker},
		{"app.js", func(root string) ([]byte, error) { return scripts(root, "app.ts", manifest) }},
		{"photo.js", func(root string) ([]byte, error) { return scripts(root, "photo.ts", manifest) }},
		{"batch.js", func(root string) ([]byte, error) { return scripts(root, "batch.ts", manifest) }},
		{"favicon.png", func(string) ([]byte, error) { return mark(48, false) }}, // an SVG would be a document of its own to every page
		{"share.js", shareWorker},
		{"icon-180.png", func(string) ([]byte, error) { return mark(180, true) }}, // iOS cuts it
		{"icon-192.png", func(string) ([]byte, error) { return mark(192, false) }},
		{"icon-512.png", func(string) ([]byte, error) { return mark(512, false) }},
		{"icon-mask.png", func(string) ([]byte, error) { return mark(512, true) }},
	}
	for _, p := range parts {
		content, err := p.make(root)
		if err != nil {
			return nil, fmt.Errorf("%s was not built: %w", p.name, err)
		}
		if err := put(p.name, content, files, manifest); err != nil {
			return nil, err
		}
	}
	said, err := words(root, files, manifest)
	if err != nil {
		return nil, err
	}
	files["words.json"] = said
	if files["icons.json"], err = icons(root); err != nil {
		return nil, fmt.Errorf("icons.json was not built: %w", err)
	}
	app, err := appManifest(manifest)
	if err != nil {
		return nil, err
	}
	if err := put("app.webmanifest", app, files, manifest); err != nil {
		return nil, err
	}
	files["manifest.json"], err = indented(manifest)
	return files, err
}

// indented returns value as JSON that people can read.
func indented(value any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "\t")
	err := enc.Encode(value)
	return b.Bytes(), err
}

// put adds a file to files, and what is text also compressed, and names it in
// manifest.
func put(name string, content []byte, files map[string][]byte, manifest map[string]string) error {
	hashed := hashedName(name, content)
	files[hashed], manifest[name] = content, hashed
	if filepath.Ext(name) == ".png" {
		return nil // it is compressed
	}
	packed, err := packed(content)
	if err != nil {
		return fmt.Errorf("%s was not compressed: %w", name, err)
	}
	if len(packed) < len(content) {
		files[hashed+".br"] = packed
	}
	return nil
}

// packed returns content in Brotli, as small as it gets.
func packed(content []byte) ([]byte, error) {
	var b bytes.Buffer
	w := brotli.NewWriterLevel(&b, brotli.BestCompression)
	_, err := w.Write(content)
	err = errors.Join(err, w.Close())
	return b.Bytes(), err
}

// hashedName puts the first 8 hexadecimal digits of the SHA-256 of content
// before the extension of name.
func hashedName(name string, content []byte) string {
	sum := sha256.Sum256(content)
	ext := filepath.Ext(name)
	return strings.TrimSuffix(name, ext) + "." + hex.EncodeToString(sum[:4]) + ext
}

// write makes dir hold exactly files.
func write(dir string, files map[string][]byte) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	old, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o644); err != nil {
			return err
		}
	}
	// The old ones go last: a program that is being compiled meanwhile finds
	// every file that its manifest names.
	for _, e := range old {
		if _, stays := files[e.Name()]; stays {
			continue
		}
		if err := os.Remove(filepath.Join(dir, e.Name())); err != nil {
			return err
		}
	}
	return nil
}

// compare fails, naming what differs, unless dir holds exactly files.
func compare(dir string, files map[string][]byte) error {
	var stale []string
	for name, want := range files {
		got, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil || !bytes.Equal(got, want) {
			stale = append(stale, name)
		}
	}
	have, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("static/dist is missing: run `make build` and commit it")
	}
	for _, e := range have {
		if _, ok := files[e.Name()]; !ok {
			stale = append(stale, e.Name())
		}
	}
	if len(stale) == 0 {
		return nil
	}
	slices.Sort(stale)
	return fmt.Errorf("static/dist is not what its sources give (%s): run `make build` and commit static/dist", strings.Join(stale, ", "))
}
