package auth

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"

	"portrait/internal/directory"
)

// signedByAnyone takes every signature, so that the fuzzer gets to the claims.
type signedByAnyone struct{}

func (signedByAnyone) VerifySignature(_ context.Context, jwt string) ([]byte, error) {
	parts := strings.Split(jwt, ".")
	if len(parts) != 3 {
		return nil, errors.New("not three parts")
	}
	return base64.RawURLEncoding.DecodeString(parts[1])
}

// FuzzIDTokenClaims holds that whatever stands in an ID token, nobody is let in
// but a person of the tenant, by a token that is for us, of now, and answers
// what we asked.
func FuzzIDTokenClaims(f *testing.F) {
	const (
		issuer, client = "https://login.example.com", "client"
		tenant         = "22222222-aaaa-bbbb-cccc-000000000002"
		object         = "33333333-aaaa-bbbb-cccc-000000000003"
		nonce          = "nonce"
	)
	now := time.Unix(1_795_435_200, 0)
	good := `{"iss":"` + issuer + `","aud":"client","sub":"s","nonce":"nonce","tid":"` + tenant + `","oid":"` + object +
		`","iat":1795435200,"exp":1795438800,"name":"Ada","roles":["Helpdesk"]}`
	for _, seed := range []string{
		good, "{}", "[]", "null", "", `{"aud":["client","evil"]}`, strings.Replace(good, `"sub"`, `"SUB"`, 1),
		strings.Replace(good, "{", `{"oid":"x",`, 1), strings.Replace(good, `"s"`, `7`, 1), strings.Replace(good, "1795435200", "1e999", 1),
		strings.Replace(good, "}", `,"Roles":null}`, 1), strings.Replace(good, tenant, string(directory.PersonalTenant), 1),
	} {
		f.Add([]byte(seed))
	}
	a := &Auth{config: Config{Issuer: issuer, ClientID: client, Tenant: tenant, HelpdeskRole: "Helpdesk", Now: func() time.Time { return now }}}
	p := &provider{verifier: oidc.NewVerifier(issuer, signedByAnyone{}, &oidc.Config{
		ClientID: client, SupportedSigningAlgs: []string{oidc.RS256}, Now: a.config.Now,
	})}
	head := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"RS256","typ":"JWT"}`))
	f.Fuzz(func(t *testing.T, payload []byte) {
		token := head + "." + base64.RawURLEncoding.EncodeToString(payload) + "." + base64.RawURLEncoding.EncodeToString([]byte("signature"))
		who, err := a.identify(t.Context(), p, answer{Access: "x", ID: token}, expectation{nonce: nonce, notBefore: now})
		if err != nil {
			if who.actor.ID != "" || who.subject != "" || len(err.Error()) > 400 {
				t.Errorf("%q is refused, yet gives %+v, %v", payload, who, err)
			}
			return
		}
		var said map[string]any
		if err := json.Unmarshal(payload, &said); err != nil {
			t.Fatalf("%q is taken and isn't JSON", payload)
		}
		switch {
		case who.actor.Tenant != tenant || !directory.IsGUID(who.actor.ID) || !strings.EqualFold(said["oid"].(string), string(who.actor.ID)):
			t.Errorf("%q lets in %+v", payload, who.actor)
		case who.subject == "" || said["sub"] != who.subject || said["iss"] != issuer || said["nonce"] != nonce:
			t.Errorf("%q lets in %q", payload, who.subject)
		case who.actor.Role == directory.Helpdesk && !strings.Contains(string(payload), "elpdesk") && !strings.Contains(string(payload), `\u`):
			t.Errorf("%q makes somebody helpdesk", payload)
		}
	})
}
