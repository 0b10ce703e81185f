package demo

import (
	"net/http"
	"slices"
	"strings"

	"portrait/internal/directory"
)

// groupList answers GET /groups, which is only ever asked for a group by its
// mail address or its name.
func (t *Tenant) groupList(c call) reply {
	switch {
	case c.method != http.MethodGet:
		return methodNotAllowed()
	case !c.token.holds(readGroups()):
		return lacking()
	}
	property, value, exact, ok := parseFilter(c.query.Get("$filter"))
	if !ok || property != "mail" && property != "displayname" {
		return *c.unsupported("Unsupported or invalid query filter clause specified.")
	}
	t.state.mu.RLock()
	all := slices.Clone(t.state.groups)
	t.state.mu.RUnlock()
	return t.list(c, listing{
		name: "groups", kind: "group", filters: true, fields: groupDefaults(), n: len(all),
		match: func(i int) bool {
			have := strings.ToLower(all[i].DisplayName)
			if property == "mail" {
				have = strings.ToLower(all[i].Mail)
			}
			want := strings.ToLower(value)
			return have == want || !exact && strings.HasPrefix(have, want)
		},
		at: func(i int) map[string]any { return all[i].values() },
	})
}

// Members returns who is in the group with the object id: its owners, and every
// so manieth person of the directory.
func (t *Tenant) Members(group directory.ID) []directory.Person {
	var all []directory.Person
	if g := t.group(string(group)); g != nil {
		for _, p := range t.membersOf(g) {
			all = append(all, p.Person)
		}
	}
	return all
}

func (t *Tenant) membersOf(g *group) []*person {
	t.state.mu.RLock()
	at, n := slices.Index(t.state.groups, g), len(t.state.groups)
	t.state.mu.RUnlock()
	var members []*person
	for i, p := range t.people {
		if p.isHere() && (g.ownedBy(p.ID) || i%n == at) {
			members = append(members, p)
		}
	}
	return members
}

func (t *Tenant) groupMembers(c call, g *group) reply {
	members := t.membersOf(g)
	return t.list(c, listing{
		name: "users", kind: "user", typed: true, cast: true, fields: profileDefaults(), n: len(members),
		at: func(i int) map[string]any { return t.personValues(c.token, members[i]) },
	})
}
