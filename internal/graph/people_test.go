package graph

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"portrait/internal/directory"
	"portrait/internal/fault"
)

const ann = `{"id":"1C4CD1A8-8D4C-4B3C-9A0D-0D9F0D9F0D9F","displayName":"Ann","userPrincipalName":"ann@contoso.com",
	"mail":"ann@contoso.com","jobTitle":"Pilot","department":"Flight","employeeId":"0042","userType":"Guest","onPremisesSyncEnabled":true,"unknown":[1]}`

var wantAnn = directory.Person{
	ID: "1c4cd1a8-8d4c-4b3c-9a0d-0d9f0d9f0d9f", DisplayName: "Ann", UPN: "ann@contoso.com", Mail: "ann@contoso.com",
	JobTitle: "Pilot", Department: "Flight", EmployeeID: "0042", Guest: true, OnPremises: true,
}

// nobody is a person of whom nothing but the id may be told.
const nobody = `{"id":"00000000-0000-4000-8000-000000000001","displayName":null,"userPrincipalName":null,"mail":null,
	"jobTitle":null,"department":null,"employeeId":null,"userType":null,"onPremisesSyncEnabled":null}`

func TestMe(t *testing.T) {
	f := newFake(t, saying(t, ann))
	got, err := newClient(t, f.URL).Me(t.Context(), canary)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(wantAnn, got); diff != "" {
		t.Error(diff)
	}
	asked := f.only(t)
	if asked.path != "/v1.0/me" || asked.query.Get("$select") != personFields || asked.header.Get("ConsistencyLevel") != "" {
		t.Errorf("asked %s %v", asked.path, asked.query)
	}
}

func TestPerson(t *testing.T) {
	for _, tt := range []struct {
		name string
		user directory.ID
		path string // "" = not asked
	}{
		{"by object id", "1C4CD1A8-8D4C-4B3C-9A0D-0D9F0D9F0D9F", "/v1.0/users/1c4cd1a8-8d4c-4b3c-9a0d-0d9f0d9f0d9f"},
		{"by userPrincipalName", "Ann@contoso.com", "/v1.0/users/ann@contoso.com"},
		{"a guest", "ann_fabrikam.com#EXT#@contoso.com", "/v1.0/users/ann_fabrikam.com%23ext%23@contoso.com"},
		{"a name that begins with $", "$ann@contoso.com", "/v1.0/users%28%27$ann@contoso.com%27%29"},
		{"no name", "", ""},
		{"a path", "../me", ""},
		{"a query", "ann@contoso.com?$select=id", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := newFake(t, saying(t, ann))
			got, err := newClient(t, f.URL).Person(t.Context(), canary, tt.user)
			if tt.path == "" {
				check(t, err, fault.NotFound, "graph.no-such-person", fault.NextHome)
				if f.count() > 0 {
					t.Error("Graph was asked")
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(wantAnn, got); diff != "" {
				t.Error(diff)
			}
			if path := strings.NewReplacer("(", "%28", ")", "%29", "'", "%27").Replace(f.only(t).path); path != tt.path {
				t.Errorf("asked %s, want %s", path, tt.path)
			}
		})
	}
}

func TestPersonOfWhomNothingIsTold(t *testing.T) {
	f := newFake(t, saying(t, nobody))
	got, err := newClient(t, f.URL).Person(t.Context(), canary, "ann@contoso.com")
	want := directory.Person{ID: "00000000-0000-4000-8000-000000000001"}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Error(diff, err)
	}
}

