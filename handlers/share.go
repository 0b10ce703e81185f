package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"
)

// DropShared answers a picture that was shared to Portrait where no service
// worker took it: before the first visit, or where the browser has none. The
// picture is never read; the person is asked to choose it once more, on the page
// where it can be framed before anything is sent.
func (s *Site) DropShared(c echo.Context) error {
	s.setDone(c, doneShared)
	return c.Redirect(http.StatusSeeOther, "/me/photo")
}
