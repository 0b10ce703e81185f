package web

import (
	"encoding/json"
	"errors"
	"log/slog"
	"math"
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"portrait/handlers"
	"portrait/internal/fault"
	"portrait/internal/words"
	"portrait/views"
)

// statuses says how each kind of fault is answered.
var statuses = map[fault.Kind]int{
	fault.Unexpected:  http.StatusInternalServerError,
	fault.BadRequest:  http.StatusBadRequest,
	fault.SignIn:      http.StatusUnauthorized,
	fault.Forbidden:   http.StatusForbidden,
	fault.NotFound:    http.StatusNotFound,
	fault.NotAllowed:  http.StatusMethodNotAllowed,
	fault.Conflict:    http.StatusConflict,
	fault.TooLarge:    http.StatusRequestEntityTooLarge,
	fault.Unsupported: http.StatusUnsupportedMediaType,
	fault.Unreadable:  http.StatusUnprocessableEntity,
	fault.TooMany:     http.StatusTooManyRequests,
	fault.Unavailable: http.StatusBadGateway,
	fault.Busy:        http.StatusServiceUnavailable,
	fault.Timeout:     http.StatusGatewayTimeout,
}

// answerError is the only place where an error becomes an answer: a page for
// people, application/problem+json for scripts. The cause is only logged.
func (w *site) answerError(err error, c echo.Context) {
	if c.Response().Committed {
		return // half sent; the line in the log is all that can be done
	}
	e := faultOf(err)
	if e.Claims != "" {
		if err := w.Auth.Challenged(c.Request().Context(), e.Claims); err != nil {
			e = faultOf(err) // Graph keeps asking
		} else if wantsPage(c) {
			w.sendToSignIn(c)
			return
		}
	}
	h := c.Response().Header()
	h.Set("Cache-Control", "no-store")
	if e.RetryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(int(math.Ceil(e.RetryAfter.Seconds()))))
	}
	status := statuses[e.Kind]
	if answersPage(c.Request()) {
		if e.Next == fault.NextAllow && wantsPage(c) {
			status = http.StatusOK // asking for a permission isn't refusing, but it is no picture
		}
		page := w.Site.Trouble(c, e)
		err = handlers.Show(c, status, views.Trouble(page))
	} else {
		err = w.answerProblem(c, status, e)
	}
	if err != nil {
		w.Log.Error("answer failed", "request", handlers.VisitOf(c).ID, "cause", err.Error())
	}
}

// sendToSignIn leads to the provider and back to this page: the session
// remembers the claims that Graph wants to see.
func (w *site) sendToSignIn(c echo.Context) {
	if err := c.Redirect(http.StatusSeeOther, signInHref(c)); err != nil {
		w.Log.Error("answer failed", "request", handlers.VisitOf(c).ID, "cause", err.Error())
	}
}

// problem is an error as scripts get it, by RFC 9457 and three members of ours.
type problem struct {
	Title     string `json:"title"`
	Detail    string `json:"detail"` // the sentence
	Status    int    `json:"status"`
	RequestID string `json:"requestId"`
	Next      string `json:"next,omitempty"`       // a fault.Next
	RetryIn   int    `json:"retryAfter,omitempty"` // seconds
}

func (w *site) answerProblem(c echo.Context, status int, e *fault.Error) error {
	body, err := json.Marshal(problem{
		Title: w.Site.Title(c, e.Kind), Detail: w.Site.Printer(c).Say(e.Say), Status: status,
		RequestID: handlers.VisitOf(c).ID, Next: string(e.Next), RetryIn: int(math.Ceil(e.RetryAfter.Seconds())),
	})
	if err != nil {
		return err
	}
	return c.Blob(status, "application/problem+json", body)
}

// faultOf returns err as a fault; Echo's own errors are about the address.
func faultOf(err error) *fault.Error {
	var e *echo.HTTPError
	if !errors.As(err, &e) {
		return fault.As(err)
	}
	f := &fault.Error{Op: "web.route", Kind: fault.BadRequest, Say: words.M("fault.bad-request"), Next: fault.NextHome, Err: err}
	switch e.Code {
	case http.StatusNotFound:
		f.Kind, f.Say = fault.NotFound, words.M("fault.not-found")
	case http.StatusMethodNotAllowed:
		f.Kind, f.Say = fault.NotAllowed, words.M("fault.not-allowed")
	case http.StatusInternalServerError:
		f.Kind, f.Say = fault.Unexpected, words.M("fault.unexpected")
	}
	return f
}

// levelOf says how loudly err is logged: defects and broken partners are the
// operator's business, the rest is everyday life.
func levelOf(err error) slog.Level {
	switch faultOf(err).Kind {
	case fault.Unexpected:
		return slog.LevelError
	case fault.Unavailable, fault.Busy, fault.Timeout:
		return slog.LevelWarn
	}
	return slog.LevelInfo
}

// answersPage reports whether an error is answered with a page: PUT and DELETE
// come from scripts, and so does what asks for JSON.
func answersPage(r *http.Request) bool {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodPost:
		return !strings.Contains(r.Header.Get("Accept"), "application/json")
	}
	return false
}

// wantsPage reports whether a person is on the way to a page: a picture is
// none, and a form's answer leads to one.
func wantsPage(c echo.Context) bool {
	return c.Request().Method != http.MethodPost && answersPage(c.Request()) && !strings.HasSuffix(c.Path(), "/$value")
}
