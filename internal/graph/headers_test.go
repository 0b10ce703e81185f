package graph

import (
	"encoding/base64"
	"net/http"
	"strings"
	"testing"
	"time"
)

func challengeOf(claims string) string {
	return `Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize", error="insufficient_claims", claims="` +
		base64.StdEncoding.EncodeToString([]byte(claims)) + `"`
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	at := func(d time.Duration) string { return now.Add(d).Format(http.TimeFormat) }
	for _, tt := range []struct {
		name, header, date string
		want               time.Duration
	}{
		{"absent", "", "", 0},
		{"seconds", "10", "", 10 * time.Second},
		{"decimals", "2.128", "", 2128 * time.Millisecond},
		{"spaces around", " 3 ", "", 3 * time.Second},
		{"zero", "0", "", 0},
		{"negative", "-1", "", 0},
		{"absurd", "1e9", "", maxRetryAfter},
		{"beyond a float", "1e999", "", maxRetryAfter},
		{"below a float", "-1e999", "", 0},
		{"infinite", "Inf", "", maxRetryAfter},
		{"not a number", "NaN", "", 0},
		{"words", "soon", "", 0},
		{"a list", "1, 2", "", 0},
		{"a date to come", at(30 * time.Second), "", 30 * time.Second},
		{"a date long past", at(-24 * time.Hour), "", 0},
		{"a date next year", at(365 * 24 * time.Hour), "", maxRetryAfter},
		{"a date by a clock that is behind ours", at(-50 * time.Second), at(-time.Minute), 10 * time.Second},
		{"a date by a clock that can't be read", at(10 * time.Second), "yesterday", 10 * time.Second},
		{"an old form of date", now.Add(time.Minute).Format(time.RFC850), "", time.Minute},
	} {
		h := http.Header{}
		if tt.header != "" {
			h.Set("Retry-After", tt.header)
		}
		if tt.date != "" {
			h.Set("Date", tt.date)
		}
		if got := retryAfter(h, now); got != tt.want {
			t.Errorf("%s: Retry-After %q waits %v, want %v", tt.name, tt.header, got, tt.want)
		}
	}
}

