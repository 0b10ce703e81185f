package main

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"portrait/internal/auth"
)

// listed is a row of a list.
type listed struct{ name, detail, href, src string }

// rows returns the rows of a list, in their order. The sample row for scripts
// isn't among them: html.Parse puts what is in a template elsewhere.
func (a *answer) rows() []listed {
	a.t.Helper()
	var rows []listed
	for _, link := range a.all(`a[class="list__row"]`) {
		var r listed
		r.href = attr(link, "href")
		for n := range link.Descendants() {
			switch {
			case attr(n, "class") == "list__name" && n.FirstChild != nil:
				r.name = n.FirstChild.Data
			case attr(n, "class") == "list__detail" && n.FirstChild != nil:
				r.detail = n.FirstChild.Data
			case n.Data == "img":
				r.src = attr(n, "src")
			}
		}
		if r.href != "" {
			rows = append(rows, r)
		}
	}
	return rows
}

// names returns the names of the rows, sorted.
func names(rows []listed) []string {
	var all []string
	for _, r := range rows {
		all = append(all, r.name)
	}
	slices.Sort(all)
	return all
}

// next returns the address of the next page of a list, "" at its end.
func (a *answer) next() string {
	if link := a.find(`a[rel="next"]`); link != nil {
		return attr(link, "href")
	}
	return ""
}

func TestGroupsAndTeams(t *testing.T) {
	s := newSite(t)
	b := s.signedInFor("owner", auth.ForGroups)
	var groups, teams []string
	others := 0
	for _, g := range s.tenant.Owned("owner") {
		switch {
		case !g.Unified:
			others++
		case g.Team:
			teams = append(teams, g.DisplayName)
			fallthrough
		default:
			groups = append(groups, g.DisplayName)
		}
	}
	slices.Sort(groups)
	slices.Sort(teams)
	for _, tt := range []struct {
		path  string
		want  []string
		noted bool
	}{{"/groups", groups, true}, {"/teams", teams, false}} {
		a := b.get(tt.path)
		rows := a.rows()
		if got := names(rows); !slices.Equal(got, tt.want) {
			t.Errorf("%s lists %v, want %v", tt.path, got, tt.want)
		}
		for _, r := range rows {
			if !strings.HasPrefix(r.href, "/groups/") || !strings.HasPrefix(r.src, "/groups/") {
				t.Errorf("%s leads to %s with the picture %s, want those of its group", r.name, r.href, r.src)
			}
		}
		if said := strings.Contains(a.text(), "ecurity groups"); said != tt.noted || others == 0 {
			t.Errorf("%s explains the %d security groups: %v", tt.path, others, said)
		}
	}
}

func TestContactsAndTheirFolders(t *testing.T) {
	s := newSite(t)
	b := s.signedInFor("owner", auth.ForContacts)
	owner := s.person("owner")
	inFolder := func(name string) []string {
		id := s.folder(owner, name).ID
		var all []string
		for _, c := range s.tenant.Contacts(owner, true) {
			if c.Folder == id {
				all = append(all, c.DisplayName)
			}
		}
		slices.Sort(all)
		return all
	}
	top := b.get("/me/contacts")
	if got, want := names(top.rows()), inFolder("Contacts"); !slices.Equal(got, want) {
		t.Errorf("the default folder lists %v, want %v", got, want)
	}
	suppliers := b.get(top.leadingTo("Suppliers"))
	if got, want := names(suppliers.rows()), inFolder("Suppliers"); !slices.Equal(got, want) {
		t.Errorf("the folder lists %v, want %v", got, want)
	}
	hangar := b.get(suppliers.leadingTo("Hangar"))
	if got, want := names(hangar.rows()), inFolder("Hangar"); !slices.Equal(got, want) {
		t.Errorf("the folder in the folder lists %v, want %v", got, want)
	}
	row := hangar.rows()[0]
	if page := b.get(row.href); page.status != http.StatusOK || !strings.Contains(page.text(), row.name) || !strings.Contains(row.href, "/contactfolders/") {
		t.Errorf("%s leads to %d: %s", row.href, page.status, page.text())
	}
	if back := hangar.leadingTo("Back to Contacts"); back != "/me/contacts" {
		t.Errorf("back leads to %q", back)
	}
	found := b.get("/me/contacts?q=Z%C3%BCrich")
	if got := names(found.rows()); !slices.Equal(got, []string{"Zürich Tower"}) {
		t.Errorf("searching found %v", got)
	}
}

