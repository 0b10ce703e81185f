package photo

import (
	"testing"

	"portrait/internal/directory"
	"portrait/internal/fault"
)

const (
	tenant  = directory.ID("aaaaaaaa-0000-4000-8000-000000000000")
	annID   = directory.ID("aaaaaaaa-0000-4000-8000-000000000001")
	bobID   = directory.ID("aaaaaaaa-0000-4000-8000-000000000002")
	deskID  = directory.ID("aaaaaaaa-0000-4000-8000-000000000004")
	groupID = directory.ID("aaaaaaaa-0000-4000-8000-000000000003")
)

var (
	allScopes = []string{"user.readwrite", "contacts.readwrite", "contacts.readwrite.shared", "group.readwrite.all", "teamsettings.readwrite.all"}

	nobody   = directory.Actor{}
	stranger = directory.Actor{Tenant: tenant, ID: annID, Role: directory.Employee}                    // granted nothing
	ann      = directory.Actor{Tenant: tenant, ID: annID, Role: directory.Employee, Scopes: allScopes} // granted everything
	desk     = directory.Actor{Tenant: tenant, ID: deskID, Role: directory.Helpdesk, Scopes: allScopes}

	operator = directory.Actor{Tenant: tenant, ID: directory.OperatorID("root@host7"), Role: directory.Operator, Scopes: allScopes}

	nothing = facts{}
	best    = facts{Target: bobID, Owner: owns, Protection: open, Reason: true}
)

