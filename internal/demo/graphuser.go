package demo

import (
	"net/http"
	"strings"

	"portrait/internal/directory"
)

// userBy answers for the user with an object id or userPrincipalName. What
// follows stands in the path from the segment at i on.
func (t *Tenant) userBy(c call, id directory.ID, i int) reply {
	p := t.byID(id)
	if p != nil && c.token.speaksFor(p) {
		return t.user(c, p, i)
	}
	tail := c.path[i:]
	if len(tail) == 0 && !c.token.holds(append(readProfiles(), "User.ReadBasic.All")) {
		return lacking()
	}
	if p == nil || !p.isHere() {
		if needed := forAbsent(c, tail); len(needed) > 0 && !c.token.holds(needed) {
			return denied()
		}
		return absent(id)
	}
	return t.user(c, p, i)
}

// forAbsent returns the permissions without which Graph doesn't even say that
// somebody isn't there. tail is what follows the user in the path of c.
func forAbsent(c call, tail []string) []string {
	switch first := strings.ToLower(strings.Join(tail, "/")); {
	case strings.HasPrefix(first, "contact"):
		return contactScopes(c.changes(), c.token.kind == delegatedToken)
	case c.isOfPhoto() && c.changes():
		return writePhotos()
	case c.isOfPhoto():
		return readPhotos()
	}
	return nil
}

// user answers for p and what belongs to p; what follows stands in the path
// from the segment at i on.
func (t *Tenant) user(c call, p *person, i int) reply {
	first := ""
	if len(c.path) > i {
		first = strings.ToLower(c.path[i])
	}
	switch {
	case len(c.path) == i:
		return t.profile(c, p)
	case first == "photo", first == "photos":
		return t.userPhoto(c, p, c.path[i:])
	case first == "contacts", first == "contactfolders":
		return t.contactsOf(c, p, i)
	case c.is(i, "ownedobjects", "microsoft.graph.group"):
		return t.ownedGroups(c, p)
	case c.is(i, "transitivememberof", "microsoft.graph.directoryrole"):
		return t.directoryRoles(c, p)
	}
	return unknown(c.path[i:])
}

// profile answers GET /me and /users/{id}.
func (t *Tenant) profile(c call, p *person) reply {
	own := c.token.speaksFor(p)
	switch {
	case c.method != http.MethodGet:
		return methodNotAllowed()
	case own && !c.token.holds(append(readOwnProfile(), "User.ReadBasic.All")):
		return lacking()
	}
	row, bad := c.pick("user", t.personValues(c.token, p), profileDefaults())
	if bad != nil {
		return *bad
	}
	row["@odata.context"] = t.base + c.version + "/$metadata#users" + c.shape() + "/$entity"
	return ok(row)
}

// profileDefaults are the properties that Graph sends unless others are asked for.
func profileDefaults() []string {
	return []string{"businessPhones", "displayName", "givenName", "jobTitle", "mail", "mobilePhone", "officeLocation", "preferredLanguage", "surname", "userPrincipalName", "id"}
}

// personValues returns the properties of p that the token may see; the others
// are null.
func (t *Tenant) personValues(a *accessToken, p *person) map[string]any {
	given, family, _ := strings.Cut(p.DisplayName, " ")
	all := map[string]any{
		"id": p.ID, "displayName": p.DisplayName, "givenName": given, "surname": orNull(family), "userPrincipalName": p.UPN,
		"mail": orNull(p.Mail), "jobTitle": nil, "department": nil, "userType": nil, "accountEnabled": nil, "businessPhones": []string{},
		"mobilePhone": nil, "officeLocation": nil, "preferredLanguage": nil, "companyName": nil, "employeeId": nil,
		"onPremisesSyncEnabled": nil, "proxyAddresses": []string{},
	}
	scopes := readProfiles()
	if a.speaksFor(p) {
		scopes = readOwnProfile()
	}
	if !a.holds(scopes) {
		return all
	}
	all["jobTitle"], all["department"], all["employeeId"] = orNull(p.JobTitle), orNull(p.Department), orNull(p.EmployeeID)
	all["accountEnabled"], all["userType"] = p.account != sharedMailbox && p.account != bookings, "Member"
	if p.Guest {
		all["userType"] = "Guest"
	}
	if p.OnPremises {
		all["onPremisesSyncEnabled"] = true
	}
	return all
}

func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// userPhoto answers for the photo of a person.
func (t *Tenant) userPhoto(c call, p *person, tail []string) reply {
	write := isWrite(c, tail)
	if a, refused := t.mayUserPhoto(c, p, write); refused {
		return a
	}
	if a, failed := accountFails(p.account, write); failed {
		return a
	}
	h := holder{
		key: photoKey(p.ID), name: "users('" + string(p.ID) + "')", sizes: true, patch: true,
		limit: maxPhotoBytes, done: http.StatusOK,
	}
	if p.account == withoutMailbox {
		h.asIs, h.limit = true, maxEntraBytes
	}
	return t.photo(c, h, tail)
}

// accountFails answers what an account makes impossible.
func accountFails(of account, write bool) (a reply, failed bool) {
	switch {
	case of == personal:
		return refuse(http.StatusNotFound, "ConsumerPhotoIsNotSupported", "Photos of consumer accounts are not supported."), true
	case of == guest && write:
		return denied(), true
	case of == guest: // one JSON text inside another, as guests really get it
		return refuse(http.StatusForbidden, "UnknownError", `{"error":{"code":"NoPermissionsInAccessToken","message":"The token contains no permissions, or permissions can not be understood."}}`), true
	case of == bookings && write:
		return refuse(http.StatusInternalServerError, "ErrorStoreInternalServerError", "Accessing service failed."), true
	case of == onPremises && write:
		return refuse(http.StatusNotFound, "MailboxNotHostedInExchangeOnline", "The mailbox is hosted on premises."), true
	}
	return reply{}, false
}

// directoryRoles answers for the roles that p holds for the whole directory.
func (t *Tenant) directoryRoles(c call, p *person) reply {
	switch {
	case c.method != http.MethodGet:
		return methodNotAllowed()
	case !c.token.holds(readRoles()):
		return lacking()
	}
	var held []DirectoryRole
	for _, role := range t.state.adminRolesOf(p.ID) {
		if !role.Limited {
			held = append(held, role)
		}
	}
	return t.list(c, listing{
		name: "directoryRoles", kind: "directoryRole", cast: true, typed: true, n: len(held),
		fields: []string{"id", "deletedDateTime", "displayName", "description", "roleTemplateId"},
		at: func(i int) map[string]any {
			return map[string]any{
				"id": idOf("role " + held[i].Template), "deletedDateTime": nil, "displayName": held[i].Name,
				"description": nil, "roleTemplateId": held[i].Template,
			}
		},
	})
}
