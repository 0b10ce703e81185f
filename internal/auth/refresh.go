package auth

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"time"

	"portrait/internal/directory"
	"portrait/internal/fault"
	"portrait/internal/store"
	"portrait/internal/words"
)

const (
	// refreshAhead is how long an access token must still live to be given
	// out: enough for the call that it is for.
	refreshAhead = time.Minute
	// proofAge is how old what the provider said of a person may be for acting
	// with more than their own rights.
	proofAge = 5 * time.Minute
	// leaseFor is how long one process may take for a refresh. It is longer
	// than a call to the provider and what goes with it may take (renewWithin),
	// so a holder never writes after another has begun.
	leaseFor    = 30 * time.Second
	renewWithin = 25 * time.Second
	// waitForRenewal is how long the others wait; long enough to take over from
	// a process that died with the lease.
	waitForRenewal = leaseFor + 10*time.Second
	// pollEvery is how often they look.
	pollEvery = 50 * time.Millisecond
)

// Delegated returns an access token to act as actor, who must be the person of
// the session in ctx. One that is about to run out is refreshed first, once for
// each session, however many requests and processes want it.
//
// It fails with fault.SignIn if nobody, or somebody else, is signed in or the
// provider takes the session's tokens no longer, and with fault.Unavailable or
// fault.Timeout if it can't be asked; the tokens stay then.
func (a *Auth) Delegated(ctx context.Context, actor directory.Actor) (token string, err error) {
	return a.token(ctx, actor, "")
}

// Refused is Delegated for when Graph has answered 401 to token: it returns
// another one, refreshed if the session has no other yet. It fails as Delegated
// does, and with fault.SignIn if the provider has no other.
func (a *Auth) Refused(ctx context.Context, actor directory.Actor, token string) (string, error) {
	return a.token(ctx, actor, token)
}

// token returns an access token other than refused.
func (a *Auth) token(ctx context.Context, actor directory.Actor, refused string) (string, error) {
	const op = "auth.token"
	v := visitOf(ctx)
	if v == nil || !v.get().content.Actor.Is(actor) {
		return "", &fault.Error{Op: op, Kind: fault.SignIn, Say: words.M("signin.needed"), Next: fault.NextSignIn}
	}
	// The second round is for who came into a refresh that was not because of
	// the token refused to them.
	for range 2 {
		now := v.get()
		if now.content.Tokens.dead() {
			return "", again(op, nil)
		}
		if !a.isStale(now.content.Tokens, refused) {
			return now.content.Tokens.Access, nil
		}
		renewed, err := a.renewOnce(ctx, "token", now.secret, func(c content) bool { return !a.isStale(c.Tokens, refused) })
		if err != nil {
			return "", err
		}
		v.set(renewed)
		if renewed.content.Tokens.Access != refused {
			return renewed.content.Tokens.Access, nil
		}
	}
	return "", again(op, errors.New("the refreshed token is the one that was refused"))
}

// isStale reports whether t can't be given out to somebody whose token refused
// was refused.
func (a *Auth) isStale(t tokens, refused string) bool {
	return t.Access == refused || t.Expires.Sub(a.config.Now()) < refreshAhead
}

// Freshen returns actor, who must be the person of the session in ctx, as the
// provider describes them now: by an ID token that is at most five minutes old.
// An older one is refreshed first, once for each session. Whoever acts with more
// than their own rights is asked for through it, so that a role that was taken
// away is seen.
//
// It fails as Delegated does, and with fault.SignIn if the provider sends no ID
// token with a refresh: then only a sign-in gives one.
func (a *Auth) Freshen(ctx context.Context, actor directory.Actor) (directory.Actor, error) {
	const op = "auth.Freshen"
	v := visitOf(ctx)
	if v == nil || !v.get().content.Actor.Is(actor) {
		return directory.Actor{}, &fault.Error{Op: op, Kind: fault.SignIn, Say: words.M("signin.needed"), Next: fault.NextSignIn}
	}
	now := v.get()
	if a.isProven(now.content) {
		return now.content.Actor, nil
	}
	renewed, err := a.renewOnce(ctx, "proof", now.secret, a.isProven)
	if err != nil {
		return directory.Actor{}, err
	}
	v.set(renewed)
	if !a.isProven(renewed.content) {
		return directory.Actor{}, &fault.Error{Op: op, Kind: fault.SignIn, Say: words.M("signin.prove-again"), Next: fault.NextSignIn}
	}
	return renewed.content.Actor, nil
}

// isProven reports whether the provider has said who c is of lately.
func (a *Auth) isProven(c content) bool { return a.config.Now().Sub(c.Proven) <= proofAge }

// renewOnce refreshes the tokens of the session of secret unless it is done by
// then, once for all who ask with the same purpose in this process at a time.
func (a *Auth) renewOnce(ctx context.Context, purpose string, secret []byte, done func(content) bool) (saved, error) {
	renewed, err := a.once(ctx, purpose+string(secret), func(ctx context.Context) (any, error) {
		return a.runErrand(ctx, secret, errand{done: done, do: a.renew})
	})
	if err != nil {
		return saved{}, err
	}
	return renewed.(saved), nil
}

// errand is a change of a session that is made once, by one process at a time.
type errand struct {
	// done reports whether nothing is left to do.
	done func(content) bool
	// do returns what to store. With fault.SignIn it is stored too, with
	// another error it isn't.
	do func(ctx context.Context, c content) (content, error)
}

