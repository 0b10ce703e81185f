package graph

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"portrait/internal/directory"
	"portrait/internal/fault"
)

const (
	someGroup    = "/groups/1c4cd1a8-8d4c-4b3c-9a0d-0d9f0d9f0d9f"
	someTeam     = "/teams/1c4cd1a8-8d4c-4b3c-9a0d-0d9f0d9f0d9f"
	someUser     = "/users/1c4cd1a8-8d4c-4b3c-9a0d-0d9f0d9f0d9f"
	someContact  = "/me/contacts/AAMk="
	otherContact = "/users/ann@contoso.com/contacts/AAMk="
)

// body returns an error body with this code and message.
func body(code, message string) string {
	return fmt.Sprintf(`{"error":{"code":%q,"message":%q,"innerError":{"date":"2026-11-23T10:00:00","request-id":"b1d902cd-0000-4000-8000-000000000001"}}}`,
		code, message)
}

// verbs are the calls that a refusal can meet.
var verbs = map[string]func(context.Context, *Client, directory.Subject) error{
	"GET": func(ctx context.Context, c *Client, s directory.Subject) error {
		_, err := c.Photo(ctx, canary, s, 0)
		return err
	},
	"INFO": func(ctx context.Context, c *Client, s directory.Subject) error {
		_, err := c.PhotoInfo(ctx, canary, s)
		return err
	},
	"PUT": func(ctx context.Context, c *Client, s directory.Subject) error {
		_, err := c.PutPhoto(ctx, canary, s, []byte(jpegBytes))
		return err
	},
	"DELETE": func(ctx context.Context, c *Client, s directory.Subject) error {
		_, err := c.DeletePhoto(ctx, canary, s)
		return err
	},
	"ME": func(ctx context.Context, c *Client, _ directory.Subject) error {
		_, err := c.Me(ctx, canary)
		return err
	},
	"PERSON": func(ctx context.Context, c *Client, s directory.Subject) error {
		_, err := c.Person(ctx, canary, s.User())
		return err
	},
	"SEARCH": func(ctx context.Context, c *Client, _ directory.Subject) error {
		_, err := c.SearchPeople(ctx, canary, "ann", "")
		return err
	},
	"ROLES": func(ctx context.Context, c *Client, s directory.Subject) error {
		_, err := c.HoldsDirectoryRole(ctx, canary, s.User())
		return err
	},
	"OWNED": func(ctx context.Context, c *Client, _ directory.Subject) error {
		_, err := c.OwnedGroups(ctx, canary, "")
		return err
	},
	"GROUP": func(ctx context.Context, c *Client, s directory.Subject) error {
		_, err := c.Group(ctx, canary, s.Group())
		return err
	},
	"OWNERS": func(ctx context.Context, c *Client, s directory.Subject) error {
		_, err := c.OwnsGroup(ctx, canary, s.Group(), "1c4cd1a8-8d4c-4b3c-9a0d-0d9f0d9f0d9f")
		return err
	},
	"CONTACTS": func(ctx context.Context, c *Client, s directory.Subject) error {
		_, err := c.Contacts(ctx, canary, s.User(), "", "", "")
		return err
	},
	"FIND": func(ctx context.Context, c *Client, s directory.Subject) error {
		_, err := c.Contacts(ctx, canary, s.User(), "", "ann", "")
		return err
	},
	"FOLDERS": func(ctx context.Context, c *Client, s directory.Subject) error {
		_, err := c.Folders(ctx, canary, s.User(), "", "")
		return err
	},
	"CONTACT": func(ctx context.Context, c *Client, s directory.Subject) error {
		_, err := c.Contact(ctx, canary, s)
		return err
	},
	"POLICY": func(ctx context.Context, c *Client, _ directory.Subject) error {
		_, err := c.Policy(ctx, canary)
		return err
	},
}

