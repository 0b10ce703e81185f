package demo

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"slices"
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
	coded   bool     // its code has been given out
	chosen  *session // who has been chosen; they may still have to consent
	grant   *grant   // nil until somebody has signed in and consented
	scopes  []string // granted, once there is a grant
	claims  claimsRequest
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
func (r *authRequest) GetState() string                   { return r.asked.State }
func (r *authRequest) GetSubject() string                 { return r.grant.person.subject() }
func (r *authRequest) Done() bool                         { return r.grant != nil }
func (r *authRequest) granted() *grant                    { return r.grant }
func (r *authRequest) ask() claimsRequest                 { return r.claims }
func (r *authRequest) GetResponseType() oidc.ResponseType { return r.asked.ResponseType }
func (r *authRequest) GetResponseMode() oidc.ResponseMode { return r.asked.ResponseMode }
func (r *authRequest) GetScopes() []string {
	if r.grant == nil {
		return r.asked.Scopes
	}
	return r.scopes
}
func (r *authRequest) GetCodeChallenge() *oidc.CodeChallenge {
	return &oidc.CodeChallenge{Challenge: r.asked.CodeChallenge, Method: r.asked.CodeChallengeMethod}
}

// refreshRequest is a refresh on its way, as op.RefreshTokenRequest wants it.
// The scopes of this one token are kept apart from the grant's, so that asking
// for less once doesn't shrink what the next refresh may ask for.
type refreshRequest struct {
	grant  *grant
	scopes []string
	claims claimsRequest
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
func (r *refreshRequest) ask() claimsRequest          { return r.claims }

// tokenRequest is either of them.
type tokenRequest interface {
	op.TokenRequest
	granted() *grant
	ask() claimsRequest
}

// subject is the sub claim: pairwise, so another one for every app.
func (p *person) subject() string {
	mac := hmac.New(sha256.New, []byte(clientID))
	_, _ = mac.Write([]byte(p.ID)) // a hash never fails
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// storage is the tenant as op.Storage wants it.
type storage struct{ *Tenant }

// CreateAuthRequest begins a sign-in, which readSignIn has checked. With
// prompt=none it ends at once, as the person who is signed in.
func (s storage) CreateAuthRequest(ctx context.Context, asked *oidc.AuthRequest, _ string) (op.AuthRequest, error) {
	v, _ := ctx.Value(visitKey{}).(visit)
	r := &authRequest{id: rand.Text(), asked: *asked, claims: v.claims, expires: s.now().Add(requestLife), skew: s.skew()}
	s.signIns.begin(r)
	if slices.Contains(asked.Prompt, oidc.PromptNone) && v.session != nil {
		s.signIns.choose(r.id, v.session)
		s.signIns.grant(r.id, v.session)
	}
	return s.signIns.pending(r.id), nil
}

func (s storage) AuthRequestByID(_ context.Context, id string) (op.AuthRequest, error) {
	if r := s.signIns.pending(id); r != nil {
		return r, nil
	}
	return nil, oidc.ErrInvalidRequest().WithDescription("This sign-in has run out.")
}

func (s storage) AuthRequestByCode(ctx context.Context, code string) (op.AuthRequest, error) {
	if r := s.signIns.byCode(code); r != nil && r.Done() {
		ask, _ := ctx.Value(tokenAskKey{}).(tokenAsk)
		r.claims = r.claims.with(ask.claims)
		return r, nil
	}
	return nil, errors.New("the code was redeemed before or has run out")
}

func (s storage) SaveAuthCode(_ context.Context, id, code string) error {
	if !s.signIns.saveCode(id, code) {
		return oidc.ErrInvalidRequest().WithDescription("This sign-in is over.")
	}
	s.secrets.add(code)
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
	q, ok := r.(tokenRequest)
	if !ok {
		return "", "", time.Time{}, oidc.ErrUnsupportedGrantType()
	}
	if asked, isCode := r.(*authRequest); isCode && !s.signIns.finish(asked.id) {
		return "", "", time.Time{}, oidc.ErrInvalidGrant() // somebody else was faster with the code
	}
	expires = s.now().Add(cmp.Or(s.sky().TokenLife, accessLife))
	id, next, ok = s.signIns.issue(q, used, expires)
	if !ok {
		return "", "", time.Time{}, oidc.ErrInvalidGrant()
	}
	return id, next, expires, nil
}

func (s storage) TokenRequestByRefreshToken(ctx context.Context, token string) (op.RefreshTokenRequest, error) {
	v := s.signIns.refreshable(token)
	if v == nil {
		return nil, op.ErrInvalidRefreshToken
	}
	ask, _ := ctx.Value(tokenAskKey{}).(tokenAsk)
	scopes := ask.scopes
	if len(scopes) == 0 {
		scopes = v.grant.scopes
	}
	scopes = s.signIns.granted(v.grant.person, scopes)
	return &refreshRequest{grant: v.grant, scopes: scopes, claims: ask.claims, skew: s.skew()}, nil
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
	if roles := s.state.rolesOf(g.person.ID); len(roles) > 0 {
		info.Claims["roles"] = roles
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
