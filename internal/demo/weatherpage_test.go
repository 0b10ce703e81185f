package demo_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"portrait/internal/demo"
)

// turn presses a button of the weather page and returns the page after it.
func (b browser) turn(t *testing.T, kind, to string) string {
	t.Helper()
	page, _ := b.post(t, b.tenant.WeatherURL(), url.Values{"kind": {kind}, "to": {to}})
	return page
}

// card returns what the page shows of one kind of weather.
func card(page, kind string) string { return between(page, `id="`+kind+`"`, "</li>") }

func TestEachSwitchDoesWhatItSays(t *testing.T) {
	l := newLand(t)
	b := newBrowser(t, l.Tenant)
	const photo, me = photoValue, "/v1.0/me"
	jpeg := jpegOf(t, 100, 100)
	for _, tt := range []struct {
		kind                  string
		put, get, person, app string // answers while it is on; app: to the app's PUT for somebody else
		retryAfter            string // of the PUT
	}{
		{"hesitant", "429 TooManyRequests", "200", "200", "429 TooManyRequests", "3"},
		{"throttled", "429 TooManyRequests", "429 TooManyRequests", "200", "429 TooManyRequests", "60"},
		{"overloaded", "503 serviceNotAvailable", "503 serviceNotAvailable", "503 serviceNotAvailable", "503 serviceNotAvailable", ""},
		{"roles-only", "403 ForbiddenByPolicy", "200", "200", "200", ""},
		{"on-premises", "403 ForbiddenByPolicy", "200", "200", "403 ForbiddenByPolicy", ""},
	} {
		if page := b.turn(t, tt.kind, "on"); !strings.Contains(card(page, tt.kind), "Switch off") {
			t.Errorf("%s isn't shown as on", tt.kind)
		}
		res, _ := ask(t, l.Tenant, l.tokens["employee"], "PUT", photo, jpeg, "Content-Type", imageJPEG)
		if got := res.Header.Get("Retry-After"); got != tt.retryAfter {
			t.Errorf("%s: Retry-After is %q, want %q", tt.kind, got, tt.retryAfter)
		}
		for range 2 { // it holds
			put, get, person := l.do("employee", "PUT", photo, jpeg), l.do("employee", "GET", photo, nil), l.do("employee", "GET", me, nil)
			app := l.do("app", "PUT", "/v1.0"+mueller+"/photo/$value", jpeg)
			if put != tt.put || get != tt.get || person != tt.person || app != tt.app {
				t.Errorf("%s: PUT %s, GET %s, a person %s, the app's PUT %s, want %+v", tt.kind, put, get, person, app, tt)
			}
		}
		if page := b.turn(t, tt.kind, "off"); !strings.Contains(page, "Now: fair") {
			t.Errorf("%s isn't shown as off", tt.kind)
		}
		if got := l.do("employee", "PUT", photo, jpeg); got != "200" {
			t.Errorf("%s: PUT %s once it is off, want 200", tt.kind, got)
		}
	}
}

func TestSwitchesWithoutAnAnswerOfGraph(t *testing.T) {
	tenant := start(t, demo.Options{})
	b := newBrowser(t, tenant)
	for kind, address := range map[string]string{"down": tenant.GraphURL() + "/v1.0/me", "provider-down": tenant.Issuer() + "/.well-known/openid-configuration"} {
		b.turn(t, kind, "on")
		if res, err := http.Get(address); err == nil {
			res.Body.Close()
			t.Errorf("%s: answered %d, want no answer", kind, res.StatusCode)
		}
		b.turn(t, kind, "off")
		res, err := http.Get(address)
		if err != nil {
			t.Fatalf("%s is off: %v", kind, err)
		}
		res.Body.Close()
	}
	b.turn(t, "proxied", "on")
	res, body := ask(t, tenant, nil, "PUT", photoValue, []byte("x"))
	if res.StatusCode != 200 || !strings.HasPrefix(res.Header.Get("Content-Type"), "text/html") || !strings.Contains(string(body), "<!DOCTYPE html>") {
		t.Errorf("behind a proxy a PUT gets %d %s", res.StatusCode, body)
	}
}

func TestHesitationEndsForWhoeverComesBack(t *testing.T) {
	now := time.Now()
	tenant := start(t, demo.Options{Now: func() time.Time { return now }})
	token := newApp(t, tenant).token(t, "employee")
	tenant.Set(demo.Weather{Hesitation: 3 * time.Second})
	for i, tt := range []struct {
		after  time.Duration
		status int
		wait   string
	}{{0, 429, "3"}, {1500 * time.Millisecond, 429, "2"}, {1500 * time.Millisecond, 200, ""}, {0, 429, "3"}} {
		now = now.Add(tt.after)
		res, _ := ask(t, tenant, token, "PUT", photoValue, jpegOf(t, 100, 100), "Content-Type", imageJPEG)
		if wait := res.Header.Get("Retry-After"); res.StatusCode != tt.status || wait != tt.wait {
			t.Errorf("PUT %d = %d, Retry-After %q, want %d, %q", i, res.StatusCode, wait, tt.status, tt.wait)
		}
	}
}

