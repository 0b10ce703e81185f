package static

import (
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// TestEmbedded checks the files of this very build.
func TestEmbedded(t *testing.T) {
	f, err := built()
	if err != nil {
		t.Fatalf("the files of static/dist can't be read: %v; run `make build`", err)
	}
	for _, name := range []string{"app.css", "app.js", "photo.js", "batch.js", "favicon.png", "share.js", "app.webmanifest", "icon-180.png", "icon-192.png", "icon-512.png", "icon-mask.png"} {
		url := URL(name)
		if url == Prefix+name {
			t.Errorf("URL(%q) = %q: it has no hash, so the manifest doesn't have it", name, url)
		}
		if !f.has(strings.TrimPrefix(url, Prefix)) {
			t.Errorf("URL(%q) = %q, which isn't served", name, url)
		}
	}
	for path, file := range f.byPath {
		if len(file.content()) == 0 || len(file.packed()) == 0 {
			t.Errorf("%s is empty", path)
		}
	}
	if Has("extra/README.txt") {
		t.Error("Has(extra/README.txt) = true: the README is not for browsers")
	}
}

// TestTypefaces holds that the style names the typefaces of the systems that people
// have: on one that lacks them nobody would see them go.
//
// Source: ux.md, "Look".
func TestTypefaces(t *testing.T) {
	f, err := built()
	if err != nil {
		t.Fatal(err)
	}
	style := string(f.byPath[f.manifest["app.css"]].content())
	for _, family := range []string{"Segoe UI Variable", "Segoe UI", "system-ui", "PingFang SC", "Microsoft YaHei", "Noto Sans SC"} {
		if !strings.Contains(style, family) {
			t.Errorf("app.css doesn't name %s", family)
		}
	}
}

// TestTextSizes holds that text has the four sizes of tailwind.config.js: a page
// that has them alone reads calmly, and a browser has fewer letters to draw. The
// seconds that the camera counts are a picture over it.
//
// Source: ux.md, "Look".
func TestTextSizes(t *testing.T) {
	files, err := filepath.Glob("css/*.css")
	if err != nil || len(files) == 0 {
		t.Fatal("there are no styles:", err)
	}
	size := regexp.MustCompile(`font(?:-size)?: ([^;]*);`)
	for _, name := range files {
		style, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range size.FindAllStringSubmatch(string(style), -1) {
			switch value := found[1]; {
			case value == "inherit", value == "6rem" && name == "css/camera.css", value == "400 var(--text-body)/1.5 var(--font-sans)":
			case slices.Contains([]string{"var(--text-small)", "var(--text-body)", "var(--text-large)", "var(--text-title)"}, value):
			default:
				t.Errorf("%s has text of %s", name, value)
			}
		}
	}
}

// TestWords holds that what scripts say goes with them: nothing is missing, and
// the first page, which has the script of every page alone, has next to nothing.
func TestWords(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join("..", "internal", "words", "en.json"))
	if err != nil {
		t.Fatal(err)
	}
	var texts map[string]any
	if err := json.Unmarshal(raw, &texts); err != nil {
		t.Fatal(err)
	}
	all := Words("app.js", "photo.js", "batch.js")
	for id := range texts {
		if key, ok := strings.CutPrefix(id, "script."); ok && !slices.Contains(all, key) {
			t.Errorf("no script has the words of %s", id)
		}
	}
	for script, key := range map[string]string{"photo.js": "camera-ready", "batch.js": "batch-uploading", "app.js": "list-found"} {
		if !slices.Contains(Words(script), key) {
			t.Errorf("%s lacks the words of %s", script, key)
		}
	}
	if few := Words("app.js"); len(few) > 5 {
		t.Errorf("the script of every page says %q, want only what every page needs", few)
	}
}

