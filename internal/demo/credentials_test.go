package demo_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"math/big"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	"golang.org/x/oauth2"

	"portrait/internal/demo"
)

const (
	graphDefault  = "https://graph.microsoft.com/.default"
	assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
)

// tokenCall is an answer of the token endpoint.
type tokenCall struct {
	status int
	Access string `json:"access_token"`
	Error  string `json:"error"`
	Codes  []int  `json:"error_codes"`
	Text   string `json:"error_description"`
}

func callToken(t *testing.T, tenant *demo.Tenant, form url.Values) tokenCall {
	t.Helper()
	res, err := http.PostForm(strings.TrimSuffix(tenant.Issuer(), "/v2.0")+"/oauth2/v2.0/token", form)
	if err != nil {
		t.Fatal(err)
	}
	body, _ := outcome(t, res)
	c := read[tokenCall](t, []byte(body))
	c.status = res.StatusCode
	return c
}

// asApp returns a token for the app by itself.
func asApp(t *testing.T, tenant *demo.Tenant) *oauth2.Token {
	t.Helper()
	c := callToken(t, tenant, appForm(tenant))
	if c.Access == "" {
		t.Fatalf("no token for the app: %+v", c)
	}
	return &oauth2.Token{AccessToken: c.Access}
}

func appForm(tenant *demo.Tenant) url.Values {
	return url.Values{
		"grant_type": {"client_credentials"}, "scope": {graphDefault},
		"client_id": {tenant.ClientID()}, "client_secret": {tenant.ClientSecret()},
	}
}

func TestClientCredentials(t *testing.T) {
	tenant := start(t, demo.Options{})
	for _, tt := range []struct {
		why, name, value string
		status, code     int // of the refusal, 0 = a token
	}{
		{"secret and .default", "", "", 200, 0},
		{".default of this Graph", "scope", tenant.GraphURL() + "/.default", 200, 0},
		{"a single permission", "scope", "https://graph.microsoft.com/User.Read.All", 400, 1002012},
		{"no scope", "scope", "", 400, 1002012},
		{"another secret", "client_secret", "guess", 401, 7000215},
		{"no secret", "client_secret", "", 401, 7000218},
		{"another client", "client_id", "somebody", 401, 700016},
		{"another grant", "grant_type", "password", 400, 70003},
	} {
		form := appForm(tenant)
		if tt.name != "" {
			form.Set(tt.name, tt.value)
		}
		c := callToken(t, tenant, form)
		if c.status != tt.status || (c.Access == "") != (tt.code != 0) || tt.code != 0 && (len(c.Codes) != 1 || c.Codes[0] != tt.code) {
			t.Errorf("%s: %d %v %s, want %d %d", tt.why, c.status, c.Codes, c.Text, tt.status, tt.code)
		}
	}
}

func TestAppTokensSpeakForNobody(t *testing.T) {
	tenant := start(t, demo.Options{})
	token := asApp(t, tenant)
	if n := len(token.AccessToken); n < 2500 || strings.Count(token.AccessToken, ".") == 2 {
		t.Errorf("the token has %d bytes, or looks like a JWT", n)
	}
	for path, want := range map[string]int{
		"/v1.0/me": 400, "/v1.0/me/photo/$value": 400, "/v1.0/users/joerg.mueller@skylark.example": 200,
		"/v1.0/users/joerg.mueller@skylark.example/photo": 200,
	} {
		if res, body := ask(t, tenant, token, "GET", path, nil); res.StatusCode != want {
			t.Errorf("GET %s as the app = %d %s, want %d", path, res.StatusCode, body, want)
		}
	}
	tenant.SetAppPermissions("Contacts.ReadWrite")
	if res, _ := ask(t, tenant, asApp(t, tenant), "GET", "/v1.0/users/joerg.mueller@skylark.example", nil); res.StatusCode != 403 {
		t.Errorf("without the permission the app gets %d, want 403", res.StatusCode)
	}
	for _, q := range tenant.Requests() {
		if q.TokenKind != "app" || q.Who != "" {
			t.Errorf("%s was recorded as of %q, %q", q.Path, q.TokenKind, q.Who)
		}
	}
}

// signed returns a JWT.
func signed(t *testing.T, key crypto.Signer, alg jose.SignatureAlgorithm, thumbprint string, claims jwt.Claims) string {
	t.Helper()
	o := (&jose.SignerOptions{}).WithType("JWT")
	if thumbprint != "" {
		o = o.WithHeader("x5t#S256", thumbprint)
	}
	s, err := jose.NewSigner(jose.SigningKey{Algorithm: alg, Key: key}, o)
	if err != nil {
		t.Fatal(err)
	}
	token, err := jwt.Signed(s).Claims(claims).Serialize()
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// certificate makes one for key and returns it in DER, and its x5t#S256.
func certificate(t *testing.T, key *rsa.PrivateKey) (der []byte, thumbprint string) {
	t.Helper()
	c := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "portrait"}, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, c, c, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(der)
	return der, base64.RawURLEncoding.EncodeToString(sum[:])
}

