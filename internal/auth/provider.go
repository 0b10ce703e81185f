package auth

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
	"golang.org/x/sync/singleflight"
)

const (
	// retryAfter is how soon after a failure the provider is asked again for
	// its endpoints; requests in between get the same failure at once.
	retryAfter = 2 * time.Second
	// readyFor is how long Ready believes what it last saw.
	readyFor = 5 * time.Second
)

// endpoints are what the provider's metadata says, comparable.
//
// Source: https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderMetadata
type endpoints struct {
	Authorization string `json:"authorization_endpoint"`
	Token         string `json:"token_endpoint"`
	Keys          string `json:"jwks_uri"`
	EndSession    string `json:"end_session_endpoint"`
	SendsIssuer   bool   `json:"authorization_response_iss_parameter_supported"` // RFC 9207
}

// provider is the OpenID provider, discovered.
type provider struct {
	endpoints endpoints
	oauth     oauth2.Config // for addresses of sign-ins; tokens are asked for by ask
	verifier  *oidc.IDTokenVerifier
}

// metadata finds the provider once and remembers it.
type metadata struct {
	fetch func(context.Context) (*provider, error)
	now   func() time.Time

	flight singleflight.Group
	mu     sync.Mutex
	found  *provider
	tried  time.Time     // when it was last asked
	failed error         // what came of that
	skew   time.Duration // how far its clock was ahead of ours when it last said the time
}

// provider returns the provider, asking it for its endpoints if that hasn't
// succeeded yet.
func (m *metadata) provider(ctx context.Context) (*provider, error) {
	m.mu.Lock()
	found, failed, recent := m.found, m.failed, m.now().Sub(m.tried) < retryAfter
	m.mu.Unlock()
	if found != nil {
		return found, nil
	}
	if failed != nil && recent {
		return nil, failed
	}
	if err := m.ask(ctx); err != nil {
		return nil, err
	}
	return m.known(), nil
}

// known returns the provider if it was found already, else nil.
func (m *metadata) known() *provider {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.found
}

// ready reports whether the provider answered within the last readyFor, and
// asks it if nobody has.
func (m *metadata) ready(ctx context.Context) error {
	m.mu.Lock()
	failed, recent := m.failed, m.now().Sub(m.tried) < readyFor
	m.mu.Unlock()
	if recent {
		return failed
	}
	return m.ask(ctx)
}

// hear notes what time it is for the provider.
func (m *metadata) hear(date time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.skew = date.Sub(m.now())
}

// clock reports whether the provider's clock and ours are close enough that its
// tokens count. It believes what it last heard, if only ready was asked before.
func (m *metadata) clock() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.skew.Abs() <= clockSkew {
		return nil
	}
	return misconfigured("auth.Clock", fmt.Errorf("the provider's clock is %v ahead of ours: set this machine's", m.skew.Round(time.Second)))
}

// ask asks the provider, once however many want to know. Who stops waiting
// doesn't stop it for the others.
func (m *metadata) ask(ctx context.Context) error {
	answer := m.flight.DoChan("", func() (any, error) {
		fresh, err := m.fetch(context.WithoutCancel(ctx))
		m.mu.Lock()
		defer m.mu.Unlock()
		m.tried, m.failed = m.now(), err
		// A provider that says what it said before keeps its keys.
		if err == nil && (m.found == nil || m.found.endpoints != fresh.endpoints) {
			m.found = fresh
		}
		return nil, err
	})
	select {
	case <-ctx.Done():
		return unreachable("auth.discover", ctx.Err())
	case result := <-answer:
		return result.Err
	}
}

