package handlers

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"portrait/internal/directory"
	"portrait/internal/words"
	"portrait/views"
)

// maxQuery is the longest search that is passed on, in bytes.
const maxQuery = 200

// answerList sends l as a page, or its rows alone to a script that asks for
// JSON: that is how a list follows what a person types.
func answerList(c echo.Context, l views.ListPage) error {
	if !strings.Contains(c.Request().Header.Get("Accept"), "application/json") {
		return Show(c, http.StatusOK, views.List(l))
	}
	rows := make([]rowAnswer, 0, len(l.Rows))
	for _, r := range l.Rows {
		rows = append(rows, rowAnswer{
			Name: r.Name, Detail: r.Detail, Href: r.Href, Src: r.Src, Initials: views.Initials(r.Name), Hue: r.Hue,
		})
	}
	return c.JSON(http.StatusOK, listAnswer{Rows: rows, Next: l.Next})
}

// listAnswer is a page of a list for scripts.
type listAnswer struct {
	Rows []rowAnswer `json:"rows"`
	Next string      `json:"next"` // address of the next page, "" at the end
}

type rowAnswer struct {
	Name     string `json:"name"`
	Detail   string `json:"detail"`
	Href     string `json:"href"`
	Src      string `json:"src"`
	Initials string `json:"initials"`
	Hue      int    `json:"hue"`
}

// queryOf returns what is searched for.
func queryOf(c echo.Context) string {
	q := strings.TrimSpace(c.QueryParam("q"))
	if len(q) > maxQuery {
		q = strings.ToValidUTF8(q[:maxQuery], "")
	}
	return q
}

// nextHref returns the address of the page that Graph's link next leads to, or
// "" at the end. graph checks the link before it follows it.
func nextHref(c echo.Context, next string) string {
	if next == "" {
		return ""
	}
	values := url.Values{"next": {next}}
	if q := queryOf(c); q != "" {
		values.Set("q", q)
	}
	return c.Request().URL.EscapedPath() + "?" + values.Encode()
}

// row returns the row of a subject. Where there is no picture the address
// answers an empty one, so that the initials below are seen.
func row(subject directory.Subject, key, name, detail string) views.Row {
	return views.Row{
		Avatar: views.Avatar{Name: name, Src: subject.Path() + "/photos/96x96/$value?or=blank", Hue: views.Hue(key), Shape: shapeOf(subject)},
		Href:   subject.Path() + "/photo", Detail: detail,
	}
}

// join returns the parts that say something, with a dot between them.
func join(parts ...string) string {
	var said []string
	for _, p := range parts {
		if p != "" {
			said = append(said, p)
		}
	}
	return strings.Join(said, " · ")
}

// emptySentence says why a list has no rows.
func emptySentence(p words.Printer, query string, none words.Message) string {
	if query != "" {
		return p.T("list.no-match", "Query", query)
	}
	return p.Say(none)
}
