package handlers

import (
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"portrait/internal/photo"
)

// outcome is what became of a change, for scripts.
type outcome struct {
	State  string `json:"state"`            // confirmed; or waiting or unknown, with retryAt
	ETag   string `json:"etag,omitempty"`   // hexadecimal SHA-256 of the bytes sent
	Width  int    `json:"width,omitempty"`  // pixels
	Height int    `json:"height,omitempty"` // likewise
	Bytes  int    `json:"bytes,omitempty"`
	// When to ask again with the same key: an HTTP date.
	RetryAt string `json:"retryAt,omitempty"`
	// What to restore to undo it: an id of the history, or "none" if there was no
	// photo before.
	Undo string `json:"undo,omitempty"`
	// The account has no mailbox: the photo is in the directory alone.
	DirectoryOnly bool `json:"directoryOnly,omitempty"`
}

// wasNone is Undo where there was no photo before.
const wasNone = "none"

func undoOf(past string, none bool) string {
	if past == "" && none {
		return wasNone
	}
	return past
}

// answerOutcome answers a change that a script asked for: 200 if Graph has it,
// 202 if that isn't so yet or isn't known.
func answerOutcome(c echo.Context, saved photo.Saved) error {
	o := outcome{
		State: string(saved.State), ETag: saved.ETag, Width: saved.Width, Height: saved.Height, Bytes: saved.Bytes,
		Undo: undoOf(saved.Past, saved.WasNone), DirectoryOnly: saved.DirectoryOnly,
	}
	if saved.State == photo.Confirmed {
		return c.JSON(http.StatusOK, o)
	}
	o.RetryAt = httpTime(saved.RetryAt)
	return c.JSON(http.StatusAccepted, o)
}

func httpTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(http.TimeFormat)
}

// conclude answers a change by what asked for it: a script, or a form that goes
// back to the page at path, which says what was done.
func (s *Site) conclude(c echo.Context, saved photo.Saved, path string, ok done) error {
	if strings.Contains(c.Request().Header.Get("Accept"), "application/json") {
		return answerOutcome(c, saved)
	}
	switch {
	case saved.State == photo.Waiting:
		s.setDone(c, doneWaiting)
	case saved.State != photo.Confirmed:
		s.setDone(c, doneUnknown)
	case saved.DirectoryOnly:
		s.setDone(c, doneDirectoryOnly)
	case saved.Location:
		s.setDone(c, doneSavedLocation)
	default:
		s.setDone(c, ok)
	}
	return c.Redirect(http.StatusSeeOther, path)
}
