package main

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"portrait/internal/demo"
)

var graphFaults = []promised{
	{fault: "Graph is busy for a second, three times (429, `Retry-After: 1`)", proof: busyForAMoment,
		promise: "It waits as told, 5 seconds at most in all, and saves; nothing is sent early."},
	{fault: "`Retry-After` as decimals, a date, a date that is past, 0, −1, 10⁹, garbage, or not at all", proof: everyRetryAfter,
		promise: "Each is understood; what says nothing is a second or two, 10⁹ is ten minutes. Beyond 5 seconds the page counts down, and nothing is sent before."},
	{fault: "Graph is out of service for longer (503)", proof: outOfService,
		promise: "The page says that the picture waits, and until when; then it is sent."},
	{fault: "Graph fails (500, 502)", proof: graphFails, promise: "A sentence; the picture stays, and one click sends it again."},
	{fault: "More people save than Graph works at", elsewhere: "internal/photo TestReplicasStayBelowGraphsLimitAndUseIt",
		promise: "All replicas together find out how many requests it works at, and people come before batches."},
	{fault: "The photo arrives, the answer gets lost (reset, 504, a proxy's page)", proof: answerLost,
		promise: "It is read back: saved is saved, and it isn't sent again."},
	{fault: "The photo gets lost, and so does the answer", proof: changeLost,
		promise: "Nobody calls it saved or failed. It is looked for after 5 seconds, and sent again after 30."},
	{fault: "Each of these, with every later step", elsewhere: "internal/photo TestALostAnswerIsReadBack", promise: "As above."},
	{fault: "Photos trickle in", proof: trickling, promise: "Pages open, and others who save don't wait for it."},
	{fault: "A read is answered with half a photo, a web page, an error with status 200, or nothing", proof: noPictures,
		promise: "It is shown as initials, never passed on and never kept."},
	{fault: "Somebody in between with a certificate of their own", proof: wrongCertificate, promise: "Nothing is sent, and the sentence is for the administrator."},
	{fault: "Graph's name isn't known, or nobody listens there", proof: unreachable,
		promise: "Pages open with what Portrait knows itself, readiness stays green, and the picture is kept."},
	{fault: "No photo; an account without a mailbox", proof: absent, promise: "“No photo yet” is a normal state; without a mailbox the photo is saved in the directory, and that is said."},
	{fault: "The organisation's policy forbids it (403)", proof: policyForbids, promise: "A sentence with who can help; it isn't tried again, and the audit log has the refusal."},
	{fault: "Graph still serves the old photo after a save", proof: staleReads,
		promise: "The page shows the new one as on its way; nothing is sent again, and the old photo isn't kept in the history twice."},
	{fault: "The photo was changed elsewhere before an earlier one is restored", elsewhere: "internal/photo TestRestoringOverAnothersChange",
		promise: "Portrait asks to look first."},
	{fault: "A list without end (`nextLink` leads in circles)", elsewhere: "internal/graph TestSecurityNextElsewhere", promise: "A page is one call; whoever wants the next one follows a link."},
}

func busyForAMoment(t *testing.T) {
	s := newSite(t)
	b, photo := s.signedIn("employee"), randomPicture(t)
	busy := demo.Answer{Method: "PUT", Status: 429, Code: "TooManyRequests", Header: http.Header{"Retry-After": {"1"}}}
	s.tenant.Set(demo.Weather{ReadDelay: -1, Graph: repeat(busy, 3)})
	from := time.Now()
	b.saves("key", photo, 200, "confirmed")
	if took := time.Since(from); took < 3*time.Second {
		t.Errorf("it took %v: something was sent early", took)
	}
	s.wasPut(4)
	s.has("employee", photo)
}

func everyRetryAfter(t *testing.T) {
	s := newSite(t)
	b := s.signedIn("employee")
	puts := 0
	for form, least := range map[string]time.Duration{
		"2.5": 2500 * time.Millisecond, demo.RetryDate: time.Second, demo.RetryPast: time.Second, "0": time.Second, "-1": time.Second,
		"soon": time.Second, demo.RetryUnsaid: time.Second,
	} {
		s.tenant.Set(demo.Weather{ReadDelay: -1, RefuseOnce: form})
		photo, from := randomPicture(t), time.Now()
		b.saves("key "+form, photo, 200, "confirmed")
		if took := time.Since(from); took < least {
			t.Errorf("%s: it took %v, want at least %v", form, took, least)
		}
		puts += 2
		s.wasPut(puts)
		s.has("employee", photo)
	}
	s.tenant.Set(demo.Weather{ReadDelay: -1, RefuseOnce: "1e9"})
	at, err := http.ParseTime(b.saves("key", randomPicture(t), 202, "waiting")["retryAt"].(string))
	if wait := time.Until(at); err != nil || wait < 9*time.Minute || wait > 10*time.Minute+time.Second {
		t.Errorf("it waits for %v, %v; want ten minutes", wait, err)
	}
	b.sends(202)
	s.wasPut(puts + 1)
}

