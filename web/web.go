// Package web is the site's surface: which addresses there are, who may ask for
// them, what every answer carries, and how an error is answered.
//
// A request passes, in this order: request id → log → recover → headers →
// session → same-origin check → limit of sign-ins → body limit → signed in →
// turn for a large body → token → handler.
package web

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"github.com/klauspost/compress/gzhttp"
	"github.com/labstack/echo/v4"

	"portrait/handlers"
	"portrait/internal/auth"
)

// Config is what New needs. All its fields must be set, but TrustedProxies
// and Observe.
type Config struct {
	Site           *handlers.Site
	Auth           *auth.Auth
	Static         http.Handler   // answers /static/…
	BaseURL        *url.URL       // the site's public address
	SignInsPerMin  int            // of one address
	TrustedProxies []netip.Prefix // whose X-Forwarded-For counts
	Log            *slog.Logger

	// Observe, if it isn't nil, is told of each request that was answered: its
	// route ("" for none of ours) and never its address.
	Observe func(ctx context.Context, route, method string, status int, took time.Duration)
}

// New returns the whole site as one handler. Pages are compressed for browsers
// that take it; what else is worth it, static files, is already.
func New(c Config) (http.Handler, error) {
	compress, err := gzhttp.NewWrapper(gzhttp.ContentTypes([]string{"text/html"}), gzhttp.CompressionLevel(pageCompression))
	if err != nil {
		return nil, fmt.Errorf("web.New: %w", err)
	}
	return compress(newSite(c)), nil
}

// pageCompression is how much time is spent on making a page small: 6, the
// default, takes twice as long for a twentieth less.
const pageCompression = 2

func newSite(c Config) http.Handler {
	e := echo.New()
	w := &site{Config: c, bodies: newTurns(bodyBudget), crowd: newLimiter(c.SignInsPerMin)}
	e.HTTPErrorHandler = w.answerError
	e.IPExtractor = clientIP(c.TrustedProxies)
	e.SchemeExtractor = echo.ExtractSchemeDirect() // the public address is a setting, never a header
	e.Use(w.identify, w.record, w.recover, w.secure, w.session, w.sameOrigin)
	for _, r := range w.routes() {
		e.Add(r.method, r.path, r.handler, w.limitCrowd, w.limitBody(r.body), w.admit(r.who), w.queueBody(r.body), w.token(r.body))
		if r.method == http.MethodGet {
			// net/http leaves the body out.
			e.Add(http.MethodHead, r.path, r.handler, w.limitCrowd, w.admit(r.who))
		}
	}
	return e
}

type site struct {
	Config
	bodies *turns   // bytes of large request bodies held at once
	crowd  *limiter // of sign-ins
}
