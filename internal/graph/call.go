package graph

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"portrait/internal/directory"
)

// The parts of Graph's address space that Portrait speaks: version for all
// but the tenant's policy, which is in no other part than beta. Photos in beta
// have vanished without notice.
//
// Source: https://github.com/microsoftgraph/microsoft-graph-docs/issues/9964
const (
	version = "/v1.0"
	beta    = "/beta"
)

// deed is what a call is for: the same status means different things when a
// photo is read and when it is written.
type deed int

const (
	readPhoto deed = iota + 1
	writePhoto
	removePhoto
	readMany // photos in one $batch
	readPerson
	searchPeople
	readGroup // or owners, or the groups that somebody owns
	readRoles
	readPolicy
	readContact
	listContacts // or folders of them
	searchContacts
)

// changes reports whether a call of this kind changes something, so that it
// matters whether it arrived.
func (d deed) changes() bool { return d == writePhoto || d == removePhoto }

// call is one request, without its token.
type call struct {
	op       string // for faults, "graph.PutPhoto"
	deed     deed
	subject  directory.Subject // what the path begins with; zero = nothing
	method   string
	beta     bool
	rest     string // behind the subject's path, escaped: "/photo/$value", "/contacts?$top=100"
	next     string // Graph's link to a later page of the same list, asked for as it is
	eventual bool   // an advanced query, which Graph answers from an index
	accept   string
	body     []byte
	kind     string // media type of body
	cap      int64  // the largest answer that is taken, in bytes
}

// reading returns the call that asks for JSON.
func reading(op string, d deed, s directory.Subject, rest string) call {
	return call{
		op: op, deed: d, subject: s, method: http.MethodGet, rest: rest, accept: "application/json", cap: maxJSONBytes,
	}
}

// path returns the path of q for Graph, escaped, with its query.
func (q call) path() string { return q.version() + q.below() }

func (q call) version() string {
	if q.beta {
		return beta
	}
	return version
}

// below is path behind the version, as a $batch asks for it.
func (q call) below() string { return q.subject.GraphPath() + q.rest }

// pathForLog is path without what may name a person: a userPrincipalName and
// the query. Object ids stay.
func (q call) pathForLog() string {
	rest, _, _ := strings.Cut(q.rest, "?")
	user := q.subject.User()
	if user == "" || directory.IsGUID(user) {
		return q.version() + q.subject.GraphPath() + rest
	}
	form := map[directory.Form]string{
		directory.FormUser:              "/users/{userPrincipalName}",
		directory.FormUserContact:       "/users/{userPrincipalName}/contacts/{contact}",
		directory.FormUserFolderContact: "/users/{userPrincipalName}/contactFolders/{folder}/contacts/{contact}",
	}[q.subject.Form()]
	return q.version() + form + rest
}

// timeout returns how long all of q may take.
func (q call) timeout() time.Duration {
	if q.deed == writePhoto {
		return writeTimeout
	}
	return readTimeout
}

// header returns what q says beside its body, in a $batch too.
func (q call) header() map[string]string {
	h := map[string]string{"Accept": q.accept}
	if q.kind != "" {
		h["Content-Type"] = q.kind
	}
	if q.eventual {
		h["ConsistencyLevel"] = "eventual"
	}
	if slices.Contains(ofContact, q.subject.Form()) || slices.Contains(ofContacts, q.deed) {
		// Both kinds of id address a contact only in calls that ask for the same
		// kind, so every call that takes or gives one asks.
		// Source: https://learn.microsoft.com/graph/outlook-immutable-id
		h["Prefer"] = `IdType="ImmutableId"`
	}
	return h
}

// query returns alternating names and values as the query of a path. Names
// stay as Graph's documentation spells them.
func query(pairs ...string) string {
	var all []string
	for i := 0; i+1 < len(pairs); i += 2 {
		all = append(all, pairs[i]+"="+strings.ReplaceAll(url.QueryEscape(pairs[i+1]), "+", "%20"))
	}
	return "?" + strings.Join(all, "&")
}
