package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
)

// TestSecuritySignInsAreLimitedByAddress asks for a sign-in more often than one
// address may, with and without a header that claims another address.
func TestSecuritySignInsAreLimitedByAddress(t *testing.T) {
	everybody := func(n int) string { return fmt.Sprintf("198.51.100.%d", n) }
	for _, tt := range []struct {
		name    string
		proxies string
		from    func(n int) string // X-Forwarded-For of request n
		limited bool
	}{
		{"one address", "192.0.2.0/24", func(int) string { return "" }, true},
		{"one address that claims to be many", "192.0.2.0/24", everybody, true},
		{"many addresses behind a trusted proxy", "127.0.0.0/8", everybody, false},
		{"one address behind a trusted proxy, with made-up ones before it", "127.0.0.0/8",
			func(n int) string { return everybody(n) + ", 203.0.113.9" }, true},
	} {
		for _, path := range []string{"/auth/sign-in", "/auth/callback?state=x&code=y", "/auth/front-channel-logout?sid=x"} {
			t.Run(tt.name+" "+path, func(t *testing.T) {
				s := newSiteWith(t, nil, func(vars map[string]string) {
					vars["PORTRAIT_SIGNINS_PER_MINUTE"], vars["PORTRAIT_TRUSTED_PROXIES"] = "3", tt.proxies
				})
				b := s.browser().stay()
				var last *answer
				for n := range 4 {
					if last = b.get(path, "X-Forwarded-For", tt.from(n), "X-Real-IP", everybody(n)); n < 3 && last.status == http.StatusTooManyRequests {
						t.Fatalf("request %d of 3 is refused", n+1)
					}
				}
				if got := last.status == http.StatusTooManyRequests; got != tt.limited {
					t.Fatalf("one too many answers %d, want it refused: %v", last.status, tt.limited)
				}
				if !tt.limited {
					return
				}
				wait, err := strconv.Atoi(last.header.Get("Retry-After"))
				if err != nil || wait < 1 || wait > 20 {
					t.Errorf("Retry-After is %q, want the seconds until there is one more", last.header.Get("Retry-After"))
				}
				if !strings.Contains(last.text(), "very many sign-ins") || last.find(`a[href="/auth/sign-in"]`) == nil {
					t.Errorf("no sentence and way on: %s", last.text())
				}
				checkHeaders(t, last)
				if a := b.get("/"); a.status != http.StatusOK {
					t.Errorf("other pages answer %d", a.status)
				}
				if a := b.do(http.MethodHead, path, nil, "X-Forwarded-For", tt.from(4)); a.status != http.StatusTooManyRequests {
					t.Errorf("HEAD answers %d: it goes round the limit", a.status)
				}
			})
		}
	}
}

// TestSecuritySavesAreLimitedByPerson saves more often than one person may in an
// hour.
func TestSecuritySavesAreLimitedByPerson(t *testing.T) {
	s := newSiteWith(t, nil, func(vars map[string]string) { vars["PORTRAIT_SAVES_PER_HOUR"] = "2" })
	b, picture := s.signedIn("employee"), sample(t, "tiny.jpg")
	if a := b.put([]byte("no picture")); a.status != http.StatusUnsupportedMediaType {
		t.Fatalf("no picture: %d", a.status)
	}
	for n := range 2 {
		if a := b.put(picture); a.status != http.StatusOK {
			t.Fatalf("save %d of 2: %d %s", n+1, a.status, a.body)
		}
	}
	before := len(s.writes())
	a := b.put(picture)
	wait, err := strconv.Atoi(a.header.Get("Retry-After"))
	if a.status != http.StatusTooManyRequests || err != nil || wait < 3000 || wait > 3600 || !strings.Contains(a.detail(), "60 min") {
		t.Errorf("one too many: %d, Retry-After %q, %s", a.status, a.header.Get("Retry-After"), a.body)
	}
	if page := b.postAt("/me", picture); page.status != http.StatusTooManyRequests || !strings.Contains(page.text(), "many photos within an hour") || page.find(`a[href="/me/photo"]`) == nil {
		t.Errorf("by the form: %d %s", page.status, page.text())
	}
	if again := s.signedIn("employee"); again.put(picture).status != http.StatusTooManyRequests {
		t.Error("another sign-in has saves of its own")
	}
	if n := len(s.writes()); n != before {
		t.Error("Graph was asked all the same")
	}
	if other := s.signedIn("owner"); other.put(picture).status != http.StatusOK {
		t.Error("another person has none left")
	}
	desk := s.signedIn("helpdesk")
	for n := range 4 {
		if a := desk.putAt("/users/"+string(s.person("employee")), picture, "X-Reason", "because"); a.status != http.StatusOK {
			t.Errorf("save %d of the helpdesk: %d %s", n+1, a.status, a.body)
		}
	}
}

// TestSecurityRequestsHaveBounds sends what is larger than anything of ours to a
// server with the limits of serve.
func TestSecurityRequestsHaveBounds(t *testing.T) {
	s := newSite(t)
	b := s.signedIn("employee")
	b.testSite = s.served(t)
	form := func(part string, n int) io.Reader {
		return strings.NewReader(strings.Repeat("--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n"+part+"\r\n", n) + "--x--\r\n")
	}
	for _, tt := range []struct {
		name         string
		method, path string
		body         io.Reader
		headers      []string
		status       []int
	}{
		{"a header of 40 kB", http.MethodGet, "/", nil, []string{"X-Long", strings.Repeat("x", 40<<10)}, []int{431}},
		{"an address of 40 kB", http.MethodGet, "/?" + strings.Repeat("x", 40<<10), nil, nil, []int{431}},
		{"27 MB that say so", http.MethodPut, "/me/photo/$value", bytes.NewReader(make([]byte, 27<<20)), nil, []int{413}},
		{"a body without end", http.MethodPut, "/me/photo/$value", endless{}, nil, []int{413}},
		{"a form without end", http.MethodPost, "/me/photo", io.MultiReader(form("", 0), endless{}), []string{"Content-Type", "multipart/form-data; boundary=y"}, []int{400, 413}},
		{"a form of 10,000 parts", http.MethodPost, "/me/photo", form("1", 10_000), []string{"Content-Type", "multipart/form-data; boundary=x"}, []int{400, 413}},
		{"a small form of 1 MB", http.MethodPost, "/preferences", strings.NewReader("language=" + strings.Repeat("x", 1<<20)),
			[]string{"Content-Type", "application/x-www-form-urlencoded"}, []int{400, 403, 413}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			headers := append([]string{"X-CSRF-Token", b.token}, tt.headers...)
			if tt.method == http.MethodPost {
				headers = tt.headers // the token would be in the form
			}
			status, err := b.early(tt.method, tt.path, tt.body, headers...)
			if err != nil { // net/http hangs up on who goes on sending
				t.Logf("cut off: %v", err)
				return
			}
			for _, want := range tt.status {
				if status == want {
					return
				}
			}
			t.Errorf("answers %d, want one of %v", status, tt.status)
		})
	}
	if w := s.writes(); len(w) > 0 {
		t.Errorf("Graph was asked for %v", w)
	}
	if a := b.get("/me/photo"); a.status != http.StatusOK {
		t.Errorf("afterwards the page answers %d", a.status)
	}
}

// endless never stops.
type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}

// early sends a request whose answer may come before its body is sent.
func (b *browser) early(method, path string, body io.Reader, headers ...string) (status int, err error) {
	req, err := http.NewRequest(method, b.url+path, body)
	if err != nil {
		return 0, err
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := b.http.Do(req)
	if err != nil {
		return 0, err
	}
	return res.StatusCode, res.Body.Close()
}
