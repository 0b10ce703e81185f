package demo_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"portrait/internal/demo"
)

// item is a request in a $batch.
type item struct {
	ID        string            `json:"id,omitempty"`
	Method    string            `json:"method"`
	URL       string            `json:"url"`
	Headers   map[string]string `json:"headers,omitempty"`
	Body      any               `json:"body,omitempty"`
	DependsOn []string          `json:"dependsOn,omitempty"`
}

// batched is the answer to one.
type batched struct {
	ID      string            `json:"id"`
	Status  int               `json:"status"`
	Headers map[string]string `json:"headers"`
	Body    any               `json:"body"`
}

// batch asks for items and returns the answers by id.
func (l land) batch(who string, items ...item) (status string, answers map[string]batched, order []string) {
	l.t.Helper()
	body, err := json.Marshal(map[string]any{"requests": items})
	if err != nil {
		l.t.Fatal(err)
	}
	res, raw := ask(l.t, l.Tenant, l.tokens[who], "POST", "/v1.0/$batch", body, "Content-Type", "application/json")
	answers = map[string]batched{}
	if res.StatusCode == 200 {
		for _, a := range read[struct{ Responses []batched }](l.t, raw).Responses {
			answers[a.ID] = a
			order = append(order, a.ID)
		}
	}
	return strings.TrimSpace(fmt.Sprintf("%d %s", res.StatusCode, errorCode(raw))), answers, order
}

func TestBatchAnswersEachByItself(t *testing.T) {
	l := newLand(t)
	jpeg := base64.RawURLEncoding.EncodeToString(jpegOf(t, 120, 120))
	typed := map[string]string{"Content-Type": imageJPEG}
	items := []item{
		{ID: "a", Method: "GET", URL: mueller + "/photos/48x48/$value"},
		{ID: "b", Method: "GET", URL: "users/tomas.herrera@skylark.example/photos/48x48/$value"},
		{ID: "c", Method: "GET", URL: "/me?$select=displayName"},
		{ID: "d", Method: "PUT", URL: "/me/photo/$value", Headers: typed, Body: jpeg},
		{ID: "e", Method: "PUT", URL: mueller + "/photo/$value", Headers: typed, Body: jpeg},
		{ID: "f", Method: "GET", URL: "/me", DependsOn: []string{"e"}},
		{ID: "g", Method: "GET", URL: "https://graph.microsoft.com/v1.0/me"},
		{ID: "h", Method: "POST", URL: "/$batch"},
	}
	status, got, order := l.batch("employee", items...)
	if status != "200" || len(got) != len(items) {
		t.Fatalf("the batch = %s with %d answers", status, len(got))
	}
	if order[0] == "a" {
		t.Error("the answers come in the order of the requests, which Graph doesn't promise")
	}
	for id, want := range map[string]int{"a": 200, "b": 404, "c": 200, "d": 200, "e": 403, "f": 424, "g": 400, "h": 400} {
		if got[id].Status != want {
			t.Errorf("%s = %d %v, want %d", id, got[id].Status, got[id].Body, want)
		}
	}
	text, _ := got["a"].Body.(string)
	if raw, err := base64.StdEncoding.DecodeString(text); err != nil || dimensions(raw) != "48x48 jpeg" || got["a"].Headers["Content-Type"] != imageJPEG {
		t.Errorf("a photo comes as %.40v of %s (%v), want base64 of a JPEG", got["a"].Body, got["a"].Headers, err)
	}
	if person, _ := got["c"].Body.(map[string]any); person["displayName"] != "Maya Lindqvist" {
		t.Errorf("JSON comes as %v", got["c"].Body)
	}
	if e, _ := got["b"].Body.(map[string]any); e["error"].(map[string]any)["code"] != "ImageNotFound" {
		t.Errorf("an error comes as %v", got["b"].Body)
	}
	if dimensions(l.Photo(persona(t, l.Tenant, "employee").ID)) != "120x120 jpeg" {
		t.Error("the photo that was sent in the batch isn't there")
	}
}

func TestBatchesThatGraphRefuses(t *testing.T) {
	l := newLand(t)
	many := func(n int) []item {
		var all []item
		for i := range n {
			all = append(all, item{ID: fmt.Sprint(i), Method: "GET", URL: "/me"})
		}
		return all
	}
	for _, tt := range []struct {
		why   string
		items []item
		want  string
	}{
		{"twenty", many(20), "200"},
		{"twenty-one", many(21), "400 BadRequest"},
		{"none", nil, "400 BadRequest"},
		{"two with one id, in other case", []item{{ID: "a", Method: "GET", URL: "/me"}, {ID: "A", Method: "GET", URL: "/me"}}, "400 BadRequest"},
		{"one without an id", []item{{Method: "GET", URL: "/me"}}, "400 BadRequest"},
		{"a body without a type", []item{{ID: "a", Method: "PUT", URL: "/me/photo/$value", Body: "abcd"}}, "400 BadRequest"},
	} {
		if got, _, _ := l.batch("employee", tt.items...); got != tt.want {
			t.Errorf("a batch of %s = %s, want %s", tt.why, got, tt.want)
		}
	}
}

func TestWeatherReachesIntoBatches(t *testing.T) {
	l := newLand(t)
	l.Set(demo.Weather{Graph: []demo.Answer{{Status: 429, Code: "TooManyRequests", Header: http.Header{"Retry-After": {"7"}}}}})
	photo := func(id string) item { return item{ID: id, Method: "GET", URL: "/me/photos/48x48/$value"} }
	_, got, _ := l.batch("employee", photo("a"), photo("b"))
	if got["a"].Status != 429 || got["a"].Headers["Retry-After"] != "7" || got["b"].Status != 200 {
		t.Errorf("the answers are %d with %v and %d, want one 429 with Retry-After and one 200", got["a"].Status, got["a"].Headers, got["b"].Status)
	}
	var inside, outside, injected int
	for _, q := range l.Requests() {
		switch {
		case q.InBatch && q.Path == "/v1.0/me/photos/48x48/$value" && q.TokenKind == "delegated" && q.Who == persona(t, l.Tenant, "employee").ID:
			inside++
		case q.Path == "/v1.0/$batch":
			outside++
		}
		if q.Injected {
			injected++
		}
	}
	if inside != 2 || outside != 1 || injected != 1 {
		t.Errorf("recorded %d requests inside, %d batches and %d answers of the weather, want 2, 1, 1", inside, outside, injected)
	}
}
