package main

import (
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"testing"
)

// begun starts a sign-in and returns the query that the provider's page was
// asked for with.
func (b *browser) begun(returnTo string) url.Values {
	b.t.Helper()
	a := b.get("/auth/sign-in?return_to=" + url.QueryEscape(returnTo))
	u, err := url.Parse(a.header.Get("Location"))
	if err != nil || a.status != http.StatusSeeOther || u.Query().Get("state") == "" {
		b.t.Fatalf("beginning a sign-in: %d %q", a.status, a.header.Get("Location"))
	}
	return u.Query()
}

// TestSecurityProvidersErrorsArePagesWithAWayOn comes back from the provider with
// every error that Entra is known to send, and with hostile ones.
func TestSecurityProvidersErrorsArePagesWithAWayOn(t *testing.T) {
	const again = `a[href="/auth/sign-in"]`
	for _, tt := range []struct {
		code, description string
		status            int
		said              string
		link              string
	}{
		{"access_denied", "AADSTS65004: User declined to consent", http.StatusForbidden, "sign in again and accept", again},
		{"access_denied", "", http.StatusForbidden, "sign in again and accept", again},
		{"consent_required", "AADSTS65001: The user or administrator has not consented", http.StatusForbidden, "ask your administrator to approve", ""},
		{"access_denied", "AADSTS90094: The grant requires admin permission", http.StatusForbidden, "ask your administrator to approve", ""},
		{"access_denied", "AADSTS50105: not assigned to a role", http.StatusForbidden, "ask your administrator for access", ""},
		{"interaction_required", "AADSTS50076: must use multi-factor authentication", http.StatusForbidden, "sign in again", again},
		{"interaction_required", "AADSTS53003: blocked by Conditional Access", http.StatusForbidden, "sign in again", again},
		{"login_required", "AADSTS50058", http.StatusForbidden, "sign in again", again},
		{"unauthorized_client", "AADSTS700016: not found in the directory", http.StatusBadGateway, "tell your administrator", ""},
		{"temporarily_unavailable", "AADSTS90033", http.StatusBadGateway, "try again in a minute", again},
		{"server_error", "AADSTS50000", http.StatusBadGateway, "try again in a minute", again},
		{"<script>canary</script>", "canary", http.StatusForbidden, "didn't let you in", again},
		{strings.Repeat("canary", 500), "canary", http.StatusForbidden, "didn't let you in", again},
	} {
		t.Run(tt.code[:min(len(tt.code), 30)]+" "+tt.description, func(t *testing.T) {
			s := newSite(t)
			b := s.browser().stay()
			asked := b.begun("/me/photo")
			a := b.get("/auth/callback?" + url.Values{
				"state": {asked.Get("state")}, "error": {tt.code}, "error_description": {tt.description + " canary-description"},
				"error_uri": {"https://evil.example/canary"}, "iss": {s.tenant.Issuer()},
			}.Encode())
			if a.status != tt.status || !strings.Contains(a.text(), tt.said) {
				t.Errorf("answers %d: %s\nwant %d with %q", a.status, a.text(), tt.status, tt.said)
			}
			if tt.link != "" && a.find(tt.link) == nil || a.find(`a[class="button button--primary"]`) == nil {
				t.Error("the page has no way on")
			}
			if strings.Contains(string(a.body), "canary") || strings.Contains(string(a.body), "AADSTS") || strings.Contains(s.logged(), "canary") {
				t.Error("what the provider's address said is shown, or logged")
			}
			checkHeaders(t, a)
		})
	}
}

// TestSecurityAnswerByFormPost is how some providers send an error: it isn't
// taken, and nothing of it is shown.
func TestSecurityAnswerByFormPost(t *testing.T) {
	b := newSite(t).browser().stay()
	asked := b.begun("/me/photo")
	form := url.Values{"state": {asked.Get("state")}, "error": {"access_denied"}, "error_description": {"canary"}}.Encode()
	for _, site := range []string{"", "cross-site"} {
		a := b.do(http.MethodPost, "/auth/callback", strings.NewReader(form), "Content-Type", "application/x-www-form-urlencoded", "Sec-Fetch-Site", site)
		if a.status != http.StatusMethodNotAllowed && a.status != http.StatusForbidden || strings.Contains(string(a.body), "canary") || a.find(`a[class="button button--primary"]`) == nil {
			t.Errorf("from %q it answers %d: %s", site, a.status, a.body)
		}
	}
}

