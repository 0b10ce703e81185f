package demo_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"portrait/internal/directory"
)

func TestFoldersAndContacts(t *testing.T) {
	l := newLand(t)
	got := l.list("owner", "/v1.0/me/contactFolders")
	if !slices.Equal(got.names("displayName"), []string{"Suppliers"}) {
		t.Fatalf("the folders are %v, want Suppliers alone: Graph leaves out the default one", got.names("displayName"))
	}
	suppliers := fmt.Sprint(got.Value[0]["id"])
	if kids := l.list("owner", "/v1.0/me/contactFolders/"+suppliers+"/childFolders"); !slices.Equal(kids.names("displayName"), []string{"Hangar"}) {
		t.Errorf("the folders in it are %v, want Hangar", kids.names("displayName"))
	}
	own := l.list("owner", "/v1.0/me/contacts?$select=parentFolderId&$top=1")
	if got := own.Value[0]["parentFolderId"]; got == suppliers || got != string(l.Folders(persona(t, l.Tenant, "owner").ID)[0].ID) {
		t.Errorf("the default folder is %v", got)
	}
	for path, want := range map[string]int{
		"/me/contacts": 30, "/me/contactFolders/" + suppliers + "/contacts": 12, "/users/" + crewDesk + "/contacts": 35,
	} {
		n, pages, next := 0, 0, "/v1.0"+path
		for ; next != ""; pages++ {
			p := l.list("owner", next)
			n, next = n+len(p.Value), p.Next
		}
		if n != want || pages != (want+9)/10 {
			t.Errorf("GET %s has %d contacts on %d pages, want %d, ten on each", path, n, pages, want)
		}
	}
	found := l.list("owner", "/v1.0/me/contacts?$filter="+url.QueryEscape("startswith(displayName,'zür')"))
	if !slices.Equal(found.names("displayName"), []string{"Zürich Tower"}) {
		t.Errorf("a search finds %v", found.names("displayName"))
	}
	if next := l.list("owner", "/v1.0/me/contacts?$top=7").Next; !strings.Contains(next, "skip=7") {
		t.Errorf("the next link is %s, want one with $skip", next)
	}
}

func TestContactIDs(t *testing.T) {
	l := newLand(t)
	owner := persona(t, l.Tenant, "owner").ID
	ids := map[directory.ID]string{}
	folded := map[string]int{}
	for _, c := range l.Contacts(owner, false) {
		ids[c.ID] = c.DisplayName
		folded[strings.ToLower(string(c.ID))]++
		if _, err := base64.URLEncoding.DecodeString(string(c.ID)); err != nil || !strings.ContainsAny(string(c.ID), "-_") || !strings.HasSuffix(string(c.ID), "=") {
			t.Errorf("%s isn't an id like Outlook's (%v)", c.ID, err)
		}
	}
	if len(folded) != len(ids)-1 {
		t.Errorf("%d ids, %d without case; want two that differ in case alone", len(ids), len(folded))
	}
	name := func(path string, header ...string) string {
		_, body := ask(t, l.Tenant, l.tokens["owner"], "GET", "/v1.0/me/contacts/"+path, nil, header...)
		got := read[map[string]any](t, body)
		return fmt.Sprint(got["displayName"], " ", got["id"])
	}
	for _, c := range l.Contacts(owner, false)[26:] {
		if got := name(url.PathEscape(string(c.ID))); got != c.DisplayName+" "+string(c.ID) {
			t.Errorf("%s is %s, want %s", c.ID, got, c.DisplayName)
		}
	}

	// Moved: the id is another one, the immutable id is the same.
	before, stable := l.Contacts(owner, false)[0], l.Contacts(owner, true)[0]
	l.MoveContact(owner, before.ID, l.Folders(owner)[1].ID)
	after := l.Contacts(owner, false)[0]
	if after.ID == before.ID || after.Folder == before.Folder || l.Contacts(owner, true)[0].ID != stable.ID {
		t.Errorf("moving made %s of %s, and %s of %s", after.ID, before.ID, l.Contacts(owner, true)[0].ID, stable.ID)
	}
	if got := l.do("owner", "GET", "/v1.0/me/contacts/"+string(before.ID), nil); got != "404 ErrorItemNotFound" {
		t.Errorf("the old id = %s, want 404", got)
	}
	prefer := []string{"Prefer", `IdType="ImmutableId"`}
	if got := name(string(stable.ID), prefer...); got != before.DisplayName+" "+string(stable.ID) {
		t.Errorf("the immutable id is %s", got)
	}
	if got := name(string(stable.ID)); got != before.DisplayName+" "+string(after.ID) {
		t.Errorf("without asking for immutable ids the answer is %s, want the new id", got)
	}
}

