package main

import "strings"

// permission is one that Portrait can be granted in Graph.
type permission struct {
	Name string `json:"name"`
	Kind string `json:"kind"` // delegated or application
	For  string `json:"for"`
	Lost string `json:"without"` // what isn't there without it
}

// permissions returns what an app registration of c lists: nothing more is ever
// asked for. docs/entra.md has the same table.
func permissions(c config) []permission {
	all := []permission{
		{"User.ReadWrite", "delegated", "one's own photo", "nobody can save a photo of their own"},
		{"TeamSettings.ReadWrite.All", "delegated", "the photos of teams", "a team's photo can only be changed as its group's"},
		{"GroupMember.Read.All", "delegated", "the names and owners of groups and teams", "the photos of teams aren't offered"},
		{"Contacts.ReadWrite", "delegated", "the photos of one's contacts", "contacts aren't offered"},
		{"Contacts.ReadWrite.Shared", "delegated", "the contacts of shared mailboxes", "shared mailboxes aren't offered"},
		{"ProfilePhoto.ReadWrite.All", "application", "the helpdesk: anybody's photo", "the helpdesk can't change photos"},
		{"User.Read.All", "application", "the helpdesk: who somebody is", "the helpdesk finds nobody"},
		{"Contacts.ReadWrite", "application", "the helpdesk: the contacts of any mailbox", "the helpdesk can't change contacts"},
		{"PeopleSettings.Read.All", "application", "the tenant's rule about who may change photos", "people hear of that rule only when they save"},
		{"Application.Read.All", "application", "portrait check: when the client secret runs out", "that day must be noted by hand"},
	}
	all = append(all, permission{c.GroupScope, "delegated", "the photos of groups that one owns", "groups aren't offered"})
	if c.ProtectAdmins {
		all = append(all, permission{"Directory.Read.All", "application", "so that the helpdesk leaves administrators alone", "the helpdesk can change no user's photo, unless PORTRAIT_PROTECT_ADMINS is off"})
	} else { // Directory.Read.All reads groups, too
		all = append(all, permission{"GroupMember.Read.All", "application", "exports of the members of a group", "a group's photos can't be exported"})
	}
	return all
}

// delegated returns the names of those of all that people grant, in lower case.
func delegated(all []permission) []string {
	var names []string
	for _, p := range all {
		if p.Kind == "delegated" {
			names = append(names, strings.ToLower(p.Name))
		}
	}
	return names
}
