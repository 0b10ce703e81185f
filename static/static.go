// Package static holds the files that the browser loads: our own scripts,
// styles and icons, built by tools/dist into dist/, and large parts of others,
// which `make build` puts into extra/.
//
// The name of a file in dist carries a hash of its content, so a browser may
// keep it for ever; views ask URL for the name of today. dist is committed, so
// that the program builds with Go alone; extra is not, and a build without it
// says on the page what it can't do.
package static

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"path"
	"slices"
	"strings"
	"sync"
	"time"
)

// Prefix is where Handler expects to be: every address here begins with it.
const Prefix = "/static/"

//go:embed dist
var dist embed.FS

//go:embed all:extra
var extra embed.FS

// contentTypes are the types of what is served, by extension. The table of the
// operating system is not asked: it differs from machine to machine.
var contentTypes = map[string]string{
	".css":  "text/css; charset=utf-8",
	".js":   "text/javascript; charset=utf-8",
	".json": "application/json",
	".png":  "image/png",
	".svg":  "image/svg+xml",
	".wasm": "application/wasm",
	".bin":  "application/octet-stream",

	".webmanifest": "application/manifest+json",
}

// built reads the embedded files once. They can't change, so a failure is one
// of the build; TestEmbedded finds it.
var built = sync.OnceValues(func() (*files, error) { return read(dist, extra) })

// URL returns the address of the file with the given plain name: "app.css" is
// "/static/app.1234abcd.css". A name that isn't in dist is returned as it is,
// below Prefix; what extra has is found that way: URL(FaceWorker).
func URL(name string) string {
	f, err := built()
	if err != nil {
		return Prefix + name
	}
	return f.url(name)
}

// Has reports whether this build serves the path below Prefix: FaceWorker and
// HEICWorker are missing from one that was built with Go alone.
func Has(path string) bool {
	f, err := built()
	return err == nil && f.has(path)
}

// Words returns the keys, in order, of what the scripts with the given plain
// names say: "camera-ready" is script.camera-ready of internal/words.
func Words(scripts ...string) []string {
	f, err := built()
	if err != nil {
		return nil
	}
	var keys []string
	for _, name := range scripts {
		keys = append(keys, f.words[name]...)
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// Icon returns an icon of tools/icons.txt as the data of an SVG path, a line of 2
// in a square of 24 by 24 units; "" for one that isn't there.
func Icon(name string) string {
	f, err := built()
	if err != nil {
		return ""
	}
	return f.icons[name]
}

// Handler serves the files below Prefix, and nothing else: no folder, no
// manifest, no README. It fails if dist isn't what tools/dist builds.
func Handler() (http.Handler, error) {
	return built()
}

// file is one file that is served. What is a func is made when first asked for.
type file struct {
	content   func() []byte
	packed    func() []byte // content in gzip
	brotli    []byte        // content in Brotli, made by tools/dist; nil for none
	mediaType string
	etag      string
	forever   bool   // its name changes with its content
	policy    string // its Content-Security-Policy, "" = the site's
}

// files are the files that are served, by path below Prefix.
type files struct {
	manifest map[string]string   // plain name to hashed name
	words    map[string][]string // plain name of a script to the keys of what it says
	icons    map[string]string   // name to the data of its path
	byPath   map[string]file
}

// read collects what the manifest of dist names, and all of extra but its
// README.
func read(dist, extra fs.FS) (*files, error) {
	f := &files{byPath: map[string]file{}}
	var drawn struct{ Icons map[string]string }
	failed := errors.Join(
		readJSON(dist, "dist/manifest.json", &f.manifest), readJSON(dist, "dist/words.json", &f.words), readJSON(dist, "dist/icons.json", &drawn),
	)
	if failed != nil {
		return nil, failed
	}
	f.icons = drawn.Icons
	for plain, hashed := range f.manifest {
		failed = errors.Join(failed, f.add(dist, "dist/"+hashed, hashed, plain))
	}
	walk := func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || name == "extra/README.txt" {
			return err
		}
		served := strings.TrimSuffix(name, ".gz")
		return f.add(extra, name, served, served)
	}
	return f, errors.Join(failed, fs.WalkDir(extra, "extra", walk))
}

func readJSON(fsys fs.FS, name string, to any) error {
	raw, err := fs.ReadFile(fsys, name)
	if err != nil {
		return err
	}
	return json.Unmarshal(raw, to)
}

// add makes the file name of fsys available at the path served, which is that
// of extra where it begins with "extra/"; plain is that path without a hash.
func (f *files) add(fsys fs.FS, name, served, plain string) error {
	content, err := fs.ReadFile(fsys, name)
	if err != nil {
		return err
	}
	mediaType, ok := contentTypes[path.Ext(served)]
	if !ok {
		mediaType = "application/octet-stream"
	}
	packed, err := fs.ReadFile(fsys, name+".br")
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	whole, inGzip := func() []byte { return content }, sync.OnceValue(func() []byte { return pack(content) })
	if path.Ext(name) == ".gz" && path.Ext(served) != ".gz" {
		whole, inGzip = func() []byte { return unpack(content) }, whole
	}
	sum := sha256.Sum256(content)
	f.byPath[served] = file{
		content:   whole,
		packed:    inGzip,
		mediaType: mediaType,
		etag:      `"` + hex.EncodeToString(sum[:12]) + `"`,
		brotli:    packed,
		forever:   !strings.HasPrefix(served, "extra/"),
		policy:    workerPolicies[plain],
	}
	return nil
}

// pack returns content in gzip. Level 9 takes 0.2 s for the largest file, once.
func pack(content []byte) []byte {
	var b bytes.Buffer
	w, _ := gzip.NewWriterLevel(&b, gzip.BestCompression) // the level exists
	_, _ = w.Write(content)                               // to memory: can't fail
	_ = w.Close()                                         // as above
	return b.Bytes()
}

// unpack is the other way round, for the few who don't take gzip. The file is one
// of the build, and TestEmbedded reads it.
func unpack(packed []byte) []byte {
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil
	}
	content, err := io.ReadAll(r)
	if err != nil {
		return nil
	}
	return content
}

