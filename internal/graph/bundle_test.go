package graph

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"portrait/internal/directory"
	"portrait/internal/fault"
)

// parts is what a $batch asks for.
type parts struct {
	Requests []struct {
		ID, Method, URL string
		Headers         map[string]string
	}
}

// bundling answers a $batch, part by part, the last one first.
func bundling(t *testing.T, part func(id, url string) string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var asked parts
		if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
			t.Error(err)
		}
		var answers []string
		for _, q := range slices.Backward(asked.Requests) {
			if a := part(q.ID, q.URL); a != "" {
				answers = append(answers, a)
			}
		}
		answering(200, `{"responses":[`+strings.Join(answers, ",")+`]}`, "Content-Type", "application/json")(w, r)
	}
}

// found is the part of an answer with a photo.
func found(id, photo string) string {
	return fmt.Sprintf(`{"id":%q,"status":200,"headers":{"Content-Type":"image/jpeg","ETag":"\"e%s\""},"body":%q}`,
		id, id, base64.StdEncoding.EncodeToString([]byte(photo)))
}

// refused is the part of an answer with a refusal.
func refused(id string, status int, body, headers string) string {
	return fmt.Sprintf(`{"id":%q,"status":%d,"headers":{"Content-Type":"application/json"%s},"body":%s}`, id, status, headers, body)
}

func subjects(t *testing.T, paths ...string) []directory.Subject {
	t.Helper()
	var all []directory.Subject
	for _, path := range paths {
		all = append(all, parse(t, path))
	}
	return all
}

func TestPhotos(t *testing.T) {
	f := newFake(t, held(t, bundling(t, func(id, url string) string {
		switch url {
		case someGroup + "/photos/96x96/$value":
			return refused(id, 404, body("ImageNotFound", ""), "")
		case "/me/photos/96x96/$value":
			return refused(id, 429, body("TooManyRequests", ""), `,"Retry-After":"2.128"`)
		}
		return found(id, jpegBytes+url)
	})))
	paths := []string{"/users/ann_fabrikam.com%23EXT%23@contoso.com", someGroup, "/me", someTeam, otherContact, someUser}
	got, err := newClient(t, f.URL).Photos(t.Context(), canary, subjects(t, paths...), 96)
	if err != nil {
		t.Fatal(err)
	}
	for i, url := range map[int]string{
		0: "/users/ann_fabrikam.com%23ext%23@contoso.com/photos/96x96/$value", 3: someTeam + "/photo/$value",
		4: otherContact + "/photo/$value", 5: someUser + "/photos/96x96/$value",
	} {
		a := got[i]
		if a.Err != nil || string(a.Image.Bytes) != jpegBytes+url || a.Image.ContentType != "image/jpeg" {
			t.Errorf("%s: %q %s, %v", paths[i], a.Image.Bytes, a.Image.ContentType, a.Err)
		}
	}
	if check(t, got[1].Err, fault.NotFound, "photo.absent", fault.NextNone); !IsNoPhoto(got[1].Err) {
		t.Error("a photo that isn't there is a fault")
	}
	if e := check(t, got[2].Err, fault.Busy, "graph.busy", fault.NextWait); e.RetryAfter != 2128*time.Millisecond || e.Op != "graph.Photos" {
		t.Errorf("RetryAfter %v, op %s", e.RetryAfter, e.Op)
	}
	asked := f.only(t)
	if asked.method != "POST" || asked.path != "/v1.0/$batch" || asked.header.Get("Content-Type") != "application/json" {
		t.Errorf("%s %s, Content-Type %q", asked.method, asked.path, asked.header.Get("Content-Type"))
	}
	var sent parts
	if err := json.Unmarshal(asked.body, &sent); err != nil {
		t.Fatal(err)
	}
	for i, q := range sent.Requests {
		prefer := map[int]string{4: immutable}[i]
		if q.Method != "GET" || q.ID != fmt.Sprint(i+1) || q.Headers["Prefer"] != prefer {
			t.Errorf("%s %s, id %s, Prefer %q", q.Method, q.URL, q.ID, q.Headers["Prefer"])
		}
	}
}

