package auth

import (
	"bytes"
	"context"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/coreos/go-oidc/v3/oidc"

	"portrait/internal/directory"
	"portrait/internal/fault"
	"portrait/internal/words"
)

// clockSkew is how far the provider's clock and ours may be apart. Microsoft's
// own libraries allow as much.
//
// Source: https://learn.microsoft.com/dotnet/api/microsoft.identitymodel.tokens.tokenvalidationparameters.defaultclockskew
const clockSkew = 5 * time.Minute

// maxSubjectBytes is the longest sub that OpenID Connect allows.
//
// Source: https://openid.net/specs/openid-connect-core-1_0.html#IDToken
const maxSubjectBytes = 255

// errOtherAccount is the cause of faults that another account helps with.
var errOtherAccount = errors.New("the account isn't of this tenant")

// identity is who an ID token speaks of.
type identity struct {
	actor   directory.Actor // without scopes
	subject string
	sid     string
	hint    string
}

// expectation is what an ID token must fit to, beside what is configured.
type expectation struct {
	nonce     string    // "" after a refresh, whose ID token needs none
	notBefore time.Time // when we asked
}

// claims are the claims that go-oidc doesn't read.
//
// Source: https://learn.microsoft.com/entra/identity-platform/id-token-claims-reference
type claims struct {
	Tenant          string   `json:"tid"`
	Object          string   `json:"oid"`
	AuthorizedParty string   `json:"azp"`
	Name            string   `json:"name"`
	UPN             string   `json:"preferred_username"`
	Roles           []string `json:"roles"`
	SID             string   `json:"sid"`
	Hint            string   `json:"login_hint"`
}

// identify returns who the ID token in t speaks of. go-oidc checks
// signature, algorithm, issuer, expiry and that we are among the audience;
// everything else is checked here.
//
// It fails with fault.Forbidden if anything doesn't fit, and fault.Unavailable
// or fault.Timeout if the provider's keys can't be fetched.
func (a *Auth) identify(ctx context.Context, p *provider, t answer, want expectation) (identity, error) {
	const op = "auth.identify"
	raw, ok := t.ID.(string)
	if !ok || raw == "" {
		return identity{}, refused(op, errors.New("there is no ID token"))
	}
	if err := checkType(raw); err != nil {
		return identity{}, refused(op, err)
	}
	var outage error
	id, err := p.verifier.Verify(withOutage(ctx, &outage), raw)
	if outage != nil {
		return identity{}, unreachable(op, outage)
	}
	if err != nil {
		return identity{}, refused(op, brief(err))
	}
	var payload json.RawMessage
	if err := errors.Join(id.Claims(&payload), checkNames(payload)); err != nil {
		return identity{}, refused(op, err)
	}
	var c claims
	if err := id.Claims(&c); err != nil {
		return identity{}, refused(op, errors.New("a claim has another type than it must"))
	}
	if err := a.checkToken(id, c, want); err != nil {
		return identity{}, refused(op, err)
	}
	if id.AccessTokenHash != "" {
		if err := id.VerifyAccessToken(t.Access); err != nil {
			return identity{}, refused(op, errors.New("at_hash is of another access token"))
		}
	}
	return a.admit(id.Subject, c)
}

// checkToken makes the checks that go-oidc leaves to its caller.
func (a *Auth) checkToken(id *oidc.IDToken, c claims, want expectation) error {
	switch now := a.config.Now(); {
	case want.nonce != "" && subtle.ConstantTimeCompare([]byte(id.Nonce), []byte(want.nonce)) != 1:
		return errors.New("the nonce is another")
	case id.Subject == "" || len(id.Subject) > maxSubjectBytes:
		return errors.New("sub is missing or too long")
	case id.IssuedAt.IsZero() || id.IssuedAt.Unix() == 0:
		return errors.New("iat is missing")
	case id.IssuedAt.Before(want.notBefore.Add(-clockSkew)):
		return errors.New("it was issued before we asked")
	case id.IssuedAt.After(now.Add(clockSkew)):
		return errors.New("it was issued in the future")
	case len(id.Audience) != 1 || id.Audience[0] != a.config.ClientID:
		return errors.New("it is for others too")
	case c.AuthorizedParty != "" && c.AuthorizedParty != a.config.ClientID:
		return errors.New("azp is another")
	}
	return nil
}