func TestASharedMailboxByItsAddress(t *testing.T) {
	s := newSite(t)
	desk := s.user("crewdesk")
	b := s.signedInFor("owner", auth.ForShared)
	a := b.submit("/admin/mailbox", "address", " Crewdesk@skylark.example ")
	if a.status != http.StatusOK || len(a.rows()) == 0 || !strings.HasSuffix(a.url.Path, "/contacts") {
		t.Fatalf("ended on %d %s: %s", a.status, a.url, a.text())
	}
	if got := b.get(a.leadingTo("Hotels")); len(got.rows()) != 9 {
		t.Errorf("the folder has %d rows: %s", len(got.rows()), got.text())
	}
	for name, address := range map[string]string{"nothing": "", "no address": "../me", "nobody": "nobody@skylark.example", "somebody who shares nothing": "maya.lindqvist@skylark.example"} {
		if a := b.submit("/admin/mailbox", "address", address); a.status < 400 || len(a.rows()) > 0 || strings.Contains(a.text(), "went wrong") {
			t.Errorf("%s: answered %d %s: %s", name, a.status, a.url, a.text())
		}
	}
	// To the helpdesk the rows say names alone.
	for _, r := range s.signedIn("helpdesk").get("/users/" + string(desk) + "/contacts").rows() {
		if r.detail != "" || r.name == "" {
			t.Errorf("the helpdesk is told %+v", r)
		}
	}
}

// TestPeople searches as the helpdesk does, as a page and as the script does
// while somebody types.
func TestPeople(t *testing.T) {
	s := newSite(t)
	b := s.signedIn("helpdesk")
	for _, tt := range []struct {
		query string
		want  []string
	}{
		{"mueller", []string{"Jana Müller", "Jörg Müller"}},
		{"MÜLLER", []string{"Jana Müller", "Jörg Müller"}},
		{"joerg.mueller@skylark.example", []string{"Jörg Müller"}},
		{`" OR displayName:"a`, nil},
		{"nobody at all", nil},
	} {
		n := s.asked()
		page := b.get("/users?q=" + url.QueryEscape(tt.query))
		if got := names(page.rows()); page.status != http.StatusOK || !slices.Equal(got, tt.want) {
			t.Errorf("%q finds %v, want %v: %d %s", tt.query, got, tt.want, page.status, page.text())
		}
		answer := b.get("/users?q="+url.QueryEscape(tt.query), "Accept", "application/json").json()
		rows, _ := answer["rows"].([]any) // a nil list is what fails below
		if rows == nil || len(rows) != len(tt.want) {
			t.Errorf("as JSON %q finds %v, want %v", tt.query, rows, tt.want)
		}
		for _, r := range s.since(n) {
			if r.TokenKind != "app" || r.Header.Get("ConsistencyLevel") != "eventual" {
				t.Errorf("%s?%s came with %q and %v", r.Path, r.Query, r.TokenKind, r.Header)
			}
		}
	}
	if byDepartment := b.get("/users?q=engineering").rows(); len(byDepartment) < 5 {
		t.Errorf("a department finds %d people", len(byDepartment))
	}
}

