package handlers

import (
	"encoding/hex"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"portrait/internal/photo"
)

// orderOf returns what the request says beside the change that it asks for, in
// headers or, in a form, in fields: Idempotency-Key, X-Reason, X-Photo-Version,
// saw.
func orderOf(c echo.Context) photo.Order {
	return photo.Order{
		Key: said(c, "Idempotency-Key", "idempotency_key"), Reason: reasonOf(c),
		Version: said(c, "X-Photo-Version", "version"), Saw: said(c, "", "saw"), Origin: originOf(c),
	}
}

// maxKey is the longest idempotency key that counts whole, in bytes.
const maxKey = 200

// said returns the header, or the form's field.
func said(c echo.Context, header, field string) string {
	value := c.Request().Header.Get(header)
	if value == "" && c.Request().Method == http.MethodPost {
		value = c.FormValue(field)
	}
	return value[:min(len(value), maxKey)]
}

// formKey returns the idempotency key of a form that a page made: the page's own
// key together with what was chosen. A double click is one change; going back and
// choosing something else is another.
func formKey(c echo.Context, chosen []byte) string {
	page := c.FormValue("page_key")
	if page == "" {
		return ""
	}
	return page + "." + hex.EncodeToString(chosen)
}

func originOf(c echo.Context) photo.Origin {
	return photo.Origin{RequestID: VisitOf(c).ID, IP: c.RealIP(), Agent: agentOf(c.Request().UserAgent())}
}

// agentOf returns the family of a browser. More would tell who somebody is.
func agentOf(header string) string {
	for _, family := range []struct{ mark, name string }{
		{"Edg", "Edge"}, {"OPR/", "Opera"}, {"Firefox/", "Firefox"}, {"Chrome/", "Chrome"}, {"Safari/", "Safari"},
	} {
		if strings.Contains(header, family.mark) {
			return family.name
		}
	}
	return "other"
}
