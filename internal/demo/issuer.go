package demo

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"io"
	"net/http"
	"strings"

	"github.com/google/uuid"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// sessionKey is the context's key of the browser's session at the provider.
type sessionKey struct{}

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
	handle("GET /oauth2/v2.0/authorize", t.withSession(oauth))
	handle("POST /oauth2/v2.0/authorize", t.withSession(oauth))
	handle("GET /oauth2/v2.0/authorize/callback", oauth)
	handle("POST /oauth2/v2.0/token", explainErrors(t.countTokens(oauth)))
	handle("GET /oauth2/v2.0/logout", t.endSession(oauth))
	handle("POST /oauth2/v2.0/logout", t.endSession(oauth))
	handle("GET /login", http.HandlerFunc(t.showLogin))
	handle("POST /login", http.NewCrossOriginProtection().Handler(http.HandlerFunc(t.login)))
}

// reachable drops the connection while the weather says that the provider is
// down, and bounds what is read.
func (t *Tenant) reachable(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if t.sky().ProviderDown {
			drop()
		}
		w.Header().Set("X-Content-Type-Options", "nosniff")
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
		"grant_types_supported":                 []string{"authorization_code", "refresh_token"},
		"subject_types_supported":               []string{"pairwise"},
		"id_token_signing_alg_values_supported": []string{"RS256"},
		"code_challenge_methods_supported":      []string{"S256"},
		"token_endpoint_auth_methods_supported": []string{"client_secret_post", "client_secret_basic"},
		"scopes_supported":                      []string{"openid", "profile", "email", "offline_access"},
		"claims_supported": []string{"sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "at_hash", "c_hash",
			"preferred_username", "name", "tid", "oid", "ver", "sid", "login_hint"},
		"request_uri_parameter_supported": false,
		"msgraph_host":                    strings.TrimPrefix(t.base, "http://"),
	})
}

// withSession puts the browser's session at the provider, if it has one, where
// CreateAuthRequest finds it.
func (t *Tenant) withSession(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if v := t.sessionOf(r); v != nil {
			r = r.WithContext(context.WithValue(r.Context(), sessionKey{}, v))
		}
		h.ServeHTTP(w, r)
	})
}

// endSession ends the browser's session before op decides where it goes next.
func (t *Tenant) endSession(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if v := t.sessionOf(r); v != nil {
			t.signIns.close(v.id)
		}
		http.SetCookie(w, t.cookie("", -1))
		h.ServeHTTP(w, r)
	})
}

func (t *Tenant) countTokens(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		refresh := r.PostFormValue("grant_type") == string(oidc.GrantTypeRefreshToken)
		t.signIns.mu.Lock()
		if refresh {
			t.signIns.refreshCalls++
		} else {
			t.signIns.tokenCalls++
		}
		t.signIns.mu.Unlock()
		// op would write the process's log about what is an everyday thing here.
		if refresh && t.isApp(r) && t.signIns.refreshable(r.PostFormValue("refresh_token")) == nil {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusBadRequest)
			_, _ = io.WriteString(w, `{"error":"invalid_grant","error_description":"AADSTS70008: The refresh token was used, revoked or has expired."}`) // into memory
			return
		}
		h.ServeHTTP(w, r)
	})
}

// isApp reports whether a call of the token endpoint has the app's secret.
func (t *Tenant) isApp(r *http.Request) bool {
	id, secret, basic := r.BasicAuth()
	if !basic {
		id, secret = r.PostFormValue("client_id"), r.PostFormValue("client_secret")
	}
	return storage{t}.AuthorizeClientIDSecret(r.Context(), id, secret) == nil
}

// held keeps an answer until it is known whether it is an error.
type held struct {
	http.ResponseWriter
	status int
	body   bytes.Buffer
}

func (h *held) WriteHeader(status int)      { h.status = status }
func (h *held) Write(b []byte) (int, error) { return h.body.Write(b) }

// explainErrors adds to errors of the token endpoint what Entra ID adds.
//
// Source: https://learn.microsoft.com/entra/identity-platform/reference-error-codes
func explainErrors(h http.Handler) http.Handler {
	codes := map[string]int{"invalid_client": 7000215, "invalid_grant": 70008, "invalid_scope": 70011, "unsupported_grant_type": 70003}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		out := &held{ResponseWriter: w, status: http.StatusOK}
		h.ServeHTTP(out, r)
		w.Header().Set("Cache-Control", "no-store")
		body := out.body.Bytes()
		var e map[string]any
		if out.status >= 400 && json.Unmarshal(body, &e) == nil {
			name, _ := e["error"].(string) // absent: the general code below
			code, ok := codes[name]
			if !ok {
				code = 900144
			}
			e["error_codes"] = []int{code}
			e["trace_id"], e["correlation_id"] = uuid.NewString(), uuid.NewString()
			body, _ = json.Marshal(e) // came from JSON: can't fail
		}
		w.WriteHeader(out.status)
		_, _ = w.Write(body) // whoever asked may be gone
	})
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