func TestTheSameIDInTwoMailboxes(t *testing.T) {
	l := newLand(t)
	owner := persona(t, l.Tenant, "owner").ID
	mine, theirs := l.contact(owner, "Jetbridge Hotline", false), l.contact(crewDesk, "Jetbridge Hotline", false)
	if mine != theirs {
		t.Fatalf("the ids are %s and %s, want one", mine, theirs)
	}
	id := directory.ID(strings.TrimPrefix(mine, "/contacts/"))
	sent := jpegOf(t, 200, 200)
	before := l.ContactPhoto(crewDesk, id)
	if got := l.do("owner", "PUT", photoOf("/me"+mine), sent); got != "200" {
		t.Fatalf("PUT = %s", got)
	}
	if !bytes.Equal(l.ContactPhoto(owner, id), sent) || !bytes.Equal(l.ContactPhoto(crewDesk, id), before) || before == nil {
		t.Error("the photo went into the other mailbox, too")
	}
	if l.SetDelegates(crewDesk); l.do("owner", "GET", "/v1.0/users/"+crewDesk+"/contacts", nil) != "403 ErrorAccessDenied" {
		t.Error("nobody is a delegate, and still the mailbox can be read")
	}
}

func TestFill(t *testing.T) {
	l := newLand(t)
	l.Fill(2000, 5000, 100_000)
	const owned = "/v1.0/me/ownedObjects/microsoft.graph.group?$count=true&$top=100"
	people := l.list("helpdesk", "/v1.0/users?$count=true&$top=100")
	found := l.list("helpdesk", search(`"displayName:heath 99999" OR "mail:staff.000000099999"`))
	groups := l.list("owner", owned)
	contacts := l.list("owner", "/v1.0/me/contacts?$count=true&$top=100&$skip=4980")
	if *people.Count != 100_260 || *found.Count != 1 || *groups.Count != 2009 || *contacts.Count != 5030 || len(contacts.Value) != 50 {
		t.Errorf("%d people, %d found, %d groups, %d contacts, %d on the last page", *people.Count, *found.Count, *groups.Count, *contacts.Count, len(contacts.Value))
	}
	person, group := fmt.Sprint(found.Value[0]["id"]), fmt.Sprint(groups.Value[50]["id"])
	contact := "/me/contacts/" + fmt.Sprint(contacts.Value[49]["id"])
	for _, step := range []struct{ who, method, path, want string }{
		{"app", "GET", "/v1.0/users/" + person, "200"},
		{"app", "GET", "/v1.0/users/staff.000000099999@skylark.example", "200"},
		{"app", "GET", "/v1.0/users/" + strings.ToUpper(person) + "/photos/96x96/$value", "200"},
		{"app", "PUT", photoOf("/users/" + person), "200"},
		{"owner", "PUT", photoOf("/groups/" + group), "200"},
		{"employee", "PUT", photoOf("/groups/" + group), "403 ErrorAccessDenied"},
		{"owner", "PUT", photoOf(contact), "200"},
	} {
		if got := l.do(step.who, step.method, step.path, jpegOf(t, 100, 100)); got != step.want {
			t.Errorf("%s %s = %s, want %s", step.method, step.path, got, step.want)
		}
	}
	if dimensions(l.Photo(directory.ID(person))) != "100x100 jpeg" {
		t.Error("the photo of a synthetic person isn't the one that was sent")
	}
	l.Fill(0, 0, 0)
	if got := l.do("app", "GET", "/v1.0/users/"+person, nil); got != "404 Request_ResourceNotFound" || *l.list("owner", owned).Count != 9 {
		t.Errorf("without synthetic rows one of them = %s", got)
	}
}

func TestResetPutsEverythingBack(t *testing.T) {
	l := newLand(t)
	owner := persona(t, l.Tenant, "owner").ID
	contacts, groups := l.Contacts(owner, false), l.Groups()
	l.Fill(5, 5, 5)
	l.SetPolicy("onPremises")
	l.SetAppPermissions()
	l.RevokeRole("helpdesk")
	l.MoveContact(owner, contacts[0].ID, l.Folders(owner)[1].ID)
	l.SetOwners(groups[0].ID)
	l.Challenge(owner)
	l.do("owner", "PUT", photoOf("/groups/"+string(groups[3].ID)), jpegOf(t, 64, 64))
	l.Reset()
	if !slices.Equal(l.Contacts(owner, false), contacts) || !slices.Equal(l.Groups(), groups) || len(l.Owned("owner")) != 9 ||
		l.Consents("owner") != nil || len(l.Secrets()) != 0 || len(l.Requests()) != 0 {
		t.Error("starting over doesn't put everything back")
	}
	again := land{t, l.Tenant, allTokens(t, l.Tenant)}
	for _, step := range []struct{ who, method, path, want string }{
		{"owner", "GET", "/v1.0/me", "200"}, {"app", "PUT", photoOf(mueller), "200"}, {"app", "GET", "/v1.0/users/staff.000000000001@skylark.example", "404 Request_ResourceNotFound"},
	} {
		if got := again.do(step.who, step.method, step.path, jpegOf(t, 64, 64)); got != step.want {
			t.Errorf("%s %s after starting over = %s, want %s", step.method, step.path, got, step.want)
		}
	}
}
