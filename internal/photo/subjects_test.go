package photo

import (
	"net/http"
	"strings"
	"testing"

	"portrait/internal/directory"
	"portrait/internal/fault"
)

// TestShowSubjects has the pages of groups, teams, contacts and users, and what
// stands in the way there.
func TestShowSubjects(t *testing.T) {
	none := always(404, `{"error":{"code":"ImageNotFound"}}`)
	settingUp := always(404, `{"error":{"code":"ResourceNotFound"}}`)
	security := always(200, strings.Replace(crew, `"Unified"`, ``, 1))
	answers := func(part string, h http.HandlerFunc) func(*site) { return func(x *site) { x.facts[part] = h } }
	for _, tt := range []struct {
		name    string
		actor   directory.Actor
		form    directory.Form
		photo   http.HandlerFunc
		prepare func(*site)
		called  string
		reason  bool // a change needs one
		set     string
		remove  string // why the photo can't be set and removed; "" = it can
		trouble string
	}{
		{"an owner at their group", ann, directory.FormGroup, always(200, hasOne), nil, "Crew", false, "", "", ""},
		{"a member at the group", ann, directory.FormGroup, none, answers("/owners", always(200, `{"value":[]}`)), "Crew", false, "photo.owner-only", "photo.owner-only", ""},
		{"somebody who may not read who owns it", ann, directory.FormGroup, none, answers("/owners", denied), "Crew", false, "", "", ""},
		{"while Graph fails to say who owns it", ann, directory.FormGroup, none, answers("/owners", always(500, "")), "Crew", false, "", "", "graph.unavailable"},
		{"a security group", ann, directory.FormGroup, none, answers("/groups/", security), "Crew", false, "photo.not-unified", "photo.not-unified", ""},
		{"a group that is being set up", ann, directory.FormGroup, settingUp, nil, "Crew", false, "graph.being-set-up", "graph.being-set-up", ""},
		{"an owner at their team", ann, directory.FormTeam, none, nil, "Crew", false, "", "photo.remove-impossible", ""},
		{"an owner who may not read its name", ann, directory.FormTeam, none, answers("/groups/", denied), "", false, "", "photo.remove-impossible", ""},
		{"my contact", ann, directory.FormMyContact, none, nil, "Eve", false, "", "photo.remove-impossible", ""},
		{"my contact in a folder", ann, directory.FormMyFolderContact, always(200, hasOne), nil, "Eve", false, "", "photo.remove-impossible", ""},
		{"a contact in a shared mailbox", ann, directory.FormUserContact, none, nil, "Eve", false, "", "photo.remove-impossible", ""},
		{"the same for the helpdesk", desk, directory.FormUserContact, none, nil, "Eve", true, "", "photo.remove-impossible", ""},
		{"a contact of a protected person", desk, directory.FormUserContact, none, func(x *site) { x.Protected = []directory.ID{bobID} }, "Eve", true, "photo.protected", "photo.remove-impossible", ""},
		{"a user", desk, directory.FormUser, always(200, hasOne), nil, "Bob", true, "", "", ""},
		{"a protected person", desk, directory.FormUser, none, answers("/transitiveMemberOf/", holder), "Bob", true, "photo.protected", "photo.protected", ""},
		{"nobody may know whether they are", desk, directory.FormUser, none, answers("/transitiveMemberOf/", denied), "Bob", true, "photo.protection-unknown", "photo.protection-unknown", ""},
		{"while Graph fails to say that", desk, directory.FormUser, none, answers("/transitiveMemberOf/", always(500, "")), "Bob", true, "graph.unavailable", "graph.unavailable", ""},
		{"a guest", desk, directory.FormUser, none, answers("/users/"+string(bobID), always(200, strings.Replace(bob, `{`, `{"userType":"Guest",`, 1))), "Bob", true, "photo.guest", "photo.guest", ""},
		{"a mailbox elsewhere", desk, directory.FormUser, always(404, `{"error":{"code":"MailboxNotHostedInExchangeOnline"}}`), nil, "Bob", true, "graph.mailbox-on-premises", "graph.mailbox-on-premises", ""},
		{"where photos come from on-premises", desk, directory.FormUser, none, answers("/photoUpdateSettings", always(200, `{"source":"onPremises"}`)), "Bob", true, "photo.on-premises", "photo.on-premises", ""},
		{"while Graph fails to say who that is", desk, directory.FormUser, none, answers("/users/"+string(bobID), always(503, "")), "", true, "", "", "graph.busy"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			x := newSite(t, tt.photo)
			if tt.prepare != nil {
				tt.prepare(x)
			}
			s := subjectAt(t, paths[tt.form])
			got, err := x.Show(t.Context(), tt.actor, s)
			if err != nil {
				t.Fatal(err)
			}
			if got.Subject != s || got.Name() != tt.called || got.NeedsReason != tt.reason || (got.Key == directory.PhotoKey{}) {
				t.Errorf("%s is called %q, key %s, needs a reason: %v", got.Subject, got.Name(), got.Key, got.NeedsReason)
			}
			if set := saidOf(got.WhyNot); set != tt.set || got.MaySet != (tt.set == "") {
				t.Errorf("may set: %v, because of %q; want %q", got.MaySet, set, tt.set)
			}
			if remove := saidOf(got.WhyNotRemove); remove != tt.remove || got.MayRemove != (tt.remove == "") {
				t.Errorf("may remove: %v, because of %q; want %q", got.MayRemove, remove, tt.remove)
			}
			if trouble := saidOf(got.Trouble); trouble != tt.trouble {
				t.Errorf("trouble %q, want %q", trouble, tt.trouble)
			}
		})
	}
}

