package graph

import (
	"slices"
	"strings"

	"portrait/internal/directory"
	"portrait/internal/fault"
	"portrait/internal/words"
)

// rule says what a refusal of Graph means. Zero fields match everything; the
// first rule that matches counts.
type rule struct {
	status int
	code   string // without case
	deeds  []deed
	forms  []directory.Form

	kind  fault.Kind
	say   words.Message
	next  fault.Next
	scope string // the permission that is missing, if that is known
}

func (r rule) matches(q call, status int, code string) bool {
	return (r.status == 0 || r.status == status) &&
		(r.code == "" || strings.EqualFold(r.code, code)) &&
		(r.deeds == nil || slices.Contains(r.deeds, q.deed)) &&
		(r.forms == nil || slices.Contains(r.forms, q.subject.Form()))
}

var (
	writing  = []deed{writePhoto}
	removing = []deed{removePhoto}
	changing = []deed{writePhoto, removePhoto}
	ofPhoto  = []deed{readPhoto, removePhoto} // 404 means: there is none

	searching  = []deed{searchPeople, searchContacts}
	ofPerson   = []deed{readPerson, readRoles}
	ofContacts = []deed{readContact, listContacts, searchContacts}
	ofFolder   = []deed{listContacts, searchContacts}

	ofTeam    = []directory.Form{directory.FormTeam}
	ofGroup   = []directory.Form{directory.FormGroup, directory.FormTeam}
	ofContact = []directory.Form{
		directory.FormMyContact, directory.FormMyFolderContact, directory.FormUserContact, directory.FormUserFolderContact,
	}
	ofMyContact    = []directory.Form{directory.FormMyContact, directory.FormMyFolderContact}
	ofUserContact  = []directory.Form{directory.FormUserContact, directory.FormUserFolderContact}
	ofOwnMailbox   = []directory.Form{directory.FormMe}
	ofOtherMailbox = []directory.Form{directory.FormUser}
)

// What several rules say.
var (
	sayAbsent       = words.M("photo.absent")
	sayNotRemovable = words.M("photo.remove-impossible")
	sayNoMailbox    = words.M("graph.no-mailbox")
	sayNoContacts   = words.M("graph.no-contacts")
	sayNoSuchPerson = words.M("graph.no-such-person")
	sayAskContacts  = words.M("graph.ask-contacts")
	sayClosed       = words.M("graph.mailbox-closed")
	sayGone         = words.M("graph.gone")
	sayUnsearchable = words.M("graph.unsearchable")
	sayUnavailable  = words.M("graph.unavailable")
	sayOurMistake   = words.M("graph.our-mistake")
	sayDenied       = words.M("graph.access-denied")
)

// Permissions that calls need; the least that each can do with.
//
// Source: https://learn.microsoft.com/graph/permissions-reference
const (
	ownContacts    = "Contacts.ReadWrite"
	sharedContacts = "Contacts.ReadWrite.Shared"
	readUsers      = "User.Read.All"
	readMembers    = "GroupMember.Read.All"
	readDirectory  = "Directory.Read.All"
	readSettings   = "PeopleSettings.Read.All"
)

// lacks says that Portrait has not been given permission.
func lacks(permission string) words.Message {
	return words.M("graph.permission-named", "Permission", permission)
}

