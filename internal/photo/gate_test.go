package photo

import (
	"context"
	"encoding/base64"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"portrait/internal/directory"
	"portrait/internal/fault"
)

// TestSecurityGate asserts whose token each form gets, for everybody whom decide lets
// through.
func TestSecurityGate(t *testing.T) {
	x := newSite(t, fine)
	for _, tt := range []struct {
		form           directory.Form
		employee, desk string // "" = none
	}{
		{directory.FormMe, "first", "first"},
		{directory.FormMyContact, "first", "first"},
		{directory.FormMyFolderContact, "first", "first"},
		{directory.FormGroup, "first", "first"},
		{directory.FormTeam, "first", "first"},
		{directory.FormUser, "", "app"},
		{directory.FormUserContact, "first", "app"},
		{directory.FormUserFolderContact, "first", "app"},
	} {
		for _, act := range []action{see, set} {
			for _, who := range []struct {
				actor directory.Actor
				want  string
			}{{ann, tt.employee}, {desk, tt.desk}} {
				r := request{actor: who.actor, act: act, subject: subjectAt(t, paths[tt.form]), facts: best}
				got, err := x.token(t.Context(), r)
				if got.token != who.want || got.app != (who.want == "app") || (err == nil) != (who.want != "") {
					t.Errorf("%s, %s %s: %q, %v; want %q", who.actor.Role, act, r.subject, got.token, err, who.want)
				}
			}
		}
	}
}

func TestSecurityGateAsksNobodyForTheRefused(t *testing.T) {
	x := newSite(t, fine)
	x.Delegated = func(context.Context, directory.Actor) (string, error) {
		t.Error("Delegated was called")
		return "", nil
	}
	x.App = func(context.Context) (string, error) { t.Error("App was called"); return "", nil }
	for _, path := range paths {
		for _, actor := range []directory.Actor{nobody, stranger} {
			if _, err := x.token(t.Context(), request{actor: actor, act: set, subject: subjectAt(t, path)}); err == nil {
				t.Errorf("%s: no error", path)
			}
		}
	}
	if _, err := x.token(t.Context(), request{actor: desk, act: set, subject: subjectAt(t, paths[directory.FormUser])}); err == nil {
		t.Error("the helpdesk gets a token though nothing is known")
	}
}

func TestWithoutAppIdentity(t *testing.T) {
	x := newSite(t, fine)
	r := request{actor: desk, act: set, subject: subjectAt(t, paths[directory.FormUser]), facts: best}
	x.App = nil
	_, err := x.token(t.Context(), r)
	check(t, err, fault.Forbidden, "photo.no-app-identity", fault.NextAdmin)
}

// tokens returns the tokens of the requests so far.
func (x *site) tokens() []string {
	var tokens []string
	for _, a := range x.asked() {
		tokens = append(tokens, a.token)
	}
	return tokens
}

func TestRefusedToken(t *testing.T) {
	t.Run("another token is fetched once", func(t *testing.T) {
		x := newSite(t, inTurn(expired, fine))
		saved, err := x.Set(t.Context(), ann, directory.Me(), newUpload(t, 60, 60))
		if err != nil || saved.State != Confirmed || x.refusals != 1 {
			t.Errorf("%s, %v, %d refusals", saved.State, err, x.refusals)
		}
		if diff := cmp.Diff([]string{"Bearer first", "Bearer second", "Bearer second"}, x.tokens()); diff != "" { // to look, to look again, to change
			t.Error(diff)
		}
	})
	t.Run("not twice", func(t *testing.T) {
		x := newSite(t, expired)
		_, err := x.Set(t.Context(), ann, directory.Me(), newUpload(t, 60, 60))
		check(t, err, fault.SignIn, "graph.sign-in", fault.NextSignIn)
		if len(x.asked()) != 2 || x.refusals != 1 {
			t.Errorf("%d requests, %d refusals; want 2 and 1", len(x.asked()), x.refusals)
		}
	})
	t.Run("there is no other", func(t *testing.T) {
		x := newSite(t, expired)
		x.Refused = func(context.Context, directory.Actor, string) (string, error) { return "", signIn("test") }
		_, err := x.Remove(t.Context(), ann, directory.Me(), Change{})
		check(t, err, fault.SignIn, "photo.sign-in", fault.NextSignIn)
		if len(x.asked()) != 1 {
			t.Errorf("%d requests, want 1", len(x.asked()))
		}
	})
	t.Run("a claims challenge goes to the person", func(t *testing.T) {
		const claims = `{"access_token":{"nbf":{"essential":true}}}`
		x := newSite(t, always(401, "", "WWW-Authenticate",
			`Bearer error="insufficient_claims", claims="`+base64.StdEncoding.EncodeToString([]byte(claims))+`"`))
		_, err := x.Set(t.Context(), ann, directory.Me(), newUpload(t, 60, 60))
		if e := check(t, err, fault.SignIn, "graph.sign-in-claims", fault.NextSignIn); e.Claims != claims || x.refusals != 0 {
			t.Errorf("claims %q, %d refusals", e.Claims, x.refusals)
		}
	})
	t.Run("the app's once more with another", func(t *testing.T) {
		x := newSite(t, func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Authorization") == "Bearer app" {
				w.WriteHeader(http.StatusUnauthorized)
			}
		})
		r := request{actor: desk, act: set, subject: subjectAt(t, paths[directory.FormUser]), facts: best}
		err := x.withToken(t.Context(), r, func(token string) error {
			_, err := x.Graph.PutPhoto(t.Context(), token, r.subject, []byte("jpeg"))
			return err
		})
		if err != nil {
			t.Error(err)
		}
	})
	t.Run("the app's is nobody's sign-in", func(t *testing.T) {
		x := newSite(t, expired)
		r := request{actor: desk, act: set, subject: subjectAt(t, paths[directory.FormUser]), facts: best}
		err := x.withToken(t.Context(), r, func(token string) error {
			_, err := x.Graph.PutPhoto(t.Context(), token, r.subject, []byte("jpeg"))
			return err
		})
		check(t, err, fault.Unavailable, "signin.app-refused", fault.NextAdmin)
		if diff := cmp.Diff([]string{"Bearer app", "Bearer app again"}, x.tokens()); diff != "" || x.refusals != 0 {
			t.Errorf("%d refusals, %s", x.refusals, diff)
		}
	})
}
