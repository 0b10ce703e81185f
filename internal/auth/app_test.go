package auth_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"portrait/internal/auth"
	"portrait/internal/fault"
)

func TestAppTokenIsKept(t *testing.T) {
	s := newSite(t)
	first, err := s.App(t.Context())
	if err != nil || !strings.HasPrefix(first, "canary-access-") {
		t.Fatalf("%q, %v", first, err)
	}
	form := s.sent()
	if form.Get("grant_type") != "client_credentials" || form.Get("scope") != "https://graph.microsoft.com/.default" || form.Has("claims") {
		t.Errorf("asked with %v", form)
	}
	for _, tt := range []struct {
		sentence string
		pass     time.Duration
		calls    int
	}{
		{"at once", 0, 1},
		{"five minutes and a second before its end", 3599*time.Second - 5*time.Minute - time.Second, 1},
		{"five minutes before its end", time.Second, 2},
		{"after that", time.Minute, 2},
	} {
		s.clock.pass(tt.pass)
		token, err := s.App(t.Context())
		if err != nil || (token == first) != (tt.calls == 1) {
			t.Errorf("%s: %q, %v", tt.sentence, token, err)
		}
		if n := s.issuer.called("/token"); n != tt.calls {
			t.Errorf("%s: %d calls, want %d", tt.sentence, n, tt.calls)
		}
	}
}

func TestAppTokenThatGraphRefusesIsReplaced(t *testing.T) {
	s := newSite(t)
	first, err := s.App(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	second, err := s.AppRefused(t.Context(), first)
	if err != nil || second == first {
		t.Errorf("after a refusal: the same token %v, %v", second == first, err)
	}
	if again, err := s.AppRefused(t.Context(), first); err != nil || again != second || s.issuer.called("/token") != 2 {
		t.Errorf("whoever comes late with the old one: the newest %v, %d calls, %v", again == second, s.issuer.called("/token"), err)
	}
}

// TestAppTokenIsFetchedOnce has 50 want it; the first stops waiting, which is
// its own affair.
func TestAppTokenIsFetchedOnce(t *testing.T) {
	s := newSite(t)
	asked, answer := make(chan struct{}), make(chan struct{})
	s.issuer.answer = func(map[string]any) {
		close(asked)
		<-answer
	}
	impatient, leave := context.WithCancel(t.Context())
	left := make(chan error)
	go func() {
		_, err := s.App(impatient)
		left <- err
	}()
	<-asked
	leave()
	if err := <-left; err == nil {
		t.Error("who left got a token")
	}
	var wait sync.WaitGroup
	tokens := make(chan string, 50)
	for range 50 {
		wait.Go(func() {
			token, err := s.App(t.Context())
			if err != nil {
				t.Error(err)
			}
			tokens <- token
		})
	}
	close(answer)
	wait.Wait()
	close(tokens)
	different := map[string]bool{}
	for token := range tokens {
		different[token] = true
	}
	if n := s.issuer.called("/token"); n != 1 || len(different) != 1 {
		t.Errorf("%d calls and %d tokens, want 1 and 1", n, len(different))
	}
}

func TestAppIsRefused(t *testing.T) {
	refuseWith := func(code string, number int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { refuse(w, code, number) }
	}
	for _, tt := range []struct {
		sentence string
		handler  http.HandlerFunc
		kind     fault.Kind
		say      string
		next     fault.Next
	}{
		{"a wrong secret", refuseWith("invalid_client", 7000215), fault.Unavailable, "signin.app-refused", fault.NextAdmin},
		{"an app that isn't there", refuseWith("unauthorized_client", 700016), fault.Unavailable, "signin.app-refused", fault.NextAdmin},
		{"a wrong scope", refuseWith("invalid_scope", 70011), fault.Unavailable, "signin.app-refused", fault.NextAdmin},
		{"a busy provider", refuseWith("temporarily_unavailable", 90033), fault.Unavailable, "signin.unreachable", fault.NextRetry},
		{"a provider that fails", fail(500), fault.Unavailable, "signin.unreachable", fault.NextRetry},
		{"an answer without a token", func(w http.ResponseWriter, _ *http.Request) { reply(w, 200, map[string]any{"canary": 1}) },
			fault.Unavailable, "signin.unreachable", fault.NextRetry},
		{"an answer that is a page", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<p>canary")) },
			fault.Unavailable, "signin.unreachable", fault.NextRetry},
	} {
		t.Run(tt.sentence, func(t *testing.T) {
			s := newSite(t)
			s.issuer.handlers["/token"] = tt.handler
			_, err := s.App(t.Context())
			checkFault(t, err, tt.kind, tt.say, tt.next)
			s.issuer.change(func() { clear(s.issuer.handlers) })
			if _, err := s.App(t.Context()); err != nil {
				t.Errorf("once it is well: %v", err)
			}
		})
	}
}

// certificate returns a key and a certificate of it, in PEM.
func certificate(t *testing.T, key *rsa.PrivateKey, from, to time.Time) (keyPEM, certPEM, der []byte) {
	t.Helper()
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "portrait"}, NotBefore: from, NotAfter: to}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8}), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), der
}