// fetchMetadata asks the provider for its endpoints. go-oidc makes sure that it
// calls itself by the issuer that is configured.
func (a *Auth) fetchMetadata(ctx context.Context) (*provider, error) {
	const op = "auth.discover"
	found, err := oidc.NewProvider(oidc.ClientContext(ctx, a.client), a.config.Issuer)
	if mismatch := (*oidc.IssuerMismatchError)(nil); errors.As(err, &mismatch) {
		return nil, misconfigured(op, brief(err))
	}
	if err != nil {
		return nil, unreachable(op, err)
	}
	var said endpoints
	if err := found.Claims(&said); err != nil {
		return nil, misconfigured(op, brief(err))
	}
	for _, endpoint := range []string{said.Authorization, said.Token, said.Keys} {
		if !a.mayUse(endpoint) {
			return nil, misconfigured(op, errors.New("an endpoint is missing, neither https nor on loopback, or on a host that isn't the issuer's"))
		}
	}
	if !a.mayUse(said.EndSession) {
		said.EndSession = "" // sign-out then ends our own session only
	}
	keys := &keySet{remote: oidc.NewRemoteKeySet(
		oidc.ClientContext(context.Background(), limited(a.config.HTTP, keyFetches(a.config.Now))), said.Keys)}
	return &provider{
		endpoints: said,
		oauth: oauth2.Config{
			ClientID:    a.config.ClientID,
			RedirectURL: a.config.BaseURL + callbackPath,
			Endpoint:    oauth2.Endpoint{AuthURL: said.Authorization},
		},
		verifier: oidc.NewVerifier(a.config.Issuer, keys, &oidc.Config{
			ClientID:             a.config.ClientID,
			SupportedSigningAlgs: []string{oidc.RS256}, // whatever the metadata offers
			Now:                  a.config.Now,
		}),
	}, nil
}

// relatives are the hosts on which Microsoft's older issuers have their
// endpoints: they have none on their own.
//
// Source: https://learn.microsoft.com/entra/identity-platform/access-tokens#token-formats
var relatives = map[string][]string{
	"sts.windows.net":      {"login.microsoftonline.com", "login.windows.net"},
	"sts.chinacloudapi.cn": {"login.chinacloudapi.cn", "login.partner.microsoftonline.cn"},
}

// ProviderOrigins returns where issuer and its endpoints may be: its own origin
// and, for Microsoft's older issuers, those of their sign-in. It is nil if issuer
// is no URL.
func ProviderOrigins(issuer string) []string {
	u, err := url.Parse(issuer)
	if err != nil || u.Host == "" {
		return nil
	}
	origins := []string{origin(u)}
	for _, host := range relatives[u.Host] {
		origins = append(origins, "https://"+host)
	}
	return origins
}

// origin is scheme and host of u, as browsers compare them.
func origin(u *url.URL) string { return strings.ToLower(u.Scheme + "://" + u.Host) }

// mayUse reports whether endpoint is a URL that secrets and people may be sent
// to: it can't be overheard, and it is the issuer's. Whoever could change the
// metadata, and nothing else, would otherwise be sent both.
func (a *Auth) mayUse(endpoint string) bool {
	u, err := url.Parse(endpoint)
	return err == nil && isPrivate(u) && slices.Contains(ProviderOrigins(a.config.Issuer), origin(u))
}

// keySet is the provider's keys. It tells a caller that asks (withOutage)
// whether they couldn't be fetched, which go-oidc's verifier reports in the
// same words as a signature that is wrong.
type keySet struct{ remote *oidc.RemoteKeySet }

type outageKey struct{}

// withOutage returns a context in which a failure to fetch the keys is stored
// in err.
func withOutage(ctx context.Context, err *error) context.Context {
	return context.WithValue(ctx, outageKey{}, err)
}

// VerifySignature returns the payload of jwt if one of the keys signed it.
func (k *keySet) VerifySignature(ctx context.Context, jwt string) ([]byte, error) {
	payload, err := k.remote.VerifySignature(ctx, jwt)
	call := (*url.Error)(nil)
	if outage, ok := ctx.Value(outageKey{}).(*error); ok && (errors.As(err, &call) || ctx.Err() != nil && err != nil) {
		*outage = err
	}
	return payload, err
}

// Ready reports whether the provider answers, as it did within the last few
// seconds.
func (a *Auth) Ready(ctx context.Context) error { return a.metadata.ready(ctx) }

// Clock reports whether our clock and the provider's are at most 5 minutes apart,
// as when the provider was last heard (see Ready): beyond that nobody can sign in.
func (a *Auth) Clock() error { return a.metadata.clock() }

// FormActionOrigins returns the origins that a form of ours may end up at: the
// provider's, for the Content-Security-Policy. It is nil until the provider has
// been asked for its endpoints.
func (a *Auth) FormActionOrigins() []string {
	p := a.metadata.known()
	if p == nil {
		return nil
	}
	var origins []string
	for _, endpoint := range []string{p.endpoints.Authorization, p.endpoints.EndSession} {
		u, err := url.Parse(endpoint)
		if err != nil || u.Host == "" {
			continue
		}
		if origin := fmt.Sprintf("%s://%s", u.Scheme, u.Host); !slices.Contains(origins, origin) {
			origins = append(origins, origin)
		}
	}
	return origins
}
