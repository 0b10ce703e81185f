package auth_test

import (
	"bytes"
	"compress/gzip"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
)

const (
	clientID     = "11111111-aaaa-bbbb-cccc-000000000001"
	clientSecret = "canary-client-secret"
	tenantID     = "22222222-aaaa-bbbb-cccc-000000000002"
	objectID     = "33333333-aaaa-bbbb-cccc-000000000003"
)

// keys are the provider's two keys. They are made once: it takes a while.
var keys = sync.OnceValue(func() [2]*rsa.PrivateKey {
	var made [2]*rsa.PrivateKey
	for i := range made {
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			panic(err)
		}
		made[i] = key
	}
	return made
})

// issuer is an OpenID provider that does what a test tells it to. Its refresh
// tokens and codes are good for one use.
type issuer struct {
	*httptest.Server
	now func() time.Time

	mu      sync.Mutex
	calls   map[string]int
	codes   map[string]url.Values // what was asked for, by code
	refresh map[string]bool       // the tokens that are good
	given   []string              // every secret that ever left
	forms   []url.Values          // what the token endpoint was sent

	// What it does differently, set by tests through change.
	key      int                                           // the key that signs
	keySet   func() any                                    // replaces the published keys
	metadata func(m map[string]any)                        // changes the metadata
	claims   func(c map[string]any)                        // changes the ID token's claims
	sign     func(i *issuer, claims map[string]any) string // replaces the signing
	answer   func(m map[string]any)                        // changes the token endpoint's answer
	handlers map[string]http.HandlerFunc                   // replaces an endpoint, by path
	trust    func(form url.Values) bool                    // replaces the check of who calls the token endpoint
}

func newIssuer(t *testing.T, now func() time.Time) *issuer {
	t.Helper()
	i := &issuer{now: now, calls: map[string]int{}, codes: map[string]url.Values{},
		refresh: map[string]bool{}, handlers: map[string]http.HandlerFunc{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", i.serveMetadata)
	mux.HandleFunc("GET /"+tenantID+"/v2.0/.well-known/openid-configuration", i.serveMetadata)
	mux.HandleFunc("GET /keys", i.serveKeys)
	mux.HandleFunc("POST /token", i.serveToken)
	i.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		i.mu.Lock()
		i.calls[r.URL.Path]++
		handler := i.handlers[r.URL.Path]
		i.mu.Unlock()
		if handler != nil {
			handler(w, r)
			return
		}
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(i.Close)
	return i
}

// change runs f while nobody is served.
func (i *issuer) change(f func()) {
	i.mu.Lock()
	defer i.mu.Unlock()
	f()
}

// called returns how often path was asked for.
func (i *issuer) called(path string) int {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.calls[path]
}

// authorize is the person who signs in at location: it returns the query that
// the provider sends the browser back with.
func (i *issuer) authorize(t *testing.T, location string) url.Values {
	t.Helper()
	u, err := url.Parse(location)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	if u.Path != "/authorize" || q.Get("response_type") != "code" || q.Get("code_challenge_method") != "S256" {
		t.Fatalf("asked for %s", location)
	}
	code := "canary-code-" + rand.Text()
	i.change(func() {
		i.codes[code] = q
		i.given = append(i.given, code)
	})
	return url.Values{"code": {code}, "state": {q.Get("state")}}
}

// revoke makes every refresh token bad.
func (i *issuer) revoke() { i.change(func() { clear(i.refresh) }) }

func (i *issuer) serveMetadata(w http.ResponseWriter, _ *http.Request) {
	m := map[string]any{
		"issuer":                                i.URL,
		"authorization_endpoint":                i.URL + "/authorize",
		"token_endpoint":                        i.URL + "/token",
		"jwks_uri":                              i.URL + "/keys",
		"end_session_endpoint":                  i.URL + "/logout?p=1",
		"id_token_signing_alg_values_supported": []string{"RS256", "HS256", "none"},
	}
	i.change(func() {
		if i.metadata != nil {
			i.metadata(m)
		}
	})
	reply(w, http.StatusOK, m)
}

func (i *issuer) serveKeys(w http.ResponseWriter, _ *http.Request) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.keySet != nil {
		reply(w, http.StatusOK, i.keySet())
		return
	}
	reply(w, http.StatusOK, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{i.public(i.key)}})
}

func (i *issuer) public(key int) jose.JSONWebKey {
	return jose.JSONWebKey{Key: keys()[key].Public(), KeyID: kid(key), Use: "sig"}
}

func kid(key int) string { return string(rune('a' + key)) }

func (i *issuer) serveToken(w http.ResponseWriter, r *http.Request) {
	i.mu.Lock()
	defer i.mu.Unlock()
	trust := i.trust
	if trust == nil {
		trust = func(form url.Values) bool {
			return form.Get("client_secret") == clientSecret && !form.Has("client_assertion")
		}
	}
	if r.FormValue("client_id") != clientID || r.Header.Get("Authorization") != "" || !trust(r.PostForm) {
		reply(w, http.StatusUnauthorized, map[string]any{"error": "invalid_client"})
		return
	}
	i.forms = append(i.forms, r.PostForm)
	var nonce string
	switch r.FormValue("grant_type") {
	case "authorization_code":
		asked := i.codes[r.FormValue("code")]
		delete(i.codes, r.FormValue("code"))
		sum := sha256.Sum256([]byte(r.FormValue("code_verifier")))
		if asked == nil || asked.Get("redirect_uri") != r.FormValue("redirect_uri") ||
			asked.Get("code_challenge") != base64.RawURLEncoding.EncodeToString(sum[:]) {
			refuse(w, "invalid_grant", 54005)
			return
		}
		nonce = asked.Get("nonce")
	case "refresh_token":
		if !i.refresh[r.FormValue("refresh_token")] {
			refuse(w, "invalid_grant", 50173)
			return
		}
		delete(i.refresh, r.FormValue("refresh_token"))
	case "client_credentials":
		if r.FormValue("scope") != "https://graph.microsoft.com/.default" {
			refuse(w, "invalid_scope", 70011)
			return
		}
	}
	reply(w, http.StatusOK, i.tokens(nonce))
}

