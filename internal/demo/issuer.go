package demo

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// newProvider returns the OpenID provider behind the tenant's endpoints.
//
// Its ID tokens carry the tid of whoever signs in, also of people from
// elsewhere, under the one issuer: so the app has something to refuse.
func (t *Tenant) newProvider() (*op.Provider, error) {
	config := &op.Config{
		CodeMethodS256: true, AuthMethodPost: true, GrantTypeRefreshToken: true,
		DefaultLogoutRedirectURI: t.base + "/signed-out",
	}
	_, _ = rand.Read(config.CryptoKey[:]) // never fails
	at := func(name, path string) *op.Endpoint { return op.NewEndpointWithURL(name, t.base+t.path(path)) }
	return op.NewProvider(config, storage{t}, op.StaticIssuer(t.Issuer()),
		op.WithAllowInsecure(), // http, on loopback
		op.WithCORSOptions(nil),
		op.WithCustomAuthEndpoint(at("authorize", "/oauth2/v2.0/authorize")),
		op.WithCustomTokenEndpoint(at("token", "/oauth2/v2.0/token")),
		op.WithCustomEndSessionEndpoint(at("logout", "/oauth2/v2.0/logout")),
		op.WithCustomKeysEndpoint(at("keys", "/discovery/v2.0/keys")),
	)
}

// routeProvider gives the provider's endpoints the paths that Entra ID has
// them under. Only these exist; op's others are left out.
func (t *Tenant) routeProvider(mux *http.ServeMux) {
	own := func(prefix string) http.Handler { return http.StripPrefix(t.path(prefix), t.provider) }
	oauth := own("/oauth2/v2.0")
	handle := func(pattern string, h http.Handler) {
		method, path, _ := strings.Cut(pattern, " ")
		mux.Handle(method+" "+t.path(path), t.reachable(h))
	}
	handle("GET /v2.0/.well-known/openid-configuration", http.HandlerFunc(t.discover))
	handle("GET /discovery/v2.0/keys", own("/discovery/v2.0"))
	handle("GET /oauth2/v2.0/authorize", t.authorize(oauth))
	handle("POST /oauth2/v2.0/authorize", t.authorize(oauth))
	handle("GET /oauth2/v2.0/authorize/callback", t.whenChosen(oauth))
	handle("POST /oauth2/v2.0/token", t.token(oauth))
	handle("GET /oauth2/v2.0/logout", http.HandlerFunc(t.logout))
	handle("POST /oauth2/v2.0/logout", http.HandlerFunc(t.logout))
	sameOrigin := http.NewCrossOriginProtection()
	handle("GET /login", http.HandlerFunc(t.showLogin))
	handle("POST /login", sameOrigin.Handler(http.HandlerFunc(t.login)))
	handle("GET /consent", http.HandlerFunc(t.showConsent))
	handle("POST /consent", sameOrigin.Handler(http.HandlerFunc(t.consent)))
}

// reachable drops the connection while the weather says that the provider is
// down, says the tenant's time, and bounds what is read.
func (t *Tenant) reachable(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sky := t.sky()
		if sky.ProviderDown {
			drop()
		}
		if sky.ProviderSlow > 0 {
			select {
			case <-time.After(sky.ProviderSlow):
			case <-r.Context().Done():
				drop()
			}
		}
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Date", t.now().UTC().Format(http.TimeFormat))
		r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
		h.ServeHTTP(w, r)
	})
}

// discover answers the provider's metadata, as Entra ID words it: op's own
// document names endpoints that this tenant doesn't have.
func (t *Tenant) discover(w http.ResponseWriter, _ *http.Request) {
	at := func(path string) string { return t.base + t.path(path) }
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_ = json.NewEncoder(w).Encode(map[string]any{ // whoever asked may be gone
		"issuer":                                t.Issuer(),
		"authorization_endpoint":                at("/oauth2/v2.0/authorize"),
		"token_endpoint":                        at("/oauth2/v2.0/token"),
		"end_session_endpoint":                  at("/oauth2/v2.0/logout"),
		"jwks_uri":                              at("/discovery/v2.0/keys"),
		"response_modes_supported":              []string{"query", "form_post"},
		"response_types_supported":              []string{"code"},
		"grant_types_supported":                 []string{"authorization_code", "refresh_token", "client_credentials"},
		"subject_types_supported":               []string{"pairwise"},
		"id_token_signing_alg_values_supported": []string{"RS256"},
		"code_challenge_methods_supported":      []string{"S256"},
		"token_endpoint_auth_methods_supported": []string{"client_secret_post", "private_key_jwt", "client_secret_basic"},
		"scopes_supported":                      []string{"openid", "profile", "email", "offline_access"},
		"claims_supported": []string{"sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "at_hash", "c_hash",
			"preferred_username", "name", "tid", "oid", "ver", "sid", "login_hint", "roles"},
		"request_uri_parameter_supported": false,
		"msgraph_host":                    strings.TrimPrefix(t.base, "http://"),
	})
}

// visit is what a request to sign in brings beside its parameters for op.
type visit struct {
	session *session // of the browser at the provider, or nil
	claims  claimsRequest
}

// visitKey is the context's key of the visit.
type visitKey struct{}

