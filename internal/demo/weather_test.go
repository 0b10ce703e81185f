package demo_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"portrait/internal/demo"
)

func TestAnswersAreUsedUpInOrder(t *testing.T) {
	tenant := start(t, demo.Options{})
	token := newApp(t, tenant).token(t, "employee")
	tenant.Set(demo.Weather{ReadDelay: -1, Graph: []demo.Answer{
		{Method: "PUT", Status: 429, Code: "TooManyRequests", Message: "Please retry again later.", Header: http.Header{"Retry-After": {"2.128"}}},
		{Status: 503, Code: "serviceNotAvailable"},
		{Method: "PUT", Status: 502, Body: "<html>Bad Gateway</html>", Header: http.Header{"Content-Type": {"text/html"}}},
	}})
	if res, _ := ask(t, tenant, token, "GET", "/v1.0/me", nil); res.StatusCode != 200 {
		t.Errorf("GET /me = %d, want 200: the answers are for photos", res.StatusCode)
	}
	put := func() (*http.Response, []byte) {
		return ask(t, tenant, token, "PUT", photoValue, jpegOf(t, 100, 100), "Content-Type", imageJPEG)
	}
	if res, body := put(); res.StatusCode != 429 || res.Header.Get("Retry-After") != "2.128" || errorCode(body) != "TooManyRequests" {
		t.Errorf("first PUT = %d %s", res.StatusCode, body)
	}
	if res, body := ask(t, tenant, token, "GET", photoValue, nil); res.StatusCode != 503 || errorCode(body) != "serviceNotAvailable" {
		t.Errorf("GET = %d %s, want the answer for any method", res.StatusCode, body)
	}
	if res, body := put(); res.StatusCode != 502 || res.Header.Get("Content-Type") != "text/html" || !strings.Contains(string(body), "Bad Gateway") {
		t.Errorf("second PUT = %d %s, want the page", res.StatusCode, body)
	}
	if res, _ := put(); res.StatusCode != 200 {
		t.Errorf("third PUT = %d, want 200: the answers are used up", res.StatusCode)
	}
}

func TestGraphDown(t *testing.T) {
	tenant := start(t, demo.Options{})
	for why, w := range map[string]demo.Weather{
		"down": {Down: true}, "a dropped connection": {Graph: []demo.Answer{{}, {}, {}}},
	} {
		tenant.Set(w)
		req, err := http.NewRequestWithContext(t.Context(), "PUT", tenant.GraphURL()+photoValue, strings.NewReader("x"))
		if err != nil {
			t.Fatal(err)
		}
		if res, err := http.DefaultClient.Do(req); err == nil {
			res.Body.Close()
			t.Errorf("%s: Graph answers %d", why, res.StatusCode)
		}
	}
	if q := tenant.Requests(); len(q) < 2 || q[0].Status != 0 {
		t.Errorf("recorded %+v, want the requests with the status 0", q)
	}
}

func TestSlowGraph(t *testing.T) {
	tenant := start(t, demo.Options{})
	tenant.Set(demo.Weather{Slow: time.Hour})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, "GET", tenant.GraphURL()+photoValue, nil)
	if err != nil {
		t.Fatal(err)
	}
	if res, err := http.DefaultClient.Do(req); err == nil {
		res.Body.Close()
		t.Errorf("answered %d at once, want to wait", res.StatusCode)
	}
}

func TestRequestsAreRecorded(t *testing.T) {
	tenant := start(t, demo.Options{})
	token := newApp(t, tenant).token(t, "employee")
	sent := jpegOf(t, 100, 100)
	ask(t, tenant, token, "PUT", "/v1.0/users/maya.lindqvist%40skylark.example/photo/$value?a=%20b", sent, "Content-Type", imageJPEG)
	ask(t, tenant, nil, "GET", "/v1.0/me", nil)
	all := tenant.Requests()
	if len(all) != 2 {
		t.Fatalf("recorded %d requests, want 2", len(all))
	}
	q := all[0]
	if q.Method != "PUT" || q.Path != "/v1.0/users/maya.lindqvist%40skylark.example/photo/$value" || q.Query != "a=%20b" ||
		q.Status != 200 || q.TokenKind != "delegated" || !bytes.Equal(q.Body, sent) || q.Header.Get("Content-Type") != imageJPEG {
		t.Errorf("recorded %s %s?%s %d by %q with %d bytes", q.Method, q.Path, q.Query, q.Status, q.TokenKind, len(q.Body))
	}
	if q.Header.Get("Authorization") != "" {
		t.Error("the token is in the record")
	}
	if q := all[1]; q.TokenKind != "" || q.Status != 401 {
		t.Errorf("without a token: %+v", q)
	}
}

