package demo

import (
	"crypto/rand"
	"maps"
	"sync"
	"time"

	"github.com/google/uuid"

	"portrait/internal/directory"
)

// Lifetimes, as Entra ID has them; expires_in comes out as 3599.
//
// Source: https://learn.microsoft.com/entra/identity-platform/refresh-tokens
const (
	requestLife = 10 * time.Minute // of the persona page and of a code
	accessLife  = time.Hour
	refreshLife = 90 * 24 * time.Hour
	sessionLife = 24 * time.Hour
)

// grant is a sign-in of a person to the app.
type grant struct {
	person   *person
	scopes   []string // that the app asked for; what is granted may be more
	cp1      bool     // the app declared that it understands claims challenges
	sid      string   // the session at the provider
	authTime time.Time
}

// session is a browser that is signed in at the provider.
type session struct {
	id      string // the cookie's value
	sid     string // the claim
	person  *person
	began   time.Time
	expires time.Time
}

// signIns is what the provider remembers.
type signIns struct {
	now  func() time.Time
	base string // of the tenant's Graph, which may stand before a scope

	mu           sync.Mutex
	requests     map[string]*authRequest
	codes        map[string]string // code → id of its request
	sessions     map[string]*session
	access       map[string]*accessToken // by token id
	refresh      map[string]*refreshToken
	consents     map[directory.ID][]string // what people have granted, as it was spelled first
	challenge    map[directory.ID]string   // whose tokens are challenged, and the claim's value
	challenges   int
	tokenCalls   int
	refreshCalls int
}

func newSignIns(now func() time.Time, base string) *signIns {
	s := &signIns{now: now, base: base}
	s.reset()
	return s
}

func (s *signIns) reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = map[string]*authRequest{}
	s.codes = map[string]string{}
	s.sessions = map[string]*session{}
	s.access = map[string]*accessToken{}
	s.refresh = map[string]*refreshToken{}
	s.consents = map[directory.ID][]string{}
	s.challenge = map[directory.ID]string{}
	s.tokenCalls, s.refreshCalls = 0, 0
}

// begin remembers r, and forgets what has run out.
func (s *signIns) begin(r *authRequest) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	maps.DeleteFunc(s.requests, func(_ string, r *authRequest) bool { return now.After(r.expires) })
	maps.DeleteFunc(s.codes, func(_, id string) bool { return s.requests[id] == nil })
	maps.DeleteFunc(s.sessions, func(_ string, v *session) bool { return now.After(v.expires) })
	maps.DeleteFunc(s.access, func(_ string, v *accessToken) bool { return now.After(v.expires) })
	maps.DeleteFunc(s.refresh, func(_ string, v *refreshToken) bool { return now.After(v.expires) })
	s.requests[r.id] = r
}

// pending returns the request id, or nil if it has run out. What is returned
// is a copy.
func (s *signIns) pending(id string) *authRequest {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.requests[id]
	if r == nil || s.now().After(r.expires) {
		return nil
	}
	copied := *r
	return &copied
}

// choose says who signs in at the request id and reports whether it was still
// pending. It can be done until they are granted.
func (s *signIns) choose(id string, v *session) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.requests[id]
	if r == nil || r.grant != nil || s.now().After(r.expires) {
		return false
	}
	r.chosen = v
	return true
}

// grant signs the chosen person in, who allows everything that is asked for,
// and reports whether that was still possible. It can be done once.
func (s *signIns) grant(id string, v *session) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.requests[id]
	if r == nil || r.grant != nil || r.chosen != v || s.now().After(r.expires) {
		return false
	}
	s.allow(v.person, s.graphScopes(r.asked.Scopes))
	r.grant = &grant{person: v.person, scopes: r.asked.Scopes, cp1: r.claims.cp1, sid: v.sid, authTime: v.began}
	r.scopes = s.grantedOf(v.person, r.asked.Scopes)
	return true
}

// finish forgets the request id and reports whether it was there.
func (s *signIns) finish(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, ok := s.requests[id]
	delete(s.requests, id)
	return ok
}

// saveCode remembers the one code of the request id and reports whether it is
// the first.
func (s *signIns) saveCode(id, code string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.requests[id]
	if r == nil || r.coded {
		return false
	}
	r.coded = true
	s.codes[code] = id
	return true
}

// byCode returns the request that code is for, or nil. The code is spent when
// the request is finished.
func (s *signIns) byCode(code string) *authRequest {
	s.mu.Lock()
	id := s.codes[code]
	s.mu.Unlock()
	return s.pending(id)
}

// open begins a session of p at the provider.
func (s *signIns) open(p *person) *session {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	v := &session{id: rand.Text(), sid: uuid.NewString(), person: p, began: now, expires: now.Add(sessionLife)}
	s.sessions[v.id] = v
	return v
}

func (s *signIns) session(id string) *session {
	s.mu.Lock()
	defer s.mu.Unlock()
	v := s.sessions[id]
	if v == nil || s.now().After(v.expires) {
		return nil
	}
	return v
}

func (s *signIns) close(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.sessions, id)
}

// count counts a call of the token endpoint.
func (s *signIns) count(refresh bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if refresh {
		s.refreshCalls++
	} else {
		s.tokenCalls++
	}
}

// TokenCalls returns how often the token endpoint was called other than to
// refresh, since the start or the last Reset.
func (t *Tenant) TokenCalls() int {
	t.signIns.mu.Lock()
	defer t.signIns.mu.Unlock()
	return t.signIns.tokenCalls
}

// RefreshCalls returns how often the token endpoint was called to refresh,
// since the start or the last Reset.
func (t *Tenant) RefreshCalls() int {
	t.signIns.mu.Lock()
	defer t.signIns.mu.Unlock()
	return t.signIns.refreshCalls
}