// admit returns the person that c speaks of, if they are of the tenant.
func (a *Auth) admit(subject string, c claims) (identity, error) {
	const op = "auth.admit"
	tenant := directory.ID(strings.ToLower(c.Tenant))
	object := directory.ID(strings.ToLower(c.Object))
	switch {
	case tenant == directory.PersonalTenant:
		return identity{}, &fault.Error{Op: op, Kind: fault.Forbidden,
			Say: words.M("signin.personal-account"), Next: fault.NextSignIn, Err: errOtherAccount}
	case !directory.IsGUID(tenant):
		return identity{}, refused(op, errors.New("tid is missing or not a GUID"))
	case tenant != a.config.Tenant:
		return identity{}, &fault.Error{Op: op, Kind: fault.Forbidden,
			Say: words.M("signin.other-tenant"), Next: fault.NextSignIn, Err: errOtherAccount}
	case !directory.IsGUID(object):
		return identity{}, refused(op, errors.New("oid is missing or not a GUID"))
	}
	actor := directory.Actor{Tenant: tenant, ID: object, Name: c.Name, UPN: c.UPN, Role: directory.Employee}
	if actor.Name == "" {
		actor.Name = c.UPN
	}
	if slices.Contains(c.Roles, a.config.HelpdeskRole) {
		actor.Role = directory.Helpdesk
	}
	return identity{actor: actor, subject: subject, sid: c.SID, hint: c.Hint}, nil
}

// take puts who into c, as the provider said it at now. Scopes stay as they
// are: they come with the tokens.
func (c *content) take(who identity, now time.Time) {
	scopes := c.Actor.Scopes
	c.Actor = who.actor
	c.Actor.Scopes = scopes
	c.Subject, c.Proven = who.subject, now
	if who.hint != "" {
		c.Hint = who.hint
	}
}

// checkType refuses a token that says it is of another kind than an ID token:
// an access token (at+jwt), a logout token (logout+jwt). The signature is
// checked later; a lie here helps nobody.
//
// Source: https://www.rfc-editor.org/rfc/rfc8725#section-3.11
func checkType(raw string) error {
	head, _, _ := strings.Cut(raw, ".")
	text, err := base64.RawURLEncoding.DecodeString(head)
	if err != nil {
		return errors.New("it is not a JWT")
	}
	var header struct {
		Type string `json:"typ"`
	}
	if err := json.Unmarshal(text, &header); err != nil {
		return errors.New("it is not a JWT")
	}
	if header.Type != "" && !strings.EqualFold(header.Type, "JWT") {
		return errors.New("it is another kind of token")
	}
	return nil
}

// used are the names of the claims that go-oidc and we read.
var used = []string{
	"iss", "sub", "aud", "exp", "iat", "nbf", "nonce", "at_hash", "_claim_names", "_claim_sources",
	"tid", "oid", "azp", "name", "preferred_username", "roles", "sid", "login_hint",
}

// checkNames refuses claims of which two have the same name, also if only in
// another case, and claims that we would read though they are called otherwise:
// encoding/json takes "OID" for "oid", and the later of two counts.
//
// Source: https://www.rfc-editor.org/rfc/rfc7519#section-4
func checkNames(payload []byte) error {
	d := json.NewDecoder(bytes.NewReader(payload))
	if start, err := d.Token(); err != nil || start != json.Delim('{') {
		return errors.New("the claims are no object")
	}
	seen := map[string]bool{}
	for d.More() {
		token, err := d.Token()
		name, ok := token.(string)
		if err != nil || !ok {
			return errors.New("the claims can't be read")
		}
		folded := strings.Map(fold, name)
		if seen[folded] || slices.ContainsFunc(used, func(u string) bool { return u != name && strings.EqualFold(u, name) }) {
			return errors.New("two claims have the same name, or one is spelled otherwise")
		}
		seen[folded] = true
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return errors.New("the claims can't be read")
		}
	}
	return nil
}

// fold returns the least of the letters that r is equal to without case.
func fold(r rune) rune {
	least := r
	for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
		least = min(least, next)
	}
	return least
}
