package graph

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"portrait/internal/directory"
	"portrait/internal/fault"
)

const (
	groupID = "1c4cd1a8-8d4c-4b3c-9a0d-0d9f0d9f0d9f"
	annID   = "00000000-0000-4000-8000-000000000001"
	teamRow = `{"id":"1C4CD1A8-8D4C-4B3C-9A0D-0D9F0D9F0D9F","displayName":"Ground crew","mail":"crew@contoso.com",
		"groupTypes":["DynamicMembership","Unified"],"visibility":"Private","resourceProvisioningOptions":["Team"]}`
)

var wantTeam = directory.Group{
	ID: groupID, DisplayName: "Ground crew", Mail: "crew@contoso.com", Unified: true, Team: true, Visibility: "Private",
}

func TestOwnedGroups(t *testing.T) {
	f := newFake(t, saying(t, `{"@odata.count":4,"value":[`+teamRow+`,
		{"id":"00000000-0000-4000-8000-000000000002","displayName":"Newsletter","groupTypes":["Unified"],"resourceProvisioningOptions":[]},
		{"id":"00000000-0000-4000-8000-000000000003","displayName":"Door keys","mail":null,"groupTypes":[],"visibility":null,"resourceProvisioningOptions":[]},
		{"@odata.type":"#microsoft.graph.group","id":"00000000-0000-4000-8000-000000000004","displayName":null,"mail":null,"visibility":null}]}`))
	got, err := newClient(t, f.URL).OwnedGroups(t.Context(), canary, "")
	if err != nil {
		t.Fatal(err)
	}
	want := directory.Page[directory.Group]{Rows: []directory.Group{
		wantTeam,
		{ID: "00000000-0000-4000-8000-000000000002", DisplayName: "Newsletter", Unified: true},
		{ID: "00000000-0000-4000-8000-000000000003", DisplayName: "Door keys"},
		{ID: "00000000-0000-4000-8000-000000000004"},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	asked := f.only(t)
	if asked.path != "/v1.0/me/ownedObjects/microsoft.graph.group" || asked.header.Get("ConsistencyLevel") != "eventual" {
		t.Errorf("asked %s with ConsistencyLevel %q", asked.path, asked.header.Get("ConsistencyLevel"))
	}
	if q := asked.query; q.Get("$select") != groupFields || q.Get("$top") != "100" || q.Get("$count") != "true" || q.Has("$filter") {
		t.Errorf("asked %v", q)
	}
}

func TestNullsInAGroup(t *testing.T) {
	f := newFake(t, answering(200, `{"id":"`+groupID+`","displayName":null,"mail":null,"groupTypes":null,"visibility":null,"resourceProvisioningOptions":null}`))
	got, err := newClient(t, f.URL).Group(t.Context(), canary, groupID)
	if diff := cmp.Diff(directory.Group{ID: groupID}, got); diff != "" || err != nil {
		t.Error(diff, err)
	}
}

func TestGroup(t *testing.T) {
	f := newFake(t, saying(t, teamRow))
	got, err := newClient(t, f.URL).Group(t.Context(), canary, directory.ID(strings.ToUpper(groupID)))
	if diff := cmp.Diff(wantTeam, got); diff != "" || err != nil {
		t.Error(diff, err)
	}
	if asked := f.only(t); asked.path != "/v1.0/groups/"+groupID || asked.query.Get("$select") != groupFields {
		t.Errorf("asked %s %v", asked.path, asked.query)
	}
	for _, id := range []directory.ID{"", "crew", "../me", groupID + "/owners"} {
		_, err := newClient(t, f.URL).Group(t.Context(), canary, id)
		check(t, err, fault.NotFound, "graph.gone", fault.NextHome)
		_, err = newClient(t, f.URL).OwnsGroup(t.Context(), canary, id, annID)
		check(t, err, fault.NotFound, "graph.gone", fault.NextHome)
	}
	if f.count() > 1 {
		t.Error("Graph was asked for a group that can't be")
	}
}

// owners answers with pages of owners, by the number in $skiptoken.
func owners(t *testing.T, pages ...string) http.HandlerFunc {
	return held(t, func(w http.ResponseWriter, r *http.Request) {
		n := 0
		_, _ = fmt.Sscan(r.URL.Query().Get("$skiptoken"), &n) // absent: the first page
		link := ""
		if n+1 < len(pages) {
			link = fmt.Sprintf(`,"@odata.nextLink":"http://%s%s?$skiptoken=%d"`, r.Host, r.URL.Path, n+1)
		}
		answering(200, `{"value":[`+pages[n]+`]`+link+`}`, "Content-Type", "application/json")(w, r)
	})
}

func TestOwnsGroup(t *testing.T) {
	const (
		ann = `{"@odata.type":"#microsoft.graph.user","id":"00000000-0000-4000-8000-000000000001"}`
		bob = `{"@odata.type":"#microsoft.graph.user","id":"00000000-0000-4000-8000-000000000002"}`
		app = `{"@odata.type":"#microsoft.graph.servicePrincipal","id":"00000000-0000-4000-8000-000000000003"}`
	)
	for _, tt := range []struct {
		name  string
		pages []string
		want  bool
		calls int
	}{
		{"an owner", []string{bob + "," + ann}, true, 1},
		{"nobody owns it", []string{""}, false, 1},
		{"somebody else owns it", []string{bob + "," + app}, false, 1},
		{"on the last page", []string{bob, app, ann}, true, 3},
		{"on the first page: the rest isn't read", []string{ann, bob}, true, 1},
		{"on no page", []string{bob, app}, false, 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := newFake(t, owners(t, tt.pages...))
			got, err := newClient(t, f.URL).OwnsGroup(t.Context(), canary, groupID, directory.ID(strings.ToUpper(annID)))
			if got != tt.want || err != nil || f.count() != tt.calls {
				t.Errorf("OwnsGroup = %v, %v in %d calls; want %v in %d", got, err, f.count(), tt.want, tt.calls)
			}
			first := f.seen[0]
			if first.path != "/v1.0/groups/"+groupID+"/owners" || first.query.Get("$select") != "id" || first.query.Get("$top") != "100" {
				t.Errorf("asked %s %v", first.path, first.query)
			}
		})
	}
}

func TestOwnersWithoutEnd(t *testing.T) {
	pages := make([]string, maxPages+1)
	pages[maxPages] = `{"id":"` + annID + `"}`
	long := newFake(t, owners(t, pages...))
	_, err := newClient(t, long.URL).OwnsGroup(t.Context(), canary, groupID, annID)
	check(t, err, fault.Unavailable, "graph.broken-answer", fault.NextRetry)
	if long.count() != maxPages {
		t.Errorf("%d pages read, want %d", long.count(), maxPages)
	}

	loop := newFake(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = fmt.Fprintf(w, `{"value":[],"@odata.nextLink":"http://%s%s?$skiptoken=x"}`, r.Host, r.URL.Path)
	})
	_, err = newClient(t, loop.URL).OwnsGroup(t.Context(), canary, groupID, annID)
	check(t, err, fault.Unavailable, "graph.broken-answer", fault.NextRetry)
	if loop.count() != 2 {
		t.Errorf("%d pages read of a list that goes round, want 2", loop.count())
	}
}

func TestOwnersElsewhere(t *testing.T) {
	thief := newFake(t, answering(200, `{"value":[{"id":"`+annID+`"}]}`))
	f := newFake(t, answering(200, `{"value":[],"@odata.nextLink":"`+thief.URL+`/v1.0/groups/`+groupID+`/owners?$skiptoken=1"}`))
	owns, err := newClient(t, f.URL).OwnsGroup(t.Context(), canary, groupID, annID)
	check(t, err, fault.BadRequest, "graph.bad-next", fault.NextNone)
	if owns || thief.count() > 0 {
		t.Error("another host was asked")
	}
}
