package directory

import (
	"errors"
	"strings"
	"testing"
)

const (
	someID = "1c4cd1a8-8d4c-4b3c-9a0d-0d9f0d9f0d9f"
	upper  = "1C4CD1A8-8D4C-4B3C-9A0D-0D9F0D9F0D9F"
	item   = "AAMkADk0_-9=" // Outlook ids have these characters
	folder = "AAMkAGY-_="
)

// made returns the Subject that a constructor made without an error.
func made(t *testing.T) func(Subject, error) Subject {
	return func(s Subject, err error) Subject {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
}

func TestSubjectForms(t *testing.T) {
	must := made(t)
	for _, tt := range []struct {
		name      string
		subject   Subject
		form      Form
		path      string
		graphPath string // "" = the same
	}{
		{"me", Me(), FormMe, "/me", ""},
		{"a contact of mine", must(MyContact(item)), FormMyContact, "/me/contacts/" + item, ""},
		{"a contact in a folder of mine", must(MyFolderContact(folder, item)), FormMyFolderContact,
			"/me/contactfolders/" + folder + "/contacts/" + item, "/me/contactFolders/" + folder + "/contacts/" + item},
		{"a group", must(OfGroup(someID)), FormGroup, "/groups/" + someID, ""},
		{"a team", must(OfTeam(someID)), FormTeam, "/teams/" + someID, ""},
		{"a user by id", must(OfUser(someID)), FormUser, "/users/" + someID, ""},
		{"a user by name", must(OfUser("ann@contoso.com")), FormUser, "/users/ann@contoso.com", ""},
		{"a contact of another mailbox", must(UserContact(someID, item)), FormUserContact, "/users/" + someID + "/contacts/" + item, ""},
		{"the same in a folder", must(UserFolderContact("ann@contoso.com", folder, item)), FormUserFolderContact,
			"/users/ann@contoso.com/contactfolders/" + folder + "/contacts/" + item,
			"/users/ann@contoso.com/contactFolders/" + folder + "/contacts/" + item},
		{"a guest by name: # is escaped", must(OfUser("ann_fabrikam.com#EXT#@contoso.com")), FormUser,
			"/users/ann_fabrikam.com%23ext%23@contoso.com", ""},
		{"a name that begins with $ stands in parentheses", must(OfUser("$x@contoso.com")), FormUser,
			"/users/$x@contoso.com", "/users('$x@contoso.com')"},
		{"its contact too, quotes doubled", must(UserContact("$o'x@contoso.com", item)), FormUserContact,
			"/users/$o%27x@contoso.com/contacts/" + item, "/users('$o%27%27x@contoso.com')/contacts/" + item},
		{"a name in another script", must(OfUser("jörg@müller.de")), FormUser, "/users/j%C3%B6rg@m%C3%BCller.de", ""},
		{"ids fold", must(OfGroup(upper)), FormGroup, "/groups/" + someID, ""},
		{"names fold", must(OfUser("Ann@Contoso.COM")), FormUser, "/users/ann@contoso.com", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.graphPath == "" {
				tt.graphPath = tt.path
			}
			if tt.subject.Form() != tt.form || tt.subject.Path() != tt.path || tt.subject.GraphPath() != tt.graphPath {
				t.Errorf("form %d, path %s, Graph's %s; want %d, %s, %s", tt.subject.Form(), tt.subject.Path(), tt.subject.GraphPath(),
					tt.form, tt.path, tt.graphPath)
			}
			if tt.subject.String() != tt.path {
				t.Errorf("written as %s", tt.subject)
			}
			if back, err := ParseSubject(tt.path); err != nil || back != tt.subject {
				t.Errorf("read back as %v, %v", back, err)
			}
		})
	}
}

func TestParseSubjectSpellings(t *testing.T) {
	must := made(t)
	for path, want := range map[string]Subject{
		"me":                                    Me(),
		"/ME":                                   Me(),
		"/Groups/" + upper:                      must(OfGroup(someID)),
		"/me/contactFolders/F/contacts/" + item: must(MyFolderContact("F", item)),
		"/users/ANN%40CONTOSO.COM":              must(OfUser("ann@contoso.com")),
		"/me/contacts/AAMk%3D":                  must(MyContact("AAMk=")),
		"/me/contacts/aamk=":                    must(MyContact("aamk=")), // not AAMk=: opaque ids don't fold
		"/users/me/contacts/contacts":           {},
	} {
		got, err := ParseSubject(path)
		if got != want || (err == nil) != (want != Subject{}) {
			t.Errorf("%s is %v, %v; want %v", path, got, err, want)
		}
	}
}

func TestSubjectParts(t *testing.T) {
	s := made(t)(UserFolderContact("Ann@contoso.com", folder, item))
	if s.User() != "ann@contoso.com" || s.Folder() != folder || s.Contact() != item || s.Group() != "" {
		t.Errorf("user %s, folder %s, contact %s, group %q", s.User(), s.Folder(), s.Contact(), s.Group())
	}
	if g := made(t)(OfTeam(upper)); g.Group() != someID || g.User() != "" {
		t.Errorf("group %s, user %q", g.Group(), g.User())
	}
	if (Subject{}).Path() != "" || (Subject{}).GraphPath() != "" || (Subject{}).Form() != 0 {
		t.Error("the zero Subject addresses something")
	}
}