// sample has one file of each kind.
func sample(t *testing.T) *files {
	t.Helper()
	f, err := read(
		fstest.MapFS{
			"dist/manifest.json":           {Data: []byte(`{"app.css": "app.1234abcd.css", "favicon.svg": "favicon.0000ffff.svg"}`)},
			"dist/words.json":              {Data: []byte(`{"photo.js": ["kept", "taken"], "app.js": ["found", "kept"]}`)},
			"dist/icons.json":              {Data: []byte(`{"icons": {"x": "M0 0"}}`)},
			"dist/app.1234abcd.css":        {Data: []byte("a{}")},
			"dist/favicon.0000ffff.svg":    {Data: []byte("<svg/>")},
			"dist/favicon.0000ffff.svg.br": {Data: []byte("in Brotli")},
			"dist/app.00000000.css":        {Data: []byte("left over")},
		},
		fstest.MapFS{
			"extra/README.txt":     {Data: []byte("for developers")},
			"extra/heic/worker.js": {Data: []byte("1")},
			"extra/faces/x.bin.gz": {Data: pack([]byte("a model"))},
		},
	)
	if err != nil {
		t.Fatalf("read: %v", err)
	}
	return f
}

func TestServeHTTP(t *testing.T) {
	const forever = "public, max-age=31536000, immutable"
	tests := []struct {
		name, path string
		status     int
		mediaType  string
		cache      string
	}{
		{"a style is kept for ever", "/static/app.1234abcd.css", 200, "text/css; charset=utf-8", forever},
		{"an icon is kept for ever", "/static/favicon.0000ffff.svg", 200, "image/svg+xml", forever},
		{"a part of others is asked for again", "/static/extra/heic/worker.js", 200, "text/javascript; charset=utf-8", "public, no-cache"},
		{"a plain name isn't served", "/static/app.css", 404, "text/plain; charset=utf-8", ""},
		{"a file that the manifest forgot isn't served", "/static/app.00000000.css", 404, "text/plain; charset=utf-8", ""},
		{"a compressed file has no address of its own", "/static/favicon.0000ffff.svg.br", 404, "text/plain; charset=utf-8", ""},
		{"the manifest isn't served", "/static/manifest.json", 404, "text/plain; charset=utf-8", ""},
		{"the README isn't served", "/static/extra/README.txt", 404, "text/plain; charset=utf-8", ""},
		{"a folder isn't listed", "/static/", 404, "text/plain; charset=utf-8", ""},
		{"a folder of extra isn't listed", "/static/extra/heic/", 404, "text/plain; charset=utf-8", ""},
		{"a way out leads nowhere", "/static/../static.go", 404, "text/plain; charset=utf-8", ""},
	}
	f := sample(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			res := httptest.NewRecorder()
			f.ServeHTTP(res, httptest.NewRequest(http.MethodGet, tt.path, nil))
			if res.Code != tt.status {
				t.Errorf("GET %s = %d, want %d", tt.path, res.Code, tt.status)
			}
			if got := res.Header().Get("Content-Type"); got != tt.mediaType {
				t.Errorf("GET %s: Content-Type = %q, want %q", tt.path, got, tt.mediaType)
			}
			if got := res.Header().Get("Cache-Control"); got != tt.cache {
				t.Errorf("GET %s: Cache-Control = %q, want %q", tt.path, got, tt.cache)
			}
		})
	}
}

func TestServeHTTPNotModified(t *testing.T) {
	f := sample(t)
	first := httptest.NewRecorder()
	f.ServeHTTP(first, httptest.NewRequest(http.MethodGet, "/static/extra/heic/worker.js", nil))

	again := httptest.NewRequest(http.MethodGet, "/static/extra/heic/worker.js", nil)
	again.Header.Set("If-None-Match", first.Header().Get("ETag"))
	second := httptest.NewRecorder()
	f.ServeHTTP(second, again)
	if second.Code != http.StatusNotModified {
		t.Errorf("GET with the ETag of before = %d, want %d", second.Code, http.StatusNotModified)
	}
}

