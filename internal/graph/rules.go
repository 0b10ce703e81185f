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

	kind fault.Kind
	say  words.Message
	next fault.Next
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

	ofTeam    = []directory.Form{directory.FormTeam}
	ofGroup   = []directory.Form{directory.FormGroup, directory.FormTeam}
	ofContact = []directory.Form{
		directory.FormMyContact, directory.FormMyFolderContact, directory.FormUserContact, directory.FormUserFolderContact,
	}
)

// What several rules say.
var (
	sayAbsent      = words.M("photo.absent")
	sayNoMailbox   = words.M("graph.no-mailbox")
	sayGone        = words.M("graph.gone")
	sayUnavailable = words.M("graph.unavailable")
	sayOurMistake  = words.M("graph.our-mistake")
	sayDenied      = words.M("graph.access-denied")
)

// rules are the refusals of Graph that have been seen with photos: first what a
// code says, then what a status says whatever the code. Design document
// graph.md, 3.2, has the source of each.
var rules = []rule{
	// Who a code names stays the same under every status.
	{code: "ConsumerPhotoIsNotSupported", kind: fault.Forbidden, say: words.M("graph.personal-account"), next: fault.NextSignIn},
	{code: "ErrorNonExistentMailbox", kind: fault.Forbidden, say: sayNoMailbox, next: fault.NextHelpdesk},
	{code: "MailboxNotEnabledForRESTAPI", kind: fault.Forbidden, say: words.M("graph.mailbox-inactive"), next: fault.NextHelpdesk},
	{code: "MailboxNotHostedInExchangeOnline", kind: fault.Forbidden, say: words.M("graph.mailbox-on-premises"), next: fault.NextHelpdesk},
	{code: "ErrorUserResolutionFailedUserDoesNotExist", kind: fault.NotFound, say: words.M("graph.no-such-person"), next: fault.NextHelpdesk},
	{code: "ProfileNotFound", kind: fault.NotFound, say: words.M("graph.no-such-person"), next: fault.NextHelpdesk},
	{code: "NoPermissionsInAccessToken", kind: fault.Forbidden, say: words.M("graph.guest"), next: fault.NextHelpdesk},

	{status: 400, code: "AuthenticationError", kind: fault.Forbidden, say: sayNoMailbox, next: fault.NextHelpdesk},
	{status: 400, kind: fault.Unexpected, say: sayOurMistake, next: fault.NextHelpdesk},

	{status: 401, code: "UnknownError", kind: fault.Forbidden, say: words.M("graph.not-accepted"), next: fault.NextAdmin},
	{status: 401, code: "Unauthorized", kind: fault.Forbidden, say: words.M("graph.not-accepted"), next: fault.NextAdmin},
	{status: 401, kind: fault.SignIn, say: words.M("graph.sign-in"), next: fault.NextSignIn},

	{status: 403, code: "ForbiddenByPolicy", kind: fault.Forbidden, say: words.M("graph.policy"), next: fault.NextHelpdesk},
	{status: 403, code: "AppOnlyTokenNotSupportedForGroupUpdate", kind: fault.Forbidden, say: words.M("graph.owner-only"), next: fault.NextOwner},
	{status: 403, code: "Authorization_RequestDenied", kind: fault.Forbidden, say: words.M("graph.permission-missing"), next: fault.NextAdmin},
	{status: 403, forms: ofGroup, deeds: changing, kind: fault.Forbidden, say: words.M("graph.owner-only"), next: fault.NextOwner},
	{status: 403, code: "Forbidden", forms: ofTeam, kind: fault.Forbidden, say: words.M("graph.owner-only"), next: fault.NextOwner},
	{status: 403, kind: fault.Forbidden, say: sayDenied, next: fault.NextHelpdesk},

	{status: 404, code: "ResourceNotFound", kind: fault.NotFound, say: words.M("graph.being-set-up"), next: fault.NextWait},
	{status: 404, code: "Request_ResourceNotFound", kind: fault.NotFound, say: sayGone, next: fault.NextHome},
	{status: 404, deeds: ofPhoto, kind: fault.NotFound, say: sayAbsent},
	{status: 404, deeds: writing, forms: ofContact, kind: fault.NotFound, say: sayGone, next: fault.NextHome},
	{status: 404, code: "ErrorItemNotFound", deeds: writing, kind: fault.Forbidden, say: sayNoMailbox, next: fault.NextHelpdesk},
	{status: 404, code: "GetUserPhoto", deeds: writing, kind: fault.Forbidden, say: sayNoMailbox, next: fault.NextHelpdesk},
	{status: 404, kind: fault.NotFound, say: sayGone, next: fault.NextHome},

	{status: 405, deeds: removing, kind: fault.NotAllowed, say: words.M("photo.remove-impossible")},
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