// TestRefusals has every row of graph.md 3.2, and the rows around them.
func TestRefusals(t *testing.T) {
	const unknown = "UnknownError"
	for _, tt := range []struct {
		name    string
		verb    string
		subject string
		status  int
		body    string
		kind    fault.Kind
		say     string
		next    fault.Next
	}{
		{"no photo", "GET", "/me", 404, body("ImageNotFound", "…"), fault.NotFound, "photo.absent", ""},
		{"no photo, by its metadata", "INFO", "/me", 404, body("ImageNotFound", "…"), fault.NotFound, "photo.absent", ""},
		{"no photo, the exception's whole name", "GET", "/me", 404, body("Microsoft.Fast.Profile.Core.Exception.ImageNotFoundException", ""), fault.NotFound, "photo.absent", ""},
		{"no photo, as of old", "GET", "/me", 404, body("ErrorItemNotFound", "The photo wasn't found."), fault.NotFound, "photo.absent", ""},
		{"no photo, a variant", "GET", someUser, 404, body("GetUserPhoto", "The photo wasn't found."), fault.NotFound, "photo.absent", ""},
		{"no photo, in HTML", "GET", "/me", 404, "<html>Not found</html>", fault.NotFound, "photo.absent", ""},
		{"no photo to remove", "DELETE", "/me", 404, body("ImageNotFound", ""), fault.NotFound, "photo.absent", ""},
		{"saving without a mailbox", "PUT", "/me", 404, body("ErrorItemNotFound", "The specified object was not found in the store."), fault.Forbidden, "graph.no-mailbox", fault.NextHelpdesk},
		{"saving without a mailbox, lower case", "PUT", someUser, 404, body("errorItemNotFound", ""), fault.Forbidden, "graph.no-mailbox", fault.NextHelpdesk},
		{"saving without a mailbox, a variant", "PUT", "/me", 404, body("GetUserPhoto", ""), fault.Forbidden, "graph.no-mailbox", fault.NextHelpdesk},
		{"saving for a contact that is gone", "PUT", someContact, 404, body("ErrorItemNotFound", ""), fault.NotFound, "graph.gone", fault.NextHome},
		{"a personal account", "GET", "/me", 404, body("ConsumerPhotoIsNotSupported", ""), fault.Forbidden, "graph.personal-account", fault.NextSignIn},
		{"a personal account saves", "PUT", "/me", 404, body("ConsumerPhotoIsNotSupported", ""), fault.Forbidden, "graph.personal-account", fault.NextSignIn},
		{"no mailbox until 2021", "PUT", "/me", 404, body("ErrorNonExistentMailbox", "The SMTP address has no mailbox associated with it."), fault.Forbidden, "graph.no-mailbox", fault.NextHelpdesk},
		{"no mailbox, read", "GET", "/me", 404, body("ErrorNonExistentMailbox", ""), fault.Forbidden, "graph.no-mailbox", fault.NextHelpdesk},
		{"a mailbox that sleeps", "GET", someContact, 404, body("MailboxNotEnabledForRESTAPI", "The mailbox is either inactive…"), fault.Forbidden, "graph.mailbox-inactive", fault.NextHelpdesk},
		{"a mailbox on premises", "GET", "/me", 404, body("MailboxNotHostedInExchangeOnline", ""), fault.Forbidden, "graph.mailbox-on-premises", fault.NextHelpdesk},
		{"a mailbox on premises, another status", "PUT", "/me", 400, body("MailboxNotHostedInExchangeOnline", ""), fault.Forbidden, "graph.mailbox-on-premises", fault.NextHelpdesk},
		{"an unresolved user, nested", "GET", someUser, 404, body(unknown, `{"errorCode":"ErrorUserResolutionFailedUserDoesNotExist"}`), fault.NotFound, "graph.no-such-person", fault.NextHelpdesk},
		{"a profile that isn't there, nested", "PUT", someUser, 404, body(unknown, `{"error":{"code":"Microsoft.Fast.Profile.Core.Exception.ProfileNotFoundException","message":""}}`), fault.NotFound, "graph.no-such-person", fault.NextHelpdesk},
		{"a group being made", "PUT", someGroup, 404, body("ResourceNotFound", "Resource provisioning is in progress. Please try again."), fault.NotFound, "graph.being-set-up", fault.NextWait},
		{"an unknown object", "INFO", someUser, 404, body("Request_ResourceNotFound", ""), fault.NotFound, "graph.gone", fault.NextHome},
		{"an unknown object, removing", "DELETE", someUser, 404, body("Request_ResourceNotFound", ""), fault.NotFound, "graph.gone", fault.NextHome},
		{"404 without a code, saving", "PUT", "/me", 404, "", fault.NotFound, "graph.gone", fault.NextHome},
		{"a backend that refuses the token", "PUT", "/me", 400, body("AuthenticationError", "Error authenticating with resource"), fault.Forbidden, "graph.no-mailbox", fault.NextHelpdesk},
		{"a bad query", "ME", "/me", 400, body("Request_UnsupportedQuery", ""), fault.Unexpected, "graph.our-mistake", fault.NextHelpdesk},
		{"a bad request", "PUT", "/me", 400, body("Request_BadRequest", ""), fault.Unexpected, "graph.our-mistake", fault.NextHelpdesk},
		{"a token that ran out", "PUT", "/me", 401, body("InvalidAuthenticationToken", "Access token has expired or is not yet valid."), fault.SignIn, "graph.sign-in", fault.NextSignIn},
		{"401 without a body", "ME", "/me", 401, "", fault.SignIn, "graph.sign-in", fault.NextSignIn},
		{"an external user", "GET", "/me", 401, body(unknown, ""), fault.Forbidden, "graph.not-accepted", fault.NextAdmin},
		{"no consent", "GET", "/me", 401, body("Unauthorized", ""), fault.Forbidden, "graph.not-accepted", fault.NextAdmin},
		{"a guest, nested", "GET", "/me", 403, body(unknown, `{"error":{"code":"NoPermissionsInAccessToken","message":"The token contains no permissions"}}`), fault.Forbidden, "graph.guest", fault.NextHelpdesk},
		{"no permission or role", "PUT", "/me", 403, body("ErrorAccessDenied", "Access is denied. Check credentials and try again."), fault.Forbidden, "graph.access-denied", fault.NextHelpdesk},
		{"no permission, the exception's name", "GET", someUser, 403, body("AccessDeniedException", ""), fault.Forbidden, "graph.access-denied", fault.NextHelpdesk},
		{"a group that isn't mine", "PUT", someGroup, 403, body("ErrorAccessDenied", ""), fault.Forbidden, "graph.owner-only", fault.NextOwner},
		{"a group's photo as the app", "PUT", someGroup, 403, body("AppOnlyTokenNotSupportedForGroupUpdate", ""), fault.Forbidden, "graph.owner-only", fault.NextOwner},
		{"the tenant's policy", "PUT", "/me", 403, body("ForbiddenByPolicy", "invalid_role"), fault.Forbidden, "graph.policy", fault.NextHelpdesk},
		{"a team's photo as the app", "GET", someTeam, 403, body("Forbidden", "Failed to execute MsGraph backend request GetGroupProfilePhotoMetadataS2SRequest"), fault.Forbidden, "graph.owner-only", fault.NextOwner},
		{"a directory call", "ME", "/me", 403, body("Authorization_RequestDenied", "Insufficient privileges to complete the operation."), fault.Forbidden, "graph.permission-missing", fault.NextAdmin},
		{"403 in HTML", "PUT", "/me", 403, "<html>Forbidden</html>", fault.Forbidden, "graph.access-denied", fault.NextHelpdesk},
		{"removing what can't be removed", "DELETE", "/me", 405, body("Request_BadRequest", "Method not allowed"), fault.NotAllowed, "photo.remove-impossible", ""},
		{"a method of ours that is wrong", "PUT", "/me", 405, body("Request_BadRequest", ""), fault.Unexpected, "graph.our-mistake", fault.NextHelpdesk},
		{"an Accept of ours that is wrong", "GET", someTeam, 406, body(unknown, ""), fault.Unexpected, "graph.our-mistake", fault.NextHelpdesk},
		{"a request too slow for Graph", "PUT", "/me", 408, "", fault.Timeout, "graph.slow", fault.NextRetry},
		{"a conflict", "PUT", "/me", 409, "", fault.Conflict, "graph.changed", fault.NextRetry},
		{"a failed precondition", "PUT", "/me", 412, "", fault.Conflict, "graph.changed", fault.NextRetry},
		{"too large", "PUT", "/me", 413, "<html>Request Entity Too Large</html>", fault.TooLarge, "graph.too-large", fault.NextChoose},
		{"the wrong type", "PUT", "/me", 415, "", fault.Unsupported, "graph.not-taken", fault.NextChoose},
		{"throttled", "PUT", "/me", 429, body("TooManyRequests", "Please retry again later."), fault.Busy, "graph.busy", fault.NextWait},
		{"throttled by the mailbox", "GET", "/me", 429, body("ApplicationThrottled", "Application is over its MailboxConcurrency limit."), fault.Busy, "graph.busy", fault.NextWait},
		{"throttled, as Outlook used to", "PUT", "/me", 429, body(unknown, ""), fault.Busy, "graph.busy", fault.NextWait},
		{"a picture that Graph can't process", "PUT", "/me", 500, body("ErrorInternalServerError", "The file you chose isn't an image."), fault.Unavailable, "graph.not-processed", fault.NextRetry},
		{"an inner failure, reading", "GET", "/me", 500, body("ErrorInternalServerError", ""), fault.Unavailable, "graph.unavailable", fault.NextRetry},
		{"a mailbox for bookings", "PUT", someUser, 500, body("ErrorStoreInternalServerError", "Accessing service failed."), fault.Unavailable, "graph.mailbox-fails", fault.NextHelpdesk},
		{"a team's photo fails behind Graph", "PUT", someTeam, 502, body("BadGateway", "Failed to execute backend request."), fault.Unavailable, "graph.team-fails", fault.NextOwner},
		{"the edge in HTML", "PUT", "/me", 502, "<html>Bad Gateway</html>", fault.Unavailable, "graph.unavailable", fault.NextRetry},
		{"overload", "PUT", "/me", 503, body("serviceNotAvailable", ""), fault.Busy, "graph.busy", fault.NextWait},
		{"a gateway that waited in vain", "GET", "/me", 504, body(unknown, ""), fault.Timeout, "graph.slow", fault.NextRetry},
		{"no room, says dev-proxy", "PUT", "/me", 507, "", fault.Unavailable, "graph.unavailable", fault.NextRetry},
		{"a status nobody knows", "GET", "/me", 418, "", fault.Unexpected, "graph.our-mistake", fault.NextHelpdesk},
		{"a success nobody asked for", "PUT", "/me", 202, "", fault.Unavailable, "graph.broken-answer", fault.NextRetry},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := newFake(t, answering(tt.status, tt.body))
			err := verbs[tt.verb](t.Context(), newClient(t, f.URL), parse(t, tt.subject))
			e := check(t, err, tt.kind, tt.say, tt.next)
			if IsNoPhoto(err) != (tt.say == "photo.absent") {
				t.Errorf("IsNoPhoto = %v", IsNoPhoto(err))
			}
			if strings.HasPrefix(tt.body, "{") && e.GraphRequestID != "b1d902cd-0000-4000-8000-000000000001" {
				t.Errorf("request-id %q, want the one in the body", e.GraphRequestID)
			}
		})
	}
}

