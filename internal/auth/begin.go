package auth

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"portrait/internal/directory"
	"portrait/internal/fault"
	"portrait/internal/store"
	"portrait/internal/words"
)

// flowAge is how long a person has for a sign-in. Entra's codes live as long.
const flowAge = 10 * time.Minute

// flow is what is remembered of a sign-in between Begin and Finish.
type flow struct {
	Nonce    string
	Verifier string // PKCE
	ReturnTo string
	For      string          // of the Wish
	Scopes   []string        // of Graph, asked for
	Claims   string          // the challenge that it is to meet, "" for none
	Asker    directory.Actor // who was signed in, as far as Is looks; zero for nobody
}

// Begin starts a sign-in and returns the provider's address to go to; a cookie
// binds it to this browser. Finish will return wish.ReturnTo, made safe.
//
// Who is signed in keeps what they were granted: it is asked for again with what
// is new. A claims challenge (Challenged) goes with it.
//
// It fails with fault.BadRequest if there is no such wish, and with
// fault.Unavailable or fault.Timeout if the provider hasn't been reached yet and
// can't be.
func (a *Auth) Begin(w http.ResponseWriter, r *http.Request, wish Wish) (location string, err error) {
	const op = "auth.Begin"
	wanted, err := a.scopesFor(wish.For)
	if err != nil {
		return "", err
	}
	p, err := a.metadata.provider(r.Context())
	if err != nil {
		return "", err
	}
	now, err := a.current(r)
	if err != nil {
		return "", err
	}
	f := flow{
		Nonce: randomText(), Verifier: oauth2.GenerateVerifier(), ReturnTo: SafeReturn(wish.ReturnTo), For: wish.For,
		Scopes: union(now.Actor.Scopes, wanted), Claims: now.Challenge.Claims,
		Asker: directory.Actor{Tenant: now.Actor.Tenant, ID: now.Actor.ID},
	}
	// A browser that has begun keeps its cookie: several tabs can sign in at
	// once, each with a flow of its own.
	browser := secretCookie(r, a.flowCookie())
	if browser == nil {
		browser = random(store.SecretBytes)
	}
	state := randomText()
	data, err := json.Marshal(f)
	if err != nil {
		return "", fmt.Errorf("%s: %w", op, err)
	}
	err = a.config.Store.CreateFlow(r.Context(), state, browser, store.Flow{Created: a.config.Now(), Data: data})
	if err != nil {
		return "", err
	}
	a.setCookie(w, a.flowCookie(), base64.RawURLEncoding.EncodeToString(browser), flowAge)
	return p.oauth.AuthCodeURL(state, a.parameters(r, f, now)...), nil
}

// parameters are what f asks the provider for, of a browser in which the person
// of now is signed in.
func (a *Auth) parameters(r *http.Request, f flow, now content) []oauth2.AuthCodeOption {
	options := []oauth2.AuthCodeOption{
		oidc.Nonce(f.Nonce), oauth2.S256ChallengeOption(f.Verifier),
		oauth2.SetAuthURLParam("scope", a.scopeParam(f.Scopes)), oauth2.SetAuthURLParam("claims", mustClaims(f.Claims)),
	}
	if _, err := r.Cookie(a.chooseCookie()); err == nil {
		// The provider would sign in the account that was refused, unasked.
		return append(options, oauth2.SetAuthURLParam("prompt", "select_account"))
	}
	if hint := cmp.Or(now.Hint, now.Actor.UPN); hint != "" {
		options = append(options, oauth2.SetAuthURLParam("login_hint", hint))
	}
	return options
}

// current returns the content of r's session, zero where there is none.
func (a *Auth) current(r *http.Request) (content, error) {
	session, err := a.sessions.Get(r, a.sessions.name())
	if err != nil {
		return content{}, err
	}
	this, _ := session.Values[savedKey{}].(saved) // zero in a new session
	return this.content, nil
}

// flowCookie is the name of the cookie that binds sign-ins to a browser.
func (a *Auth) flowCookie() string { return a.sessions.name() + "-signin" }

// chooseCookie is the name of the cookie that a browser has while its next
// sign-in must offer another account.
func (a *Auth) chooseCookie() string { return a.sessions.name() + "-choose" }

// setCookie sets a cookie that lives for age, or removes it where age isn't
// above zero.
func (a *Auth) setCookie(w http.ResponseWriter, name, value string, age time.Duration) {
	seconds := int(age / time.Second)
	if seconds <= 0 {
		seconds = -1
	}
	http.SetCookie(w, &http.Cookie{ // #nosec G124 -- Secure is off only where the site is http on this machine, see New
		Name: name, Value: value, Path: "/",
		MaxAge: seconds, Secure: a.secure(), HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
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