// tokens returns an answer of the token endpoint.
func (i *issuer) tokens(nonce string) map[string]any {
	access, refresh := "canary-access-"+rand.Text(), "canary-refresh-"+rand.Text()
	i.refresh[refresh] = true
	sum := sha256.Sum256([]byte(access))
	claims := map[string]any{
		"iss": i.URL, "aud": clientID, "sub": "canary-subject", "nonce": nonce, "tid": tenantID, "oid": objectID,
		"iat": i.now().Unix(), "nbf": i.now().Unix(), "exp": i.now().Add(time.Hour).Unix(),
		"name": "Canary Ada", "preferred_username": "canary.ada@example.com", "sid": "sid-1", "login_hint": "hint-1",
		"at_hash": base64.RawURLEncoding.EncodeToString(sum[:16]), "ver": "2.0",
	}
	if nonce == "" {
		delete(claims, "nonce")
	}
	if i.claims != nil {
		i.claims(claims)
	}
	sign := signed(i.key, nil)
	if i.sign != nil {
		sign = i.sign
	}
	id := sign(i, claims)
	i.given = append(i.given, access, refresh, id)
	m := map[string]any{"token_type": "Bearer", "access_token": access, "refresh_token": refresh, "id_token": id,
		"expires_in": 3599, "scope": "profile openid User.ReadWrite"}
	if i.answer != nil {
		i.answer(m)
	}
	return m
}

// signed returns a signing function with key; header changes the protected
// header.
func signed(key int, header map[jose.HeaderKey]any) func(*issuer, map[string]any) string {
	return func(_ *issuer, claims map[string]any) string {
		options := (&jose.SignerOptions{}).WithType("JWT").WithHeader("kid", kid(key))
		for name, value := range header {
			if options = options.WithHeader(name, value); value == nil {
				delete(options.ExtraHeaders, name)
			}
		}
		return compact(jose.SigningKey{Algorithm: jose.RS256, Key: keys()[key]}, options, claims)
	}
}

// compact signs claims.
func compact(key jose.SigningKey, options *jose.SignerOptions, claims map[string]any) string {
	payload, err := json.Marshal(claims)
	if err != nil {
		panic(err)
	}
	return compactBytes(key, options, payload)
}

// compactBytes signs what needs not be JSON.
func compactBytes(key jose.SigningKey, options *jose.SignerOptions, payload []byte) string {
	signer, err := jose.NewSigner(key, options)
	if err != nil {
		panic(err)
	}
	signature, err := signer.Sign(payload)
	if err != nil {
		panic(err)
	}
	text, err := signature.CompactSerialize()
	if err != nil {
		panic(err)
	}
	return text
}

// unsigned is a token with alg none.
func unsigned(_ *issuer, claims map[string]any) string {
	payload, err := json.Marshal(claims)
	if err != nil {
		panic(err)
	}
	return base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none","typ":"JWT"}`)) + "." +
		base64.RawURLEncoding.EncodeToString(payload) + "."
}

func reply(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // the client may have gone, as some tests want
}

// refuse answers as Entra does.
func refuse(w http.ResponseWriter, code string, number int) {
	reply(w, http.StatusBadRequest, map[string]any{
		"error": code, "error_description": "AADSTS: canary-description for canary.ada@example.com", "error_codes": []int{number},
	})
}

// fail answers with status and a body that must not be shown.
func fail(status int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "canary-body", status) }
}

// long answers with 2 MiB.
func long(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write([]byte(`{"x":"` + strings.Repeat("x", 2<<20) + `"}`)) // the client hangs up
}

// bomb answers with 50 kB that unpack to 50 MB.
func bomb(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Encoding", "gzip")
	packed := gzip.NewWriter(w)
	_, _ = packed.Write([]byte(`{"x":"`))
	for range 50 { // the client hangs up
		if _, err := packed.Write(bytes.Repeat([]byte("x"), 1<<20)); err != nil {
			return
		}
	}
	_ = packed.Close()
}

// endless answers without end.
func endless(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	for r.Context().Err() == nil {
		if _, err := w.Write(bytes.Repeat([]byte("."), 64<<10)); err != nil {
			return
		}
	}
}

// manyKeys answers with 10,000 keys.
func manyKeys(w http.ResponseWriter, _ *http.Request) {
	key, err := json.Marshal(jose.JSONWebKey{Key: keys()[1].Public(), KeyID: kid(0), Use: "sig"})
	if err != nil {
		panic(err)
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write([]byte(`{"keys":[` + strings.Repeat(string(key)+",", 9_999) + string(key) + `]}`)) // the client hangs up
}

// hang answers not at all. The body is read because the server doesn't see the
// client go before that.
func hang(_ http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body) // the client may have gone already
	<-r.Context().Done()
}
