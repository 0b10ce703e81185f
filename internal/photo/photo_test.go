package photo

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"image/jpeg"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"portrait/internal/directory"
	"portrait/internal/fault"
)

func TestSet(t *testing.T) {
	x := newSaver(t, fine)
	saved, err := x.Set(t.Context(), ann, directory.Me(), newUpload(t, 900, 700))
	if err != nil {
		t.Fatal(err)
	}
	puts := x.puts()
	if asked := x.asked(); len(puts) != 1 || len(asked) != 2 || asked[0].what != "GET /v1.0/me/photo/$value" ||
		puts[0].what != "PUT /v1.0/me/photo/$value" || puts[0].token != "Bearer first" {
		t.Fatalf("%d requests, %d PUTs; want a look at what is there and one PUT, with the delegated token", len(asked), len(puts))
	}
	sum := sha256.Sum256(puts[0].body)
	want := Saved{State: Confirmed, WasNone: true, ETag: hex.EncodeToString(sum[:]), Width: 648, Height: 648, Bytes: len(puts[0].body)}
	if diff := cmp.Diff(want, saved); diff != "" {
		t.Error(diff)
	}
	config, err := jpeg.DecodeConfig(bytes.NewReader(puts[0].body))
	if err != nil || config.Width != 648 || config.Height != 648 {
		t.Errorf("Graph got %d×%d, %v", config.Width, config.Height, err)
	}
}

func TestBadPicturesAreNotSent(t *testing.T) {
	x := newSite(t, fine)
	good := newUpload(t, 300, 300)
	outside := good
	outside.Frame.X, outside.Frame.Side = 200, 200
	for name, u := range map[string]Upload{
		"nothing":            {},
		"text":               {Body: []byte("not a picture")},
		"half a JPEG":        {Body: good.Body[:len(good.Body)/2]},
		"a frame outside it": outside,
	} {
		saved, err := x.Set(t.Context(), ann, directory.Me(), u)
		e := fault.As(err)
		if e == nil || !strings.HasPrefix(e.Say.ID, "picture.") || saved != (Saved{}) {
			t.Errorf("%s: %+v, %v; want a sentence about the picture", name, saved, err)
		}
	}
	if len(x.asked()) > 0 {
		t.Errorf("Graph was asked %v", x.asked())
	}
}

// TestSecurityRefusedPeopleReachNobody proves that who may not is refused before
// anything is asked of anybody.
func TestSecurityRefusedPeopleReachNobody(t *testing.T) {
	x := newSite(t, fine)
	withoutApp := newSite(t, fine)
	withoutApp.App = nil
	for _, tt := range []struct {
		name  string
		x     *site
		actor directory.Actor
		forms []directory.Form
		say   string
	}{
		{"nobody", x, nobody, []directory.Form{directory.FormMe, directory.FormGroup, directory.FormUser, directory.FormMyContact}, "photo.sign-in"},
		{"without permission", x, stranger, []directory.Form{directory.FormGroup, directory.FormTeam, directory.FormMyContact,
			directory.FormMyFolderContact, directory.FormUserContact, directory.FormUserFolderContact}, "photo.needs-permission"},
		{"an employee", x, ann, []directory.Form{directory.FormUser}, "photo.helpdesk-only"},
		{"the helpdesk where there is none", withoutApp, desk, []directory.Form{directory.FormUser, directory.FormUserContact}, "photo.no-app-identity"},
	} {
		for _, form := range tt.forms {
			s := subjectAt(t, paths[form])
			_, errSet := tt.x.Set(t.Context(), tt.actor, s, withReason(t))
			_, errShow := tt.x.Show(t.Context(), tt.actor, s)
			_, errImage := tt.x.Image(t.Context(), tt.actor, s, 96)
			for _, err := range []error{errSet, errShow, errImage} {
				if said(err) != tt.say {
					t.Errorf("%s at %s: %v, want %s", tt.name, s, err, tt.say)
				}
			}
			_, err := tt.x.Remove(t.Context(), tt.actor, s, Change{Order: Order{Reason: "left"}})
			if said(err) != tt.say && said(err) != "photo.remove-impossible" {
				t.Errorf("%s removes %s: %v, want %s", tt.name, s, err, tt.say)
			}
		}
		if asked := tt.x.everything(); len(asked) > 0 {
			t.Errorf("%s: Graph was asked %v", tt.name, asked[0].what)
		}
	}
	_, err := x.Set(t.Context(), stranger, directory.Me(), newUpload(t, 50, 50))
	if e := check(t, err, fault.Forbidden, "photo.needs-permission", fault.NextAllow); e.Scope != "User.ReadWrite" {
		t.Errorf("asks for %s", e.Scope)
	}
}