// TestCertificateProvesWhoAsks checks the assertion of every kind of call as
// Microsoft's page on certificate credentials wants it.
func TestCertificateProvesWhoAsks(t *testing.T) {
	s, b := newSite(t), newBrowser()
	now := s.clock.Now()
	keyPEM, certPEM, der := certificate(t, keys()[1], now.Add(-time.Hour), now.Add(time.Hour))
	_, otherPEM, _ := certificate(t, keys()[0], now.Add(-time.Hour), now.Add(time.Hour))
	credential, err := auth.Certificate(slices.Concat(otherPEM, certPEM, keyPEM), now)
	if err != nil {
		t.Fatal(err)
	}
	s.Auth = s.replica(t, func(c *auth.Config) { c.Credential = credential })
	s.issuer.trust = func(form url.Values) bool {
		return !form.Has("client_secret") && form.Get("client_assertion_type") == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
	}
	ctx, actor := b.mustSignIn(t, s)
	token, err := s.Delegated(ctx, actor)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Refused(ctx, actor, token); err != nil {
		t.Fatal(err)
	}
	if _, err := s.App(t.Context()); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	sum := sha256.Sum256(der)
	for _, form := range s.issuer.forms {
		signed, err := jose.ParseSignedCompact(form.Get("client_assertion"), []jose.SignatureAlgorithm{jose.PS256})
		if err != nil {
			t.Fatalf("%s: %v", form.Get("grant_type"), err)
		}
		header := signed.Signatures[0].Protected.ExtraHeaders
		if header["typ"] != "JWT" || header["x5t#S256"] != base64.RawURLEncoding.EncodeToString(sum[:]) {
			t.Errorf("%s: header %v", form.Get("grant_type"), header)
		}
		payload, err := signed.Verify(keys()[1].Public())
		if err != nil {
			t.Fatal(err)
		}
		var claims struct {
			Aud, Iss, Sub, JTI string
			Nbf, Exp           int64
		}
		if err := json.Unmarshal(payload, &claims); err != nil {
			t.Fatal(err)
		}
		life := time.Duration(claims.Exp-claims.Nbf) * time.Second
		if claims.Aud != s.issuer.URL+"/token" || claims.Iss != clientID || claims.Sub != clientID || claims.Nbf != now.Unix() ||
			life < 5*time.Minute || life > 10*time.Minute || seen[claims.JTI] || len(claims.JTI) < 22 {
			t.Errorf("%s: %+v, good for %v", form.Get("grant_type"), claims, life)
		}
		seen[claims.JTI] = true
		if strings.Contains(s.log.String(), form.Get("client_assertion")) {
			t.Error("the log holds an assertion")
		}
	}
	if len(seen) != 3 {
		t.Errorf("%d calls, want 3", len(seen))
	}
}

