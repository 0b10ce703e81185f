package demo_test

import (
	"bytes"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/oauth2"

	"portrait/internal/demo"
	"portrait/internal/directory"
)

// everything is every permission that subjects of the API need.
const everything = "ProfilePhoto.ReadWrite.All User.Read.All Group.ReadWrite.All TeamSettings.ReadWrite.All Contacts.ReadWrite.Shared Contacts.ReadWrite Directory.Read.All PeopleSettings.Read.All"

// land is the tenant of a test, and tokens by who asks.
type land struct {
	t *testing.T
	*demo.Tenant
	tokens map[string]*oauth2.Token
}

// newLand starts a tenant in which the owner, the employee and the helpdesk
// have allowed everything.
func newLand(t *testing.T) land {
	t.Helper()
	tenant := start(t, demo.Options{})
	tenant.Set(demo.Weather{ReadDelay: -1})
	return land{t, tenant, allTokens(t, tenant)}
}

// allTokens signs them in, and the app.
func allTokens(t *testing.T, tenant *demo.Tenant) map[string]*oauth2.Token {
	t.Helper()
	a, tokens := want(t, tenant, everything), map[string]*oauth2.Token{"app": asApp(t, tenant)}
	for _, who := range []string{"owner", "employee", "helpdesk"} {
		tokens[who] = a.token(t, who)
	}
	return tokens
}

// do asks as somebody and returns "status code", the code of Graph's error.
func (l land) do(who, method, path string, body []byte, header ...string) string {
	l.t.Helper()
	res, answer := ask(l.t, l.Tenant, l.tokens[who], method, path, body, append([]string{"Content-Type", imageJPEG}, header...)...)
	return strings.TrimSpace(fmt.Sprintf("%d %s", res.StatusCode, errorCode(answer)))
}

func (l land) group(name string) string {
	l.t.Helper()
	for _, g := range l.Groups() {
		if g.DisplayName == name {
			return string(g.ID)
		}
	}
	l.t.Fatalf("no group %q", name)
	return ""
}

// contact returns the path of a contact, with the folder that it is in if
// inFolder is set.
func (l land) contact(mailbox directory.ID, name string, inFolder bool) string {
	l.t.Helper()
	for _, c := range l.Contacts(mailbox, false) {
		if c.DisplayName == name && inFolder {
			return "/contactFolders/" + url.PathEscape(string(c.Folder)) + "/contacts/" + url.PathEscape(string(c.ID))
		} else if c.DisplayName == name {
			return "/contacts/" + url.PathEscape(string(c.ID))
		}
	}
	l.t.Fatalf("no contact %q", name)
	return ""
}

const (
	crewDesk = "crewdesk@skylark.example"
	mueller  = "/users/joerg.mueller@skylark.example"
)

