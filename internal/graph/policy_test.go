package graph

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"portrait/internal/directory"
	"portrait/internal/fault"
)

func TestPolicy(t *testing.T) {
	for _, tt := range []struct {
		name, body string
		want       Policy
	}{
		{"administrators alone set photos", `{"source":"cloud","allowedRoles":["62E90394-69F5-4237-9190-012177145E10","fe930be7-5e62-47db-91af-98c3a49a38b1"]}`,
			Policy{"cloud", []directory.ID{"62e90394-69f5-4237-9190-012177145e10", "fe930be7-5e62-47db-91af-98c3a49a38b1"}}},
		{"photos come from the organisation's own servers", `{"source":"onPremises","allowedRoles":[]}`, Policy{Source: "onPremises"}},
		{"nobody has set anything", `{"source":"","allowedRoles":[]}`, Policy{}},
		{"a source of tomorrow", `{"source":"unknownFutureValue"}`, Policy{Source: "unknownFutureValue"}},
	} {
		f := newFake(t, saying(t, tt.body))
		got, err := newClient(t, f.URL).Policy(t.Context(), canary)
		if diff := cmp.Diff(tt.want, got); diff != "" || err != nil {
			t.Errorf("%s: %s %v", tt.name, diff, err)
		}
		if asked := f.only(t); asked.path != "/beta/admin/people/photoUpdateSettings" || len(asked.query) > 0 {
			t.Errorf("%s: asked %s %v", tt.name, asked.path, asked.query)
		}
	}
}

// TestPolicyInOtherShapes tells what forbids nothing from what can't be read.
func TestPolicyInOtherShapes(t *testing.T) {
	for _, tt := range []struct {
		body     string
		readable bool
	}{
		{`{"source":null,"allowedRoles":null}`, true},
		{`{"source":"","allowedRoles":{}}`, true}, // so says a page of the documentation
		{`{}`, true},
		{`{"allowedRoles":"Global Administrator"}`, false},
		{`{"allowedRoles":{"role":"x"}}`, false},
		{`{"source":7}`, false},
		{``, false},
		{`<html>`, false},
	} {
		got, err := newClient(t, newFake(t, answering(200, tt.body)).URL).Policy(t.Context(), canary)
		if diff := cmp.Diff(Policy{}, got); diff != "" {
			t.Errorf("%s: %s", tt.body, diff)
		}
		if !tt.readable {
			check(t, err, fault.Unavailable, "graph.broken-answer", fault.NextRetry)
		} else if err != nil {
			t.Errorf("%s: %v", tt.body, err)
		}
	}
}
