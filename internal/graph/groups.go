package graph

import (
	"context"
	"slices"
	"strings"

	"portrait/internal/directory"
)

// groupFields are what is asked of a group. A team is a group with a resource.
//
// Source: https://learn.microsoft.com/graph/api/resources/group and
// https://learn.microsoft.com/graph/teams-list-all-teams
const groupFields = "id,displayName,mail,groupTypes,visibility,resourceProvisioningOptions"

// groupRow is a group as Graph writes one. With User.Read alone all but the id is
// null.
type groupRow struct {
	ID          string   `json:"id"`
	DisplayName string   `json:"displayName"`
	Mail        string   `json:"mail"`
	Types       []string `json:"groupTypes"`
	Visibility  string   `json:"visibility"`
	Resources   []string `json:"resourceProvisioningOptions"`
}

func (g groupRow) group() directory.Group {
	return directory.Group{
		ID: lower(g.ID), DisplayName: g.DisplayName, Mail: g.Mail, Visibility: g.Visibility,
		Unified: has(g.Types, "Unified"), Team: has(g.Resources, "Team"),
	}
}

func has(all []string, name string) bool {
	return slices.ContainsFunc(all, func(s string) bool { return strings.EqualFold(s, name) })
}

// OwnedGroups returns a page of the groups that the person behind the delegated
// token owns, of every type: Graph can't filter this list, so its caller does.
//
// A cast with query options is an advanced query, which an index answers: a
// group that has just been made or given away shows so a little later.
//
// It fails with fault.BadRequest if next isn't the link to a page of this list.
//
// Source: https://learn.microsoft.com/graph/api/user-list-ownedobjects
func (c *Client) OwnedGroups(ctx context.Context, token, next string) (directory.Page[directory.Group], error) {
	rest := "/ownedObjects/microsoft.graph.group" + query("$select", groupFields, "$top", pageRows, "$count", "true")
	q := reading("graph.OwnedGroups", readGroup, directory.Me(), rest)
	q.eventual, q.next = true, next
	return page(ctx, c, token, q, func(g groupRow) (directory.Group, bool) { return g.group(), g.ID != "" })
}

// Group returns the group with the given object id.
//
// It fails with fault.NotFound if there is none, and with fault.Forbidden if
// the token may not read it.
func (c *Client) Group(ctx context.Context, token string, id directory.ID) (directory.Group, error) {
	const op = "graph.Group"
	s, err := directory.OfGroup(id)
	if err != nil {
		return directory.Group{}, notThere(op, sayGone, err)
	}
	q := reading(op, readGroup, s, query("$select", groupFields))
	var g groupRow
	header, err := c.ask(ctx, token, q, &g)
	if err != nil {
		return directory.Group{}, err
	}
	if g.ID == "" {
		return directory.Group{}, brokenAnswer(q, header, nil)
	}
	return g.group(), nil
}

// OwnsGroup reports whether the person with the object id person is among the
// owners of the group with the object id group. A group has at most 100 owners.
//
// It fails with fault.NotFound if there is no such group, and with
// fault.Forbidden if the token may not read it.
//
// Source: https://learn.microsoft.com/graph/api/group-list-owners
func (c *Client) OwnsGroup(ctx context.Context, token string, group, person directory.ID) (bool, error) {
	const op = "graph.OwnsGroup"
	s, err := directory.OfGroup(group)
	if err != nil {
		return false, notThere(op, sayGone, err)
	}
	q := reading(op, readGroup, s, "/owners"+query("$select", "id", "$top", pageRows))
	return c.anyRow(ctx, token, q, func(o object) bool { return strings.EqualFold(o.ID, string(person)) })
}