func TestClaimsChallenge(t *testing.T) {
	const claims = `{"access_token":{"a":">>>???"}}` // encodes with + and / or - and _
	std, url := base64.StdEncoding, base64.URLEncoding
	with := func(encoded string) string { return `Bearer error="insufficient_claims", claims="` + encoded + `"` }
	for _, tt := range []struct {
		name  string
		lines []string
		want  string
	}{
		{"as Microsoft writes it", []string{challengeOf(claims)}, claims},
		{"URL alphabet", []string{with(url.EncodeToString([]byte(claims)))}, claims},
		{"not padded", []string{with(std.WithPadding(base64.NoPadding).EncodeToString([]byte(claims)))}, claims},
		{"URL alphabet, not padded", []string{with(url.WithPadding(base64.NoPadding).EncodeToString([]byte(claims)))}, claims},
		{"in another order, without spaces", []string{`bearer claims="` + std.EncodeToString([]byte(claims)) + `",error="insufficient_claims"`}, claims},
		{"as a token", []string{`Bearer error=insufficient_claims, claims=` + std.EncodeToString([]byte(claims))}, claims},
		{"in the second line", []string{`Bearer realm=""`, challengeOf(claims)}, claims},
		{"behind another challenge", []string{`Basic realm="a, b=\"c\"", ` + challengeOf(claims)}, claims},
		{"error and claims in different challenges", []string{`Bearer error="insufficient_claims", PoP claims="` + std.EncodeToString([]byte(claims)) + `"`}, ""},
		{"another error", []string{`Bearer error="invalid_token", claims="` + std.EncodeToString([]byte(claims)) + `"`}, ""},
		{"no header", nil, ""},
		{"no claims", []string{`Bearer error="insufficient_claims"`}, ""},
		{"not base64", []string{with("%%%")}, ""},
		{"not JSON", []string{with(std.EncodeToString([]byte("<xml>")))}, ""},
		{"JSON, but no object", []string{with(std.EncodeToString([]byte(`["a"]`)))}, ""},
		{"too long", []string{with(std.EncodeToString([]byte(`{"a":"` + strings.Repeat("x", 10<<10) + `"}`)))}, ""},
		{"malformed", []string{`="`, `Bearer =,=,"`, `,,,`, `Bearer error="insufficient_claims`, `Bearer claims="\`}, ""},
	} {
		h := http.Header{"Www-Authenticate": tt.lines}
		if got := claimsChallenge(h); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

func FuzzClaimsChallenge(f *testing.F) {
	f.Add(challengeOf(`{"access_token":{}}`))
	f.Add(`Basic realm="a\"b", Bearer x=y,,z`)
	f.Fuzz(func(t *testing.T, line string) {
		claims := claimsChallenge(http.Header{"Www-Authenticate": {line}})
		if len(claims) > maxClaimsBytes {
			t.Errorf("%d bytes", len(claims))
		}
	})
}

func TestDecodeError(t *testing.T) {
	for _, tt := range []struct {
		name, body, code, requestID string
	}{
		{"as documented", `{"error":{"code":"ImageNotFound","message":"m","innerError":{"request-id":"a-1"}}}`, "ImageNotFound", "a-1"},
		{"another case", `{"Error":{"Code":"x","innererror":{"Request-Id":"a-1"}}}`, "x", "a-1"},
		{"a whole name", `{"error":{"code":"Microsoft.Fast.Profile.Core.Exception.ImageNotFoundException"}}`, "ImageNotFound", ""},
		{"an empty code", `{"error":{"code":"","message":""}}`, "", ""},
		{"an empty code, nested", `{"error":{"code":"","message":"{\"error\":{\"code\":\"Inner\"}}"}}`, "Inner", ""},
		{"nested, another shape", `{"error":{"code":"UnknownError","message":"{\"errorCode\":\"::Inner\"}"}}`, "Inner", ""},
		{"nested twice: one level counts", `{"error":{"code":"UnknownError","message":"{\"error\":{\"code\":\"UnknownError\",\"message\":\"{}\"}}"}}`, "UnknownError", ""},
		{"a code that says something wins", `{"error":{"code":"Outer","message":"{\"code\":\"Inner\"}"}}`, "Outer", ""},
		{"HTML", "<html>502</html>", "", ""},
		{"nothing", "", "", ""},
		{"other types", `{"error":{"code":7,"message":[],"innerError":"x"}}`, "", ""},
		{"a text for an error", `{"error":"invalid_grant"}`, "", ""},
		{"an id that isn't one", `{"error":{"code":"x","innerError":{"request-id":"<script>"}}}`, "x", ""},
		{"a code that would be a line in a log", `{"error":{"code":"a.b:c\u000a\u2028d"}}`, "cd", ""},
		{"a code without end", `{"error":{"code":"` + strings.Repeat("x", 5000) + `"}}`, strings.Repeat("x", 64), ""},
	} {
		got := decodeError(http.Header{}, []byte(tt.body))
		if got.code != tt.code || got.requestID != tt.requestID {
			t.Errorf("%s: code %q, request-id %q; want %q, %q", tt.name, got.code, got.requestID, tt.code, tt.requestID)
		}
	}
}

// FuzzRetryAfter holds that no header makes us wait for longer than ten minutes,
// or for less than nothing.
func FuzzRetryAfter(f *testing.F) {
	for _, seed := range [][2]string{
		{"10", ""}, {"2.128", ""}, {"-1", ""}, {"1e999", ""}, {"NaN", ""}, {"0x1p-2", ""}, {"9223372036854775807", ""},
		{"Mon, 23 Nov 2026 12:00:30 GMT", ""}, {"Mon, 23 Nov 2026 12:00:30 GMT", "Fri, 31 Dec 9999 23:59:59 GMT"}, {"Mon, 01 Jan 0001 00:00:00 GMT", "soon"},
	} {
		f.Add(seed[0], seed[1])
	}
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, header, date string) {
		wait := retryAfter(http.Header{"Retry-After": {header}, "Date": {date}}, now)
		if wait < 0 || wait > maxRetryAfter {
			t.Errorf("Retry-After %q, Date %q: waits %v", header, date, wait)
		}
	})
}

// FuzzErrorBody holds that no error body, whatever it is, gives a code or an id
// that can't be logged, or a fault that says nothing.
func FuzzErrorBody(f *testing.F) {
	for _, seed := range []string{
		`{"error":{"code":"ImageNotFound","message":"m","innerError":{"request-id":"a-1"}}}`, `{"error":"invalid_grant"}`, "<html>502</html>", "", "null",
		`{"error":{"code":"UnknownError","message":"{\"errorCode\":\"::Inner\"}"}}`, `{"error":{"code":"a.b:c\u000aException"}}`, `{"error":{"innerError":{"request-id":"<script>"}}}`,
		`{"code":"TooManyRequests"}`, strings.Repeat(`{"error":`, 100) + strings.Repeat("}", 100),
	} {
		for _, status := range []int{400, 401, 403, 404, 429, 503} {
			f.Add(status, []byte(seed))
		}
	}
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		said := decodeError(http.Header{}, body)
		if len(said.code) > 64 || strings.IndexFunc(said.code, func(r rune) bool { return r < ' ' || r == 0x7f }) >= 0 {
			t.Errorf("%q gives the code %q", body, said.code)
		}
		if said.requestID != "" && !idShape.MatchString(said.requestID) {
			t.Errorf("%q gives the request id %q", body, said.requestID)
		}
		for _, d := range []deed{readPhoto, writePhoto, removePhoto, readPerson, readPolicy, listContacts} {
			e := statusFault(call{op: "graph.Test", deed: d}, status, http.Header{}, body)
			if e.Say.ID == "" || e.Kind == 0 && status < 500 && status >= 400 && e.Say.ID == "fault.unexpected" {
				t.Errorf("%d %q says %q, kind %d", status, body, e.Say.ID, e.Kind)
			}
			if strings.ContainsAny(e.Error(), "\r\n") {
				t.Errorf("%d %q logs a line of its own: %q", status, body, e.Error())
			}
		}
	})
}