// authorize answers itself what must be refused, since op would write the
// process's log about what is an everyday thing here, and leaves the rest to op.
func (t *Tenant) authorize(op http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v := visit{session: t.sessionOf(r)}
		q, redirect, err := t.readSignIn(r, &v)
		switch {
		case err != nil && redirect:
			t.refuseSignIn(w, r, q, err)
		case err != nil:
			http.Error(w, aadsts(err.code, err.text), http.StatusBadRequest)
		default:
			op.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), visitKey{}, v)))
		}
	})
}

// signIn is what a request to sign in asks for, as far as it is checked here.
type signIn struct{ redirectURI, state string }

// readSignIn checks a request to sign in as Entra ID does, and completes v. An
// error may be told to the app where redirect is true.
func (t *Tenant) readSignIn(r *http.Request, v *visit) (q signIn, redirect bool, e *signInError) {
	_ = r.ParseForm() // what can't be read is missing below
	is := func(name, want string) bool { return r.Form.Get(name) == want }
	q = signIn{r.Form.Get("redirect_uri"), r.Form.Get("state")}
	switch {
	case !is("client_id", clientID):
		return q, false, &signInError{"invalid_request", 700016, "Application with this identifier was not found in the directory."}
	case q.redirectURI == "" || q.redirectURI != t.registered().redirectURL:
		return q, false, &signInError{"invalid_request", 50011, "The redirect URI specified in the request does not match the redirect URIs configured for the application."}
	case !is("response_type", "code"):
		return q, true, &signInError{"unauthorized_client", 70005, "The response_type is not enabled for the application."}
	case is("code_challenge", "") || !is("code_challenge_method", "S256"):
		return q, true, &signInError{"invalid_request", 50161, "PKCE with code_challenge_method S256 is required."}
	}
	scopes := strings.Fields(r.Form.Get("scope"))
	if !slices.Contains(scopes, oidc.ScopeOpenID) {
		return q, true, &signInError{"invalid_scope", 70011, "The scope openid is required."}
	}
	var err error
	if v.claims, err = readClaims(r.Form.Get("claims")); err != nil {
		return q, true, &signInError{"invalid_request", 9002313, "Invalid request. The claims parameter is not valid JSON."}
	}
	if is("prompt", "none") {
		e = t.maySilently(v.session, r.Form.Get("login_hint"), scopes)
	}
	return q, true, e
}

// maySilently refuses a sign-in without a page where a page is needed.
func (t *Tenant) maySilently(v *session, hint string, scopes []string) *signInError {
	switch {
	case v == nil, hint != "" && t.byHint(hint) != v.person:
		return &signInError{"login_required", 50058, "A silent sign-in request was sent but no user is signed in."}
	case len(t.signIns.missing(v.person, t.signIns.graphScopes(scopes))) > 0:
		return &signInError{consentRequired, 65001, "The user or administrator has not consented to use the application."}
	}
	return nil
}

// consentRequired is the error where a person, or an administrator, would have
// to allow more.
const consentRequired = "consent_required"

// signInError is what the app hears where nobody signs in.
type signInError struct {
	name string // "access_denied"
	code int    // the AADSTS number
	text string
}

// refuseSignIn sends the browser back to the app with e.
func (t *Tenant) refuseSignIn(w http.ResponseWriter, r *http.Request, q signIn, e *signInError) {
	to, err := url.Parse(q.redirectURI)
	if err != nil { // can't be: it is the registered one
		t.expired(w, r)
		return
	}
	answer := to.Query()
	answer.Set("error", e.name)
	answer.Set("error_description", aadsts(e.code, e.text))
	if q.state != "" {
		answer.Set("state", q.state)
	}
	to.RawQuery = answer.Encode()
	http.Redirect(w, r, to.String(), http.StatusSeeOther)
}

// whenChosen shows a page where somebody comes to the end of a sign-in that
// has run out or in which nobody has been chosen.
func (t *Tenant) whenChosen(op http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if req := t.signIns.pending(r.URL.Query().Get("id")); req == nil || !req.Done() || req.coded {
			t.expired(w, r)
			return
		}
		op.ServeHTTP(w, r)
	})
}

// logout ends the browser's session and goes where the app wants, if that is
// registered.
func (t *Tenant) logout(w http.ResponseWriter, r *http.Request) {
	if v := t.sessionOf(r); v != nil {
		t.signIns.close(v.id)
	}
	http.SetCookie(w, t.cookie("", -1))
	to, err := url.Parse(r.FormValue("post_logout_redirect_uri"))
	if err != nil || to.String() == "" || to.String() != t.registered().postLogoutURL {
		http.Redirect(w, r, "/signed-out", http.StatusSeeOther)
		return
	}
	if state := r.FormValue("state"); state != "" {
		q := to.Query()
		q.Set("state", state)
		to.RawQuery = q.Encode()
	}
	http.Redirect(w, r, to.String(), http.StatusSeeOther)
}

// bearer returns what the request's access token stands for, or nil.
func (t *Tenant) bearer(r *http.Request) *accessToken {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return nil
	}
	plain, err := t.provider.Crypto().Decrypt(token)
	if err != nil {
		return nil
	}
	id, _, _ := strings.Cut(plain, ":")
	return t.signIns.token(id)
}
