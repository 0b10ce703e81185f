package photo

import (
	"strings"
	"testing"

	"portrait/internal/directory"
	"portrait/internal/fault"
)

// TestSecurityAliases proves that every two addresses of one photo give one key.
func TestSecurityAliases(t *testing.T) {
	x := newSite(t, fine)
	upper := strings.ToUpper(string(bobID))
	for _, tt := range []struct {
		name      string
		actor     directory.Actor
		want      directory.PhotoKey
		addresses []string
	}{
		{"one's own", desk, directory.UserPhoto(tenant, deskID), []string{"/me", "/users/" + string(deskID)}},
		{"a user's", desk, directory.UserPhoto(tenant, bobID), []string{
			"/users/" + string(bobID), "/users/" + upper, "/users/bob@contoso.com", "/Users/BOB@Contoso.com", "/users/bob_fabrikam.com%23EXT%23@contoso.com",
		}},
		{"a group's", ann, directory.GroupPhoto(tenant, groupID), []string{
			"/groups/" + string(groupID), "/teams/" + string(groupID), "/groups/" + strings.ToUpper(string(groupID)),
		}},
		{"a contact's of mine", ann, directory.ContactPhoto(tenant, annID, "AAMk="), []string{
			"/me/contacts/AAMk=", "/me/contactfolders/F/contacts/AAMk=", "/me/contactFolders/G/contacts/AAMk%3D",
			"/users/" + string(annID) + "/contacts/AAMk=", "/users/" + string(annID) + "/contactfolders/F/contacts/AAMk=",
		}},
		{"a contact's in a mailbox, for its delegate", ann, directory.ContactPhoto(tenant, bobID, "AAMk="), []string{
			"/users/" + string(bobID) + "/contacts/AAMk=", "/users/" + upper + "/contactfolders/F/contacts/AAMk=", "/users/bob@contoso.com/contacts/AAMk=",
		}},
		{"the same for the helpdesk", desk, directory.ContactPhoto(tenant, bobID, "AAMk="), []string{
			"/users/" + string(bobID) + "/contacts/AAMk=", "/users/bob@contoso.com/contactfolders/F/contacts/AAMk=",
		}},
		{"an id of another spelling is another contact's", ann, directory.ContactPhoto(tenant, annID, "AAMK="), []string{"/me/contacts/AAMK="}},
	} {
		for _, address := range tt.addresses {
			got, err := x.Resolve(t.Context(), tt.actor, subjectAt(t, address))
			if err != nil || got != tt.want {
				t.Errorf("%s: %s is %s, %v; want %s", tt.name, address, got, err, tt.want)
			}
		}
	}
}

func TestDelegatesWhoMayNotLookPeopleUp(t *testing.T) {
	x := newSite(t, fine)
	x.facts["/users/bob@"] = always(403, `{"error":{"code":"Authorization_RequestDenied"}}`)
	s := subjectAt(t, "/users/bob@contoso.com/contacts/AAMk=")
	got, err := x.Resolve(t.Context(), ann, s)
	if want := directory.ContactPhoto(tenant, "bob@contoso.com", "AAMk="); err != nil || got != want {
		t.Errorf("%s, %v; want %s", got, err, want)
	}
	if _, err := x.Resolve(t.Context(), desk, s); !fault.Is(err, fault.Forbidden) {
		t.Errorf("the helpdesk: %v, want a refusal: nobody knows who that is", err)
	}
}

func TestSecurityResolveRefuses(t *testing.T) {
	x := newSite(t, fine)
	x.facts["/users/absent@"] = always(404, `{"error":{"code":"Request_ResourceNotFound"}}`)
	x.facts["/users/broken@"] = always(200, `{"id":"not an id"}`)
	for _, tt := range []struct {
		name    string
		actor   directory.Actor
		subject directory.Subject
		kind    fault.Kind
	}{
		{"nobody has no photo", nobody, directory.Me(), fault.SignIn},
		{"an employee doesn't ask who is there", ann, subjectAt(t, "/users/absent@contoso.com"), fault.Forbidden},
		{"the helpdesk hears that nobody is", desk, subjectAt(t, "/users/absent@contoso.com"), fault.NotFound},
		{"an answer without an id is none", desk, subjectAt(t, "/users/broken@contoso.com"), fault.Unavailable},
		{"nothing has no photo", ann, directory.Subject{}, fault.Forbidden},
	} {
		if key, err := x.Resolve(t.Context(), tt.actor, tt.subject); !fault.Is(err, tt.kind) {
			t.Errorf("%s: %s, %v; want kind %d", tt.name, key, err, tt.kind)
		}
	}
}
