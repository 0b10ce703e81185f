package handlers

import (
	"net/url"

	"portrait/internal/fault"
	"portrait/internal/words"
)

// allowHref returns the address that asks the person for scope and comes back.
// What is asked for is named by the part of the site that needs it.
func allowHref(scope, returnTo string) string {
	return "/auth/sign-in?" + url.Values{"for": {wishFor(scope)}, "return_to": {returnTo}}.Encode()
}

// wishFor returns the part of the site that needs scope, "" for what every
// sign-in asks for.
func wishFor(scope string) string {
	return map[string]string{
		"Group.ReadWrite.All":        "groups",
		"GroupMember.Read.All":       "groups",
		"ProfilePhoto.ReadWrite.All": "groups",
		"TeamSettings.ReadWrite.All": "teams",
		"Contacts.ReadWrite":         "contacts",
		"Contacts.ReadWrite.Shared":  "shared",
	}[scope]
}

// allowSentence says what a missing permission is for. Where e itself says more
// than that one is missing, it is e that speaks.
func allowSentence(p words.Printer, e *fault.Error) string {
	if e.Say.ID != "photo.needs-permission" {
		return p.Say(e.Say)
	}
	switch wishFor(e.Scope) {
	case "groups":
		return p.T("allow.groups")
	case "teams":
		return p.T("allow.teams")
	case "contacts":
		return p.T("allow.contacts")
	case "shared":
		return p.T("allow.shared")
	}
	return p.Say(e.Say)
}

// nextSentence says who can help, where it isn't a button.
func nextSentence(p words.Printer, next fault.Next) string {
	switch next {
	case fault.NextOwner:
		return p.T("trouble.owner")
	case fault.NextHelpdesk:
		return p.T("trouble.helpdesk")
	case fault.NextAdmin:
		return p.T("trouble.admin")
	}
	return ""
}
