package auth

import (
	"context"
	"encoding/json"
	"time"

	"portrait/internal/fault"
	"portrait/internal/words"
)

const (
	// capability says that we can meet claims challenges, so that Graph makes
	// them: it then ends a session within minutes where it otherwise would let
	// the token run out.
	//
	// Source: https://learn.microsoft.com/entra/identity-platform/claims-challenge
	capability = `{"values":["cp1"]}`
	// maxClaimsBytes is the longest challenge that is kept and met. Entra's have
	// about 100 bytes; it stands in an address that browsers go to.
	maxClaimsBytes = 8 << 10
	// maxChallenges is how many challenges within challengeWindow send a person
	// to sign in. What two sign-ins haven't met, a third won't.
	maxChallenges   = 2
	challengeWindow = 10 * time.Minute
)

// challenge is what Graph wants of the next sign-in, and how often it wanted
// something lately. It moves to the next session of the same person.
type challenge struct {
	Open   bool   // not yet met
	Claims string // JSON; "" if what Graph sent was unusable
	Count  int    // since Since
	Since  time.Time
}

// Challenged remembers that Graph refused the token of the session in ctx until
// the person has signed in with claims (JSON, fault.Error.Claims). Begin will
// ask for them; no address of ours needs to hold them. Claims that make no sense
// lead to an ordinary sign-in. The refresh token isn't tried with the claims:
// mostly they want the person.
//
// It fails with fault.SignIn if nobody is signed in, or where Graph has asked
// more than twice within ten minutes, so that nobody is sent in circles.
func (a *Auth) Challenged(ctx context.Context, claims string) error {
	const op = "auth.Challenged"
	v := visitOf(ctx)
	if v == nil {
		return &fault.Error{Op: op, Kind: fault.SignIn, Say: words.M("signin.needed"), Next: fault.NextSignIn}
	}
	if _, ok := claimsRequest(claims); !ok {
		claims = ""
	}
	now := a.config.Now()
	changed, err := a.runErrand(ctx, v.get().secret, errand{
		// The requests of one page are challenged together.
		done: func(c content) bool {
			return c.Challenge.Open && c.Challenge.Claims == claims && now.Sub(c.Challenge.Since) < challengeWindow
		},
		do: func(_ context.Context, c content) (content, error) {
			c.Challenge = c.Challenge.next(claims, now)
			return c, nil
		},
	})
	if err != nil {
		return err
	}
	v.set(changed)
	if c := changed.content.Challenge; c.Count > maxChallenges {
		return &fault.Error{Op: op, Kind: fault.SignIn, Say: words.M("signin.challenge-loop"), Next: fault.NextWait,
			RetryAfter: challengeWindow - now.Sub(c.Since)}
	}
	return nil
}

// next returns what is remembered after a challenge for claims at now. One that
// comes before the last was met isn't counted.
func (c challenge) next(claims string, now time.Time) challenge {
	if now.Sub(c.Since) >= challengeWindow {
		c = challenge{Since: now}
	}
	if !c.Open {
		c.Count++
	}
	c.Open, c.Claims = true, claims
	return c
}

// met returns what is remembered once the person has signed in with claims. One
// that came meanwhile is still open.
func (c challenge) met(claims string) challenge {
	if c.Claims == claims {
		c.Open, c.Claims = false, ""
	}
	return c
}

// claimsRequest returns the claims parameter for the provider: our capability
// and, with it, what challenge wants, if it isn't "". It reports false if
// challenge is too long or isn't what a challenge must be.
//
// Source: https://openid.net/specs/openid-connect-core-1_0.html#ClaimsParameter
func claimsRequest(challenge string) (request string, ok bool) {
	all, access := map[string]json.RawMessage{}, map[string]json.RawMessage{}
	if challenge != "" {
		if len(challenge) > maxClaimsBytes || json.Unmarshal([]byte(challenge), &all) != nil || all == nil {
			return "", false
		}
		if raw, has := all["access_token"]; has && (json.Unmarshal(raw, &access) != nil || access == nil) {
			return "", false
		}
	}
	var err error
	access["xms_cc"] = json.RawMessage(capability)
	if all["access_token"], err = json.Marshal(access); err != nil {
		return "", false
	}
	text, err := json.Marshal(all)
	return string(text), err == nil
}

// mustClaims is claimsRequest for a challenge that was checked when it was
// remembered, or is "".
func mustClaims(challenge string) string {
	request, ok := claimsRequest(challenge)
	if !ok {
		request, _ = claimsRequest("") // always possible
	}
	return request
}
