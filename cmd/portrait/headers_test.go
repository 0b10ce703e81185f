package main

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"portrait/internal/demo"
	"portrait/static"
)

// TestSecurityEveryAnswerCarriesTheHeaders asks for every kind of answer that there is.
func TestSecurityEveryAnswerCarriesTheHeaders(t *testing.T) {
	s := newSite(t)
	b, nobody := s.signedIn("employee").stay(), s.browser().stay()
	style := attr(nobody.get("/").find(`link[rel="stylesheet"]`), "href")
	b.get("/me/photo") // so that the provider's addresses are known
	for _, tt := range []struct {
		name   string
		answer *answer
		status int
	}{
		{"the first page", nobody.get("/"), 200},
		{"a page", b.get("/me/photo"), 200},
		{"a picture", b.get("/me/photo/$value"), 200},
		{"a picture that hasn't changed", b.get("/me/photo/$value", "If-None-Match", b.get("/me/photo/$value").header.Get("ETag")), 304},
		{"a picture that isn't there", s.signedIn("no-photo").get("/me/photo/$value"), 404},
		{"a saved photo", b.put(sample(t, "tiny.jpg")), 200},
		{"a refused photo", b.put([]byte("text")), 415},
		{"a static file", nobody.get(style), 200},
		{"a static file that isn't there", nobody.get("/static/none.css"), 404},
		{"the list of static files", nobody.get("/static/"), 404},
		{"a redirect to sign in", nobody.get("/me/photo"), 303},
		{"a redirect to the provider", nobody.get("/auth/sign-in"), 303},
		{"a callback out of nowhere", nobody.get("/auth/callback?code=x&state=y"), 400},
		{"a page that isn't there", nobody.get("/nothing"), 404},
		{"a method that isn't there", nobody.do(http.MethodPatch, "/me/photo", nil), 405},
		{"TRACE", nobody.do(http.MethodTrace, "/", nil), 405},
		{"a change without a token", b.do(http.MethodDelete, "/me/photo/$value", nil), 403},
		{"the head of a page", b.do(http.MethodHead, "/me/photo", nil), 200},
		{"health", nobody.get("/healthz"), 200},
		{"readiness", nobody.get("/readyz"), 200},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.answer.status != tt.status {
				t.Errorf("answered %d, want %d: %s", tt.answer.status, tt.status, tt.answer.text())
			}
			checkHeaders(t, tt.answer)
		})
	}
}

// lookout looks at the headers of every answer of the site that any test gets,
// whatever the test is about.
type lookout struct {
	site *testSite
	next http.RoundTripper
}

func (l lookout) RoundTrip(req *http.Request) (*http.Response, error) {
	res, err := l.next.RoundTrip(req)
	if err == nil && strings.HasPrefix(req.URL.String(), l.site.url+"/") {
		for _, wrong := range wrongHeaders(&answer{t: l.site.t, status: res.StatusCode, header: res.Header, url: req.URL}) {
			l.site.t.Errorf("%s %s answers %d: %s", req.Method, req.URL.Path, res.StatusCode, wrong)
		}
	}
	return res, err
}

// checkHeaders fails where an answer lacks what every answer carries.
func checkHeaders(t *testing.T, a *answer) {
	t.Helper()
	for _, wrong := range wrongHeaders(a) {
		t.Error(wrong)
	}
}

// wrongHeaders says what an answer lacks that every answer carries.
func wrongHeaders(a *answer) (wrong []string) {
	report := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	for name, want := range map[string]string{
		"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
		"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
	} {
		if got := a.header.Get(name); got != want {
			report("%s is %q, want %q", name, got, want)
		}
	}
	csp := a.header.Get("Content-Security-Policy")
	for _, want := range []string{"default-src 'none'", "frame-ancestors 'none'"} {
		if !strings.Contains(csp, want) {
			report("Content-Security-Policy %q lacks %q", csp, want)
		}
	}
	for _, never := range []string{"unsafe-inline", "unsafe-eval", "*"} {
		if strings.Contains(csp, never) {
			report("Content-Security-Policy %q has %q", csp, never)
		}
	}
	camera := "camera=()"
	if strings.HasSuffix(a.url.Path, "/photo") {
		camera = "camera=(self)" // where a photo is changed
	}
	for _, want := range []string{camera, "microphone=()", "geolocation=()"} {
		if !strings.Contains(a.header.Get("Permissions-Policy"), want) {
			report("Permissions-Policy %q lacks %q", a.header.Get("Permissions-Policy"), want)
		}
	}
	if strings.HasPrefix(a.url.Path, "/auth/sign-out") && a.status == http.StatusSeeOther && a.header.Get("Clear-Site-Data") != `"cache", "storage"` {
		report("signing out leaves what the browser has kept: Clear-Site-Data is %q", a.header.Get("Clear-Site-Data"))
	}
	caching := a.header.Get("Cache-Control")
	if public := strings.HasPrefix(a.url.Path, "/static/") && a.status == 200; !public && caching != "no-store" && caching != "private, no-cache" {
		report("Cache-Control is %q", caching)
	}
	if a.header.Get("X-Request-Id") == "" {
		report("the answer has no request id")
	}
	for _, name := range []string{"Server", "X-Powered-By"} {
		if a.header.Get(name) != "" {
			report("%s tells %q", name, a.header.Get(name))
		}
	}
	for _, cookie := range a.header.Values("Set-Cookie") {
		if !strings.Contains(cookie, "HttpOnly") || !strings.Contains(cookie, "SameSite=Lax") || !strings.Contains(cookie, "Path=/") || strings.Contains(cookie, "Domain") {
			report("cookie %q", cookie)
		}
	}
	return wrong
}

