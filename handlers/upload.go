package handlers

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"portrait/internal/fault"
	"portrait/internal/photo"
	"portrait/internal/words"
)

// readBody returns the request's body, which web limits to a little more than
// photo.MaxUploadBytes.
func readBody(c echo.Context) ([]byte, error) {
	const op = "handlers.readBody"
	if c.Request().ContentLength > photo.MaxUploadBytes {
		return nil, tooLarge(op, nil)
	}
	body, err := io.ReadAll(c.Request().Body)
	if err != nil {
		return nil, Unread(op, err)
	}
	if len(body) > photo.MaxUploadBytes {
		return nil, tooLarge(op, nil)
	}
	return body, nil
}

// readForm returns what a form asks to save: the file photo, and in x, y, side
// and turn which part of it. The form has been parsed where its token was
// checked.
func readForm(c echo.Context) (photo.Upload, error) {
	const op = "handlers.readForm"
	var u photo.Upload
	for name, into := range map[string]*int{"x": &u.Frame.X, "y": &u.Frame.Y, "side": &u.Frame.Side, "turn": &u.Frame.Turn} {
		raw := c.FormValue(name)
		if raw == "" {
			continue
		}
		n, err := strconv.Atoi(raw)
		if err != nil {
			return u, &fault.Error{Op: op, Kind: fault.BadRequest, Say: words.M("picture.bad-crop"), Next: fault.NextChoose, Err: err}
		}
		*into = n
	}
	header, err := c.FormFile("photo")
	if err != nil && !errors.Is(err, http.ErrMissingFile) {
		return u, Unread(op, err)
	}
	if header == nil {
		return u, &fault.Error{Op: op, Kind: fault.Unreadable, Say: words.M("picture.none-chosen"), Next: fault.NextChoose}
	}
	if header.Size > photo.MaxUploadBytes {
		return u, tooLarge(op, nil)
	}
	if u.Body, err = readFile(header); err != nil {
		return u, err
	}
	if u.Order = orderOf(c); u.Key == "" {
		sum := sha256.Sum256(fmt.Appendf(u.Body[:len(u.Body):len(u.Body)], "%v", u.Frame))
		u.Key = formKey(c, sum[:])
	}
	return u, nil
}

func readFile(header *multipart.FileHeader) ([]byte, error) {
	const op = "handlers.readFile"
	f, err := header.Open()
	if err != nil {
		return nil, Unread(op, err)
	}
	defer f.Close() // it is only read
	body, err := io.ReadAll(f)
	if err != nil {
		return nil, Unread(op, err)
	}
	return body, nil
}

// reasonOf returns what the helpdesk says that a change is for: the header
// X-Reason, UTF-8 and percent-encoded, or the form field reason.
func reasonOf(c echo.Context) string {
	if raw := c.Request().Header.Get("X-Reason"); raw != "" {
		if reason, err := url.PathUnescape(raw); err == nil && utf8.ValidString(reason) {
			return strings.TrimSpace(reason)
		}
		return "" // as good as none: the answer says that one is missing
	}
	if c.Request().Method != http.MethodPost {
		return ""
	}
	return strings.TrimSpace(c.FormValue("reason"))
}

// blank returns a transparent picture: one pixel wide where there is no photo,
// two where nobody knows.
func blank(none bool) []byte {
	gif := []byte("GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\x00\x00\x00!\xf9\x04\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;")
	if !none {
		gif[6] = 2 // width of the canvas
	}
	return gif
}

// Unread returns the fault for a body that couldn't be read to its end: it is
// too large, or didn't arrive whole.
func Unread(op string, err error) error {
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return tooLarge(op, err)
	}
	return &fault.Error{Op: op, Kind: fault.BadRequest, Say: words.M("picture.not-arrived"), Next: fault.NextRetry, Err: err}
}

func tooLarge(op string, err error) error {
	return &fault.Error{
		Op: op, Kind: fault.TooLarge, Next: fault.NextChoose, Err: err,
		Say: words.M("picture.file-too-large", "MaxMegabytes", photo.MaxUploadBytes>>20),
	}
}
