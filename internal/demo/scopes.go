package demo

import (
	"slices"
	"strconv"
	"strings"

	"github.com/zitadel/oidc/v3/pkg/oidc"
)

// registeredScopes are the delegated permissions that the app may ask for.
// Other ones are left out of what it gets.
func registeredScopes() []string {
	return []string{
		"User.Read", "User.ReadWrite", "User.ReadBasic.All", "User.Read.All", "User.ReadWrite.All", "Directory.Read.All",
		"ProfilePhoto.Read.All", "ProfilePhoto.ReadWrite.All", "Group.Read.All", "Group.ReadWrite.All", "GroupMember.Read.All",
		"Team.ReadBasic.All", "TeamSettings.Read.All", "TeamSettings.ReadWrite.All", "PeopleSettings.Read.All",
		"Contacts.Read", "Contacts.ReadWrite", "Contacts.Read.Shared", "Contacts.ReadWrite.Shared",
	}
}

// everybodys are those that the tenant's administrator has allowed for
// everybody, so that nobody is asked.
func everybodys() []string { return []string{"User.Read", "User.ReadWrite"} }

func isOpenIDScope(s string) bool {
	return slices.Contains([]string{oidc.ScopeOpenID, oidc.ScopeProfile, oidc.ScopeEmail, oidc.ScopeOfflineAccess}, s)
}

// bareScope returns scope without the host of the API in front.
func (s *signIns) bareScope(scope string) string {
	for _, host := range []string{"https://graph.microsoft.com/", s.base + "/"} {
		scope = strings.TrimPrefix(scope, host)
	}
	return scope
}

func hasScope(all []string, scope string) bool {
	return slices.ContainsFunc(all, func(s string) bool { return strings.EqualFold(s, scope) })
}

// isGraphScope reports whether scope is a permission of Graph that the app is
// registered with.
func (s *signIns) isGraphScope(scope string) bool {
	return hasScope(registeredScopes(), s.bareScope(scope))
}

// graphScopes returns the permissions of Graph in scopes, bare, as they are
// registered.
func (s *signIns) graphScopes(scopes []string) []string {
	var all []string
	for _, scope := range scopes {
		bare := s.bareScope(scope)
		if i := slices.IndexFunc(registeredScopes(), func(r string) bool { return strings.EqualFold(r, bare) }); i >= 0 {
			all = append(all, registeredScopes()[i])
		}
	}
	return all
}

// missing returns those of scopes, bare, that p would have to consent to.
func (s *signIns) missing(p *person, scopes []string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(scopes), func(scope string) bool {
		return hasScope(s.consents[p.ID], scope) || hasScope(everybodys(), scope)
	})
}

// allow remembers that p consents to scopes, bare. Its caller holds mu.
func (s *signIns) allow(p *person, scopes []string) {
	for _, scope := range scopes {
		if !hasScope(s.consents[p.ID], scope) {
			s.consents[p.ID] = append(s.consents[p.ID], scope)
		}
	}
}

// granted returns what a token of p has where the app asks for scopes: of Graph
// always everything that p has consented to so far.
func (s *signIns) granted(p *person, asked []string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.grantedOf(p, asked)
}

// grantedOf is granted for a caller that holds mu.
func (s *signIns) grantedOf(p *person, asked []string) []string {
	var all []string
	for _, scope := range asked {
		if isOpenIDScope(scope) || hasScope(s.consents[p.ID], s.bareScope(scope)) {
			all = append(all, scope)
		}
	}
	ofGraph := s.graphScopes(asked)
	if len(ofGraph) == 0 {
		return all
	}
	for _, scope := range s.consents[p.ID] {
		if !hasScope(ofGraph, scope) {
			all = append(all, scope)
		}
	}
	return all
}

// Consent lets a persona have allowed the app scopes, bare, without having been
// asked.
func (t *Tenant) Consent(persona string, scopes ...string) {
	p := t.byPersona(persona)
	if p == nil {
		return
	}
	t.signIns.mu.Lock()
	defer t.signIns.mu.Unlock()
	t.signIns.allow(p, scopes)
}

// RevokeConsent takes back everything that a persona has allowed the app beyond
// what everybody allows. Tokens that are out keep what they have; the next ones
// have less, and a refresh that asks for what is gone gets invalid_grant.
func (t *Tenant) RevokeConsent(persona string) {
	p := t.byPersona(persona)
	if p == nil {
		return
	}
	t.signIns.mu.Lock()
	defer t.signIns.mu.Unlock()
	t.signIns.consents[p.ID] = slices.DeleteFunc(slices.Clone(t.signIns.consents[p.ID]), func(s string) bool { return !hasScope(everybodys(), s) })
}

// Consents returns what a persona has allowed the app, bare.
func (t *Tenant) Consents(persona string) []string {
	p := t.byPersona(persona)
	if p == nil {
		return nil
	}
	t.signIns.mu.Lock()
	defer t.signIns.mu.Unlock()
	return slices.Clone(t.signIns.consents[p.ID])
}

// holds reports whether a has one of scopes. Scopes compare without case and
// without the host of the API in front.
func (a *accessToken) holds(scopes []string) bool {
	for _, held := range a.scopes {
		if hasScope(scopes, held[strings.LastIndex(held, "/")+1:]) {
			return true
		}
	}
	return false
}

// aadsts writes an error of Entra ID as it stands in descriptions.
func aadsts(code int, text string) string { return "AADSTS" + strconv.Itoa(code) + ": " + text }