func TestSearchPeople(t *testing.T) {
	const all = `"displayName:X" OR "mail:X" OR "userPrincipalName:X" OR "department:X"`
	for _, tt := range []struct {
		name, text string
		want       string // what each property is searched for; "" = no $search
	}{
		{"a name", "ann", "ann"},
		{"two words", " ann  lee ", "ann  lee"},
		{"an umlaut", "Müller", "Müller"},
		{"Chinese", "王小明", "王小明"},
		{"a mail address", "ann+x@contoso.com", "ann+x@contoso.com"},
		{"signs of an address", "a&b=c#d%20/?", "a&b=c#d%20/?"},
		{"a quote", `ann" OR "id:1`, `ann\" OR \"id:1`},
		{"a backslash", `ann\`, `ann\\`},
		{"a backslash and a quote", `ann\"`, `ann\\\"`},
		{"control characters", "an\x00n\r\nlee\x7f\u0085", "an n  lee"},
		{"bytes that aren't text", "ann\xff", "ann"},
		{"nothing", "", ""},
		{"nothing but spaces", " \t\n", ""},
		{"too long", strings.Repeat("ä", 101), strings.Repeat("ä", 100)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := newFake(t, saying(t, `{"@odata.count":2,"value":[`+ann+`,`+nobody+`,{"displayName":"without an id"}]}`))
			got, err := newClient(t, f.URL).SearchPeople(t.Context(), canary, tt.text, "")
			if err != nil {
				t.Fatal(err)
			}
			want := []directory.Person{wantAnn, {ID: "00000000-0000-4000-8000-000000000001"}}
			if diff := cmp.Diff(want, got.Rows); diff != "" || got.Next != "" {
				t.Errorf("next %q, %s", got.Next, diff)
			}
			asked := f.only(t)
			search := ""
			if tt.want != "" {
				search = strings.ReplaceAll(all, "X", tt.want)
			}
			if q := asked.query; q.Get("$search") != search || q.Get("$top") != "100" || q.Get("$count") != "true" || q.Get("$select") != personFields {
				t.Errorf("searched %s, want %s (%v)", q.Get("$search"), search, q)
			}
			if asked.path != "/v1.0/users" || asked.header.Get("ConsistencyLevel") != "eventual" {
				t.Errorf("%s, ConsistencyLevel %q", asked.path, asked.header.Get("ConsistencyLevel"))
			}
		})
	}
}

func TestHoldsDirectoryRole(t *testing.T) {
	const role = `{"@odata.type":"#microsoft.graph.directoryRole","id":"r","displayName":"Global Administrator","roleTemplateId":"62e90394-69f5-4237-9190-012177145e10"}`
	for _, tt := range []struct {
		name, rows string
		want       bool
	}{
		{"no role", ``, false},
		{"a role", role, true},
		{"a role of which nothing else is told", `{"@odata.type":"#microsoft.graph.directoryRole","id":"r","displayName":null}`, true},
		{"a role whose type goes without saying", `{"id":"r","displayName":"Global Administrator"}`, true},
		{"a group, though a role was asked for", `{"@odata.type":"#microsoft.graph.group","id":"g"}`, false},
		{"a unit of administration", `{"@odata.type":"#microsoft.graph.administrativeUnit","id":"u"}`, false},
		{"a role behind a group", `{"@odata.type":"#microsoft.graph.group","id":"g"},` + role, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := newFake(t, saying(t, `{"value":[`+tt.rows+`]}`))
			got, err := newClient(t, f.URL).HoldsDirectoryRole(t.Context(), canary, "Ann@contoso.com")
			if got != tt.want || err != nil {
				t.Errorf("HoldsDirectoryRole = %v, %v; want %v", got, err, tt.want)
			}
			asked := f.only(t)
			if asked.path != "/v1.0/users/ann@contoso.com/transitiveMemberOf/microsoft.graph.directoryRole" || len(asked.query) > 0 {
				t.Errorf("asked %s %v", asked.path, asked.query)
			}
			if asked.header.Get("ConsistencyLevel") != "" {
				t.Error("an index was asked: it lags behind")
			}
		})
	}
	f := newFake(t, answering(200, `{}`))
	_, err := newClient(t, f.URL).HoldsDirectoryRole(t.Context(), canary, "ann")
	check(t, err, fault.NotFound, "graph.no-such-person", fault.NextHome)
	_, err = newClient(t, f.URL).HoldsDirectoryRole(t.Context(), canary, "ann@contoso.com")
	check(t, err, fault.Unavailable, "graph.broken-answer", fault.NextRetry)
}
