package handlers

import (
	"net/http"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"portrait/internal/auth"
	"portrait/internal/words"
)

// The cookies of what a person chose about the look of the pages. They say
// nothing about who it is and hold for signed-out pages too.
const (
	languageCookie = "portrait-language" // one of words.Languages
	themeCookie    = "portrait-theme"    // "light" or "dark"
)

const preferenceAge = 365 * 24 * time.Hour

// SavePreferences sets the language or the theme (form fields language, theme,
// return_to) and goes back to the page.
func (s *Site) SavePreferences(c echo.Context) error {
	if l := c.FormValue("language"); slices.Contains(words.Languages, l) {
		s.prefer(c, languageCookie, l)
	}
	switch t := c.FormValue("theme"); t {
	case "light", "dark":
		s.prefer(c, themeCookie, t)
	case "system":
		s.prefer(c, themeCookie, "")
	}
	return c.Redirect(http.StatusSeeOther, auth.SafeReturn(c.FormValue("return_to")))
}

// prefer sets the cookie name to value, or removes it where value is "".
func (s *Site) prefer(c echo.Context, name, value string) {
	cookie := s.cookie(name, value) // #nosec G124 -- has all three, see there
	cookie.MaxAge = int(preferenceAge.Seconds())
	if value == "" {
		cookie.MaxAge = -1
	}
	c.SetCookie(cookie)
}

// cookie returns a cookie for the whole site that scripts can't read. Where the
// site is https its name has the prefix that browsers hold to that.
func (s *Site) cookie(name, value string) *http.Cookie {
	// #nosec G124 -- Secure is off only where the site is http on this machine
	return &http.Cookie{Name: s.cookieName(name), Value: value, Path: "/", HttpOnly: true, Secure: s.Secure, SameSite: http.SameSiteLaxMode}
}

// cookieName returns what the cookie name is called here. Where the site is
// https the bare name isn't read: a neighbouring host could set that one for
// all of the domain.
func (s *Site) cookieName(name string) string {
	if s.Secure {
		return "__Host-" + name
	}
	return name
}

// preference returns the value of the cookie name, or "".
func (s *Site) preference(c echo.Context, name string) string {
	cookie, err := c.Cookie(s.cookieName(name))
	if err != nil {
		return ""
	}
	return cookie.Value
}
