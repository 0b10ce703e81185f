// Package handlers turns one request into one page, picture or answer. A
// handler returns its errors; web/errors.go alone answers them.
package handlers

import (
	"bytes"
	"context"
	"net/http"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"portrait/internal/auth"
	"portrait/internal/batch"
	"portrait/internal/coverage"
	"portrait/internal/directory"
	"portrait/internal/export"
	"portrait/internal/fault"
	"portrait/internal/photo"
	"portrait/internal/words"
	"portrait/views"
)

// Site holds what the handlers work with. All its fields must be set, but
// Banner.
type Site struct {
	Photo  *photo.Service
	Batch  *batch.Service
	Cover  *coverage.Service
	Hand   *export.Service
	Auth   *auth.Auth
	Words  *words.Catalog
	Banner map[string]views.Banner         // by language, "" for all that have none of their own
	Ready  func(ctx context.Context) error // tells whether the database can be written to
	// KeysFit tells whether what other replicas seal can be opened here.
	KeysFit func(ctx context.Context) error
	Graph   func() string // what Graph was like lately, in a word
	Secure  bool          // the site's public address is https
}

// Visit is what is known of a request before its handler runs.
type Visit struct {
	ID    string // request id, also in the log and in the X-Request-Id header
	Nonce string // of the answer's Content-Security-Policy
}

const visitKey = "visit"

// SetVisit remembers v for the handlers of c.
func SetVisit(c echo.Context, v Visit) { c.Set(visitKey, v) }

// VisitOf returns what SetVisit remembered, or a zero Visit.
func VisitOf(c echo.Context) Visit {
	v, _ := c.Get(visitKey).(Visit) // zero where no middleware ran, as in a test of one handler
	return v
}

// Printer returns the printer for whoever sent the request.
func (s *Site) Printer(c echo.Context) words.Printer {
	return s.Words.Printer(s.preference(c, languageCookie), c.Request().Header.Get("Accept-Language"))
}

// banner returns the operator's notice for readers of lang, nil for none.
func (s *Site) banner(lang string) *views.Banner {
	for _, tag := range []string{lang, ""} {
		if b, ok := s.Banner[tag]; ok {
			return &b
		}
	}
	return nil
}

// Frame returns what surrounds a page titled title.
func (s *Site) Frame(c echo.Context, title string) views.Frame {
	ctx := c.Request().Context()
	p := s.Printer(c)
	f := views.Frame{
		P: p, Languages: p.Others(), Title: title, Theme: s.preference(c, themeCookie), Nonce: VisitOf(c).Nonce,
		CSRF: s.Auth.CSRF(ctx), Path: c.Request().URL.Path, Banner: s.banner(p.Lang()),
	}
	if c.Request().Method != http.MethodGet {
		f.Path = "/" // the address of a change can't be come back to
	}
	if a, ok := s.Auth.Actor(ctx); ok {
		f.Mark = s.Photo.Mark(a)
		f.Viewer = &views.Viewer{Avatar: avatarOf(a), UPN: a.UPN, Helpdesk: a.Role == directory.Helpdesk}
	}
	return f
}

// Show renders page whole and sends it with status.
func Show(c echo.Context, status int, page templ.Component) error {
	var b bytes.Buffer
	if err := page.Render(c.Request().Context(), &b); err != nil {
		return err
	}
	return c.HTMLBlob(status, b.Bytes())
}

// actor returns who is signed in. The routes that call it are only for those
// who are.
func (s *Site) actor(c echo.Context) (directory.Actor, error) {
	a, ok := s.Auth.Actor(c.Request().Context())
	if !ok {
		return a, &fault.Error{Op: "handlers.actor", Kind: fault.SignIn, Say: words.M("signin.needed"), Next: fault.NextSignIn}
	}
	return a, nil
}

// avatarOf returns a's own photo over their initials.
func avatarOf(a directory.Actor) views.Avatar {
	return views.Avatar{Name: a.Name, Src: "/me/photos/64x64/$value?or=blank", Hue: views.Hue(string(a.ID)), Shape: "circle"}
}
