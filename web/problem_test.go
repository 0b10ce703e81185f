package web

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"portrait/handlers"
	"portrait/internal/fault"
	"portrait/internal/words"
)

// FuzzProblem holds that an error, whatever name or text of somebody's is in its
// sentence, is answered to scripts with JSON that says just that, that no browser
// could take for a page, and that no header takes anything from it.
func FuzzProblem(f *testing.F) {
	for _, text := range []string{
		"", "Ada", "\x00\r\nSet-Cookie: a=b", `"}],"status":200,"x":"`, "</script><script>alert(1)</script>", "{{.Name}}", "\u2028\u202e\ufeff", "\xff\xfe", strings.Repeat("a", 9000),
	} {
		f.Add(text, int(fault.Forbidden), int64(7e9), "en")
		f.Add(text, int(fault.Busy), int64(-1), text)
	}
	catalog, err := words.New()
	if err != nil {
		f.Fatal(err)
	}
	w := &site{Config: Config{Site: &handlers.Site{Words: catalog}}}
	e := echo.New()
	f.Fuzz(func(t *testing.T, text string, kind int, wait int64, language string) {
		r := httptest.NewRequest(http.MethodPut, "/me/photo/$value", nil)
		r.Header.Set("Accept-Language", language)
		answer := httptest.NewRecorder()
		c := e.NewContext(r, answer)
		status, ok := statuses[fault.Kind(kind)]
		if !ok {
			status = http.StatusInternalServerError
		}
		say := words.M("audit.only-name", "Name", text)
		err := w.answerProblem(c, status, &fault.Error{Kind: fault.Kind(kind), Say: say, Next: fault.Next(text), RetryAfter: time.Duration(wait)})
		if err != nil {
			t.Fatal(err)
		}
		var got problem
		if err := json.Unmarshal(answer.Body.Bytes(), &got); err != nil {
			t.Fatalf("%q isn't JSON: %v", answer.Body, err)
		}
		if got.Status != status || got.Title == "" || utf8.ValidString(text) && !strings.Contains(got.Detail, text) {
			t.Errorf("%q was answered with %+v", text, got)
		}
		if strings.ContainsAny(answer.Body.String(), "<>\u2028\r\n") || answer.Code != status {
			t.Errorf("%d %q could be taken for something else", answer.Code, answer.Body)
		}
		if h := answer.Header(); len(h) != 1 || h.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%q gives the headers %v", text, h)
		}
	})
}
