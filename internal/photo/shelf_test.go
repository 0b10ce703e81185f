package photo

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/jpeg"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"portrait/internal/audit"
	"portrait/internal/directory"
	"portrait/internal/graph"
	"portrait/internal/store"
)

// shelf is one photo as the fake Graph keeps it.
type shelf struct {
	mu     sync.Mutex
	photo  []byte // nil = none
	stale  bool   // reads see old
	old    []byte
	change func(w http.ResponseWriter, r *http.Request, take func()) // answers changes in its place, nil = takes them
}

// newShelf returns a site whose Graph keeps a photo: at first the given one, nil
// for none.
func newShelf(t *testing.T, photo []byte) (*site, *shelf) {
	t.Helper()
	s := &shelf{photo: photo}
	x := newSite(t, s.serve)
	x.facts["/v1.0/me"] = func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, `{"id":%q,"mail":"me@contoso.com"}`, strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer of "))
	}
	x.mayAct(true)
	return x, s
}

func (s *shelf) serve(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodGet {
		s.read(w, r)
		return
	}
	body := make([]byte, max(0, r.ContentLength))
	if n, _ := r.Body.Read(body); n < len(body) { // it is in memory: one read is all
		panic("a body in pieces")
	}
	take := func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.photo = body
		if r.Method == http.MethodDelete {
			s.photo = nil
		}
	}
	if answer := s.answers(); answer != nil {
		answer(w, r, take)
		return
	}
	take()
}

func (s *shelf) read(w http.ResponseWriter, r *http.Request) {
	photo := s.seen()
	switch {
	case photo == nil:
		none(w, r)
	case strings.HasSuffix(r.URL.Path, "/$value"):
		_, _ = w.Write(photo) // to a test that waits for it
	case strings.HasSuffix(r.URL.Path, "/photos"):
		fmt.Fprint(w, `{"value":[{"width":48},{"width":648}]}`)
	default:
		fmt.Fprintf(w, `{"id":"648x648","width":648,"height":648,"@odata.mediaEtag":"%s"}`, hexOf(photo))
	}
}

func (s *shelf) seen() []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stale {
		return s.old
	}
	return s.photo
}

func (s *shelf) answers() func(http.ResponseWriter, *http.Request, func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.change
}

// to answers changes by answer from now on.
func (s *shelf) to(answer func(w http.ResponseWriter, r *http.Request, take func())) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.change = answer
}

// put is a change of the photo by somebody else.
func (s *shelf) put(photo []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.photo = photo
}

// lag lets reads see what is there now, whatever is changed, until it is called
// with false.
func (s *shelf) lag(on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stale, s.old = on, s.photo
}

func (s *shelf) is() []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.photo
}

// on lets the site work on db.
func (x *site) on(t *testing.T, db *store.Store) *site {
	t.Helper()
	x.Store = db
	log := *x.Audit
	log.Store = db
	x.Audit = &log
	return x
}

// impatient lets the site's client of Graph wait for so long.
func (x *site) impatient(t *testing.T, client *http.Client) {
	t.Helper()
	var err error
	if x.Graph, err = graph.New(x.url, client, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
}

// entries returns the audit log, oldest first, and fails unless all of it is as
// it was written.
func (x *site) entries(t *testing.T) []audit.Record {
	t.Helper()
	page, err := x.Audit.Page(t.Context(), audit.Filter{}, 100)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range page.Records {
		if !r.Verified {
			t.Errorf("entry %d doesn't verify", r.Seq)
		}
	}
	slices.Reverse(page.Records)
	return page.Records
}

// audited fails unless the audit log has these entries, as "action outcome".
func (x *site) audited(t *testing.T, want ...string) []audit.Record {
	t.Helper()
	all := x.entries(t)
	var got []string
	for _, r := range all {
		got = append(got, r.Action+" "+r.Outcome)
	}
	if !slices.Equal(got, want) {
		t.Errorf("the audit log has %q, want %q", got, want)
	}
	return all
}

// of returns u as ordered under key.
func of(u Upload, key string) Upload {
	u.Key = key
	return u
}

// pictured returns a picture of its own for each number from 0 to 9: another
// size, and another shade of grey.
func pictured(t *testing.T, n int) Upload {
	t.Helper()
	img := image.NewGray(image.Rect(0, 0, 60+n, 60+n))
	for i := range img.Pix {
		img.Pix[i] = byte(5 + 20*n)
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, nil); err != nil {
		t.Fatal(err)
	}
	return Upload{Body: b.Bytes()}
}

// mayAct says whether anybody's sign-in is still good.
func (x *site) mayAct(yes bool) {
	x.Delegated = func(_ context.Context, a directory.Actor) (string, error) { return "of " + string(a.ID), nil }
	x.Fresh = func(_ context.Context, a directory.Actor) (directory.Actor, error) { return a, nil }
	if yes {
		return
	}
	x.Delegated = func(context.Context, directory.Actor) (string, error) { return "", signIn("test") }
	x.Fresh = func(context.Context, directory.Actor) (directory.Actor, error) {
		return directory.Actor{}, signIn("test")
	}
}

// sets is Set for tests that only ask how it ends.
func (x *site) sets(t *testing.T, actor directory.Actor, u Upload) Saved {
	t.Helper()
	saved, err := x.Set(t.Context(), actor, directory.Me(), u)
	if err != nil || saved.State != Confirmed {
		t.Fatalf("a save ends as %s, %v", saved.State, err)
	}
	return saved
}

// sent returns the bytes of the n-th PUT, from 0.
func (x *site) sent(t *testing.T, n int) []byte {
	t.Helper()
	puts := x.puts()
	if len(puts) <= n {
		t.Fatalf("%d PUTs, want more than %d", len(puts), n)
	}
	return puts[n].body
}
