package demo

import (
	"net/http"
	"slices"

	"portrait/internal/directory"
)

// Permissions by what they allow, delegated ones unless they say otherwise.
//
// Sources: https://learn.microsoft.com/graph/api/profilephoto-update#permissions
// and the same tables of profilephoto-get, user-get, user-list,
// user-list-ownedobjects, group-get, group-list-owners, user-list-contacts.
func writeOwnPhoto() []string {
	return []string{"User.ReadWrite", "User.ReadWrite.All", "ProfilePhoto.ReadWrite.All"}
}

func readOwnPhoto() []string { return append(readPhotos(), "User.Read", "User.ReadWrite") }

func writePhotos() []string { return []string{"User.ReadWrite.All", "ProfilePhoto.ReadWrite.All"} }

func readPhotos() []string {
	return append(writePhotos(), "User.Read.All", "User.ReadBasic.All", "ProfilePhoto.Read.All")
}

func readOwnProfile() []string { return append(readProfiles(), "User.Read", "User.ReadWrite") }

// readProfiles leaves out User.ReadBasic.All, which shows a few properties alone.
func readProfiles() []string {
	return []string{"User.Read.All", "User.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"}
}

func readGroups() []string {
	return []string{"GroupMember.Read.All", "Group.Read.All", "Group.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"}
}

func writeGroupPhoto() []string { return []string{"ProfilePhoto.ReadWrite.All", "Group.ReadWrite.All"} }

func readGroupPhoto() []string {
	return append(writeGroupPhoto(), "Group.Read.All", "ProfilePhoto.Read.All")
}

// writeTeamPhoto has Group.ReadWrite.All in beta only.
func writeTeamPhoto(version string) []string {
	if version == "/beta" {
		return []string{"TeamSettings.ReadWrite.All", "Group.ReadWrite.All"}
	}
	return []string{"TeamSettings.ReadWrite.All"}
}

func readTeamPhoto() []string {
	return []string{"Team.ReadBasic.All", "TeamSettings.Read.All", "TeamSettings.ReadWrite.All", "Group.Read.All", "Group.ReadWrite.All"}
}

func readRoles() []string {
	return []string{"Directory.Read.All", "Directory.ReadWrite.All", "RoleManagement.Read.Directory"}
}

func readSettings() []string {
	return []string{"PeopleSettings.Read.All", "PeopleSettings.ReadWrite.All"}
}

// contactScopes are those for contacts; of the shared ones, also of others.
func contactScopes(write, shared bool) []string {
	all := []string{"Contacts.ReadWrite.Shared"}
	if !write {
		all = append(all, "Contacts.Read.Shared")
	}
	if shared {
		return all
	}
	all = append(all, "Contacts.ReadWrite")
	if !write {
		all = append(all, "Contacts.Read")
	}
	return all
}

// administers reports whether the person behind the token holds a role that
// may change everybody's photo, and whether only for an administrative unit.
func (t *Tenant) administers(a *accessToken) (may, limited bool) {
	if a.kind == appToken {
		return false, false
	}
	for _, role := range t.state.adminRolesOf(a.person.ID) {
		if !slices.Contains(photoAdmins(), role.Template) {
			continue
		}
		if !role.Limited {
			return true, false
		}
		limited = true
	}
	return limited, limited
}

// mayUserPhoto refuses what the token may not do to the photo of p.
func (t *Tenant) mayUserPhoto(c call, p *person, write bool) (a reply, refused bool) {
	own := c.token.speaksFor(p)
	scopes := readPhotos()
	switch {
	case own && write:
		scopes = writeOwnPhoto()
	case own:
		scopes = readOwnPhoto()
	case write:
		scopes = writePhotos()
	}
	if !c.token.holds(scopes) {
		return denied(), true
	}
	if !write {
		return reply{}, false
	}
	if !own && c.token.kind == delegatedToken {
		may, limited := t.administers(c.token)
		if !may {
			return denied(), true
		}
		if limited {
			return byPolicy(), true
		}
	}
	return t.obeyPolicy(c.token)
}

// obeyPolicy refuses what the tenant's rule about photos forbids. What it means
// for an app by itself isn't documented; here the list of roles doesn't bind it.
//
// Source: https://learn.microsoft.com/graph/profilephoto-configure-settings
func (t *Tenant) obeyPolicy(a *accessToken) (reply, bool) {
	rule := t.rule()
	switch {
	case rule.source == "onPremises":
		return byPolicy(), true
	case rule.source != "cloud" || len(rule.roles) == 0 || a.kind == appToken:
		return reply{}, false
	}
	if slices.ContainsFunc(t.state.adminRolesOf(a.person.ID), func(held DirectoryRole) bool { return slices.Contains(rule.roles, held.Template) }) {
		return reply{}, false
	}
	return byPolicy(), true
}

func byPolicy() reply { return refuse(http.StatusForbidden, "ForbiddenByPolicy", "invalid_role") }

// settings answers for the tenant's rule about photos.
func (t *Tenant) settings(c call) reply {
	switch {
	case c.method != http.MethodGet:
		return methodNotAllowed()
	case !c.token.holds(readSettings()):
		return lacking()
	case c.token.kind == delegatedToken && len(t.state.adminRolesOf(c.token.person.ID)) == 0:
		return lacking()
	}
	rule := t.rule()
	roles := rule.roles
	if roles == nil {
		roles = []string{}
	}
	return ok(map[string]any{
		"@odata.context": t.base + "/beta/$metadata#admin/people/photoUpdateSettings/$entity",
		"source":         orNull(rule.source), "allowedRoles": roles,
	})
}

// mayMailbox refuses what the token may not do at a place in a mailbox. Whoever
// has no part in a mailbox hears so; a folder that isn't shared isn't there.
func mayMailbox(a *accessToken, at place, write bool) (reply, bool) {
	shared := contactScopes(write, true)
	switch {
	case a.kind == appToken:
		if !a.holds(contactScopes(write, false)[len(shared):]) { // the shared ones are delegated only
			return denied(), true
		}
		return reply{}, false
	case a.person.ID == at.box.owner:
		if !a.holds(contactScopes(write, false)) {
			return denied(), true
		}
		return reply{}, false
	case !a.holds(shared):
		return denied(), true
	case slices.Contains(at.box.delegates, a.person.ID), at.folder != nil && slices.Contains(at.folder.shared, a.person.ID):
		return reply{}, false
	case at.named:
		return noFolder(), true
	}
	return denied(), true
}

// speaksFor reports whether a is the delegated token of p.
func (a *accessToken) speaksFor(p *person) bool {
	return a.kind == delegatedToken && a.person.ID == p.ID
}

// describe returns the kind of a token and the person behind it, "" and "" for
// no token.
func (a *accessToken) describe() (kind string, who directory.ID) {
	switch {
	case a == nil:
		return "", ""
	case a.kind == appToken:
		return a.kind, ""
	}
	return a.kind, a.person.ID
}
