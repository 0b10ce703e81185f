package photo

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"portrait/internal/directory"
	"portrait/internal/fault"
)

// addresses are n clues.
func addresses(n int) []directory.Clue {
	var all []directory.Clue
	for i := range n {
		all = append(all, directory.Clue{By: directory.ByAddress, Text: fmt.Sprintf("p%d@contoso.com", i)})
	}
	return all
}

// answeringParts answers each request of a $batch with part.
func answeringParts(part func(i int) string) http.HandlerFunc {
	i := 0
	return func(w http.ResponseWriter, r *http.Request) {
		var asked struct{ Requests []struct{ ID string } }
		_ = json.NewDecoder(r.Body).Decode(&asked) // what is no $batch has no answers
		var parts []string
		for _, q := range asked.Requests {
			parts = append(parts, strings.Replace(part(i), "ID", q.ID, 1))
			i++
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"responses":[`+strings.Join(parts, ",")+`]}`)
	}
}

const (
	partOfBob  = `{"id":"ID","status":200,"body":{"value":[` + bob + `]}}`
	partOfBusy = `{"id":"ID","status":429,"headers":{"Retry-After":"7"},"body":{"error":{"code":"TooManyRequests"}}}`
)

func TestPeopleBy(t *testing.T) {
	for _, tt := range []struct {
		sentence string
		actor    directory.Actor
		clues    int
		part     func(i int) string
		found    int
		slept    time.Duration
		kind     fault.Kind
		say      string // "" = no fault
	}{
		{"nothing to look up", desk, 0, nil, 0, 0, 0, ""},
		{"one call", desk, 10, func(int) string { return partOfBob }, 2, 0, 0, ""},
		{"as many calls as it takes", desk, 300, func(int) string { return partOfBob }, 43, 0, 0, ""},
		{"some are too much for Graph", desk, 14, func(i int) string { return []string{partOfBob, partOfBusy, partOfBob}[i] }, 2, 7 * time.Second, 0, ""},
		{"all are, for a while", desk, 7, func(i int) string { return []string{partOfBusy, partOfBusy, partOfBob}[i] }, 1, 14 * time.Second, 0, ""},
		{"all are, for ever", desk, 7, func(int) string { return partOfBusy }, 0, 119 * time.Second, fault.Busy, "graph.busy"},
		{"somebody who isn't of the helpdesk", employee()(), 7, func(int) string { return partOfBob }, 0, 0, fault.Forbidden, "photo.helpdesk-only"},
	} {
		t.Run(tt.sentence, func(t *testing.T) {
			x := newSite(t, fine)
			x.facts["/$batch"] = answeringParts(tt.part)
			left := tt.clues
			people, unsure, err := x.PeopleBy(t.Context(), tt.actor, addresses(tt.clues), func(n int) {
				if n > left {
					t.Errorf("%d clues are left of %d", n, left)
				}
				left = n
			})
			if tt.say != "" {
				check(t, err, tt.kind, tt.say, fault.As(err).Next)
			} else if err != nil || left != 0 {
				t.Errorf("%v, %d left", err, left)
			}
			slept := time.Duration(0)
			for _, d := range x.slept {
				slept += d
			}
			if len(people) != tt.found || len(unsure) > 0 || slept != tt.slept {
				t.Errorf("found %d, unsure %v, slept %v; want %d and %v", len(people), unsure, slept, tt.found, tt.slept)
			}
		})
	}
}
