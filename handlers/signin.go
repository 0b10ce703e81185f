package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"portrait/internal/auth"
)

// BeginSignIn goes straight to the provider. return_to is where the person
// comes back to, a path of this site; for is what they want to be allowed
// beside their own photo, one of auth.ForGroups and so on.
func (s *Site) BeginSignIn(c echo.Context) error {
	wish := auth.Wish{ReturnTo: auth.SafeReturn(c.QueryParam("return_to")), For: c.QueryParam("for")}
	location, err := s.Auth.Begin(c.Response(), c.Request(), wish)
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, location)
}

// FinishSignIn is where the provider sends the person back to.
func (s *Site) FinishSignIn(c echo.Context) error {
	out, err := s.Auth.Finish(c.Response(), c.Request())
	if err != nil {
		return err
	}
	switch {
	case out.Other:
		s.setDone(c, doneOther)
	case out.Declined != "":
		s.setDone(c, doneDeclined)
	}
	return c.Redirect(http.StatusSeeOther, out.ReturnTo)
}

// EndByProvider is called from a frame of the provider's page when the person
// has signed out there.
func (s *Site) EndByProvider(c echo.Context) error {
	if err := s.Auth.EndByProvider(c.Request()); err != nil {
		return err
	}
	return c.NoContent(http.StatusOK)
}

// SignOut ends the session here and then at the provider.
func (s *Site) SignOut(c echo.Context) error {
	location, err := s.Auth.SignOut(c.Response(), c.Request())
	if err != nil {
		return err
	}
	c.Response().Header().Set("Clear-Site-Data", `"cache", "storage"`)
	return c.Redirect(http.StatusSeeOther, location)
}
