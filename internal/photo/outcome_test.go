package photo

import (
	"bytes"
	"io"
	"net/http"
	"testing"
	"time"

	"portrait/internal/directory"
	"portrait/internal/fault"
)

// lost are the ways in which the answer to a change gets lost.
var lost = []struct {
	name   string
	answer http.HandlerFunc
}{
	{"the connection is reset", cut},
	{"no answer in time", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }},
	{"504 of a gateway", always(504, "<html>")},
	{"a proxy answers with a page", always(200, "<!DOCTYPE html>", "Content-Type", "text/html; charset=utf-8")},
	{"half an answer's headers", func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			panic(err)
		}
		_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Le") // and hangs up
		_ = conn.Close()
	}},
}

// TestALostAnswerIsReadBack holds that a save whose answer got lost is neither
// called failed when it arrived nor called saved when it didn't.
func TestALostAnswerIsReadBack(t *testing.T) {
	for _, tt := range lost {
		for _, arrives := range []bool{true, false} {
			name := tt.name + map[bool]string{true: ", and it arrived", false: ", and it didn't arrive"}[arrives]
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				x, shelf := newShelf(t, newUpload(t, 70, 70).Body)
				x.impatient(t, &http.Client{Timeout: time.Second})
				shelf.to(func(w http.ResponseWriter, r *http.Request, take func()) {
					if arrives {
						take()
					}
					tt.answer(w, r)
				})
				u := of(pictured(t, 0), "key")
				saved, err := x.Set(t.Context(), ann, directory.Me(), u)
				if err != nil || len(x.puts()) != 1 {
					t.Fatalf("%+v, %v after %d PUTs; want no error after one", saved, err, len(x.puts()))
				}
				if arrives {
					if saved.State != Confirmed {
						t.Errorf("it ends as %s", saved.State)
					}
					x.audited(t, "set done")
					return
				}
				if saved.State != Unknown || !saved.RetryAt.Equal(noon.Add(lookAgain)) {
					t.Fatalf("it ends as %s until %v", saved.State, saved.RetryAt)
				}
				x.audited(t)
				shelf.to(nil)
				goesOn(t, x, shelf, u)
			})
		}
	}
}

// goesOn repeats a save of unknown outcome that didn't arrive: too early, after
// lookAgain, and after sendAgain.
func goesOn(t *testing.T, x *site, shelf *shelf, u Upload) {
	t.Helper()
	for _, step := range []struct {
		after time.Duration
		looks bool // Graph is asked
		puts  int  // in all
		state State
	}{{0, false, 1, Unknown}, {lookAgain, true, 1, Unknown}, {sendAgain, true, 2, Confirmed}, {time.Hour, false, 2, Confirmed}} {
		x.pass(step.after)
		n := len(x.asked())
		saved, err := x.Set(t.Context(), ann, directory.Me(), u)
		if err != nil || saved.State != step.state || len(x.puts()) != step.puts || len(x.asked()) > n != step.looks {
			t.Errorf("%v later: %s, %v, %d PUTs, %d requests", step.after, saved.State, err, len(x.puts()), len(x.asked())-n)
		}
	}
	if !bytes.Equal(shelf.is(), x.sent(t, 0)) {
		t.Error("other bytes were sent the second time")
	}
	x.audited(t, "set done")
}

// TestALostRemovalIsReadBack is the same for a removal.
func TestALostRemovalIsReadBack(t *testing.T) {
	x, shelf := newShelf(t, newUpload(t, 70, 70).Body)
	shelf.to(func(w http.ResponseWriter, r *http.Request, take func()) { take(); cut(w, r) })
	if saved, err := x.Remove(t.Context(), ann, directory.Me(), Change{}); err != nil || saved.State != Confirmed || len(x.changes()) != 1 {
		t.Errorf("%+v, %v", saved, err)
	}
	x.audited(t, "remove done")
}

// TestWhoCannotLookHears holds that an open outcome asks for the sign-in that it
// takes to look.
func TestWhoCannotLookHears(t *testing.T) {
	x, shelf := newShelf(t, nil)
	shelf.to(func(w http.ResponseWriter, r *http.Request, _ func()) { cut(w, r) })
	u := of(pictured(t, 0), "key")
	if saved, err := x.Set(t.Context(), ann, directory.Me(), u); err != nil || saved.State != Unknown {
		t.Fatal(saved, err)
	}
	x.pass(lookAgain)
	x.revoke()
	if _, err := x.Set(t.Context(), ann, directory.Me(), u); !fault.Is(err, fault.SignIn) {
		t.Errorf("%v, want to be asked to sign in", err)
	}
	x.allow()
	x.pass(sendAgain)
	shelf.to(nil)
	if saved, err := x.Send(t.Context(), ann, directory.Me(), Origin{}); err != nil || saved.State != Confirmed || len(x.puts()) != 2 {
		t.Errorf("%s, %v", saved.State, err)
	}
}

