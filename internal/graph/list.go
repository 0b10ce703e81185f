package graph

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode"

	"portrait/internal/directory"
	"portrait/internal/fault"
	"portrait/internal/words"
)

const (
	// pageRows is how many rows a page of a list has at most. Graph would give
	// 999 of the directory, more than a page here shows.
	pageRows = "100"

	// maxPages is how many pages are read to find a row: 2,000 rows.
	maxPages = 20

	// maxListBytes is the longest page that is read: ten times what a hundred
	// rows take.
	maxListBytes = 1 << 20

	// maxNextBytes is the longest link that is followed. Real ones have 1 kB.
	maxNextBytes = 8 << 10

	// maxSearchRunes is how much of a search text counts.
	maxSearchRunes = 100
)

var (
	errBadNext = errors.New("graph: not a link to a page of this list")
	errEndless = errors.New("graph: the list doesn't end")
)

// ask makes the call q and decodes the JSON that comes into v.
func (c *Client) ask(ctx context.Context, token string, q call, v any) (http.Header, error) {
	a, err := c.do(ctx, token, q)
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(a.body, v); err != nil {
		return a.header, brokenAnswer(q, a.header, err)
	}
	return a.header, nil
}

// page returns the page of a list that q asks for. convert says what a row is
// and whether it is one: Graph sends rows of which nothing may be told.
func page[From, To any](
	ctx context.Context, c *Client, token string, q call, convert func(From) (To, bool),
) (directory.Page[To], error) {
	if q.next != "" && !c.isNext(q) {
		return directory.Page[To]{}, &fault.Error{Op: q.op, Kind: fault.BadRequest, Say: words.M("graph.bad-next"), Err: errBadNext}
	}
	q.cap = maxListBytes
	var got struct {
		Value *[]From `json:"value"`
		Next  string  `json:"@odata.nextLink"`
	}
	header, err := c.ask(ctx, token, q, &got)
	if err != nil {
		return directory.Page[To]{}, err
	}
	if got.Value == nil {
		return directory.Page[To]{}, brokenAnswer(q, header, nil)
	}
	rows := make([]To, 0, len(*got.Value))
	for _, from := range *got.Value {
		if to, ok := convert(from); ok {
			rows = append(rows, to)
		}
	}
	return directory.Page[To]{Rows: rows, Next: got.Next}, nil
}

// isNext reports whether q.next is a link to a page of the list that q asks
// for, on the host that the token is for. It came from Graph, but by way of a
// page and a person.
func (c *Client) isNext(q call) bool {
	first, err := url.Parse(c.base + q.path())
	if err != nil || len(q.next) > maxNextBytes {
		return false
	}
	next, err := url.Parse(q.next)
	return err == nil && next.User == nil && next.Opaque == "" && next.Fragment == "" &&
		next.Scheme == first.Scheme && // https, or http on loopback: New saw to that
		strings.EqualFold(next.Host, first.Host) &&
		slices.EqualFunc(strings.Split(next.EscapedPath(), "/"), strings.Split(first.EscapedPath(), "/"), sameSegment) &&
		sameRows(next.RawQuery, first.Query())
}

// choosing are the options that say which rows a list has, in which order.
var choosing = []string{"$filter", "$search", "$orderby", "$expand", "$apply", "$compute"}

// sameRows reports whether a link's query chooses no other rows than first. Who
// may see names alone could otherwise learn from what a $filter finds what else
// is there, with a token that isn't theirs. Graph takes the names of options in
// any case, and without their $ too.
func sameRows(query string, first url.Values) bool {
	asked, err := url.ParseQuery(query)
	if err != nil {
		return false
	}
	for name, values := range asked {
		option := "$" + strings.TrimPrefix(strings.ToLower(strings.TrimSpace(name)), "$")
		if slices.Contains(choosing, option) && (len(values) != 1 || values[0] != first.Get(option)) {
			return false
		}
	}
	return true
}

// sameSegment reports whether two escaped segments of a path are the same for
// Graph, whatever is escaped in them. For Outlook's ids it is generous about
// case, and none the less of the same mailbox.
func sameSegment(a, b string) bool {
	plainA, errA := url.PathUnescape(a)
	plainB, errB := url.PathUnescape(b)
	return errA == nil && errB == nil && strings.EqualFold(plainA, plainB)
}

// object is what all rows of the directory have.
type object struct {
	ID   string `json:"id"`
	Type string `json:"@odata.type"`
}

// anyRow reports whether one of the rows of a list is, on whichever page. A
// list that has no end leaves the question open: that is a fault.
func (c *Client) anyRow(ctx context.Context, token string, q call, is func(object) bool) (bool, error) {
	seen := map[string]bool{}
	for range maxPages {
		got, err := page(ctx, c, token, q, func(o object) (object, bool) { return o, true })
		switch {
		case err != nil:
			return false, err
		case slices.ContainsFunc(got.Rows, is):
			return true, nil
		case got.Next == "":
			return false, nil
		case seen[got.Next]:
			return false, brokenAnswer(q, nil, errEndless)
		}
		seen[got.Next], q.next = true, got.Next
	}
	return false, brokenAnswer(q, nil, errEndless)
}

// searchable returns the text that a person typed as Graph may see it: without
// control characters, spaces around it, and what is beyond maxSearchRunes.
func searchable(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == unicode.ReplacementChar {
			return ' '
		}
		return r
	}, text)
	runes := []rune(strings.TrimSpace(text))
	return strings.TrimSpace(string(runes[:min(len(runes), maxSearchRunes)]))
}

// quoteSearch returns text for the inside of a $search in double quotes.
//
// Source: https://learn.microsoft.com/graph/search-query-parameter
func quoteSearch(text string) string { return strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text) }

// quoteFilter returns text for the inside of a text in a $filter.
//
// Source: https://docs.oasis-open.org/odata/odata/v4.01/odata-v4.01-part2-url-conventions.html#sec_PrimitiveLiterals
func quoteFilter(text string) string { return strings.ReplaceAll(text, "'", "''") }