func TestSlowAndStaleWeatherFromThePage(t *testing.T) {
	now := time.Now()
	tenant := start(t, demo.Options{Now: func() time.Time { return now }})
	b, token := newBrowser(t, tenant), newApp(t, tenant).token(t, "employee")
	b.turn(t, "stale", "on")
	ask(t, tenant, token, "PUT", photoValue, jpegOf(t, 360, 360), "Content-Type", imageJPEG)
	for after, want := range map[time.Duration]string{29 * time.Second: "648x648 jpeg", 31 * time.Second: "360x360 jpeg"} {
		now = now.Add(after)
		if _, value := ask(t, tenant, token, "GET", photoValue, nil); dimensions(value) != want {
			t.Errorf("after %v reads see %s, want %s", after, dimensions(value), want)
		}
		now = now.Add(-after)
	}
	b.turn(t, "slow", "on")
	page := b.turn(t, "very-slow", "on")
	if strings.Contains(card(page, "slow"), "Switch off") || !strings.Contains(page, "Now: Slow (10 seconds), Stale reads (30 seconds)") {
		t.Error("10 seconds don't replace 4, or what is on isn't said")
	}
	if page := b.turn(t, "slow", "off"); !strings.Contains(card(page, "very-slow"), "Switch off") {
		t.Error("switching off what isn't on switches off something else")
	}
}

func TestTokensAreRevokedAndChallengedFromThePage(t *testing.T) {
	tenant := start(t, demo.Options{})
	a, b := newApp(t, tenant), newBrowser(t, tenant)
	status := func(token *oauth2.Token) (int, string) {
		res, _ := ask(t, tenant, token, "GET", "/v1.0/me", nil)
		return res.StatusCode, claimsIn(t, res)
	}
	tokens := []*oauth2.Token{redeem(t, a, "employee", cp1), redeem(t, a, "guest", cp1)}
	if page := b.turn(t, "challenged", "on"); !strings.Contains(card(page, "challenged"), "Done") || !strings.Contains(page, "Now: fair") {
		t.Error("the challenge isn't shown as done, or as weather that holds")
	}
	for i, token := range tokens {
		if code, claims := status(token); code != 401 || claims == "" {
			t.Errorf("token %d gets %d and the claims %q, want a challenge", i, code, claims)
		}
	}
	tenant.Fair()
	if code, _ := status(tokens[0]); code != 200 {
		t.Errorf("in fair weather the token gets %d, want 200", code)
	}
	b.turn(t, "revoked", "on")
	if code, claims := status(tokens[0]); code != 401 || claims != "" {
		t.Errorf("a revoked token gets %d and the claims %q, want 401 and none", code, claims)
	}
}

func TestFairAgain(t *testing.T) {
	for how, address := range map[string]string{"fair again": "/weather/fair", "starting over": "/reset"} {
		tenant := start(t, demo.Options{})
		b := newBrowser(t, tenant)
		page, _ := b.get(t, tenant.WeatherURL())
		all := regexp.MustCompile(`name="kind" value="([a-z-]+)"`).FindAllStringSubmatch(page, -1)
		if len(all) != 27 {
			t.Fatalf("the page has %d switches, want 27", len(all))
		}
		for _, kind := range all {
			page = b.turn(t, kind[1], "on")
		}
		if n := strings.Count(page, "Switch off"); n != 15 {
			t.Errorf("%d are on, want 15: all but the two done once and ten that others replaced", n)
		}
		b.post(t, tenant.GraphURL()+address, nil)
		if page, _ := b.get(t, tenant.WeatherURL()); strings.Contains(page, "Switch off") || !strings.Contains(page, "Now: fair") {
			t.Errorf("%s leaves weather on", how)
		}
	}
}

func TestWeatherThatDoesNotExist(t *testing.T) {
	tenant := start(t, demo.Options{})
	for _, form := range []url.Values{{"kind": {"hail"}, "to": {"on"}}, {"kind": {"down"}, "to": {"sideways"}}, {}} {
		res, err := http.PostForm(tenant.WeatherURL(), form)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != http.StatusBadRequest {
			t.Errorf("%v gets %d, want 400", form, res.StatusCode)
		}
	}
}
