package auth

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"portrait/internal/directory"
	"portrait/internal/fault"
	"portrait/internal/store"
	"portrait/internal/words"
)

// Finish ends a sign-in with the provider's answer, the query of r: it sets the
// cookie of a new session and ends the one there was. The session of the same
// person takes over the token for forms, so that open pages still work; that of
// another person takes over nothing.
//
// What a person who is signed in declines, or isn't granted, is no error: it is
// in the Outcome, and their session stays as it is.
//
// It fails with fault.BadRequest if this browser has no such sign-in under way,
// fault.Forbidden if the person may not sign in or the provider's answer isn't
// what it must be (with a Link where an administrator must approve), and
// fault.Unavailable or fault.Timeout if the provider fails. Nothing of the
// answer is in what a person is shown.
func (a *Auth) Finish(w http.ResponseWriter, r *http.Request) (Outcome, error) {
	if isFromConsent(r.URL.Query()) {
		return Outcome{ReturnTo: "/"}, nil
	}
	f, began, err := a.takeFlow(r)
	if err != nil {
		return Outcome{}, err
	}
	before, err := a.current(r)
	if err != nil {
		return Outcome{}, err
	}
	if f.Batch != "" {
		return a.finishGrant(w, r, f, began, before)
	}
	c, sid, err := a.redeem(r, f, began)
	if err != nil {
		return a.unfinished(w, f, before, err)
	}
	if before.Actor.Is(c.Actor) {
		c.CSRF, c.Challenge = before.CSRF, before.Challenge.met(f.Claims)
	}
	if err := a.startSession(w, r, c, sid); err != nil {
		return Outcome{}, err
	}
	a.noteGranted(r.Context(), c.Actor.Scopes)
	if _, err := r.Cookie(a.chooseCookie()); err == nil {
		a.setCookie(w, a.chooseCookie(), "", 0)
	}
	other := isOther(before.Actor, c.Actor) || isOther(f.Asker, c.Actor)
	return Outcome{ReturnTo: f.ReturnTo, Other: other, Declined: a.declined(f, c.Actor)}, nil
}

// isFromConsent reports whether the provider sends somebody back from
// AdminConsentURL, not from a sign-in: an answer to a sign-in has a state.
func isFromConsent(answer url.Values) bool {
	return !answer.Has("state") && !answer.Has("code") && (answer.Has("admin_consent") || answer.Has("error"))
}

// isOther reports whether before was somebody, and somebody else than now.
func isOther(before, now directory.Actor) bool {
	return before.ID != "" && !before.Is(now)
}

// redeem trades the code in r's answer to f for tokens, and returns what the
// session of the person that they speak of begins with.
func (a *Auth) redeem(r *http.Request, f flow, began time.Time) (c content, sid string, err error) {
	ctx := r.Context()
	p, err := a.metadata.provider(ctx)
	if err != nil {
		return content{}, "", err
	}
	code, err := a.readAnswer(p, r.URL.Query())
	if err != nil {
		return content{}, "", err
	}
	form := url.Values{
		"grant_type": {"authorization_code"}, "code": {code}, "code_verifier": {f.Verifier},
		"redirect_uri": {p.oauth.RedirectURL}, "claims": {mustClaims(f.Claims)},
	}
	t, err := a.ask(ctx, p, form, func(r reason) error { return r.fault("auth.redeem") })
	if err != nil {
		return content{}, "", err
	}
	who, err := a.identify(ctx, p, t, expectation{nonce: f.Nonce, notBefore: began})
	if err != nil {
		return content{}, "", err
	}
	now := a.config.Now()
	c = content{CSRF: randomText(), SignedIn: now}
	c.take(who, now)
	c.Actor.Scopes = a.bareScopes(f.Scopes) // unless the answer says what was given
	a.takeTokens(&c, t)
	return c, who.sid, nil
}

// unfinished is what came of f where it failed with err. before is the session
// of this browser, which stays.
func (a *Auth) unfinished(w http.ResponseWriter, f flow, before content, err error) (Outcome, error) {
	const op = "auth.Finish"
	var r reason
	_ = errors.As(err, &r) // without a reason of the provider's, it is zero and none of the below
	switch {
	case r.isDeclined() && before.Actor.ID != "" && f.For != "":
		return Outcome{ReturnTo: f.ReturnTo, Declined: f.For}, nil
	case r.isDeclined() && before.Actor.ID != "":
		return Outcome{}, &fault.Error{Op: op, Kind: fault.Forbidden, Say: words.M("signin.interrupted"), Next: fault.NextSignIn, Err: r}
	case r.needsAdmin():
		e := *fault.As(err)
		e.Link = a.adminConsentURL(f.Scopes...)
		if f.For != "" {
			e.Say = words.M("signin.needs-admin")
		}
		return Outcome{}, &e
	case errors.Is(err, errOtherAccount), r.has(codeNotAssigned):
		a.setCookie(w, a.chooseCookie(), "1", flowAge)
	}
	return Outcome{}, afterwards(err)
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

// startSession puts c into a new session of this browser and ends the one it
// had, whoever's that was. sid is the provider's session.
func (a *Auth) startSession(w http.ResponseWriter, r *http.Request, c content, sid string) error {
	if old := secretCookie(r, a.sessions.name()); old != nil {
		if err := a.config.Store.EndSession(r.Context(), old); err != nil {
			return err
		}
	}
	session := a.sessions.fresh()
	session.Values[savedKey{}] = saved{content: c, row: store.Session{
		Tenant: c.Actor.Tenant, Person: c.Actor.ID, SID: sid, Created: c.SignedIn,
	}}
	return session.Save(r, w)
}

// takeTokens puts the tokens of an answer into c. What the answer leaves out
// stays as it was.
func (a *Auth) takeTokens(c *content, t answer) {
	c.Tokens.Access = t.Access
	c.Tokens.Expires = a.config.Now().Add(t.life())
	if t.Refresh != "" {
		c.Tokens.Refresh = t.Refresh
	}
	if scope, ok := t.Scope.(string); ok && scope != "" {
		c.Actor.Scopes = a.bareScopes(strings.Fields(scope))
	}
}

// single returns the value of the parameter called name if it is there exactly
// once and not empty.
func single(q url.Values, name string) (string, bool) {
	if len(q[name]) != 1 || q[name][0] == "" {
		return "", false
	}
	return q[name][0], true
}