func subjectAt(t *testing.T, path string) directory.Subject {
	t.Helper()
	s, err := directory.ParseSubject(path)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// paths has one address of each form; {…} stands for Bob.
var paths = map[directory.Form]string{
	directory.FormMe:                "/me",
	directory.FormMyContact:         "/me/contacts/AAMk=",
	directory.FormMyFolderContact:   "/me/contactfolders/AAMf=/contacts/AAMk=",
	directory.FormGroup:             "/groups/" + string(groupID),
	directory.FormTeam:              "/teams/" + string(groupID),
	directory.FormUser:              "/users/" + string(bobID),
	directory.FormUserContact:       "/users/" + string(bobID) + "/contacts/AAMk=",
	directory.FormUserFolderContact: "/users/" + string(bobID) + "/contactfolders/AAMf=/contacts/AAMk=",
}

// said returns the id of the sentence of err, or "".
func said(err error) string {
	if err == nil {
		return ""
	}
	return fault.As(err).Say.ID
}

func TestSecurityDecide(t *testing.T) {
	with := func(change func(*facts)) facts {
		f := best
		change(&f)
		return f
	}
	granted := func(scopes ...string) directory.Actor {
		return directory.Actor{Tenant: tenant, ID: annID, Role: directory.Employee, Scopes: scopes}
	}
	guest := with(func(f *facts) { f.Guest = true })
	policy := with(func(f *facts) { f.Policy = onPremises })
	roles := with(func(f *facts) { f.Policy = rolesOnly })
	member := with(func(f *facts) { f.Owner = ownsNot })
	unasked := with(func(f *facts) { f.Owner = ownershipUnknown })
	narrow := with(func(f *facts) { f.GroupScope = "ProfilePhoto.ReadWrite.All" })
	guarded := with(func(f *facts) { f.Protection = protected })
	unguarded := with(func(f *facts) { f.Protection = protectionUnknown })
	silent := with(func(f *facts) { f.Reason = false })
	own := with(func(f *facts) { f.Target = annID })
	me, team, bob := paths[directory.FormMe], paths[directory.FormTeam], paths[directory.FormUser]
	group, contact := paths[directory.FormGroup], paths[directory.FormUserContact]

	for _, tt := range []struct {
		name    string
		actor   directory.Actor
		act     action
		subject string
		facts   facts
		kind    fault.Kind
		say     string // "" = yes
		next    fault.Next
		scope   string
	}{
		{"nobody sees anything", nobody, see, me, best, fault.SignIn, "photo.sign-in", fault.NextSignIn, ""},
		{"an id without its tenant is nobody", directory.Actor{ID: annID}, see, me, best, fault.SignIn, "photo.sign-in", fault.NextSignIn, ""},
		{"my own photo needs a permission", granted("user.read"), set, me, nothing, fault.Forbidden, "photo.needs-permission", fault.NextAllow, "User.ReadWrite"},
		{"the wide permission is enough for my own", granted("profilephoto.readwrite.all"), set, me, nothing, 0, "", "", ""},
		{"a guest sees their photo", ann, see, me, guest, 0, "", "", ""},
		{"a guest can't change their photo", ann, set, me, guest, fault.Forbidden, "photo.guest", fault.NextNone, ""},
		{"a guest can't remove their photo", ann, remove, me, guest, fault.Forbidden, "photo.guest", fault.NextNone, ""},
		{"where photos come from on-premises nobody changes their own", ann, set, me, policy, fault.Forbidden, "photo.on-premises", fault.NextHelpdesk, ""},
		{"nor does the helpdesk", desk, set, bob, policy, fault.Forbidden, "photo.on-premises", fault.NextAdmin, ""},
		{"nor restore", desk, restore, bob, policy, fault.Forbidden, "photo.on-premises", fault.NextAdmin, ""},
		{"where roles may, Graph knows who holds one", ann, set, me, roles, 0, "", "", ""},
		{"and the app doesn't go round that", desk, set, bob, roles, fault.Forbidden, "photo.policy-roles", fault.NextAdmin, ""},
		{"nor does it remove", desk, remove, bob, roles, fault.Forbidden, "photo.policy-roles", fault.NextAdmin, ""},
		{"the policy doesn't hide photos", desk, see, bob, policy, 0, "", "", ""},
		{"the policy is not about groups", ann, set, group, policy, 0, "", "", ""},
		{"the helpdesk can't change a guest's", desk, set, bob, guest, fault.Forbidden, "photo.guest", fault.NextNone, ""},
		{"an operator changes a user's photo", operator, set, bob, best, 0, "", "", ""},
		{"and removes it, to roll back", operator, remove, bob, best, 0, "", "", ""},
		{"and looks people up", operator, listPeople, me, nothing, 0, "", "", ""},
		{"an operator gives a reason", operator, set, bob, silent, fault.Unreadable, "photo.reason-missing", fault.NextRetry, ""},
		{"an operator leaves protected people alone", operator, set, bob, guarded, fault.Forbidden, "photo.protected", fault.NextAdmin, ""},
		{"and who may be protected", operator, remove, bob, unguarded, fault.Forbidden, "photo.protection-unknown", fault.NextAdmin, ""},
		{"an operator obeys the policy about roles", operator, set, bob, roles, fault.Forbidden, "photo.policy-roles", fault.NextAdmin, ""},
		{"and that photos come from on-premises", operator, restore, bob, policy, fault.Forbidden, "photo.on-premises", fault.NextAdmin, ""},
		{"an operator can't change a guest's", operator, set, bob, guest, fault.Forbidden, "photo.guest", fault.NextNone, ""},
		{"protected people are seen", desk, see, bob, guarded, 0, "", "", ""},
		{"protected people are left alone", desk, set, bob, guarded, fault.Forbidden, "photo.protected", fault.NextAdmin, ""},
		{"protected people keep their photo", desk, remove, bob, guarded, fault.Forbidden, "photo.protected", fault.NextAdmin, ""},
		{"the contacts of protected people are left alone", desk, set, contact, guarded, fault.Forbidden, "photo.protected", fault.NextAdmin, ""},
		{"who may be protected is left alone", desk, set, bob, unguarded, fault.Forbidden, "photo.protection-unknown", fault.NextAdmin, ""},
		{"the helpdesk gives a reason to change", desk, set, bob, silent, fault.Unreadable, "photo.reason-missing", fault.NextRetry, ""},
		{"the helpdesk gives a reason to look back", desk, seeHistory, bob, silent, fault.Unreadable, "photo.reason-missing", fault.NextRetry, ""},
		{"the helpdesk needs no reason to look", desk, see, bob, silent, 0, "", "", ""},
		{"the helpdesk doesn't own the group", desk, set, group, member, fault.Forbidden, "photo.owner-only", fault.NextOwner, ""},
		{"members don't set the group's photo", ann, set, group, member, fault.Forbidden, "photo.owner-only", fault.NextOwner, ""},
		{"at the save Graph says who owns the group", ann, set, group, unasked, 0, "", "", ""},
		{"and who owns the team", ann, set, team, unasked, 0, "", "", ""},
		{"the history is for those who are known to own it", ann, seeHistory, group, unasked, fault.Forbidden, "photo.owner-only", fault.NextOwner, ""},
		{"so is restoring", ann, restore, group, unasked, fault.Forbidden, "photo.owner-only", fault.NextOwner, ""},
		{"the setting says which permission is asked for", granted("user.readwrite"), set, group, narrow, fault.Forbidden, "photo.needs-permission", fault.NextAllow, "ProfilePhoto.ReadWrite.All"},
		{"the other one is good enough", granted("group.readwrite.all"), set, group, narrow, 0, "", "", ""},
		{"a list of groups needs a permission", granted("user.readwrite"), listGroups, me, best, fault.Forbidden, "photo.needs-permission", fault.NextAllow, "Group.ReadWrite.All"},
		{"the narrow permission doesn't name groups", granted("profilephoto.readwrite.all"), listGroups, me, narrow, fault.Forbidden, "photo.needs-permission", fault.NextAllow, "GroupMember.Read.All"},
		{"the one that goes with it does", granted("groupmember.read.all"), listGroups, me, narrow, 0, "", "", ""},
		{"owners of groups need a permission", granted("user.readwrite"), set, group, best, fault.Forbidden, "photo.needs-permission", fault.NextAllow, "Group.ReadWrite.All"},
		{"owners of groups may come with the narrow one", granted("profilephoto.readwrite.all"), set, group, best, 0, "", "", ""},
		{"owners of teams need their own permission", granted("group.readwrite.all"), set, team, best, fault.Forbidden, "photo.needs-permission", fault.NextAllow, "TeamSettings.ReadWrite.All"},
		{"nobody removes a team's photo", desk, remove, team, best, fault.NotAllowed, "photo.remove-impossible", fault.NextNone, ""},
		{"delegates need the shared permission", granted("contacts.readwrite"), set, contact, best, fault.Forbidden, "photo.needs-permission", fault.NextAllow, "Contacts.ReadWrite.Shared"},
		{"owners of a mailbox don't", granted("contacts.readwrite"), set, contact, own, 0, "", "", ""},
		{"owners of a mailbox look back", granted("contacts.readwrite"), seeHistory, contact, own, 0, "", "", ""},
		{"delegates don't look back", ann, seeHistory, contact, best, fault.Forbidden, "photo.not-offered", fault.NextHome, ""},
		{"an employee isn't the helpdesk of themselves", ann, set, "/users/" + string(annID), own, fault.Forbidden, "photo.helpdesk-only", fault.NextHelpdesk, ""},
		{"actions that aren't known are refused", ann, "paint", me, best, fault.Forbidden, "photo.not-offered", fault.NextHome, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := decide(tt.actor, tt.act, subjectAt(t, tt.subject), tt.facts)
			if tt.say == "" {
				if err != nil {
					t.Errorf("%v, want yes", err)
				}
				return
			}
			if err == nil {
				t.Fatalf("yes, want %s", tt.say)
			}
			e := fault.As(err)
			if e.Kind != tt.kind || e.Say.ID != tt.say || e.Next != tt.next || e.Scope != tt.scope {
				t.Errorf("kind %d, %s, next %q, scope %q; want %d, %s, %q, %q", e.Kind, e.Say.ID, e.Next, e.Scope, tt.kind, tt.say, tt.next, tt.scope)
			}
		})
	}
	if err := decide(ann, see, directory.Subject{}, best); said(err) != "photo.not-offered" {
		t.Errorf("an address of nothing: %v", err)
	}
}

