package main

import (
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"portrait/internal/auth"
	"portrait/internal/demo"
)

// tap writes down every answer of the site that a browser gets.
type tap struct {
	next http.RoundTripper
	site string
	mu   sync.Mutex
	all  strings.Builder
}

func (p *tap) RoundTrip(req *http.Request) (*http.Response, error) {
	res, err := p.next.RoundTrip(req)
	if err != nil || !strings.HasPrefix(req.URL.String(), p.site) {
		return res, err
	}
	whole, err := httputil.DumpResponse(res, true)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.all.WriteString(req.Method + " " + req.URL.Path + "\n")
	p.all.Write(whole)
	return res, err
}

// TestSecurityNothingSecretGetsOut lets everybody do everything and looks for tokens,
// codes and the app's secret in what the site answered and logged. A code comes
// to the site in an address, which is the browser's; it must not come back.
func TestSecurityNothingSecretGetsOut(t *testing.T) {
	s := newSite(t)
	out := &tap{next: http.DefaultTransport, site: s.url}
	for _, p := range s.tenant.Personas() {
		b := s.browser()
		b.http.Transport = out
		b.signIn(p.Key)
		for _, wish := range []string{auth.ForGroups, auth.ForContacts, auth.ForShared} {
			b.allow(wish, "/admin", p.Key)
		}
		s.everything(t, b)
	}
	secrets := append(s.tenant.Secrets(), s.tenant.ClientSecret())
	if len(secrets) < 40 {
		t.Fatalf("only %d secrets went out: nobody did anything", len(secrets))
	}
	answered, logged := out.all.String(), s.logged()
	if !strings.Contains(answered, "Maya Lindqvist") || !strings.Contains(logged, "graph call") {
		t.Fatal("there is nothing to look at")
	}
	for _, secret := range secrets {
		for where, text := range map[string]string{"an answer": answered, "the log": logged} {
			for _, spelled := range []string{secret, url.QueryEscape(secret)} {
				if i := strings.Index(text, spelled); i >= 0 {
					t.Errorf("%s holds a secret: …%q…", where, text[max(0, i-80):i])
				}
			}
		}
	}
	for _, private := range []string{"Lindqvist", "Kovář", "maya.lindqvist", "mueller", "Bearer ", "X-Reason", "ticket-4711"} {
		if strings.Contains(logged, private) {
			t.Errorf("the log holds %q", private)
		}
	}
}

// everything asks for every kind of page and change, in fair and foul weather.
func (s *testSite) everything(t *testing.T, b *browser) {
	t.Helper()
	picture := sample(t, "tiny.jpg")
	for _, sky := range []demo.Weather{
		{ReadDelay: -1},
		{Graph: repeat(demo.Answer{Status: http.StatusForbidden, Code: "ErrorAccessDenied"}, 4), ReadDelay: -1},
		{Graph: repeat(demo.Answer{Status: http.StatusBadGateway, Body: "<html>"}, 4), ReadDelay: -1},
	} {
		s.tenant.Set(sky)
		for _, path := range []string{
			"/", "/admin", "/groups", "/teams", "/me/contacts", "/users?q=mueller", "/users/maya.lindqvist@skylark.example/photo", "/me/photo", "/me/photo/$value",
			"/me/photos/96x96/$value", "/groups/" + string(s.group("Crew Choir").ID) + "/photo", "/users/" + string(s.user("crewdesk")) + "/contacts", "/nothing", "/readyz",
		} {
			b.get(path)
		}
		b.put(picture)
		b.postAt("/me", picture)
		b.putAt("/users/"+string(s.person("employee")), picture, "X-Reason", "ticket-4711")
		b.putAt("/groups/"+string(s.group("Crew Choir").ID), picture)
		b.submit("/admin/mailbox", "address", "crewdesk@skylark.example")
		b.do(http.MethodDelete, "/me/photo/$value", nil, "X-CSRF-Token", b.token)
	}
	s.tenant.Set(demo.Weather{ReadDelay: -1})
	b.get("/auth/callback?code=stolen&state=none")
	b.submit("/auth/sign-out")
}

// TestSecurityAStolenDatabaseTellsNothing lets people sign in, look and save, and
// reads the database's files as a thief would: no token, no name, no picture.
func TestSecurityAStolenDatabaseTellsNothing(t *testing.T) {
	s := newSite(t)
	var cookies []string
	for _, persona := range []string{"employee", "helpdesk", "owner"} {
		b := s.signedIn(persona)
		s.everything(t, b) // and signs out
		b = s.signedIn(persona)
		b.put(sample(t, "tiny.jpg"))
		s.tenant.Set(demo.Weather{Graph: repeat(demo.Answer{Method: http.MethodPut, Status: http.StatusServiceUnavailable, Header: http.Header{"Retry-After": {"90"}}}, 2), ReadDelay: -1})
		b.put(sample(t, "tiny.jpg")) // which has to wait
		s.tenant.Set(demo.Weather{ReadDelay: -1})
		b.stay().get("/auth/sign-in") // a sign-in that is under way
		u, err := url.Parse(s.url)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range b.http.Jar.Cookies(u) {
			cookies = append(cookies, c.Value)
		}
	}
	stolen := ""
	for _, ending := range []string{"", "-wal", "-shm"} {
		raw, err := os.ReadFile(s.config.Database + ending)
		if err != nil {
			t.Fatal(err)
		}
		stolen += string(raw)
	}
	if !strings.Contains(stolen, string(s.person("employee"))) {
		t.Fatal("there are no sessions in the database")
	}
	secrets := slices.Concat(s.tenant.Secrets(), cookies, []string{
		s.tenant.ClientSecret(), "eyJ", "Maya", "Lindqvist", "maya.lindqvist", "@skylark.example", "Crew Choir",
		"\xff\xd8\xff\xdb\x00", "\xff\xd8\xff\xe0\x00\x10JFIF", "JFIF\x00", // how pictures begin
	})
	for _, put := range s.writes() {
		if len(put.Body) > 200 {
			secrets = append(secrets, string(put.Body[100:116])) // from within the picture
		}
	}
	for _, secret := range secrets {
		if len(secret) > 2 && strings.Contains(stolen, secret) {
			t.Errorf("the database holds %.40q", secret)
		}
	}
}