func TestServeHTTPInGzip(t *testing.T) {
	tests := []struct {
		name, accept, ranges, encoding string
	}{
		{"a browser gets gzip", "gzip, deflate, br, zstd", "", "gzip"},
		{"who prefers another still takes gzip", "br, gzip;q=0.5", "", "gzip"},
		{"who refuses gzip gets the plain file", "gzip;q=0, br", "", ""},
		{"who says nothing gets the plain file", "", "", ""},
		{"a part is of the plain file", "gzip", "bytes=0-0", ""},
	}
	f := sample(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			req := httptest.NewRequest(http.MethodGet, "/static/app.1234abcd.css", nil)
			req.Header.Set("Accept-Encoding", tt.accept)
			req.Header.Set("Range", tt.ranges)
			res := httptest.NewRecorder()
			f.ServeHTTP(res, req)
			if got := res.Header().Get("Content-Encoding"); got != tt.encoding {
				t.Fatalf("Accept-Encoding %q: Content-Encoding = %q, want %q", tt.accept, got, tt.encoding)
			}
			if tt.ranges != "" {
				return
			}
			body := io.Reader(res.Body)
			if tt.encoding == "gzip" {
				unpacked, err := gzip.NewReader(res.Body)
				if err != nil {
					t.Fatal(err)
				}
				body = unpacked
			}
			if got, err := io.ReadAll(body); err != nil || string(got) != "a{}" {
				t.Errorf("the body is %q (%v), want a{}", got, err)
			}
		})
	}
}

// TestServeHTTPOfWhatIsPacked holds that a file that the build has in gzip alone
// is what it was for those who don't take that.
func TestServeHTTPOfWhatIsPacked(t *testing.T) {
	for accept, want := range map[string]string{"": "a model", "gzip": string(pack([]byte("a model")))} {
		req := httptest.NewRequest(http.MethodGet, "/static/extra/faces/x.bin", nil)
		req.Header.Set("Accept-Encoding", accept)
		res := httptest.NewRecorder()
		sample(t).ServeHTTP(res, req)
		if h := res.Header(); res.Body.String() != want || h.Get("Content-Encoding") != accept || h.Get("Content-Type") != "application/octet-stream" {
			t.Errorf("who takes %q gets %q, %v", accept, res.Body, h)
		}
	}
}

// TestServeHTTPInBrotli holds that a browser gets what tools/dist compressed.
func TestServeHTTPInBrotli(t *testing.T) {
	for _, tt := range []struct{ name, accept, encoding, body string }{
		{"a browser over https gets Brotli", "gzip, deflate, br, zstd", "br", "in Brotli"},
		{"who refuses it gets gzip", "br;q=0, gzip", "gzip", ""},
		{"who says nothing gets the plain file", "", "", "<svg/>"},
	} {
		req := httptest.NewRequest(http.MethodGet, "/static/favicon.0000ffff.svg", nil)
		req.Header.Set("Accept-Encoding", tt.accept)
		res := httptest.NewRecorder()
		sample(t).ServeHTTP(res, req)
		if got := res.Header().Get("Content-Encoding"); got != tt.encoding {
			t.Errorf("%s: Content-Encoding = %q, want %q", tt.name, got, tt.encoding)
		}
		if got := res.Body.String(); tt.body != "" && got != tt.body {
			t.Errorf("%s: the body is %q, want %q", tt.name, got, tt.body)
		}
	}
}

// firstPageBytes is what the first page may weigh in all, compressed.
//
// Source: issue 8, "first page at most 60 kB compressed".
const firstPageBytes = 60_000

