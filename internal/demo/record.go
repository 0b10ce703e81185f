package demo

import (
	"net/http"
	"slices"
	"sync"

	"portrait/internal/directory"
)

const (
	maxRecorded      = 2000     // requests
	maxRecordedBytes = 64 << 20 // of their bodies
)

// Request is a call of Graph as it arrived, and how it was answered.
type Request struct {
	Method    string
	Path      string       // escaped as received, with the version, without the query
	Query     string       // escaped as received
	Header    http.Header  // without Authorization
	TokenKind string       // "delegated", "app", or "" for no token or one that isn't known
	Who       directory.ID // the object id of the person behind a delegated token, else ""
	Body      []byte       // up to Graph's limit of 4 MB and one byte
	Status    int          // 0 where the connection was dropped
	InBatch   bool         // it came inside a $batch, which is recorded after its requests
	Injected  bool         // Weather.Graph had the answer
}

// record keeps the newest requests, oldest first.
type record struct {
	mu    sync.Mutex
	all   []Request
	bytes int
	watch func(Request) // nil = nobody
}

func (r *record) add(q Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.watch != nil {
		r.watch(q)
	}
	r.all = append(r.all, q)
	r.bytes += len(q.Body)
	for len(r.all) > maxRecorded || r.bytes > maxRecordedBytes {
		r.bytes -= len(r.all[0].Body)
		r.all = r.all[1:]
	}
}

func (r *record) reset() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.all, r.bytes = nil, 0
}

// Requests returns the calls of Graph since the start or the last Reset,
// oldest first: the newest 2,000 of them, less where their bodies are large.
func (t *Tenant) Requests() []Request {
	t.record.mu.Lock()
	defer t.record.mu.Unlock()
	return slices.Clone(t.record.all)
}

// Watch shows f every call of Graph from now on, one after the other, before it is
// answered: for whoever counts more of them than are kept. f must not call t.
func (t *Tenant) Watch(f func(Request)) {
	t.record.mu.Lock()
	defer t.record.mu.Unlock()
	t.record.watch = f
}