func newRSA(t *testing.T) *rsa.PrivateKey {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// assert asks for an app token with a client assertion.
func assert(t *testing.T, tenant *demo.Tenant, assertion string) tokenCall {
	t.Helper()
	form := appForm(tenant)
	form.Del("client_secret")
	form.Set("client_assertion_type", assertionType)
	form.Set("client_assertion", assertion)
	return callToken(t, tenant, form)
}

func TestCertificateCredentials(t *testing.T) {
	tenant := start(t, demo.Options{})
	key, stranger := newRSA(t), newRSA(t)
	der, thumbprint := certificate(t, key)
	if err := tenant.RegisterCertificate(der); err != nil {
		t.Fatal(err)
	}
	if err := tenant.RegisterCertificate([]byte("nonsense")); err == nil {
		t.Error("nonsense can be registered as a certificate")
	}
	_, unknown := certificate(t, stranger)
	good := func() jwt.Claims {
		return jwt.Claims{
			Issuer: tenant.ClientID(), Subject: tenant.ClientID(), Audience: jwt.Audience{newApp(t, tenant).Endpoint.TokenURL}, ID: "1",
			NotBefore: jwt.NewNumericDate(time.Now()), Expiry: jwt.NewNumericDate(time.Now().Add(5 * time.Minute)),
		}
	}
	with := func(change func(*jwt.Claims)) jwt.Claims { c := good(); change(&c); return c }
	for _, tt := range []struct {
		why       string
		assertion string
		code      int // of the refusal, 0 = a token
	}{
		{"the certificate's key", signed(t, key, jose.PS256, thumbprint, good()), 0},
		{"for the issuer", signed(t, key, jose.PS256, thumbprint, with(func(c *jwt.Claims) { c.Audience = jwt.Audience{tenant.Issuer()} })), 0},
		{"signed with RS256", signed(t, key, jose.RS256, thumbprint, good()), 700027},
		{"another certificate", signed(t, stranger, jose.PS256, unknown, good()), 700027},
		{"another key under its thumbprint", signed(t, stranger, jose.PS256, thumbprint, good()), 700027},
		{"without a thumbprint", signed(t, key, jose.PS256, "", good()), 700211},
		{"for somebody else", signed(t, key, jose.PS256, thumbprint, with(func(c *jwt.Claims) { c.Audience = jwt.Audience{"https://login.example"} })), 700023},
		{"of another app", signed(t, key, jose.PS256, thumbprint, with(func(c *jwt.Claims) { c.Issuer = "somebody" })), 700021},
		{"without an id", signed(t, key, jose.PS256, thumbprint, with(func(c *jwt.Claims) { c.ID = "" })), 700021},
		{"run out", signed(t, key, jose.PS256, thumbprint, with(func(c *jwt.Claims) { c.Expiry = jwt.NewNumericDate(time.Now().Add(-time.Hour)) })), 700024},
		{"without an end", signed(t, key, jose.PS256, thumbprint, with(func(c *jwt.Claims) { c.Expiry = nil })), 700024},
		{"nonsense", "abc", 50027},
	} {
		checkAssertion(t, tt.why, assert(t, tenant, tt.assertion), tt.code)
	}
}

func checkAssertion(t *testing.T, why string, c tokenCall, code int) {
	t.Helper()
	if code == 0 && c.Access == "" || code != 0 && (c.status != 401 || c.Error != "invalid_client" || c.Codes[0] != code) {
		t.Errorf("an assertion %s: %d %s, want %d", why, c.status, c.Text, code)
	}
}

func TestFederatedCredentials(t *testing.T) {
	tenant := start(t, demo.Options{})
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	const issuer, subject, audience = "https://cluster.example", "system:serviceaccount:portrait:web", "api://AzureADTokenExchange"
	tenant.RegisterFederated(issuer, subject, key.Public())
	for _, tt := range []struct {
		why, issuer, subject, audience string
		key                            crypto.Signer
		alg                            jose.SignatureAlgorithm
		code                           int
	}{
		{"of the cluster", issuer, subject, audience, key, jose.ES256, 0},
		{"of another cluster", "https://other.example", subject, audience, key, jose.ES256, 700211},
		{"of another account", issuer, "system:serviceaccount:other:web", audience, key, jose.ES256, 700213},
		{"for somebody else", issuer, subject, "api://other", key, jose.ES256, 700212},
		{"with another key", issuer, subject, audience, newRSA(t), jose.RS256, 700027},
	} {
		claims := jwt.Claims{Issuer: tt.issuer, Subject: tt.subject, Audience: jwt.Audience{tt.audience}, Expiry: jwt.NewNumericDate(time.Now().Add(time.Hour))}
		checkAssertion(t, tt.why, assert(t, tenant, signed(t, tt.key, tt.alg, "", claims)), tt.code)
	}
}

func TestAnAssertionRedeemsCodesAndRefreshTokens(t *testing.T) {
	tenant := start(t, demo.Options{})
	key := newRSA(t)
	der, thumbprint := certificate(t, key)
	if err := tenant.RegisterCertificate(der); err != nil {
		t.Fatal(err)
	}
	a := newApp(t, tenant)
	form := url.Values{
		"grant_type": {"authorization_code"}, "code": {a.code(t, newBrowser(t, tenant), "employee")}, "redirect_uri": {callback},
		"code_verifier": {a.verifier}, "client_id": {a.ClientID}, "client_assertion_type": {assertionType},
		"client_assertion": {signed(t, key, jose.PS256, thumbprint, jwt.Claims{
			Issuer: a.ClientID, Subject: a.ClientID, Audience: jwt.Audience{a.Endpoint.TokenURL}, ID: "1", Expiry: jwt.NewNumericDate(time.Now().Add(time.Minute)),
		})},
	}
	if c := callToken(t, tenant, form); c.Access == "" {
		t.Errorf("a code with an assertion: %d %s", c.status, c.Text)
	}
}
