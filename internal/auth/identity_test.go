package auth_test

import (
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"portrait/internal/directory"
	"portrait/internal/fault"
)

// set returns a change of one claim; nil takes it away.
func set(name string, value any) func(*site) {
	return func(s *site) {
		s.issuer.claims = func(c map[string]any) {
			if c[name] = value; value == nil {
				delete(c, name)
			}
		}
	}
}

// at is set for a claim that is a time, from now on.
func at(name string, after time.Duration) func(*site) {
	return func(s *site) { set(name, s.clock.Now().Add(after).Unix())(s) }
}

// sign replaces the signing.
func sign(f func(*issuer, map[string]any) string) func(*site) {
	return func(s *site) { s.issuer.sign = f }
}

// raw puts more behind the claims, as text.
func raw(more string) func(*site) {
	return sign(func(_ *issuer, c map[string]any) string {
		payload, err := json.Marshal(c)
		if err != nil {
			panic(err)
		}
		options := (&jose.SignerOptions{}).WithType("JWT").WithHeader("kid", kid(0))
		return compactBytes(jose.SigningKey{Algorithm: jose.RS256, Key: keys()[0]}, options, append(payload[:len(payload)-1], more+"}"...))
	})
}

// idToken puts raw into the answer in place of the ID token; nil takes it away.
func idToken(raw any) func(*site) {
	return func(s *site) {
		s.issuer.answer = func(m map[string]any) {
			if m["id_token"] = raw; raw == nil {
				delete(m, "id_token")
			}
		}
	}
}