// url is URL.
func (f *files) url(name string) string {
	if hashed, ok := f.manifest[name]; ok {
		return Prefix + hashed
	}
	return Prefix + name
}

// has reports whether something is served at the path.
func (f *files) has(served string) bool {
	_, ok := f.byPath[served]
	return ok
}

// ServeHTTP serves one file. Those of dist may be kept for a year, which is as
// long as caches go; those of extra keep their names and are asked for again.
func (f *files) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	found, ok := f.byPath[strings.TrimPrefix(r.URL.Path, Prefix)]
	if !ok {
		http.NotFound(w, r)
		return
	}
	cache := "public, no-cache"
	if found.forever {
		cache = "public, max-age=31536000, immutable"
	}
	h := w.Header()
	h.Set("Cache-Control", cache)
	h.Set("Content-Type", found.mediaType)
	h.Add("Vary", "Accept-Encoding")
	if found.policy != "" {
		h.Set("Content-Security-Policy", found.policy)
	}
	if r.URL.Path == f.url(ShareWorker) {
		h.Set("Content-Security-Policy", "default-src 'none'")
		h.Set("Service-Worker-Allowed", "/") // it takes what comes to /share
	}
	content, etag := []byte(nil), found.etag
	switch {
	case found.brotli != nil && takes(r, "br"):
		content, etag = found.brotli, `"br-`+found.etag[1:]
		h.Set("Content-Encoding", "br")
	case takes(r, "gzip") && found.mediaType != "image/png":
		content, etag = found.packed(), `"gz-`+found.etag[1:]
		h.Set("Content-Encoding", "gzip")
	default:
		content = found.content()
	}
	h.Set("ETag", etag)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
}

// takes reports whether r may be answered in a coding: "br" or "gzip". A part of
// a file is a part of its plain form.
func takes(r *http.Request, coding string) bool {
	if r.Header.Get("Range") != "" {
		return false
	}
	for offered := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		name, quality, _ := strings.Cut(strings.TrimSpace(offered), ";")
		if name == coding {
			return strings.Trim(quality, " q=0.") != "" || quality == ""
		}
	}
	return false
}
