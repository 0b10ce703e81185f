package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"image"
	"image/jpeg"
	"mime/multipart"
	"net/http"
	"strings"
	"sync"
	"testing"

	"portrait/internal/demo"
)

// sample returns one of the demo's pictures to try.
func sample(t *testing.T, name string) []byte {
	t.Helper()
	if drawn, ok := samples.Load(name); ok {
		return bytes.Clone(drawn.([]byte)) // nothing else is stored
	}
	raw, err := demo.Sample(name)
	if err != nil {
		t.Fatal(err)
	}
	samples.Store(name, raw)
	return bytes.Clone(raw)
}

// samples are the pictures that sample has returned, by name: drawing a large one
// takes a quarter of a second.
var samples sync.Map

// multipartForm returns the body and content type of a form with a file in it.
func multipartForm(t *testing.T, file []byte, fields map[string]string) (string, string) {
	t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for name, value := range fields {
		if err := w.WriteField(name, value); err != nil {
			t.Fatal(err)
		}
	}
	if file != nil {
		part, err := w.CreateFormFile("photo", "picture.jpg")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := part.Write(file); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return body.String(), w.FormDataContentType()
}

func decode(t *testing.T, raw []byte) image.Image {
	t.Helper()
	img, err := jpeg.Decode(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	return img
}

func TestPutSendsOneSmallUprightJPEGWithoutMetadata(t *testing.T) {
	s := newSite(t)
	b := s.signedIn("employee")
	a := b.put(sample(t, "sideways.jpg"))
	if a.status != http.StatusOK {
		t.Fatalf("PUT answered %d: %s", a.status, a.body)
	}
	writes := s.writes()
	if len(writes) != 1 {
		t.Fatalf("%d changes reached Graph, want 1: %v", len(writes), writes)
	}
	sent := writes[0]
	sum := sha256.Sum256(sent.Body)
	got := a.json()
	for name, want := range map[string]any{
		"state": "confirmed", "etag": hex.EncodeToString(sum[:]), "width": 648.0, "height": 648.0, "bytes": float64(len(sent.Body)),
	} {
		if got[name] != want {
			t.Errorf("the answer's %s is %v, want %v", name, got[name], want)
		}
	}
	for _, tt := range []struct{ name, got, want string }{
		{"method", sent.Method, "PUT"},
		{"path", sent.Path, "/v1.0/me/photo/$value"},
		{"type", sent.Header.Get("Content-Type"), "image/jpeg"},
		{"token", sent.TokenKind, "delegated"},
	} {
		if tt.got != tt.want {
			t.Errorf("Graph was asked with the %s %q, want %q", tt.name, tt.got, tt.want)
		}
	}
	if len(sent.Body) > 100_000 {
		t.Errorf("%d bytes were sent, want at most 100,000", len(sent.Body))
	}
	for _, mark := range []string{"Exif", "ICC_PROFILE", "http://ns.adobe.com"} {
		if bytes.Contains(sent.Body, []byte(mark)) {
			t.Errorf("the picture that was sent holds %q", mark)
		}
	}
	if size := decode(t, sent.Body).Bounds().Size(); size != image.Pt(648, 648) {
		t.Errorf("the picture that was sent is %v, want 648x648", size)
	}
	if got := b.get("/me/photo/$value"); got.status != http.StatusOK || got.header.Get("Content-Type") != "image/jpeg" {
		t.Errorf("reading it back: %d %s", got.status, got.header.Get("Content-Type"))
	}
}

func TestFormSavesTheFramedPart(t *testing.T) {
	s := newSite(t)
	b := s.signedIn("employee")
	tiles := sample(t, "tiles.png")
	body, contentType := multipartForm(t, tiles, map[string]string{"csrf_token": b.token, "x": "200", "y": "400", "side": "400", "turn": "90"})
	a := b.do(http.MethodPost, "/me/photo", strings.NewReader(body), "Content-Type", contentType)
	if a.status != http.StatusOK || a.url.Path != "/me/photo" {
		t.Fatalf("the form ended on %d %s", a.status, a.url.Path)
	}
	if !strings.Contains(a.text(), "Saved.") {
		t.Errorf("the page doesn't say that it was saved: %s", a.text())
	}
	if again := b.get("/me/photo"); strings.Contains(again.text(), "Saved.") {
		t.Error("the page says so a second time")
	}
	img := decode(t, s.tenant.Photo(s.person("employee")))
	source, _, err := image.Decode(bytes.NewReader(tiles))
	if err != nil {
		t.Fatal(err)
	}
	// Turned by 90° clockwise, the top left corner comes from the bottom left.
	for _, c := range []struct{ x, y, fromX, fromY int }{{20, 20, 212, 788}, {380, 20, 212, 412}, {380, 380, 588, 412}, {20, 380, 588, 788}} {
		if d := distance(img.At(c.x, c.y), source.At(c.fromX, c.fromY)); d > 40 {
			t.Errorf("pixel %d,%d is %v, want about %v of %d,%d", c.x, c.y, img.At(c.x, c.y), source.At(c.fromX, c.fromY), c.fromX, c.fromY)
		}
	}
}

// distance is the largest difference of two colours in one channel, of 255.
func distance(a, b interface{ RGBA() (r, g, b, a uint32) }) int {
	r1, g1, b1, _ := a.RGBA()
	r2, g2, b2, _ := b.RGBA()
	d := 0
	for _, p := range [][2]uint32{{r1, r2}, {g1, g2}, {b1, b2}} {
		d = max(d, int(p[0]>>8)-int(p[1]>>8), int(p[1]>>8)-int(p[0]>>8))
	}
	return d
}

func TestRemoving(t *testing.T) {
	for _, tt := range []struct {
		name   string
		remove func(b *browser) *answer
		status int
	}{
		{"by a script", func(b *browser) *answer {
			return b.do(http.MethodDelete, "/me/photo/$value", nil, "X-CSRF-Token", b.token)
		}, http.StatusNoContent},
		{"by the form", func(b *browser) *answer {
			return b.do(http.MethodPost, "/me/photo/remove", strings.NewReader("csrf_token="+b.token), "Content-Type", "application/x-www-form-urlencoded")
		}, http.StatusOK},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newSite(t)
			b := s.signedIn("employee")
			if a := tt.remove(b); a.status != tt.status {
				t.Fatalf("removing answered %d, want %d: %s", a.status, tt.status, a.text())
			}
			if s.tenant.Photo(s.person("employee")) != nil {
				t.Error("the tenant still has the photo")
			}
			if a := b.get("/me/photo/$value"); a.status != http.StatusNotFound {
				t.Errorf("the picture is answered with %d, want 404", a.status)
			}
			page := b.get("/me/photo")
			if !strings.Contains(page.text(), "You have no photo yet") {
				t.Errorf("the page says %q", page.text())
			}
			if page.find(`form[action="/me/photo/remove"]`) != nil {
				t.Error("the page offers to remove what isn't there")
			}
			if a := tt.remove(b); a.status != tt.status {
				t.Errorf("removing again answered %d, want %d", a.status, tt.status)
			}
		})
	}
}

