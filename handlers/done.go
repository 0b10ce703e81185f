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
	doneUnknown       done = "unknown"
	doneRestored      done = "restored"
	doneForgotten     done = "forgotten"
	doneOther         done = "other"    // another account is signed in than before
	doneDeclined      done = "declined" // what was asked for wasn't granted
	doneSignedOut     done = "signed-out"
	doneShared        done = "shared" // a picture came without anybody to take it
)

const doneCookie = "portrait-done"

const doneSeconds = 60

func (s *Site) setDone(c echo.Context, d done) {
	cookie := s.cookie(doneCookie, string(d)) // #nosec G124 -- has all three, see there
	cookie.MaxAge = doneSeconds
	c.SetCookie(cookie)
}

// done returns what there is to say, once.
func (s *Site) done(c echo.Context) []views.Notice {
	value := s.preference(c, doneCookie)
	if value == "" {
		return nil
	}
	cookie := s.cookie(doneCookie, "") // #nosec G124 -- has all three, see there
	cookie.MaxAge = -1
	c.SetCookie(cookie)
	say := map[done]words.Message{
		doneSaved:         words.M("photo.done-saved"),
		doneSavedLocation: words.M("photo.done-saved-location"),
		doneWaiting:       words.M("photo.done-waiting"),
		doneDirectoryOnly: words.M("photo.done-directory-only"),
		doneRemoved:       words.M("photo.done-removed"),
		doneUnknown:       words.M("photo.done-unknown"),
		doneRestored:      words.M("photo.done-restored"),
		doneForgotten:     words.M("photo.done-forgotten"),
		doneOther:         words.M("signin.done-other"),
		doneDeclined:      words.M("signin.done-declined"),
		doneSignedOut:     words.M("signin.done-signed-out"),
		doneShared:        words.M("photo.done-shared"),
	}
	m, ok := say[done(value)]
	if !ok {
		return nil
	}
	tone := "good"
	switch done(value) {
	case doneWaiting, doneUnknown, doneDirectoryOnly:
		tone = "caution"
	case doneOther, doneDeclined, doneShared:
		tone = "info"
	}
	return []views.Notice{{Tone: tone, Text: s.Printer(c).Say(m)}}
}
