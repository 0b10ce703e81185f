package demo_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/oauth2"

	"portrait/internal/demo"
)

// rows is a page of a list.
type rows struct {
	Value []map[string]any `json:"value"`
	Next  string           `json:"@odata.nextLink"`
	Count *int             `json:"@odata.count"`
}

// list asks for one page as somebody, with the headers of an advanced query.
func (l land) list(who, path string) rows {
	l.t.Helper()
	path = strings.TrimPrefix(path, l.GraphURL())
	res, body := ask(l.t, l.Tenant, l.tokens[who], "GET", path, nil, "ConsistencyLevel", "eventual")
	if res.StatusCode != 200 {
		l.t.Fatalf("GET %s as %s = %d %s", path, who, res.StatusCode, body)
	}
	return read[rows](l.t, body)
}

// names returns a property of all rows.
func (r rows) names(property string) []string {
	var all []string
	for _, row := range r.Value {
		all = append(all, fmt.Sprint(row[property]))
	}
	return all
}

func search(text string) string {
	q := url.Values{"$search": {text}, "$count": {"true"}, "$top": {"50"}}
	return "/v1.0/users?" + q.Encode()
}

func TestSearchFindsPeople(t *testing.T) {
	l := newLand(t)
	all := func(text string) string {
		var clauses []string
		for _, p := range []string{"displayName", "mail", "userPrincipalName", "department"} {
			clauses = append(clauses, `"`+p+":"+text+`"`)
		}
		return strings.Join(clauses, " OR ")
	}
	both := []string{"Jana Müller", "Jörg Müller"}
	for _, tt := range []struct {
		what, search string
		want         []string
	}{
		{"an umlaut", all("Müller"), both},
		{"as German spells it out", all("mueller"), both},
		{"the letter below it", all("MULLER"), both},
		{"the beginning of two words", all("jo mul"), []string{"Jörg Müller"}},
		{"words in another order", all("müller jana"), []string{"Jana Müller"}},
		{"the beginning of an address", all("joerg.m"), []string{"Jörg Müller"}},
		{"the name alone, which has no point", `"displayName:joerg.m"`, []string{"Jörg Müller"}},
		{"the address alone", `"mail:mueller"`, nil},
		{"an accent", all("dvorak"), []string{"Viktor Dvořák"}},
		{"a name without spaces", all("陈"), []string{"陈思雨"}},
		{"all of several", `"displayName:müller" AND "department:fin"`, []string{"Jana Müller"}},
		{"a quotation mark inside", `"displayName:m\"üller"`, nil},
		{"nobody", all("zzz"), nil},
		{"those from elsewhere", all("moreau"), nil},
	} {
		got := l.list("helpdesk", search(tt.search))
		names := got.names("displayName")
		slices.Sort(names)
		if diff := cmp.Diff(tt.want, names); diff != "" {
			t.Errorf("%s, %s (-want +got):\n%s", tt.what, tt.search, diff)
		}
		if got.Count == nil || *got.Count != len(tt.want) {
			t.Errorf("%s: the count is %v, want %d", tt.what, got.Count, len(tt.want))
		}
	}
}

