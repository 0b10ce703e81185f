package demo

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// errNotHere is what a grant type gets that this tenant doesn't have.
var errNotHere = errors.New("demo: not in this tenant")

// authRequest is a sign-in on its way, as op.AuthRequest wants it.
type authRequest struct {
	id      string
	asked   oidc.AuthRequest
	expires time.Time
	coded   bool   // its code has been given out
	grant   *grant // nil until somebody has signed in
	skew    time.Duration
}

func (r *authRequest) GetID() string                      { return r.id }
func (r *authRequest) GetACR() string                     { return "" }
func (r *authRequest) GetAMR() []string                   { return []string{"pwd"} }
func (r *authRequest) GetAudience() []string              { return []string{r.asked.ClientID} }
func (r *authRequest) GetAuthTime() time.Time             { return r.grant.authTime.Add(-r.skew) }
func (r *authRequest) GetClientID() string                { return r.asked.ClientID }
func (r *authRequest) GetNonce() string                   { return r.asked.Nonce }
func (r *authRequest) GetRedirectURI() string             { return r.asked.RedirectURI }
func (r *authRequest) GetScopes() []string                { return r.asked.Scopes }
func (r *authRequest) GetState() string                   { return r.asked.State }
func (r *authRequest) GetSubject() string                 { return r.grant.person.subject() }
func (r *authRequest) Done() bool                         { return r.grant != nil }
func (r *authRequest) granted() *grant                    { return r.grant }
func (r *authRequest) GetResponseType() oidc.ResponseType { return r.asked.ResponseType }
func (r *authRequest) GetResponseMode() oidc.ResponseMode { return r.asked.ResponseMode }
func (r *authRequest) GetCodeChallenge() *oidc.CodeChallenge {
	return &oidc.CodeChallenge{Challenge: r.asked.CodeChallenge, Method: r.asked.CodeChallengeMethod}
}

// refreshRequest is a refresh on its way, as op.RefreshTokenRequest wants it.
// The scopes of this one token are kept apart from the grant's, so that asking
// for less once doesn't shrink what the next refresh may ask for.
type refreshRequest struct {
	grant  *grant
	scopes []string
	skew   time.Duration
}

func (r *refreshRequest) GetAMR() []string            { return []string{"pwd"} }
func (r *refreshRequest) GetAudience() []string       { return []string{clientID} }
func (r *refreshRequest) GetAuthTime() time.Time      { return r.grant.authTime.Add(-r.skew) }
func (r *refreshRequest) GetClientID() string         { return clientID }
func (r *refreshRequest) GetScopes() []string         { return r.scopes }
func (r *refreshRequest) GetSubject() string          { return r.grant.person.subject() }
func (r *refreshRequest) SetCurrentScopes(s []string) { r.scopes = s }
func (r *refreshRequest) granted() *grant             { return r.grant }