func TestPictureSizesAndCaching(t *testing.T) {
	s := newSite(t)
	b := s.signedIn("employee")
	for _, size := range []int{48, 64, 96, 120, 240, 360, 432, 504, 648} {
		path := fmt.Sprintf("/me/photos/%dx%d/$value", size, size)
		a := b.get(path)
		if a.status != http.StatusOK {
			t.Errorf("%s answered %d", path, a.status)
			continue
		}
		if got := decode(t, a.body).Bounds().Dx(); got != size {
			t.Errorf("%s is %d pixels wide", path, got)
		}
	}
	first := b.get("/me/photo/$value")
	etag := first.header.Get("ETag")
	if got := first.header.Get("Cache-Control"); got != "private, no-cache" || etag == "" {
		t.Errorf("Cache-Control %q, ETag %q", got, etag)
	}
	if a := b.get("/me/photo/$value", "If-None-Match", etag); a.status != http.StatusNotModified || len(a.body) != 0 {
		t.Errorf("the same picture again: %d with %d bytes, want 304 and none", a.status, len(a.body))
	}
	if a := s.browser().stay().get("/me/photo/$value", "If-None-Match", etag); a.status != http.StatusUnauthorized {
		t.Errorf("nobody with the ETag gets %d, want 401", a.status)
	}
	for _, path := range []string{"/me/photos/47x47/$value", "/me/photos/96x95/$value", "/me/photos/large/$value", "/me/photos/-1x-1/$value"} {
		if a := b.get(path); a.status != http.StatusNotFound {
			t.Errorf("%s answered %d, want 404", path, a.status)
		}
	}
}
