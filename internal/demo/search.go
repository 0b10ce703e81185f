package demo

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxClauses is how many parts a $search may have.
const maxClauses = 20

// clause is one part of a $search: a property and what it begins with, or for
// a name, what words of it begin with.
type clause struct {
	property string
	text     string // without accents, lower case
	words    []string
}

// searchFor is a $search: any of its clauses, or all of them.
type searchFor struct {
	clauses []clause
	all     bool
}

// users answers GET /users.
func (t *Tenant) users(c call) reply {
	switch {
	case c.method != http.MethodGet:
		return methodNotAllowed()
	case !c.token.holds(append(readProfiles(), "User.ReadBasic.All")):
		return lacking()
	}
	matches, bad := c.wanted()
	if bad != nil {
		return *bad
	}
	var here []*person
	for _, p := range t.people {
		if p.isHere() {
			here = append(here, p)
		}
	}
	t.state.mu.RLock()
	n := t.state.filled.people
	t.state.mu.RUnlock()
	at := func(i int) *person {
		if i < len(here) {
			return here[i]
		}
		return personAt(i - len(here))
	}
	return t.list(c, listing{
		name: "users", kind: "user", filters: true, fields: profileDefaults(), n: len(here) + n,
		match: func(i int) bool { return matches(at(i)) },
		at:    func(i int) map[string]any { return t.personValues(c.token, at(i)) },
	})
}

// wanted returns what a person must be like to be in the list, by $search and
// $filter.
func (c call) wanted() (matches func(*person) bool, bad *reply) {
	matches = func(*person) bool { return true }
	if filter := c.query.Get("$filter"); filter != "" {
		any, ok := parseFilters(filter)
		if !ok {
			return nil, c.unsupported("Unsupported or invalid query filter clause specified.")
		}
		matches = func(p *person) bool {
			return slices.ContainsFunc(any, func(f filterFor) bool { return f.finds(p) })
		}
	}
	if !c.query.Has("$search") {
		return matches, nil
	}
	s, ok := parseSearch(c.query.Get("$search"))
	if !ok {
		bad := refuse(http.StatusBadRequest, "Request_BadRequest", "Syntax error: Invalid value for $search.")
		return nil, &bad
	}
	filtered := matches
	return func(p *person) bool { return s.finds(p) && filtered(p) }, nil
}

func searchedProperties() []string {
	return []string{"displayname", "mail", "userprincipalname", "department", "jobtitle", "givenname", "surname", "employeeid"}
}

// property returns the text of a property by its name in lower case.
func (p *person) property(name string) string {
	switch name {
	case "displayname":
		return p.DisplayName
	case "mail":
		return p.Mail
	case "userprincipalname":
		return p.UPN
	case "department":
		return p.Department
	case "jobtitle":
		return p.JobTitle
	case "employeeid":
		return p.EmployeeID
	}
	given, family, _ := strings.Cut(p.DisplayName, " ")
	if name == "givenname" {
		return given
	}
	return family
}

// parseFilter reads startswith(property,'value') and property eq 'value'; the
// property comes in lower case.
func parseFilter(filter string) (property, value string, exact, ok bool) {
	m := regexp.MustCompile(`(?i)^\s*(?:startswith\(\s*(\w+)\s*,\s*'((?:[^']|'')*)'\s*\)|(\w+)\s+eq\s+'((?:[^']|'')*)')\s*$`).FindStringSubmatch(filter)
	if m == nil {
		return "", "", false, false
	}
	return strings.ToLower(m[1] + m[3]), strings.ReplaceAll(m[2]+m[4], "''", "'"), m[3] != "", true
}

// maxFilters is how many parts joined by OR a $filter may have.
const maxFilters = 15

// filterFor is one part of a $filter: a property and what it is or begins with.
type filterFor struct {
	property, value string
	exact           bool
}

// finds reports whether f is true of p, without regard to case.
func (f filterFor) finds(p *person) bool {
	have, want := strings.ToLower(p.property(f.property)), strings.ToLower(f.value)
	return have == want || !f.exact && strings.HasPrefix(have, want)
}