func TestQueriesThatGraphRefuses(t *testing.T) {
	l := newLand(t)
	const unsupported = "400 Request_UnsupportedQuery"
	eventual := []string{"ConsistencyLevel", "eventual"}
	me := "/v1.0/me/ownedObjects/microsoft.graph.group"
	for _, tt := range []struct {
		why, path string
		header    []string
		want      string
	}{
		{"a search", search(`"displayName:m"`), eventual, "200"},
		{"a search without the header", search(`"displayName:m"`), nil, unsupported},
		{"a search without quotation marks", search(`displayName:m`), eventual, "400 Request_BadRequest"},
		{"a search for an unknown property", search(`"shoeSize:m"`), eventual, "400 Request_BadRequest"},
		{"a search in pieces", search(`"displayName:m" "mail:m"`), eventual, "400 Request_BadRequest"},
		{"a count without the header", "/v1.0/users?$count=true", nil, unsupported},
		{"$skip", "/v1.0/users?$skip=10", eventual, unsupported},
		{"$expand", "/v1.0/users?$expand=manager", eventual, unsupported},
		{"no rows", "/v1.0/users?$top=0", nil, unsupported},
		{"an unknown property", "/v1.0/users?$select=shoeSize", nil, "400 BadRequest"},
		{"a filter", "/v1.0/users?$filter=startswith(displayName,'J')", nil, "200"},
		{"either of two filters", "/v1.0/users?$filter=" + url.QueryEscape("startswith(mail,'j') or employeeId eq 'o''or 1'"), nil, "200"},
		{"fifteen filters", "/v1.0/users?$filter=" + url.QueryEscape(strings.Repeat("mail eq 'x' or ", 14)+"mail eq 'x'"), nil, "200"},
		{"sixteen filters", "/v1.0/users?$filter=" + url.QueryEscape(strings.Repeat("mail eq 'x' or ", 15)+"mail eq 'x'"), nil, unsupported},
		{"half a filter", "/v1.0/users?$filter=" + url.QueryEscape("mail eq 'x' or "), nil, unsupported},
		{"a filter that is too much", "/v1.0/users?$filter=endswith(mail,'x')", nil, unsupported},
		{"a made-up page", "/v1.0/users?$skiptoken=abc", nil, unsupported},
		{"a cast alone", me, nil, "200"},
		{"a cast and more", me + "?$select=id", nil, unsupported},
		{"a cast and more, counted", me + "?$select=id&$count=true", eventual, "200"},
		{"a filter in a cast", me + "?$filter=id+eq+'x'&$count=true", eventual, unsupported},
		{"a contact filter", "/v1.0/me/contacts?$filter=startswith(displayName,'J')", nil, "200"},
		{"a contact's address", "/v1.0/me/contacts?$filter=emailAddresses/any(a:a/address+eq+'x')", nil, "200"},
		{"a contact filter that is too much", "/v1.0/me/contacts?$filter=contains(displayName,'J')", nil, "400 ErrorInvalidUrlQueryFilter"},
		{"members", "/v1.0/groups/" + l.group("Crew Choir") + "/members", nil, "404 BadRequest"},
	} {
		if got := l.do("owner", "GET", tt.path, nil, tt.header...); got != tt.want {
			t.Errorf("%s: GET %s = %s, want %s", tt.why, tt.path, got, tt.want)
		}
	}
}

func TestPagesOfPeople(t *testing.T) {
	l := newLand(t)
	seen, pages, next := map[string]bool{}, 0, "/v1.0/users?$select=id,userType&$top=70&$count=true"
	var link string
	for ; next != ""; pages++ {
		p := l.list("app", next)
		for _, id := range p.names("id") {
			if seen[id] {
				t.Errorf("%s is on two pages", id)
			}
			seen[id] = true
		}
		if (p.Count != nil) != (pages == 0) {
			t.Errorf("page %d has the count %v, want it on the first one", pages, p.Count)
		}
		if next = p.Next; next != "" {
			link = next
		}
	}
	if len(seen) != 260 || pages != 4 || len(l.People()) != 260 {
		t.Errorf("%d people on %d pages, and People returns %d, want 260 on 4", len(seen), pages, len(l.People()))
	}
	if !strings.HasPrefix(link, l.GraphURL()+"/v1.0/users?") || strings.Contains(link, "$skip=") || strings.Contains(link, "=210") {
		t.Errorf("the next link is %s, want an absolute one that tells nothing", link)
	}
	other := strings.Replace(strings.TrimPrefix(link, l.GraphURL()), "/users?", "/users?%24filter=mail+eq+%27x%27&", 1)
	if got := l.do("app", "GET", other, nil, "ConsistencyLevel", "eventual"); got != "400 Request_UnsupportedQuery" {
		t.Errorf("a page of one list in another = %s, want 400", got)
	}
}

func TestOwnedGroups(t *testing.T) {
	l := newLand(t)
	const path = "/v1.0/me/ownedObjects/microsoft.graph.group"
	got := l.list("owner", path+"?$count=true&$top=5&$select=id,displayName,groupTypes,resourceProvisioningOptions")
	if len(got.Value) != 5 || got.Next == "" || *got.Count != 9 {
		t.Errorf("%d groups, %v of them, next %q; want 5 of 9 and more", len(got.Value), *got.Count, got.Next)
	}
	if next := l.list("owner", got.Next); len(next.Value) != 4 || next.Next != "" {
		t.Errorf("the second page has %d groups and the next link %q, want 4 and none", len(next.Value), next.Next)
	}
	kinds := map[string]int{}
	for _, g := range l.list("owner", path).Value {
		kinds[fmt.Sprint(g["groupTypes"], g["resourceProvisioningOptions"])]++
		if g["@odata.type"] != "#microsoft.graph.group" {
			t.Errorf("a row is a %v", g["@odata.type"])
		}
	}
	if kinds["[Unified] [Team]"] != 4 || kinds["[Unified] []"] != 3 || kinds["[] []"] != 2 {
		t.Errorf("the owner owns %v, want 4 teams, 3 other groups with photos and 2 without", kinds)
	}

	tenant := start(t, demo.Options{}) // another one, in which nothing more has been allowed
	basic := land{t, tenant, map[string]*oauth2.Token{"basic": newApp(t, tenant).token(t, "owner")}}
	for _, g := range basic.list("basic", path).Value {
		if g["id"] == nil || g["displayName"] != nil || g["groupTypes"] != nil {
			t.Errorf("with User.ReadWrite alone a row is %v, want an id and nothing else", g)
		}
	}
}

