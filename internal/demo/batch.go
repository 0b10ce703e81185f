package demo

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// maxBatch is how many requests a $batch may hold.
//
// Source: https://learn.microsoft.com/graph/json-batching
const maxBatch = 20

// batchRequest is a request inside a $batch.
type batchRequest struct {
	ID        string            `json:"id"`
	Method    string            `json:"method"`
	URL       string            `json:"url"`
	Headers   map[string]string `json:"headers"`
	Body      json.RawMessage   `json:"body"`
	DependsOn []string          `json:"dependsOn"`
}

// batchResponse is the answer to one.
type batchResponse struct {
	ID      string            `json:"id"`
	Status  int               `json:"status"`
	Headers map[string]string `json:"headers,omitempty"`
	Body    any               `json:"body,omitempty"`
}

// batch answers several requests at once, each by itself. The answers come in
// another order than the requests.
func (t *Tenant) batch(c call) reply {
	if c.method != http.MethodPost {
		return methodNotAllowed()
	}
	var asked struct {
		Requests []batchRequest `json:"requests"`
	}
	if json.Unmarshal(c.body, &asked) != nil || len(asked.Requests) == 0 {
		return badRequest("Invalid batch payload format.")
	}
	if len(asked.Requests) > maxBatch {
		return badRequest("Number of batch request steps exceeds the maximum value of 20.")
	}
	seen := map[string]bool{}
	for _, q := range asked.Requests {
		id := strings.ToLower(q.ID)
		if id == "" || seen[id] {
			return badRequest("Request Id is missing or used more than once.")
		}
		if q.Method == "" || q.URL == "" || len(q.Body) > 0 && headerOf(q.Headers).Get("Content-Type") == "" {
			return badRequest("A request in the batch has no method, no url, or a body without a Content-Type.")
		}
		seen[id] = true
	}
	failed := map[string]bool{}
	responses := []batchResponse{}
	for _, q := range asked.Requests {
		r := t.batched(c, q, failed)
		failed[strings.ToLower(q.ID)] = r.Status >= 400
		responses = append(responses, r)
	}
	slices.Reverse(responses)
	return ok(map[string]any{"responses": responses})
}

// batched answers q, unless something that it depends on has failed.
func (t *Tenant) batched(outer call, q batchRequest, failed map[string]bool) batchResponse {
	c := call{method: strings.ToUpper(q.Method), version: outer.version, header: headerOf(q.Headers), token: outer.token, sky: outer.sky}
	var a reply
	u, err := url.Parse(q.URL)
	switch {
	case slices.ContainsFunc(q.DependsOn, func(id string) bool { return failed[strings.ToLower(id)] }):
		a = refuse(http.StatusFailedDependency, "FailedDependency", "A request that this one depends on has failed.")
	case err != nil || u.Host != "" || u.Scheme != "" || strings.Contains(q.URL, "$batch"):
		a = badRequest("The url of a request in a batch must be relative.")
	default:
		c.path, c.query = strings.Split(strings.TrimPrefix(u.EscapedPath(), "/"), "/"), u.Query()
		if c.body, err = batchBody(q.Body); err != nil {
			a = badRequest("The body of a request in a batch is neither JSON nor base64.")
			break
		}
		a = t.answer(c)
	}
	if a.status == 0 { // what would drop a connection fails by itself
		a = refuse(http.StatusServiceUnavailable, "UnknownError", "")
	}
	kind, who := c.token.describe()
	t.record.add(Request{
		Method: c.method, Path: c.version + "/" + strings.Join(c.path, "/"), Query: c.query.Encode(), Header: c.header,
		TokenKind: kind, Who: who, Body: c.body, Status: a.status, InBatch: true, Injected: a.injected,
	})
	return a.batched(q.ID, c.header.Get("client-request-id"))
}

func headerOf(all map[string]string) http.Header {
	h := http.Header{}
	for name, v := range all {
		h.Set(name, v)
	}
	return h
}

// batchBody returns the bytes that a body stands for: those of a text are
// base64 in either alphabet.
func batchBody(raw json.RawMessage) ([]byte, error) {
	var text string
	if len(raw) == 0 || json.Unmarshal(raw, &text) != nil {
		return raw, nil
	}
	text = strings.NewReplacer("-", "+", "_", "/").Replace(strings.TrimRight(text, "="))
	return base64.RawStdEncoding.DecodeString(text)
}

// batched is a as it stands in the answer to a $batch: bytes as base64.
func (a reply) batched(id, clientRequestID string) batchResponse {
	h := http.Header{}
	a.complete(clientRequestID, h)
	if a.kind != "" {
		h.Set("Content-Type", a.kind)
	}
	out := batchResponse{ID: id, Status: a.status, Headers: map[string]string{}}
	for name := range h {
		out.Headers[name] = h.Get(name)
	}
	for name := range a.header {
		out.Headers[http.CanonicalHeaderKey(name)] = a.header.Get(name)
	}
	switch {
	case len(a.body) == 0:
	case strings.HasPrefix(a.kind, "application/json"):
		out.Body = json.RawMessage(a.body)
	default:
		out.Body = base64.StdEncoding.EncodeToString(a.body)
	}
	return out
}
