package photo

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"image/jpeg"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"portrait/internal/directory"
	"portrait/internal/fault"
	"portrait/internal/graph"
)

// album is a fake Graph's photos, asked for in a $batch.
type album struct {
	mu      sync.Mutex
	jpeg    []byte
	absent  string        // part of the addresses that have none
	busy    bool          // every answer is 429
	refused string        // the token that is no longer taken
	batches []int         // how many pictures each had
	tokens  []string      // of each
	hold    chan struct{} // if not nil, answers wait for it
}

func (b *album) serve(w http.ResponseWriter, r *http.Request) {
	var asked struct {
		Requests []struct{ ID, URL string }
	}
	if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
		w.WriteHeader(400)
		return
	}
	b.mu.Lock()
	b.batches, b.tokens = append(b.batches, len(asked.Requests)), append(b.tokens, r.Header.Get("Authorization"))
	jpeg, absent, busy, refused, hold := b.jpeg, b.absent, b.busy, b.refused, b.hold
	b.mu.Unlock()
	if hold != nil {
		<-hold
	}
	if r.Header.Get("Authorization") == "Bearer "+refused {
		expired(w, r)
		return
	}
	var answers []string
	for _, q := range asked.Requests {
		status, headers, body := 200, `{"Content-Type":"image/jpeg"}`, `"`+base64.StdEncoding.EncodeToString(jpeg)+`"`
		switch {
		case busy:
			status, headers, body = 429, `{"Retry-After":"7"}`, `{"error":{"code":"TooManyRequests"}}`
		case absent != "" && strings.Contains(q.URL, absent):
			status, body = 404, `{"error":{"code":"ImageNotFound"}}`
		}
		answers = append(answers, fmt.Sprintf(`{"id":%q,"status":%d,"headers":%s,"body":%s}`, q.ID, status, headers, body))
	}
	_, _ = fmt.Fprintf(w, `{"responses":[%s]}`, strings.Join(answers, ",")) // a client that hangs up is the client's business
}

func (b *album) counts() (batches, pictures int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, n := range b.batches {
		pictures += n
	}
	return len(b.batches), pictures
}

// change changes b while the fake Graph is running.
func (b *album) change(f func(*album)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	f(b)
}

// newAlbum returns a site whose Graph answers a $batch from an album, and says
// yes to everything else.
func newAlbum(t *testing.T) (*site, *album) {
	x, b := newSite(t, fine), &album{jpeg: newUpload(t, 200, 300).Body}
	x.facts["/$batch"] = b.serve
	return x, b
}

func groupAt(t *testing.T, n int) directory.Subject {
	return subjectAt(t, fmt.Sprintf("/groups/aaaaaaaa-0000-4000-8000-%012d", n))
}

// all asks for the thumbnails of subjects at the same time and returns how many
// there were and what went wrong.
func all(t *testing.T, x *site, actor directory.Actor, subjects []directory.Subject, size int) (int, error) {
	t.Helper()
	var wait sync.WaitGroup
	errs := make([]error, len(subjects))
	for i, s := range subjects {
		wait.Go(func() {
			image, err := x.ThumbnailOf(t.Context(), actor, s, size)
			if err == nil && len(image.Bytes) == 0 {
				err = errors.New("an empty picture")
			}
			errs[i] = err
		})
	}
	wait.Wait()
	there := 0
	for _, err := range errs {
		if err == nil {
			there++
		}
	}
	return there, errors.Join(errs...)
}

// TestPageOfThumbnails proves that the pictures of a page come in full batches,
// and the next time from memory.
func TestPageOfThumbnails(t *testing.T) {
	for _, tt := range []struct {
		name   string
		actor  directory.Actor
		at     func(n int) directory.Subject
		fewest int // batches for 20 pictures
		token  string
	}{
		{"groups", ann, func(n int) directory.Subject { return groupAt(t, n) }, 1, "Bearer first"},
		{"users", desk, func(n int) directory.Subject {
			return subjectAt(t, fmt.Sprintf("/users/aaaaaaaa-0000-4000-8000-%012d", n))
		}, 1, "Bearer app"},
		{"contacts", ann, func(n int) directory.Subject { return subjectAt(t, fmt.Sprintf("/me/contacts/AAMk%d=", n)) }, 5, "Bearer first"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			x, b := newAlbum(t)
			var subjects []directory.Subject
			for n := range 20 {
				subjects = append(subjects, tt.at(n))
			}
			if n, err := all(t, x, tt.actor, subjects, 96); n != 20 {
				t.Fatalf("%d pictures, %v", n, err)
			}
			batches, pictures := b.counts()
			// A machine that is busy may let a picture come late, for a batch more.
			if pictures != 20 || batches < tt.fewest || batches > tt.fewest+10 || b.tokens[0] != tt.token {
				t.Errorf("%d pictures in %d batches with %s", pictures, batches, b.tokens[0])
			}
			if n, err := all(t, x, tt.actor, subjects, 96); n != 20 {
				t.Fatalf("again: %d pictures, %v", n, err)
			}
			if again, _ := b.counts(); again != batches {
				t.Errorf("the second time there were %d batches more", again-batches)
			}
			for _, a := range x.everything() {
				if a.what != "POST /v1.0/$batch" {
					t.Errorf("asked %s", a.what)
				}
			}
		})
	}
}

