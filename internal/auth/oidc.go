package auth

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"portrait/internal/fault"
	"portrait/internal/store"
	"portrait/internal/words"
)

// flowAge is how long a person has for a sign-in. Entra's codes live as long.
const flowAge = 10 * time.Minute

// ownPhoto is the Graph permission that everybody is asked for at sign-in.
// Others are asked for when they are needed.
//
// Source: https://learn.microsoft.com/graph/api/profilephoto-update#permissions
const ownPhoto = "User.ReadWrite"

// defaultLife is how long an access token is taken to live if the provider
// doesn't say. If it is less, Graph says so and Refused helps.
const defaultLife = time.Hour

// flow is what is remembered of a sign-in between Begin and Finish.
type flow struct {
	Nonce    string
	Verifier string // PKCE
	ReturnTo string
}

// scopes are what a sign-in asks for.
func (a *Auth) scopes() []string {
	return []string{oidc.ScopeOpenID, "profile", oidc.ScopeOfflineAccess, a.ownPhoto()}
}

// ownPhoto is ownPhoto as this cloud's Graph spells it.
func (a *Auth) ownPhoto() string { return a.config.ScopePrefix + ownPhoto }

// Begin starts a sign-in and returns the provider's address to go to; a cookie
// binds it to this browser. Finish will return returnTo, made safe.
//
// It fails with fault.Unavailable or fault.Timeout if the provider hasn't been
// reached yet and can't be.
func (a *Auth) Begin(w http.ResponseWriter, r *http.Request, returnTo string) (location string, err error) {
	const op = "auth.Begin"
	p, err := a.metadata.provider(r.Context())
	if err != nil {
		return "", err
	}
	// A browser that has begun keeps its cookie: several tabs can sign in at
	// once, each with a flow of its own.
	browser := secretCookie(r, a.flowCookie())
	if browser == nil {
		browser = random(store.SecretBytes)
	}
	state := randomText()
	f := flow{Nonce: randomText(), Verifier: oauth2.GenerateVerifier(), ReturnTo: SafeReturn(returnTo)}
	data, err := json.Marshal(f)
	if err != nil {
		return "", fmt.Errorf("%s: %w", op, err)
	}
	err = a.config.Store.CreateFlow(r.Context(), state, browser, store.Flow{Created: a.config.Now(), Data: data})
	if err != nil {
		return "", err
	}
	http.SetCookie(w, &http.Cookie{
		Name: a.flowCookie(), Value: base64.RawURLEncoding.EncodeToString(browser), Path: "/",
		MaxAge: int(flowAge / time.Second), Secure: a.secure(), HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
	return p.oauth.AuthCodeURL(state, oidc.Nonce(f.Nonce), oauth2.S256ChallengeOption(f.Verifier)), nil
}

// flowCookie is the name of the cookie that binds sign-ins to a browser.
func (a *Auth) flowCookie() string { return a.sessions.name() + "-signin" }

// Finish ends a sign-in with the provider's answer, the query of r: it sets the
// cookie of a new session, ends the one there was, and returns where to go.
//
// It fails with fault.BadRequest if this browser has no such sign-in under way,
// fault.Forbidden if the person may not sign in or the provider's answer isn't
// what it must be, and fault.Unavailable or fault.Timeout if the provider
// fails. Nothing of the answer is in what a person is shown.
func (a *Auth) Finish(w http.ResponseWriter, r *http.Request) (returnTo string, err error) {
	f, began, err := a.takeFlow(r)
	if err != nil {
		return "", err
	}
	p, err := a.metadata.provider(r.Context())
	if err != nil {
		return "", afterwards(err)
	}
	code, err := a.readAnswer(p, r.URL.Query())
	if err != nil {
		return "", err
	}
	ctx := oidc.ClientContext(r.Context(), a.client)
	token, err := p.oauth.Exchange(ctx, code, oauth2.VerifierOption(f.Verifier))
	if err != nil {
		return "", afterwards(tokenFault("auth.exchange", err))
	}
	who, err := a.identify(ctx, p, token, expectation{nonce: f.Nonce, notBefore: began})
	if err != nil {
		return "", afterwards(err)
	}
	if err := a.startSession(w, r, token, who); err != nil {
		return "", err
	}
	return f.ReturnTo, nil
}

// takeFlow uses up the sign-in that r's state names, if this browser began it
// and not too long ago.
func (a *Auth) takeFlow(r *http.Request) (flow, time.Time, error) {
	const op = "auth.takeFlow"
	stale := &fault.Error{Op: op, Kind: fault.BadRequest, Say: words.M("signin.stale"), Next: fault.NextSignIn}
	browser := secretCookie(r, a.flowCookie())
	state, ok := single(r.URL.Query(), "state")
	if browser == nil || !ok {
		return flow{}, time.Time{}, stale
	}
	taken, err := a.config.Store.TakeFlow(r.Context(), state, browser, a.config.Now().Add(-flowAge))
	if errors.Is(err, store.ErrNone) || errors.Is(err, store.ErrSealed) {
		return flow{}, time.Time{}, stale
	}
	if err != nil {
		return flow{}, time.Time{}, err
	}
	var f flow
	if err := json.Unmarshal(taken.Data, &f); err != nil {
		return flow{}, time.Time{}, stale // written by another version of ours
	}
	return f, taken.Created, nil
}

// readAnswer returns the code in the provider's answer, or what it says
// instead.
func (a *Auth) readAnswer(p *provider, answer url.Values) (code string, err error) {
	const op = "auth.readAnswer"
	// RFC 9207: an answer that names another issuer was meant for, or made by,
	// somebody else.
	if issuer, ok := single(answer, "iss"); answer.Has("iss") && (!ok || issuer != a.config.Issuer) {
		return "", refused(op, errors.New("iss names another issuer"))
	}
	if p.endpoints.SendsIssuer && !answer.Has("iss") {
		return "", refused(op, errors.New("iss is missing"))
	}
	if answer.Has("error") {
		return "", answerFault(op, answer)
	}
	if answer.Has("id_token") || answer.Has("access_token") {
		return "", refused(op, errors.New("tokens came by way of the browser"))
	}
	code, ok := single(answer, "code")
	if !ok {
		return "", refused(op, errors.New("there is not exactly one code"))
	}
	return code, nil
}

// startSession puts who into a new session of this browser and ends the one it
// had, whoever's that was.
func (a *Auth) startSession(w http.ResponseWriter, r *http.Request, token *oauth2.Token, who identity) error {
	if old := secretCookie(r, a.sessions.name()); old != nil {
		if err := a.config.Store.EndSession(r.Context(), old); err != nil {
			return err
		}
	}
	now := a.config.Now()
	c := content{CSRF: randomText(), SignedIn: now}
	c.take(who, now)
	c.Actor.Scopes = []string{a.ownPhoto()} // what was asked for, unless the answer says what was given
	a.takeTokens(&c, token)
	session := a.sessions.fresh()
	session.Values[savedKey{}] = saved{content: c, row: store.Session{
		Tenant: who.actor.Tenant, Person: who.actor.ID, SID: who.sid, Created: now,
	}}
	return session.Save(r, w)
}

// takeTokens puts the tokens of an answer into c. What the answer leaves out
// stays as it was.
func (a *Auth) takeTokens(c *content, token *oauth2.Token) {
	life := time.Duration(token.ExpiresIn) * time.Second
	if life <= 0 {
		life = defaultLife
	}
	c.Tokens.Access = token.AccessToken
	c.Tokens.Expires = a.config.Now().Add(life) // not token.Expiry, which is by another clock
	if token.RefreshToken != "" {
		c.Tokens.Refresh = token.RefreshToken
	}
	if scope, ok := token.Extra("scope").(string); ok && scope != "" {
		c.Actor.Scopes = strings.Fields(scope)
	}
	for i, scope := range c.Actor.Scopes {
		c.Actor.Scopes[i] = a.bareScope(scope)
	}
	slices.Sort(c.Actor.Scopes)
}

// bareScope returns scope in lower case without Graph's host, which providers
// put before it even where it was asked for without.
func (a *Auth) bareScope(scope string) string {
	scope = strings.ToLower(scope)
	for _, prefix := range []string{strings.ToLower(a.config.ScopePrefix), "https://graph.microsoft.com/"} {
		if bare, ok := strings.CutPrefix(scope, prefix); ok && prefix != "" {
			return bare
		}
	}
	return scope
}

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
	return a.endSession(r.Context(), session.Values[savedKey{}].(saved).content.Hint), nil
}

// endSession returns the address of the provider's sign-out. It has no ID token
// in it: addresses are kept in histories and logs.
//
// Source: https://openid.net/specs/openid-connect-rpinitiated-1_0.html
func (a *Auth) endSession(ctx context.Context, hint string) string {
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
	if hint != "" {
		q.Set("logout_hint", hint)
	}
	u.RawQuery = q.Encode()
	return u.String()
}

// single returns the value of the parameter called name if it is there exactly
// once and not empty.
func single(q url.Values, name string) (string, bool) {
	if len(q[name]) != 1 || q[name][0] == "" {
		return "", false
	}
	return q[name][0], true
}