// saidOf is said for a fault that may be nil.
func saidOf(e *fault.Error) string {
	if e == nil {
		return ""
	}
	return e.Say.ID
}

func TestShowWhatIsNotThere(t *testing.T) {
	gone := always(404, `{"error":{"code":"Request_ResourceNotFound"}}`)
	for _, tt := range []struct {
		name   string
		actor  directory.Actor
		form   directory.Form
		part   string
		answer http.HandlerFunc
		kind   fault.Kind
	}{
		{"a group that is gone", ann, directory.FormGroup, "/groups/", gone, fault.NotFound},
		{"a group that may not be read", ann, directory.FormGroup, "/groups/", denied, fault.Forbidden},
		{"a contact that is gone", ann, directory.FormMyContact, "/contacts/", always(404, `{"error":{"code":"ErrorItemNotFound"}}`), fault.NotFound},
		{"a mailbox that isn't shared", ann, directory.FormUserContact, "/contacts/", always(403, `{"error":{"code":"ErrorAccessDenied"}}`), fault.Forbidden},
		{"a user who is gone", desk, directory.FormUser, "/users/" + string(bobID), gone, fault.NotFound},
	} {
		x := newSite(t, fine)
		x.facts[tt.part] = tt.answer
		if got, err := x.Show(t.Context(), tt.actor, subjectAt(t, paths[tt.form])); !fault.Is(err, tt.kind) {
			t.Errorf("%s: %+v, %v; want kind %d", tt.name, got, err, tt.kind)
		}
	}
}

// TestShowByName proves that a page asked for by name stands at the id.
func TestShowByName(t *testing.T) {
	x := newSite(t, fine)
	for from, to := range map[string]string{
		"/users/bob@contoso.com":                              atBob,
		"/users/bob@contoso.com/contacts/AAMk=":               atBob + "/contacts/AAMk=",
		"/users/BOB@contoso.com/contactfolders/F/contacts/A_": atBob + "/contactfolders/F/contacts/A_",
	} {
		got, err := x.Show(t.Context(), desk, subjectAt(t, from))
		if err != nil || got.Subject.Path() != to {
			t.Errorf("%s stands at %s, %v; want %s", from, got.Subject, err, to)
		}
	}
	if len(x.asked()) > 0 {
		t.Errorf("a page that stands elsewhere asked for %s", x.asked()[0].what)
	}
}

func TestLimited(t *testing.T) {
	x := newSite(t, byPath(always(200, someone), always(200, hasOne)))
	x.facts["/photoUpdateSettings"] = always(200, `{"source":"cloud","allowedRoles":["fe930be7-5e62-47db-91af-98c3a49a38b1"]}`)
	got, err := x.Show(t.Context(), ann, directory.Me())
	if err != nil || !got.Limited || !got.MaySet {
		t.Errorf("%+v, %v; want a page that says that only some may", got, err)
	}
	if got, err = x.Show(t.Context(), desk, subjectAt(t, atBob)); err != nil || got.Limited || said(got.WhyNot) != "photo.policy-roles" {
		t.Errorf("%+v, %v; want a refusal", got, err)
	}
}

func TestSecurityHelpdeskSeesNamesOnly(t *testing.T) {
	x := newSite(t, always(404, `{"error":{"code":"ImageNotFound"}}`))
	x.facts["/contacts"] = always(200, `{"value":[`+eve+`]}`)
	delete(x.facts, "/contacts/")
	page, err := x.Contacts(t.Context(), desk, Place{Mailbox: bobID})
	if err != nil || len(page.Rows) != 1 || page.Rows[0] != (directory.Contact{ID: "AAMk=", DisplayName: "Eve"}) {
		t.Errorf("%+v, %v", page.Rows, err)
	}
	if page, err = x.Contacts(t.Context(), ann, Place{Mailbox: bobID}); err != nil || page.Rows[0].Mail != "eve@fabrikam.com" {
		t.Errorf("a delegate sees %+v, %v", page.Rows, err)
	}
	x.facts["/contacts/"] = always(200, eve)
	shown, err := x.Show(t.Context(), desk, subjectAt(t, paths[directory.FormUserContact]))
	if err != nil || shown.Contact != (directory.Contact{ID: "AAMk=", DisplayName: "Eve"}) {
		t.Errorf("%+v, %v", shown.Contact, err)
	}
}
