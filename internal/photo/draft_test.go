package photo

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"testing"
	"time"

	"portrait/internal/directory"
	"portrait/internal/fault"
	"portrait/internal/store"
	"portrait/internal/store/storetest"
)

// TestASignInThatRanOutKeepsThePicture saves with a sign-in that has run out in
// different ways, signs in again and sends what was kept.
func TestASignInThatRanOutKeepsThePicture(t *testing.T) {
	user := subjectAt(t, paths[directory.FormUser])
	claims := base64.StdEncoding.EncodeToString([]byte(`{"access_token":{"nbf":{"essential":true,"value":"1"}}}`))
	challenged := always(401, "{}", "WWW-Authenticate", `Bearer error="insufficient_claims", claims="`+claims+`"`)
	refuses := func(h http.HandlerFunc) func(*site, *shelf) {
		return func(_ *site, s *shelf) { s.to(func(w http.ResponseWriter, r *http.Request, _ func()) { h(w, r) }) }
	}
	for _, tt := range []struct {
		name    string
		actor   directory.Actor
		subject directory.Subject
		breaks  func(*site, *shelf)
		claims  bool
	}{
		{"before anything is sent", ann, directory.Me(), func(x *site, _ *shelf) { x.revoke() }, false},
		{"when the photo is sent", ann, directory.Me(), func(x *site, s *shelf) {
			refuses(expired)(x, s)
			x.Refused = func(context.Context, directory.Actor, string) (string, error) { return "", signIn("test") }
		}, false},
		{"by a claims challenge", ann, directory.Me(), refuses(challenged), true},
		{"for the helpdesk's role", desk, user, func(x *site, _ *shelf) { x.revoke() }, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			x, shelf := newShelf(t, nil)
			u := of(pictured(t, 0), "key")
			u.Reason = "because"
			tt.breaks(x, shelf)
			_, err := x.Set(t.Context(), tt.actor, tt.subject, u)
			if !fault.Is(err, fault.SignIn) || (fault.As(err).Claims != "") != tt.claims {
				t.Fatalf("%v, want a sign-in, with claims %v", err, tt.claims)
			}
			kept := x.newestRow(t, tt.actor, tt.subject)
			if kept.State != string(Draft) || len(kept.Picture) == 0 || len(x.changes()) > 1 {
				t.Fatalf("what is kept is %s with %d bytes", kept.State, len(kept.Picture))
			}
			for range 2 { // asking again without signing in changes nothing
				if _, err := x.Send(t.Context(), tt.actor, tt.subject, Origin{}); !fault.Is(err, fault.SignIn) {
					t.Errorf("sent without a sign-in: %v", err)
				}
			}
			x.audited(t)
			x.allow()
			shelf.to(nil)
			n := len(x.puts())
			saved, err := x.Send(t.Context(), tt.actor, tt.subject, Origin{})
			if err != nil || saved.State != Confirmed || len(x.puts()) != n+1 {
				t.Fatalf("after signing in: %s, %v after %d more PUTs", saved.State, err, len(x.puts())-n)
			}
			if !bytes.Equal(shelf.is(), kept.Picture) || saved.ETag != hexOf(kept.Picture) {
				t.Error("other bytes were sent than were kept")
			}
			if all := x.audited(t, "set done"); tt.actor.ID == deskID && all[0].Reason != "because" {
				t.Errorf("the reason is %q", all[0].Reason)
			}
		})
	}
}

// TestARestoreSurvivesTheSignInToo keeps what is to be restored, not nothing.
func TestARestoreSurvivesTheSignInToo(t *testing.T) {
	user := subjectAt(t, paths[directory.FormUser])
	x, shelf := newShelf(t, newUpload(t, 70, 70).Body)
	old := shelf.is()
	if _, err := x.Set(t.Context(), desk, user, withReason(t)); err != nil {
		t.Fatal(err)
	}
	pasts, err := x.History(t.Context(), desk, user, Order{Reason: "because"})
	if err != nil || len(pasts) != 1 {
		t.Fatalf("%v, %v", pasts, err)
	}
	x.revoke()
	if _, err := x.Restore(t.Context(), desk, user, pasts[0].ID, Order{Reason: "because", Key: "key"}); !fault.Is(err, fault.SignIn) {
		t.Fatal(err)
	}
	x.allow()
	if saved, err := x.Send(t.Context(), desk, user, Origin{}); err != nil || saved.State != Confirmed || !bytes.Equal(shelf.is(), old) {
		t.Errorf("%s, %v: %d bytes are there, want the %d of the old photo", saved.State, err, len(shelf.is()), len(old))
	}
}