func TestThumbnailsOfOneSize(t *testing.T) {
	x, _ := newAlbum(t)
	for _, form := range []directory.Form{directory.FormMyContact, directory.FormTeam, directory.FormUserFolderContact} {
		image, err := x.ThumbnailOf(t.Context(), ann, subjectAt(t, paths[form]), 96)
		if err != nil {
			t.Fatal(err)
		}
		c, err := jpeg.DecodeConfig(bytes.NewReader(image.Bytes))
		if err != nil || c.Width != 96 || c.Height != 96 || image.ContentType != "image/jpeg" {
			t.Errorf("%s: %d×%d %s, %v", paths[form], c.Width, c.Height, image.ContentType, err)
		}
	}
	x.answer = always(200, string(newUpload(t, 200, 300).Body))
	image, err := x.Image(t.Context(), ann, subjectAt(t, paths[directory.FormMyContact]), 48)
	if c, _ := jpeg.DecodeConfig(bytes.NewReader(image.Bytes)); err != nil || c.Width != 48 {
		t.Errorf("Image: %d pixels, %v", c.Width, err)
	}
	if image, err = x.ThumbnailOf(t.Context(), ann, subjectAt(t, paths[directory.FormMyContact]), 0); err != nil || len(image.Bytes) == 0 {
		t.Errorf("in full size: %v", err)
	}
	x.answer = always(200, "\xff\xd8\xff and no more of a JPEG")
	_, err = x.Image(t.Context(), ann, subjectAt(t, paths[directory.FormMyContact]), 48)
	check(t, err, fault.Unavailable, "graph.broken-answer", fault.NextNone)
	_, err = x.ThumbnailOf(t.Context(), ann, groupAt(t, 1), 97)
	check(t, err, fault.NotFound, "photo.absent", fault.NextNone)
}

func TestHowLongThumbnailsAreKept(t *testing.T) {
	x, b := newAlbum(t)
	s := groupAt(t, 1)
	look := func(why string, want int, absent bool) {
		t.Helper()
		_, err := x.ThumbnailOf(t.Context(), ann, s, 96)
		if graph.IsNoPhoto(err) != absent || !absent && err != nil {
			t.Errorf("%s: %v", why, err)
		}
		if n, _ := b.counts(); n != want {
			t.Errorf("%s: %d batches, want %d", why, n, want)
		}
	}
	look("at first", 1, false)
	x.pass(foundAge - time.Second)
	look("59 seconds later", 1, false)
	x.pass(time.Second)
	b.change(func(b *album) { b.absent = "/groups/" })
	look("after a minute it is gone", 2, true)
	x.pass(missingAge - time.Second)
	look("within an hour nobody asks again", 2, true)
	x.pass(time.Second)
	look("after an hour somebody does", 3, true)

	b.change(func(b *album) { b.absent = "" })
	if _, err := x.Set(t.Context(), ann, s, newUpload(t, 60, 60)); err != nil {
		t.Fatal(err)
	}
	look("after a save at once", 4, false)
	look("and then not", 4, false)
	if err := x.removes(t.Context(), ann, s, Change{}); err != nil {
		t.Fatal(err)
	}
	look("after a removal at once", 5, false)

	x.pass(foundAge)
	b.change(func(b *album) { b.busy = true })
	_, err := x.ThumbnailOf(t.Context(), ann, s, 96)
	if e := check(t, err, fault.Busy, "graph.busy", fault.NextWait); e.RetryAfter != 7*time.Second {
		t.Errorf("after %v", e.RetryAfter)
	}
	b.change(func(b *album) { b.busy = false })
	look("trouble isn't remembered", 7, false)
}

