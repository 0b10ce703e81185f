package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"portrait/views"
)

// ShowHome answers the first page. Whoever is signed in came for their photo
// and goes on to it.
func (s *Site) ShowHome(c echo.Context) error {
	if _, ok := s.Auth.Actor(c.Request().Context()); ok {
		return c.Redirect(http.StatusSeeOther, "/me/photo")
	}
	if c.QueryParams().Has("state") { // the provider sends people back from its sign-out
		if s.Auth.SignedOut(c.Response(), c.Request()) {
			s.setDone(c, doneSignedOut)
		}
		return c.Redirect(http.StatusSeeOther, "/")
	}
	page := views.HomePage{
		Frame:   s.Frame(c, s.Printer(c).T("home.page-title")),
		SignIn:  "/auth/sign-in?return_to=/me/photo",
		Notices: s.done(c),
	}
	return Show(c, http.StatusOK, views.Home(page))
}

// ShowHealth answers 200 while the process serves.
func (s *Site) ShowHealth(c echo.Context) error { return c.String(http.StatusOK, "ok\n") }

// ShowReady answers 200 when people can be served: the database takes what is
// written to it, what other replicas seal can be opened, the provider's metadata
// is known, and its clock and ours agree. Otherwise 503, one line for each thing.
// Graph's trouble is shown and doesn't count.
func (s *Site) ShowReady(c echo.Context) error {
	status, text := http.StatusOK, ""
	ctx := c.Request().Context()
	line := func(name string, err error) {
		if err == nil {
			text += name + ": ok\n"
			return
		}
		status = http.StatusServiceUnavailable
		text += name + ": not ready\n" // why is in the log, not for everybody
		c.Set(causeKey, err)
	}
	line("database", s.Ready(ctx))
	line("keys", s.KeysFit(ctx))
	line("sign-in", s.Auth.Ready(ctx))
	line("clock", s.Auth.Clock())
	text += "graph: " + s.Graph() + "\n" // people are served all the same: a save waits
	return c.String(status, text)
}

const causeKey = "cause"

// CauseOf returns what an answered request should be logged with, or nil.
func CauseOf(c echo.Context) error {
	err, _ := c.Get(causeKey).(error) // nil where nothing was set
	return err
}
