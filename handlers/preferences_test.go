package handlers

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/labstack/echo/v4"
)

// TestSecurityANeighbouringHostSetsNoPreference sends the cookies that another host of
// the same domain can set beside ours.
func TestSecurityANeighbouringHostSetsNoPreference(t *testing.T) {
	for _, tt := range []struct {
		secure bool
		cookie string
		want   string
	}{
		{true, "portrait-done", ""},
		{true, "__Host-portrait-done", "saved"},
		{false, "portrait-done", "saved"},
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.AddCookie(&http.Cookie{Name: tt.cookie, Value: "saved"})
		s := &Site{Secure: tt.secure}
		if got := s.preference(echo.New().NewContext(r, httptest.NewRecorder()), doneCookie); got != tt.want {
			t.Errorf("https %v, cookie %s: %q, want %q", tt.secure, tt.cookie, got, tt.want)
		}
	}
}
