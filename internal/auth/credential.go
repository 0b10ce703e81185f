package auth

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
)

const (
	// assertionType says that a client assertion is a JWT.
	//
	// Source: https://www.rfc-editor.org/rfc/rfc7523#section-2.2
	assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
	// assertionLife is how long an assertion of ours is good. Microsoft asks for
	// 5 to 10 minutes.
	//
	// Source: https://learn.microsoft.com/entra/identity-platform/certificate-credentials
	assertionLife = 10 * time.Minute
	// minKeyBits is the shortest RSA key that counts as safe, and that Entra
	// takes.
	minKeyBits = 2048
	// maxTokenFileBytes is the longest federated token that is sent. Those of
	// Kubernetes have about 1 kB.
	maxTokenFileBytes = 64 << 10
)

// Credential is how Portrait proves to the provider which app it is. It is made
// by ClientSecret, Certificate or FederatedToken; the zero value proves nothing.
type Credential struct {
	secret    string
	key       *rsa.PrivateKey
	thumb     string    // of the certificate, as x5t#S256
	ends      time.Time // of the certificate
	tokenFile string
}

// ClientSecret returns the credential that is secret.
func ClientSecret(secret string) Credential { return Credential{secret: secret} }

// FederatedToken returns the credential that another issuer, which the app
// registration trusts, keeps in the file at path: a workload identity. The file
// is read for every call, because it is replaced while the process runs.
//
// Source: https://learn.microsoft.com/entra/workload-id/workload-identity-federation
func FederatedToken(path string) Credential { return Credential{tokenFile: path} }

// Certificate returns the credential that text holds, in PEM: a private RSA key
// and its certificate, which is registered with the app. Other certificates may
// stand beside it.
//
// It fails, with an error that quotes nothing of text, if either is missing or
// can't be used, they don't belong together, or the certificate isn't good now.
func Certificate(text []byte, now time.Time) (Credential, error) {
	key, certificates, err := readPEM(text)
	if err != nil {
		return Credential{}, err
	}
	if key == nil {
		return Credential{}, errors.New("it holds no private key that can be read without a password")
	}
	if key.N.BitLen() < minKeyBits {
		return Credential{}, fmt.Errorf("its key has %d bits: it takes %d", key.N.BitLen(), minKeyBits)
	}
	for _, c := range certificates {
		if !key.PublicKey.Equal(c.PublicKey) {
			continue
		}
		if now.Before(c.NotBefore) || now.After(c.NotAfter) {
			return Credential{}, fmt.Errorf("its certificate is good from %s to %s only", c.NotBefore.Format(time.DateOnly), c.NotAfter.Format(time.DateOnly))
		}
		sum := sha256.Sum256(c.Raw)
		return Credential{key: key, thumb: base64.RawURLEncoding.EncodeToString(sum[:]), ends: c.NotAfter}, nil
	}
	return Credential{}, errors.New("it holds no certificate of its key")
}

// readPEM returns the RSA key, nil where there is none, and the certificates in
// text.
func readPEM(text []byte) (key *rsa.PrivateKey, certificates []*x509.Certificate, err error) {
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		var parsed any
		switch block.Type {
		case "CERTIFICATE":
			c, err := x509.ParseCertificate(block.Bytes)
			if err != nil {
				return nil, nil, errors.New("it holds a certificate that is damaged")
			}
			certificates = append(certificates, c)
			continue
		case "PRIVATE KEY":
			parsed, err = x509.ParsePKCS8PrivateKey(block.Bytes)
		case "RSA PRIVATE KEY":
			parsed, err = x509.ParsePKCS1PrivateKey(block.Bytes)
		case "EC PRIVATE KEY":
		default:
			continue
		}
		if err != nil {
			return nil, nil, errors.New("it holds a private key that is damaged or locked with a password")
		}
		rsaKey, ok := parsed.(*rsa.PrivateKey)
		if !ok {
			return nil, nil, errors.New("its private key isn't an RSA key")
		}
		key = rsaKey
	}
	return key, certificates, nil
}

func (c Credential) isZero() bool { return c.secret == "" && c.key == nil && c.tokenFile == "" }

// Ends returns when the certificate runs out, zero for a secret, whose end only
// Entra knows, and a federated token, which is replaced all the time.
func (c Credential) Ends() time.Time { return c.ends }

// Hint returns the first three letters of a secret, by which Entra tells an app's
// secrets apart, and "" for any other credential.
//
// Source: https://learn.microsoft.com/graph/api/resources/passwordcredential
func (c Credential) Hint() string { return c.secret[:min(3, len(c.secret))] }

// String keeps what is secret out of logs.
func (c Credential) String() string { return "auth.Credential" }

// prove adds to form what proves to the token endpoint that we are client. Its
// errors hold no secret.
func (c Credential) prove(form url.Values, client, endpoint string, now time.Time) error {
	form.Set("client_id", client)
	var assertion string
	var err error
	switch {
	case c.secret != "":
		form.Set("client_secret", c.secret)
		return nil
	case c.key != nil:
		assertion, err = c.sign(client, endpoint, now)
	case c.tokenFile != "":
		assertion, err = readToken(c.tokenFile)
	default:
		err = errors.New("there is no credential")
	}
	if err != nil {
		return err
	}
	form.Set("client_assertion_type", assertionType)
	form.Set("client_assertion", assertion)
	return nil
}

// sign returns an assertion for one call of endpoint.
//
// Source: https://learn.microsoft.com/entra/identity-platform/certificate-credentials#assertion-format
func (c Credential) sign(client, endpoint string, now time.Time) (string, error) {
	options := (&jose.SignerOptions{}).WithType("JWT").WithHeader("x5t#S256", c.thumb)
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.PS256, Key: crypto.Signer(c.key)}, options)
	if err != nil {
		return "", fmt.Errorf("the certificate's key can't sign: %w", err)
	}
	payload, err := json.Marshal(map[string]any{
		"aud": endpoint, "iss": client, "sub": client, "jti": randomText(),
		"iat": now.Unix(), "nbf": now.Unix(), "exp": now.Add(assertionLife).Unix(),
	})
	if err != nil {
		return "", err
	}
	signed, err := signer.Sign(payload)
	if err != nil {
		return "", fmt.Errorf("the certificate's key can't sign: %w", err)
	}
	return signed.CompactSerialize()
}

// readToken returns the federated token in the file at path.
func readToken(path string) (string, error) {
	text, err := os.ReadFile(path) // #nosec G304 -- the operator's setting
	if err != nil {
		return "", err
	}
	token := string(bytes.TrimSpace(text))
	if token == "" || len(token) > maxTokenFileBytes || strings.ContainsAny(token, " \r\n") {
		return "", errors.New("the file of the federated token doesn't hold one token")
	}
	return token, nil
}