// TestASenderThatWasKilled leaves a change behind at each point where a process
// can be killed.
func TestASenderThatWasKilled(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *storetest.Database) {
		s := db.Open(t)
		for _, tt := range []struct {
			name    string
			arrives bool // Graph has it
			sent    bool // it was noted that it is sent
			puts    int  // by whoever takes over
		}{
			{"before it is sent", false, false, 1},
			{"when it is about to be sent", false, true, 1},
			{"after it has arrived", true, true, 0},
		} {
			x, shelf := newShelf(t, newUpload(t, 70, 70).Body)
			x.on(t, s)
			actor := ann
			actor.ID = directory.ID("aaaaaaaa-0000-4000-8000-0000000000" + string('a'+rune(len(tt.name)%6)) + "0")
			shelf.to(func(_ http.ResponseWriter, _ *http.Request, take func()) {
				if tt.arrives {
					take()
				}
				panic(http.ErrAbortHandler)
			})
			x.Sleep = func(ctx context.Context, _ time.Duration) error { return errors.New("killed") }
			if _, err := x.Set(t.Context(), actor, directory.Me(), of(pictured(t, 0), "key")); err != nil {
				t.Fatal(err)
			}
			d := x.newestRow(t, actor, directory.Me())
			x.killed(t, d, tt.sent)
			shelf.to(nil)
			n := len(x.puts())
			if got, err := x.Track(t.Context(), actor, directory.Me()); err != nil || got.State != Sending {
				t.Errorf("%s: tracked as %s, %v while it may still be under way", tt.name, got.State, err)
			}
			x.pass(holdTime)
			if got, err := x.Track(t.Context(), actor, directory.Me()); err != nil || got.State != Unknown {
				t.Errorf("%s: tracked as %s, %v", tt.name, got.State, err)
			}
			saved, err := x.Send(t.Context(), actor, directory.Me(), Origin{})
			if err != nil || saved.State != Confirmed || len(x.puts()) != n+tt.puts || !bytes.Equal(shelf.is(), d.Picture) {
				t.Errorf("%s: %s, %v after %d PUTs, want %d", tt.name, saved.State, err, len(x.puts())-n, tt.puts)
			}
		}
	})
}

// killed makes d what a process leaves behind that is killed now.
func (x *site) killed(t *testing.T, d store.Draft, sent bool) {
	t.Helper()
	now := x.Now()
	if ok, err := x.Store.ClaimDraft(t.Context(), d.ID, "dead", now.Add(holdTime), now); err != nil || !ok {
		t.Fatal(ok, err)
	}
	if sent {
		return
	}
	c, err := opened(d)
	if err != nil {
		t.Fatal(err)
	}
	c.details.Sent, c.Holder = time.Time{}, "dead"
	if err := c.close(); err != nil {
		t.Fatal(err)
	}
	if err := x.Store.Tx(t.Context(), func(tx *store.Tx) error { return tx.NoteDraft(t.Context(), c.Draft) }); err != nil {
		t.Fatal(err)
	}
}

// TestASlowSenderIsNotTakenForDead lets Graph take longer than a hold lasts.
func TestASlowSenderIsNotTakenForDead(t *testing.T) {
	t.Parallel()
	x, shelf := newShelf(t, nil)
	arrived, answer := make(chan struct{}), make(chan struct{})
	shelf.to(func(_ http.ResponseWriter, _ *http.Request, take func()) {
		close(arrived)
		<-answer
		take()
	})
	u := of(pictured(t, 0), "key")
	first := make(chan Saved, 1)
	go func() {
		saved, err := x.Set(t.Context(), ann, directory.Me(), u)
		if err != nil {
			t.Error(err)
		}
		first <- saved
	}()
	<-arrived
	began := x.newestRow(t, ann, directory.Me()).Until
	x.pass(holdTime - time.Second)
	for !x.newestRow(t, ann, directory.Me()).Until.After(began) { // the test's time limit ends it
		time.Sleep(50 * time.Millisecond)
	}
	x.pass(2 * time.Second)                                        // beyond the first hold
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second) // it waits for the other until then
	defer cancel()
	if saved, err := x.Send(ctx, ann, directory.Me(), Origin{}); err != nil || saved.State != Sending {
		t.Errorf("meanwhile: %s, %v", saved.State, err)
	}
	close(answer)
	if saved := <-first; saved.State != Confirmed || len(x.puts()) != 1 {
		t.Errorf("%s after %d PUTs", saved.State, len(x.puts()))
	}
}

// TestDiscarding drops changes in every state.
func TestDiscarding(t *testing.T) {
	for _, tt := range []struct {
		name    string
		answer  http.HandlerFunc
		revoked bool
		gone    bool
		audit   []string
	}{
		{"what waits", always(429, "{}", "Retry-After", "60"), false, true, nil},
		{"what nobody knows about", cut, false, true, []string{"set unknown"}},
		{"what failed", always(500, ""), false, true, nil},
		{"what needs a sign-in", fine, true, true, nil},
		{"what is there", fine, false, false, []string{"set done"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			x, shelf := newShelf(t, nil)
			shelf.to(func(w http.ResponseWriter, r *http.Request, _ func()) { tt.answer(w, r) })
			if tt.revoked {
				x.revoke()
			}
			_, _ = x.Set(t.Context(), ann, directory.Me(), pictured(t, 0)) // how it ends is said by the name
			x.allow()
			for range 2 {
				if err := x.Discard(t.Context(), ann, directory.Me()); err != nil {
					t.Error(err)
				}
			}
			if _, err := x.DraftImage(t.Context(), ann, directory.Me()); fault.Is(err, fault.NotFound) != tt.gone {
				t.Errorf("gone is %v, want %v", err != nil, tt.gone)
			}
			x.audited(t, tt.audit...)
		})
	}
}

// newestRow returns the newest change of subject that actor has ordered.
func (x *site) newestRow(t *testing.T, actor directory.Actor, subject directory.Subject) store.Draft {
	t.Helper()
	d, err := x.newestDraft(t.Context(), request{actor: actor, subject: subject})
	if err != nil {
		t.Fatal(err)
	}
	return d
}
