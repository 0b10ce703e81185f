package web

import (
	"errors"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/labstack/echo/v4"
	"golang.org/x/time/rate"

	"portrait/internal/fault"
	"portrait/internal/words"
)

// crowded are the routes that people who aren't signed in can make us work at:
// each writes to the database, or calls the provider. Who asks for one too often
// is told to wait.
var crowded = []string{"/auth/sign-in", "/auth/callback", "/auth/front-channel-logout"}

const (
	// maxBuckets bounds the memory of a limiter: 100 bytes each.
	maxBuckets = 50_000
	// networkBits is how much of an IPv6 address counts: whoever has one has
	// all that begin like it.
	//
	// Source: https://www.rfc-editor.org/rfc/rfc6177
	networkBits = 64
)

// limitCrowd refuses whose address asks for a crowded route too often. The
// count is this replica's own: what it protects is this replica, and a database
// that is asked before each refusal would be what an attacker wants.
func (w *site) limitCrowd(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if !slices.Contains(crowded, c.Path()) {
			return next(c)
		}
		wait := w.crowd.spend(bucketOf(c.Path(), c.RealIP()), time.Now())
		if wait <= 0 {
			return next(c)
		}
		return &fault.Error{
			Op: "web.limitCrowd", Kind: fault.TooMany, Say: words.M("signin.too-many"), Next: fault.NextWait,
			RetryAfter: wait, Err: errors.New("too often from one address"),
		}
	}
}

// bucket is what is counted together: a route and an address, or the network of
// one. Text that is no address is one bucket.
type bucket struct {
	route   string
	network netip.Prefix
}

func bucketOf(route, ip string) bucket {
	addr, err := netip.ParseAddr(ip)
	if err != nil {
		return bucket{route: route}
	}
	addr = addr.Unmap().WithZone("")
	bits := addr.BitLen()
	if addr.Is6() {
		bits = networkBits
	}
	network, _ := addr.Prefix(bits) // bits fit
	return bucket{route, network}
}

// limiter lets each bucket have perMinute at once and as many in each minute
// after that, evenly.
type limiter struct {
	perMinute int

	mu      sync.Mutex
	buckets map[bucket]*rate.Limiter
	rest    *rate.Limiter // for whom there is no room: they share
}

func newLimiter(perMinute int) *limiter {
	return &limiter{perMinute: perMinute, buckets: map[bucket]*rate.Limiter{}, rest: newRate(perMinute)}
}

func newRate(perMinute int) *rate.Limiter {
	return rate.NewLimiter(rate.Limit(float64(perMinute)/time.Minute.Seconds()), perMinute)
}

// spend takes one from b at now and returns 0, or how long to wait for one.
func (l *limiter) spend(b bucket, now time.Time) (wait time.Duration) {
	taken := l.of(b, now).ReserveN(now, 1)
	if wait = taken.DelayFrom(now); wait > 0 {
		taken.CancelAt(now) // who waits hasn't had it
	}
	return wait
}

// of returns b's rate. Buckets that are full again say nothing and are dropped
// when there are too many.
func (l *limiter) of(b bucket, now time.Time) *rate.Limiter {
	l.mu.Lock()
	defer l.mu.Unlock()
	if found, ok := l.buckets[b]; ok {
		return found
	}
	if len(l.buckets) >= maxBuckets {
		for old, r := range l.buckets {
			if r.TokensAt(now) >= float64(l.perMinute) {
				delete(l.buckets, old)
			}
		}
	}
	if len(l.buckets) >= maxBuckets {
		return l.rest
	}
	made := newRate(l.perMinute)
	l.buckets[b] = made
	return made
}
