package photo

import (
	"strings"
	"testing"

	"portrait/internal/directory"
	"portrait/internal/fault"
)

// TestForms proves for each of the eight forms that a save is one PUT at the
// right address with the right token, and that nothing else is written.
func TestForms(t *testing.T) {
	shared := employee("contacts.readwrite.shared")()
	mine := employee("contacts.readwrite")()
	owner := employee("group.readwrite.all", "teamsettings.readwrite.all")()
	for _, tt := range []struct {
		name      string
		actor     directory.Actor
		form      directory.Form
		token     string
		removable bool
	}{
		{"my own", employee()(), directory.FormMe, "first", true},
		{"the helpdesk's own", desk, directory.FormMe, "first", true},
		{"my contact", mine, directory.FormMyContact, "first", false},
		{"my contact in a folder", mine, directory.FormMyFolderContact, "first", false},
		{"a group", owner, directory.FormGroup, "first", true},
		{"a group, owned by the helpdesk", desk, directory.FormGroup, "first", true},
		{"a team", owner, directory.FormTeam, "first", false},
		{"a team, owned by the helpdesk", desk, directory.FormTeam, "first", false},
		{"a user", desk, directory.FormUser, "app", true},
		{"a contact in a shared mailbox", shared, directory.FormUserContact, "first", false},
		{"the same in a folder", shared, directory.FormUserFolderContact, "first", false},
		{"a contact in a mailbox, for the helpdesk", desk, directory.FormUserContact, "app", false},
		{"the same in a folder, for the helpdesk", desk, directory.FormUserFolderContact, "app", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			x := newSite(t, fine)
			s := subjectAt(t, paths[tt.form])
			saved, err := x.Set(t.Context(), tt.actor, s, withReason(t))
			if err != nil || saved.State != Confirmed {
				t.Fatalf("%+v, %v", saved, err)
			}
			want := "PUT /v1.0" + s.Path() + "/photo/$value"
			if puts := x.puts(); len(puts) != 1 || !strings.EqualFold(puts[0].what, want) || puts[0].token != "Bearer "+tt.token {
				t.Errorf("%v, want %s with %s", puts, want, tt.token)
			}
			_, err = x.Remove(t.Context(), tt.actor, s, Change{Order: Order{Reason: "left"}})
			if tt.removable != (err == nil) || !tt.removable && !fault.Is(err, fault.NotAllowed) {
				t.Errorf("removing: %v", err)
			}
			for _, a := range x.everything() {
				method, _, _ := strings.Cut(a.what, " ")
				if isPhoto(a.what) && a.token != "Bearer "+tt.token {
					t.Errorf("%s with %s", a.what, a.token)
				}
				if method != "GET" && a.what != x.puts()[0].what && a.what != "DELETE /v1.0"+s.Path()+"/photo/$value" {
					t.Errorf("wrote %s", a.what)
				}
			}
		})
	}
}

// TestTokens proves whose token a request carries, whatever is asked: groups,
// teams and /me never see the app's, and users never an employee's.
func TestTokens(t *testing.T) {
	everybody := []directory.Actor{nobody, stranger, ann, desk}
	x := newSite(t, always(200, hasOne))
	for form, path := range paths {
		s := subjectAt(t, path)
		for _, a := range everybody {
			// What comes of it is other tests' business.
			_, _ = x.Show(t.Context(), a, s)
			_, _ = x.Image(t.Context(), a, s, 96)
			_, _ = x.ThumbnailOf(t.Context(), a, s, 96)
			_, _ = x.Set(t.Context(), a, s, withReason(t))
			_ = x.removes(t.Context(), a, s, Change{Order: Order{Reason: "left"}})
			if user := s.User(); form == directory.FormUser {
				_, _ = x.Contacts(t.Context(), a, Place{Mailbox: user})
				_, _ = x.Folders(t.Context(), a, Place{Mailbox: user})
			}
		}
	}
	seen := map[string]bool{}
	for _, a := range x.everything() {
		_, path, _ := strings.Cut(a.what, " ")
		seen[a.token] = true
		switch {
		case strings.HasPrefix(path, "/beta/admin/"):
			if a.token != "Bearer app" {
				t.Errorf("the tenant's rule was read with %s", a.token)
			}
		case strings.HasPrefix(path, "/v1.0/users/") && !strings.Contains(path, "/contact"):
			if a.token != "Bearer app" {
				t.Errorf("%s with %s", a.what, a.token)
			}
		case strings.HasPrefix(path, "/v1.0/me"), strings.HasPrefix(path, "/v1.0/groups/"), strings.HasPrefix(path, "/v1.0/teams/"):
			if a.token != "Bearer first" {
				t.Errorf("%s with %s", a.what, a.token)
			}
		}
	}
	if !seen["Bearer app"] || !seen["Bearer first"] || len(seen) != 2 {
		t.Errorf("tokens %v", seen)
	}
}

func TestSavedInTheDirectoryOnly(t *testing.T) {
	without := strings.Replace(someone, `"jobTitle"`, `"mail":null,"jobTitle"`, 1)
	with := strings.Replace(someone, `"jobTitle"`, `"mail":"ann@contoso.com","jobTitle"`, 1)
	noMail := strings.Replace(bob, `"mail":"bob@contoso.com"`, `"mail":null`, 1)
	for _, tt := range []struct {
		name     string
		me, user string
		status   int // of the answer to who somebody is
		actor    directory.Actor
		form     directory.Form
		want     bool
	}{
		{"my account has no mailbox", without, bob, 200, ann, directory.FormMe, true},
		{"my account has one", with, bob, 200, ann, directory.FormMe, false},
		{"nobody knows", "", bob, 500, ann, directory.FormMe, false},
		{"a user's account has none", with, noMail, 200, desk, directory.FormUser, true},
		{"a user's account has one", without, bob, 200, desk, directory.FormUser, false},
		{"a group is none", without, noMail, 200, ann, directory.FormGroup, false},
		{"a contact is none", without, noMail, 200, ann, directory.FormMyContact, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			x := newSite(t, fine)
			x.facts["/v1.0/me"] = always(tt.status, tt.me)
			x.facts["/users/"+string(bobID)] = always(200, tt.user)
			saved, err := x.Set(t.Context(), tt.actor, subjectAt(t, paths[tt.form]), withReason(t))
			if err != nil || saved.State != Confirmed || saved.DirectoryOnly != tt.want {
				t.Errorf("%+v, %v; want directory only: %v", saved, err, tt.want)
			}
		})
	}
	t.Run("who looked at the page before isn't asked for again", func(t *testing.T) {
		x := newSite(t, fine)
		x.facts["/v1.0/me"] = always(200, without)
		if _, err := x.Show(t.Context(), ann, directory.Me()); err != nil {
			t.Fatal(err)
		}
		before := len(x.lookups())
		saved, err := x.Set(t.Context(), ann, directory.Me(), newUpload(t, 60, 60))
		if err != nil || !saved.DirectoryOnly || len(x.lookups()) != before {
			t.Errorf("%+v, %v, %d questions more", saved, err, len(x.lookups())-before)
		}
	})
}
