package photo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"portrait/internal/audit"
	"portrait/internal/directory"
	"portrait/internal/fault"
	"portrait/internal/graph"
	"portrait/internal/picture"
	"portrait/internal/store"
	"portrait/internal/store/storetest"
	"portrait/internal/words"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// asked is one request to the fake Graph.
type asked struct {
	what  string // method and path
	token string
	body  []byte
}

// site is a Service before a fake Graph over HTTP.
type site struct {
	*Service
	url     string                      // of the fake Graph
	answer  http.HandlerFunc            // of the fake Graph, for photos and /me
	present http.HandlerFunc            // of the fake Graph, to reads of a whole photo; nil = answer
	facts   map[string]http.HandlerFunc // what it answers to other questions, by a part of the path; see usual

	mu       sync.Mutex
	log      []asked
	slept    []time.Duration
	refusals int // calls of Refused
	renewals int // calls of Fresh
	now      time.Time
}

// usual is what the fake Graph answers beside photos: Bob is a user whom
// nothing protects, Ann owns the group, and the tenant's rule may not be read.
func usual() map[string]http.HandlerFunc {
	return map[string]http.HandlerFunc{
		"/photoUpdateSettings":    always(403, `{"error":{"code":"Authorization_RequestDenied"}}`),
		"/transitiveMemberOf/":    always(200, `{"value":[]}`),
		"/owners":                 always(200, `{"value":[{"id":"`+string(annID)+`"}]}`),
		"/users/" + string(bobID): always(200, bob),
		"/users/bob@":             always(200, bob),
		"/users/bob_":             always(200, bob),
		"/groups/":                always(200, crew),
		"/contacts/":              always(200, eve),
	}
}

const (
	bob  = `{"id":"` + string(bobID) + `","displayName":"Bob","userPrincipalName":"bob@contoso.com","mail":"bob@contoso.com"}`
	crew = `{"id":"` + string(groupID) + `","displayName":"Crew","groupTypes":["Unified"],"resourceProvisioningOptions":["Team"]}`
	eve  = `{"id":"AAMk=","displayName":"Eve","companyName":"Fabrikam","emailAddresses":[{"address":"eve@fabrikam.com"}]}`
)

// empty is a database without rows, which each test gets a copy of: making one
// takes longer than most of them run.
var empty []byte

func TestMain(m *testing.M) { os.Exit(runWithStore(m)) }

func runWithStore(m *testing.M) int {
	folder, err := os.MkdirTemp("", "photo-test-")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(folder)
	ring, err := store.NewRing(make([]byte, store.KeyBytes))
	if err != nil {
		panic(err)
	}
	path := filepath.Join(folder, "portrait.db")
	db, err := store.Open(context.Background(), path, ring)
	if err != nil {
		panic(err)
	}
	if err := db.Close(); err != nil { // writes all of it into the one file
		panic(err)
	}
	if empty, err = os.ReadFile(path); err != nil {
		panic(err)
	}
	return storetest.Run(m)
}

