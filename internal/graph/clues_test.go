package graph

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"portrait/internal/directory"
	"portrait/internal/fault"
)

func cluesOf(by directory.ClueKind, texts ...string) []directory.Clue {
	var all []directory.Clue
	for _, text := range texts {
		all = append(all, directory.Clue{By: by, Text: text})
	}
	return all
}

// asking is the query of a request in a $batch.
func asking(t *testing.T, address string) url.Values {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil || u.Path != "/users" {
		t.Fatalf("asked %q, %v", address, err)
	}
	return u.Query()
}

func people(id, rows, more string) string {
	return fmt.Sprintf(`{"id":%q,"status":200,"headers":{"Content-Type":"application/json"},"body":{"value":[%s]%s}}`, id, rows, more)
}

func TestPeopleByAsksAboutSeveralAtOnce(t *testing.T) {
	var filters, searches []string
	f := newFake(t, held(t, bundling(t, func(id, address string) string {
		q := asking(t, address)
		if q.Get("$select") != personFields || q.Get("$top") != clueRows {
			t.Errorf("asked %v", q)
		}
		if s := q.Get("$search"); s != "" {
			searches = append(searches, s)
		} else {
			filters = append(filters, q.Get("$filter"))
		}
		return people(id, ann, "")
	})))
	clues := slices.Concat(
		cluesOf(directory.ByAddress, "ann@contoso.com", "o'neil@contoso.com"),
		cluesOf(directory.ByLocalPart, "ann+x"),
		cluesOf(directory.ByEmployeeID, "0042", " \x00"),
		cluesOf(directory.ByName, `jörg "müller"`),
	)
	got, err := newClient(t, f.URL).PeopleBy(t.Context(), canary, clues)
	if err != nil {
		t.Fatal(err)
	}
	wantFilters := []string{"userPrincipalName eq 'ann@contoso.com' or mail eq 'ann@contoso.com' or " +
		"userPrincipalName eq 'o''neil@contoso.com' or mail eq 'o''neil@contoso.com' or " +
		"startswith(userPrincipalName,'ann+x@') or startswith(mail,'ann+x@') or employeeId eq '0042'"}
	if diff := cmp.Diff(wantFilters, filters); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{`"displayName:jörg \"müller\""`}, searches); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(FoundPeople{People: []directory.Person{wantAnn, wantAnn}}, got); diff != "" {
		t.Error(diff)
	}
	var sent parts
	if err := json.Unmarshal(f.only(t).body, &sent); err != nil {
		t.Fatal(err)
	}
	for _, q := range sent.Requests {
		eventual := map[bool]string{true: "eventual"}[strings.Contains(q.URL, "$search")]
		if q.Method != "GET" || q.Headers["ConsistencyLevel"] != eventual {
			t.Errorf("%s %s, ConsistencyLevel %q", q.Method, q.URL, q.Headers["ConsistencyLevel"])
		}
	}
}