func outOfService(t *testing.T) {
	s := newSite(t)
	b, photo := s.signedIn("employee"), randomPicture(t)
	s.tenant.Set(demo.Weather{ReadDelay: -1, Graph: []demo.Answer{{Method: "PUT", Status: 503, Header: http.Header{"Retry-After": {"6"}}}}})
	b.saves("key", photo, 202, "waiting")
	b.keeps(photo)
	if page := b.get("/me/photo"); page.find(`section[data-state="waiting"]`) == nil {
		t.Errorf("the page doesn't say that it waits: %s", page.text())
	}
	b.sends(202) // too early
	s.wasPut(1)
	time.Sleep(6 * time.Second)
	b.sends(200)
	s.wasPut(2)
	s.has("employee", photo)
}

func graphFails(t *testing.T) {
	s := newSite(t)
	b := s.signedIn("employee")
	for i, status := range []int{500, 502} {
		photo := randomPicture(t)
		s.tenant.Set(demo.Weather{ReadDelay: -1, Graph: []demo.Answer{{Method: "PUT", Status: status, Body: "<html>"}}})
		b.saves("key "+http.StatusText(status), photo, 502, "")
		b.keeps(photo)
		b.sends(200)
		s.wasPut(2 + 2*i)
		s.has("employee", photo)
	}
}

func answerLost(t *testing.T) {
	html := http.Header{"Content-Type": {"text/html"}}
	s := newSite(t)
	b := s.signedIn("employee")
	puts := 0
	for name, weather := range map[string]demo.Weather{
		"a reset":        {ReadDelay: -1, Lost: demo.LostAnswer},
		"a gateway":      {ReadDelay: -1, Graph: []demo.Answer{{Method: "PUT", Status: 504, Taken: true}}},
		"a proxy's page": {ReadDelay: -1, Graph: []demo.Answer{{Method: "PUT", Status: 200, Body: "<html>", Header: html, Taken: true}}},
	} {
		photo := randomPicture(t)
		s.tenant.Set(weather)
		b.saves("key "+name, photo, 200, "confirmed")
		puts++
		s.wasPut(puts)
		s.has("employee", photo)
	}
}

func changeLost(t *testing.T) {
	s := newSite(t)
	b, photo := s.signedIn("employee"), randomPicture(t)
	s.tenant.Set(demo.Weather{ReadDelay: -1, Lost: demo.LostChange})
	b.saves("key", photo, 202, "unknown")
	s.tenant.Fair()
	b.keeps(photo)
	b.sends(202)
	b.saves("key", photo, 202, "unknown")
	s.wasPut(1)
	if page := b.get("/me/photo"); page.find(`section[data-state="unknown"]`) == nil {
		t.Errorf("the page doesn't say that it isn't known: %s", page.text())
	}
}

func trickling(t *testing.T) {
	s := newSite(t)
	slow, quick := []*browser{s.signedIn("employee"), s.signedIn("owner"), s.signedIn("helpdesk")}, s.signedIn("no-photo")
	s.tenant.Set(demo.Weather{ReadDelay: -1, Trickle: 2000})
	var all sync.WaitGroup
	for _, b := range slow {
		all.Go(func() { _, _, _ = b.asks(http.MethodGet, "/me/photo/$value", nil) }) // what becomes of it is the weather's business
	}
	time.Sleep(200 * time.Millisecond)
	from := time.Now()
	quick.saves("key", randomPicture(t), 200, "confirmed")
	t.Logf("the save took %v", time.Since(from))
	if page := slow[0].get("/me/photo"); page.status != http.StatusOK {
		t.Errorf("the page is answered %d", page.status)
	}
	if took := time.Since(from); took > 8*time.Second {
		t.Errorf("a save and a page took %v while others waited for photos", took)
	}
	s.tenant.Fair()
	all.Wait()
}

