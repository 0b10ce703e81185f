package auth

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"portrait/internal/directory"
	"portrait/internal/fault"
	"portrait/internal/store"
	"portrait/internal/words"
)

const (
	// refreshAhead is how long an access token must still live to be given
	// out: enough for the call that it is for.
	refreshAhead = time.Minute
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
		renewed, err := a.renewOnce(ctx, now.secret, refused)
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

// renewOnce renews the session of secret, once for all who ask in this process
// at a time. Who stops waiting doesn't stop it for the others.
func (a *Auth) renewOnce(ctx context.Context, secret []byte, refused string) (saved, error) {
	const op = "auth.renew"
	answer := a.flights.DoChan(string(secret), func() (result any, err error) {
		defer func() {
			// Nobody's request recovers in this goroutine: a panic here would
			// end the process.
			if p := recover(); p != nil {
				err = fmt.Errorf("%s: panic: %v", op, p)
			}
		}()
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), waitForRenewal)
		defer cancel()
		return a.renew(ctx, secret, refused)
	})
	select {
	case <-ctx.Done():
		return saved{}, unreachable(op, ctx.Err())
	case result := <-answer:
		if result.Err != nil {
			return saved{}, result.Err
		}
		return result.Val.(saved), nil
	}
}

// renew returns the session of secret with tokens that aren't stale: refreshed
// by another process if one is about it, else by us.
func (a *Auth) renew(ctx context.Context, secret []byte, refused string) (saved, error) {
	const op = "auth.renew"
	holder := rand.Text()
	for {
		this, err := a.readFor(ctx, secret)
		if err != nil || !a.isStale(this.content.Tokens, refused) {
			return this, err
		}
		now := a.config.Now()
		lease := store.Lease{Holder: holder, Until: now.Add(leaseFor)}
		ours, err := a.config.Store.LeaseSession(ctx, secret, lease, now)
		if err != nil {
			return saved{}, err
		}
		if ours {
			return a.renewLeased(ctx, secret, holder, refused)
		}
		select {
		case <-ctx.Done():
			return saved{}, unreachable(op, ctx.Err())
		case <-time.After(pollEvery):
		}
	}
}

// renewLeased asks the provider for new tokens and stores them, or drops them
// if the provider says that they are good no longer. holder has the lease, and
// has it no longer afterwards.
func (a *Auth) renewLeased(ctx context.Context, secret []byte, holder, refused string) (this saved, err error) {
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
	if err != nil || !a.isStale(this.content.Tokens, refused) {
		return this, err
	}
	next, asked := a.askForTokens(ctx, this.content)
	if asked != nil && !fault.Is(asked, fault.SignIn) {
		return saved{}, asked
	}
	if asked != nil {
		a.config.Log.InfoContext(ctx, "the provider takes a session's tokens no longer", "cause", fault.As(asked).Err)
		next = this.content
		next.Tokens = tokens{}
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
	return this, asked
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
	ctx = oidc.ClientContext(ctx, a.client)
	token, err := p.oauth.TokenSource(ctx, &oauth2.Token{RefreshToken: c.Tokens.Refresh}).Token()
	if err != nil {
		return c, refreshFault(op, err)
	}
	if token.Extra("id_token") != nil {
		who, err := a.identify(ctx, p, token, expectation{notBefore: asked})
		switch {
		case fault.Is(err, fault.Forbidden):
			return c, again(op, err)
		case err != nil:
			return c, err
		case who.subject != c.Subject || !who.actor.Is(c.Actor):
			return c, again(op, errors.New("the new ID token is somebody else's"))
		}
		c.take(who, asked)
	}
	a.takeTokens(&c, token)
	return c, nil
}
