package demo

import (
	"crypto/rand"
	"encoding/base64"
	"slices"
	"time"

	"github.com/zitadel/oidc/v3/pkg/oidc"
)

// tokenIDBytes makes an access token about 3 kB long, as Entra's are, so that
// nobody gets used to keeping one in a cookie.
const tokenIDBytes = 1600

// Kinds of access tokens.
const (
	delegatedToken = "delegated"
	appToken       = "app"
)

// accessToken is what an access token stands for.
type accessToken struct {
	*grant  // nil for the app by itself
	kind    string
	scopes  []string // of this token; the roles of the app
	cp1     bool
	answer  string // the claims challenge that it answers, or ""
	expires time.Time
}

// refreshToken is what a refresh token stands for, until it is used.
type refreshToken struct {
	*grant
	expires time.Time
}

// issue makes an access token for q that is good until expires, and a refresh
// token if offline_access was granted. used is the refresh token that it is
// issued for, which dies with it; issue reports false if it is dead already.
func (s *signIns) issue(q tokenRequest, used string, expires time.Time) (tokenID, next string, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if used != "" {
		if s.refresh[used] == nil {
			return "", "", false
		}
		delete(s.refresh, used)
	}
	now, g, claims := s.now(), q.granted(), q.ask()
	tokenID = newTokenID()
	s.access[tokenID] = &accessToken{
		grant: g, kind: delegatedToken, scopes: q.GetScopes(), cp1: g.cp1 || claims.cp1, answer: claims.answer, expires: expires,
	}
	if slices.Contains(g.scopes, oidc.ScopeOfflineAccess) {
		next = "1." + rand.Text() + rand.Text()
		s.refresh[next] = &refreshToken{grant: g, expires: now.Add(refreshLife)}
	}
	return tokenID, next, true
}

// issueApp makes an access token for the app by itself.
func (s *signIns) issueApp(roles []string) (tokenID string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	tokenID = newTokenID()
	s.access[tokenID] = &accessToken{kind: appToken, scopes: roles, expires: s.now().Add(accessLife)}
	return tokenID
}

func newTokenID() string {
	long := make([]byte, tokenIDBytes)
	_, _ = rand.Read(long) // never fails
	return base64.RawURLEncoding.EncodeToString(long)
}

// token returns what the access token with the id stands for, or nil.
func (s *signIns) token(id string) *accessToken {
	s.mu.Lock()
	defer s.mu.Unlock()
	v := s.access[id]
	if v == nil || s.now().After(v.expires) {
		return nil
	}
	return v
}

// refreshable returns what a refresh token stands for, or nil.
func (s *signIns) refreshable(token string) *refreshToken {
	s.mu.Lock()
	defer s.mu.Unlock()
	v := s.refresh[token]
	if v == nil || s.now().After(v.expires) {
		return nil
	}
	return v
}

// RevokeTokens ends all access and refresh tokens: Graph answers 401, and a
// refresh gets invalid_grant. Sessions at the provider go on.
func (t *Tenant) RevokeTokens() {
	t.signIns.mu.Lock()
	defer t.signIns.mu.Unlock()
	clear(t.signIns.access)
	clear(t.signIns.refresh)
}

// ExpireAccessTokens ends all access tokens; refresh tokens still work.
func (t *Tenant) ExpireAccessTokens() {
	t.signIns.mu.Lock()
	defer t.signIns.mu.Unlock()
	clear(t.signIns.access)
}