// hostile are ids that no form may take.
var hostile = []ID{
	"", ".", "..", "a/b", "/", "%2F", "a%2Fb", "%2e%2e", "a?b", "a#b", "a\\b", "a b", "a\x00b", "a\nb", "a\x7fb", "é", "\xff",
	"a'b", "('a')", "a;b", "$value", "a:b", "<script>", ID(strings.Repeat("a", 5000)),
}

// hostileNames are hostile though they look like userPrincipalNames.
var hostileNames = []ID{
	"@", "a@", "@b", "a@b@c", "a@.b", "a/b@c", "..@/..", "a%2F@b", "a\\b@c", "a?b@c", "a@b?c", "a@b/c", "a@b#c", "a b@c", "a@b c",
	"a\x00@b", "a\n@b", "a@b\n", "a')(b@c", "a:b@c", "a,b@c", "<a>@b", `"a"@b`, ID(strings.Repeat("a", 5000) + "@b"), ID("a@" + strings.Repeat("b", 5000)),
}

func TestSecurityHostileIDs(t *testing.T) {
	try := func(id ID, what string, s Subject, err error) {
		t.Helper()
		if !errors.Is(err, ErrBadSubject) || s != (Subject{}) {
			t.Errorf("%s takes %.40q: %v, %v", what, id, s, err)
		}
	}
	for _, id := range hostile {
		s, err := MyContact(id)
		try(id, "MyContact", s, err)
		s, err = MyFolderContact(id, item)
		try(id, "MyFolderContact's folder", s, err)
		s, err = MyFolderContact(folder, id)
		try(id, "MyFolderContact's contact", s, err)
		s, err = UserContact(someID, id)
		try(id, "UserContact's contact", s, err)
		s, err = UserFolderContact(someID, id, item)
		try(id, "UserFolderContact's folder", s, err)
		s, err = UserFolderContact(someID, folder, id)
		try(id, "UserFolderContact's contact", s, err)
	}
	for _, id := range append(hostile, hostileNames...) {
		s, err := OfUser(id)
		try(id, "OfUser", s, err)
		s, err = UserContact(id, item)
		try(id, "UserContact's user", s, err)
		s, err = UserFolderContact(id, folder, item)
		try(id, "UserFolderContact's user", s, err)
		s, err = OfGroup(id)
		try(id, "OfGroup", s, err)
		s, err = OfTeam(id)
		try(id, "OfTeam", s, err)
	}
}

func TestSecurityHostilePaths(t *testing.T) {
	for _, path := range []string{
		"", "/", "//", "/me/", "//me", "/me/photo", "/you", "/me/contacts", "/me/contacts/", "/me/contacts/../photo", "/me/contacts/..",
		"/me/contacts/a%2Fb", "/me/contacts/a%252Fb", "/me/contacts/%00", "/me/contacts/%zz", "/me/contacts/a/b", "/me%2Fcontacts/a",
		"/groups/" + someID + "/", "/groups/ann@contoso.com", "/groups/" + someID[1:], "/team/" + someID, "/users/" + someID + "/photo",
		"/users/..%2f" + someID, "/users/ann%0a@contoso.com", "/users/ann@contoso.com%3Fx", "/users/ann%2540contoso.com",
		"/users/" + someID + "/contactfolders/F/childFolders/G/contacts/C", "/%6De/x", "me\x00", strings.Repeat("/me", 1000),
	} {
		if s, err := ParseSubject(path); !errors.Is(err, ErrBadSubject) || s != (Subject{}) {
			t.Errorf("%.60q is %v, %v", path, s, err)
		}
	}
}

// FuzzParseSubject proves that what is read is written back the same, and that
// no path leads elsewhere than it says.
func FuzzParseSubject(f *testing.F) {
	for _, path := range []string{
		"/me", "/me/contacts/" + item, "/me/contactFolders/" + folder + "/contacts/" + item, "/groups/" + upper, "/teams/" + someID,
		"/users/ann_fabrikam.com%23EXT%23@contoso.com", "/users/$x@y", "/users/" + someID + "/contacts/..", "/users/%2e%2e@x/contacts/a",
	} {
		f.Add(path)
	}
	f.Fuzz(func(t *testing.T, path string) {
		s, err := ParseSubject(path)
		if err != nil {
			if s != (Subject{}) || !errors.Is(err, ErrBadSubject) {
				t.Fatalf("%q: %v, %v", path, s, err)
			}
			return
		}
		if back, err := ParseSubject(s.Path()); err != nil || back != s {
			t.Errorf("%q: %s is read back as %v, %v", path, s.Path(), back, err)
		}
		plain := strings.Replace(s.GraphPath(), "/users('", "/users/(", 1) // a name that begins with $
		for _, out := range []string{s.Path(), plain} {
			if strings.Count(out, "/") != strings.Count(strings.TrimPrefix(path, "/"), "/")+1 || strings.ContainsAny(out, "?#\\ \x00\r\n") {
				t.Errorf("%q becomes %q", path, out)
			}
			for _, part := range strings.Split(out, "/") {
				if part == "." || part == ".." {
					t.Errorf("%q becomes %q", path, out)
				}
			}
		}
	})
}