func TestGroupsAndTheirOwners(t *testing.T) {
	l := newLand(t)
	g := "/v1.0/groups/" + l.group("Base Reykjavík")
	_, body := ask(t, l.Tenant, l.tokens["employee"], "GET", g+"?$select=id,displayName,mail,groupTypes,visibility", nil)
	got := read[map[string]any](t, body)
	if got["displayName"] != "Base Reykjavík" || got["mail"] != "base-reykjavik@skylark.example" || got["visibility"] != "Public" {
		t.Errorf("the group is %s", body)
	}
	owners := l.list("employee", "/v1.0/groups/"+l.group("Crew Planning")+"/owners?$select=id&$top=1")
	if len(owners.Value) != 1 || owners.Next == "" || owners.Value[0]["@odata.type"] != "#microsoft.graph.user" {
		t.Errorf("the first owner is %v, then %q", owners.Value, owners.Next)
	}
	if more := l.list("employee", owners.Next); len(more.Value) != 1 || more.Next != "" || more.Value[0]["id"] == owners.Value[0]["id"] {
		t.Errorf("the second owner is %v, then %q", more.Value, more.Next)
	}
	if len(l.Groups()) != 24 {
		t.Errorf("there are %d groups, want 24", len(l.Groups()))
	}
}

func TestDirectoryRoles(t *testing.T) {
	l := newLand(t)
	roles := func(user string) []string {
		return l.list("app", "/v1.0/users/"+user+"/transitiveMemberOf/microsoft.graph.directoryRole").names("roleTemplateId")
	}
	if got := roles("anders.holm@skylark.example"); !slices.Equal(got, []string{globalAdmin}) {
		t.Errorf("the protected administrator holds %v", got)
	}
	if got := roles("joerg.mueller@skylark.example"); got != nil {
		t.Errorf("somebody holds %v", got)
	}
	l.SetDirectoryRoles(persona(t, l.Tenant, "employee").ID, demo.DirectoryRole{Template: otherRole}, demo.DirectoryRole{Template: peopleAdmin, Limited: true})
	if got := roles("maya.lindqvist@skylark.example"); !slices.Equal(got, []string{otherRole}) {
		t.Errorf("roles for the whole directory are %v, want the one that isn't limited", got)
	}
	l.SetAppPermissions("User.Read.All")
	l.tokens["app"] = asApp(t, l.Tenant)
	if got := l.do("app", "GET", "/v1.0/users/anders.holm@skylark.example/transitiveMemberOf/microsoft.graph.directoryRole", nil); got != "403 Authorization_RequestDenied" {
		t.Errorf("without Directory.Read.All = %s, want 403", got)
	}
}

func TestPeopleAsTheyAre(t *testing.T) {
	l := newLand(t)
	for path, want := range map[string]map[string]any{
		"bruno.castellani@skylark.example":                           {"onPremisesSyncEnabled": true, "userType": "Member"},
		"yuki.tanabe_harbour.example%23EXT%23@skylark.example":       {"onPremisesSyncEnabled": nil, "userType": "Guest"},
		"KWAME.BOATENG@skylark.example":                              {"onPremisesSyncEnabled": nil, "userType": "Member"},
		strings.ToUpper(string(persona(t, l.Tenant, "employee").ID)): {"onPremisesSyncEnabled": nil, "userType": "Member"},
	} {
		_, body := ask(t, l.Tenant, l.tokens["app"], "GET", "/v1.0/users/"+path+"?$select=userType,onPremisesSyncEnabled", nil)
		got := read[map[string]any](t, body)
		delete(got, "@odata.context")
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", path, diff)
		}
	}
	if got := l.do("app", "GET", "/v1.0/users('joerg.mueller@skylark.example')/photo", nil); got != "200" {
		t.Errorf("a name in parentheses = %s, want 200", got)
	}
	mails := map[string]bool{}
	for _, p := range l.People() {
		if mails[p.UPN] || p.DisplayName == "" {
			t.Errorf("%q is there twice, or has no name", p.UPN)
		}
		mails[p.UPN] = true
	}
}
