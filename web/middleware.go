package web

import (
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/labstack/echo/v4"

	"portrait/handlers"
	"portrait/internal/fault"
	"portrait/internal/words"
)

// identify gives the request its id and its answer a nonce, both of 128 random
// bits or more.
func (w *site) identify(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		v := handlers.Visit{ID: rand.Text(), Nonce: rand.Text()}
		handlers.SetVisit(c, v)
		c.Response().Header().Set("X-Request-Id", v.ID)
		return next(c)
	}
}

// record writes one line for each request. It names the route, never the
// address: that may hold ids and what people searched for.
func (w *site) record(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		begin := time.Now()
		defer func() {
			if r := recover(); r != nil { // an answer was cut short: recover lets nothing else pass
				w.line(c, begin, nil)
				panic(r)
			}
		}()
		err := next(c)
		if err != nil {
			c.Error(err) // answered here, so that the line has its status
		}
		w.line(c, begin, err)
		return nil
	}
}

// line writes the line for the request of c, which began at begin and failed
// with err or what CauseOf returns.
func (w *site) line(c echo.Context, begin time.Time, err error) {
	if w.Observe != nil {
		w.Observe(c.Request().Context(), c.Path(), c.Request().Method, c.Response().Status, time.Since(begin))
	}
	level := slog.LevelInfo
	if c.Path() == "/static/*" || c.Path() == "/healthz" || c.Path() == "/readyz" {
		level = slog.LevelDebug
	}
	attrs := []slog.Attr{
		slog.String("request", handlers.VisitOf(c).ID), slog.String("method", c.Request().Method), slog.String("route", c.Path()),
		slog.Int("status", c.Response().Status), slog.Duration("took", time.Since(begin)),
	}
	if a, ok := w.Auth.Actor(c.Request().Context()); ok {
		attrs = append(attrs, slog.String("actor", string(a.ID)))
	}
	if cause := firstError(err, handlers.CauseOf(c)); cause != nil {
		level = max(level, levelOf(cause))
		attrs = append(attrs, slog.String("cause", cause.Error()))
	}
	w.Log.LogAttrs(c.Request().Context(), level, "request", attrs...)
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// recover answers a panic as a fault; the stack goes to the log.
func (w *site) recover(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) (err error) {
		defer func() {
			r := recover()
			if r == nil {
				return
			}
			if r == http.ErrAbortHandler {
				panic(r) // net/http's own way to drop a connection
			}
			err = &fault.Error{
				Op: "web.recover", Kind: fault.Unexpected, Say: words.M("fault.unexpected"), Next: fault.NextRetry,
				Err: fmt.Errorf("panic: %v\n%s", r, debug.Stack()),
			}
		}()
		return next(c)
	}
}

// session reads who is signed in.
func (w *site) session(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if c.Path() == "/static/*" || c.Path() == "/healthz" {
			return next(c) // the same for everybody; no look into the database
		}
		r, err := w.Auth.Load(c.Response(), c.Request())
		if err != nil {
			return err
		}
		c.SetRequest(r)
		return next(c)
	}
}

// admit lets through whom the route is for. Somebody who isn't signed in and
// asks for a page is sent to sign in and comes back to it.
func (w *site) admit(who who) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			if who == anyone {
				return next(c)
			}
			if _, ok := w.Auth.Actor(c.Request().Context()); ok && who == signedIn {
				return next(c)
			}
			if wantsPage(c) {
				return c.Redirect(http.StatusSeeOther, signInHref(c))
			}
			return &fault.Error{Op: "web.admit", Kind: fault.SignIn, Say: words.M("signin.needed"), Next: fault.NextSignIn}
		}
	}
}
