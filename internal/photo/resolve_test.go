package photo

import (
	"testing"

	"portrait/internal/directory"
	"portrait/internal/fault"
)

func TestResolve(t *testing.T) {
	for _, tt := range []struct {
		name    string
		subject string
		want    directory.PhotoKey
	}{
		{"my own is the user's", "/me", directory.UserPhoto(tenant, annID)},
		{"a user", "/users/" + string(bobID), directory.UserPhoto(tenant, bobID)},
		{"myself as a user", "/users/" + string(annID), directory.UserPhoto(tenant, annID)},
		{"a user in capitals", "/users/AAAAAAAA-0000-4000-8000-000000000002", directory.UserPhoto(tenant, bobID)},
		{"a group", "/groups/" + string(groupID), directory.GroupPhoto(tenant, groupID)},
		{"a team is its group", "/teams/" + string(groupID), directory.GroupPhoto(tenant, groupID)},
		{"my contact", "/me/contacts/AAMk=", directory.ContactPhoto(tenant, annID, "AAMk=")},
		{"my contact in a folder", "/me/contactfolders/F/contacts/AAMk=", directory.ContactPhoto(tenant, annID, "AAMk=")},
		{"my contact in my mailbox by its id", "/users/" + string(annID) + "/contacts/AAMk=", directory.ContactPhoto(tenant, annID, "AAMk=")},
		{"the same contact id in another mailbox", "/users/" + string(bobID) + "/contacts/AAMk=", directory.ContactPhoto(tenant, bobID, "AAMk=")},
		{"that in a folder", "/users/" + string(bobID) + "/contactfolders/F/contacts/AAMk=", directory.ContactPhoto(tenant, bobID, "AAMk=")},
		{"contact ids are case-sensitive", "/me/contacts/AAMK=", directory.ContactPhoto(tenant, annID, "AAMK=")},
	} {
		got, err := Resolve(ann, subjectAt(t, tt.subject))
		if err != nil || got != tt.want {
			t.Errorf("%s: %s is %s, %v; want %s", tt.name, tt.subject, got, err, tt.want)
		}
	}
}

func TestResolveRefuses(t *testing.T) {
	for _, tt := range []struct {
		name    string
		actor   directory.Actor
		subject directory.Subject
		kind    fault.Kind
	}{
		{"nobody has no photo", nobody, directory.Me(), fault.SignIn},
		{"a name must be looked up first", ann, subjectAt(t, "/users/bob@contoso.com"), fault.NotFound},
		{"so must the name of a mailbox", ann, subjectAt(t, "/users/bob@contoso.com/contacts/AAMk="), fault.NotFound},
		{"nothing has no photo", ann, directory.Subject{}, fault.NotFound},
	} {
		if key, err := Resolve(tt.actor, tt.subject); !fault.Is(err, tt.kind) {
			t.Errorf("%s: %s, %v; want kind %d", tt.name, key, err, tt.kind)
		}
	}
}