func TestReset(t *testing.T) {
	tenant := start(t, demo.Options{})
	a, b := newApp(t, tenant), newBrowser(t, tenant)
	token := a.token(t, "employee")
	me := persona(t, tenant, "employee").ID
	drawn := tenant.Photo(me)
	ask(t, tenant, token, "DELETE", photoValue, nil)
	tenant.Set(demo.Weather{Slow: time.Hour})

	if page, _ := b.post(t, tenant.GraphURL()+"/reset", nil); !strings.Contains(page, "A tenant in a box") {
		t.Error("starting over doesn't lead to the tenant's page")
	}
	if !bytes.Equal(tenant.Photo(me), drawn) {
		t.Error("the photo is not back")
	}
	if res, _ := ask(t, tenant, token, "GET", "/v1.0/me", nil); res.StatusCode != 401 {
		t.Errorf("an old token gets %d, want 401", res.StatusCode)
	}
	if n := len(tenant.Requests()); n != 1 {
		t.Errorf("%d requests are recorded, want the one since", n)
	}
}

// TestChangesAndAnswersGetLost loses a change before and after it is made.
func TestChangesAndAnswersGetLost(t *testing.T) {
	tenant := start(t, demo.Options{})
	me := persona(t, tenant, "employee").ID
	for _, tt := range []struct {
		name    string
		weather demo.Weather
		taken   bool
	}{
		{"the answer", demo.Weather{Lost: demo.LostAnswer}, true},
		{"the change", demo.Weather{Lost: demo.LostChange}, false},
		{"one answer", demo.Weather{Graph: []demo.Answer{{Method: "PUT", Taken: true}}}, true},
		{"one answer, for an overload", demo.Weather{Graph: []demo.Answer{{Method: "PUT", Status: 504, Taken: true}}}, true},
	} {
		tenant.Reset()
		token := newApp(t, tenant).token(t, "employee")
		tenant.Set(tt.weather)
		photo := jpegOf(t, 100, 100)
		req, err := http.NewRequest("PUT", tenant.GraphURL()+photoValue, bytes.NewReader(photo))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+token.AccessToken)
		req.Header.Set("Content-Type", imageJPEG)
		res, err := http.DefaultClient.Do(req)
		if err == nil {
			_ = res.Body.Close()
		}
		if (err == nil) != (len(tt.weather.Graph) > 0 && tt.weather.Graph[0].Status > 0) {
			t.Errorf("%s: answered %v, %v", tt.name, res, err)
		}
		if got := bytes.Equal(tenant.Photo(me), photo); got != tt.taken {
			t.Errorf("%s: the photo is there: %v, want %v", tt.name, got, tt.taken)
		}
	}
}

// TestPhotosTrickleAndBreakOff reads a photo in bad weather, and then in fair.
func TestPhotosTrickleAndBreakOff(t *testing.T) {
	tenant := start(t, demo.Options{})
	token := newApp(t, tenant).token(t, "employee")
	read := func() (int, time.Duration, error) {
		req, err := http.NewRequest("GET", tenant.GraphURL()+photoValue, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+token.AccessToken)
		from := time.Now()
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		body, err := io.ReadAll(res.Body)
		return len(body), time.Since(from), err
	}
	whole, _, err := read()
	if err != nil {
		t.Fatal(err)
	}
	tenant.Set(demo.Weather{Truncated: true})
	if n, _, err := read(); err == nil || n != whole/2 {
		t.Errorf("%d of %d bytes, %v; want half and an error", n, whole, err)
	}
	tenant.Set(demo.Weather{Trickle: whole})
	if n, took, err := read(); err != nil || n != whole || took < 800*time.Millisecond {
		t.Errorf("%d of %d bytes in %v, %v; want all of them in a second", n, whole, took, err)
	}
}

// TestRetryAfterIsSaidInEveryForm refuses every other PUT.
func TestRetryAfterIsSaidInEveryForm(t *testing.T) {
	tenant := start(t, demo.Options{})
	token := newApp(t, tenant).token(t, "employee")
	for form, want := range map[string]func(string) bool{
		"2.5":            func(h string) bool { return h == "2.5" },
		"soon":           func(h string) bool { return h == "soon" },
		demo.RetryUnsaid: func(h string) bool { return h == "" },
		demo.RetryDate:   func(h string) bool { at, err := http.ParseTime(h); return err == nil && time.Until(at) > 0 },
		demo.RetryPast:   func(h string) bool { at, err := http.ParseTime(h); return err == nil && time.Until(at) < 0 },
	} {
		tenant.Set(demo.Weather{RefuseOnce: form})
		for i, status := range []int{429, 200, 429, 200} {
			res, _ := ask(t, tenant, token, "PUT", photoValue, jpegOf(t, 100, 100), "Content-Type", imageJPEG)
			if h := res.Header.Get("Retry-After"); res.StatusCode != status || status == 429 && !want(h) {
				t.Errorf("%s: PUT %d is answered %d with %q", form, i, res.StatusCode, h)
			}
		}
	}
}
