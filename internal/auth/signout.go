package auth

import (
	"context"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"

	"portrait/internal/fault"
	"portrait/internal/words"
)

// maxSIDBytes is the longest session id of a provider that is looked for.
// Entra's has 36 bytes.
const maxSIDBytes = 512

// SignOut ends the session of r, its tokens included, and its cookie. It
// returns the provider's sign-out to go to, or "/" where there was no session
// or the provider can't be reached or has no sign-out.
//
// An error means that the database failed and the session still lives.
func (a *Auth) SignOut(w http.ResponseWriter, r *http.Request) (location string, err error) {
	session, err := a.sessions.Get(r, a.sessions.name())
	if err != nil {
		return "", err
	}
	session.Options.MaxAge = -1
	if err := session.Save(r, w); err != nil {
		return "", err
	}
	if session.IsNew {
		return "/", nil
	}
	state := random(32)
	location = a.endSession(r.Context(), session.Values[savedKey{}].(saved).content.Hint, state)
	if location != "/" {
		a.setCookie(w, a.signOutCookie(), base64.RawURLEncoding.EncodeToString(state), flowAge)
	}
	return location, nil
}

// endSession returns the address of the provider's sign-out, which comes back to
// the first page with state. It has no ID token in it: addresses are kept in
// histories and logs.
//
// Source: https://openid.net/specs/openid-connect-rpinitiated-1_0.html
func (a *Auth) endSession(ctx context.Context, hint string, state []byte) string {
	p, err := a.metadata.provider(ctx)
	if err != nil || p.endpoints.EndSession == "" {
		return "/"
	}
	u, err := url.Parse(p.endpoints.EndSession)
	if err != nil {
		return "/"
	}
	q := u.Query()
	q.Set("client_id", a.config.ClientID)
	q.Set("post_logout_redirect_uri", a.config.BaseURL+"/")
	q.Set("state", base64.RawURLEncoding.EncodeToString(state))
	if hint != "" {
		q.Set("logout_hint", hint)
	}
	u.RawQuery = q.Encode()
	return u.String()
}

// SignedOut reports whether r comes back from the provider's sign-out that this
// browser was sent to, which it may say once. A state that another site or
// another sign-out has made up says nothing.
func (a *Auth) SignedOut(w http.ResponseWriter, r *http.Request) bool {
	want := secretCookie(r, a.signOutCookie())
	given, ok := single(r.URL.Query(), "state")
	if want == nil || !ok {
		return false
	}
	if subtle.ConstantTimeCompare([]byte(base64.RawURLEncoding.EncodeToString(want)), []byte(given)) != 1 {
		return false
	}
	a.setCookie(w, a.signOutCookie(), "", 0)
	return true
}

// signOutCookie is the name of the cookie that remembers the state of a
// sign-out.
func (a *Auth) signOutCookie() string { return a.sessions.name() + "-signout" }

// EndByProvider ends the sessions that belong to the provider's session in r's
// query: sid, with iss where the provider names itself. It is the front-channel
// logout: the request comes from a frame of the provider's page, so it carries
// no cookie of ours, and sid, which only the provider and the browser's ID
// tokens know, is all that it goes by. A sid that no session has ends none.
//
// It fails with fault.BadRequest if sid isn't there exactly once or iss is
// another's, and then ends nothing.
//
// Source: https://openid.net/specs/openid-connect-frontchannel-1_0.html
func (a *Auth) EndByProvider(r *http.Request) error {
	const op = "auth.EndByProvider"
	q := r.URL.Query()
	sid, ok := single(q, "sid")
	if !ok || len(sid) > maxSIDBytes {
		return notOurs(op, errors.New("there is not exactly one sid"))
	}
	if issuer, ok := single(q, "iss"); q.Has("iss") && (!ok || issuer != a.config.Issuer) {
		return notOurs(op, errors.New("iss names another issuer"))
	}
	ended, err := a.config.Store.EndSessionsBySID(r.Context(), sid)
	if err != nil {
		return err
	}
	a.config.Log.InfoContext(r.Context(), "the provider ended sessions", "count", ended)
	return nil
}

func notOurs(op string, err error) error {
	return &fault.Error{Op: op, Kind: fault.BadRequest, Say: words.M("fault.bad-request"), Next: fault.NextHome, Err: err}
}