// TestPagesFollowOneAnother goes through a whole list by its links.
func TestPagesFollowOneAnother(t *testing.T) {
	s := newSite(t)
	b := s.signedIn("helpdesk")
	seen, pages := map[string]bool{}, 0
	for path := "/users"; path != ""; pages++ {
		a := b.get(path)
		if a.status != http.StatusOK || pages > 10 {
			t.Fatalf("page %d answers %d: %s", pages, a.status, a.text())
		}
		for _, r := range a.rows() {
			if seen[r.href] {
				t.Errorf("%s comes twice", r.name)
			}
			seen[r.href] = true
		}
		path = a.next()
	}
	if len(seen) != len(s.tenant.People()) {
		t.Errorf("%d people on %d pages, want %d", len(seen), pages, len(s.tenant.People()))
	}
}

// TestSecurityHostileLinksToTheNextPage holds that a link that isn't Graph's own for the
// same list leads nowhere: it would carry a token.
func TestSecurityHostileLinksToTheNextPage(t *testing.T) {
	s := newSite(t)
	owner, helpdesk := s.signedInFor("owner", auth.ForGroups, auth.ForContacts), s.signedIn("helpdesk")
	graph := s.tenant.GraphURL()
	host := strings.TrimPrefix(graph, "http://")
	for _, tt := range []struct {
		b          *browser
		list, path string
	}{
		{owner, "/groups", "/v1.0/me/ownedObjects/microsoft.graph.group"},
		{owner, "/teams", "/v1.0/me/ownedObjects/microsoft.graph.group"},
		{owner, "/me/contacts", "/v1.0/me/contacts"},
		{helpdesk, "/users", "/v1.0/users"},
		{helpdesk, "/users/" + string(s.user("crewdesk")) + "/contacts", "/v1.0/users/" + string(s.user("crewdesk")) + "/contacts"},
	} {
		for _, next := range []string{
			"http://evil.example" + tt.path, "https://" + host + tt.path, "//evil.example" + tt.path, "http://" + host + ".evil.example" + tt.path,
			"http://" + host + "@evil.example" + tt.path, "http://evil.example@" + host + tt.path, graph + "/v1.0/me/messages", graph + "/beta" + strings.TrimPrefix(tt.path, "/v1.0"),
			graph + tt.path + "/../../me/messages", graph + tt.path + "/%2e%2e/messages", graph + tt.path + "#x", "file:///etc/passwd", "/groups", "javascript:alert(1)",
			graph + tt.path + "?$skiptoken=" + strings.Repeat("a", 9<<10), "\x00", graph + "\\@evil.example" + tt.path,
		} {
			n := s.asked()
			a := tt.b.get(tt.list + "?next=" + url.QueryEscape(next))
			if a.status != http.StatusBadRequest || !strings.Contains(a.text(), "start again") {
				t.Errorf("%s with %.60q answers %d: %s", tt.list, next, a.status, a.text())
			}
			if asked := s.since(n); len(asked) > 0 {
				t.Errorf("%s with %.60q asked Graph for %v", tt.list, next, asked)
			}
		}
	}
}

func TestAdminShowsWhatAPersonMayOpen(t *testing.T) {
	s := newSite(t)
	for persona, people := range map[string]bool{"employee": false, "owner": false, "helpdesk": true} {
		a := s.signedIn(persona).get("/admin")
		for _, href := range []string{"/groups", "/me/contacts"} {
			if a.find(fmt.Sprintf(`a[href=%q]`, href)) == nil {
				t.Errorf("%s isn't led to %s", persona, href)
			}
		}
		if got := a.find(`a[href="/users"]`) != nil; got != people {
			t.Errorf("%s is led to people: %v", persona, got)
		}
	}
}

// leadingTo returns where the link with the label leads.
func (a *answer) leadingTo(label string) string {
	a.t.Helper()
	for _, link := range a.all("a") {
		for n := range link.Descendants() {
			if strings.TrimSpace(n.Data) == label {
				return attr(link, "href")
			}
		}
	}
	a.t.Fatalf("nothing leads to %q: %s", label, a.text())
	return ""
}
