// Package web is the site's surface: which addresses there are, who may ask for
// them, what every answer carries, and how an error is answered.
//
// A request passes, in this order: compression → request id → log → recover →
// headers → session → same-origin check → limit of sign-ins → body limit →
// signed in → turn for a large body → token → handler.
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

// Handler is the whole site.
type Handler struct {
	http.Handler
	routes []*echo.Route
}

// Routes returns every method and address that there is.
func (h *Handler) Routes() []*echo.Route { return h.routes }

// New returns the site. Its pages are compressed for browsers that take it, which
// takes a tenth of a millisecond for a photo's; what else is worth it, static
// files, is already. Zstandard would save little more, and megabytes of memory
// for each page that is written at once are too much for it.
func New(c Config) (*Handler, error) {
	compress, err := gzhttp.NewWrapper(gzhttp.ContentTypes([]string{"text/html"}), gzhttp.EnableZstd(false))
	if err != nil {
		return nil, fmt.Errorf("web.New: %w", err)
	}
	e := newEcho(c)
	return &Handler{Handler: compress(e), routes: e.Routes()}, nil
}

func newEcho(c Config) *echo.Echo {
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
