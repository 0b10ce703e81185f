package demo

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"portrait/internal/directory"
)

// claimsRequest is what a claims parameter asks for, as far as it matters here.
type claimsRequest struct {
	cp1    bool   // the app understands claims challenges
	answer string // the value of the challenge that it answers, or ""
}

// readClaims reads a claims parameter, which may be empty.
//
// Source: https://learn.microsoft.com/entra/identity-platform/claims-challenge
func readClaims(raw string) (claimsRequest, error) {
	var c struct {
		AccessToken struct {
			Client struct {
				Values []string `json:"values"`
			} `json:"xms_cc"`
			NotBefore struct {
				Value string `json:"value"`
			} `json:"nbf"`
		} `json:"access_token"`
	}
	if raw == "" {
		return claimsRequest{}, nil
	}
	if err := json.Unmarshal([]byte(raw), &c); err != nil {
		return claimsRequest{}, err
	}
	return claimsRequest{slices.Contains(c.AccessToken.Client.Values, "cp1"), c.AccessToken.NotBefore.Value}, nil
}

// with returns c and what later asks for.
func (c claimsRequest) with(later claimsRequest) claimsRequest {
	if later.answer != "" {
		c.answer = later.answer
	}
	c.cp1 = c.cp1 || later.cp1
	return c
}

// Challenge lets Graph refuse all tokens of a person from now on until one
// comes that was bought with the claims that Graph asks for, at a sign-in or a
// refresh. Where the app hasn't declared cp1, Graph doesn't say which.
func (t *Tenant) Challenge(person directory.ID) {
	p := t.byID(person)
	if p == nil {
		return
	}
	t.signIns.mu.Lock()
	defer t.signIns.mu.Unlock()
	t.signIns.challenges++
	// A moment, as Entra ID has it; another one for every challenge.
	t.signIns.challenge[p.ID] = strconv.FormatInt(t.now().Unix()+int64(t.signIns.challenges), 10)
}

// ChallengeEverybody challenges everybody who is signed in to the app.
func (t *Tenant) ChallengeEverybody() {
	for _, id := range t.signIns.holders() {
		t.Challenge(id)
	}
}

// holders returns who has a token that still counts.
func (s *signIns) holders() []directory.ID {
	s.mu.Lock()
	defer s.mu.Unlock()
	now, all := s.now(), map[directory.ID]bool{}
	for _, a := range s.access {
		if a.kind == delegatedToken && !now.After(a.expires) {
			all[a.person.ID] = true
		}
	}
	for _, r := range s.refresh {
		if !now.After(r.expires) {
			all[r.person.ID] = true
		}
	}
	return slices.Collect(maps.Keys(all))
}

// forgetChallenges takes all tokens again that haven't run out.
func (s *signIns) forgetChallenges() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.challenge)
}

// challenged returns the claims, base64 of JSON, without which a token isn't
// taken, and whether it lacks them.
func (s *signIns) challenged(a *accessToken) (claims string, is bool) {
	if a == nil || a.kind == appToken {
		return "", false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	value := s.challenge[a.person.ID]
	if value == "" || a.answer == value {
		return "", false
	}
	return base64.StdEncoding.EncodeToString(fmt.Appendf(nil, `{"access_token":{"nbf":{"essential":true,"value":%q}}}`, value)), true
}
