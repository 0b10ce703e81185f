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
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"portrait/internal/directory"
	"portrait/internal/fault"
	"portrait/internal/graph"
	"portrait/internal/picture"
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
	answer http.HandlerFunc // of the fake Graph

	mu       sync.Mutex
	log      []asked
	slept    []time.Duration
	refusals int // calls of Refused
}

// newSite returns a Service whose Graph answers by answer. Its people hold the
// tokens "first" and, after a refusal, "second"; the app holds "app".
func newSite(t *testing.T, answer http.HandlerFunc) *site {
	t.Helper()
	x := &site{answer: answer}
	server := httptest.NewServer(http.HandlerFunc(x.serve))
	t.Cleanup(server.Close)
	client, err := graph.New(server.URL, nil, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	x.Service = &Service{
		Graph:     client,
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
		App: func(context.Context) (string, error) { return "app", nil },
		Now: func() time.Time { return noon },
		Sleep: func(_ context.Context, d time.Duration) error {
			x.slept = append(x.slept, d)
			return nil
		},
	}
	return x
}

func (x *site) serve(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	x.mu.Lock()
	x.log = append(x.log, asked{r.Method + " " + r.URL.Path, r.Header.Get("Authorization"), body})
	x.mu.Unlock()
	if err == nil { // else there is nobody to answer
		x.answer(w, r)
	}
}

// asked returns the requests so far.
func (x *site) asked() []asked {
	x.mu.Lock()
	defer x.mu.Unlock()
	return slices.Clone(x.log)
}

// puts returns the requests that change a photo.
func (x *site) puts() []asked {
	var puts []asked
	for _, a := range x.asked() {
		if strings.HasPrefix(a.what, "PUT ") {
			puts = append(puts, a)
		}
	}
	return puts
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
