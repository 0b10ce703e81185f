package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"portrait/internal/demo"
)

// badPictures are what people and attackers send instead of a picture.
func badPictures(t *testing.T) []struct {
	name   string
	body   []byte
	status int
	said   string
} {
	t.Helper()
	phone := sample(t, "sideways.jpg")
	return []struct {
		name   string
		body   []byte
		status int
		said   string
	}{
		{"text renamed .jpg", []byte("Dear helpdesk, here is my photo."), http.StatusUnsupportedMediaType, "isn't a picture"},
		{"zero bytes", []byte{}, http.StatusUnprocessableEntity, "empty"},
		{"a truncated JPEG", phone[:len(phone)/2], http.StatusUnprocessableEntity, "damaged"},
		{"a header of 65500×65500", hugeHeader(), http.StatusRequestEntityTooLarge, "too many pixels"},
		{"a JPEG of 2000 scans", manyScans(2000), http.StatusUnsupportedMediaType, "unusually complicated"},
		{"an SVG", []byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`), http.StatusUnsupportedMediaType, "SVG"},
		{"a body of 30 MB", bytes.Repeat([]byte{0xff}, 30<<20), http.StatusRequestEntityTooLarge, "larger than 25 MB"},
		{"a HEIC", append([]byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"), make([]byte, 64)...), http.StatusUnsupportedMediaType, "HEIC"},
	}
}

// hugeHeader returns the head of a progressive JPEG that claims 65500×65500.
func hugeHeader() []byte {
	return append([]byte{0xff, 0xd8, 0xff, 0xc2, 0, 17, 8, 0xff, 0xdc, 0xff, 0xdc, 3, 1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1}, make([]byte, 3000)...)
}

// manyScans returns a progressive JPEG of 64×64 with n scans that say nothing.
func manyScans(n int) []byte {
	b := []byte{0xff, 0xd8, 0xff, 0xc2, 0, 11, 8, 0, 64, 0, 64, 1, 1, 0x11, 0}
	for range n {
		b = append(b, 0xff, 0xda, 0, 8, 1, 1, 0, 0, 0, 0, 0, 0)
	}
	return binary.BigEndian.AppendUint16(b, 0xffd9)
}

func TestSecurityAWrongFileIsASentenceAndNothingIsSent(t *testing.T) {
	s := newSite(t)
	b := s.signedIn("employee")
	for _, tt := range badPictures(t) {
		t.Run(tt.name, func(t *testing.T) {
			a := b.put(tt.body)
			problem := a.json()
			if a.status != tt.status || a.header.Get("Content-Type") != "application/problem+json" {
				t.Errorf("PUT answered %d %s, want %d", a.status, a.header.Get("Content-Type"), tt.status)
			}
			detail, _ := problem["detail"].(string)
			if !strings.Contains(detail, tt.said) || problem["status"] != float64(tt.status) || problem["requestId"] == "" || problem["title"] == "" {
				t.Errorf("PUT said %v, want %q in its detail", problem, tt.said)
			}
			body, contentType := multipartForm(t, tt.body, map[string]string{"csrf_token": b.token})
			page := b.do(http.MethodPost, "/me/photo", strings.NewReader(body), "Content-Type", contentType)
			if page.status != tt.status || !strings.Contains(page.text(), tt.said) {
				t.Errorf("the form answered %d: %s", page.status, page.text())
			}
			if page.find(`a[href="/me/photo"]`) == nil {
				t.Error("the page has no way back")
			}
		})
	}
	if w := s.writes(); len(w) != 0 {
		t.Errorf("Graph was asked for changes: %v", w)
	}
}

func TestSecurityAChangeNeedsTheSessionsToken(t *testing.T) {
	s := newSite(t)
	b, other := s.signedIn("employee"), s.signedIn("no-photo")
	picture := sample(t, "tiny.jpg")
	nobody := s.browser()
	for _, tt := range []struct {
		name   string
		answer func() *answer
		status int
	}{
		{"nobody is signed in", func() *answer { return nobody.stay().put(picture) }, http.StatusUnauthorized},
		{"without a token", func() *answer { return b.put(picture, "X-CSRF-Token", "") }, http.StatusForbidden},
		{"a made-up token", func() *answer { return b.put(picture, "X-CSRF-Token", "AAAA") }, http.StatusForbidden},
		{"the token of another session", func() *answer { return b.put(picture, "X-CSRF-Token", other.token) }, http.StatusForbidden},
		{"asked for by another site", func() *answer { return b.put(picture, "Sec-Fetch-Site", "cross-site") }, http.StatusForbidden},
		{"asked for by a sister site", func() *answer { return b.put(picture, "Sec-Fetch-Site", "same-site") }, http.StatusForbidden},
		{"from another origin", func() *answer { return b.put(picture, "Origin", "https://evil.example") }, http.StatusForbidden},
		{"from nowhere", func() *answer { return b.put(picture, "Origin", "null") }, http.StatusForbidden},
		{"by DELETE without a token", func() *answer { return b.do(http.MethodDelete, "/me/photo/$value", nil) }, http.StatusForbidden},
		{"by a form without a token", func() *answer {
			body, contentType := multipartForm(t, picture, nil)
			return b.do(http.MethodPost, "/me/photo", strings.NewReader(body), "Content-Type", contentType)
		}, http.StatusForbidden},
		{"removing by a form without a token", func() *answer {
			return b.do(http.MethodPost, "/me/photo/remove", nil, "Content-Type", "application/x-www-form-urlencoded")
		}, http.StatusForbidden},
		{"signing out by a form without a token", func() *answer {
			return b.do(http.MethodPost, "/auth/sign-out", nil, "Content-Type", "application/x-www-form-urlencoded")
		}, http.StatusForbidden},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if a := tt.answer(); a.status != tt.status {
				t.Errorf("answered %d, want %d: %s", a.status, tt.status, a.text())
			}
		})
	}
	if w := s.writes(); len(w) != 0 {
		t.Errorf("Graph was asked for changes: %v", w)
	}
	if a := b.put(picture); a.status != http.StatusOK {
		t.Errorf("with everything right: %d %s", a.status, a.body)
	}
}

func TestSecurityPicturesAreNotForOtherSites(t *testing.T) {
	b := newSite(t).signedIn("employee")
	for site, want := range map[string]int{"": 200, "none": 200, "same-origin": 200, "same-site": 403, "cross-site": 403} {
		if a := b.get("/me/photo/$value", "Sec-Fetch-Site", site); a.status != want {
			t.Errorf("Sec-Fetch-Site %q: %d, want %d", site, a.status, want)
		}
	}
}

// TestSecurityAPermissionThatIsMissingIsNoPicture asks for a picture as a script does,
// which saves whatever comes with 200.
func TestSecurityAPermissionThatIsMissingIsNoPicture(t *testing.T) {
	b := newSite(t).signedIn("employee")
	const contact = "/me/contacts/AAMk/photo"
	if a := b.get(contact + "/$value"); a.status != http.StatusForbidden {
		t.Errorf("the picture: %d, want 403", a.status)
	}
	if a := b.get(contact); a.status != http.StatusOK {
		t.Errorf("the page: %d, want 200, asking for the permission", a.status)
	}
}

func TestSecurityWhoMayNotSignIn(t *testing.T) {
	for persona, said := range map[string]string{"personal": "personal", "foreign": "another organisation"} {
		t.Run(persona, func(t *testing.T) {
			s := newSite(t)
			b := s.browser()
			a := b.signIn(persona)
			if a.status != http.StatusForbidden || !strings.Contains(a.text(), said) {
				t.Errorf("answered %d: %s, want 403 with %q", a.status, a.text(), said)
			}
			if a := b.stay().get("/me/photo"); a.status != http.StatusSeeOther {
				t.Errorf("afterwards the page answers %d, want the way to sign in", a.status)
			}
		})
	}
}

func TestSecuritySigningOutEndsTheSession(t *testing.T) {
	s := newSite(t)
	b := s.signedIn("employee")
	var replay []string
	for _, c := range b.http.Jar.Cookies(b.get("/me/photo").url) {
		replay = append(replay, c.String())
	}
	a := b.do(http.MethodPost, "/auth/sign-out", strings.NewReader("csrf_token="+b.token), "Content-Type", "application/x-www-form-urlencoded")
	if a.status != http.StatusOK || a.url.Path != "/" {
		t.Errorf("signing out ended on %d %s", a.status, a.url)
	}
	for _, who := range []*browser{b, s.browser()} {
		if a := who.stay().get("/me/photo", "Cookie", strings.Join(replay, "; ")); a.status != http.StatusSeeOther {
			t.Errorf("with the old cookie: %d, want the way to sign in", a.status)
		}
	}
}

func TestTroubleIsAPageWithAWayOn(t *testing.T) {
	for _, tt := range []struct {
		name    string
		weather demo.Weather
		revoke  bool
		status  int
		said    string
		href    string // of the way on; "" = the page itself works
	}{
		{"Graph is down", demo.Weather{Down: true}, false, http.StatusOK, "Microsoft 365", ""},
		{"Graph refuses with 503", demo.Weather{Graph: repeat(demo.Answer{Status: 503, Code: "serviceNotAvailable"}, 8)}, false, http.StatusOK, "Microsoft 365", ""},
		{"Graph answers with a page of a proxy", demo.Weather{Graph: repeat(demo.Answer{Status: 502, Body: "<html>Bad Gateway</html>"}, 8)}, false, http.StatusOK, "Microsoft 365", ""},
		{"the token is revoked", demo.Weather{}, true, http.StatusUnauthorized, "sign in again", "/auth/sign-in?return_to=%2Fme%2Fphoto"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newSite(t)
			b := s.signedIn("employee")
			s.tenant.Set(tt.weather)
			if tt.revoke {
				s.tenant.RevokeTokens()
			}
			a := b.get("/me/photo")
			if a.status != tt.status || !strings.Contains(a.text(), tt.said) {
				t.Errorf("answered %d: %s\nwant %d with %q", a.status, a.text(), tt.status, tt.said)
			}
			if tt.href != "" && a.find(fmt.Sprintf(`a[href=%q]`, tt.href)) == nil {
				t.Errorf("no way on to %s", tt.href)
			}
			if tt.href == "" && a.find(`form[action="/me/photo"]`) == nil {
				t.Error("the page has lost its editor")
			}
			for _, leak := range []string{"goroutine", "127.0.0.1:", "panic", "Bearer"} {
				if strings.Contains(a.text(), leak) {
					t.Errorf("the page shows %q", leak)
				}
			}
		})
	}
}

func repeat(a demo.Answer, n int) []demo.Answer {
	answers := make([]demo.Answer, n)
	for i := range answers {
		answers[i] = a
	}
	return answers
}

func TestProviderDownIsAPageWithAWayOn(t *testing.T) {
	s := newSite(t)
	s.tenant.Set(demo.Weather{ProviderDown: true})
	b := s.browser()
	a := b.get("/auth/sign-in?return_to=/me/photo")
	if a.status != http.StatusBadGateway || a.find(`a[href="/auth/sign-in"]`) == nil {
		t.Errorf("answered %d: %s", a.status, a.text())
	}
	if ready := b.get("/readyz"); ready.status != http.StatusServiceUnavailable {
		t.Errorf("/readyz answers %d, want 503", ready.status)
	}
	if health := b.get("/healthz"); health.status != http.StatusOK {
		t.Errorf("/healthz answers %d, want 200", health.status)
	}
}

func TestASaveThatGraphRefusesIsASentence(t *testing.T) {
	for _, tt := range []struct {
		name   string
		answer demo.Answer
		status int
		said   string
	}{
		{"policy forbids", demo.Answer{Method: "PUT", Status: 403, Code: "ForbiddenByPolicy", Message: "invalid_role"}, http.StatusForbidden, "organisation"},
		{"no mailbox", demo.Answer{Method: "PUT", Status: 404, Code: "ErrorItemNotFound"}, 0, "mailbox"},
		{"a proxy's page", demo.Answer{Method: "PUT", Status: 502, Body: "<html>"}, http.StatusBadGateway, "Microsoft 365"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newSite(t)
			b := s.signedIn("employee")
			s.tenant.Set(demo.Weather{Graph: repeat(tt.answer, 4), ReadDelay: -1})
			a := b.put(sample(t, "tiny.jpg"))
			detail, _ := a.json()["detail"].(string)
			if tt.status != 0 && a.status != tt.status || a.status < 400 || !strings.Contains(detail, tt.said) {
				t.Errorf("answered %d %q, want %d with %q", a.status, detail, tt.status, tt.said)
			}
		})
	}
}

func TestGraphBusyForLongerIsWaiting(t *testing.T) {
	s := newSite(t)
	b := s.signedIn("employee")
	s.tenant.Set(demo.Weather{Graph: []demo.Answer{{Method: "PUT", Status: 429, Code: "TooManyRequests", Header: http.Header{"Retry-After": {"90"}}}}})
	a := b.put(sample(t, "tiny.jpg"))
	answer := a.json()
	at, err := http.ParseTime(fmt.Sprint(answer["retryAt"]))
	if a.status != http.StatusAccepted || answer["state"] != "waiting" || err != nil {
		t.Fatalf("answered %d %v, want 202 waiting", a.status, answer)
	}
	if wait := time.Until(at); wait < 80*time.Second || wait > 91*time.Second {
		t.Errorf("it is to be sent again in %v, want about 90 s", wait)
	}
}
