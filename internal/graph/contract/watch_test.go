package contract

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// reports gathers what is reported.
type reports struct {
	mu  sync.Mutex
	all []error
}

func (r *reports) add(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.all = append(r.all, err)
}

// graph answers every request with JSON, but for the photo of who has none.
func graph(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body) // as far as it comes
	switch {
	case strings.HasSuffix(r.URL.Path, "/me"):
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"id":"1"}`)
	case r.Method == http.MethodPut && string(body) == jpeg:
		w.WriteHeader(http.StatusOK)
	case strings.HasSuffix(r.URL.Path, "/drop"):
		panic(http.ErrAbortHandler)
	default:
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(http.StatusBadGateway)
		_, _ = io.WriteString(w, "<html>")
	}
}

// TestWatching sends requests through each way of watching, and sees what is
// reported and that they come through whole.
func TestWatching(t *testing.T) {
	for _, tt := range []struct {
		name, method, path, body string
		status                   int // 0 = the connection is dropped
		wrong                    string
	}{
		{"as described", "GET", "/v1.0/me", "", 200, ""},
		{"a body that arrives", "PUT", "/v1.0/me/photo/$value", jpeg, 200, ""},
		{"a request that isn't described", "GET", "/v1.0/drop/me", "", 200, "isn't described"},
		{"an answer that isn't described", "GET", "/v1.0/me/photo", "", 502, "text/html"},
		{"not for Graph", "GET", "/authorize", "", 502, ""},
	} {
		for _, side := range []string{"Transport", "Handler"} {
			t.Run(tt.name+" by "+side, func(t *testing.T) {
				var got reports
				handler, client := http.Handler(http.HandlerFunc(graph)), &http.Client{}
				if side == "Transport" {
					client.Transport = Transport{Report: got.add}
				} else {
					handler = Handler(handler, got.add, nil)
				}
				status, body := exchange(t, handler, client, tt.method, tt.path, tt.body)
				if status != tt.status || strings.HasSuffix(tt.path, "/me") && body != `{"id":"1"}` {
					t.Errorf("answered %d %s, want %d", status, body, tt.status)
				}
				check(t, errors.Join(got.all...), tt.wrong)
			})
		}
	}
}

// exchange returns what handler answers to client.
func exchange(t *testing.T, handler http.Handler, client *http.Client, method, path, body string) (status int, answer string) {
	t.Helper()
	server := httptest.NewServer(handler)
	defer server.Close()
	req, err := http.NewRequest(method, server.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if body != "" {
		req.Header.Set("Content-Type", "image/jpeg")
	}
	res, err := client.Do(req)
	if err != nil {
		return 0, ""
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		t.Error(err)
	}
	return res.StatusCode, string(raw)
}

func TestSkippedAnswersAreNotChecked(t *testing.T) {
	var got reports
	skip := func(res *http.Response) bool { return res.StatusCode == http.StatusBadGateway }
	exchange(t, Handler(http.HandlerFunc(graph), got.add, skip), &http.Client{}, "GET", "/v1.0/me/photo", "")
	if len(got.all) > 0 {
		t.Error(got.all)
	}
	exchange(t, Handler(http.HandlerFunc(graph), got.add, skip), &http.Client{}, "GET", "/v1.0/me/photos/7x7", "")
	check(t, errors.Join(got.all...), "photo-size")
}

func TestDroppedConnections(t *testing.T) {
	for _, side := range []string{"Transport", "Handler"} {
		var got reports
		handler, client := http.Handler(http.HandlerFunc(graph)), &http.Client{}
		if side == "Transport" {
			client.Transport = Transport{Report: got.add}
		} else {
			handler = Handler(handler, got.add, nil)
		}
		if status, _ := exchange(t, handler, client, "GET", "/v1.0/drop", ""); status != 0 {
			t.Errorf("%s: answered %d, want the connection dropped", side, status)
		}
		check(t, errors.Join(got.all...), "isn't described")
	}
}

// TestTruncatedAnswersStayTruncated makes sure that watching mends nothing.
func TestTruncatedAnswersStayTruncated(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "image/jpeg")
		w.Header().Set("Content-Length", "1000")
		_, _ = io.WriteString(w, jpeg)
	}))
	defer server.Close()
	var got reports
	client := &http.Client{Transport: Transport{Report: got.add}}
	res, err := client.Get(server.URL + "/v1.0/me/photo/$value")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if string(body) != jpeg || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("%d bytes, %v; want %d and an unexpected end", len(body), err, len(jpeg))
	}
	if len(got.all) > 0 {
		t.Error(got.all)
	}
}