// TestEveryFormOfRetryAfter answers the first PUT with 429 and takes the next.
func TestEveryFormOfRetryAfter(t *testing.T) {
	const s, unsaid = time.Second, -1 * time.Second // unsaid: 1 to 2 seconds of our own
	sent := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		name, header string
		waits        time.Duration // within the request
		until        time.Duration // beyond it; 0 = it is saved within
	}{
		{"seconds", "2", 2 * s, 0},
		{"as long as a person waits", "5", 5 * s, 0},
		{"a little longer", "6", 0, 6 * s},
		{"decimals", "2.128", 2128 * time.Millisecond, 0},
		{"less than a second", "0.2", s, 0},
		{"a date", sent.Add(3 * s).Format(http.TimeFormat), 3 * s, 0},
		{"a date of another clock, far off", sent.Add(40 * s).Format(http.TimeFormat), 0, 40 * s},
		{"a date that is past", sent.Add(-time.Hour).Format(http.TimeFormat), unsaid, 0},
		{"now", "0", unsaid, 0},
		{"before now", "-1", unsaid, 0},
		{"for ever", "1e9", 0, 10 * time.Minute},
		{"beyond every number", "1e999", 0, 10 * time.Minute},
		{"no number", "NaN", unsaid, 0},
		{"garbage", "soon; please", unsaid, 0},
		{"absent", "", unsaid, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			x, shelf := newShelf(t, nil)
			header := []string{"Date", sent.Format(http.TimeFormat)}
			if tt.header != "" {
				header = append(header, "Retry-After", tt.header)
			}
			busy := inTurn(always(429, "{}", header...), fine)
			shelf.to(func(w http.ResponseWriter, r *http.Request, _ func()) { busy(w, r) })
			u := of(pictured(t, 0), "key")
			saved, err := x.Set(t.Context(), ann, directory.Me(), u)
			if err != nil {
				t.Fatal(err)
			}
			if tt.until == 0 {
				wait := x.slept
				fits := len(wait) == 1 && (wait[0] == tt.waits || tt.waits == unsaid && wait[0] >= s && wait[0] <= 2*s)
				if saved.State != Confirmed || len(x.puts()) != 2 || !fits {
					t.Errorf("%s after %d PUTs and waits of %v", saved.State, len(x.puts()), wait)
				}
				return
			}
			if saved.State != Waiting || len(x.slept) != 0 || !saved.RetryAt.Equal(noon.Add(tt.until)) {
				t.Fatalf("%s until %v after waits of %v", saved.State, saved.RetryAt, x.slept)
			}
			notEarly(t, x, u, tt.until)
		})
	}
}

// notEarly repeats a save that waits for so long, before and after that is over.
func notEarly(t *testing.T, x *site, u Upload, wait time.Duration) {
	t.Helper()
	n := len(x.asked())
	x.pass(wait - time.Millisecond)
	for name, again := range map[string]func() (Saved, error){
		"the same save": func() (Saved, error) { return x.Set(t.Context(), ann, directory.Me(), u) },
		"Send":          func() (Saved, error) { return x.Send(t.Context(), ann, directory.Me(), Origin{}) },
	} {
		if saved, err := again(); err != nil || saved.State != Waiting || len(x.asked()) != n {
			t.Errorf("%s too early: %s, %v, %d more requests", name, saved.State, err, len(x.asked())-n)
		}
	}
	x.pass(time.Millisecond)
	if saved, err := x.Send(t.Context(), ann, directory.Me(), Origin{}); err != nil || saved.State != Confirmed || len(x.puts()) != 2 {
		t.Errorf("at the time: %s, %v after %d PUTs", saved.State, err, len(x.puts()))
	}
	x.audited(t, "set done")
}

// TestStaleReadsAreNoNews saves while Graph goes on serving the old photo.
func TestStaleReadsAreNoNews(t *testing.T) {
	x, shelf := newShelf(t, newUpload(t, 70, 70).Body)
	old := shelf.is()
	shelf.lag(true)
	first := x.sets(t, ann, pictured(t, 0))
	for range 3 {
		if got, err := x.Track(t.Context(), ann, directory.Me()); err != nil || got.State != Confirmed || got.Seen || got.ETag != first.ETag {
			t.Errorf("tracked: %+v, %v; want it confirmed and not seen yet", got, err)
		}
		x.pass(time.Minute)
	}
	if n := len(x.puts()); n != 1 {
		t.Errorf("%d PUTs, want 1", n)
	}
	second := x.sets(t, ann, pictured(t, 1))
	if got := pastsOf(t, x); len(got) != 2 || !bytes.Equal(got[0], x.sent(t, 0)) || !bytes.Equal(got[1], old) {
		t.Errorf("the history has %d photos, want the first save and then the old photo", len(got))
	}
	if all := x.audited(t, "set done", "set done"); all[0].Old != hexOf(old) || all[1].Old != first.ETag || all[1].New != second.ETag {
		t.Error("the audit log names other photos before and after")
	}
	shelf.lag(false)
	if got, err := x.Track(t.Context(), ann, directory.Me()); err != nil || !got.Seen || got.ETag != second.ETag || len(got.Sizes) == 0 {
		t.Errorf("once it is served: %+v, %v", got, err)
	}
}

// TestTheFirstPhotoWhileGraphStillServesNone saves twice: the first save is what
// undoing the second brings back, though Graph says that there was nothing.
func TestTheFirstPhotoWhileGraphStillServesNone(t *testing.T) {
	for _, kept := range []int{0, 5} {
		x, shelf := newShelf(t, nil)
		x.HistoryPhotos = kept
		shelf.lag(true)
		if first := x.sets(t, ann, pictured(t, 0)); !first.WasNone {
			t.Error("there was something before the first photo")
		}
		if second := x.sets(t, ann, pictured(t, 1)); second.WasNone || kept > 0 != (second.Past != "") {
			t.Errorf("keeping %d, the second save says %+v", kept, second)
		}
	}
}

// pastsOf returns the photos of Ann's history, newest first.
func pastsOf(t *testing.T, x *site) [][]byte {
	t.Helper()
	pasts, err := x.History(t.Context(), ann, directory.Me(), Order{})
	if err != nil {
		t.Fatal(err)
	}
	var all [][]byte
	for _, p := range pasts {
		kept, err := x.Store.Past(t.Context(), directory.UserPhoto(tenant, annID), p.ID)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, kept.Picture)
	}
	return all
}

// revoke takes Ann's tokens away, allow gives them back.
func (x *site) revoke() { x.mayAct(false) }
func (x *site) allow()  { x.mayAct(true) }