// TestSecurityOperatorsDoNothingElse holds what an operator may against all there
// is to do, with the best facts.
func TestSecurityOperatorsDoNothingElse(t *testing.T) {
	all := []action{see, list, listGroups, listPeople, seeHistory, set, remove, restore, forget, export, seeAudit}
	allowed := 0
	for form, path := range paths {
		for _, act := range all {
			want := form == directory.FormMe && act == listPeople || form == directory.FormUser && act.changes()
			if err := decide(operator, act, subjectAt(t, path), best); (err == nil) != want {
				t.Errorf("an operator: %s %s: %v, want allowed: %v", act, path, err, want)
			}
			if want {
				allowed++
			}
		}
	}
	if allowed != 4 {
		t.Errorf("%d things are allowed, want 4", allowed)
	}
}

// TestSecurityEmployeesLearnNothing proves that what an employee hears about a user
// doesn't depend on what was found out about that user.
func TestSecurityEmployeesLearnNothing(t *testing.T) {
	bob := subjectAt(t, paths[directory.FormUser])
	for _, act := range []action{see, seeHistory, set, remove, restore, export} {
		first := decide(ann, act, bob, nothing)
		for _, f := range []facts{best, {Target: bobID}, {Target: bobID, Protection: protected}, {Target: annID, Guest: true}} {
			if got := decide(ann, act, bob, f); said(got) != said(first) || got == nil {
				t.Errorf("%s: %v, and with other facts %v", act, first, got)
			}
		}
	}
}
