package demo

import (
	"net/http"
	"strings"

	"portrait/internal/directory"
)

// place is where in a mailbox a path leads.
type place struct {
	box    *mailbox
	named  bool    // the path names a folder
	folder *folder // that one, nil if it isn't there
	name   string  // of the mailbox, as @odata.context has it
	rest   int     // the segment that follows
}

func noFolder() reply {
	return refuse(http.StatusNotFound, "ErrorItemNotFound", "The specified folder could not be found in the store.")
}

func noItem() reply {
	return refuse(http.StatusNotFound, "ErrorItemNotFound", "The specified object was not found in the store.")
}

// contactsOf answers for the contacts and contact folders of p, which stand in
// the path from the segment at i on:
//
//	contacts · contacts/{id} · contacts/{id}/photo…
//	contactFolders · contactFolders/{id} · …/{id}/childFolders · …/{id}/contacts and so on
func (t *Tenant) contactsOf(c call, p *person, i int) reply {
	at := place{box: t.box(p), rest: i, name: "users('" + string(p.ID) + "')"}
	if at.box == nil {
		shared := c.token.kind == delegatedToken && !c.token.speaksFor(p)
		if !c.token.holds(contactScopes(false, shared)) {
			return denied()
		}
		return refuse(http.StatusNotFound, "MailboxNotEnabledForRESTAPI", "The mailbox is either inactive, soft-deleted, or is hosted on-premise.")
	}
	if strings.EqualFold(c.path[i], "contactfolders") && len(c.path) > i+1 {
		at.named, at.folder, at.rest = true, at.box.folder(c.id(i+1)), i+2
	}
	if a, refused := mayMailbox(c.token, at, c.method != http.MethodGet); refused {
		return a
	}
	switch isContact := len(c.path) > at.rest && strings.EqualFold(c.path[at.rest], "contacts"); {
	case at.named && at.folder == nil:
		return noFolder()
	case isContact && len(c.path) > at.rest+1:
		return t.contactBy(c, at, c.id(at.rest+1), c.path[at.rest+2:])
	case c.method != http.MethodGet:
		return methodNotAllowed()
	case isContact:
		return t.contacts(c, at)
	case c.is(at.rest, "contactfolders"):
		return t.folders(c, at, at.box.defaultFolder())
	case at.named && c.is(at.rest, "childfolders"):
		return t.folders(c, at, at.folder.ID)
	case at.named && c.is(at.rest):
		row, bad := c.pick("contactFolder", at.folder.values(), folderDefaults())
		if bad != nil {
			return *bad
		}
		row["@odata.context"] = t.base + c.version + "/$metadata#" + at.name + "/contactFolders" + c.shape() + "/$entity"
		return ok(row)
	}
	return unknown(c.path[at.rest:])
}

func folderDefaults() []string { return []string{"id", "parentFolderId", "displayName"} }

func (f *folder) values() map[string]any {
	return map[string]any{"id": f.ID, "displayName": f.Name, "parentFolderId": f.Parent}
}

// folders answers for the folders in parent. The default one is in the root,
// too, but Graph leaves it out.
func (t *Tenant) folders(c call, at place, parent directory.ID) reply {
	var in []*folder
	for _, f := range at.box.folders {
		if f.Parent == parent {
			in = append(in, f)
		}
	}
	return t.list(c, listing{
		name: at.name + "/contactFolders", kind: "contactFolder", outlook: true, fields: folderDefaults(), n: len(in),
		at: func(i int) map[string]any { return in[i].values() },
	})
}

// contacts answers for the contacts in a folder.
func (t *Tenant) contacts(c call, at place) reply {
	matches, ok := contactFilter(c.query.Get("$filter"))
	if !ok {
		return refuse(http.StatusBadRequest, "ErrorInvalidUrlQueryFilter", "The query filter contains one or more invalid nodes.")
	}
	in := at.box.defaultFolder()
	if at.folder != nil {
		in = at.folder.ID
	}
	n, contactAt := at.box.in(in)
	return t.list(c, listing{
		name: at.name + "/contacts", kind: "contact", outlook: true, filters: true, fields: contactDefaults(), n: n,
		match: func(i int) bool { return matches(contactAt(i)) },
		at:    func(i int) map[string]any { return contactAt(i).values(c.isImmutable()) },
	})
}

// contactDefaults are the properties that Graph sends unless others are asked for.
func contactDefaults() []string {
	return []string{"id", "createdDateTime", "lastModifiedDateTime", "changeKey", "categories", "parentFolderId", "displayName",
		"givenName", "surname", "fileAs", "jobTitle", "companyName", "department", "emailAddresses"}
}

func (c *contact) values(immutable bool) map[string]any {
	given, family, _ := strings.Cut(c.DisplayName, " ")
	addresses := []map[string]any{}
	if c.Mail != "" {
		addresses = append(addresses, map[string]any{"name": c.DisplayName, "address": c.Mail})
	}
	return map[string]any{
		"id": c.as(immutable).ID, "changeKey": "EQAAABYAAAB", "categories": []string{}, "parentFolderId": c.Folder,
		"createdDateTime": "2026-02-03T09:15:00Z", "lastModifiedDateTime": "2026-02-03T09:15:00Z",
		"displayName": c.DisplayName, "givenName": given, "surname": orNull(family), "fileAs": orNull(strings.Trim(family+", "+given, ", ")),
		"jobTitle": orNull(c.JobTitle), "companyName": orNull(c.Company), "department": nil, "emailAddresses": addresses,
	}
}

// contactBy answers for the contact with an id, and what is below it at tail.
func (t *Tenant) contactBy(c call, at place, id directory.ID, tail []string) reply {
	found := at.box.contact(id)
	switch {
	case found == nil, at.named && found.Folder != at.folder.ID:
		return noItem()
	case len(tail) > 0 && strings.HasPrefix(strings.ToLower(tail[0]), "photo"):
		return t.photo(c, holder{
			key: contactKey(at.box.owner, found), name: at.name + "/contacts('" + string(found.ID) + "')", patch: true, asIs: true,
			limit: maxPhotoBytes, done: http.StatusOK,
		}, tail)
	case len(tail) > 0:
		return unknown(tail)
	case c.method != http.MethodGet:
		return methodNotAllowed()
	}
	row, bad := c.pick("contact", found.values(c.isImmutable()), contactDefaults())
	if bad != nil {
		return *bad
	}
	row["@odata.context"] = t.base + c.version + "/$metadata#" + at.name + "/contacts" + c.shape() + "/$entity"
	return ok(row)
}