// TestSecurityNobodyElseChoosesTheProvider begins a sign-in as a third party
// may, by OpenID Connect Core section 4: what it says changes nothing.
func TestSecurityNobodyElseChoosesTheProvider(t *testing.T) {
	s := newSite(t)
	b := s.browser().stay()
	a := b.get("/auth/sign-in?" + url.Values{
		"iss": {"https://evil.example"}, "login_hint": {"evil"}, "target_link_uri": {"https://evil.example/"}, "return_to": {"https://evil.example/"},
		"client_id": {"evil"}, "redirect_uri": {"https://evil.example/"}, "scope": {"evil"}, "prompt": {"none"}, "state": {"evil"}, "nonce": {"evil"},
	}.Encode())
	if location := a.header.Get("Location"); !strings.HasPrefix(location, s.tenant.GraphURL()) || strings.Contains(location, "evil") {
		t.Errorf("leads to %s", location)
	}
}

// TestSecurityFrontChannelLogoutOverHTTP signs somebody out as the provider's
// page does, without a cookie or a token.
func TestSecurityFrontChannelLogoutOverHTTP(t *testing.T) {
	s := newSite(t)
	one, other := s.signedIn("employee"), s.signedIn("owner")
	page := s.browser().stay()
	if a := page.get("/auth/front-channel-logout?iss=https%3A%2F%2Fevil.example&sid=x"); a.status != http.StatusBadRequest {
		t.Errorf("for another issuer: %d, want 400", a.status)
	}
	a := page.get("/auth/front-channel-logout?"+url.Values{"iss": {s.tenant.Issuer()}, "sid": {"nobody's"}}.Encode(), "Sec-Fetch-Site", "cross-site", "Sec-Fetch-Dest", "iframe")
	if a.status != http.StatusOK || len(a.body) > 0 || a.header.Get("Cache-Control") != "no-store" {
		t.Errorf("for nobody: %d, %q, %s", a.status, a.header.Get("Cache-Control"), a.body)
	}
	for _, b := range []*browser{one, other} {
		if a := b.stay().get("/me/photo"); a.status != http.StatusOK {
			t.Errorf("a session ended: %d", a.status)
		}
	}
}

// TestSecuritySignOutSaysSoOnce signs out by way of the provider, and then comes
// back with states of others.
func TestSecuritySignOutSaysSoOnce(t *testing.T) {
	s := newSite(t)
	b := s.signedIn("employee")
	a := b.submit("/auth/sign-out")
	if a.status != http.StatusOK || a.url.Path != "/" || a.url.RawQuery != "" || !strings.Contains(a.text(), "You are signed out") {
		t.Errorf("ends on %d %s: %s", a.status, a.url, a.text())
	}
	for _, query := range []string{"?state=evil", "?state=", "?state=a&state=b", ""} {
		a := b.get("/" + query)
		if a.status != http.StatusOK || a.url.RawQuery != "" || strings.Contains(a.text(), "You are signed out") {
			t.Errorf("/%s ends on %d %s: %s", query, a.status, a.url, a.text())
		}
	}
}

// TestSecurityFormsLeadNowhereElse sends every address written by hand to the
// one form that goes back to where it came from, and to the sign-in.
func TestSecurityFormsLeadNowhereElse(t *testing.T) {
	s := newSite(t)
	b := s.browser().stay()
	content, err := os.ReadFile("../../internal/auth/testdata/return_to.txt")
	if err != nil {
		t.Fatal(err)
	}
	tried := 0
	for _, line := range strings.Split(string(content), "\n") {
		if line == "" || strings.HasPrefix(line, "# ") {
			continue
		}
		if text, err := strconv.Unquote(line); err == nil && line[0] == '"' {
			line = text
		}
		tried++
		form := url.Values{"theme": {"dark"}, "return_to": {line}}.Encode()
		a := b.do(http.MethodPost, "/preferences", strings.NewReader(form), "Content-Type", "application/x-www-form-urlencoded")
		if a.status != http.StatusSeeOther || a.header.Get("Location") != "/" {
			t.Errorf("%q leads to %d %q", line, a.status, a.header.Get("Location"))
		}
	}
	if tried < 150 {
		t.Errorf("only %d addresses were tried", tried)
	}
}
