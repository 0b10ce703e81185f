package handlers

import (
	"bytes"
	"net/http"

	"github.com/labstack/echo/v4"

	"portrait/internal/photo"
)

// tracked is what became of the newest change, for the page's script.
type tracked struct {
	Act     string `json:"act"` // set, remove, restore
	State   string `json:"state"`
	ETag    string `json:"etag,omitempty"`
	RetryAt string `json:"retryAt,omitempty"` // HTTP date
	Detail  string `json:"detail,omitempty"`  // why it failed, in a sentence
	Undo    string `json:"undo,omitempty"`    // as in an outcome
	Seen    bool   `json:"seen"`              // Microsoft 365 serves it
	Sizes   []int  `json:"sizes,omitempty"`   // in which it does, in pixels
}

// ShowState answers what became of the newest change of a photo.
func (s *Site) ShowState(c echo.Context) error {
	actor, subject, err := s.who(c)
	if err != nil {
		return err
	}
	t, err := s.Photo.Track(c.Request().Context(), actor, subject)
	if err != nil {
		return err
	}
	answer := tracked{
		Act: t.Act, State: string(t.State), ETag: t.ETag, RetryAt: httpTime(t.RetryAt),
		Undo: undoOf(t.Undo, t.WasNone), Seen: t.Seen, Sizes: t.Sizes,
	}
	if t.Failure != nil {
		answer.Detail = s.Printer(c).Say(t.Failure.Say)
	}
	return c.JSON(http.StatusOK, answer)
}

// SendDraft sends the newest change that Microsoft 365 doesn't have yet.
func (s *Site) SendDraft(c echo.Context) error {
	actor, subject, err := s.who(c)
	if err != nil {
		return err
	}
	saved, err := s.Photo.Send(c.Request().Context(), actor, subject, originOf(c))
	if err != nil {
		return err
	}
	return s.conclude(c, saved, subject.Path()+"/photo", doneSaved)
}

// DropDraft drops it.
func (s *Site) DropDraft(c echo.Context) error {
	actor, subject, err := s.who(c)
	if err != nil {
		return err
	}
	if err := s.Photo.Discard(c.Request().Context(), actor, subject); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, subject.Path()+"/photo")
}

// ShowDraft answers the picture of the newest change, as it is or was sent.
func (s *Site) ShowDraft(c echo.Context) error {
	actor, subject, err := s.who(c)
	if err != nil {
		return err
	}
	image, err := s.Photo.DraftImage(c.Request().Context(), actor, subject)
	if err != nil {
		return err
	}
	return sendImage(c, image)
}

// UndoTold undoes what the helpdesk did to the photo of the person who asks.
func (s *Site) UndoTold(c echo.Context) error {
	actor, err := s.actor(c)
	if err != nil {
		return err
	}
	o := photo.Order{Key: formKey(c, []byte(c.Param("id"))), Origin: originOf(c)}
	saved, err := s.Photo.UndoTold(c.Request().Context(), actor, c.Param("id"), o)
	if err != nil {
		return err
	}
	return s.conclude(c, saved, "/me/photo", doneRestored)
}

// DismissTold notes that the person who asks has read about it.
func (s *Site) DismissTold(c echo.Context) error {
	actor, err := s.actor(c)
	if err != nil {
		return err
	}
	if err := s.Photo.DismissTold(c.Request().Context(), actor, c.Param("id")); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/me/photo")
}

// DownloadData answers a zip with everything that is kept about the person who
// asks.
func (s *Site) DownloadData(c echo.Context) error {
	actor, err := s.actor(c)
	if err != nil {
		return err
	}
	var zip bytes.Buffer
	if err := s.Photo.Export(c.Request().Context(), actor, &zip, photo.Order{Origin: originOf(c)}); err != nil {
		return err
	}
	c.Response().Header().Set("Content-Disposition", `attachment; filename="portrait-data.zip"`)
	return c.Blob(http.StatusOK, "application/zip", zip.Bytes())
}