// runErrand returns the session of secret with e done: by another process if
// one is about it, else by us. It fails with what e.do fails with.
func (a *Auth) runErrand(ctx context.Context, secret []byte, e errand) (saved, error) {
	const op = "auth.runErrand"
	holder := rand.Text()
	for {
		this, err := a.readFor(ctx, secret)
		if err != nil || e.done(this.content) {
			return this, err
		}
		now := a.config.Now()
		lease := store.Lease{Holder: holder, Until: now.Add(leaseFor)}
		ours, err := a.config.Store.LeaseSession(ctx, secret, lease, now)
		if err != nil {
			return saved{}, err
		}
		if ours {
			return a.runLeased(ctx, secret, holder, e)
		}
		select {
		case <-ctx.Done():
			return saved{}, unreachable(op, ctx.Err())
		case <-time.After(pollEvery):
		}
	}
}

// runLeased does e and stores what comes of it. holder has the lease, and has it
// no longer afterwards.
func (a *Auth) runLeased(ctx context.Context, secret []byte, holder string, e errand) (this saved, err error) {
	ctx, cancel := context.WithTimeout(ctx, renewWithin)
	defer cancel()
	written := false
	defer func() {
		if !written {
			// It runs out by itself where this fails.
			_ = a.config.Store.ReleaseSession(context.WithoutCancel(ctx), secret, holder)
		}
	}()
	// Read again: whoever had the lease before may have written.
	this, err = a.readFor(ctx, secret)
	if err != nil || e.done(this.content) {
		return this, err
	}
	next, failed := e.do(ctx, this.content)
	if errors.Is(failed, errImpostor) {
		return saved{}, a.dropSession(ctx, secret, failed)
	}
	if failed != nil && !fault.Is(failed, fault.SignIn) {
		return saved{}, failed
	}
	this.content = next
	err = a.sessions.write(ctx, holder, &this)
	if errors.Is(err, store.ErrConflict) { // signed out meanwhile, or the lease ran out
		return a.readFor(ctx, secret)
	}
	if err != nil {
		return saved{}, err
	}
	written = true
	return this, failed
}

// errImpostor is the cause of faults of a refresh whose ID token isn't the
// provider's, or is somebody else's.
var errImpostor = errors.New("the new ID token isn't this person's")

// dropSession ends the session of secret because of why, which it returns: the
// provider was asked about one person and spoke of another, so that nothing it
// has said in this session can be relied on.
func (a *Auth) dropSession(ctx context.Context, secret []byte, why error) error {
	a.config.Log.WarnContext(ctx, "a session is dropped: its refresh gave an ID token that isn't its person's", "cause", fault.As(why).Err)
	if err := a.config.Store.EndSession(ctx, secret); err != nil {
		return err
	}
	return why
}

// renew is the errand of a refresh: it returns c with new tokens from the
// provider, or without any if the provider says that they are good no longer.
func (a *Auth) renew(ctx context.Context, c content) (content, error) {
	next, err := a.askForTokens(ctx, c)
	if !fault.Is(err, fault.SignIn) || errors.Is(err, errImpostor) {
		return next, err
	}
	a.config.Log.InfoContext(ctx, "the provider takes a session's tokens no longer", "cause", fault.As(err).Err)
	c.Tokens = tokens{}
	return c, err
}

// readFor reads the session of secret for a refresh. It fails with fault.SignIn
// if it has ended or its tokens are dropped.
func (a *Auth) readFor(ctx context.Context, secret []byte) (saved, error) {
	const op = "auth.renew"
	this, err := a.sessions.read(ctx, secret)
	if errors.Is(err, store.ErrNone) || errors.Is(err, store.ErrSealed) {
		return saved{}, &fault.Error{Op: op, Kind: fault.SignIn, Say: words.M("signin.ended"), Next: fault.NextSignIn}
	}
	if err == nil && this.content.Tokens.dead() {
		return saved{}, again(op, nil)
	}
	return this, err
}

// askForTokens returns c with new tokens from the provider, and with what a new
// ID token says, if one comes. It fails with fault.SignIn if the tokens in c
// are good no longer, or the new ones are somebody else's.
func (a *Auth) askForTokens(ctx context.Context, c content) (content, error) {
	const op = "auth.refresh"
	if c.Tokens.Refresh == "" {
		return c, again(op, errors.New("there is no refresh token"))
	}
	p, err := a.metadata.provider(ctx)
	if err != nil {
		return c, err
	}
	asked := a.config.Now()
	form := url.Values{"grant_type": {"refresh_token"}, "refresh_token": {c.Tokens.Refresh}, "claims": {mustClaims("")}}
	t, err := a.ask(ctx, p, form, func(r reason) error { return refreshFault(op, r) })
	if err != nil {
		return c, err
	}
	if t.ID != nil {
		who, err := a.identify(ctx, p, t, expectation{notBefore: asked})
		switch {
		case fault.Is(err, fault.Forbidden):
			return c, again(op, fmt.Errorf("%w: %w", errImpostor, err))
		case err != nil:
			return c, err
		case who.subject != c.Subject || !who.actor.Is(c.Actor):
			return c, again(op, errImpostor)
		}
		// Who may more gets a new cookie: a role that has come since counts from
		// the next sign-in. One that is lost is lost at once.
		if c.Actor.Role != directory.Helpdesk {
			who.actor.Role = c.Actor.Role
		}
		c.take(who, asked)
	}
	a.takeTokens(&c, t)
	return c, nil
}