// TestRefusalsOfLists has what Graph answers on the way to a photo.
func TestRefusalsOfLists(t *testing.T) {
	denied := body("Authorization_RequestDenied", "Insufficient privileges to complete the operation.")
	access := body("ErrorAccessDenied", "Access is denied. Check credentials and try again.")
	for _, tt := range []struct {
		name    string
		verb    string
		subject string
		status  int
		body    string
		kind    fault.Kind
		say     string
		next    fault.Next
		scope   string
	}{
		{"nobody has this name", "PERSON", someUser, 404, body("Request_ResourceNotFound", ""), fault.NotFound, "graph.no-such-person", fault.NextHelpdesk, ""},
		{"a person, without the permission", "PERSON", someUser, 403, denied, fault.Forbidden, "graph.permission-missing", fault.NextAdmin, ""},
		{"searching people without the permission", "SEARCH", "/me", 403, denied, fault.Forbidden, "graph.permission-named", fault.NextAdmin, "User.Read.All"},
		{"words that Graph can't search for", "SEARCH", "/me", 400, body("Request_UnsupportedQuery", ""), fault.Unreadable, "graph.unsearchable", "", ""},
		{"roles without the permission", "ROLES", someUser, 403, denied, fault.Forbidden, "graph.permission-named", fault.NextAdmin, "Directory.Read.All"},
		{"roles of nobody", "ROLES", someUser, 404, body("Request_ResourceNotFound", ""), fault.NotFound, "graph.no-such-person", fault.NextHelpdesk, ""},
		{"the policy without the permission", "POLICY", "/me", 403, access, fault.Forbidden, "graph.permission-named", fault.NextAdmin, "PeopleSettings.Read.All"},
		{"a cloud without a policy", "POLICY", "/me", 404, "", fault.NotFound, "graph.gone", fault.NextHome, ""},
		{"my groups without the permission", "OWNED", "/me", 403, denied, fault.Forbidden, "graph.permission-named", fault.NextAdmin, "GroupMember.Read.All"},
		{"my groups, a query of ours that is wrong", "OWNED", "/me", 400, body("Request_UnsupportedQuery", ""), fault.Unexpected, "graph.our-mistake", fault.NextHelpdesk, ""},
		{"a group without the permission", "GROUP", someGroup, 403, denied, fault.Forbidden, "graph.permission-named", fault.NextAdmin, "GroupMember.Read.All"},
		{"a group that is gone", "GROUP", someGroup, 404, body("Request_ResourceNotFound", ""), fault.NotFound, "graph.gone", fault.NextHome, ""},
		{"a group being made", "GROUP", someGroup, 404, body("ResourceNotFound", "Resource provisioning is in progress. Please try again."), fault.NotFound, "graph.being-set-up", fault.NextWait, ""},
		{"owners without the permission", "OWNERS", someGroup, 403, denied, fault.Forbidden, "graph.permission-named", fault.NextAdmin, "GroupMember.Read.All"},
		{"owners of a group being made", "OWNERS", someGroup, 404, body("ResourceNotFound", ""), fault.NotFound, "graph.being-set-up", fault.NextWait, ""},
		{"my contacts, not allowed yet", "CONTACTS", "/me", 403, access, fault.Forbidden, "graph.ask-contacts", fault.NextAllow, "Contacts.ReadWrite"},
		{"a contact of mine, not allowed yet", "CONTACT", someContact, 403, access, fault.Forbidden, "graph.ask-contacts", fault.NextAllow, "Contacts.ReadWrite"},
		{"the photo of a contact of mine, not allowed yet", "PUT", someContact, 403, access, fault.Forbidden, "graph.ask-contacts", fault.NextAllow, "Contacts.ReadWrite"},
		{"contacts that aren't shared with me", "CONTACTS", someUser, 403, access, fault.Forbidden, "graph.mailbox-closed", fault.NextHelpdesk, "Contacts.ReadWrite.Shared"},
		{"folders that aren't shared with me", "FOLDERS", someUser, 404, body("ErrorItemNotFound", "The specified folder could not be found in the store."), fault.Forbidden, "graph.mailbox-closed", fault.NextHelpdesk, "Contacts.ReadWrite.Shared"},
		{"a contact that isn't shared with me", "CONTACT", otherContact, 403, access, fault.Forbidden, "graph.mailbox-closed", fault.NextHelpdesk, "Contacts.ReadWrite.Shared"},
		{"the photo of a contact that isn't shared with me", "PUT", otherContact, 403, access, fault.Forbidden, "graph.mailbox-closed", fault.NextHelpdesk, "Contacts.ReadWrite.Shared"},
		{"contacts of nobody", "CONTACTS", someUser, 404, body("Request_ResourceNotFound", ""), fault.NotFound, "graph.no-such-person", fault.NextHelpdesk, ""},
		{"contacts of an address that is nobody's", "CONTACTS", someUser, 404, body("ErrorInvalidUser", ""), fault.NotFound, "graph.no-such-person", fault.NextHelpdesk, ""},
		{"contacts without a mailbox", "CONTACTS", "/me", 404, body("MailboxNotEnabledForRESTAPI", ""), fault.Forbidden, "graph.no-contacts", fault.NextHelpdesk, ""},
		{"contacts in a mailbox on premises", "FIND", someUser, 404, body("MailboxNotHostedInExchangeOnline", ""), fault.Forbidden, "graph.no-contacts", fault.NextHelpdesk, ""},
		{"contacts without a mailbox, as of old", "CONTACT", someContact, 404, body("ErrorNonExistentMailbox", ""), fault.Forbidden, "graph.no-contacts", fault.NextHelpdesk, ""},
		{"contacts that can't be discovered", "CONTACTS", someUser, 404, body("ResourceNotFound", "Resource could not be discovered."), fault.Forbidden, "graph.no-contacts", fault.NextHelpdesk, ""},
		{"contacts behind a backend that refuses the token", "FIND", "/me", 400, body("AuthenticationError", ""), fault.Forbidden, "graph.no-contacts", fault.NextHelpdesk, ""},
		{"a folder that can't be searched", "FIND", "/me", 400, body("ErrorInvalidUrlQueryFilter", "'contains' and 'startswith' are not supported for filtering."), fault.Unreadable, "graph.unsearchable", "", ""},
		{"a list of contacts, a query of ours that is wrong", "CONTACTS", "/me", 400, body("BadRequest", ""), fault.Unexpected, "graph.our-mistake", fault.NextHelpdesk, ""},
		{"a folder of mine that is gone", "FOLDERS", "/me", 404, body("ErrorItemNotFound", ""), fault.NotFound, "graph.gone", fault.NextHome, ""},
		{"a contact that is gone", "CONTACT", someContact, 404, body("ErrorItemNotFound", ""), fault.NotFound, "graph.gone", fault.NextHome, ""},
		{"a list, throttled", "CONTACTS", "/me", 429, body("ApplicationThrottled", ""), fault.Busy, "graph.busy", fault.NextWait, ""},
		{"a list, with a token that ran out", "OWNED", "/me", 401, body("InvalidAuthenticationToken", ""), fault.SignIn, "graph.sign-in", fault.NextSignIn, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := newFake(t, answering(tt.status, tt.body))
			err := verbs[tt.verb](t.Context(), newClient(t, f.URL), parse(t, tt.subject))
			if e := check(t, err, tt.kind, tt.say, tt.next); e.Scope != tt.scope {
				t.Errorf("scope %q, want %q", e.Scope, tt.scope)
			}
			if IsUnsearchable(err) != (tt.say == "graph.unsearchable") {
				t.Errorf("IsUnsearchable = %v", IsUnsearchable(err))
			}
			if f.count() != 1 {
				t.Errorf("%d requests, want 1", f.count())
			}
		})
	}
}

