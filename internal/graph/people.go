package graph

import (
	"context"
	"strings"

	"portrait/internal/directory"
)

// personFields are what is asked of a person; userType, employeeId and
// onPremisesSyncEnabled aren't in Graph's default set.
//
// Source: https://learn.microsoft.com/graph/api/user-get
const personFields = "id,displayName,userPrincipalName,mail,jobTitle,department,employeeId,userType,onPremisesSyncEnabled"

// userRow is a person as Graph writes one. What Graph has not, or may not tell, is
// null.
type userRow struct {
	ID                string `json:"id"`
	DisplayName       string `json:"displayName"`
	UserPrincipalName string `json:"userPrincipalName"`
	Mail              string `json:"mail"`
	JobTitle          string `json:"jobTitle"`
	Department        string `json:"department"`
	EmployeeID        string `json:"employeeId"`
	UserType          string `json:"userType"`
	OnPremises        bool   `json:"onPremisesSyncEnabled"`
}

func (u userRow) person() directory.Person {
	return directory.Person{
		ID: lower(u.ID), DisplayName: u.DisplayName, UPN: u.UserPrincipalName, Mail: u.Mail, JobTitle: u.JobTitle,
		Department: u.Department, EmployeeID: u.EmployeeID, Guest: strings.EqualFold(u.UserType, "Guest"), OnPremises: u.OnPremises,
	}
}

// lower returns an object id as it is kept: in lower case.
func lower(id string) directory.ID { return directory.ID(strings.ToLower(id)) }

// Me returns the person whom the delegated token is for.
//
// It fails with fault.SignIn if the token is refused.
func (c *Client) Me(ctx context.Context, token string) (directory.Person, error) {
	return c.person(ctx, token, reading("graph.Me", readPerson, directory.Me(), query("$select", personFields)))
}

// Person returns the user with the given object id or userPrincipalName.
//
// It fails with fault.NotFound if there is none, and with fault.Forbidden if
// the token may not read other people.
func (c *Client) Person(ctx context.Context, token string, user directory.ID) (directory.Person, error) {
	const op = "graph.Person"
	s, err := directory.OfUser(user)
	if err != nil {
		return directory.Person{}, notThere(op, sayNoSuchPerson, err)
	}
	return c.person(ctx, token, reading(op, readPerson, s, query("$select", personFields)))
}

func (c *Client) person(ctx context.Context, token string, q call) (directory.Person, error) {
	var u userRow
	header, err := c.ask(ctx, token, q, &u)
	if err != nil {
		return directory.Person{}, err
	}
	if u.ID == "" {
		return directory.Person{}, brokenAnswer(q, header, nil)
	}
	return u.person(), nil
}

// SearchPeople returns a page of the users in whose name a word begins with
// each word of text, or whose mail address, userPrincipalName or department
// begins with text. An empty text finds everybody. Of a text only the first
// maxSearchRunes count. Graph answers from an index that lags a little behind
// the directory.
//
// It fails with fault.BadRequest if next isn't the link to a page of this
// list, and so that IsUnsearchable is true if Graph can't search for text.
//
// Source: https://learn.microsoft.com/graph/search-query-parameter
func (c *Client) SearchPeople(ctx context.Context, token, text, next string) (directory.Page[directory.Person], error) {
	options := []string{"$select", personFields, "$top", pageRows, "$count", "true"}
	if text = searchable(text); text != "" {
		var all []string
		for _, property := range []string{"displayName", "mail", "userPrincipalName", "department"} {
			all = append(all, `"`+property+":"+quoteSearch(text)+`"`)
		}
		options = append(options, "$search", strings.Join(all, " OR "))
	}
	q := reading("graph.SearchPeople", searchPeople, directory.Subject{}, "/users"+query(options...))
	q.eventual, q.next = true, next
	return page(ctx, c, token, q, func(u userRow) (directory.Person, bool) { return u.person(), u.ID != "" })
}

// HoldsDirectoryRole reports whether user, an object id or userPrincipalName,
// holds a role of the directory, be it by way of a group. Roles with a limited
// scope and roles that still have to be activated don't show.
//
// The cast has no query options and isn't an advanced query, since those are
// answered from an index, and a new administrator must be one at once. Where
// Graph ignores the cast, rows of other types come too and don't count. A row
// without a type does: in a list of one type Graph may leave it out.
//
// It fails with fault.Forbidden, Scope named, if the token may not see roles.
//
// Source: https://learn.microsoft.com/graph/api/user-list-transitivememberof
func (c *Client) HoldsDirectoryRole(ctx context.Context, token string, user directory.ID) (bool, error) {
	const op = "graph.HoldsDirectoryRole"
	s, err := directory.OfUser(user)
	if err != nil {
		return false, notThere(op, sayNoSuchPerson, err)
	}
	q := reading(op, readRoles, s, "/transitiveMemberOf/microsoft.graph.directoryRole")
	return c.anyRow(ctx, token, q, func(o object) bool {
		return o.Type == "" || strings.EqualFold(o.Type, "#microsoft.graph.directoryRole")
	})
}
