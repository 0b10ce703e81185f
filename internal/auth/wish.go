package auth

import (
	"cmp"
	"net/url"
	"slices"
	"strings"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"portrait/internal/directory"
	"portrait/internal/fault"
	"portrait/internal/store"
	"portrait/internal/words"
)

// What a sign-in can be for beside one's own photo, as it stands in addresses.
const (
	ForGroups   = "groups"
	ForTeams    = "teams"
	ForContacts = "contacts"
	ForShared   = "shared" // contacts in other people's mailboxes
)

// The delegated Graph permissions that are ever asked for. Everybody is asked
// for ownPhoto at sign-in, for the others when they are needed.
//
// Source: https://learn.microsoft.com/graph/api/profilephoto-update#permissions
const (
	ownPhoto       = "User.ReadWrite"
	allGroups      = "Group.ReadWrite.All"
	allPhotos      = "ProfilePhoto.ReadWrite.All"
	readGroups     = "GroupMember.Read.All" // who owns them, what they are called
	allTeams       = "TeamSettings.ReadWrite.All"
	ownContacts    = "Contacts.ReadWrite"
	sharedContacts = "Contacts.ReadWrite.Shared"
)

// known are all of them, in the order in which they are asked for.
var known = []string{ownPhoto, allGroups, allPhotos, readGroups, allTeams, ownContacts, sharedContacts}

// Wish is what a person wants of a sign-in.
type Wish struct {
	ReturnTo string // path of this site to come back to
	For      string // ForGroups, …; "" for one's own photo
	Batch    string // the batch that it is to let run, "" for none; nobody is signed in by it then
	Resume   bool   // the batch has begun before
}

// Outcome is what came of a sign-in.
type Outcome struct {
	ReturnTo string // path of this site to go to
	Other    bool   // another person than before: their session is new, and nothing of the other's may be shown
	Declined string // the Wish.For that wasn't granted, "" where there was none; the session is as it was otherwise

	Provider string       // the provider's address to go to instead: it has to ask the person
	Batch    string       // the Wish.Batch that Grant is for
	Resume   bool         // likewise
	Grant    *store.Grant // what the batch acts with
}

// scopesFor returns the Graph permissions that what needs. It fails with
// fault.BadRequest if there is no such thing.
func (a *Auth) scopesFor(what string) ([]string, error) {
	switch what {
	case "":
		return []string{ownPhoto}, nil
	case ForGroups:
		if a.config.GroupScope == allPhotos {
			return []string{allPhotos, readGroups}, nil
		}
		return []string{allGroups}, nil
	case ForTeams:
		return []string{allTeams, readGroups}, nil
	case ForContacts:
		return []string{ownContacts}, nil
	case ForShared:
		return []string{sharedContacts}, nil
	}
	return nil, &fault.Error{Op: "auth.scopesFor", Kind: fault.BadRequest, Say: words.M("fault.bad-request"), Next: fault.NextHome}
}

// union returns what to ask for: what everybody is asked for, what is wanted and
// what held has of what is ever asked for. Held scopes are in lower case; they
// are asked for as Microsoft spells them.
func union(held, wanted []string) []string {
	has := func(scopes []string, scope string) bool {
		return slices.ContainsFunc(scopes, func(s string) bool { return strings.EqualFold(s, scope) })
	}
	var all []string
	for _, scope := range known {
		if scope == ownPhoto || has(held, scope) || has(wanted, scope) {
			all = append(all, scope)
		}
	}
	return all
}

// scopeParam is the scope parameter of a sign-in that asks for these of Graph.
func (a *Auth) scopeParam(scopes []string) string {
	all := []string{oidc.ScopeOpenID, "profile", oidc.ScopeOfflineAccess}
	for _, scope := range scopes {
		all = append(all, a.config.ScopePrefix+scope)
	}
	return strings.Join(all, " ")
}

// resource is what Graph's permissions begin with where they are written out.
func (a *Auth) resource() string { return cmp.Or(a.config.ScopePrefix, globalGraph) }

const globalGraph = "https://graph.microsoft.com/"

// bareScope returns scope in lower case without Graph's host, which providers
// put before it even where it was asked for without.
func (a *Auth) bareScope(scope string) string {
	scope = strings.ToLower(scope)
	for _, prefix := range []string{strings.ToLower(a.config.ScopePrefix), globalGraph} {
		if bare, ok := strings.CutPrefix(scope, prefix); ok && prefix != "" {
			return bare
		}
	}
	return scope
}

// bareScopes is bareScope of each, sorted.
func (a *Auth) bareScopes(scopes []string) []string {
	bare := make([]string, 0, len(scopes))
	for _, scope := range scopes {
		bare = append(bare, a.bareScope(scope))
	}
	slices.Sort(bare)
	return bare
}

// declined returns what of f the actor, who has just signed in, wasn't granted.
func (a *Auth) declined(f flow, actor directory.Actor) string {
	wanted, err := a.scopesFor(f.For)
	if err != nil || f.For == "" {
		return "" // only own photos: the page itself asks, if Graph refuses
	}
	for _, scope := range wanted {
		if !actor.Holds(scope) {
			return f.For
		}
	}
	return ""
}

// AdminConsentURL returns the address at which an administrator approves all
// that the app registration lists, for everybody in the tenant. It is "" where
// the provider isn't Entra, whose issuers are {host}/{tenant}/v2.0.
//
// Source: https://learn.microsoft.com/entra/identity-platform/v2-admin-consent
func (a *Auth) AdminConsentURL() string { return a.adminConsentURL(".default") }

// adminConsentURL is AdminConsentURL for these Graph permissions alone.
func (a *Auth) adminConsentURL(scopes ...string) string {
	u, err := url.Parse(a.config.Issuer)
	if err != nil || !strings.EqualFold(u.Path, "/"+string(a.config.Tenant)+"/v2.0") {
		return ""
	}
	full := make([]string, 0, len(scopes))
	for _, scope := range scopes {
		full = append(full, a.resource()+scope)
	}
	u.Path += "/adminconsent"
	u.RawQuery = url.Values{
		"client_id": {a.config.ClientID}, "scope": {strings.Join(full, " ")}, "redirect_uri": {a.config.BaseURL + callbackPath},
	}.Encode()
	return u.String()
}

// ProbeURL returns the address of the provider at which it shows, without asking
// anybody anything, whether it would send people back to callback. It is "" as
// long as the provider hasn't been found.
func (a *Auth) ProbeURL(callback string) string {
	p := a.metadata.known()
	if p == nil {
		return ""
	}
	probe := p.oauth
	probe.RedirectURL = callback
	return probe.AuthCodeURL(randomText(), oidc.Nonce(randomText()), oauth2.S256ChallengeOption(oauth2.GenerateVerifier()),
		oauth2.SetAuthURLParam("scope", oidc.ScopeOpenID), oauth2.SetAuthURLParam("prompt", "none"))
}
