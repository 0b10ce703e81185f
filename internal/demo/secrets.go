package demo

import (
	"slices"
	"sync"
)

// maxSecrets is how many secrets are remembered.
const maxSecrets = 200

// secrets keeps what went out that nobody else may see, oldest first.
type secrets struct {
	mu  sync.Mutex
	all []string
}

func (s *secrets) add(values ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, v := range values {
		if v != "" {
			s.all = append(s.all, v)
		}
	}
	s.all = slices.Clone(s.all[max(0, len(s.all)-maxSecrets):])
}

func (s *secrets) reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all = nil
}

// Secrets returns every access, refresh and ID token and every code that went
// out since the start or the last Reset, oldest first, the newest 200 of them:
// for tests that look for them where they mustn't be.
func (t *Tenant) Secrets() []string {
	t.secrets.mu.Lock()
	defer t.secrets.mu.Unlock()
	return slices.Clone(t.secrets.all)
}
