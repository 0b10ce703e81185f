package auth

import (
	"context"
	"fmt"
	"net/url"
	"sync"
	"time"

	"portrait/internal/fault"
	"portrait/internal/words"
)

// appAhead is how long Portrait's own token must still live to be given out.
const appAhead = 5 * time.Minute

// appToken is the token of Portrait's own identity, as it was last fetched.
type appToken struct {
	mu      sync.Mutex
	access  string
	expires time.Time
}

func (t *appToken) get(now time.Time) (access string, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.access, t.expires.Sub(now) > appAhead
}

func (t *appToken) set(access string, expires time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.access, t.expires = access, expires
}

// drop forgets the token if it is access.
func (t *appToken) drop(access string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.access == access {
		t.access, t.expires = "", time.Time{}
	}
}

// AppRefused returns another token than token, which Graph answered with 401
// though it hasn't run out: it was revoked, or is from before a change of the
// registration. It fails as App does.
func (a *Auth) AppRefused(ctx context.Context, token string) (string, error) {
	a.app.drop(token)
	return a.App(ctx)
}

// App returns an access token of Portrait's own identity, with the application
// permissions that the registration was granted. It is kept in memory until
// five minutes before its end, and fetched once however many want it.
//
// It fails with fault.Unavailable or fault.Timeout if the provider can't be
// asked or says no. Whether the permissions are enough, only Graph says.
func (a *Auth) App(ctx context.Context) (token string, err error) {
	if token, ok := a.app.get(a.config.Now()); ok {
		return token, nil
	}
	got, err := a.once(ctx, "app", func(ctx context.Context) (any, error) { return a.fetchApp(ctx) })
	if err != nil {
		return "", err
	}
	return got.(string), nil
}

// fetchApp asks the provider for a token, unless somebody has just done so.
//
// Source: https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow
func (a *Auth) fetchApp(ctx context.Context) (string, error) {
	const op = "auth.App"
	if token, ok := a.app.get(a.config.Now()); ok {
		return token, nil
	}
	p, err := a.metadata.provider(ctx)
	if err != nil {
		return "", err
	}
	// No claims are asked for: a token that Graph can challenge would need
	// somebody to meet the challenge.
	form := url.Values{"grant_type": {"client_credentials"}, "scope": {a.resource() + ".default"}}
	asked := a.config.Now()
	t, err := a.ask(ctx, p, form, func(r reason) error { return appFault(op, r) })
	if err != nil {
		return "", err
	}
	a.app.set(t.Access, asked.Add(t.life()))
	return t.Access, nil
}

// appFault is the fault for a provider that gives Portrait no token of its own.
func appFault(op string, r reason) error {
	if r.isOutage() {
		return unreachable(op, r)
	}
	return &fault.Error{Op: op, Kind: fault.Unavailable, Say: words.M("signin.app-refused"), Next: fault.NextAdmin, Err: r}
}

// once calls do for all who ask for key at a time in this process. Who stops
// waiting doesn't stop it for the others.
func (a *Auth) once(ctx context.Context, key string, do func(context.Context) (any, error)) (any, error) {
	const op = "auth.once"
	answer := a.flights.DoChan(key, func() (result any, err error) {
		defer func() {
			// Nobody's request recovers in this goroutine: a panic here would
			// end the process.
			if p := recover(); p != nil {
				err = fmt.Errorf("%s: panic: %v", op, p)
			}
		}()
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), waitForRenewal)
		defer cancel()
		return do(ctx)
	})
	select {
	case <-ctx.Done():
		return nil, unreachable(op, ctx.Err())
	case result := <-answer:
		return result.Val, result.Err
	}
}