// TestSecurityPolicyOfPages holds the whole policy, word by word: a page with the editor
// may start the four workers through one policy of Trusted Types, every other
// page may start none.
func TestSecurityPolicyOfPages(t *testing.T) {
	s := newSite(t)
	b := s.signedIn("employee")
	rest := []string{
		"default-src 'none'", "script-src 'nonce-N' 'strict-dynamic'", "style-src 'self'", "img-src 'self' blob:", "connect-src 'self'", "manifest-src 'self'",
		"form-action 'self' " + s.tenant.GraphURL(), // the provider is on the same address in the demo
		"base-uri 'none'", "object-src 'none'", "frame-ancestors 'none'", "require-trusted-types-for 'script'",
	}
	for _, tt := range []struct {
		name, path string
		want       []string
	}{
		{"a page with the editor", "/me/photo", []string{
			"worker-src " + s.url + static.URL(static.ShrinkWorker) + " " + s.url + "/static/extra/faces/worker.js " + s.url + "/static/extra/heic/worker.js " + s.url + static.URL(static.ShareWorker), "trusted-types portrait-worker",
		}},
		{"a page without it", "/admin", []string{"worker-src 'none'", "trusted-types 'none'"}},
		{"health", "/healthz", []string{"worker-src 'none'", "trusted-types 'none'"}},
		{"a page that isn't there", "/nowhere", []string{"worker-src 'none'", "trusted-types 'none'"}},
	} {
		csp := regexp.MustCompile(`nonce-[A-Z0-9]{26,}`).ReplaceAllString(b.get(tt.path).header.Get("Content-Security-Policy"), "nonce-N")
		got := strings.Split(csp, "; ")
		want := slices.Concat(rest, tt.want)
		slices.Sort(got)
		slices.Sort(want)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: the policy differs (-want +got):\n%s", tt.name, diff)
		}
	}
}

func TestSecurityEveryPageHasItsOwnNonceAndPolicy(t *testing.T) {
	s := newSite(t)
	b := s.signedIn("employee")
	nonce := regexp.MustCompile(`script-src 'nonce-([A-Za-z0-9]{26,})' 'strict-dynamic'`)
	seen := map[string]bool{}
	for range 3 {
		a := b.get("/me/photo")
		csp := a.header.Get("Content-Security-Policy")
		m := nonce.FindStringSubmatch(csp)
		if m == nil {
			t.Fatalf("no nonce in %q", csp)
		}
		if seen[m[1]] {
			t.Error("a nonce came twice")
		}
		seen[m[1]] = true
		for _, script := range a.all("script") {
			if attr(script, "nonce") != m[1] {
				t.Errorf("a script has the nonce %q, the policy %q", attr(script, "nonce"), m[1])
			}
		}
		for _, want := range []string{
			"base-uri 'none'", "object-src 'none'", "require-trusted-types-for 'script'",
			"form-action 'self' " + s.tenant.GraphURL(), // the provider is on the same address in the demo
		} {
			if !strings.Contains(csp, want) {
				t.Errorf("the policy %q lacks %q", csp, want)
			}
		}
		if strings.Contains(string(a.body), " style=") || strings.Contains(string(a.body), " onclick=") {
			t.Error("the page has inline styles or handlers")
		}
	}
}

// TestSecurityTheLogNamesNobody looks for names, tokens and addresses where they don't
// belong.
func TestSecurityTheLogNamesNobody(t *testing.T) {
	s := newSite(t)
	b := s.signedIn("employee")
	for _, path := range []string{"/me/photo", "/me/photo/$value?v=1", "/nothing", "/readyz"} {
		b.get(path)
	}
	b.put(sample(t, "tiny.jpg"))
	s.tenant.Set(demo.Weather{Down: true})
	b.put(sample(t, "tiny.jpg"))
	logged := s.logged()
	if !strings.Contains(logged, string(s.person("employee"))) {
		t.Error("the log doesn't say by object id who it was")
	}
	for _, private := range []string{"Maya", "Lindqvist", "eyJ", "?v=", b.token, "Bearer"} {
		if strings.Contains(logged, private) {
			t.Errorf("the log holds %q", private)
		}
	}
}

// pageBytes is what the first page itself may weigh, beside its files, which
// static's tests weigh.
const pageBytes = 8_000

// TestPagesAreCompressed holds that pages go to browsers in gzip and that nothing
// else is squeezed twice.
func TestPagesAreCompressed(t *testing.T) {
	s := newSite(t)
	nobody, employee := s.browser(), s.signedIn("employee")
	for _, tt := range []struct {
		sentence string
		got      *answer
		encoding string
	}{
		{"the first page", nobody.get("/", "Accept-Encoding", "gzip, br"), "gzip"},
		{"a photo's page", employee.get("/me/photo", "Accept-Encoding", "gzip, br"), "gzip"},
		{"a page for who takes nothing", nobody.get("/", "Accept-Encoding", "identity"), ""},
		{"a photo", employee.get("/me/photo/$value", "Accept-Encoding", "gzip, br"), ""},
	} {
		if got := tt.got.header.Get("Content-Encoding"); tt.got.status != http.StatusOK || got != tt.encoding {
			t.Errorf("%s: %d in %q, want it in %q", tt.sentence, tt.got.status, got, tt.encoding)
		}
		if tt.encoding == "gzip" && (len(tt.got.body) > pageBytes*2 || !strings.Contains(strings.Join(tt.got.header.Values("Vary"), ","), "Accept-Encoding")) {
			t.Errorf("%s: %d bytes, %v", tt.sentence, len(tt.got.body), tt.got.header)
		}
	}
	if first := nobody.get("/", "Accept-Encoding", "gzip"); len(first.body) > pageBytes {
		t.Errorf("the first page weighs %d bytes, want at most %d", len(first.body), pageBytes)
	}
}