func TestPeopleByLeavesWhatDoesntFit(t *testing.T) {
	many := func(by directory.ClueKind, n int, format string) []directory.Clue {
		var texts []string
		for i := range n {
			texts = append(texts, fmt.Sprintf(format, i))
		}
		return cluesOf(by, texts...)
	}
	for _, tt := range []struct {
		sentence        string
		clues           []directory.Clue
		questions, left int
	}{
		{"none", nil, 0, 0},
		{"nothing but empty ones", cluesOf(directory.ByName, "", "  "), 0, 0},
		{"fifteen numbers in one question", many(directory.ByEmployeeID, 15, "%d"), 1, 0},
		{"sixteen numbers in two", many(directory.ByEmployeeID, 16, "%d"), 2, 0},
		{"seven addresses in one, for there are two clauses each", many(directory.ByAddress, 7, "p%d@contoso.com"), 1, 0},
		{"as many addresses as fit", many(directory.ByAddress, 140, "p%d@contoso.com"), 20, 0},
		{"more addresses than fit", many(directory.ByAddress, 150, "p%d@contoso.com"), 20, 10},
		{"twenty names", many(directory.ByName, 20, "ann %d"), 20, 0},
		{"more names than fit", many(directory.ByName, 25, "ann %d"), 20, 5},
		{"addresses, then names", slices.Concat(many(directory.ByAddress, 3, "p%d@x.example"), many(directory.ByName, 20, "ann %d")), 20, 1},
		{"long addresses", many(directory.ByAddress, 40, strings.Repeat("ä", 80)+"%d@x.example"), 20, 20},
	} {
		t.Run(tt.sentence, func(t *testing.T) {
			asked := 0
			f := newFake(t, held(t, bundling(t, func(id, address string) string {
				if len(address) > 2048 {
					t.Errorf("an address of %d bytes", len(address))
				}
				asked++
				return people(id, "", "")
			})))
			got, err := newClient(t, f.URL).PeopleBy(t.Context(), canary, tt.clues)
			if err != nil {
				t.Fatal(err)
			}
			if asked != tt.questions || len(got.Left) != tt.left {
				t.Errorf("%d questions and %d clues left, want %d and %d", asked, len(got.Left), tt.questions, tt.left)
			}
			if n := len(tt.clues) - len(got.Left); tt.left > 0 && !slices.Equal(got.Left, tt.clues[n:]) {
				t.Errorf("left %v, want the last ones", got.Left)
			}
		})
	}
}

func TestPeopleByInTrouble(t *testing.T) {
	busy := func(id string) string {
		return refused(id, 429, body("TooManyRequests", ""), `,"Retry-After":"7"`)
	}
	first, second := cluesOf(directory.ByName, "ann"), cluesOf(directory.ByName, "bob")
	for _, tt := range []struct {
		sentence string
		part     func(id string) string
		want     FoundPeople
		say      string
	}{
		{"one is too much for Graph, and can be asked again", func(id string) string {
			if id == "2" {
				return busy(id)
			}
			return people(id, ann, "")
		}, FoundPeople{People: []directory.Person{wantAnn}, Left: second, RetryAfter: 7 * time.Second}, ""},
		{"a name that more people have than are told", func(id string) string {
			return people(id, ann, map[string]string{"1": `,"@odata.nextLink":"https://x.example"`}[id])
		}, FoundPeople{People: []directory.Person{wantAnn, wantAnn}, Unsure: first}, ""},
		{"a name that Graph can't search for", func(id string) string {
			if id == "1" {
				return refused(id, 400, body("Request_BadRequest", ""), "")
			}
			return people(id, ann, "")
		}, FoundPeople{People: []directory.Person{wantAnn}, Unsure: first}, ""},
		{"all of them are too much", busy, FoundPeople{Left: slices.Concat(first, second), RetryAfter: 7 * time.Second}, "graph.busy"},
		{"the permission is missing", func(id string) string {
			return refused(id, 403, body("Authorization_RequestDenied", ""), "")
		}, FoundPeople{Left: slices.Concat(first, second)}, "graph.permission-named"},
		{"an answer is missing", func(id string) string { return "" }, FoundPeople{Left: slices.Concat(first, second)}, "graph.broken-answer"},
		{"no list", func(id string) string { return refused(id, 200, `{"value":null}`, "") }, FoundPeople{Left: slices.Concat(first, second)}, "graph.broken-answer"},
	} {
		t.Run(tt.sentence, func(t *testing.T) {
			f := newFake(t, bundling(t, func(id, _ string) string { return tt.part(id) }))
			got, err := newClient(t, f.URL).PeopleBy(t.Context(), canary, slices.Concat(first, second))
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
			say := ""
			if err != nil {
				say = fault.As(err).Say.ID
			}
			if say != tt.say {
				t.Errorf("says %q, want %q (%v)", say, tt.say, err)
			}
		})
	}
}
