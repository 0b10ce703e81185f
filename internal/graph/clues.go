package graph

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"portrait/internal/directory"
	"portrait/internal/fault"
)

const (
	// maxClauses is how many parts joined by OR a $filter may have.
	//
	// Source: https://learn.microsoft.com/graph/filter-query-parameter ("or": at
	// most 15 expressions), and the error "Too many child clauses specified in
	// search filter expression containing 'OR' operators".
	maxClauses = 15

	// maxFilterBytes is the longest $filter that is sent, escaped. Addresses
	// inside a $batch of up to 2,048 bytes are taken everywhere.
	maxFilterBytes = 1800

	// clueRows is how many people one question may find. Fifteen addresses find
	// thirty at most; a name that more have is no name to go by.
	clueRows = "100"
)

// FoundPeople is what PeopleBy found.
type FoundPeople struct {
	People []directory.Person // some perhaps twice

	// Unsure are the clues of questions that Graph didn't understand, or that
	// found more than it told: of these, People may lack some.
	Unsure []directory.Clue

	// Left are the clues that weren't asked or weren't answered: they didn't fit,
	// or Graph was too busy, see RetryAfter. They can be asked again.
	Left       []directory.Clue
	RetryAfter time.Duration
}

// question is one request of a $batch, for some clues.
type question struct {
	call  call
	clues []directory.Clue
}

// PeopleBy returns the people whom clues may mean: it asks as many questions as
// one $batch holds, MaxBundle, each about several addresses or numbers or one
// name, and leaves the rest in Left. Who isn't found isn't in the directory. A
// clue that says nothing finds nobody.
//
// It fails only as a whole, as SearchPeople does, if nothing can be said of any
// clue.
//
// Source: https://learn.microsoft.com/graph/api/user-list
func (c *Client) PeopleBy(ctx context.Context, token string, clues []directory.Clue) (FoundPeople, error) {
	const op = "graph.PeopleBy"
	questions, left := questionsAbout(op, clues)
	found := FoundPeople{Left: left}
	if len(questions) == 0 {
		return found, nil
	}
	var b bundle
	for i, q := range questions {
		b.Requests = append(b.Requests, bundled{ID: bundleID(i), Method: q.call.method, URL: q.call.below(), Headers: q.call.header()})
	}
	got, err := c.sendBundle(ctx, token, op, b)
	if err != nil {
		return FoundPeople{Left: clues}, err
	}
	var failed error
	answered := false
	for i, q := range questions {
		people, more, err := got[bundleID(i)].people(q.call)
		switch {
		case err == nil || IsUnsearchable(err):
			answered = true
			found.People = append(found.People, people...)
			if more || err != nil {
				found.Unsure = append(found.Unsure, q.clues...)
			}
		case fault.Is(err, fault.Busy):
			found.Left = append(found.Left, q.clues...)
			found.RetryAfter = max(found.RetryAfter, fault.As(err).RetryAfter)
			failed = errors.Join(failed, err)
		default:
			return FoundPeople{Left: clues}, err
		}
	}
	if !answered {
		return FoundPeople{Left: clues, RetryAfter: found.RetryAfter}, failed
	}
	return found, nil
}

// questionsAbout packs clues into at most MaxBundle questions and returns the
// clues that didn't fit.
func questionsAbout(op string, clues []directory.Clue) (all []question, left []directory.Clue) {
	var open question
	var clauses []string
	flush := func() {
		if len(clauses) > 0 {
			open.call = peopleWhere(op, "$filter", strings.Join(clauses, " or "))
			all = append(all, open)
		}
		open, clauses = question{}, nil
	}
	for i, clue := range clues {
		if len(all) == MaxBundle || len(all) == MaxBundle-1 && clue.By == directory.ByName && len(clauses) > 0 {
			left = append(left, clues[i:]...)
			break
		}
		text := searchable(clue.Text)
		if text == "" {
			continue
		}
		if clue.By == directory.ByName {
			all = append(all, question{peopleNamed(op, text), []directory.Clue{clue}})
			continue
		}
		more := clausesFor(clue.By, text)
		if len(clauses)+len(more) > maxClauses || len(url.QueryEscape(strings.Join(append(clauses, more...), " or "))) > maxFilterBytes {
			flush()
			if len(all) == MaxBundle {
				left = append(left, clues[i:]...)
				break
			}
		}
		clauses, open.clues = append(clauses, more...), append(open.clues, clue)
	}
	flush()
	return all, left
}

// clausesFor returns the parts of a $filter that find whom text means.
func clausesFor(by directory.ClueKind, text string) []string {
	quoted := quoteFilter(text)
	switch by {
	case directory.ByAddress:
		return []string{fmt.Sprintf("userPrincipalName eq '%s'", quoted), fmt.Sprintf("mail eq '%s'", quoted)}
	case directory.ByLocalPart:
		return []string{fmt.Sprintf("startswith(userPrincipalName,'%s@')", quoted), fmt.Sprintf("startswith(mail,'%s@')", quoted)}
	case directory.ByEmployeeID:
		return []string{fmt.Sprintf("employeeId eq '%s'", quoted)}
	}
	return nil
}

func peopleNamed(op, text string) call {
	q := peopleWhere(op, "$search", `"displayName:`+quoteSearch(text)+`"`)
	q.eventual = true
	return q
}

func peopleWhere(op, option, value string) call {
	return reading(op, searchPeople, directory.Subject{}, "/users"+query("$select", personFields, "$top", clueRows, option, value))
}

// people returns the people in u, the answer to q in a $batch, and whether
// there are more.
func (u unbundled) people(q call) (people []directory.Person, more bool, err error) {
	h := u.header()
	switch {
	case u.Status == 0:
		return nil, false, brokenAnswer(q, nil, errors.New("the $batch has no answer"))
	case u.Status != http.StatusOK:
		return nil, false, statusFault(q, u.Status, h, u.Body)
	}
	var got struct {
		Value *[]userRow `json:"value"`
		Next  string     `json:"@odata.nextLink"`
	}
	if err := json.Unmarshal(u.Body, &got); err != nil || got.Value == nil {
		return nil, false, brokenAnswer(q, h, err)
	}
	for _, row := range *got.Value {
		if row.ID != "" {
			people = append(people, row.person())
		}
	}
	return people, got.Next != "", nil
}