func TestCertificatesThatCantBeUsed(t *testing.T) {
	now := time.Now()
	keyPEM, certPEM, _ := certificate(t, keys()[0], now.Add(-time.Hour), now.Add(time.Hour))
	_, others, _ := certificate(t, keys()[1], now.Add(-time.Hour), now.Add(time.Hour))
	_, expired, _ := certificate(t, keys()[0], now.Add(-2*time.Hour), now.Add(-time.Hour))
	_, early, _ := certificate(t, keys()[0], now.Add(time.Hour), now.Add(2*time.Hour))
	block := func(kind string, bytes []byte) []byte {
		return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: bytes})
	}
	pkcs1 := block("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(keys()[0]))
	for _, tt := range []struct {
		sentence string
		text     []byte
		want     string // "" = it can be used
	}{
		{"both", slices.Concat(keyPEM, certPEM), ""},
		{"both, the certificate first and the key as OpenSSL once wrote it", slices.Concat(certPEM, pkcs1), ""},
		{"nothing", nil, "no private key"},
		{"a key alone", keyPEM, "no certificate of its key"},
		{"a certificate alone", certPEM, "no private key"},
		{"another key's certificate", slices.Concat(keyPEM, others), "no certificate of its key"},
		{"a certificate that has run out", slices.Concat(keyPEM, expired), "is good from"},
		{"a certificate of tomorrow", slices.Concat(keyPEM, early), "is good from"},
		{"a key with a password", slices.Concat(certPEM, block("ENCRYPTED PRIVATE KEY", []byte("canary"))), "without a password"},
		{"a damaged key", slices.Concat(certPEM, block("PRIVATE KEY", []byte("canary"))), "damaged"},
		{"a damaged certificate", slices.Concat(keyPEM, block("CERTIFICATE", []byte("canary"))), "damaged"},
		{"an elliptic key", slices.Concat(certPEM, block("EC PRIVATE KEY", []byte("canary"))), "isn't an RSA key"},
	} {
		credential, err := auth.Certificate(tt.text, now)
		if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "canary")) {
			t.Errorf("%s: %v, want %q", tt.sentence, err, tt.want)
		}
		if tt.want == "" && strings.Contains(credential.String(), "PrivateKey") {
			t.Errorf("%s: printed as %s", tt.sentence, credential)
		}
	}
}

func TestFederatedTokenIsReadEachTime(t *testing.T) {
	s, b := newSite(t), newBrowser()
	path := filepath.Join(t.TempDir(), "token")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s.Auth = s.replica(t, func(c *auth.Config) { c.Credential = auth.FederatedToken(path) })
	current := "canary-workload-1"
	s.issuer.trust = func(form url.Values) bool {
		return form.Get("client_assertion") == current && form.Get("client_assertion_type") != "" && !form.Has("client_secret")
	}
	write(current + "\n")
	ctx, actor := b.mustSignIn(t, s)
	s.issuer.change(func() { current = "canary-workload-2" })
	write(current)
	token, err := s.Delegated(ctx, actor)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Refused(ctx, actor, token); err != nil {
		t.Errorf("a refresh with the second: %v", err)
	}
	if _, err := s.App(t.Context()); err != nil {
		t.Errorf("the app with the second: %v", err)
	}
	s.clock.pass(time.Hour)
	for sentence, text := range map[string]string{"empty": "\n", "two tokens": "canary-a canary-b", "endless": strings.Repeat("x", 65<<10)} {
		write(text)
		_, err := s.App(t.Context())
		if !fault.Is(err, fault.Unavailable) || fault.As(err).Next != fault.NextAdmin || strings.Contains(err.Error(), "canary-") {
			t.Errorf("%s: %v", sentence, err)
		}
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if _, err := s.App(t.Context()); fault.As(err) == nil || fault.As(err).Next != fault.NextAdmin {
		t.Errorf("without the file: %v", err)
	}
}
