package web

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"portrait/handlers"
	"portrait/internal/fault"
	"portrait/internal/words"
	"portrait/static"
)

const (
	smallBody   = 64 << 10       // a form without a file
	pictureBody = 25<<20 + 1<<20 // photo.MaxUploadBytes and the rest of its form
	zipBody     = 1<<30 + 1<<20  // batch.MaxZipBytes and the rest of its form: read part by part, never whole
	// bodyBudget bounds the memory of pictures on their way in: four of the
	// largest at once, or any number of framed ones, which are small.
	bodyBudget = 4 * pictureBody
	// bodyFree is what a body may have without asking for its share.
	bodyFree = 1 << 20
	bodyWait = 10 * time.Second
)

// secure sets what every answer carries, errors, redirects and files included.
// Handlers may be stricter.
func (w *site) secure(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		h := c.Response().Header()
		h.Set("Content-Security-Policy", w.policy(handlers.VisitOf(c).Nonce, strings.HasSuffix(c.Path(), "/photo") || c.Path() == "/batches/:batch"))
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera="+cameraFor(c)+", microphone=(), geolocation=(), payment=(), usb=(), clipboard-read=(self)")
		h.Set("Cache-Control", "no-store")
		h.Add("Vary", "Cookie, Accept-Language")
		if w.BaseURL.Scheme == "https" {
			h.Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
		}
		return next(c)
	}
}

// cameraFor returns who may use the camera: the page itself where a photo is
// changed, nobody elsewhere.
func cameraFor(c echo.Context) string {
	if strings.HasSuffix(c.Path(), "/photo") {
		return "(self)"
	}
	return "()"
}

// policy is the Content-Security-Policy of a page: our own files, scripts by
// nonce, no inline anything, and forms that may lead to the provider (signing
// out does).
//
// Only a page that pictures are put into may start workers: ours and the service
// worker that takes what is shared, by their whole addresses. Without worker-src
// a worker would be judged by script-src, whose
// 'strict-dynamic' lets a script of ours start any, so naming them is stricter
// than saying nothing. What the workers need themselves stands in their own
// answers, see static/workers.go.
//
// A worker's address comes from a string, which Trusted Types let through
// nowhere but by a named policy. static/js/assistant.ts makes the one that is
// allowed, when the page begins; it passes the same addresses, and no
// second one of that name can be made.
func (w *site) policy(nonce string, takesPictures bool) string {
	workers, trusted := "worker-src 'none'", "trusted-types 'none'"
	if takesPictures {
		at := w.BaseURL.Scheme + "://" + w.BaseURL.Host
		workers, trusted = "worker-src", "trusted-types portrait-worker"
		for _, worker := range []string{static.ShrinkWorker, static.FaceWorker, static.HEICWorker, static.ShareWorker} {
			workers += " " + at + static.URL(worker)
		}
	}
	return strings.Join([]string{
		"default-src 'none'",
		"script-src 'nonce-" + nonce + "' 'strict-dynamic'",
		workers,
		"style-src 'self'",
		"img-src 'self' blob:",
		"connect-src 'self'",
		"manifest-src 'self'",
		"form-action " + strings.Join(append([]string{"'self'"}, w.Auth.FormActionOrigins()...), " "),
		"base-uri 'none'",
		"object-src 'none'",
		"frame-ancestors 'none'",
		"require-trusted-types-for 'script'",
		trusted,
	}, "; ")
}

// sameOrigin refuses changes that another site asked for, and pictures that
// another site shows.
func (w *site) sameOrigin(next echo.HandlerFunc) echo.HandlerFunc {
	protection := http.NewCrossOriginProtection()
	// Our own address: behind a proxy the Host header may be another one.
	trustErr := protection.AddTrustedOrigin(w.BaseURL.Scheme + "://" + w.BaseURL.Host)
	return func(c echo.Context) error {
		const op = "web.sameOrigin"
		if err := errors.Join(trustErr, protection.Check(c.Request())); err != nil {
			return foreign(op, err)
		}
		site := c.Request().Header.Get("Sec-Fetch-Site")
		if strings.HasSuffix(c.Path(), "/$value") && site != "" && site != "same-origin" && site != "none" {
			return foreign(op, errors.New("picture asked for from "+site))
		}
		return next(c)
	}
}

