package photo

import (
	"context"
	"strings"
	"time"

	"portrait/internal/fault"
)

const (
	// policyAge is how old what is known of the tenant's rule may be. Microsoft
	// takes up to 24 hours to bring a new one into effect.
	policyAge = 10 * time.Minute

	// policyPause is how long it isn't asked for again after Graph failed.
	policyPause = time.Minute

	// policyPatience is how long a save waits for the rule.
	policyPatience = 3 * time.Second
)

// policy returns the tenant's rule about users' photos. What can't be read is
// unknown and stands in nobody's way: Graph obeys the rule itself where people
// come with their own token, and its 403 teaches.
//
// Source: https://learn.microsoft.com/graph/api/resources/photoupdatesettings?view=graph-rest-beta
func (s *Service) policy(ctx context.Context) policy {
	if !s.hasApp() {
		return policyUnknown
	}
	p, err := s.memories().policy.get(ctx, struct{}{}, s.askPolicy)
	if err != nil { // whoever asked has left
		return policyUnknown
	}
	return p
}

// askPolicy never fails: a rule that can't be read is remembered as that, so
// that not every save asks again.
func (s *Service) askPolicy(ctx context.Context) (answer[policy], error) {
	ctx, cancel := context.WithTimeout(ctx, policyPatience)
	defer cancel()
	p, err := s.readPolicy(ctx)
	last := &s.memories().lastPolicy
	if err != nil {
		// What was known holds on: a failing Graph must not open a way round it.
		return answer[policy]{value: policy(last.Load()), keep: policyPause}, nil
	}
	last.Store(int32(p)) // #nosec G115 -- one of a handful of constants
	return answer[policy]{value: p, keep: policyAge}, nil
}

// readPolicy asks Graph for the rule. That Portrait may not read it is no error.
func (s *Service) readPolicy(ctx context.Context) (policy, error) {
	token, err := s.tenantToken(ctx)
	if err != nil {
		return policyUnknown, err
	}
	rule, err := s.Graph.Policy(ctx, token)
	switch {
	case fault.Is(err, fault.Forbidden): // the permission hasn't been granted
		return policyUnknown, nil
	case err != nil:
		return policyUnknown, err
	case strings.EqualFold(rule.Source, "onPremises"):
		return onPremises, nil
	case len(rule.AllowedRoles) > 0:
		return rolesOnly, nil
	}
	return free, nil
}
