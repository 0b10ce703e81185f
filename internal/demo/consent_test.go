package demo_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/oauth2"

	"portrait/internal/demo"
)

const base = "openid profile offline_access User.ReadWrite"

// want asks for scopes beside the base ones.
func want(t *testing.T, tenant *demo.Tenant, scopes string) app {
	t.Helper()
	return newApp(t, tenant, strings.Fields(base+" "+scopes)...)
}

func TestConsentIsAskedForOnceAndForWhatIsNew(t *testing.T) {
	tenant := start(t, demo.Options{})
	b := newBrowser(t, tenant)
	for _, tt := range []struct {
		what, scopes string
		asked        []string // what the page says, nil = there is no page
	}{
		{"what everybody has is not asked for", "User.Read", nil},
		{"groups are", "Group.ReadWrite.All GroupMember.Read.All", []string{"Read and change the groups", "Read groups and who belongs"}},
		{"the same again is not", "Group.ReadWrite.All", nil},
		{"nor with the host before it, in other case", "https://graph.microsoft.com/group.readwrite.all", nil},
		{"only the new one of two is", "Group.ReadWrite.All Contacts.ReadWrite", []string{"Read and change your contacts"}},
	} {
		t.Run(tt.what, func(t *testing.T) {
			a := want(t, tenant, tt.scopes)
			page, _ := b.get(t, a.link())
			page, left := b.answer(t, page, "persona", "owner")
			for _, means := range tt.asked {
				if !strings.Contains(page, means) {
					t.Errorf("the page doesn't say %q", means)
				}
			}
			if n := strings.Count(page, `class="permission"`); n != len(tt.asked) {
				t.Errorf("%d permissions are asked for, want %d", n, len(tt.asked))
			}
			if tt.asked != nil {
				_, left = b.answer(t, page, "consent", "accept")
			}
			if left == nil || left.Query().Get("code") == "" {
				t.Errorf("led to %v, want a code", left)
			}
		})
	}
}

func TestDecliningLeadsBackWithNothingLost(t *testing.T) {
	tenant := start(t, demo.Options{})
	b, a := newBrowser(t, tenant), want(t, tenant, "Contacts.ReadWrite")
	page, _ := b.get(t, a.link())
	page, _ = b.answer(t, page, "persona", "owner")
	_, left := b.answer(t, page, "consent", "decline")
	if left == nil || left.Query().Get("error") != "access_denied" || left.Query().Get("state") != "the-state" ||
		!strings.HasPrefix(left.Query().Get("error_description"), "AADSTS65004") {
		t.Errorf("declining leads to %v", left)
	}
	if again, left := b.answer(t, page, "consent", "accept"); left != nil || !strings.Contains(again, "has run out") {
		t.Error("a declined request can be accepted afterwards")
	}
	if got := tenant.Consents("owner"); got != nil {
		t.Errorf("after declining the owner has allowed %v", got)
	}
	if token := newApp(t, tenant).token(t, "owner"); token.AccessToken == "" {
		t.Error("the owner can't sign in with what everybody has")
	}
}

func TestTheGrantGrowsAndNeverShrinks(t *testing.T) {
	tenant := start(t, demo.Options{})
	first := newApp(t, tenant).token(t, "owner")
	second := want(t, tenant, "Group.ReadWrite.All").token(t, "owner")
	if got := second.Extra("scope"); got != base+" Group.ReadWrite.All" {
		t.Errorf("scope = %q, want what was asked for", got)
	}
	// The base alone, later: everything that was granted comes.
	a := newApp(t, tenant)
	third := a.token(t, "owner")
	if got := third.Extra("scope"); got != base+" Group.ReadWrite.All" {
		t.Errorf("a sign-in for less has the scope %q, want all that was granted", got)
	}
	// An older refresh token has it too, and passes it on.
	for range 3 {
		var err error
		if first, err = a.refresh(t, first.RefreshToken); err != nil {
			t.Fatal(err)
		}
		if got := first.Extra("scope"); got != base+" Group.ReadWrite.All" {
			t.Errorf("a refresh has the scope %q, want all that was granted", got)
		}
	}
	if other := newApp(t, tenant).token(t, "employee"); other.Extra("scope") != base {
		t.Errorf("somebody else has the scope %q", other.Extra("scope"))
	}
}

func TestRevokedConsent(t *testing.T) {
	tenant := start(t, demo.Options{})
	a := want(t, tenant, "Group.ReadWrite.All")
	token := a.token(t, "owner")
	tenant.RevokeConsent("owner")
	if res, _ := ask(t, tenant, token, "GET", "/v1.0/groups/"+string(tenant.Owned("owner")[0].ID), nil); res.StatusCode != 200 {
		t.Errorf("a token that is out gets %d, want 200", res.StatusCode)
	}
	res, err := http.PostForm(a.Endpoint.TokenURL, url.Values{
		"grant_type": {"refresh_token"}, "refresh_token": {token.RefreshToken}, "scope": {base + " Group.ReadWrite.All"},
		"client_id": {a.ClientID}, "client_secret": {a.ClientSecret},
	})
	if err != nil {
		t.Fatal(err)
	}
	body, _ := outcome(t, res)
	if e := read[map[string]any](t, []byte(body)); e["error"] != "invalid_grant" || e["suberror"] != "consent_required" {
		t.Errorf("a refresh for what was taken back: %s", body)
	}
	token, err = a.refresh(t, token.RefreshToken)
	if err != nil || token.Extra("scope") != base {
		t.Errorf("a refresh for all that is granted has %q (%v), want the base", token.Extra("scope"), err)
	}
}