// subject is the sub claim: pairwise, so another one for every app.
func (p *person) subject() string {
	mac := hmac.New(sha256.New, []byte(clientID))
	mac.Write([]byte(p.ID))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// storage is the tenant as op.Storage wants it.
type storage struct{ *Tenant }

// CreateAuthRequest accepts what Entra ID would accept.
func (s storage) CreateAuthRequest(ctx context.Context, asked *oidc.AuthRequest, _ string) (op.AuthRequest, error) {
	if asked.CodeChallenge == "" || asked.CodeChallengeMethod != oidc.CodeChallengeMethodS256 {
		return nil, oidc.ErrInvalidRequest().WithDescription("AADSTS50161: PKCE with code_challenge_method S256 is required.")
	}
	if !slices.Contains(asked.Scopes, oidc.ScopeOpenID) {
		return nil, oidc.ErrInvalidScope().WithDescription("AADSTS70011: The scope openid is required.")
	}
	r := &authRequest{id: rand.Text(), asked: *asked, expires: s.now().Add(requestLife), skew: s.skew()}
	v, _ := ctx.Value(sessionKey{}).(*session)
	silent := slices.Contains(asked.Prompt, oidc.PromptNone)
	if silent && v == nil {
		return nil, oidc.ErrLoginRequired().WithDescription("AADSTS50058: A silent sign-in request was sent but no user is signed in.")
	}
	s.signIns.begin(r)
	if silent {
		s.signIns.choose(r.id, v)
	}
	return s.signIns.pending(r.id), nil
}

func (s storage) AuthRequestByID(_ context.Context, id string) (op.AuthRequest, error) {
	if r := s.signIns.pending(id); r != nil {
		return r, nil
	}
	return nil, oidc.ErrInvalidRequest().WithDescription("This sign-in has run out.")
}

func (s storage) AuthRequestByCode(_ context.Context, code string) (op.AuthRequest, error) {
	if r := s.signIns.byCode(code); r != nil && r.Done() {
		return r, nil
	}
	return nil, errors.New("the code was redeemed before or has run out")
}

func (s storage) SaveAuthCode(_ context.Context, id, code string) error {
	if !s.signIns.saveCode(id, code) {
		return oidc.ErrInvalidRequest().WithDescription("This sign-in is over.")
	}
	return nil
}

func (s storage) DeleteAuthRequest(_ context.Context, id string) error {
	s.signIns.finish(id)
	return nil
}

func (s storage) CreateAccessToken(ctx context.Context, r op.TokenRequest) (string, time.Time, error) {
	id, _, expires, err := s.CreateAccessAndRefreshTokens(ctx, r, "")
	return id, expires, err
}

func (s storage) CreateAccessAndRefreshTokens(_ context.Context, r op.TokenRequest, used string) (id, next string, expires time.Time, err error) {
	g, ok := r.(interface{ granted() *grant })
	if !ok {
		return "", "", time.Time{}, oidc.ErrUnsupportedGrantType()
	}
	if asked, isCode := r.(*authRequest); isCode && !s.signIns.finish(asked.id) {
		return "", "", time.Time{}, oidc.ErrInvalidGrant() // somebody else was faster with the code
	}
	id, next, ok = s.signIns.issue(g.granted(), r.GetScopes(), used)
	if !ok {
		return "", "", time.Time{}, oidc.ErrInvalidGrant()
	}
	return id, next, s.now().Add(accessLife), nil
}

func (s storage) TokenRequestByRefreshToken(_ context.Context, token string) (op.RefreshTokenRequest, error) {
	v := s.signIns.refreshable(token)
	if v == nil {
		return nil, op.ErrInvalidRefreshToken
	}
	return &refreshRequest{grant: v.grant, scopes: v.grant.scopes, skew: s.skew()}, nil
}

// SetUserinfoFromRequest fills the ID token with the claims that Entra ID sends.
func (s storage) SetUserinfoFromRequest(_ context.Context, info *oidc.UserInfo, r op.IDTokenRequest, _ []string) error {
	g := r.(interface{ granted() *grant }).granted() // both kinds of request are ours
	info.Subject = g.person.subject()
	info.Name = g.person.DisplayName
	info.PreferredUsername = g.person.UPN
	info.Claims = map[string]any{
		"oid": g.person.ID, "tid": g.person.tenant, "ver": "2.0", "sid": g.sid, "login_hint": g.person.loginHint(),
	}
	return nil
}

func (s storage) SigningKey(context.Context) (op.SigningKey, error) { return s.keys.current() }

func (s storage) SignatureAlgorithms(context.Context) ([]jose.SignatureAlgorithm, error) {
	return []jose.SignatureAlgorithm{jose.RS256}, nil
}

func (s storage) KeySet(context.Context) ([]op.Key, error) {
	k, err := s.keys.current()
	return []op.Key{publicKey{k}}, err
}

func (s storage) GetClientByClientID(_ context.Context, id string) (op.Client, error) {
	if id != clientID {
		return nil, oidc.ErrInvalidClient().WithDescription("The application is not known in this tenant.")
	}
	return client(s), nil
}

func (s storage) AuthorizeClientIDSecret(_ context.Context, id, secret string) error {
	if id != clientID || subtle.ConstantTimeCompare([]byte(secret), []byte(s.secret)) != 1 {
		return errors.New("wrong client id or secret")
	}
	return nil
}

// What follows op.Storage wants and this tenant doesn't have.

func (s storage) TerminateSession(context.Context, string, string) error          { return nil }
func (s storage) RevokeToken(context.Context, string, string, string) *oidc.Error { return nil }
func (s storage) SetUserinfoFromScopes(context.Context, *oidc.UserInfo, string, string, []string) error {
	return nil
}
func (s storage) SetUserinfoFromToken(context.Context, *oidc.UserInfo, string, string, string) error {
	return errNotHere
}
func (s storage) SetIntrospectionFromToken(context.Context, *oidc.IntrospectionResponse, string, string, string) error {
	return errNotHere
}
func (s storage) GetPrivateClaimsFromScopes(context.Context, string, string, []string) (map[string]any, error) {
	return nil, errNotHere
}
func (s storage) GetKeyByIDAndClientID(context.Context, string, string) (*jose.JSONWebKey, error) {
	return nil, errNotHere
}
func (s storage) ValidateJWTProfileScopes(context.Context, string, []string) ([]string, error) {
	return nil, errNotHere
}
func (s storage) GetRefreshTokenInfo(context.Context, string, string) (string, string, error) {
	return "", "", op.ErrInvalidRefreshToken
}
func (s storage) Health(context.Context) error { return nil }

// client is the app as op.Client wants it.
type client struct{ *Tenant }

func (c client) GetID() string                       { return clientID }
func (c client) RedirectURIs() []string              { return []string{c.registered().redirectURL} }
func (c client) PostLogoutRedirectURIs() []string    { return []string{c.registered().postLogoutURL} }
func (c client) ApplicationType() op.ApplicationType { return op.ApplicationTypeWeb }
func (c client) AuthMethod() oidc.AuthMethod         { return oidc.AuthMethodPost }
func (c client) ResponseTypes() []oidc.ResponseType {
	return []oidc.ResponseType{oidc.ResponseTypeCode}
}
func (c client) GrantTypes() []oidc.GrantType {
	return []oidc.GrantType{oidc.GrantTypeCode, oidc.GrantTypeRefreshToken}
}
func (c client) AccessTokenType() op.AccessTokenType { return op.AccessTokenTypeBearer }

// DevMode lets a web client have an http callback; this one is on loopback.
func (c client) DevMode() bool { return true }

func (c client) RestrictAdditionalIdTokenScopes() func([]string) []string {
	return slices.Clone[[]string]
}
func (c client) RestrictAdditionalAccessTokenScopes() func([]string) []string {
	return slices.Clone[[]string]
}
func (c client) IDTokenUserinfoClaimsAssertion() bool { return true }

// LoginURL sends the browser to the persona page, or straight on where
// prompt=none has found a session.
func (c client) LoginURL(id string) string {
	if r := c.signIns.pending(id); r != nil && r.Done() {
		return op.AuthCallbackURL(c.provider)(context.Background(), id)
	}
	return c.path("/login?id=" + id)
}

// IsScopeAllowed knows the permissions that the app is registered with, with
// or without the host of the API in front.
func (c client) IsScopeAllowed(scope string) bool {
	for _, host := range []string{"https://graph.microsoft.com/", c.base + "/"} {
		scope = strings.TrimPrefix(scope, host)
	}
	return slices.ContainsFunc([]string{"User.Read", "User.ReadWrite", "ProfilePhoto.ReadWrite.All"}, func(s string) bool {
		return strings.EqualFold(s, scope)
	})
}

// ClockSkew moves the times in tokens from the system's clock, which op reads,
// to the tenant's: op adds it to iat and exp with opposite signs, and
// IDTokenLifetime makes up for that.
func (c client) ClockSkew() time.Duration { return -c.skew() }

func (c client) IDTokenLifetime() time.Duration { return accessLife + 2*c.skew() }

// skew is how far the tenant's clock is ahead of the system's.
func (t *Tenant) skew() time.Duration {
	if t.realTime {
		return 0
	}
	return time.Until(t.now()).Round(time.Second)
}
