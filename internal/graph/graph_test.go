package graph

import (
	"bytes"
	"io"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"portrait/internal/directory"
	"portrait/internal/fault"
	"portrait/internal/graph/contract"
	"portrait/internal/words"
)

// canary is the token of all tests; it must turn up in one place only.
const canary = "canary-token"

// seen is a request as the fake Graph got it.
type seen struct {
	method, path string
	query        url.Values
	header       http.Header
	body         []byte
}

// fake is a Graph that answers as it is told and writes down what it is asked,
// which must be something that the description of Graph has.
type fake struct {
	*httptest.Server
	mu   sync.Mutex
	seen []seen
}

func newFake(t *testing.T, answer http.HandlerFunc) *fake {
	t.Helper()
	f := &fake{}
	f.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Errorf("fake Graph: %v", err)
		}
		if err := contract.Validate(r, body, 0, nil, nil); err != nil {
			t.Error(err)
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		f.mu.Lock()
		f.seen = append(f.seen, seen{r.Method, r.URL.EscapedPath(), r.URL.Query(), r.Header.Clone(), body})
		f.mu.Unlock()
		answer(w, r)
	}))
	t.Cleanup(f.Close)
	return f
}

// count returns how many requests there were.
func (f *fake) count() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.seen)
}

// only returns the one request that there was.
func (f *fake) only(t *testing.T) seen {
	t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.seen) != 1 {
		t.Fatalf("fake Graph got %d requests, want 1", len(f.seen))
	}
	return f.seen[0]
}

// held returns a handler that answers as answer does and fails the test if
// Graph couldn't answer so.
func held(t *testing.T, answer http.HandlerFunc) http.HandlerFunc {
	return contract.Handler(answer, func(err error) { t.Error(err) }, nil).ServeHTTP
}

// saying returns a handler that always answers 200 with this JSON, as Graph
// could.
func saying(t *testing.T, body string) http.HandlerFunc {
	return held(t, answering(200, body, "Content-Type", "application/json"))
}

// journal is a log that tests can read.
type journal struct {
	mu sync.Mutex
	bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.Buffer.Write(p)
}

func (j *journal) logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(j, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

func newClient(t *testing.T, base string) *Client {
	t.Helper()
	c, err := New(base, nil, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// answering returns a handler that always answers the same; header is
// alternating names and values.
func answering(status int, body string, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Add(header[i], header[i+1])
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body) // a client that hangs up is the client's business
	}
}

func parse(t *testing.T, path string) directory.Subject {
	t.Helper()
	s, err := directory.ParseSubject(path)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// check fails unless err is a fault with this kind, sentence and next step,
// whose sentence exists in every language and names no address.
func check(t *testing.T, err error, kind fault.Kind, say string, next fault.Next) *fault.Error {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want %s", say)
	}
	e := fault.As(err)
	if e.Kind != kind || e.Say.ID != say || e.Next != next {
		t.Errorf("kind %d, says %s, next %q; want %d, %s, %q (%v)", e.Kind, e.Say.ID, e.Next, kind, say, next, err)
	}
	if strings.Contains(err.Error(), canary) || strings.Contains(err.Error(), "http://") {
		t.Errorf("the cause tells too much: %v", err)
	}
	catalog, err := words.New()
	if err != nil {
		t.Fatal(err)
	}
	for _, lang := range words.Languages {
		text := catalog.Printer(lang, "").Say(e.Say)
		if text == e.Say.ID || strings.Contains(text, "http") || strings.Contains(text, canary) {
			t.Errorf("%s: %s is said as %q", lang, e.Say.ID, text)
		}
	}
	return e
}

// newQuietLog drops what a server says about handshakes that are meant to fail.
func newQuietLog() *log.Logger { return log.New(io.Discard, "", 0) }