func TestPhotosThatComeOtherwise(t *testing.T) {
	plain := base64.StdEncoding.EncodeToString([]byte("\xff\xd8\xff>>>???!")) // has + and / and =
	text := func(s string) string {
		return fmt.Sprintf(`{"id":"1","status":200,"headers":{"Content-Type":"image/jpeg"},"body":%q}`, s)
	}
	for _, tt := range []struct {
		name, part string
		say        string // "" = a photo
	}{
		{"base64", text(plain), ""},
		{"in the URL alphabet, not padded", text(strings.TrimRight(strings.NewReplacer("+", "-", "/", "_").Replace(plain), "=")), ""},
		{"in lines", text(plain[:4] + "\r\n" + plain[4:]), ""},
		{"without headers", `{"id":"1","status":200,"body":"` + plain + `"}`, ""},
		{"with a number for a header", `{"id":"1","status":200,"headers":{"Content-Length":12},"body":"` + plain + `"}`, ""},
		{"a PNG declared as JPEG", found("1", pngBytes), ""},
		{"the GIF of one pixel", found("1", dotBytes), "photo.absent"},
		{"HTML declared as JPEG", found("1", "<html>"), "graph.broken-answer"},
		{"not base64", text("<html>"), "graph.broken-answer"},
		{"JSON", refused("1", 200, `{"id":"x"}`, ""), "graph.broken-answer"},
		{"nothing", `{"id":"1","status":204}`, "graph.broken-answer"},
		{"null", `{"id":"1","status":200,"body":null}`, "graph.broken-answer"},
		{"5 MB and some bytes", found("1", jpegBytes+strings.Repeat("x", maxImageBytes)), "graph.broken-answer"},
		{"no status", `{"id":"1","body":"` + plain + `"}`, "graph.broken-answer"},
		{"an answer to something else", found("2", jpegBytes), "graph.broken-answer"},
		{"no answer", "", "graph.broken-answer"},
		{"a refusal without a body", `{"id":"1","status":404}`, "photo.absent"},
		{"a refusal in a text", `{"id":"1","status":502,"body":"<html>"}`, "graph.unavailable"},
		{"somewhere else", refused("1", 302, `null`, `,"Location":"https://evil.example"`), "graph.redirected"},
		{"a failed dependency", refused("1", 424, body("FailedDependency", ""), ""), "graph.our-mistake"},
		{"access denied", refused("1", 403, body("ErrorAccessDenied", ""), ""), "graph.access-denied"},
		{"a token that ran out", refused("1", 401, body("InvalidAuthenticationToken", ""), ""), "graph.sign-in"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := newFake(t, bundling(t, func(string, string) string { return tt.part }))
			got, err := newClient(t, f.URL).Photos(t.Context(), canary, subjects(t, "/me"), 96)
			if err != nil || len(got) != 1 {
				t.Fatal(got, err)
			}
			say := ""
			if got[0].Err != nil {
				say = fault.As(got[0].Err).Say.ID
			}
			if say != tt.say || (tt.say == "") != (len(got[0].Image.Bytes) > 0) {
				t.Errorf("says %q, want %q (%v)", say, tt.say, got[0].Err)
			}
		})
	}
}

func TestPhotosAtOnce(t *testing.T) {
	many := func(n int, path string) []string { return slices.Repeat([]string{path}, n) }
	for _, tt := range []struct {
		name  string
		paths []string
		size  int
		calls int
		err   bool
	}{
		{"none", nil, 96, 0, false},
		{"twenty in one size", many(20, someUser), 96, 1, false},
		{"twenty-one", many(21, someUser), 96, 0, true},
		{"four in full size", many(4, someUser), 0, 1, false},
		{"five in full size", many(5, someUser), 0, 0, true},
		{"four contacts, which have no sizes", many(4, someContact), 96, 1, false},
		{"five contacts", many(5, someContact), 96, 0, true},
		{"sixteen people and four contacts", append(many(16, someUser), many(4, someContact)...), 48, 1, false},
		{"a size that there isn't", many(2, someUser), 100, 0, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := newFake(t, held(t, bundling(t, func(id, _ string) string { return found(id, jpegBytes) })))
			got, err := newClient(t, f.URL).Photos(t.Context(), canary, subjects(t, tt.paths...), tt.size)
			if f.count() != tt.calls {
				t.Errorf("%d calls, want %d", f.count(), tt.calls)
			}
			if tt.err {
				check(t, err, fault.Unexpected, "graph.our-mistake", fault.NextHelpdesk)
				return
			}
			if err != nil || len(got) != len(tt.paths) {
				t.Fatalf("%d answers, want %d: %v", len(got), len(tt.paths), err)
			}
			for _, a := range got {
				if (tt.calls == 0) != IsNoPhoto(a.Err) || (a.Err == nil) != (len(a.Image.Bytes) > 0) {
					t.Errorf("%d bytes, %v", len(a.Image.Bytes), a.Err)
				}
			}
		})
	}
}

func TestBundleThatFails(t *testing.T) {
	for _, tt := range []struct {
		name   string
		status int
		body   string
		kind   fault.Kind
		say    string
		next   fault.Next
	}{
		{"throttled as a whole", 429, body("TooManyRequests", ""), fault.Busy, "graph.busy", fault.NextWait},
		{"a token that ran out", 401, body("InvalidAuthenticationToken", ""), fault.SignIn, "graph.sign-in", fault.NextSignIn},
		{"refused as a whole", 400, body("BadRequest", ""), fault.Unexpected, "graph.our-mistake", fault.NextHelpdesk},
		{"the edge in HTML", 502, "<html>", fault.Unavailable, "graph.unavailable", fault.NextRetry},
		{"not JSON", 200, "<html>", fault.Unavailable, "graph.broken-answer", fault.NextRetry},
		{"too long", 200, `{"responses":[]}` + strings.Repeat(" ", maxBundleBytes), fault.Unavailable, "graph.broken-answer", fault.NextRetry},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := newFake(t, answering(tt.status, tt.body, "Retry-After", "3"))
			got, err := newClient(t, f.URL).Photos(t.Context(), canary, subjects(t, "/me", someUser), 96)
			if e := check(t, err, tt.kind, tt.say, tt.next); tt.status == 429 && e.RetryAfter != 3*time.Second {
				t.Errorf("RetryAfter %v", e.RetryAfter)
			}
			if got != nil {
				t.Errorf("%d answers beside the fault", len(got))
			}
			if IsUnanswered(err) {
				t.Error("a read is never unanswered")
			}
		})
	}
}