// TestTheFirstPageIsLight adds up every file that the first page loads, and
// leaves 8 kB for the page itself (cmd/portrait holds it to that).
func TestTheFirstPageIsLight(t *testing.T) {
	f, err := built()
	if err != nil {
		t.Fatal(err)
	}
	sum := 8_000
	for _, name := range []string{"app.css", "app.js", "photo.js", "batch.js", "favicon.png", "app.webmanifest"} {
		file := f.byPath[f.manifest[name]]
		size := len(file.packed())
		if file.brotli != nil {
			size = min(size, len(file.brotli))
		}
		t.Logf("%s takes %d bytes", name, size)
		sum += size
	}
	if sum > firstPageBytes {
		t.Errorf("the first page takes %d bytes, want at most %d", sum, firstPageBytes)
	}
}

// TestWorkersHaveTheirOwnPolicy holds that the workers, and no other file,
// replace the policy that the site gives to every answer.
func TestWorkersHaveTheirOwnPolicy(t *testing.T) {
	const page = "default-src 'none'"
	tests := []struct{ name, path, want string }{
		{"the face worker compiles WebAssembly and fetches it", "extra/faces/worker.js",
			"default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; require-trusted-types-for 'script'; trusted-types 'none'"},
		{"the HEIC worker starts one from a blob", "extra/heic/worker.js",
			"default-src 'none'; script-src 'self'; worker-src blob:; require-trusted-types-for 'script'; trusted-types default"},
		{"the one that shrinks may do nothing but compute", "shrink.1234abcd.js", "default-src 'none'; require-trusted-types-for 'script'; trusted-types 'none'"},
		{"what a worker imports has the site's", "extra/heic/heic-to.js", page},
		{"a style has the site's", "app.1234abcd.css", page},
	}
	f, err := read(
		fstest.MapFS{
			"dist/manifest.json":    {Data: []byte(`{"app.css": "app.1234abcd.css", "shrink.js": "shrink.1234abcd.js"}`)},
			"dist/words.json":       {Data: []byte(`{}`)},
			"dist/icons.json":       {Data: []byte(`{}`)},
			"dist/app.1234abcd.css": {}, "dist/shrink.1234abcd.js": {},
		},
		fstest.MapFS{"extra/faces/worker.js": {}, "extra/heic/worker.js": {}, "extra/heic/heic-to.js": {}},
	)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			res := httptest.NewRecorder()
			res.Header().Set("Content-Security-Policy", page)
			f.ServeHTTP(res, httptest.NewRequest(http.MethodGet, Prefix+tt.path, nil))
			if got := res.Header().Get("Content-Security-Policy"); got != tt.want {
				t.Errorf("GET %s: the policy is %q, want %q", tt.path, got, tt.want)
			}
		})
	}
	for path := range workerPolicies {
		if path != ShrinkWorker && path != FaceWorker && path != HEICWorker {
			t.Errorf("%s has a policy of its own, but no page may start it", path)
		}
	}
}

func TestURL(t *testing.T) {
	f := sample(t)
	for name, want := range map[string]string{
		"app.css":              "/static/app.1234abcd.css",
		"extra/heic/worker.js": "/static/extra/heic/worker.js",
		"unknown.js":           "/static/unknown.js",
	} {
		if got := f.url(name); got != want {
			t.Errorf("url(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestReadFails(t *testing.T) {
	none := fstest.MapFS{"extra/README.txt": {}}
	tests := []struct {
		name string
		dist fstest.MapFS
	}{
		{"there is no manifest", fstest.MapFS{}},
		{"the manifest is not JSON", fstest.MapFS{"dist/manifest.json": {Data: []byte("app.css")}, "dist/words.json": {Data: []byte("{}")}, "dist/icons.json": {Data: []byte("{}")}}},
		{"the words of scripts aren't there", fstest.MapFS{"dist/manifest.json": {Data: []byte("{}")}}},
		{"the manifest names a file that isn't there", fstest.MapFS{"dist/manifest.json": {Data: []byte(`{"app.css": "app.1.css"}`)}, "dist/words.json": {Data: []byte("{}")}, "dist/icons.json": {Data: []byte("{}")}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := read(tt.dist, none); err == nil {
				t.Error("read succeeded, want an error")
			}
		})
	}
}
