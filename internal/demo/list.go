package demo

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// Rows of a page, as many as Graph gives unless asked for others, and at most.
//
// Source: https://learn.microsoft.com/graph/paging
const (
	directoryRows    = 100
	maxDirectoryRows = 999
	outlookRows      = 10
	maxOutlookRows   = 1000
)

// listing is a list that Graph has.
type listing struct {
	name    string   // as @odata.context has it: "users"
	kind    string   // of its rows: "user"
	typed   bool     // rows say what kind they are
	cast    bool     // its address ends in a kind, which makes options an advanced query
	outlook bool     // pages by $skip, ten rows at a time
	filters bool     // takes $filter, which at and match have obeyed
	fields  []string // that rows have unless others are asked for

	n     int                        // rows, before match
	match func(i int) bool           // whether a row is in the list; nil = all are
	at    func(i int) map[string]any // all properties of a row
}

func (l listing) has(i int) bool { return l.match == nil || l.match(i) }

// list answers with one page of l.
func (t *Tenant) list(c call, l listing) reply {
	if bad := c.checkOptions(l); bad != nil {
		return *bad
	}
	top, from, bad := t.pageOf(c, l)
	if bad != nil {
		return *bad
	}
	rows, next := []map[string]any{}, -1
	for i := from; i < l.n && next < 0; i++ {
		switch {
		case !l.has(i):
		case len(rows) == top:
			next = i
		default:
			row, bad := c.pick(l.kind, l.at(i), l.fields)
			if bad != nil {
				return *bad
			}
			if l.typed {
				row["@odata.type"] = "#microsoft.graph." + l.kind
			}
			rows = append(rows, row)
		}
	}
	out := map[string]any{"@odata.context": t.base + c.version + "/$metadata#" + l.name + c.shape(), "value": rows}
	if strings.EqualFold(c.query.Get("$count"), "true") && !c.query.Has("$skiptoken") {
		out["@odata.count"] = l.count()
	}
	if next >= 0 {
		out["@odata.nextLink"] = t.nextLink(c, l, next)
	}
	return ok(out)
}

func (l listing) count() int {
	if l.match == nil {
		return l.n
	}
	n := 0
	for i := range l.n {
		if l.match(i) {
			n++
		}
	}
	return n
}

// checkOptions refuses what Graph doesn't take of a list.
func (c call) checkOptions(l listing) *reply {
	known := []string{"$select", "$top", "$count", "$skiptoken"}
	if l.outlook {
		known = []string{"$select", "$top", "$count", "$skip"}
	}
	if l.filters {
		known = append(known, "$filter")
	}
	if l.match != nil && !l.outlook {
		known = append(known, "$search")
	}
	for name := range c.query {
		if !slices.Contains(known, name) {
			return c.unsupported("'" + name + "' is not supported here.")
		}
	}
	if l.outlook {
		return nil
	}
	eventual := strings.EqualFold(c.header.Get("ConsistencyLevel"), "eventual")
	counted := strings.EqualFold(c.query.Get("$count"), "true")
	switch {
	case l.cast && len(c.query) > 0 && !(eventual && counted):
		return c.unsupported("The specified filter to the reference property query is currently not supported.")
	case (counted || c.query.Has("$search")) && !eventual:
		return c.unsupported("Request with $search query parameter only works through MSGraph with a special request header: 'ConsistencyLevel: eventual'")
	}
	return nil
}

func (c call) unsupported(message string) *reply {
	a := refuse(http.StatusBadRequest, "Request_UnsupportedQuery", message)
	return &a
}

// pageOf returns how many rows the page has and the row that it begins at.
func (t *Tenant) pageOf(c call, l listing) (top, from int, bad *reply) {
	top, most := directoryRows, maxDirectoryRows
	if l.outlook {
		top, most = outlookRows, maxOutlookRows
	}
	var err error
	if asked := c.query.Get("$top"); asked != "" {
		if top, err = strconv.Atoi(asked); err != nil || top < 1 {
			return 0, 0, c.unsupported("Invalid value for $top.")
		}
	}
	top = min(top, most)
	if skip := c.query.Get("$skip"); skip != "" {
		if from, err = strconv.Atoi(skip); err != nil || from < 0 {
			return 0, 0, c.unsupported("Invalid value for $skip.")
		}
	}
	if token := c.query.Get("$skiptoken"); token != "" {
		plain, err := t.provider.Crypto().Decrypt(token)
		row, of, _ := strings.Cut(plain, " ")
		if from, _ = strconv.Atoi(row); err != nil || of != c.listed() {
			return 0, 0, c.unsupported("The page token is not valid for this list.")
		}
	}
	return top, from, nil
}

// listed says which list c asks for, whatever the page.
func (c call) listed() string {
	q := maps.Clone(c.query)
	q.Del("$skiptoken")
	q.Del("$skip")
	return strings.ToLower(strings.Join(c.path, "/")) + "?" + q.Encode()
}

// nextLink returns the address of the page that begins at row next.
func (t *Tenant) nextLink(c call, l listing, next int) string {
	q := maps.Clone(c.query)
	if l.outlook {
		q.Set("$skip", strconv.Itoa(next))
	} else {
		token, err := t.provider.Crypto().Encrypt(fmt.Sprintf("%d %s", next, c.listed()))
		if err != nil { // can't be: the key has the right length
			token = ""
		}
		q.Set("$skiptoken", token)
	}
	return t.base + c.version + "/" + strings.Join(c.path, "/") + "?" + q.Encode()
}

// pick returns the properties of a row that c asks for with $select, else those
// in fields.
func (c call) pick(kind string, all map[string]any, fields []string) (map[string]any, *reply) {
	out := map[string]any{}
	if sel := c.query.Get("$select"); sel != "" {
		fields = strings.Split(sel, ",")
	}
	for _, name := range fields {
		k := strings.TrimSpace(name)
		if _, exact := all[k]; !exact {
			k = ""
			for other := range all {
				if strings.EqualFold(other, strings.TrimSpace(name)) {
					k = other
				}
			}
		}
		if k == "" {
			bad := badRequest("Parsing OData Select and Expand failed: Could not find a property named '" + name + "' on type 'microsoft.graph." + kind + "'.")
			return nil, &bad
		}
		out[k] = all[k]
	}
	return out, nil
}

// shape is how @odata.context says what was selected.
func (c call) shape() string {
	if sel := c.query.Get("$select"); sel != "" {
		return "(" + sel + ")"
	}
	return ""
}
