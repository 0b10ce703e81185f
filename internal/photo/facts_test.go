package photo

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"portrait/internal/directory"
	"portrait/internal/fault"
)

var (
	atBob    = "/users/" + string(bobID)
	denied   = always(403, `{"error":{"code":"Authorization_RequestDenied"}}`)
	holder   = always(200, `{"value":[{"id":"r","@odata.type":"#microsoft.graph.directoryRole"}]}`)
	notARole = always(200, `{"value":[{"id":"g","@odata.type":"#microsoft.graph.group"}]}`)
)

// withReason returns a picture for which the helpdesk gives a reason.
func withReason(t *testing.T) Upload {
	u := newUpload(t, 60, 60)
	u.Reason = "new badge"
	return u
}

// TestEmployeesAskNobody proves that an employee at another user's photo hears
// the same, whether that user exists or not, and that nothing is looked up.
func TestEmployeesAskNobody(t *testing.T) {
	x := newSite(t, fine)
	x.Delegated = func(context.Context, directory.Actor) (string, error) {
		t.Error("Delegated was called")
		return "", nil
	}
	x.App = func(context.Context) (string, error) { t.Error("App was called"); return "", nil }
	x.Fresh = func(_ context.Context, a directory.Actor) (directory.Actor, error) {
		t.Error("Fresh was called")
		return a, nil
	}
	for _, path := range []string{atBob, "/users/absent@contoso.com", "/users/" + string(groupID), "/users/" + string(annID)} {
		s := subjectAt(t, path)
		_, errSet := x.Set(t.Context(), ann, s, withReason(t))
		_, errShow := x.Show(t.Context(), ann, s)
		_, errImage := x.Image(t.Context(), ann, s, 96)
		_, errThumb := x.ThumbnailOf(t.Context(), ann, s, 96)
		_, errPeople := x.People(t.Context(), ann, "bob", "")
		errRemove := x.removes(t.Context(), ann, s, Change{Order: Order{Reason: "new badge"}})
		for _, err := range []error{errSet, errShow, errImage, errThumb, errPeople, errRemove} {
			check(t, err, fault.Forbidden, "photo.helpdesk-only", fault.NextHelpdesk)
		}
	}
	if len(x.everything()) > 0 {
		t.Errorf("Graph was asked %v", x.everything())
	}
}

// TestSecurityHelpdeskTargets proves that it is the id which Graph answers that is
// judged, whatever the address says.
func TestSecurityHelpdeskTargets(t *testing.T) {
	every := []string{
		atBob, "/users/" + strings.ToUpper(string(bobID)), "/users/bob@contoso.com", "/users/BOB@contoso.com",
		"/users/bob_fabrikam.com%23EXT%23@contoso.com", "/users/" + string(bobID) + "/contacts/AAMk=", "/users/bob@contoso.com/contactfolders/F/contacts/AAMk=",
	}
	for _, tt := range []struct {
		name    string
		prepare func(*site)
		say     string // "" = may
		users   bool   // not about contacts
	}{
		{"anybody", func(*site) {}, "", false},
		{"somebody on the list", func(x *site) { x.Protected = []directory.ID{bobID} }, "photo.protected", false},
		{"the same in capitals", func(x *site) { x.Protected = []directory.ID{directory.ID(strings.ToUpper(string(bobID)))} }, "photo.protected", false},
		{"the holder of a role", func(x *site) { x.facts["/transitiveMemberOf/"] = holder }, "photo.protected", false},
		{"the holder of a role, where they aren't protected", func(x *site) {
			x.ProtectAdmins, x.facts["/transitiveMemberOf/"] = false, holder
		}, "", false},
		{"the member of a group", func(x *site) { x.facts["/transitiveMemberOf/"] = notARole }, "", false},
		{"somebody whose roles can't be read", func(x *site) { x.facts["/transitiveMemberOf/"] = denied }, "photo.protection-unknown", false},
		{"somebody on the list whose roles can't be read", func(x *site) {
			x.Protected, x.facts["/transitiveMemberOf/"] = []directory.ID{bobID}, denied
		}, "photo.protected", false},
		{"while Graph fails", func(x *site) { x.facts["/transitiveMemberOf/"] = always(500, "") }, "graph.unavailable", false},
		{"while Graph is busy", func(x *site) { x.facts["/transitiveMemberOf/"] = always(429, "") }, "graph.busy", false},
		{"a guest", func(x *site) {
			guest := always(200, strings.Replace(bob, `{`, `{"userType":"Guest",`, 1))
			x.facts["/users/"+string(bobID)], x.facts["/users/bob@"], x.facts["/users/bob_"] = guest, guest, guest
		}, "photo.guest", true},
		{"where photos come from on-premises", func(x *site) {
			x.facts["/photoUpdateSettings"] = always(200, `{"source":"onPremises"}`)
		}, "photo.on-premises", true},
		{"where roles may", func(x *site) {
			x.facts["/photoUpdateSettings"] = always(200, `{"source":"cloud","allowedRoles":["fe930be7-5e62-47db-91af-98c3a49a38b1"]}`)
		}, "photo.policy-roles", true},
		{"where everybody may", func(x *site) { x.facts["/photoUpdateSettings"] = always(200, `{"source":"cloud","allowedRoles":[]}`) }, "", false},
		{"while the rule can't be read", func(x *site) { x.facts["/photoUpdateSettings"] = always(500, "") }, "", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, path := range every {
				if tt.users && strings.Contains(path, "/contact") {
					continue
				}
				x := newSite(t, fine)
				tt.prepare(x)
				_, err := x.Set(t.Context(), desk, subjectAt(t, path), withReason(t))
				if said(err) != tt.say {
					t.Errorf("%s: %v, want %q", path, err, tt.say)
				}
				if puts := x.puts(); (len(puts) == 1) != (tt.say == "") {
					t.Errorf("%s: %d PUTs", path, len(puts))
				} else if len(puts) == 1 && !strings.HasPrefix(puts[0].what, "PUT /v1.0/users/"+string(bobID)+"/") {
					t.Errorf("%s: the photo went to %s, which isn't who was judged", path, puts[0].what)
				}
			}
		})
	}
}