// parseFilters reads what parseFilter does, as many as are joined by or.
func parseFilters(filter string) ([]filterFor, bool) {
	var all []filterFor
	part := regexp.MustCompile(`(?i)^\s*((?:startswith\([^']*'(?:[^']|'')*'\s*\)|\w+\s+eq\s+'(?:[^']|'')*'))\s*(or\s|$)`)
	for filter != "" {
		m := part.FindStringSubmatch(filter)
		if m == nil || len(all) == maxFilters {
			return nil, false
		}
		property, value, exact, ok := parseFilter(m[1])
		if !ok || !slices.Contains(searchedProperties(), property) {
			return nil, false
		}
		all = append(all, filterFor{property, value, exact})
		if filter = filter[len(m[0]):]; filter == "" && m[2] != "" {
			return nil, false // an or with nothing behind it
		}
	}
	return all, true
}

// parseSearch reads "property:text", as many as are joined by OR, or by AND.
//
// Source: https://learn.microsoft.com/graph/search-query-parameter
func parseSearch(s string) (searchFor, bool) {
	var out searchFor
	quoted := regexp.MustCompile(`^\s*"((?:[^"\\]|\\.)*)"\s*`)
	joined := ""
	for {
		m := quoted.FindStringSubmatch(s)
		if m == nil || len(out.clauses) == maxClauses {
			return searchFor{}, false
		}
		property, text, ok := strings.Cut(regexp.MustCompile(`\\(.)`).ReplaceAllString(m[1], "$1"), ":")
		property = strings.ToLower(strings.TrimSpace(property))
		if !ok || !slices.Contains(searchedProperties(), property) {
			return searchFor{}, false
		}
		text = bareLetters(strings.TrimSpace(text))
		out.clauses = append(out.clauses, clause{property, text, wordsIn(text)})
		if s = s[len(m[0]):]; s == "" {
			out.all = joined == "AND"
			return out, true
		}
		word, rest, _ := strings.Cut(s, " ")
		if word != "OR" && word != "AND" || joined != "" && joined != word {
			return searchFor{}, false
		}
		joined, s = word, rest
	}
}

// finds reports whether s is in p.
func (s searchFor) finds(p *person) bool {
	is := func(c clause) bool { return c.finds(p) }
	if s.all {
		return !slices.ContainsFunc(s.clauses, func(c clause) bool { return !is(c) })
	}
	return slices.ContainsFunc(s.clauses, is)
}

// finds reports whether words of the name begin with the words of c, or the
// property with the text, neither with regard to case or accents. An umlaut is
// found by the letter below it and as German writes it out.
func (c clause) finds(p *person) bool {
	have := p.property(c.property)
	if c.property != "displayname" {
		return strings.HasPrefix(bareLetters(have), c.text)
	}
	plain, spelled := bareLetters(have), ""
	if !isASCII(have) {
		spelled = bareLetters(german.Replace(have))
	}
	for _, word := range c.words {
		if !beginsAWord(plain, word) && !beginsAWord(spelled, word) {
			return false
		}
	}
	return true
}

// beginsAWord reports whether a word of s begins with prefix, which is part of
// a word itself.
func beginsAWord(s, prefix string) bool {
	for i := 0; ; i++ {
		next := strings.Index(s[i:], prefix)
		if next < 0 {
			return false
		}
		i += next
		if before, _ := utf8.DecodeLastRuneInString(s[:i]); i == 0 || !isWordRune(before) {
			return true
		}
	}
}

func isWordRune(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// wordsIn parts s where neither a letter nor a digit is.
func wordsIn(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return !isWordRune(r) })
}

// contactFilter returns what a contact must be like to be in a list, by $filter.
func contactFilter(filter string) (matches func(*contact) bool, ok bool) {
	if filter == "" {
		return func(*contact) bool { return true }, true
	}
	if m := regexp.MustCompile(`(?i)^emailAddresses/any\((\w+):(\w+)/address eq '((?:[^']|'')*)'\)$`).FindStringSubmatch(filter); m != nil && m[1] == m[2] {
		return func(c *contact) bool { return strings.EqualFold(c.Mail, strings.ReplaceAll(m[3], "''", "'")) }, true
	}
	property, value, exact, ok := parseFilter(filter)
	if !ok || property != "displayname" {
		return nil, false
	}
	return func(c *contact) bool {
		have, want := strings.ToLower(c.DisplayName), strings.ToLower(value)
		return have == want || !exact && strings.HasPrefix(have, want)
	}, true
}

// isImmutable reports whether c asks for ids that stay when an item is moved.
//
// Source: https://learn.microsoft.com/graph/outlook-immutable-id
func (c call) isImmutable() bool {
	return slices.ContainsFunc(c.header.Values("Prefer"), func(v string) bool {
		return regexp.MustCompile(`(?i)\bIdType\s*=\s*"ImmutableId"`).MatchString(v)
	})
}
