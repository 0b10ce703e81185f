package graph

import (
	"bytes"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"portrait/internal/directory"
	"portrait/internal/fault"
)

const (
	jpegBytes = "\xff\xd8\xff\xe0 the rest of a JPEG"
	pngBytes  = "\x89PNG\r\n\x1a\n the rest of a PNG"
	gifBytes  = "GIF89a\x30\x00\x30\x00 the rest of a GIF"
	dotBytes  = "GIF89a\x01\x00\x01\x00 the rest of a GIF"
)

func TestPutPhoto(t *testing.T) {
	for _, path := range []string{
		"/me", "/me/contacts/AAMk=", "/groups/1c4cd1a8-8d4c-4b3c-9a0d-0d9f0d9f0d9f", "/teams/1c4cd1a8-8d4c-4b3c-9a0d-0d9f0d9f0d9f",
		"/users/1c4cd1a8-8d4c-4b3c-9a0d-0d9f0d9f0d9f", "/users/ann@contoso.com/contactFolders/AAMk_1/contacts/AAMk-2=",
	} {
		for _, status := range []int{200, 204} {
			f := newFake(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) })
			if _, err := newClient(t, f.URL).PutPhoto(t.Context(), canary, parse(t, path), []byte(jpegBytes)); err != nil {
				t.Fatalf("%s, answered %d: %v", path, status, err)
			}
			got := f.only(t)
			if got.method != "PUT" || got.path != "/v1.0"+path+"/photo/$value" {
				t.Errorf("%s %s, want PUT of %s", got.method, got.path, path)
			}
			if types := got.header.Values("Content-Type"); !cmp.Equal(types, []string{"image/jpeg"}) {
				t.Errorf("Content-Type %q, want image/jpeg once", types)
			}
			if string(got.body) != jpegBytes {
				t.Errorf("body %q, want the bytes as they are", got.body)
			}
		}
	}
}

// TestAPageIsNoSuccess has somebody in between answer in Graph's name.
func TestAPageIsNoSuccess(t *testing.T) {
	f := newFake(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte("<html>Please accept our terms</html>")) // to the client under test
	})
	c := newClient(t, f.URL)
	_, errPut := c.PutPhoto(t.Context(), canary, directory.Me(), []byte(jpegBytes))
	_, errDelete := c.DeletePhoto(t.Context(), canary, directory.Me())
	for name, err := range map[string]error{"put": errPut, "delete": errDelete} {
		check(t, err, fault.Unavailable, "graph.broken-answer", fault.NextRetry)
		if !IsUnanswered(err) {
			t.Errorf("%s: it isn't left open whether it was done", name)
		}
	}
}

func TestPutPhotoRefusesSizes(t *testing.T) {
	f := newFake(t, answering(200, ""))
	for _, n := range []int{0, MaxPhotoBytes + 1} {
		_, err := newClient(t, f.URL).PutPhoto(t.Context(), canary, directory.Me(), make([]byte, n))
		check(t, err, fault.TooLarge, "graph.too-large", fault.NextChoose)
	}
	if f.count() > 0 {
		t.Errorf("%d requests, want none", f.count())
	}
}

func TestDeletePhoto(t *testing.T) {
	f := newFake(t, answering(200, ""))
	if _, err := newClient(t, f.URL).DeletePhoto(t.Context(), canary, directory.Me()); err != nil {
		t.Fatal(err)
	}
	if got := f.only(t); got.method != "DELETE" || got.path != "/v1.0/me/photo/$value" || len(got.body) > 0 {
		t.Errorf("%s %s with %d bytes", got.method, got.path, len(got.body))
	}
}

func TestDeletePhotoAsksOnlyWhereGraphCan(t *testing.T) {
	f := newFake(t, answering(200, ""))
	for _, path := range []string{someContact, someTeam, "/users/ann@contoso.com/contactFolders/AAMk_1/contacts/AAMk-2="} {
		_, err := newClient(t, f.URL).DeletePhoto(t.Context(), canary, parse(t, path))
		check(t, err, fault.NotAllowed, "photo.remove-impossible", fault.NextNone)
	}
	if f.count() > 0 {
		t.Errorf("%d requests, want none", f.count())
	}
}