// TestSecurityIDToken is the list of security.md 3.1: what the OpenID Foundation's
// suite tries with a client, and more.
func TestSecurityIDToken(t *testing.T) {
	const ok, refused = "", "signin.refused"
	for _, tt := range []struct {
		sentence string
		spoil    func(s *site)
		say      string
	}{
		{"as it must be", func(*site) {}, ok},

		{"of another issuer", set("iss", "https://evil.example.com"), refused},
		{"of our issuer with a slash", func(s *site) { set("iss", s.issuer.URL+"/")(s) }, refused},
		{"without an issuer", set("iss", nil), refused},
		{"for somebody else", set("aud", "evil"), refused},
		{"for nobody", set("aud", nil), refused},
		{"for us and somebody else", set("aud", []string{clientID, "evil"}), refused},
		{"for us twice", set("aud", []string{clientID, clientID}), refused},
		{"for us in a list", set("aud", []string{clientID}), ok},
		{"given to somebody else", set("azp", "evil"), refused},
		{"given to us", set("azp", clientID), ok},

		{"with another nonce", set("nonce", "evil"), refused},
		{"without a nonce", set("nonce", nil), refused},
		{"without sub", set("sub", nil), refused},
		{"with an empty sub", set("sub", ""), refused},
		{"with a sub of 256 letters", set("sub", strings.Repeat("x", 256)), refused},
		{"with a sub that is a number", set("sub", 7), refused},

		{"that ran out a second ago", at("exp", -time.Second), refused},
		{"that never runs out", set("exp", nil), refused},
		{"that isn't good for six minutes yet", at("nbf", 6*time.Minute), refused},
		{"that isn't good for four minutes yet", at("nbf", 4*time.Minute), ok},
		{"without iat", set("iat", nil), refused},
		{"issued at zero", set("iat", 0), refused},
		{"issued six minutes before we asked", at("iat", -6*time.Minute), refused},
		{"issued four minutes before we asked", at("iat", -4*time.Minute), ok},
		{"issued in six minutes", at("iat", 6*time.Minute), refused},
		{"issued in four minutes", at("iat", 4*time.Minute), ok},

		{"of a personal account", set("tid", string(directory.PersonalTenant)), "signin.personal-account"},
		{"of a personal account in capitals", set("tid", strings.ToUpper(string(directory.PersonalTenant))), "signin.personal-account"},
		{"of another tenant", set("tid", "44444444-aaaa-bbbb-cccc-000000000004"), "signin.other-tenant"},
		{"without a tenant", set("tid", nil), refused},
		{"of a tenant by name", set("tid", "contoso.com"), refused},
		{"of our tenant in capitals", set("tid", strings.ToUpper(tenantID)), ok},
		{"without oid", set("oid", nil), refused},
		{"with an oid that is a name", set("oid", "ada@example.com"), refused},
		{"with an oid that is a path", set("oid", "../"+objectID), refused},
		{"with roles that are no list", set("roles", 7), refused},
		{"of a guest", set("idp", "https://sts.windows.net/other/"), ok},
		{"with a picture that must not be fetched", set("picture", "http://127.0.0.1:9/"), ok},

		{"that names its person twice", raw(`,"sub":"canary-victim"`), refused},
		{"that names its person a second time in capitals", raw(`,"OID":"55555555-aaaa-bbbb-cccc-000000000005"`), refused},
		{"that names its person a second time with a letter like an s", raw(`,"\u017fub":"canary-victim"`), refused},
		{"that names its person in capitals alone", func(s *site) {
			s.issuer.claims = func(c map[string]any) {
				c["OID"] = c["oid"]
				delete(c, "oid")
			}
		}, refused},
		{"that says twice what nobody reads", raw(`,"x":1,"x":2`), refused},
		{"of version 1.0, from the issuer of those", func(s *site) {
			s.issuer.claims = func(c map[string]any) {
				c["ver"], c["iss"] = "1.0", "https://sts.windows.net/"+tenantID+"/"
			}
		}, refused},
		{"with claims that are elsewhere", set("_claim_sources", map[string]any{"src1": map[string]any{"endpoint": "http://127.0.0.1:9/"}}), ok},

		{"with the hash of another access token", set("at_hash", base64.RawURLEncoding.EncodeToString(make([]byte, 16))), refused},
		{"without the hash of the access token", set("at_hash", nil), ok},

		{"unsigned", sign(unsigned), refused},
		{"signed with the client's secret", sign(func(_ *issuer, c map[string]any) string {
			return compact(jose.SigningKey{Algorithm: jose.HS256, Key: []byte(clientSecret + "000000000000")}, nil, c)
		}), refused},
		{"signed with the public key as a secret", sign(func(_ *issuer, c map[string]any) string {
			public, err := x509.MarshalPKIXPublicKey(keys()[0].Public())
			if err != nil {
				panic(err)
			}
			return compact(jose.SigningKey{Algorithm: jose.HS256, Key: public}, nil, c)
		}), refused},
		{"signed by the right key with another algorithm", sign(func(_ *issuer, c map[string]any) string {
			delete(c, "at_hash") // which would be another too
			return compact(jose.SigningKey{Algorithm: jose.RS512, Key: keys()[0]}, nil, c)
		}), refused},
		{"signed by a key that isn't published", sign(signed(1, nil)), refused},
		{"signed by another key under the right name", sign(signed(1, map[jose.HeaderKey]any{"kid": kid(0)})), refused},
		{"that brings its own key", sign(func(i *issuer, c map[string]any) string {
			return compact(jose.SigningKey{Algorithm: jose.RS256, Key: keys()[1]}, &jose.SignerOptions{EmbedJWK: true}, c)
		}), refused},
		{"that says where its key is", sign(signed(1, map[jose.HeaderKey]any{"jku": "http://127.0.0.1:9/"})), refused},
		{"that names no key", sign(signed(0, map[jose.HeaderKey]any{"kid": nil})), ok},
		{"that says no type", sign(signed(0, map[jose.HeaderKey]any{"typ": nil})), ok},
		{"that is an access token", sign(signed(0, map[jose.HeaderKey]any{"typ": "at+jwt"})), refused},
		{"that is a logout token", sign(signed(0, map[jose.HeaderKey]any{"typ": "logout+jwt"})), refused},

		{"that isn't there", idToken(nil), refused},
		{"that is empty", idToken(""), refused},
		{"that is a number", idToken(7), refused},
		{"that is no token", idToken("canary"), refused},
		{"that is a megabyte of dots", idToken(strings.Repeat(".", 1<<20-1000)), refused},
	} {
		t.Run("an ID token "+tt.sentence, func(t *testing.T) {
			s, b := newSite(t), newBrowser()
			tt.spoil(s)
			err := b.signIn(t, s)
			if tt.say == ok && err != nil {
				t.Errorf("refused: %v", err)
			}
			if tt.say != ok {
				checkFault(t, err, fault.Forbidden, tt.say, fault.NextSignIn)
			}
			if in := b.isIn(t, s.Auth); in != (tt.say == ok) {
				t.Errorf("signed in: %v", in)
			}
		})
	}
}

