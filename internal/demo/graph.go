package demo

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/google/uuid"

	"portrait/internal/directory"
)

// maxDiscarded is how much of a body that is too large is taken and thrown
// away, in bytes.
const maxDiscarded = 64 << 20

// call is one request to Graph on its way to an answer.
type call struct {
	method  string
	version string   // "/v1.0" or "/beta"
	path    []string // escaped segments after the version
	query   url.Values
	header  http.Header
	body    []byte // at most maxPhotoBytes + 1 long
	token   *accessToken
	sky     Weather
}

// reply is an answer of Graph, whole before any of it is sent.
type reply struct {
	status int // 0 = drop the connection
	header http.Header
	kind   string // media type of body
	body   []byte
	err    *graphError // answered as Graph's JSON instead of body
}

// graphError is what stands in Graph's error body.
type graphError struct {
	Code    string         `json:"code"`
	Message string         `json:"message"`
	Inner   map[string]any `json:"innerError"`
}

// refuse answers status with an error body.
func refuse(status int, code, message string) reply {
	return reply{status: status, err: &graphError{Code: code, Message: message}}
}

func denied() reply {
	return refuse(http.StatusForbidden, "ErrorAccessDenied", "Access is denied. Check credentials and try again.")
}

func methodNotAllowed() reply {
	return refuse(http.StatusMethodNotAllowed, "Request_BadRequest", "Specified HTTP method is not allowed for the request target.")
}

// ok answers 200 with v as JSON.
func ok(v map[string]any) reply {
	body, _ := json.Marshal(v) // of strings and numbers alone: can't fail
	return reply{status: http.StatusOK, kind: "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8", body: body}
}

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
	if c.token != nil {
		q.TokenKind = c.token.kind
	}
	if !wait(r, c.sky.Slow) || c.sky.Down {
		t.record.add(q)
		drop()
	}
	a := t.answer(c)
	q.Status = a.status
	t.record.add(q)
	send(w, r, a)
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

// answer asks in Graph's order: is there a token, does the path exist, may it.
func (t *Tenant) answer(c call) reply {
	subject, tail := splitPhoto(c.path)
	if len(tail) > 0 {
		if a, ok := t.nextAnswer(c.method); ok {
			return injected(a)
		}
	}
	if c.token == nil {
		a := refuse(http.StatusUnauthorized, "InvalidAuthenticationToken", "Access token is empty, has expired or is not valid for this resource.")
		a.header = http.Header{"Www-Authenticate": {`Bearer realm="", authorization_uri="` + t.base + `/common/oauth2/authorize", client_id="00000003-0000-0000-c000-000000000000"`}}
		return a
	}
	s, err := directory.ParseSubject(subject)
	if err != nil {
		return refuse(http.StatusNotFound, "BadRequest", "Resource not found for the segment '"+c.path[0]+"'.")
	}
	switch s.Form() {
	case directory.FormMe:
		return t.user(c, c.token.person, tail)
	case directory.FormUser:
		// User.ReadWrite reaches no further than the person who signed in.
		if p := t.byID(s.User()); p != nil && p == c.token.person {
			return t.user(c, p, tail)
		}
		if len(tail) > 0 {
			return denied()
		}
		return refuse(http.StatusForbidden, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")
	}
	// Groups, teams and contacts have no data here yet.
	return refuse(http.StatusNotFound, "Request_ResourceNotFound", "Resource '"+s.Path()+"' does not exist or one of its queried reference-property objects are not present.")
}

// splitPhoto parts a path before its photo or photos segment: the address of
// whose photo it is, and the rest.
func splitPhoto(segments []string) (subject string, tail []string) {
	for i, s := range segments {
		if strings.EqualFold(s, "photo") || strings.EqualFold(s, "photos") {
			return "/" + strings.Join(segments[:i], "/"), segments[i:]
		}
	}
	return "/" + strings.Join(segments, "/"), nil
}

// injected is the reply that the weather's answer asks for.
func injected(a Answer) reply {
	if a.Body != "" {
		return reply{status: a.Status, header: a.Header, kind: a.Header.Get("Content-Type"), body: []byte(a.Body)}
	}
	out := refuse(a.Status, a.Code, a.Message)
	out.header = a.Header
	if a.Status < 300 {
		out.err = nil
	}
	return out
}

// send writes a with the headers that every answer of Graph has.
func send(w http.ResponseWriter, r *http.Request, a reply) {
	if a.status == 0 {
		drop()
	}
	requestID := uuid.NewString()
	clientRequestID := r.Header.Get("client-request-id")
	if uuid.Validate(clientRequestID) != nil {
		clientRequestID = uuid.NewString()
	}
	h := w.Header()
	h.Set("request-id", requestID)
	h.Set("client-request-id", clientRequestID)
	h.Set("Strict-Transport-Security", "max-age=31536000")
	h.Set("x-ms-ags-diagnostic", `{"ServerInfo":{"DataCenter":"Demo","Slice":"E","Ring":"1","ScaleUnit":"001","RoleInstance":"DEMO0001"}}`)
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	if a.kind != "" && !strings.HasPrefix(a.kind, "application/json") {
		h.Set("Cache-Control", "private")
	}
	if a.err != nil {
		a.err.Inner = map[string]any{
			"date": time.Now().UTC().Format("2006-01-02T15:04:05"), "request-id": requestID, "client-request-id": clientRequestID,
		}
		a.kind = "application/json"
		a.body, _ = json.Marshal(map[string]any{"error": a.err}) // strings alone: can't fail
	}
	if a.kind != "" {
		h.Set("Content-Type", a.kind)
	}
	for name, values := range a.header {
		h[http.CanonicalHeaderKey(name)] = values
	}
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body) // whoever asked may be gone, and nobody else would want to know
}