func TestPhotoInfo(t *testing.T) {
	for _, tt := range []struct {
		name string
		body string
		want Info
		none bool
	}{
		{"a photo", `{"@odata.mediaContentType":"image/jpeg","@odata.mediaEtag":"\"BA09D118\"","id":"240x240","width":240,"height":240}`,
			Info{240, 240, `"BA09D118"`, "image/jpeg"}, false},
		{"a team's, with a capital X", `{"id":"240X240","width":240,"height":240}`, Info{Width: 240, Height: 240}, false},
		{"a photo kept in Entra, of any shape", `{"id":"200x1","width":200,"height":1}`, Info{Width: 200, Height: 1}, false},
		{"the documented nothing", `{"@odata.mediaContentType":"image/gif","@odata.mediaEtag":"","id":"1x1","width":1,"height":1}`, Info{}, true},
		{"nothing, with a capital X and without sides", `{"id":"1X1"}`, Info{}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := newFake(t, answering(200, tt.body, "request-id", "abc-1"))
			got, err := newClient(t, f.URL).PhotoInfo(t.Context(), canary, directory.Me())
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
			if IsNoPhoto(err) != tt.none || (err != nil) != tt.none {
				t.Errorf("error %v, want no photo: %v", err, tt.none)
			}
			if path := f.only(t).path; path != "/v1.0/me/photo" {
				t.Errorf("asked %s", path)
			}
		})
	}
}

func TestPhoto(t *testing.T) {
	for _, tt := range []struct {
		name, body, declared string
		want                 string // the content type; "" = not a picture
	}{
		{"JPEG", jpegBytes, "image/jpeg", "image/jpeg"},
		{"PNG declared as JPEG", pngBytes, "image/jpeg", "image/png"},
		{"GIF declared as bytes", gifBytes, "application/octet-stream", "image/gif"},
		{"HTML declared as JPEG", "<html>captive portal</html>", "image/jpeg", ""},
		{"SVG", "<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml", ""},
		{"an error in a success", `{"error":{"code":"UnknownError","message":""}}`, "application/json", ""},
		{"nothing", "", "image/jpeg", ""},
		{"5 MB and a byte", jpegBytes + strings.Repeat("x", maxImageBytes), "image/jpeg", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := newFake(t, answering(200, tt.body, "Content-Type", tt.declared))
			got, err := newClient(t, f.URL).Photo(t.Context(), canary, directory.Me(), 0)
			if tt.want == "" {
				check(t, err, fault.Unavailable, "graph.broken-answer", fault.NextRetry)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got.ContentType != tt.want || !bytes.Equal(got.Bytes, []byte(tt.body)) {
				t.Errorf("%s, %d bytes", got.ContentType, len(got.Bytes))
			}
		})
	}
}

func TestPhotoThatIsNone(t *testing.T) {
	f := newFake(t, answering(200, dotBytes))
	_, err := newClient(t, f.URL).Photo(t.Context(), canary, directory.Me(), 0)
	check(t, err, fault.NotFound, "photo.absent", fault.NextNone)
	if !IsNoPhoto(err) {
		t.Error("the GIF of one pixel is a photo")
	}
	empty := newFake(t, answering(204, ""))
	_, err = newClient(t, empty.URL).Photo(t.Context(), canary, directory.Me(), 0)
	check(t, err, fault.Unavailable, "graph.broken-answer", fault.NextRetry)
}

func TestPhotoSizes(t *testing.T) {
	const id = "1c4cd1a8-8d4c-4b3c-9a0d-0d9f0d9f0d9f"
	for _, tt := range []struct {
		subject string
		size    int
		want    string // "" = not asked
	}{
		{"/me", 0, "/v1.0/me/photo/$value"},
		{"/me", 48, "/v1.0/me/photos/48x48/$value"},
		{"/me", 648, "/v1.0/me/photos/648x648/$value"},
		{"/me", 100, ""},
		{"/me", -1, ""},
		{"/users/" + id, 96, "/v1.0/users/" + id + "/photos/96x96/$value"},
		{"/groups/" + id, 96, "/v1.0/groups/" + id + "/photos/96x96/$value"},
		{"/teams/" + id, 96, "/v1.0/teams/" + id + "/photo/$value"},
		{"/me/contacts/AAMk=", 96, "/v1.0/me/contacts/AAMk=/photo/$value"},
	} {
		f := newFake(t, answering(200, jpegBytes))
		_, err := newClient(t, f.URL).Photo(t.Context(), canary, parse(t, tt.subject), tt.size)
		if tt.want == "" {
			check(t, err, fault.NotFound, "photo.absent", fault.NextNone)
			continue
		}
		if got := f.only(t).path; got != tt.want || err != nil {
			t.Errorf("%s in %d: asked %s, %v; want %s", tt.subject, tt.size, got, err, tt.want)
		}
	}
}

func TestBrokenJSON(t *testing.T) {
	for _, body := range []string{"", "<html>", "null", "[]", "{}", `{"id":`, strings.Repeat(" ", maxJSONBytes) + `{"id":"1"}`} {
		f := newFake(t, answering(200, body))
		c := newClient(t, f.URL)
		_, err := c.Me(t.Context(), canary)
		check(t, err, fault.Unavailable, "graph.broken-answer", fault.NextRetry)
		_, err = c.PhotoInfo(t.Context(), canary, directory.Me())
		check(t, err, fault.Unavailable, "graph.broken-answer", fault.NextRetry)
	}
}