func noPictures(t *testing.T) {
	s := newSite(t)
	b := s.signedIn("employee")
	html, plain := http.Header{"Content-Type": {"text/html"}}, http.Header{"Content-Type": {"application/json"}}
	get := func(a demo.Answer) demo.Weather {
		a.Method, a.Path = "GET", "/photo/$value"
		return demo.Weather{ReadDelay: -1, Graph: repeat(a, 2)}
	}
	for name, weather := range map[string]demo.Weather{
		"half a photo":    {ReadDelay: -1, Truncated: true},
		"a web page":      get(demo.Answer{Status: 200, Body: "<script>alert(1)</script>", Header: html}),
		"an error":        get(demo.Answer{Status: 200, Body: `{"error":{"code":"x"}}`, Header: plain}),
		"an empty answer": get(demo.Answer{Status: 200}),
		"no content":      get(demo.Answer{Status: 204}),
	} {
		s.tenant.Set(weather)
		a := b.get("/me/photo/$value", "Accept", "application/json")
		if kind := a.header.Get("Content-Type"); a.status != http.StatusBadGateway || kind != "application/problem+json" || bytes.Contains(a.body, []byte("alert")) {
			t.Errorf("%s is answered %d %s: %s", name, a.status, kind, a.body)
		}
		if cached := a.header.Get("Cache-Control"); cached != "no-store" {
			t.Errorf("%s may be kept: %s", name, cached)
		}
		if a := b.get("/me/photo/$value?or=blank"); a.status != http.StatusOK || a.header.Get("Content-Type") != "image/gif" {
			t.Errorf("%s in a page is answered %d %s", name, a.status, a.header.Get("Content-Type"))
		}
		if a := b.get("/me/photo"); a.status != http.StatusOK {
			t.Errorf("the page is answered %d", a.status)
		}
		s.tenant.Set(demo.Weather{ReadDelay: -1})
		if a := b.get("/me/photo/$value"); a.status != http.StatusOK || a.header.Get("Content-Type") != "image/jpeg" {
			t.Errorf("after %s the photo is answered %d %s", name, a.status, a.header.Get("Content-Type"))
		}
	}
}

func wrongCertificate(t *testing.T) {
	var heard atomic.Int32
	between := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { heard.Add(1) }))
	between.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug)
	between.StartTLS()
	t.Cleanup(between.Close)
	s := newSiteWith(t, nil, func(vars map[string]string) { vars["PORTRAIT_GRAPH_URL"] = between.URL })
	b, photo := s.signedIn("employee"), randomPicture(t)
	said := b.saves("key", photo, 502, "")
	if detail, _ := said["detail"].(string); !strings.Contains(detail, "nothing was sent") || said["next"] != "admin" {
		t.Errorf("it says %v", said)
	}
	b.keeps(photo)
	if n := heard.Load(); n != 0 {
		t.Errorf("%d requests got through", n)
	}
}

func unreachable(t *testing.T) {
	for _, address := range []string{"http://127.0.0.1:1", "https://graph.portrait.invalid"} {
		s := newSiteWith(t, nil, func(vars map[string]string) { vars["PORTRAIT_GRAPH_URL"] = address })
		b, photo := s.signedIn("employee"), randomPicture(t)
		if page := b.get("/me/photo"); page.status != http.StatusOK || !strings.Contains(page.text(), "can't be reached") {
			t.Errorf("%s: the page is answered %d: %s", address, page.status, page.text())
		}
		if ready := b.get("/readyz"); ready.status != http.StatusOK {
			t.Errorf("%s: readiness is %d", address, ready.status)
		}
		b.saves("key", photo, 502, "")
		b.keeps(photo)
	}
}

func absent(t *testing.T) {
	s := newSite(t)
	if page := s.signedIn("no-photo").get("/me/photo"); page.status != http.StatusOK || !strings.Contains(page.text(), "You have no photo yet") {
		t.Errorf("without a photo the page is answered %d: %s", page.status, page.text())
	}
	if said := s.signedIn("no-mailbox").saves("key", randomPicture(t), 200, "confirmed"); said["directoryOnly"] != true {
		t.Errorf("without a mailbox a save says %v", said)
	}
}

func policyForbids(t *testing.T) {
	s := newSite(t)
	b := s.signedIn("employee")
	s.tenant.SetPolicy("onPremises")
	said := b.saves("key", randomPicture(t), 403, "")
	if detail, _ := said["detail"].(string); !strings.Contains(detail, "organisation") || said["next"] != "helpdesk" {
		t.Errorf("it says %v", said)
	}
	s.wasPut(1)
	s.logs("set refused")
}

func staleReads(t *testing.T) {
	s := newSite(t)
	b := s.signedIn("employee")
	old := s.tenant.Photo(s.person("employee"))
	s.tenant.Set(demo.Weather{ReadDelay: time.Hour})
	first, second := randomPicture(t), randomPicture(t)
	b.saves("first", first, 200, "confirmed")
	for range 3 {
		if _, body, err := b.asks(http.MethodGet, "/me/photo/state", nil); err != nil || !bytes.Contains(body, []byte(`"seen":false`)) || !bytes.Contains(body, []byte(`"confirmed"`)) {
			t.Errorf("its state is %s, %v", body, err)
		}
	}
	s.wasPut(1)
	if page := b.get("/me/photo"); page.find(`section[data-state="confirmed"]`) == nil {
		t.Errorf("the page doesn't show it: %s", page.text())
	}
	b.saves("second", second, 200, "confirmed")
	s.wasPut(2)
	if got := s.history("employee"); len(got) != 2 || !bytes.Equal(got[0], rendered(t, first)) || !bytes.Equal(got[1], old) {
		t.Errorf("the history has %d photos, want the first save and the old photo", len(got))
	}
}