// TestSecurityThumbnailsAreNotShared proves that what one sees with their token isn't
// shown to another.
func TestSecurityThumbnailsAreNotShared(t *testing.T) {
	x, b := newAlbum(t)
	other := ann
	other.ID = bobID
	for _, actor := range []directory.Actor{ann, other, ann, other} {
		if _, err := x.ThumbnailOf(t.Context(), actor, groupAt(t, 1), 96); err != nil {
			t.Fatal(err)
		}
	}
	if n, _ := b.counts(); n != 2 {
		t.Errorf("%d batches, want one for each", n)
	}
	second := desk
	second.ID = annID
	for _, actor := range []directory.Actor{desk, second} {
		if _, err := x.ThumbnailOf(t.Context(), actor, subjectAt(t, atBob), 96); err != nil {
			t.Fatal(err)
		}
	}
	if n, _ := b.counts(); n != 3 {
		t.Errorf("%d batches; the helpdesk sees with one token", n)
	}
	if _, err := x.ThumbnailOf(t.Context(), stranger, groupAt(t, 1), 96); !fault.Is(err, fault.Forbidden) {
		t.Errorf("without permission: %v", err)
	}
}

func TestThumbnailsWithAnotherToken(t *testing.T) {
	x, b := newAlbum(t)
	b.refused = "first"
	if n, err := all(t, x, ann, []directory.Subject{groupAt(t, 1), groupAt(t, 2)}, 96); n != 2 {
		t.Errorf("%d pictures, %v", n, err)
	}
	if last := b.tokens[len(b.tokens)-1]; last != "Bearer second" {
		t.Errorf("the last batch came with %s", last)
	}
}

// TestOneQuestionForOnePicture proves that who wants the same picture at the
// same time shares the answer.
func TestOneQuestionForOnePicture(t *testing.T) {
	x, b := newAlbum(t)
	b.hold = make(chan struct{})
	same := make([]directory.Subject, 8)
	for i := range same {
		same[i] = groupAt(t, 1)
	}
	done := b.held(func() error {
		n, err := all(t, x, ann, same, 96)
		if n != len(same) {
			err = fmt.Errorf("%d pictures, %w", n, err)
		}
		return err
	})
	close(b.hold)
	if err := <-done; err != nil {
		t.Error(err)
	}
	if n, pictures := b.counts(); n != 1 || pictures != 1 {
		t.Errorf("%d batches with %d questions for one picture", n, pictures)
	}
}

// TestAChangeOnTheWayIsNotForgotten proves that a save while a picture is on its
// way keeps that one from being remembered.
func TestAChangeOnTheWayIsNotForgotten(t *testing.T) {
	x, b := newAlbum(t)
	b.hold = make(chan struct{})
	s := groupAt(t, 1)
	ask := func() error {
		_, err := x.ThumbnailOf(t.Context(), ann, s, 96)
		return err
	}
	done := b.held(ask)
	x.changed(t.Context(), directory.GroupPhoto(tenant, s.Group()))
	close(b.hold)
	for range 2 {
		if err := errors.Join(<-done, ask()); err != nil {
			t.Error(err)
		}
	}
	if n, _ := b.counts(); n != 2 {
		t.Errorf("%d batches for a picture that was changed while the first was on its way, want 2", n)
	}
}

// held starts ask and returns, once its question is with Graph, where its answer
// comes.
func (b *album) held(ask func() error) <-chan error {
	done := make(chan error, 1)
	go func() {
		defer close(done)
		done <- ask()
	}()
	for {
		if n, _ := b.counts(); n == 1 {
			return done
		}
		time.Sleep(time.Millisecond)
	}
}

// TestAChangeIsSeenByOtherReplicas has one replica change what another
// remembers.
func TestAChangeIsSeenByOtherReplicas(t *testing.T) {
	here, b := newAlbum(t)
	there, _ := newAlbum(t)
	there.Store = here.Store
	s := groupAt(t, 7)
	for range 2 {
		if _, err := here.ThumbnailOf(t.Context(), ann, s, 96); err != nil {
			t.Fatal(err)
		}
	}
	before, _ := b.counts()
	there.changed(t.Context(), directory.GroupPhoto(tenant, s.Group()))
	if _, err := here.ThumbnailOf(t.Context(), ann, s, 96); err != nil {
		t.Fatal(err)
	}
	if after, _ := b.counts(); before != 1 || after != 2 {
		t.Errorf("%d batches before the change, %d after it; want 1 and 2", before, after)
	}
}
