package graph

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"portrait/internal/directory"
	"portrait/internal/fault"
)

// accountFields are what is asked of a person who is only counted, or whose
// photo is handed out.
//
// Source: https://learn.microsoft.com/graph/api/resources/user#properties
const accountFields = "id,displayName,userPrincipalName,mail,department,userType,accountEnabled"

// accountRow is a person with whether the account may sign in. null, which
// stands for not told, counts as yes.
type accountRow struct {
	userRow
	Enabled *bool `json:"accountEnabled"`
}

// counted returns the person in a, and whether it is one: guests, and accounts
// that nobody signs in with, as those of rooms and shared mailboxes, aren't.
func (a accountRow) counted() (directory.Person, bool) {
	p := a.person()
	return p, p.ID != "" && !p.Guest && (a.Enabled == nil || *a.Enabled)
}

// Everybody returns a page of the users of the tenant, without guests and
// accounts that nobody signs in with: it may have few rows, or none.
//
// It fails with fault.BadRequest if next isn't the link to a page of this list.
//
// Source: https://learn.microsoft.com/graph/api/user-list
func (c *Client) Everybody(ctx context.Context, token, next string) (directory.Page[directory.Person], error) {
	q := reading("graph.Everybody", searchPeople, directory.Subject{}, "/users"+query("$select", accountFields, "$top", pageRows))
	q.next = next
	return page(ctx, c, token, q, accountRow.counted)
}

// GroupsCalled returns the groups with the mail address, or else with the whole
// display name, text: at most one page of them.
//
// Source: https://learn.microsoft.com/graph/api/group-list
func (c *Client) GroupsCalled(ctx context.Context, token, text string) ([]directory.Group, error) {
	property := "displayName"
	if strings.Contains(text, "@") {
		property = "mail"
	}
	filter := property + " eq '" + quoteFilter(searchable(text)) + "'"
	q := reading("graph.GroupsCalled", readGroup, directory.Subject{}, "/groups"+query("$select", groupFields, "$top", "10", "$filter", filter))
	got, err := page(ctx, c, token, q, func(g groupRow) (directory.Group, bool) { return g.group(), g.ID != "" })
	return got.Rows, err
}

// Members returns a page of the people in the group with the object id group,
// and in the groups in it, without those whom Everybody leaves out.
//
// It fails with fault.NotFound if there is no such group, with fault.Forbidden
// if the token may not read who is in it, and with fault.BadRequest if next isn't
// the link to a page of this list.
//
// Source: https://learn.microsoft.com/graph/api/group-list-transitivemembers
func (c *Client) Members(ctx context.Context, token string, group directory.ID, next string) (directory.Page[directory.Person], error) {
	const op = "graph.Members"
	s, err := directory.OfGroup(group)
	if err != nil {
		return directory.Page[directory.Person]{}, notThere(op, sayGone, err)
	}
	rest := "/transitiveMembers/microsoft.graph.user" + query("$select", accountFields, "$top", pageRows, "$count", "true")
	q := reading(op, readGroup, s, rest)
	q.eventual, q.next = true, next // a cast with query options is an advanced query
	return page(ctx, c, token, q, accountRow.counted)
}

// InfoAnswer is what came of asking about one of several photos: Info, or Err as
// PhotoInfo returns it.
type InfoAnswer struct {
	Info Info
	Err  error
}

// PhotoInfos tells about the photos of at most MaxBundle subjects in one call,
// without their bytes; answers are in the order of subjects.
//
// It fails as Photos does.
func (c *Client) PhotoInfos(ctx context.Context, token string, subjects []directory.Subject) ([]InfoAnswer, error) {
	const op = "graph.PhotoInfos"
	calls := make([]call, 0, len(subjects))
	for _, s := range subjects {
		calls = append(calls, reading(op, readPhoto, s, "/photo"))
	}
	got, err := c.bundled(ctx, token, op, calls)
	if err != nil {
		return nil, err
	}
	answers := make([]InfoAnswer, len(subjects))
	for i, u := range got {
		answers[i].Info, answers[i].Err = u.info(calls[i])
	}
	return answers, nil
}

// PersonAnswer is what came of asking about one of several people: Person, or
// Err as Client.Person returns it.
type PersonAnswer struct {
	Person directory.Person
	Err    error
}

// People tells about at most MaxBundle users, by object id or userPrincipalName,
// in one call; answers are in the order of users.
//
// It fails as Photos does.
func (c *Client) People(ctx context.Context, token string, users []directory.ID) ([]PersonAnswer, error) {
	const op = "graph.People"
	answers, calls, at := make([]PersonAnswer, len(users)), []call{}, []int{}
	for i, user := range users {
		s, err := directory.OfUser(user)
		if err != nil {
			answers[i].Err = notThere(op, sayNoSuchPerson, err)
			continue
		}
		calls, at = append(calls, reading(op, readPerson, s, query("$select", accountFields))), append(at, i)
	}
	got, err := c.bundled(ctx, token, op, calls)
	if err != nil {
		return nil, err
	}
	for n, u := range got {
		answers[at[n]].Person, answers[at[n]].Err = u.user(calls[n])
	}
	return answers, nil
}

// bundled makes calls, at most MaxBundle, in one $batch. The answers are in the
// order of calls, zero where one is missing.
func (c *Client) bundled(ctx context.Context, token, op string, calls []call) ([]unbundled, error) {
	switch {
	case len(calls) > MaxBundle:
		return nil, &fault.Error{Op: op, Kind: fault.Unexpected, Say: sayOurMistake, Next: fault.NextHelpdesk, Err: fmt.Errorf("%d calls", len(calls))}
	case len(calls) == 0:
		return nil, nil
	}
	var b bundle
	for i, q := range calls {
		b.Requests = append(b.Requests, bundled{ID: bundleID(i), Method: q.method, URL: q.below(), Headers: q.header()})
	}
	got, err := c.sendBundle(ctx, token, op, b)
	if err != nil {
		return nil, err
	}
	all := make([]unbundled, len(calls))
	for i := range calls {
		all[i] = got[bundleID(i)]
		c.tellLoad(all[i].Status, all[i].header())
	}
	return all, nil
}

// info returns what u, the answer to q in a $batch, tells about a photo.
func (u unbundled) info(q call) (Info, error) {
	var meta photoMeta
	if err := u.json(q, &meta); err != nil {
		return Info{}, err
	}
	return meta.info(q, u.header())
}

// user returns the person in u, the answer to q in a $batch.
func (u unbundled) user(q call) (directory.Person, error) {
	var row userRow
	if err := u.json(q, &row); err != nil {
		return directory.Person{}, err
	}
	if row.ID == "" {
		return directory.Person{}, brokenAnswer(q, u.header(), nil)
	}
	return row.person(), nil
}

// json decodes u, the answer to q in a $batch, into v.
func (u unbundled) json(q call, v any) error {
	h := u.header()
	switch {
	case u.Status == 0:
		return brokenAnswer(q, nil, fmt.Errorf("the $batch has no answer"))
	case u.Status != http.StatusOK:
		return statusFault(q, u.Status, h, u.Body)
	}
	if err := json.Unmarshal(u.Body, v); err != nil {
		return brokenAnswer(q, h, err)
	}
	return nil
}