// TestEightForms asks in every form of the path for everything that a photo
// has.
func TestEightForms(t *testing.T) {
	l := newLand(t)
	owner := persona(t, l.Tenant, "owner").ID
	inSuppliers := ""
	for _, c := range l.Contacts(owner, false) {
		if c.Folder == l.Folders(owner)[1].ID {
			inSuppliers = c.DisplayName
		}
	}
	planning := l.group("Crew Planning")
	for _, tt := range []struct {
		who, path              string
		put, meta, sizes, gone string // of PUT, of GET /photo, /photos and of DELETE
	}{
		{"owner", "/me", "200", "200", "200", "200"},
		{"owner", "/me" + l.contact(owner, "Zürich Tower", false), "200", "200", "404 BadRequest", "405 Request_BadRequest"},
		{"owner", "/me" + l.contact(owner, inSuppliers, true), "200", "200", "404 BadRequest", "405 Request_BadRequest"},
		{"owner", "/groups/" + planning, "200", "200", "200", "200"},
		{"owner", "/teams/" + l.group("Night Operations"), "204", "200", "404 BadRequest", "405 Request_BadRequest"},
		{"app", mueller, "200", "200", "200", "200"},
		{"owner", "/users/" + crewDesk + l.contact(crewDesk, "Jetbridge Hotline", false), "200", "200", "404 BadRequest", "405 Request_BadRequest"},
		{"app", "/users/" + string(owner) + strings.Replace(l.contact(owner, inSuppliers, true), "contactFolders", "contactfolders", 1), "200", "200", "404 BadRequest", "405 Request_BadRequest"},
	} {
		t.Run(tt.path[:min(len(tt.path), 40)], func(t *testing.T) {
			at := "/v1.0" + tt.path
			sent := jpegOf(t, 300, 300)
			for _, step := range []struct {
				method, path string
				body         []byte
				want         string
			}{
				{"PUT", "/photo/$value", sent, tt.put},
				{"GET", "/photo", nil, tt.meta},
				{"GET", "/photo/$value", nil, "200"},
				{"GET", "/photos", nil, tt.sizes},
				{"GET", "/photos/96x96/$value", nil, tt.sizes},
				{"PATCH", "/photo", sent, "405 Request_BadRequest"},
				{"POST", "/photo/$value", sent, "405 Request_BadRequest"},
				{"PUT", "/photo/$value", []byte("text"), "500 ErrorInternalServerError"},
				{"DELETE", "/photo/$value", nil, tt.gone},
			} {
				if got := l.do(tt.who, step.method, at+step.path, step.body); got != step.want {
					t.Errorf("%s %s = %s, want %s", step.method, step.path, got, step.want)
				}
			}
			if !strings.Contains(tt.path, "/contacts/") {
				return // kept in sizes
			}
			if _, body := ask(t, l.Tenant, l.tokens[tt.who], "GET", at+"/photo/$value", nil); !bytes.HasPrefix(body, sent[:100]) {
				t.Error("what is read isn't what was sent")
			}
		})
	}
}

