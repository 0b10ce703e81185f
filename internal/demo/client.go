package demo

import (
	"context"
	"slices"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

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

// IsScopeAllowed knows the permissions that the app is registered with.
func (c client) IsScopeAllowed(scope string) bool { return c.signIns.isGraphScope(scope) }

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
