package demo

import (
	"crypto"
	"crypto/sha256"
	"crypto/subtle"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// Audience and kind of a client assertion.
//
// Source: https://learn.microsoft.com/entra/identity-platform/certificate-credentials
// and https://learn.microsoft.com/entra/workload-id/workload-identity-federation
const (
	assertionType     = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
	federatedAudience = "api://AzureADTokenExchange"
	clockLeeway       = 5 * time.Minute
)

// trusted is a workload elsewhere whose tokens prove that it is the app.
type trusted struct {
	issuer, subject string
	key             crypto.PublicKey
}

// credentials are how the app may prove who it is, beside its secret.
type credentials struct {
	certificates map[string]crypto.PublicKey // by x5t#S256
	federated    []trusted
}

// RegisterCertificate lets the app prove who it is with the key of an X.509
// certificate in DER.
func (t *Tenant) RegisterCertificate(der []byte) error {
	c, err := x509.ParseCertificate(der)
	if err != nil {
		return fmt.Errorf("demo.RegisterCertificate: %w", err)
	}
	sum := sha256.Sum256(der)
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.credentials.certificates == nil {
		t.credentials.certificates = map[string]crypto.PublicKey{}
	}
	t.credentials.certificates[base64.RawURLEncoding.EncodeToString(sum[:])] = c.PublicKey
	return nil
}

// RegisterFederated lets the app prove who it is with tokens of another issuer
// for subject, which key verifies (RS256 or ES256).
func (t *Tenant) RegisterFederated(issuer, subject string, key crypto.PublicKey) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.credentials.federated = append(t.credentials.federated, trusted{issuer, subject, key})
}

// authenticate refuses a request for a token that doesn't prove that it is the
// app's.
func (t *Tenant) authenticate(r *http.Request) *tokenError {
	if r.PostForm.Has("client_assertion") {
		if err := t.checkAssertion(r.PostForm); err != nil {
			return err
		}
		return nil
	}
	id, secret, basic := r.BasicAuth()
	if basic { // RFC 6749, 2.3.1: both are escaped
		id, _ = url.QueryUnescape(id) // what isn't escaped right is wrong
		secret, _ = url.QueryUnescape(secret)
	} else {
		id, secret = r.PostForm.Get("client_id"), r.PostForm.Get("client_secret")
	}
	switch {
	case id != clientID:
		return badClient(700016, "Application with this identifier was not found in the directory.")
	case secret == "":
		return badClient(7000218, "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.")
	case subtle.ConstantTimeCompare([]byte(secret), []byte(t.secret)) != 1:
		return badClient(7000215, "Invalid client secret provided.")
	}
	return nil
}

func badClient(code int, text string) *tokenError {
	return &tokenError{status: http.StatusUnauthorized, name: "invalid_client", code: code, text: text}
}

// checkAssertion refuses a client assertion that neither a registered
// certificate nor a federated credential stands behind.
func (t *Tenant) checkAssertion(form url.Values) *tokenError {
	if form.Get("client_assertion_type") != assertionType {
		return badClient(700022, "The client_assertion_type is not supported.")
	}
	if id := form.Get("client_id"); id != "" && id != clientID {
		return badClient(700016, "Application with this identifier was not found in the directory.")
	}
	token, err := jwt.ParseSigned(form.Get("client_assertion"), []jose.SignatureAlgorithm{jose.PS256, jose.RS256, jose.ES256})
	if err != nil || len(token.Headers) != 1 {
		return badClient(50027, "The client assertion is not a valid JWT.")
	}
	t.mu.Lock()
	known := credentials{t.credentials.certificates, slices.Clone(t.credentials.federated)}
	t.mu.Unlock()
	header := token.Headers[0]
	if thumbprint, ok := header.ExtraHeaders["x5t#S256"].(string); ok {
		return t.checkCertificate(token, known.certificates[strings.TrimRight(thumbprint, "=")])
	}
	return t.checkFederated(token, known.federated)
}

// checkCertificate refuses an assertion that key, nil where it isn't
// registered, doesn't verify.
func (t *Tenant) checkCertificate(token *jwt.JSONWebToken, key crypto.PublicKey) *tokenError {
	if key == nil {
		return badClient(700027, "The certificate with the thumbprint in the assertion is not registered on the application.")
	}
	var c jwt.Claims
	if token.Headers[0].Algorithm != string(jose.PS256) || token.Claims(key, &c) != nil {
		return badClient(700027, "Client assertion failed signature validation.")
	}
	audiences := []string{t.base + t.path("/oauth2/v2.0/token"), t.Issuer()}
	switch {
	case c.Issuer != clientID || c.Subject != clientID:
		return badClient(700021, "The issuer and subject of the client assertion must be the application's id.")
	case !slices.ContainsFunc(audiences, c.Audience.Contains):
		return badClient(700023, "Client assertion audience claim does not match Realm issuer.")
	case c.ID == "":
		return badClient(700021, "The client assertion has no jti.")
	}
	return t.checkTimes(c)
}

// checkFederated refuses an assertion that isn't of a trusted issuer and subject.
func (t *Tenant) checkFederated(token *jwt.JSONWebToken, all []trusted) *tokenError {
	var c jwt.Claims
	if token.UnsafeClaimsWithoutVerification(&c) != nil {
		return badClient(50027, "The client assertion is not a valid JWT.")
	}
	i := slices.IndexFunc(all, func(f trusted) bool { return f.issuer == c.Issuer })
	switch {
	case i < 0:
		return badClient(700211, "No matching federated identity record found for presented assertion issuer.")
	case all[i].subject != c.Subject:
		return badClient(700213, "No matching federated identity record found for presented assertion subject.")
	case !c.Audience.Contains(federatedAudience):
		return badClient(700212, "No matching federated identity record found for presented assertion audience.")
	case token.Headers[0].Algorithm == string(jose.PS256) || token.Claims(all[i].key, &c) != nil:
		return badClient(700027, "Client assertion failed signature validation.")
	}
	return t.checkTimes(c)
}

// checkTimes refuses an assertion that isn't valid now.
func (t *Tenant) checkTimes(c jwt.Claims) *tokenError {
	err := c.ValidateWithLeeway(jwt.Expected{Time: t.now()}, clockLeeway)
	if c.Expiry == nil {
		err = errors.Join(err, jwt.ErrExpired)
	}
	if err != nil {
		return badClient(700024, "Client assertion is not within its valid time range.")
	}
	return nil
}
