package demo

import (
	"net/http"
	"strings"
)

// groupOrTeam answers for /groups/{id} and /teams/{id} and what is below.
func (t *Tenant) groupOrTeam(c call, asTeam bool) reply {
	id := c.id(1)
	g := t.group(string(id))
	first := ""
	if len(c.path) > 2 {
		first = strings.ToLower(c.path[2])
	}
	isPhoto := first == "photo" || first == "photos"
	switch {
	case asTeam && !isPhoto:
		return unknown(c.path)
	case asTeam:
		return t.teamPhoto(c, g)
	case isPhoto:
		return t.groupPhoto(c, g)
	case len(c.path) > 2 && !c.is(2, "owners") && !c.is(2, "transitivemembers", "microsoft.graph.user"):
		return unknown(c.path[2:])
	case c.method != http.MethodGet:
		return methodNotAllowed()
	case !c.token.holds(readGroups()):
		return lacking()
	case g == nil:
		return absent(id)
	case first == "owners":
		return t.groupOwners(c, g)
	case first == "transitivemembers":
		return t.groupMembers(c, g)
	}
	row, bad := c.pick("group", g.values(), groupDefaults())
	if bad != nil {
		return *bad
	}
	row["@odata.context"] = t.base + c.version + "/$metadata#groups" + c.shape() + "/$entity"
	return ok(row)
}

// groupDefaults are the properties that Graph sends unless others are asked for.
func groupDefaults() []string {
	return []string{"id", "deletedDateTime", "createdDateTime", "description", "displayName", "groupTypes", "isAssignableToRole", "mail",
		"mailEnabled", "mailNickname", "onPremisesSyncEnabled", "resourceProvisioningOptions", "securityEnabled", "visibility"}
}

func (t *Tenant) groupOwners(c call, g *group) reply {
	var owners []*person
	for _, id := range g.owners {
		if p := t.byID(id); p != nil {
			owners = append(owners, p)
		}
	}
	return t.list(c, listing{
		name: "directoryObjects", kind: "user", typed: true, fields: profileDefaults(), n: len(owners),
		at: func(i int) map[string]any { return t.personValues(c.token, owners[i]) },
	})
}

// ownedGroups answers for the groups that p owns. With User.Read alone they
// are there, but nothing is told of them.
//
// Source: https://learn.microsoft.com/graph/api/user-list-ownedobjects
func (t *Tenant) ownedGroups(c call, p *person) reply {
	named := c.token.holds(readGroups())
	switch {
	case c.method != http.MethodGet:
		return methodNotAllowed()
	case !named && !(c.token.speaksFor(p) && c.token.holds(readOwnProfile())):
		return lacking()
	}
	t.state.mu.RLock()
	var owned []*group
	for _, g := range t.state.groups {
		if g.ownedBy(p.ID) {
			owned = append(owned, g)
		}
	}
	n := len(owned)
	if p.persona == "owner" {
		n += t.state.filled.groups
	}
	t.state.mu.RUnlock()
	return t.list(c, listing{
		name: "groups", kind: "group", typed: true, cast: true, fields: groupDefaults(), n: n,
		at: func(i int) map[string]any {
			var g *group
			if i < len(owned) {
				g = owned[i]
			} else {
				g = groupAt(i-len(owned), p)
			}
			all := g.values()
			for name := range all {
				if !named && name != "id" {
					all[name] = nil
				}
			}
			return all
		},
	})
}

// groupPhoto answers for the photo of a group. Only Microsoft 365 groups have a
// mailbox, which keeps it.
func (t *Tenant) groupPhoto(c call, g *group) reply {
	tail := c.path[2:]
	write, byApp := isWrite(c, tail), c.token.kind == appToken
	scopes := readGroupPhoto()
	if write {
		scopes = writeGroupPhoto()
	}
	switch {
	case !c.token.holds(scopes):
		return denied()
	case byApp && !c.sky.AppMayGroups && write:
		return refuse(http.StatusForbidden, "AppOnlyTokenNotSupportedForGroupUpdate", "App only tokens are not supported for updating the photo of a group.")
	case byApp && !c.sky.AppMayGroups:
		return denied()
	case g == nil:
		return absent(c.id(1))
	case write && !byApp && !t.mayGroup(c.token, g):
		return refuse(http.StatusForbidden, "ErrorAccessDenied", "User does not have permissions to execute this action.")
	case !g.Unified:
		return refuse(http.StatusNotFound, "ErrorItemNotFound", "The specified object was not found in the store.")
	case !t.isReady(g):
		return refuse(http.StatusNotFound, "ResourceNotFound", "Resource provisioning is in progress. Please try again.")
	}
	return t.photo(c, holder{
		key: photoKey(g.ID), name: "groups('" + string(g.ID) + "')", sizes: true, patch: c.version != "/beta",
		limit: maxPhotoBytes, done: http.StatusOK,
	}, tail)
}

// mayGroup reports whether the person behind a delegated token may change g.
func (t *Tenant) mayGroup(a *accessToken, g *group) bool {
	may, limited := t.administers(a)
	return g.ownedBy(a.person.ID) || may && !limited
}

// teamPhoto answers for the photo of a team, which is its group's.
func (t *Tenant) teamPhoto(c call, g *group) reply {
	tail := c.path[2:]
	write, byApp := isWrite(c, tail), c.token.kind == appToken
	scopes := readTeamPhoto()
	if write {
		scopes = writeTeamPhoto(c.version)
	}
	switch {
	case !c.token.holds(scopes):
		return denied()
	case byApp && write && !c.sky.AppMayGroups:
		return refuse(http.StatusBadGateway, "BadGateway", "Failed to execute backend request.")
	case byApp && !c.sky.AppMayGroups:
		return refuse(http.StatusForbidden, "Forbidden", "Failed to execute MsGraph backend request GetGroupProfilePhotoMetadataS2SRequest.")
	case g == nil || !g.Team:
		return refuse(http.StatusNotFound, "NotFound", "No team found with Group Id "+string(c.id(1)))
	case write && !byApp && !t.mayGroup(c.token, g):
		return refuse(http.StatusForbidden, "Forbidden", "User does not have permissions to execute this action.")
	case !t.isReady(g):
		return refuse(http.StatusNotFound, "ResourceNotFound", "Resource provisioning is in progress. Please try again.")
	}
	return t.photo(c, holder{
		key: photoKey(g.ID), name: "teams('" + string(g.ID) + "')", limit: maxPhotoBytes, done: http.StatusNoContent,
	}, tail)
}