// token checks the session's token on every change, in the header X-CSRF-Token
// or the form field csrf_token. Who isn't signed in has none and can change
// nothing but how the pages look.
func (w *site) token(limit int64) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error { return w.checkToken(c, limit, next) }
	}
}

// checkToken is token for a request whose body is at most limit bytes long. Of
// one that may be a zip only the first field is read.
func (w *site) checkToken(c echo.Context, limit int64, next echo.HandlerFunc) error {
	r := c.Request()
	if isSafe(r.Method) {
		return next(c)
	}
	if _, ok := w.Auth.Actor(r.Context()); !ok {
		return next(c)
	}
	if c.Path() == sharePath {
		return next(c) // the system of a phone has no token, and nothing is changed
	}
	given := r.Header.Get("X-CSRF-Token")
	multipart := strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/form-data")
	if given == "" && multipart && limit == zipBody {
		var err error
		if given, err = handlers.BeginParts(c); err != nil {
			return err
		}
		if given == "" { // the form mustn't be looked through for it
			return foreign("web.token", errors.New("the token isn't the first field"))
		}
	}
	if given == "" && multipart {
		if err := r.ParseMultipartForm(pictureBody); err != nil {
			return handlers.Unread("web.token", err)
		}
	}
	if given == "" {
		given = r.PostFormValue("csrf_token")
	}
	if !w.Auth.CheckCSRF(r.Context(), given) {
		return foreign("web.token", errors.New("token absent or of another session"))
	}
	return next(c)
}

func foreign(op string, err error) error {
	return &fault.Error{Op: op, Kind: fault.Forbidden, Say: words.M("fault.foreign-request"), Next: fault.NextHome, Err: err}
}

// limitBody refuses a body of more than limit bytes.
func (w *site) limitBody(limit int64) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			c.Request().Body = http.MaxBytesReader(c.Response(), c.Request().Body, limit)
			return next(c)
		}
	}
}

// queueBody lets large bodies take their turn. Only people who are signed in
// come this far: nobody else can hold up the others.
func (w *site) queueBody(limit int64) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			r := c.Request()
			share := r.ContentLength
			if share < 0 || share > limit {
				share = limit
			}
			share = min(share, pictureBody) // a zip is read piece by piece: one picture of it is in memory
			if limit <= bodyFree || share <= bodyFree {
				return next(c)
			}
			ctx, cancel := context.WithTimeout(r.Context(), bodyWait)
			defer cancel()
			actor, _ := w.Auth.Actor(ctx) // admit has let them in
			release, err := w.bodies.acquire(ctx, actor.ID, share)
			if err != nil {
				return &fault.Error{
					Op: "web.queueBody", Kind: fault.Busy, Say: words.M("picture.busy"),
					Next: fault.NextWait, RetryAfter: bodyWait, Err: err,
				}
			}
			defer release()
			return next(c)
		}
	}
}

// clientIP tells a client's address: the connection's, or what the trusted
// proxies say.
func clientIP(trusted []netip.Prefix) echo.IPExtractor {
	if len(trusted) == 0 {
		return echo.ExtractIPDirect()
	}
	options := []echo.TrustOption{echo.TrustLoopback(false), echo.TrustLinkLocal(false), echo.TrustPrivateNet(false)}
	for _, p := range trusted {
		options = append(options, echo.TrustIPRange(&net.IPNet{
			IP: p.Addr().AsSlice(), Mask: net.CIDRMask(p.Bits(), p.Addr().BitLen()),
		}))
	}
	return echo.ExtractIPFromXFFHeader(options...)
}

func isSafe(method string) bool {
	return slices.Contains([]string{http.MethodGet, http.MethodHead, http.MethodOptions}, method)
}

// signInHref returns the address that signs in and comes back to this page.
func signInHref(c echo.Context) string {
	return "/auth/sign-in?return_to=" + url.QueryEscape(c.Request().URL.EscapedPath())
}