func TestBusy(t *testing.T) {
	throttled := func(header ...string) http.HandlerFunc { return always(429, "{}", header...) }
	in := func(seconds string) http.HandlerFunc { return throttled("Retry-After", seconds) }
	second := time.Second
	for _, tt := range []struct {
		name   string
		answer http.HandlerFunc
		puts   int
		slept  []time.Duration
		state  State
		wait   time.Duration // until RetryAt
	}{
		{"a second is waited", inTurn(in("1"), fine), 2, []time.Duration{second}, Confirmed, 0},
		{"three times a second too, none early", inTurn(in("1"), in("1"), in("1"), fine), 4, []time.Duration{second, second, second}, Confirmed, 0},
		{"decimals are waited exactly", inTurn(in("2.128"), fine), 2, []time.Duration{2128 * time.Millisecond}, Confirmed, 0},
		{"less than a second is a second", inTurn(in("0.001"), fine), 2, []time.Duration{second}, Confirmed, 0},
		{"an overload is waited as well", inTurn(always(503, "", "Retry-After", "5"), fine), 2, []time.Duration{5 * second}, Confirmed, 0},
		{"a minute is not", in("60"), 1, nil, Waiting, time.Minute},
		{"an hour is not, and is cut", in("3600"), 1, nil, Waiting, 10 * time.Minute},
		{"five seconds in all, then no more", in("2"), 3, []time.Duration{2 * second, 2 * second}, Waiting, 2 * second},
	} {
		t.Run(tt.name, func(t *testing.T) {
			x := newSaver(t, tt.answer)
			saved, err := x.Set(t.Context(), ann, directory.Me(), newUpload(t, 60, 60))
			if err != nil || saved.State != tt.state {
				t.Fatalf("%s, %v; want %s", saved.State, err, tt.state)
			}
			if got := len(x.puts()); got != tt.puts {
				t.Errorf("%d PUTs, want %d", got, tt.puts)
			}
			if diff := cmp.Diff(tt.slept, x.slept); diff != "" {
				t.Error(diff)
			}
			if tt.wait > 0 && !saved.RetryAt.Equal(noon.Add(tt.wait)) || tt.wait == 0 && !saved.RetryAt.IsZero() {
				t.Errorf("again at %v, want in %v", saved.RetryAt, tt.wait)
			}
		})
	}
}

func TestBusyWithoutSayingHowLong(t *testing.T) {
	x := newSaver(t, always(429, "{}"))
	saved, err := x.Set(t.Context(), ann, directory.Me(), newUpload(t, 60, 60))
	if err != nil || saved.State != Waiting || !saved.RetryAt.Equal(noon.Add(unsaidWait)) {
		t.Errorf("%s until %v, %v", saved.State, saved.RetryAt, err)
	}
	var all time.Duration
	for i, d := range x.slept {
		if least := time.Second << i; d < least || d > 2*least {
			t.Errorf("wait %d is %v, want %v to %v", i, d, least, 2*least)
		}
		all += d
	}
	if len(x.slept) == 0 || all > patience {
		t.Errorf("waited %v, want some, and at most %v", x.slept, patience)
	}
}

func TestBusyAndNobodyWaits(t *testing.T) {
	x := newSaver(t, always(429, "{}", "Retry-After", "1"))
	x.Sleep = func(context.Context, time.Duration) error { return context.Canceled }
	saved, err := x.Set(t.Context(), ann, directory.Me(), newUpload(t, 60, 60))
	if err != nil || saved.State != Waiting || len(x.puts()) != 1 {
		t.Errorf("%s after %d PUTs, %v", saved.State, len(x.puts()), err)
	}
}

func TestGraphRefuses(t *testing.T) {
	for _, tt := range []struct {
		name   string
		answer http.HandlerFunc
		state  State
		kind   fault.Kind
		say    string
		next   fault.Next
	}{
		{"the tenant's policy", always(403, `{"error":{"code":"ForbiddenByPolicy","message":"invalid_role"}}`), Failed, fault.Forbidden, "graph.policy", fault.NextHelpdesk},
		{"no mailbox", always(404, `{"error":{"code":"ErrorItemNotFound"}}`), Failed, fault.Forbidden, "graph.no-mailbox", fault.NextHelpdesk},
		{"an outage", always(500, ""), Failed, fault.Unavailable, "graph.unavailable", fault.NextRetry},
		{"the edge", always(502, "<html>"), Failed, fault.Unavailable, "graph.unavailable", fault.NextRetry},
	} {
		t.Run(tt.name, func(t *testing.T) {
			x := newSaver(t, tt.answer)
			saved, err := x.Set(t.Context(), ann, directory.Me(), newUpload(t, 60, 60))
			check(t, err, tt.kind, tt.say, tt.next)
			if saved.State != tt.state || saved.ETag == "" {
				t.Errorf("state %s, ETag %q; want %s", saved.State, saved.ETag, tt.state)
			}
			if len(x.puts()) != 1 {
				t.Errorf("%d PUTs, want 1", len(x.puts()))
			}
		})
	}
}

func TestRemove(t *testing.T) {
	for _, tt := range []struct {
		name   string
		answer http.HandlerFunc
		kind   fault.Kind
		say    string // "" = no error
		next   fault.Next
	}{
		{"a photo", fine, 0, "", ""},
		{"a photo, answered without a body", always(204, ""), 0, "", ""},
		{"none", none, 0, "", ""},
		{"after a second", inTurn(always(429, "", "Retry-After", "1"), fine), 0, "", ""},
		{"from an account that is gone", always(404, `{"error":{"code":"Request_ResourceNotFound"}}`), fault.NotFound, "graph.gone", fault.NextHome},
		{"against the policy", always(403, `{"error":{"code":"ForbiddenByPolicy"}}`), fault.Forbidden, "graph.policy", fault.NextHelpdesk},
	} {
		t.Run(tt.name, func(t *testing.T) {
			x := newSaver(t, tt.answer)
			_, err := x.Remove(t.Context(), ann, directory.Me(), Change{})
			if got := x.changes()[0]; got.what != "DELETE /v1.0/me/photo/$value" || got.token != "Bearer first" {
				t.Errorf("asked %s with %s", got.what, got.token)
			}
			if tt.say == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			check(t, err, tt.kind, tt.say, tt.next)
		})
	}
}
