package handlers

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"portrait/internal/directory"
	"portrait/internal/fault"
	"portrait/internal/photo"
	"portrait/internal/words"
	"portrait/views"
)

// ShowPhoto answers the page of a photo.
func (s *Site) ShowPhoto(c echo.Context) error {
	actor, subject, err := s.who(c)
	if err != nil {
		return err
	}
	shown, err := s.Photo.Show(c.Request().Context(), actor, subject)
	if err != nil {
		return err
	}
	if shown.Subject != subject {
		return c.Redirect(http.StatusSeeOther, shown.Subject.Path()+"/photo") // a name in the address becomes the id
	}
	page := s.photoPage(c, shown)
	if shown.HasPhoto && done(s.preference(c, doneCookie)) == doneRemoved {
		// Graph gives the old photo for a while; it can't be removed again.
		page.Facts, page.Remove = s.Printer(c).T("photo.facts-removed"), ""
	}
	page.Notices = append(s.done(c), page.Notices...)
	return Show(c, http.StatusOK, views.Photo(page))
}

// PutPhoto sets the photo to the picture in the body, for scripts.
func (s *Site) PutPhoto(c echo.Context) error {
	actor, subject, err := s.who(c)
	if err != nil {
		return err
	}
	body, err := readBody(c)
	if err != nil {
		return err
	}
	saved, err := s.Photo.Set(c.Request().Context(), actor, subject, photo.Upload{Body: body, Order: orderOf(c)})
	if err != nil {
		return err
	}
	return answerOutcome(c, saved)
}

// PostPhoto is PutPhoto for a plain HTML form; it goes back to the page.
func (s *Site) PostPhoto(c echo.Context) error {
	actor, subject, err := s.who(c)
	if err != nil {
		return err
	}
	upload, err := readForm(c)
	if err != nil {
		return err
	}
	saved, err := s.Photo.Set(c.Request().Context(), actor, subject, upload)
	if err != nil {
		return err
	}
	return s.conclude(c, saved, subject.Path()+"/photo", doneSaved)
}

// DeletePhoto removes the photo, for scripts.
func (s *Site) DeletePhoto(c echo.Context) error {
	saved, _, err := s.remove(c)
	if err != nil {
		return err
	}
	if saved.State == photo.Confirmed {
		return c.NoContent(http.StatusNoContent)
	}
	return answerOutcome(c, saved)
}

// RemovePhoto removes the photo, for a form; it goes back to the page.
func (s *Site) RemovePhoto(c echo.Context) error {
	saved, path, err := s.remove(c)
	if err != nil {
		return err
	}
	return s.conclude(c, saved, path, doneRemoved)
}

// remove removes the photo and returns the path of its page.
func (s *Site) remove(c echo.Context) (photo.Saved, string, error) {
	actor, subject, err := s.who(c)
	if err != nil {
		return photo.Saved{}, "", err
	}
	o := orderOf(c)
	if o.Key == "" && c.Request().Method == http.MethodPost {
		o.Key = formKey(c, []byte("remove"))
	}
	saved, err := s.Photo.Remove(c.Request().Context(), actor, subject, photo.Change{Order: o})
	return saved, subject.Path() + "/photo", err
}

// ShowImage answers the picture itself, in the size of the route or the
// largest. It may be kept by the browser but must be asked for every time.
// Where the query says or=blank it never fails: pages put pictures over
// initials, without knowing who has a photo. It then answers one transparent
// pixel where there is none, and two where it can't be had.
func (s *Site) ShowImage(c echo.Context) error {
	actor, subject, err := s.who(c)
	if err != nil {
		return err
	}
	size, err := sizeOf(c)
	if err != nil {
		return err
	}
	image, err := s.Photo.ThumbnailOf(c.Request().Context(), actor, subject, size)
	if err != nil && c.QueryParam("or") == "blank" && !fault.Is(err, fault.SignIn) {
		none := fault.Is(err, fault.NotFound)
		if !none {
			c.Set(causeKey, err)
		}
		image.Bytes, image.ContentType, err = blank(none), "image/gif", nil
	}
	if err != nil {
		return err
	}
	return sendImage(c, image)
}

// sendImage answers a picture. The browser may keep it but must ask every time,
// and whoever asks is checked before.
func sendImage(c echo.Context, image photo.Image) error {
	sum := sha256.Sum256(image.Bytes)
	etag := `"` + hex.EncodeToString(sum[:16]) + `"`
	h := c.Response().Header()
	h.Set("Cache-Control", "private, no-cache")
	h.Set("ETag", etag)
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'; frame-ancestors 'none'")
	if c.Request().Header.Get("If-None-Match") == etag {
		return c.NoContent(http.StatusNotModified)
	}
	return c.Blob(http.StatusOK, image.ContentType, image.Bytes)
}

// who returns the person who acts and the subject that the address names.
func (s *Site) who(c echo.Context) (directory.Actor, directory.Subject, error) {
	actor, err := s.actor(c)
	if err != nil {
		return actor, directory.Subject{}, err
	}
	subject, err := subjectOf(c.Path(), c.Request().URL.EscapedPath())
	if err != nil {
		err = &fault.Error{Op: "handlers.who", Kind: fault.NotFound, Say: words.M("fault.not-found"), Next: fault.NextHome, Err: err}
	}
	return actor, subject, err
}

// subjectOf reads the subject from the escaped path of a request to route. The
// route says where the subject ends, whatever the ids in the path look like.
func subjectOf(route, escaped string) (directory.Subject, error) {
	pattern, _, _ := strings.Cut(route, "/photo")
	parts := strings.Split(escaped, "/")
	n := strings.Count(pattern, "/") + 1
	if len(parts) < n {
		return directory.Subject{}, directory.ErrBadSubject
	}
	return directory.ParseSubject(strings.Join(parts[:n], "/"))
}

// sizeOf returns the side in the address, "96x96" = 96, or 0 for the largest.
func sizeOf(c echo.Context) (int, error) {
	raw := c.Param("size")
	if raw == "" {
		return 0, nil
	}
	w, h, _ := strings.Cut(strings.ToLower(raw), "x")
	side, err := strconv.Atoi(w)
	if err != nil || w != h {
		return 0, &fault.Error{Op: "handlers.sizeOf", Kind: fault.NotFound, Say: words.M("photo.absent"), Err: err}
	}
	return side, nil
}
