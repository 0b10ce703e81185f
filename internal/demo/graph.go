package demo

import (
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"portrait/internal/directory"
)

// maxDiscarded is how much of a body that is too large is taken and thrown
// away, in bytes.
const maxDiscarded = 64 << 20

// serveGraph answers a request to Graph. rest is the escaped path after the
// version.
func (t *Tenant) serveGraph(w http.ResponseWriter, r *http.Request, version, rest string) {
	c := call{method: r.Method, version: version, query: r.URL.Query(), header: r.Header, sky: t.sky()}
	c.path = strings.Split(strings.TrimPrefix(rest, "/"), "/")
	c.token = t.bearer(r)
	var err error
	if c.body, err = io.ReadAll(io.LimitReader(r.Body, maxPhotoBytes+1)); err != nil {
		drop() // whoever was sending is gone
	}
	// Some clients only read an answer once all is sent.
	_, _ = io.CopyN(io.Discard, r.Body, maxDiscarded) // what is left after that ends the connection
	q := Request{Method: r.Method, Path: r.URL.EscapedPath(), Query: r.URL.RawQuery, Header: r.Header.Clone(), Body: c.body}
	q.Header.Del("Authorization")
	q.TokenKind, q.Who = c.token.describe()
	a := refuse(http.StatusTooManyRequests, "ApplicationThrottled", "Application is over its MailboxConcurrency limit.")
	if leave, ok := t.enter(c); ok {
		defer leave()
		if !wait(r, c.sky.Slow) || c.sky.Down {
			t.record.add(q)
			drop()
		}
		a = t.answer(c)
	}
	q.Status, q.Injected = a.status, a.injected
	t.record.add(q)
	send(w, r, a)
}

// enter takes a place for c at the mailbox that it asks for and among the app's
// requests for photos, where the weather says how many there are.
func (t *Tenant) enter(c call) (leave func(), ok bool) {
	type counter struct {
		place directory.ID
		most  int
	}
	var counters []counter
	if p := t.mailboxOf(c); p != nil && c.sky.PerMailbox > 0 {
		counters = append(counters, counter{p.ID, c.sky.PerMailbox})
	}
	if c.token != nil && c.sky.PerApp > 0 && (c.isOfPhoto() || c.path[0] == "$batch") {
		counters = append(counters, counter{"", c.sky.PerApp})
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, n := range counters {
		if t.inside[n.place] >= n.most {
			return nil, false
		}
	}
	for _, n := range counters {
		t.inside[n.place]++
	}
	return func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		for _, n := range counters {
			t.inside[n.place]--
		}
	}, true
}

// mailboxOf returns whose mailbox c asks for, nil if it is nobody's.
func (t *Tenant) mailboxOf(c call) *person {
	switch first := strings.ToLower(c.path[0]); {
	case c.token == nil:
	case first == "me" && c.token.kind == delegatedToken:
		return c.token.person
	case first == "users" && len(c.path) > 2:
		return t.byID(c.id(1))
	}
	return nil
}

// wait waits for d and reports whether whoever asked is still there.
func wait(r *http.Request, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-r.Context().Done():
		return false
	}
}

// send writes a with the headers that every answer of Graph has.
func send(w http.ResponseWriter, r *http.Request, a reply) {
	if a.status == 0 {
		drop()
	}
	h := w.Header()
	a.complete(r.Header.Get("client-request-id"), h)
	h.Set("Strict-Transport-Security", "max-age=31536000")
	h.Set("x-ms-ags-diagnostic", `{"ServerInfo":{"DataCenter":"Demo","Slice":"E","Ring":"1","ScaleUnit":"001","RoleInstance":"DEMO0001"}}`)
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	if a.kind != "" && !strings.HasPrefix(a.kind, "application/json") {
		h.Set("Cache-Control", "private")
	}
	if a.kind != "" {
		h.Set("Content-Type", a.kind)
	}
	for name, values := range a.header {
		h[http.CanonicalHeaderKey(name)] = values
	}
	if a.cutShort {
		h.Set("Content-Length", strconv.Itoa(len(a.body)))
	}
	w.WriteHeader(a.status)
	a.write(w, r)
}

// write sends the body of a. Whoever asked may be gone, and nobody else would
// want to know.
func (a reply) write(w http.ResponseWriter, r *http.Request) {
	body := a.body
	if a.cutShort {
		body = body[:len(body)/2]
	}
	const pieces = 10 // a second
	for a.perSecond > 0 && len(body) > a.perSecond/pieces {
		_, _ = w.Write(body[:a.perSecond/pieces])
		body = body[a.perSecond/pieces:]
		_ = http.NewResponseController(w).Flush()
		if !wait(r, time.Second/pieces) {
			return
		}
	}
	_, _ = w.Write(body)
	if a.cutShort {
		_ = http.NewResponseController(w).Flush()
		drop()
	}
}

// complete writes the error of a, if it is one, as JSON, and the ids of the
// request into h.
func (a *reply) complete(clientRequestID string, h http.Header) {
	requestID := uuid.NewString()
	if uuid.Validate(clientRequestID) != nil {
		clientRequestID = uuid.NewString()
	}
	h.Set("request-id", requestID)
	h.Set("client-request-id", clientRequestID)
	if a.err == nil {
		return
	}
	a.err.Inner = map[string]any{
		"date": time.Now().UTC().Format("2006-01-02T15:04:05"), "request-id": requestID, "client-request-id": clientRequestID,
	}
	a.kind = "application/json"
	a.body, _ = json.Marshal(map[string]any{"error": a.err}) // strings alone: can't fail
}
