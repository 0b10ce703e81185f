package auth

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"portrait/internal/directory"
	"portrait/internal/fault"
	"portrait/internal/store"
	"portrait/internal/words"
)

// A batch outlives the session of whoever lets it run. It has a refresh token of
// its own, which gives ID tokens and no rights in Graph: with it the provider is
// asked again and again whether they still have their role.
//
//	Run → Begin (prompt=none) → Finish → Outcome.Grant → the batch's row, sealed
//	worker → Prove → at most every 5 minutes the provider

// askPerson are the answers to prompt=none that mean that the person is needed.
//
// Source: https://openid.net/specs/openid-connect-core-1_0.html#AuthError
var askPerson = []string{"login_required", "interaction_required", "consent_required", "account_selection_required"}

// finishGrant ends the round trip of f, which was made for a batch by the person
// of the session before; that one stays as it is.
//
// It fails as Finish does, and with fault.Forbidden if it was another person.
func (a *Auth) finishGrant(w http.ResponseWriter, r *http.Request, f flow, began time.Time, before content) (Outcome, error) {
	const op = "auth.finishGrant"
	c, _, err := a.redeem(r, f, began)
	var why reason
	switch {
	case f.Silent && errors.As(err, &why) && slices.Contains(askPerson, why.Code):
		location, err := a.begin(w, r, Wish{ReturnTo: f.ReturnTo, Batch: f.Batch, Resume: f.Resume}, false)
		return Outcome{Provider: location}, err
	case err != nil:
		return Outcome{}, afterwards(err)
	case !before.Actor.Is(c.Actor) || isOther(f.Asker, c.Actor):
		return Outcome{}, &fault.Error{Op: op, Kind: fault.Forbidden, Say: words.M("batch.other-person"), Next: fault.NextHome}
	case c.Tokens.Refresh == "":
		return Outcome{}, misconfigured(op, errors.New("the provider gives no refresh token"))
	}
	data, err := json.Marshal(granted(c))
	if err != nil {
		return Outcome{}, fmt.Errorf("%s: %w", op, err)
	}
	g := &store.Grant{Person: c.Actor.ID, Data: data, Proof: c.Proven}
	return Outcome{ReturnTo: f.ReturnTo, Batch: f.Batch, Resume: f.Resume, Grant: g}, nil
}

// GrantOperator returns what a batch acts with that actor, an operator, queues.
// No provider knows operators: what proves them is that they have the settings,
// with which alone this can be sealed. So it doesn't age; who is of the helpdesk
// can pause or cancel the batch, and whoever resumes it puts their own in place
// of this.
//
// It fails for everybody else.
func GrantOperator(actor directory.Actor, now time.Time) (store.Grant, error) {
	const op = "auth.GrantOperator"
	if actor.Role != directory.Operator || !directory.IsOperator(actor.ID) {
		return store.Grant{}, fmt.Errorf("%s: %s is no operator", op, actor.ID)
	}
	data, err := json.Marshal(content{Actor: actor, Proven: now})
	if err != nil {
		return store.Grant{}, fmt.Errorf("%s: %w", op, err)
	}
	return store.Grant{Person: actor.ID, Data: data, Proof: now}, nil
}

// granted is what is kept of c for a batch.
func granted(c content) content {
	return content{Actor: c.Actor, Subject: c.Subject, Proven: c.Proven, Tokens: tokens{Refresh: c.Tokens.Refresh}}
}

// Prove returns the person who lets batch run, as an ID token describes them
// that is at most five minutes old. An older one is renewed first, once for all
// processes. For an operator's batch it returns the operator, see GrantOperator.
//
// It fails with fault.SignIn if the batch has no grant any more or the provider
// doesn't take it, and with fault.Unavailable or fault.Timeout if the provider
// can't be asked.
func (a *Auth) Prove(ctx context.Context, batch string) (directory.Actor, error) {
	actor, err := a.once(ctx, "grant"+batch, func(ctx context.Context) (any, error) { return a.prove(ctx, batch) })
	if err != nil {
		return directory.Actor{}, err
	}
	return actor.(directory.Actor), nil
}

func (a *Auth) prove(ctx context.Context, batch string) (directory.Actor, error) {
	holder := rand.Text()
	for {
		g, c, err := a.readGrant(ctx, batch)
		if err != nil || c.Actor.Role == directory.Operator || a.isProven(c) {
			return c.Actor, err
		}
		now := a.config.Now()
		ours, err := a.config.Store.LeaseGrant(ctx, batch, store.Lease{Holder: holder, Until: now.Add(leaseFor)}, now)
		if err != nil {
			return directory.Actor{}, err
		}
		if ours {
			actor, err := a.renewGrant(ctx, batch, holder, g)
			if !errors.Is(err, store.ErrConflict) {
				return actor, err
			}
		}
		select { // another is about it, or gave it up just now
		case <-ctx.Done():
			return directory.Actor{}, unreachable("auth.Prove", ctx.Err())
		case <-time.After(pollEvery):
		}
	}
}

// renewGrant asks the provider about the grant of batch, on which holder has the
// lease. It fails with store.ErrConflict if it isn't g any more.
func (a *Auth) renewGrant(ctx context.Context, batch, holder string, g store.Grant) (directory.Actor, error) {
	const op = "auth.renewGrant"
	ctx, cancel := context.WithTimeout(ctx, renewWithin)
	defer cancel()
	written := false
	defer func() {
		if !written { // it runs out by itself where this fails
			_ = a.config.Store.ReleaseGrant(context.WithoutCancel(ctx), batch, holder)
		}
	}()
	now, c, err := a.readGrant(ctx, batch)
	switch {
	case err != nil:
		return directory.Actor{}, err
	case now.Version != g.Version:
		return directory.Actor{}, store.ErrConflict
	}
	next, err := a.askForTokens(ctx, c)
	switch {
	case err != nil:
		return directory.Actor{}, err
	case !a.isProven(next):
		return directory.Actor{}, &fault.Error{Op: op, Kind: fault.SignIn, Say: words.M("signin.prove-again"), Next: fault.NextSignIn}
	}
	if g.Data, err = json.Marshal(granted(next)); err != nil {
		return directory.Actor{}, fmt.Errorf("%s: %w", op, err)
	}
	g.Proof = next.Proven
	if err := a.config.Store.SaveGrant(ctx, batch, holder, g); err != nil {
		return directory.Actor{}, err
	}
	written = true
	return next.Actor, nil
}

// readGrant reads the grant of batch. It fails with fault.SignIn if there is
// none.
func (a *Auth) readGrant(ctx context.Context, batch string) (store.Grant, content, error) {
	const op = "auth.readGrant"
	g, err := a.config.Store.Grant(ctx, batch)
	if errors.Is(err, store.ErrNone) || errors.Is(err, store.ErrSealed) {
		return g, content{}, again(op, err)
	}
	if err != nil {
		return g, content{}, err
	}
	var c content
	if err := json.Unmarshal(g.Data, &c); err != nil {
		return g, content{}, fmt.Errorf("%s: a batch's grant isn't ours", op) // the cause would quote tokens
	}
	return g, c, nil
}
