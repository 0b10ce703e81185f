package demo_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"portrait/internal/demo"
)

// plain returns a picture of one colour.
func plain(w, h int) image.Image {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for i := range img.Pix {
		img.Pix[i] = 0x80
	}
	return img
}

func jpegOf(t *testing.T, w, h int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, plain(w, h), nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// dimensions returns the size and format of a picture, "0x0" if it is none.
func dimensions(b []byte) string {
	c, format, err := image.DecodeConfig(bytes.NewReader(b))
	if err != nil {
		return "0x0"
	}
	return fmt.Sprintf("%dx%d %s", c.Width, c.Height, format)
}

// metadata is the part of a photo's metadata that tests look at.
type metadata struct {
	ID     string `json:"id"`
	Width  int    `json:"width"`
	Height int    `json:"height"`
	Type   string `json:"@odata.mediaContentType"`
	ETag   string `json:"@odata.mediaEtag"`
}

func read[T any](t *testing.T, body []byte) T {
	t.Helper()
	var v T
	if err := json.Unmarshal(body, &v); err != nil {
		t.Fatalf("%s: %v", body, err)
	}
	return v
}

const (
	photoValue = "/v1.0/me/photo/$value"
	imageJPEG  = "image/jpeg"
)

func TestReadPhoto(t *testing.T) {
	tenant := start(t, demo.Options{})
	token := newApp(t, tenant).token(t, "employee")
	me := string(persona(t, tenant, "employee").ID)
	for _, tt := range []struct{ path, want string }{ // the size and format, or the code
		{"/v1.0/me/photo/$value", "648x648 jpeg"},
		{"/beta/me/photo/$value", "648x648 jpeg"},
		{"/v1.0/users/" + me + "/photo/$value", "648x648 jpeg"},
		{"/v1.0/users/" + strings.ToUpper(me) + "/photo/$value", "648x648 jpeg"},
		{"/v1.0/users/maya.lindqvist@skylark.example/photo/$value", "648x648 jpeg"},
		{"/v1.0/me/photos/48x48/$value", "48x48 jpeg"},
		{"/v1.0/me/photos/240X240/$value", "240x240 jpeg"},
		{"/v1.0/me/photos/648x648/$value", "648x648 jpeg"},
		{"/v1.0/me/photos/$count", "Request_BadRequest"},
		{"/v1.0/me/photos/huge/$value", "BadRequest"},
		{"/v1.0/me/photo/$value/more", "BadRequest"},
		{"/v1.0/nothing", "BadRequest"},
		{"/v1.0/me/photograph", "BadRequest"},
		{"/v1.0/users/priya.raman@skylark.example/photo/$value", "ErrorAccessDenied"},
		{"/v1.0/users/priya.raman@skylark.example", "Authorization_RequestDenied"},
		{"/v1.0/groups/" + me + "/photo/$value", "ErrorAccessDenied"},
	} {
		res, body := ask(t, tenant, token, "GET", tt.path, nil)
		got := dimensions(body)
		if res.StatusCode != 200 {
			got = errorCode(body)
		}
		if got != tt.want {
			t.Errorf("GET %s = %d %s, want %s", tt.path, res.StatusCode, got, tt.want)
		}
	}
}

func TestMetadata(t *testing.T) {
	tenant := start(t, demo.Options{})
	token := newApp(t, tenant).token(t, "employee")
	_, body := ask(t, tenant, token, "GET", "/v1.0/me/photo", nil)
	largest := read[metadata](t, body)
	if largest.ETag == "" || largest.ETag[0] != '"' {
		t.Errorf("mediaEtag = %s, want one in quotation marks", largest.ETag)
	}
	if diff := cmp.Diff(metadata{"648x648", 648, 648, imageJPEG, largest.ETag}, largest); diff != "" {
		t.Errorf("GET /me/photo (-want +got):\n%s", diff)
	}
	_, body = ask(t, tenant, token, "GET", "/v1.0/me/photos/96X96", nil)
	if diff := cmp.Diff(metadata{"96x96", 96, 96, imageJPEG, largest.ETag}, read[metadata](t, body)); diff != "" {
		t.Errorf("GET /me/photos/96X96 (-want +got):\n%s", diff)
	}
}

func TestSizesAreNeverEnlarged(t *testing.T) {
	tenant := start(t, demo.Options{})
	tenant.Set(demo.Weather{ReadDelay: -1})
	token := newApp(t, tenant).token(t, "employee")
	for _, tt := range []struct {
		upload int
		sizes  string
	}{
		{1000, "48 64 96 120 240 360 432 504 648"},
		{648, "48 64 96 120 240 360 432 504 648"},
		{504, "48 64 96 120 240 360 432 504"},
		{130, "48 64 96 120"},
		{48, "48"},
		{40, "40"},
	} {
		ask(t, tenant, token, "PUT", photoValue, jpegOf(t, tt.upload, tt.upload), "Content-Type", imageJPEG)
		_, body := ask(t, tenant, token, "GET", "/v1.0/me/photos", nil)
		list := read[struct{ Value []metadata }](t, body).Value
		var got []string
		for _, m := range list {
			got = append(got, fmt.Sprint(m.Width))
		}
		if strings.Join(got, " ") != tt.sizes {
			t.Errorf("an upload of %d pixels gives the sizes %v, want %s", tt.upload, got, tt.sizes)
		}
		_, body = ask(t, tenant, token, "GET", "/v1.0/me/photos/648x648/$value", nil)
		if want := fmt.Sprintf("%[1]sx%[1]s jpeg", got[len(got)-1]); dimensions(body) != want {
			t.Errorf("an upload of %d pixels gives %s for 648x648, want %s", tt.upload, dimensions(body), want)
		}
	}
}

func TestPutPhoto(t *testing.T) {
	tenant := start(t, demo.Options{})
	tenant.Set(demo.Weather{ReadDelay: -1})
	token := newApp(t, tenant).token(t, "employee")
	me := persona(t, tenant, "employee").ID
	var p, g bytes.Buffer
	if err := png.Encode(&p, plain(100, 100)); err != nil {
		t.Fatal(err)
	}
	if err := gif.Encode(&g, image.NewPaletted(image.Rect(0, 0, 100, 100), color.Palette{color.Black}), nil); err != nil {
		t.Fatal(err)
	}
	small := jpegOf(t, 648, 648)
	for _, tt := range []struct {
		what, method, kind string
		body               []byte
		status             int
		code               string
	}{
		{"a JPEG", "PUT", imageJPEG, small, 200, ""},
		{"a JPEG by PATCH", "PATCH", imageJPEG, small, 200, ""},
		{"a PNG", "PUT", "image/png", p.Bytes(), 200, ""},
		{"a GIF", "PUT", "image/gif", g.Bytes(), 200, ""},
		{"a JPEG as bytes", "PUT", "application/octet-stream", small, 200, ""},
		{"4 MB", "PUT", imageJPEG, append(slices.Clone(small), make([]byte, 4<<20-len(small))...), 200, ""},
		{"one byte more than 4 MB", "PUT", imageJPEG, append(slices.Clone(small), make([]byte, 4<<20-len(small)+1)...), 413, "RequestEntityTooLarge"},
		{"30 MB", "PUT", imageJPEG, make([]byte, 30<<20), 413, "RequestEntityTooLarge"},
		{"no type", "PUT", "", small, 400, "BadRequest"},
		{"JSON", "PUT", "application/json", []byte("{}"), 415, "UnsupportedMediaType"},
		{"text called a JPEG", "PUT", imageJPEG, []byte("hello"), 500, "ErrorInternalServerError"},
		{"nothing", "PUT", imageJPEG, nil, 500, "ErrorInternalServerError"},
		{"half a JPEG", "PUT", imageJPEG, small[:len(small)/2], 500, "ErrorInternalServerError"},
		{"a POST", "POST", imageJPEG, small, 405, "Request_BadRequest"},
	} {
		t.Run(tt.what, func(t *testing.T) {
			before := tenant.Photo(me)
			res, body := ask(t, tenant, token, tt.method, photoValue, tt.body, "Content-Type", tt.kind)
			if res.StatusCode != tt.status || errorCode(body) != tt.code {
				t.Errorf("answered %d %q, want %d %q", res.StatusCode, errorCode(body), tt.status, tt.code)
			}
			want := before
			if tt.status == 200 {
				want = tt.body
			}
			if !bytes.Equal(tenant.Photo(me), want) {
				t.Error("the photo is not the one that it should be now")
			}
		})
	}
}

func TestETagChangesWithEveryWrite(t *testing.T) {
	tenant := start(t, demo.Options{})
	tenant.Set(demo.Weather{ReadDelay: -1})
	token := newApp(t, tenant).token(t, "employee")
	seen := map[string]bool{}
	for range 3 {
		ask(t, tenant, token, "PUT", photoValue, jpegOf(t, 100, 100), "Content-Type", imageJPEG)
		_, body := ask(t, tenant, token, "GET", "/v1.0/me/photo", nil)
		seen[read[metadata](t, body).ETag] = true
	}
	if len(seen) != 3 {
		t.Errorf("three writes of the same bytes have %d different mediaEtags, want 3", len(seen))
	}
}

func TestReadsLagBehindWrites(t *testing.T) {
	now := time.Now()
	tenant := start(t, demo.Options{Now: func() time.Time { return now }})
	token := newApp(t, tenant).token(t, "employee")
	status := func() (metadata, string) {
		_, meta := ask(t, tenant, token, "GET", "/v1.0/me/photo", nil)
		_, value := ask(t, tenant, token, "GET", photoValue, nil)
		return read[metadata](t, meta), dimensions(value)
	}
	before, _ := status()
	ask(t, tenant, token, "PUT", photoValue, jpegOf(t, 360, 360), "Content-Type", imageJPEG)
	now = now.Add(1900 * time.Millisecond)
	if meta, value := status(); meta != before || value != "648x648 jpeg" {
		t.Errorf("after 1.9 s reads see %v, %s, want the old photo", meta, value)
	}
	now = now.Add(200 * time.Millisecond)
	if meta, value := status(); meta.ETag == before.ETag || meta.ID != "360x360" || value != "360x360 jpeg" {
		t.Errorf("after 2.1 s reads see %v, %s, want the new photo", meta, value)
	}
	tenant.Set(demo.Weather{ReadDelay: 30 * time.Second})
	ask(t, tenant, token, "DELETE", photoValue, nil)
	now = now.Add(29 * time.Second)
	if _, value := status(); value != "360x360 jpeg" {
		t.Errorf("29 s after it was removed reads see %s, want the photo still", value)
	}
	now = now.Add(2 * time.Second)
	if res, _ := ask(t, tenant, token, "GET", photoValue, nil); res.StatusCode != 404 {
		t.Errorf("31 s after it was removed reads get %d, want 404", res.StatusCode)
	}
}

func TestDeletePhoto(t *testing.T) {
	tenant := start(t, demo.Options{})
	tenant.Set(demo.Weather{ReadDelay: -1})
	token := newApp(t, tenant).token(t, "employee")
	for _, tt := range []struct {
		method, path string
		status       int
	}{
		{"DELETE", "/v1.0/me/photo", 405},
		{"PATCH", "/v1.0/me/photo", 405},
		{"DELETE", "/v1.0/me", 405},
		{"DELETE", photoValue, 200},
		{"GET", photoValue, 404},
		{"DELETE", photoValue, 404},
	} {
		if res, _ := ask(t, tenant, token, tt.method, tt.path, nil); res.StatusCode != tt.status {
			t.Errorf("%s %s = %d, want %d", tt.method, tt.path, res.StatusCode, tt.status)
		}
	}
	if b := tenant.Photo(persona(t, tenant, "employee").ID); b != nil {
		t.Errorf("Photo() = %d bytes after it was removed, want none", len(b))
	}
}

func TestAbsentPhoto(t *testing.T) {
	tenant := start(t, demo.Options{})
	token := newApp(t, tenant).token(t, "no-photo")
	for _, tt := range []struct {
		weather demo.Weather
		path    string
		want    string
	}{
		{demo.Weather{}, "/photo", "404 ImageNotFound"},
		{demo.Weather{}, "/photo/$value", "404 ImageNotFound"},
		{demo.Weather{}, "/photos/48x48/$value", "404 ImageNotFound"},
		{demo.Weather{AbsentCode: "ErrorItemNotFound"}, "/photo/$value", "404 ErrorItemNotFound"},
		{demo.Weather{AbsentCode: "GetUserPhoto"}, "/photo/$value", "404 GetUserPhoto"},
		{demo.Weather{AbsentAs1x1: true}, "/photo", "200 1x1"},
		{demo.Weather{AbsentAs1x1: true}, "/photos/48x48", "200 1x1"},
		{demo.Weather{AbsentAs1x1: true}, "/photo/$value", "404 ImageNotFound"},
	} {
		tenant.Set(tt.weather)
		res, body := ask(t, tenant, token, "GET", "/v1.0/me"+tt.path, nil)
		got := fmt.Sprintf("%d %s", res.StatusCode, errorCode(body))
		if res.StatusCode == 200 {
			m := read[metadata](t, body)
			got = "200 " + m.ID
			if m.ETag != "" || m.Type != "image/gif" || m.Width != 1 || m.Height != 1 {
				t.Errorf("the photo that isn't there is described as %+v", m)
			}
		}
		if got != tt.want {
			t.Errorf("GET %s with %+v = %s, want %s", tt.path, tt.weather, got, tt.want)
		}
	}
}