func TestSecurityWhoIsSignedIn(t *testing.T) {
	for _, tt := range []struct {
		sentence string
		claims   map[string]any
		want     directory.Actor
	}{
		{"one who has the helpdesk's role", map[string]any{"roles": []string{"Reader", "Helpdesk"}},
			directory.Actor{Name: "Canary Ada", Role: directory.Helpdesk}},
		{"one who has a role spelled nearly so", map[string]any{"roles": []string{"helpdesk", "Helpdesk "}},
			directory.Actor{Name: "Canary Ada", Role: directory.Employee}},
		{"one who has no name", map[string]any{"name": ""},
			directory.Actor{Name: "canary.ada@example.com", Role: directory.Employee}},
		{"one who has taken somebody else's UPN", map[string]any{"preferred_username": "boss@example.com"},
			directory.Actor{Name: "Canary Ada", Role: directory.Employee}},
		{"one whose oid is in capitals", map[string]any{"oid": strings.ToUpper(objectID)},
			directory.Actor{Name: "Canary Ada", Role: directory.Employee}},
	} {
		t.Run(tt.sentence, func(t *testing.T) {
			s := newSite(t)
			s.issuer.claims = func(c map[string]any) {
				for name, value := range tt.claims {
					c[name] = value
				}
			}
			_, got := newBrowser().mustSignIn(t, s)
			if got.Tenant != tenantID || got.ID != objectID || got.Name != tt.want.Name || got.Role != tt.want.Role {
				t.Errorf("is %+v, want %+v", got, tt.want)
			}
		})
	}
}

func TestScopesAreWhatWasGiven(t *testing.T) {
	for _, tt := range []struct {
		sentence, prefix string
		scope            any
		want             string
	}{
		{"less than asked for", "", "openid profile", "[openid profile]"},
		{"more than asked for", "", "User.ReadWrite Contacts.ReadWrite", "[contacts.readwrite user.readwrite]"},
		{"with Graph's address unasked", "", "https://graph.microsoft.com/User.ReadWrite", "[user.readwrite]"},
		{"in another cloud", "https://graph.microsoft.us/", "https://graph.microsoft.us/User.ReadWrite openid", "[openid user.readwrite]"},
		{"for something that isn't Graph", "", "https://evil.example.com/User.ReadWrite", "[https://evil.example.com/user.readwrite]"},
		{"not said, so as asked", "https://graph.microsoft.us/", nil, "[user.readwrite]"},
	} {
		t.Run(tt.sentence, func(t *testing.T) {
			s := newSite(t)
			s.config.ScopePrefix = tt.prefix
			s.Auth = s.replica(t, nothing)
			s.issuer.answer = func(m map[string]any) {
				if m["scope"] = tt.scope; tt.scope == nil {
					delete(m, "scope")
				}
			}
			_, actor := newBrowser().mustSignIn(t, s)
			if got := fmt.Sprint(actor.Scopes); got != tt.want {
				t.Errorf("%s, want %s", got, tt.want)
			}
		})
	}
}