// newStore returns a database of the test's own.
func newStore(t *testing.T) *store.Store {
	t.Helper()
	path := filepath.Join(t.TempDir(), "portrait.db")
	if err := os.WriteFile(path, empty, 0o600); err != nil {
		t.Fatal(err)
	}
	ring, err := store.NewRing(make([]byte, store.KeyBytes))
	if err != nil {
		t.Fatal(err)
	}
	db, err := store.Open(t.Context(), path, ring)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// newSite returns a Service whose Graph answers by answer. Its people hold the
// tokens "first" and, after a refusal, "second"; the app holds "app".
func newSite(t *testing.T, answer http.HandlerFunc) *site {
	t.Helper()
	x := &site{answer: answer, facts: usual(), now: noon}
	server := httptest.NewServer(http.HandlerFunc(x.serve))
	t.Cleanup(server.Close)
	client, err := graph.New(server.URL, nil, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	x.url = server.URL
	x.Service = &Service{
		Graph:     client,
		Store:     newStore(t),
		Pictures:  picture.NewBudget(200 << 20),
		Delegated: func(context.Context, directory.Actor) (string, error) { return "first", nil },
		Refused: func(_ context.Context, _ directory.Actor, token string) (string, error) {
			x.mu.Lock()
			defer x.mu.Unlock()
			x.refusals++
			if token != "first" {
				return "", fmt.Errorf("refused token is %q", token)
			}
			return "second", nil
		},
		App:        func(context.Context) (string, error) { return "app", nil },
		AppRefused: func(context.Context, string) (string, error) { return "app again", nil },
		Fresh: func(_ context.Context, a directory.Actor) (directory.Actor, error) {
			x.mu.Lock()
			defer x.mu.Unlock()
			x.renewals++
			return a, nil
		},
		Now: func() time.Time { x.mu.Lock(); defer x.mu.Unlock(); return x.now },
		Sleep: func(_ context.Context, d time.Duration) error {
			x.mu.Lock()
			defer x.mu.Unlock()
			x.slept = append(x.slept, d)
			return nil
		},
		ProtectAdmins: true, HistoryPhotos: 5, HistoryAge: 90 * 24 * time.Hour,
	}
	keys, err := audit.NewKeys(make([]byte, audit.KeyBytes))
	if err != nil {
		t.Fatal(err)
	}
	x.Audit = &audit.Log{Store: x.Store, Keys: keys, Now: x.Now, Log: slog.New(slog.DiscardHandler)}
	return x
}

// pass lets time pass.
func (x *site) pass(d time.Duration) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.now = x.now.Add(d)
}

func (x *site) serve(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	x.mu.Lock()
	x.log = append(x.log, asked{r.Method + " " + r.URL.Path, r.Header.Get("Authorization"), body})
	x.mu.Unlock()
	if err != nil { // there is nobody to answer
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	if !isPhoto(r.URL.Path) {
		if fact := x.fact(r.URL.Path); fact != nil {
			fact(w, r)
			return
		}
	}
	if x.present != nil && r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, "/photo/$value") {
		x.present(w, r)
		return
	}
	x.answer(w, r)
}

// newSaver is newSite for tests that change photos: there is none before.
func newSaver(t *testing.T, answer http.HandlerFunc) *site {
	t.Helper()
	x := newSite(t, answer)
	x.present = none
	return x
}

// changes returns the requests that change a photo.
func (x *site) changes() []asked {
	return slices.DeleteFunc(x.everything(), func(a asked) bool { return strings.HasPrefix(a.what, "GET ") })
}

// fact returns the answer to the question at path: that whose part ends last.
func (x *site) fact(path string) http.HandlerFunc {
	var found http.HandlerFunc
	last := 0
	for part, answer := range x.facts {
		if at := strings.LastIndex(path, part); at >= 0 && at+len(part) > last {
			found, last = answer, at+len(part)
		}
	}
	return found
}

// isPhoto reports whether path is about the photo of something.
func isPhoto(path string) bool {
	return strings.Contains(path, "/photo") && !strings.Contains(path, "/admin/")
}

// asked returns the requests about photos so far.
func (x *site) asked() []asked {
	return slices.DeleteFunc(x.everything(), func(a asked) bool { return !isPhoto(a.what) })
}

// lookups returns the other requests so far.
func (x *site) lookups() []asked {
	return slices.DeleteFunc(x.everything(), func(a asked) bool { return isPhoto(a.what) })
}

func (x *site) everything() []asked {
	x.mu.Lock()
	defer x.mu.Unlock()
	return slices.Clone(x.log)
}

// puts returns the requests that change a photo.
func (x *site) puts() []asked {
	return slices.DeleteFunc(x.everything(), func(a asked) bool { return !strings.HasPrefix(a.what, "PUT ") })
}

// always answers every request alike.
func always(status int, body string, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body) // a client that hangs up is the client's business
	}
}

// inTurn answers with one handler after the other, and with the last from then on.
func inTurn(handlers ...http.HandlerFunc) http.HandlerFunc {
	var mu sync.Mutex
	return func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		h := handlers[0]
		if len(handlers) > 1 {
			handlers = handlers[1:]
		}
		mu.Unlock()
		h(w, r)
	}
}

var (
	fine    = always(200, "")
	none    = always(404, `{"error":{"code":"ImageNotFound"}}`)
	expired = always(401, `{"error":{"code":"InvalidAuthenticationToken"}}`)
)

// cut answers nothing and hangs up.
func cut(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

// newUpload returns a picture of so many pixels in one colour.
func newUpload(t *testing.T, width, height int) Upload {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	for i := range img.Pix {
		img.Pix[i] = color.RGBA{R: 40, G: 90, B: 200, A: 255}.B
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, nil); err != nil {
		t.Fatal(err)
	}
	return Upload{Body: b.Bytes()}
}

// check fails unless err has this kind, sentence and next step, said in every
// language.
func check(t *testing.T, err error, kind fault.Kind, say string, next fault.Next) *fault.Error {
	t.Helper()
	var e *fault.Error
	if !errors.As(err, &e) {
		t.Fatalf("%v, want %s", err, say)
	}
	if e.Kind != kind || e.Say.ID != say || e.Next != next {
		t.Errorf("kind %d, says %s, next %q; want %d, %s, %q (%v)", e.Kind, e.Say.ID, e.Next, kind, say, next, err)
	}
	catalog, err := words.New()
	if err != nil {
		t.Fatal(err)
	}
	for _, lang := range words.Languages {
		if text := catalog.Printer(lang, "").Say(e.Say); text == e.Say.ID {
			t.Errorf("%s has no sentence for %s", lang, e.Say.ID)
		}
	}
	return e
}

// removes is Remove for tests that only ask whether it fails.
func (x *site) removes(ctx context.Context, actor directory.Actor, subject directory.Subject, c Change) error {
	_, err := x.Remove(ctx, actor, subject, c)
	return err
}
