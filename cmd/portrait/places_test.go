package main

import (
	"bytes"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"portrait/internal/demo"
	"portrait/internal/directory"
)

const formType = "application/x-www-form-urlencoded"

// signedInFor is signedIn for a persona who has also allowed what the wishes,
// auth.ForGroups and so on, are for.
func (s *testSite) signedInFor(persona string, wishes ...string) *browser {
	s.t.Helper()
	b := s.signedIn(persona)
	for _, wish := range wishes {
		if a := b.allow(wish, "/admin", persona); a.status != http.StatusOK || a.url.Path != "/admin" {
			s.t.Fatalf("allowing %s ended on %d %s: %s", wish, a.status, a.url, a.text())
		}
	}
	return b
}

// allow goes through the provider's pages for wish and accepts.
func (b *browser) allow(wish, returnTo, persona string) *answer {
	b.t.Helper()
	asked := b.get("/auth/sign-in?" + url.Values{"for": {wish}, "return_to": {returnTo}}.Encode())
	return b.at(b.at(asked, "persona", persona), "consent", "accept")
}

// putAt sends a picture for the subject at path, as the scripts do.
func (b *browser) putAt(path string, body []byte, headers ...string) *answer {
	b.t.Helper()
	return b.do(http.MethodPut, path+"/photo/$value", bytes.NewReader(body), append([]string{"X-CSRF-Token", b.token, "Content-Type", "image/jpeg"}, headers...)...)
}

// postAt sends a picture for the subject at path, as the form does. The fields
// are alternating names and values.
func (b *browser) postAt(path string, body []byte, fields ...string) *answer {
	b.t.Helper()
	all := map[string]string{"csrf_token": b.token}
	for i := 0; i+1 < len(fields); i += 2 {
		all[fields[i]] = fields[i+1]
	}
	form, contentType := multipartForm(b.t, body, all)
	return b.do(http.MethodPost, path+"/photo", strings.NewReader(form), "Content-Type", contentType)
}

// submit sends a form of alternating names and values.
func (b *browser) submit(path string, fields ...string) *answer {
	b.t.Helper()
	all := url.Values{"csrf_token": {b.token}}
	for i := 0; i+1 < len(fields); i += 2 {
		all.Set(fields[i], fields[i+1])
	}
	return b.do(http.MethodPost, path, strings.NewReader(all.Encode()), "Content-Type", formType)
}

// asked returns how many requests have come to Graph.
func (s *testSite) asked() int {
	s.t.Helper()
	n := len(s.tenant.Requests())
	if n >= 1800 {
		s.t.Fatalf("%d requests: the tenant remembers no more than 2,000", n)
	}
	return n
}

// since returns the requests that came to Graph after the first n.
func (s *testSite) since(n int) []demo.Request { return s.tenant.Requests()[n:] }

// detail is the sentence of a problem.
func (a *answer) detail() string {
	a.t.Helper()
	detail, _ := a.json()["detail"].(string) // "" fails where it is compared
	return detail
}

// user returns the object id of the person with the name in front of the @.
func (s *testSite) user(name string) directory.ID {
	s.t.Helper()
	people := s.tenant.People()
	i := slices.IndexFunc(people, func(p directory.Person) bool { return strings.HasPrefix(p.UPN, name+"@") })
	if i < 0 {
		s.t.Fatalf("nobody is called %q", name)
	}
	return people[i].ID
}

// group returns a group of the name.
func (s *testSite) group(name string) directory.Group {
	s.t.Helper()
	groups := s.tenant.Groups()
	i := slices.IndexFunc(groups, func(g directory.Group) bool { return g.DisplayName == name })
	if i < 0 {
		s.t.Fatalf("no group is called %q", name)
	}
	return groups[i]
}

// folder returns a contact folder of user by its name.
func (s *testSite) folder(user directory.ID, name string) directory.Folder {
	s.t.Helper()
	folders := s.tenant.Folders(user)
	i := slices.IndexFunc(folders, func(f directory.Folder) bool { return f.Name == name })
	if i < 0 {
		s.t.Fatalf("no folder is called %q", name)
	}
	return folders[i]
}

// contactIn returns the first contact in a folder of user, by its lasting id.
func (s *testSite) contactIn(user directory.ID, folder string) directory.Contact {
	s.t.Helper()
	contacts, id := s.tenant.Contacts(user, true), s.folder(user, folder).ID
	i := slices.IndexFunc(contacts, func(c directory.Contact) bool { return c.Folder == id })
	if i < 0 {
		s.t.Fatalf("nobody is in the folder %q", folder)
	}
	return contacts[i]
}

// pathOf returns the path of a subject.
func pathOf(t *testing.T, subject directory.Subject, err error) string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	return subject.Path()
}
