package handlers

import (
	"net/url"

	"portrait/internal/fault"
	"portrait/internal/words"
)

// allowHref returns the address that asks the person for scope and comes back.
// What is asked for is named by the part of the site that needs it.
func allowHref(scope, returnTo string) string {
	wish := map[string]string{
		"Group.ReadWrite.All":        "groups",
		"GroupMember.Read.All":       "groups",
		"ProfilePhoto.ReadWrite.All": "groups",
		"TeamSettings.ReadWrite.All": "teams",
		"Contacts.ReadWrite":         "contacts",
		"Contacts.ReadWrite.Shared":  "shared",
	}[scope]
	return "/auth/sign-in?" + url.Values{"for": {wish}, "return_to": {returnTo}}.Encode()
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