func TestSecurityRoles(t *testing.T) {
	x := newSite(t, fine)
	asked := func() int {
		return len(slices.DeleteFunc(x.lookups(), func(a asked) bool { return !strings.Contains(a.what, "/transitiveMemberOf/") }))
	}
	s := subjectAt(t, atBob)
	for range 3 {
		if _, err := x.Set(t.Context(), desk, s, withReason(t)); err != nil {
			t.Fatal(err)
		}
	}
	if asked() != 1 {
		t.Errorf("roles were asked for %d times within 5 minutes, want once", asked())
	}
	x.pass(roleAge)
	x.facts["/transitiveMemberOf/"] = holder
	_, err := x.Set(t.Context(), desk, s, withReason(t))
	check(t, err, fault.Forbidden, "photo.protected", fault.NextAdmin)
	if asked() != 2 {
		t.Errorf("roles were asked for %d times, want twice", asked())
	}
}

// TestSecurityFresh proves that the helpdesk acts with a role that it holds now.
func TestSecurityFresh(t *testing.T) {
	t.Run("every deed of the app's is preceded by it", func(t *testing.T) {
		x := newSite(t, fine)
		s := subjectAt(t, atBob)
		deeds := []func() error{
			func() error { _, err := x.Set(t.Context(), desk, s, withReason(t)); return err },
			func() error { return x.removes(t.Context(), desk, s, Change{Order: Order{Reason: "left"}}) },
			func() error { _, err := x.Show(t.Context(), desk, s); return err },
			func() error { _, err := x.People(t.Context(), desk, "", ""); return err },
		}
		for i, deed := range deeds {
			_ = deed() // what comes of it is others' business
			if x.renewals != i+1 {
				t.Errorf("deed %d: %d renewals, want %d", i, x.renewals, i+1)
			}
		}
	})
	t.Run("the role is gone", func(t *testing.T) {
		x := newSite(t, fine)
		x.Fresh = func(_ context.Context, a directory.Actor) (directory.Actor, error) {
			a.Role = directory.Employee
			return a, nil
		}
		_, err := x.Set(t.Context(), desk, subjectAt(t, atBob), withReason(t))
		check(t, err, fault.Forbidden, "photo.helpdesk-only", fault.NextHelpdesk)
		_, err = x.People(t.Context(), desk, "bob", "")
		check(t, err, fault.Forbidden, "photo.helpdesk-only", fault.NextHelpdesk)
		if len(x.everything()) > 0 {
			t.Errorf("Graph was asked %v", x.everything())
		}
	})
	t.Run("nobody can tell", func(t *testing.T) {
		x := newSite(t, fine)
		x.Fresh = func(_ context.Context, a directory.Actor) (directory.Actor, error) { return a, signIn("test") }
		_, err := x.Set(t.Context(), desk, subjectAt(t, atBob), withReason(t))
		check(t, err, fault.SignIn, "photo.sign-in", fault.NextSignIn)
	})
	t.Run("nobody was set up to tell", func(t *testing.T) {
		x := newSite(t, fine)
		x.Fresh = nil
		_, err := x.Show(t.Context(), desk, subjectAt(t, atBob))
		check(t, err, fault.Forbidden, "photo.no-app-identity", fault.NextAdmin)
	})
	t.Run("one's own photo needs none", func(t *testing.T) {
		x := newSite(t, fine)
		if _, err := x.Set(t.Context(), desk, directory.Me(), newUpload(t, 60, 60)); err != nil || x.renewals != 0 {
			t.Errorf("%d renewals, %v", x.renewals, err)
		}
	})
}