// TestWhoMay is the table of permissions and owners for photos.
func TestWhoMay(t *testing.T) {
	l := newLand(t)
	few := func(name, persona, scopes string) {
		l.tokens[name] = newApp(t, l.Tenant, strings.Fields("openid "+scopes)...).token(t, persona)
	}
	few("guest with all", "guest", everything)
	few("no-photo with User.ReadWrite", "no-photo", "User.ReadWrite")
	few("no-mailbox with groups", "no-mailbox", "Group.ReadWrite.All GroupMember.Read.All")
	owner, employee := persona(t, l.Tenant, "owner").ID, persona(t, l.Tenant, "employee").ID
	own, other := "/groups/"+l.group("Crew Planning"), "/groups/"+l.group("Flight Deck")
	suppliers := "/users/" + string(owner) + "/contactFolders/" + string(l.Folders(owner)[1].ID) + "/contacts"
	hangar := "/users/" + string(owner) + "/contactFolders/" + string(l.Folders(owner)[2].ID) + "/contacts"
	for _, tt := range []struct{ why, who, method, path, want string }{
		{"another person's photo, read", "employee", "GET", mueller + "/photo", "200"},
		{"the same without a permission", "no-photo with User.ReadWrite", "GET", mueller + "/photo", "403 ErrorAccessDenied"},
		{"somebody who isn't there, without a permission", "no-photo with User.ReadWrite", "GET", "/users/nobody@skylark.example/photo", "403 ErrorAccessDenied"},
		{"the profile, without a permission", "no-photo with User.ReadWrite", "GET", mueller, "403 Authorization_RequestDenied"},
		{"somebody who isn't there", "employee", "GET", "/users/nobody@skylark.example", "404 Request_ResourceNotFound"},
		{"another person's photo, written without a role", "helpdesk", "PUT", mueller + "/photo/$value", "403 ErrorAccessDenied"},
		{"another person's photo, written by the app", "app", "PUT", mueller + "/photo/$value", "200"},
		{"the photo of a mailbox on premises", "app", "PUT", "/users/bruno.castellani@skylark.example/photo/$value", "404 MailboxNotHostedInExchangeOnline"},
		{"a shared mailbox", "app", "PUT", "/users/" + crewDesk + "/photo/$value", "200"},
		{"a Bookings mailbox", "app", "PUT", "/users/lounge@skylark.example/photo/$value", "500 ErrorStoreInternalServerError"},
		{"a guest", "app", "PUT", "/users/yuki.tanabe_harbour.example%23EXT%23@skylark.example/photo/$value", "403 ErrorAccessDenied"},
		{"the guest's own", "guest with all", "PUT", "/me/photo/$value", "403 ErrorAccessDenied"},
		{"a group of one's own", "owner", "PUT", own + "/photo/$value", "200"},
		{"somebody else's group, read", "owner", "GET", other + "/photo", "200"},
		{"somebody else's group, written", "owner", "PUT", other + "/photo/$value", "403 ErrorAccessDenied"},
		{"a group, written by somebody else", "no-mailbox with groups", "PUT", own + "/photo/$value", "403 ErrorAccessDenied"},
		{"a group without a permission", "no-photo with User.ReadWrite", "GET", own + "/photo", "403 ErrorAccessDenied"},
		{"a group by the app", "app", "PUT", own + "/photo/$value", "403 AppOnlyTokenNotSupportedForGroupUpdate"},
		{"a group that isn't there", "owner", "PUT", "/groups/" + string(employee) + "/photo/$value", "404 Request_ResourceNotFound"},
		{"a security group", "owner", "PUT", "/groups/" + l.group("Roster Editors") + "/photo/$value", "404 ErrorItemNotFound"},
		{"a group in the making", "owner", "PUT", "/groups/" + l.group("Summer Charter") + "/photo/$value", "404 ResourceNotFound"},
		{"a team of one's own", "owner", "PUT", "/teams/" + l.group("Crew Planning") + "/photo/$value", "204"},
		{"a team in beta with Group.ReadWrite.All alone", "no-mailbox with groups", "GET", "/teams/" + l.group("Crew Planning") + "/photo", "200"},
		{"a team with Group.ReadWrite.All alone", "no-mailbox with groups", "PUT", "/teams/" + l.group("Crew Planning") + "/photo/$value", "403 ErrorAccessDenied"},
		{"somebody else's team", "owner", "PUT", "/teams/" + l.group("Flight Deck") + "/photo/$value", "403 Forbidden"},
		{"a group that isn't a team", "owner", "GET", "/teams/" + l.group("Crew Choir") + "/photo", "404 NotFound"},
		{"a team itself, which isn't here", "owner", "GET", "/teams/" + l.group("Crew Choir"), "404 BadRequest"},
		{"a group of nothing", "owner", "GET", "/groups/", "404 Request_ResourceNotFound"},
		{"a user of nothing", "owner", "GET", "/users/", "404 Request_ResourceNotFound"},
		{"contact folders of nothing", "owner", "GET", "/me/contactFolders/", "404 ErrorItemNotFound"},
		{"a team by PATCH", "owner", "PATCH", "/teams/" + l.group("Crew Planning") + "/photo/$value", "405 Request_BadRequest"},
		{"a contact by PATCH", "owner", "PATCH", "/me" + l.contact(owner, "Zürich Tower", false) + "/photo/$value", "200"},
		{"contacts of one's own without a permission", "no-photo with User.ReadWrite", "GET", "/me/contacts", "403 ErrorAccessDenied"},
		{"contacts of a shared mailbox by its delegate", "owner", "GET", "/users/" + crewDesk + "/contacts", "200"},
		{"by somebody else", "employee", "GET", "/users/" + crewDesk + "/contacts", "403 ErrorAccessDenied"},
		{"by the app", "app", "GET", "/users/" + crewDesk + "/contacts", "200"},
		{"a folder that is shared with one", "employee", "GET", suppliers, "200"},
		{"a folder that isn't", "employee", "GET", hangar, "404 ErrorItemNotFound"},
		{"a folder that isn't there", "owner", "GET", "/me/contactFolders/AAA=/contacts", "404 ErrorItemNotFound"},
		{"contacts without a mailbox", "app", "GET", "/users/kwame.boateng@skylark.example/contacts", "404 MailboxNotEnabledForRESTAPI"},
		{"a contact that isn't there", "owner", "PUT", "/me/contacts/AAMkAAA=/photo/$value", "404 ErrorItemNotFound"},
	} {
		if got := l.do(tt.who, tt.method, "/v1.0"+tt.path, jpegOf(t, 100, 100)); got != tt.want {
			t.Errorf("%s: %s as %s = %s, want %s", tt.why, tt.method, tt.who, got, tt.want)
		}
	}
}