func TestGatewayTimeoutLeavesAChangeOpen(t *testing.T) {
	f := newFake(t, answering(504, ""))
	c := newClient(t, f.URL)
	for verb, want := range map[string]bool{"GET": false, "PUT": true, "DELETE": true} {
		if err := verbs[verb](t.Context(), c, directory.Me()); IsUnanswered(err) != want {
			t.Errorf("%s: unanswered = %v, want %v", verb, !want, want)
		}
	}
}

func TestRefusalCarriesWhatItWasTold(t *testing.T) {
	f := newFake(t, answering(429, body("TooManyRequests", ""), "Retry-After", "2.128", "request-id", "from-the-header"))
	e := check(t, verbs["PUT"](t.Context(), newClient(t, f.URL), directory.Me()), fault.Busy, "graph.busy", fault.NextWait)
	if e.RetryAfter != 2128*time.Millisecond || e.GraphRequestID != "from-the-header" || e.Op != "graph.PutPhoto" {
		t.Errorf("RetryAfter %v, request-id %q, op %s", e.RetryAfter, e.GraphRequestID, e.Op)
	}

	const claims = `{"access_token":{"nbf":{"essential":true,"value":"1604106651"}}}`
	challenged := newFake(t, answering(401, body("InvalidAuthenticationToken", ""), "WWW-Authenticate", challengeOf(claims)))
	e = check(t, verbs["PUT"](t.Context(), newClient(t, challenged.URL), directory.Me()), fault.SignIn, "graph.sign-in-claims", fault.NextSignIn)
	if e.Claims != claims {
		t.Errorf("claims %q, want %q", e.Claims, claims)
	}
}