func TestReason(t *testing.T) {
	x := newSite(t, fine)
	for _, reason := range []string{"", " \t\n"} {
		u := withReason(t)
		u.Reason = reason
		_, err := x.Set(t.Context(), desk, subjectAt(t, atBob), u)
		check(t, err, fault.Unreadable, "photo.reason-missing", fault.NextRetry)
		check(t, x.removes(t.Context(), desk, subjectAt(t, atBob), Change{Order: Order{Reason: reason}}), fault.Unreadable, "photo.reason-missing", fault.NextRetry)
	}
	if len(x.everything()) > 0 || x.renewals > 0 {
		t.Errorf("Graph was asked %v", x.everything())
	}
}

func TestPolicyOfOwnPhoto(t *testing.T) {
	onPrem := always(200, `{"source":"onPremises","allowedRoles":[]}`)
	set := func(x *site) error {
		_, err := x.Set(t.Context(), ann, directory.Me(), newUpload(t, 60, 60))
		return err
	}
	x := newSite(t, fine)
	x.facts["/photoUpdateSettings"] = onPrem
	check(t, set(x), fault.Forbidden, "photo.on-premises", fault.NextHelpdesk)
	check(t, x.removes(t.Context(), ann, directory.Me(), Change{}), fault.Forbidden, "photo.on-premises", fault.NextHelpdesk)
	if diff := cmp.Diff([]asked{{"GET /beta/admin/people/photoUpdateSettings", "Bearer app", []byte{}}}, x.everything(), cmp.AllowUnexported(asked{})); diff != "" {
		t.Errorf("the rule is asked for once, as the app: %s", diff)
	}

	x.pass(policyAge)
	x.facts["/photoUpdateSettings"] = always(503, "")
	check(t, set(x), fault.Forbidden, "photo.on-premises", fault.NextHelpdesk) // the last that was known

	x.pass(policyPause)
	x.facts["/photoUpdateSettings"] = always(200, `{}`)
	if err := set(x); err != nil {
		t.Errorf("after the rule was lifted: %v", err)
	}

	x = newSite(t, fine)
	x.facts["/photoUpdateSettings"] = onPrem
	x.App = nil
	if err := set(x); err != nil {
		t.Errorf("where the rule can't be read: %v", err)
	}
}

// TestSecurityOwnershipAtTheSave proves that Graph's answer to the owner's own token
// counts at the save, whatever was known before.
func TestSecurityOwnershipAtTheSave(t *testing.T) {
	s := subjectAt(t, paths[directory.FormGroup])
	answer := fine
	x := newSite(t, func(w http.ResponseWriter, r *http.Request) { answer(w, r) })
	shown, err := x.Show(t.Context(), ann, s)
	if err != nil || !shown.MaySet {
		t.Fatalf("%+v, %v; want the editor", shown, err)
	}
	answer = always(403, `{"error":{"code":"ErrorAccessDenied"}}`)
	x.facts["/owners"] = always(200, `{"value":[]}`)
	saved, err := x.Set(t.Context(), ann, s, newUpload(t, 60, 60))
	check(t, err, fault.Forbidden, "graph.owner-only", fault.NextOwner)
	if saved.State != Failed {
		t.Errorf("state %s", saved.State)
	}
	answer = fine
	if shown, err = x.Show(t.Context(), ann, s); err != nil || shown.MaySet || said(shown.WhyNot) != "photo.owner-only" {
		t.Errorf("%+v, %v; want no editor, although a minute hasn't passed", shown, err)
	}
	x.facts["/owners"] = usual()["/owners"]
	if _, err := x.Set(t.Context(), ann, s, newUpload(t, 60, 60)); err != nil {
		t.Errorf("a new owner isn't refused for what was known a moment ago: %v", err)
	}
	x.pass(ownerAge + time.Second)
	if shown, err = x.Show(t.Context(), ann, s); err != nil || !shown.MaySet {
		t.Errorf("%+v, %v; want the editor again", shown, err)
	}
}