func TestApprovalByAnAdministrator(t *testing.T) {
	tenant := start(t, demo.Options{})
	tenant.Set(demo.Weather{ConsentNeedsAdmin: true})
	b, a := newBrowser(t, tenant), want(t, tenant, "Group.ReadWrite.All")
	page, _ := b.get(t, a.link())
	page, _ = b.answer(t, page, "persona", "owner")
	if !strings.Contains(page, "Approval required") || !strings.Contains(page, "AADSTS90094") || strings.Contains(page, `value="accept"`) {
		t.Errorf("the page isn't the one that says who can approve:\n%s", page)
	}
	_, left := b.answer(t, page, "consent", "accept") // there is no such button
	if left == nil || left.Query().Get("error") != "consent_required" || !strings.HasPrefix(left.Query().Get("error_description"), "AADSTS90094") {
		t.Errorf("led to %v, want consent_required", left)
	}
	if token := newApp(t, tenant).token(t, "owner"); token.Extra("scope") != base {
		t.Errorf("signing in as before has the scope %q", token.Extra("scope"))
	}
	tenant.Consent("owner", "Group.ReadWrite.All")
	if token := a.token(t, "owner"); token.Extra("scope") != base+" Group.ReadWrite.All" {
		t.Errorf("once it is allowed the scope is %q", token.Extra("scope"))
	}
}

func TestConsentWithoutAPage(t *testing.T) {
	tenant := start(t, demo.Options{})
	b, a := newBrowser(t, tenant), newApp(t, tenant)
	a.code(t, b, "owner")
	more := want(t, tenant, "Contacts.ReadWrite")
	silent := oauth2.SetAuthURLParam("prompt", "none")
	for _, tt := range []struct {
		why  string
		link string
		want string // the error, "" = a code
	}{
		{"what is granted", a.link(silent), ""},
		{"the same for the same person", a.link(silent, oauth2.SetAuthURLParam("login_hint", persona(t, tenant, "owner").UPN)), ""},
		{"somebody else is signed in", a.link(silent, oauth2.SetAuthURLParam("login_hint", persona(t, tenant, "guest").UPN)), "login_required"},
		{"more than is granted", more.link(silent), "consent_required"},
		{"claims that can't be read", a.link(oauth2.SetAuthURLParam("claims", "{")), "invalid_request"},
	} {
		_, left := b.get(t, tt.link)
		if left == nil || left.Query().Get("error") != tt.want || (left.Query().Get("code") != "") != (tt.want == "") {
			t.Errorf("%s: led to %v, want %q", tt.why, left, tt.want)
		}
	}
}

func TestConsentIsTheBrowsersOwn(t *testing.T) {
	tenant := start(t, demo.Options{})
	b, a := newBrowser(t, tenant), want(t, tenant, "Contacts.ReadWrite")
	page, _ := b.get(t, a.link())
	page, _ = b.answer(t, page, "persona", "owner")
	stranger := newBrowser(t, tenant)
	if answer, left := stranger.answer(t, page, "consent", "accept"); left != nil || !strings.Contains(answer, "has run out") {
		t.Errorf("another browser can accept: %v", left)
	}
	if left := tenant.Consents("owner"); left != nil {
		t.Errorf("the owner has allowed %v", left)
	}
}

func TestSignInIsRefused(t *testing.T) {
	tenant := start(t, demo.Options{})
	tenant.Set(demo.Weather{SignIn: demo.Refusal{Error: "access_denied", Code: 53003, Description: "Access has been blocked."}})
	b, a := newBrowser(t, tenant), newApp(t, tenant)
	page, _ := b.get(t, a.link())
	if _, left := b.answer(t, page, "persona", "employee"); left == nil || left.Query().Get("error_description") != "AADSTS53003: Access has been blocked." {
		t.Errorf("led to %v", left)
	}
	tenant.Set(demo.Weather{})
	token := a.token(t, "employee")
	tenant.Set(demo.Weather{Refresh: demo.Refusal{Error: "interaction_required", Code: 50076, Suberror: "basic_action", Claims: `{"access_token":{}}`}})
	_, err := a.refresh(t, token.RefreshToken)
	wantTokenError(t, err, "interaction_required")
	if body := string(err.(*oauth2.RetrieveError).Body); !strings.Contains(body, `"suberror":"basic_action"`) || !strings.Contains(body, `"claims"`) {
		t.Errorf("the refusal lacks the suberror or the claims: %s", body)
	}
}

func TestRolesAreInTheIDToken(t *testing.T) {
	tenant := start(t, demo.Options{})
	a := newApp(t, tenant)
	roles := func(token *oauth2.Token) any {
		c, err := a.claims(t.Context(), token)
		if err != nil {
			t.Fatal(err)
		}
		return c["roles"]
	}
	token := a.token(t, "helpdesk")
	if got := roles(token); got == nil || got.([]any)[0] != "Helpdesk" {
		t.Errorf("the helpdesk's roles are %v", got)
	}
	if got := roles(a.token(t, "employee")); got != nil {
		t.Errorf("the employee's roles are %v", got)
	}
	tenant.RevokeRole("helpdesk")
	token, err := a.refresh(t, token.RefreshToken)
	if err != nil || roles(token) != nil {
		t.Errorf("after the role was taken a refresh has %v (%v)", roles(token), err)
	}
	tenant.GrantRole("employee", "Helpdesk")
	if got := roles(a.token(t, "employee")); got == nil {
		t.Error("the employee was given a role that the ID token hasn't")
	}
}
