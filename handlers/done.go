package handlers

import (
	"github.com/labstack/echo/v4"

	"portrait/internal/words"
	"portrait/views"
)

// done is what the page that a form goes back to says about what was done. It
// travels in a cookie that lives for one page, so that a link can't say it.
type done string

const (
	doneSaved         done = "saved"
	doneSavedLocation done = "saved-location"
	doneWaiting       done = "waiting"
	doneDirectoryOnly done = "directory-only"
	doneRemoved       done = "removed"
)

const doneCookie = "portrait-done"

const doneSeconds = 60

func (s *Site) setDone(c echo.Context, d done) {
	cookie := s.cookie(doneCookie, string(d))
	cookie.MaxAge = doneSeconds
	c.SetCookie(cookie)
}

// done returns what there is to say, once.
func (s *Site) done(c echo.Context) []views.Notice {
	value := preference(c, doneCookie)
	if value == "" {
		return nil
	}
	cookie := s.cookie(doneCookie, "")
	cookie.MaxAge = -1
	c.SetCookie(cookie)
	say := map[done]words.Message{
		doneSaved:         words.M("photo.done-saved"),
		doneSavedLocation: words.M("photo.done-saved-location"),
		doneWaiting:       words.M("photo.done-waiting"),
		doneDirectoryOnly: words.M("photo.done-directory-only"),
		doneRemoved:       words.M("photo.done-removed"),
	}
	m, ok := say[done(value)]
	if !ok {
		return nil
	}
	tone := "good"
	if done(value) == doneWaiting || done(value) == doneDirectoryOnly {
		tone = "caution"
	}
	return []views.Notice{{Tone: tone, Text: s.Printer(c).Say(m)}}
}
