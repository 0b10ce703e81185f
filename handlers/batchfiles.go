package handlers

import (
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"path"
	"strings"

	"github.com/labstack/echo/v4"

	"portrait/internal/batch"
	"portrait/internal/directory"
	"portrait/internal/fault"
	"portrait/internal/photo"
	"portrait/internal/words"
)

// PutFile takes one picture of a batch, for scripts: the number is in the
// address, the name in X-File-Name, UTF-8 and percent-encoded, and in X-Crop the
// square that is suggested, "x y side turn", if there is one.
func (s *Site) PutFile(c echo.Context) error {
	actor, n, err := s.itemOf(c)
	if err != nil {
		return err
	}
	name, err := url.PathUnescape(c.Request().Header.Get("X-File-Name"))
	if err != nil {
		return &fault.Error{Op: "handlers.PutFile", Kind: fault.BadRequest, Say: words.M("fault.bad-request"), Next: fault.NextHome, Err: err}
	}
	body, err := readBody(c)
	if err != nil {
		return err
	}
	ctx, id := c.Request().Context(), c.Param("batch")
	if err := s.Batch.AddFile(ctx, actor, id, n, name, body); err != nil {
		return err
	}
	if crop := c.Request().Header.Get("X-Crop"); crop != "" {
		if err := s.Batch.SetCrop(ctx, actor, id, n, crop); err != nil {
			return err
		}
	}
	return c.NoContent(http.StatusNoContent)
}

const partsKey = "parts"

// maxTokenBytes is more than the session's token has.
const maxTokenBytes = 1 << 10

// BeginParts begins to read a form with large files, whose first field must be
// the session's token: nothing else is read before that is checked, and nothing
// is put on a disk in plain. The body must get on from here, see batch.Paced.
// PostFiles reads the rest.
func BeginParts(c echo.Context) (token string, err error) {
	const op = "handlers.BeginParts"
	parts, err := openParts(c)
	if err != nil {
		return "", Unread(op, err)
	}
	first, err := parts.NextPart()
	if err != nil {
		return "", unreadParts(op, err)
	}
	if first.FormName() != "csrf_token" {
		return "", nil
	}
	text, err := io.ReadAll(io.LimitReader(first, maxTokenBytes))
	return string(text), unreadParts(op, err)
}

// openParts returns the parts of the form that aren't read yet.
func openParts(c echo.Context) (*multipart.Reader, error) {
	if parts, ok := c.Get(partsKey).(*multipart.Reader); ok {
		return parts, nil
	}
	r := c.Request()
	paced, err := batch.NewPaced(c.Response(), r)
	if err != nil {
		return nil, err
	}
	r.Body = io.NopCloser(paced) // net/http closes the one below by itself
	parts, err := r.MultipartReader()
	c.Set(partsKey, parts)
	return parts, err
}

// PostFiles takes pictures, zips and a CSV from a plain form, as many as there
// are, and goes back to the page.
func (s *Site) PostFiles(c echo.Context) error {
	const op = "handlers.PostFiles"
	actor, err := s.actor(c)
	if err != nil {
		return err
	}
	// Who may not is told so before anything large is read.
	if _, _, err := s.Batch.Counts(c.Request().Context(), actor, c.Param("batch")); err != nil {
		return err
	}
	parts, err := openParts(c)
	if err != nil {
		return Unread(op, err)
	}
	for taken := 0; ; taken++ {
		part, err := parts.NextPart()
		switch {
		case errors.Is(err, io.EOF) && taken == 0:
			return &fault.Error{Op: op, Kind: fault.Unreadable, Say: words.M("batch.no-files"), Next: fault.NextChoose}
		case errors.Is(err, io.EOF):
			return c.Redirect(http.StatusSeeOther, batchPath(c.Param("batch")))
		case err != nil:
			return unreadParts(op, err)
		case part.FileName() == "": // a field, or a file input that nothing was chosen in
			taken--
			continue
		}
		if err := s.takePart(c, actor, part); err != nil {
			return unreadParts(op, err)
		}
	}
}

// takePart takes one file of the form for what its name says it is.
func (s *Site) takePart(c echo.Context, actor directory.Actor, part *multipart.Part) error {
	ctx, id, name := c.Request().Context(), c.Param("batch"), part.FileName()
	switch strings.ToLower(path.Ext(name)) {
	case ".zip":
		return s.Batch.AddZip(ctx, actor, id, part)
	case ".csv", ".tsv", ".txt":
		csv, err := io.ReadAll(io.LimitReader(part, batch.MaxTableBytes+1)) // one more, so that it is noticed
		if err != nil {
			return err
		}
		return s.Batch.AddTable(ctx, actor, id, csv)
	}
	body, err := io.ReadAll(io.LimitReader(part, photo.MaxUploadBytes+1))
	if err != nil {
		return err
	}
	return s.Batch.Append(ctx, actor, id, name, body)
}

// unreadParts returns err for a form that may be as large as a zip.
func unreadParts(op string, err error) error {
	var large *http.MaxBytesError
	var said *fault.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &large):
		return &fault.Error{
			Op: op, Kind: fault.TooLarge, Say: words.M("batch.zip-too-large", "MaxGigabytes", batch.MaxZipBytes>>30), Next: fault.NextChoose, Err: err,
		}
	case errors.As(err, &said):
		return err
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return Unread(op, err)
	}
	return err
}
