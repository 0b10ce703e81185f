package main

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
)

// part is a file that the browser loads on need, or its licence. Exactly one
// of from and make is set.
type part struct {
	to   string                            // below static/extra
	from string                            // below the root; node_modules is pinned by package-lock.json
	make func(root string) ([]byte, error) // bundles it
}

// extras are the parts that go to static/extra, each with its licence. What is
// copied is copied unmodified, and packed: the program that embeds it is smaller
// by 3 MB, and browsers load it packed anyway. Texts that people read are not.
var extras = []part{
	{to: "faces/worker.js", make: faceWorker},
	{to: "faces/tfjs-backend-wasm-simd.wasm", from: "node_modules/@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm"},
	{to: "faces/tiny_face_detector_model-weights_manifest.json", from: "node_modules/@vladmandic/face-api/model/tiny_face_detector_model-weights_manifest.json"},
	{to: "faces/tiny_face_detector_model.bin", from: "node_modules/@vladmandic/face-api/model/tiny_face_detector_model.bin"},
	{to: "faces/NOTICE.txt", from: "tools/dist/licences/faces.txt"},
	{to: "faces/LICENSE-face-api.txt", from: "node_modules/@vladmandic/face-api/LICENSE"},
	{to: "faces/LICENSE-apache-2.0.txt", from: "node_modules/long/LICENSE"},

	{to: "heic/worker.js", make: heicWorker},
	{to: "heic/heic-to.js", from: "node_modules/heic-to/dist/csp/heic-to.js"},
	{to: "heic/NOTICE.txt", from: "tools/dist/licences/heic.txt"},
	{to: "heic/LICENSE.txt", from: "node_modules/heic-to/LICENSE"},
	{to: "heic/LICENSE-gpl-3.0.txt", from: "tools/dist/licences/gpl-3.0.txt"},
}

// makeExtras builds static/extra below root.
func makeExtras(root string) error {
	parts, err := buildExtras(root)
	if err != nil {
		return err
	}
	return writeExtras(filepath.Join(root, "static", "extra"), parts)
}

// buildExtras returns the content of static/extra, by path below it, without
// the README. What is packed has ".gz" behind its name.
func buildExtras(root string) (map[string][]byte, error) {
	files := map[string][]byte{}
	for _, p := range extras {
		var content []byte
		var err error
		if p.make != nil {
			content, err = p.make(root)
		} else {
			content, err = os.ReadFile(filepath.Join(root, filepath.FromSlash(p.from)))
		}
		if errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("%s is missing: run `npm ci --ignore-scripts`", p.from)
		}
		if err != nil {
			return nil, fmt.Errorf("%s was not built: %w", p.to, err)
		}
		if path.Ext(p.to) == ".txt" {
			files[p.to] = content
			continue
		}
		if files[p.to+".gz"], err = gzipped(content); err != nil {
			return nil, fmt.Errorf("%s was not packed: %w", p.to, err)
		}
	}
	return files, nil
}

// gzipped returns content in gzip, as small as it gets.
func gzipped(content []byte) ([]byte, error) {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	_, err = w.Write(content)
	err = errors.Join(err, w.Close())
	return b.Bytes(), err
}

// writeExtras makes dir, which is static/extra, hold exactly files and its
// README.
func writeExtras(dir string, files map[string][]byte) error {
	for name, content := range files {
		to := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(to, content, 0o644); err != nil {
			return err
		}
	}
	return filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		below, err := filepath.Rel(dir, name)
		if err != nil {
			return err
		}
		if _, stays := files[filepath.ToSlash(below)]; stays || below == "README.txt" {
			return nil
		}
		return os.Remove(name)
	})
}