// rules are the refusals of Graph that have been seen with photos and with the
// lists that lead to them: first what a code says, then what a status says
// whatever the code. Design document graph.md, 3.2, has the source of each.
var rules = []rule{
	// Who a code names stays the same under every status. A mailbox that can't
	// be used has no contacts, whatever the reason.
	{code: "ErrorNonExistentMailbox", deeds: ofContacts, kind: fault.Forbidden, say: sayNoContacts, next: fault.NextHelpdesk},
	{code: "MailboxNotEnabledForRESTAPI", deeds: ofContacts, kind: fault.Forbidden, say: sayNoContacts, next: fault.NextHelpdesk},
	{code: "MailboxNotHostedInExchangeOnline", deeds: ofContacts, kind: fault.Forbidden, say: sayNoContacts, next: fault.NextHelpdesk},
	{code: "ConsumerPhotoIsNotSupported", kind: fault.Forbidden, say: words.M("graph.personal-account"), next: fault.NextSignIn},
	{code: "ErrorNonExistentMailbox", kind: fault.Forbidden, say: sayNoMailbox, next: fault.NextHelpdesk},
	{code: "MailboxNotEnabledForRESTAPI", kind: fault.Forbidden, say: words.M("graph.mailbox-inactive"), next: fault.NextHelpdesk},
	{code: "MailboxNotHostedInExchangeOnline", kind: fault.Forbidden, say: words.M("graph.mailbox-on-premises"), next: fault.NextHelpdesk},
	{code: "ErrorUserResolutionFailedUserDoesNotExist", kind: fault.NotFound, say: sayNoSuchPerson, next: fault.NextHelpdesk},
	{code: "ErrorInvalidUser", kind: fault.NotFound, say: sayNoSuchPerson, next: fault.NextHelpdesk},
	{code: "ProfileNotFound", kind: fault.NotFound, say: sayNoSuchPerson, next: fault.NextHelpdesk},
	{code: "NoPermissionsInAccessToken", kind: fault.Forbidden, say: words.M("graph.guest"), next: fault.NextHelpdesk},

	{status: 400, code: "AuthenticationError", deeds: ofContacts, kind: fault.Forbidden, say: sayNoContacts, next: fault.NextHelpdesk},
	{status: 400, code: "AuthenticationError", kind: fault.Forbidden, say: sayNoMailbox, next: fault.NextHelpdesk},
	{status: 400, deeds: searching, kind: fault.Unreadable, say: sayUnsearchable},
	{status: 400, kind: fault.Unexpected, say: sayOurMistake, next: fault.NextHelpdesk},

	{status: 401, code: "UnknownError", kind: fault.Forbidden, say: words.M("graph.not-accepted"), next: fault.NextAdmin},
	{status: 401, code: "Unauthorized", kind: fault.Forbidden, say: words.M("graph.not-accepted"), next: fault.NextAdmin},
	{status: 401, kind: fault.SignIn, say: words.M("graph.sign-in"), next: fault.NextSignIn},

	{status: 403, code: "ForbiddenByPolicy", kind: fault.Forbidden, say: words.M("graph.policy"), next: fault.NextHelpdesk},
	{status: 403, code: "AppOnlyTokenNotSupportedForGroupUpdate", kind: fault.Forbidden, say: words.M("graph.owner-only"), next: fault.NextOwner},
	{status: 403, deeds: []deed{readRoles}, kind: fault.Forbidden, say: lacks(readDirectory), next: fault.NextAdmin, scope: readDirectory},
	{status: 403, deeds: []deed{readPolicy}, kind: fault.Forbidden, say: lacks(readSettings), next: fault.NextAdmin, scope: readSettings},
	{status: 403, code: "Authorization_RequestDenied", deeds: []deed{searchPeople}, kind: fault.Forbidden, say: lacks(readUsers), next: fault.NextAdmin, scope: readUsers},
	{status: 403, code: "Authorization_RequestDenied", deeds: []deed{readGroup}, kind: fault.Forbidden, say: lacks(readMembers), next: fault.NextAdmin, scope: readMembers},
	{status: 403, code: "Authorization_RequestDenied", kind: fault.Forbidden, say: words.M("graph.permission-missing"), next: fault.NextAdmin},
	{status: 403, forms: ofGroup, deeds: changing, kind: fault.Forbidden, say: words.M("graph.owner-only"), next: fault.NextOwner},
	{status: 403, code: "Forbidden", forms: ofTeam, kind: fault.Forbidden, say: words.M("graph.owner-only"), next: fault.NextOwner},
	{status: 403, forms: ofMyContact, kind: fault.Forbidden, say: sayAskContacts, next: fault.NextAllow, scope: ownContacts},
	{status: 403, deeds: ofContacts, forms: ofOwnMailbox, kind: fault.Forbidden, say: sayAskContacts, next: fault.NextAllow, scope: ownContacts},
	{status: 403, forms: ofUserContact, kind: fault.Forbidden, say: sayClosed, next: fault.NextHelpdesk, scope: sharedContacts},
	{status: 403, deeds: ofContacts, forms: ofOtherMailbox, kind: fault.Forbidden, say: sayClosed, next: fault.NextHelpdesk, scope: sharedContacts},
	{status: 403, kind: fault.Forbidden, say: sayDenied, next: fault.NextHelpdesk},

	{status: 404, code: "ResourceNotFound", deeds: ofContacts, kind: fault.Forbidden, say: sayNoContacts, next: fault.NextHelpdesk},
	{status: 404, code: "ResourceNotFound", kind: fault.NotFound, say: words.M("graph.being-set-up"), next: fault.NextWait},
	{status: 404, deeds: ofPerson, kind: fault.NotFound, say: sayNoSuchPerson, next: fault.NextHelpdesk},
	{status: 404, code: "Request_ResourceNotFound", deeds: ofFolder, forms: ofOtherMailbox, kind: fault.NotFound, say: sayNoSuchPerson, next: fault.NextHelpdesk},
	// A folder that isn't shared isn't there.
	{status: 404, deeds: ofFolder, forms: ofOtherMailbox, kind: fault.Forbidden, say: sayClosed, next: fault.NextHelpdesk, scope: sharedContacts},
	{status: 404, code: "Request_ResourceNotFound", kind: fault.NotFound, say: sayGone, next: fault.NextHome},
	{status: 404, deeds: ofPhoto, kind: fault.NotFound, say: sayAbsent},
	{status: 404, deeds: writing, forms: ofContact, kind: fault.NotFound, say: sayGone, next: fault.NextHome},
	{status: 404, code: "ErrorItemNotFound", deeds: writing, kind: fault.Forbidden, say: sayNoMailbox, next: fault.NextHelpdesk},
	{status: 404, code: "GetUserPhoto", deeds: writing, kind: fault.Forbidden, say: sayNoMailbox, next: fault.NextHelpdesk},
	{status: 404, kind: fault.NotFound, say: sayGone, next: fault.NextHome},

	{status: 405, deeds: removing, kind: fault.NotAllowed, say: sayNotRemovable},
	{status: 405, kind: fault.Unexpected, say: sayOurMistake, next: fault.NextHelpdesk},
	{status: 408, kind: fault.Timeout, say: words.M("graph.slow"), next: fault.NextRetry},
	{status: 409, kind: fault.Conflict, say: words.M("graph.changed"), next: fault.NextRetry},
	{status: 412, kind: fault.Conflict, say: words.M("graph.changed"), next: fault.NextRetry},
	{status: 413, kind: fault.TooLarge, say: words.M("graph.too-large"), next: fault.NextChoose},
	{status: 415, kind: fault.Unsupported, say: words.M("graph.not-taken"), next: fault.NextChoose},
	{status: 429, kind: fault.Busy, say: words.M("graph.busy"), next: fault.NextWait},

	{status: 500, code: "ErrorStoreInternalServerError", kind: fault.Unavailable, say: words.M("graph.mailbox-fails"), next: fault.NextHelpdesk},
	{status: 500, code: "ErrorInternalServerError", deeds: writing, kind: fault.Unavailable, say: words.M("graph.not-processed"), next: fault.NextRetry},
	{status: 502, code: "BadGateway", forms: ofTeam, kind: fault.Unavailable, say: words.M("graph.team-fails"), next: fault.NextOwner},
	{status: 503, kind: fault.Busy, say: words.M("graph.busy"), next: fault.NextWait},
	{status: 504, kind: fault.Timeout, say: words.M("graph.slow"), next: fault.NextRetry},
}

// whatever returns the rule for a status that no rule names.
func whatever(status int) rule {
	switch {
	case status >= 500:
		return rule{kind: fault.Unavailable, say: sayUnavailable, next: fault.NextRetry}
	case status >= 400: // among them 406, which only a wrong Accept of ours brings about
		return rule{kind: fault.Unexpected, say: sayOurMistake, next: fault.NextHelpdesk}
	case status >= 300:
		return rule{kind: fault.Unavailable, say: words.M("graph.redirected"), next: fault.NextAdmin}
	}
	return rule{kind: fault.Unavailable, say: words.M("graph.broken-answer"), next: fault.NextRetry}
}
