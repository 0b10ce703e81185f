package auth_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"portrait/internal/auth"
	"portrait/internal/directory"
	"portrait/internal/fault"
)

// wish begins a sign-in with a wish and returns what the provider is asked for.
func (b *browser) wish(t *testing.T, s *site, what string) (location string, asked url.Values) {
	t.Helper()
	location, err := b.beginFor(s.Auth, auth.Wish{ReturnTo: "/groups/1/photo", For: what})
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(location)
	if err != nil {
		t.Fatal(err)
	}
	return location, u.Query()
}

// grants makes the provider grant scope, whatever it is asked for.
func grants(scope string) func(*site) {
	return func(s *site) {
		s.issuer.change(func() { s.issuer.answer = func(m map[string]any) { m["scope"] = scope } })
	}
}

func TestScopesOfAWish(t *testing.T) {
	const always = "openid profile offline_access User.ReadWrite"
	const graph = "https://microsoftgraph.chinacloudapi.cn/"
	for _, tt := range []struct{ sentence, wish, groupScope, prefix, scope string }{
		{"nothing more", "", "", "", always},
		{"groups", auth.ForGroups, "", "", always + " Group.ReadWrite.All"},
		{"groups where the wide permission is set", auth.ForGroups, "Group.ReadWrite.All", "", always + " Group.ReadWrite.All"},
		{"groups where the narrow one is set", auth.ForGroups, "ProfilePhoto.ReadWrite.All", "", always + " ProfilePhoto.ReadWrite.All GroupMember.Read.All"},
		{"teams", auth.ForTeams, "", "", always + " GroupMember.Read.All TeamSettings.ReadWrite.All"},
		{"contacts", auth.ForContacts, "", "", always + " Contacts.ReadWrite"},
		{"other people's contacts", auth.ForShared, "", "", always + " Contacts.ReadWrite.Shared"},
		{"contacts in another cloud", auth.ForContacts, "", graph, "openid profile offline_access " + graph + "User.ReadWrite " + graph + "Contacts.ReadWrite"},
	} {
		s := newSite(t)
		s.Auth = s.replica(t, func(c *auth.Config) { c.GroupScope, c.ScopePrefix = tt.groupScope, tt.prefix })
		_, asked := newBrowser().wish(t, s, tt.wish)
		if got := asked.Get("scope"); got != tt.scope {
			t.Errorf("%s: asks for %q, want %q", tt.sentence, got, tt.scope)
		}
		if asked.Has("login_hint") || asked.Has("prompt") {
			t.Errorf("%s: nobody is signed in, but %v", tt.sentence, asked)
		}
	}
	_, err := newBrowser().beginFor(newSite(t).Auth, auth.Wish{For: "everything"})
	checkFault(t, err, fault.BadRequest, "fault.bad-request", fault.NextHome)
}

func TestWhatIsHeldIsAskedForAgain(t *testing.T) {
	for _, tt := range []struct{ sentence, held, wish, scope string }{
		{"what was granted before", "User.ReadWrite Contacts.ReadWrite", auth.ForGroups, "User.ReadWrite Group.ReadWrite.All Contacts.ReadWrite"},
		{"spelled with Graph's address and in capitals", "https://graph.microsoft.com/CONTACTS.READWRITE", auth.ForShared,
			"User.ReadWrite Contacts.ReadWrite Contacts.ReadWrite.Shared"},
		{"nothing twice", "User.ReadWrite Contacts.ReadWrite", auth.ForContacts, "User.ReadWrite Contacts.ReadWrite"},
		{"nothing that we never ask for", "User.ReadWrite Mail.Read email https://evil.example.com/Contacts.ReadWrite", "", "User.ReadWrite"},
	} {
		s, b := newSite(t), newBrowser()
		grants(tt.held)(s)
		b.mustSignIn(t, s)
		if _, asked := b.wish(t, s, tt.wish); asked.Get("scope") != "openid profile offline_access "+tt.scope {
			t.Errorf("%s: asks for %q, want %q", tt.sentence, asked.Get("scope"), tt.scope)
		}
	}
}

func TestProviderIsToldWhoIsSignedIn(t *testing.T) {
	for _, tt := range []struct {
		sentence string
		claim    any
		want     string
	}{
		{"by the hint that it sent", "hint-1", "hint-1"},
		{"by name where it sent none", nil, "canary.ada@example.com"},
	} {
		s, b := newSite(t), newBrowser()
		set("login_hint", tt.claim)(s)
		b.mustSignIn(t, s)
		if _, asked := b.wish(t, s, auth.ForGroups); asked.Get("login_hint") != tt.want {
			t.Errorf("%s: %q, want %q", tt.sentence, asked.Get("login_hint"), tt.want)
		}
	}
}

func TestSamePersonIsAllowedMore(t *testing.T) {
	s, b := newSite(t), newBrowser()
	ctx, before := b.mustSignIn(t, s)
	old, token := b.copy(), s.CSRF(ctx)
	location, _ := b.wish(t, s, auth.ForGroups)
	grants("openid profile https://graph.microsoft.com/user.readwrite https://graph.microsoft.com/GROUP.ReadWrite.All")(s)
	out, err := b.finish(s.Auth, s.issuer.authorize(t, location))
	if err != nil || out != (auth.Outcome{ReturnTo: "/groups/1/photo"}) {
		t.Fatalf("%+v, %v", out, err)
	}
	ctx = b.visit(t, s.Auth)
	after, _ := s.Actor(ctx)
	if !after.Is(before) || !after.Holds("Group.ReadWrite.All") || !after.Holds("User.ReadWrite") {
		t.Errorf("is %+v", after)
	}
	if !s.CheckCSRF(ctx, token) {
		t.Error("pages that are open have lost their token for forms")
	}
	if old.isIn(t, s.Auth) {
		t.Error("the session from before is still good")
	}
}

func TestAnotherPersonComesBack(t *testing.T) {
	for _, tt := range []struct {
		sentence string
		claim    string
		id       string
		signOut  bool // before they come back
	}{
		{"while the first is signed in", "oid", "44444444-aaaa-bbbb-cccc-000000000004", false},
		{"after the first has signed out", "oid", "44444444-aaaa-bbbb-cccc-000000000004", true},
	} {
		t.Run(tt.sentence, func(t *testing.T) {
			s, b := newSite(t), newBrowser()
			grants("User.ReadWrite Contacts.ReadWrite")(s)
			ctx, _ := b.mustSignIn(t, s)
			first, token := b.copy(), s.CSRF(ctx)
			location, _ := b.wish(t, s, auth.ForContacts)
			if tt.signOut {
				signOut(t, b, s)
			}
			set(tt.claim, tt.id)(s)
			grants("User.ReadWrite Contacts.ReadWrite")(s)
			out, err := b.finish(s.Auth, s.issuer.authorize(t, location))
			if err != nil || !out.Other || out.ReturnTo != "/groups/1/photo" {
				t.Fatalf("%+v, %v; want it to be another's", out, err)
			}
			ctx = b.visit(t, s.Auth)
			if actor, _ := s.Actor(ctx); string(actor.ID) != tt.id {
				t.Errorf("signed in is %+v", actor)
			}
			if s.CheckCSRF(ctx, token) || s.CSRF(ctx) == "" || first.isIn(t, s.Auth) {
				t.Error("something of the first person's session lives on")
			}
		})
	}
}

func TestDeclined(t *testing.T) {
	for _, tt := range []struct {
		sentence, code, description string
	}{
		{"by the person", "access_denied", "AADSTS65004: canary"},
		{"by a provider without numbers", "access_denied", ""},
	} {
		t.Run(tt.sentence, func(t *testing.T) {
			s, b := newSite(t), newBrowser()
			b.mustSignIn(t, s)
			before := b.cookies["__Host-portrait"].Value
			for _, wish := range []string{auth.ForGroups, ""} {
				location, _ := b.wish(t, s, wish)
				answer := s.issuer.authorize(t, location)
				answer.Set("error", tt.code)
				answer.Set("error_description", tt.description)
				out, err := b.finish(s.Auth, answer)
				if wish == "" {
					checkFault(t, err, fault.Forbidden, "signin.interrupted", fault.NextSignIn)
				} else if err != nil || out != (auth.Outcome{ReturnTo: "/groups/1/photo", Declined: auth.ForGroups}) {
					t.Errorf("%+v, %v", out, err)
				}
			}
			if b.cookies["__Host-portrait"].Value != before || !b.isIn(t, s.Auth) || s.issuer.called("/token") != 1 {
				t.Error("the session didn't stay as it was")
			}
		})
	}
}

func TestGrantedLessThanAskedFor(t *testing.T) {
	for _, tt := range []struct{ wish, granted, declined string }{
		{auth.ForTeams, "User.ReadWrite TeamSettings.ReadWrite.All GroupMember.Read.All", ""},
		{auth.ForTeams, "User.ReadWrite TeamSettings.ReadWrite.All", auth.ForTeams},
		{auth.ForContacts, "User.ReadWrite Contacts.Read", auth.ForContacts},
		{auth.ForShared, "User.ReadWrite Contacts.ReadWrite", auth.ForShared},
		{"", "openid", ""},
	} {
		s, b := newSite(t), newBrowser()
		location, _ := b.wish(t, s, tt.wish)
		grants(tt.granted)(s)
		out, err := b.finish(s.Auth, s.issuer.authorize(t, location))
		if err != nil || out.Declined != tt.declined || !b.isIn(t, s.Auth) {
			t.Errorf("%s, granted %q: %+v, %v; want %q declined", tt.wish, tt.granted, out, err, tt.declined)
		}
	}
}

func TestOnlyAnAdministratorCanAllow(t *testing.T) {
	const issuerPath = "/" + tenantID + "/v2.0"
	byBrowser := func(code, description string) func(*site, url.Values) {
		return func(_ *site, answer url.Values) {
			answer.Set("error", code)
			answer.Set("error_description", description)
		}
	}
	for _, tt := range []struct {
		sentence string
		wish     string
		spoil    func(s *site, answer url.Values)
		say      string
		scope    string // of the link
	}{
		{"not consented to", auth.ForGroups, byBrowser("invalid_grant", "AADSTS65001: canary"), "signin.needs-admin", "User.ReadWrite Group.ReadWrite.All"},
		{"an administrator's alone", auth.ForTeams, byBrowser("access_denied", "AADSTS90094: canary"), "signin.needs-admin",
			"User.ReadWrite GroupMember.Read.All TeamSettings.ReadWrite.All"},
		{"a provider that says so in a word", auth.ForShared, byBrowser("consent_required", ""), "signin.needs-admin", "User.ReadWrite Contacts.ReadWrite.Shared"},
		{"the app itself", "", byBrowser("access_denied", "AADSTS90094: canary"), "signin.needs-consent", "User.ReadWrite"},
		{"the code that buys nothing", auth.ForContacts, func(s *site, _ url.Values) {
			s.issuer.handlers["/token"] = func(w http.ResponseWriter, _ *http.Request) { refuse(w, "invalid_grant", 65001) }
		}, "signin.needs-admin", "User.ReadWrite Contacts.ReadWrite"},
	} {
		t.Run(tt.sentence, func(t *testing.T) {
			s, b := newSite(t), newBrowser()
			s.issuer.metadata = func(m map[string]any) { m["issuer"] = s.issuer.URL + issuerPath }
			s.issuer.claims = func(c map[string]any) { c["iss"] = s.issuer.URL + issuerPath }
			s.config.Issuer = s.issuer.URL + issuerPath
			s.Auth = s.replica(t, nothing)
			b.mustSignIn(t, s)
			location, _ := b.wish(t, s, tt.wish)
			answer := s.issuer.authorize(t, location)
			s.issuer.change(func() { tt.spoil(s, answer) })
			_, err := b.finish(s.Auth, answer)
			checkFault(t, err, fault.Forbidden, tt.say, fault.NextAdmin)
			full := "https://graph.microsoft.com/" + strings.ReplaceAll(tt.scope, " ", " https://graph.microsoft.com/")
			want := s.issuer.URL + issuerPath + "/adminconsent?" + url.Values{"client_id": {clientID},
				"redirect_uri": {"https://portrait.example.com/auth/callback"}, "scope": {full}}.Encode()
			if got := fault.As(err).Link; got != want {
				t.Errorf("the link for the administrator is\n%s, want\n%s", got, want)
			}
			if !b.isIn(t, s.Auth) {
				t.Error("the session has ended")
			}
		})
	}
}

func TestAdminConsentURL(t *testing.T) {
	s := newSite(t)
	if got := s.AdminConsentURL(); got != "" {
		t.Errorf("a provider that isn't Entra has %q", got)
	}
	china := s.replica(t, func(c *auth.Config) {
		c.Issuer, c.ScopePrefix = "https://login.partner.microsoftonline.cn/"+tenantID+"/v2.0", "https://microsoftgraph.chinacloudapi.cn/"
	})
	want := "https://login.partner.microsoftonline.cn/" + tenantID + "/v2.0/adminconsent?client_id=" + clientID +
		"&redirect_uri=https%3A%2F%2Fportrait.example.com%2Fauth%2Fcallback&scope=https%3A%2F%2Fmicrosoftgraph.chinacloudapi.cn%2F.default"
	if got := china.AdminConsentURL(); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	for _, back := range []url.Values{
		{"admin_consent": {"True"}, "tenant": {tenantID}, "scope": {"x"}}, {"error": {"permission_denied"}, "error_description": {"canary"}},
	} {
		if out, err := newBrowser().finish(s.Auth, back); err != nil || out != (auth.Outcome{ReturnTo: "/"}) {
			t.Errorf("an administrator comes back with %v to %+v, %v", back, out, err)
		}
	}
}

func TestAnotherAccountCanBeChosen(t *testing.T) {
	for _, tt := range []struct {
		sentence string
		refuse   func(s *site, answer url.Values)
		choose   bool
	}{
		{"a personal account", func(s *site, _ url.Values) { set("tid", string(directory.PersonalTenant))(s) }, true},
		{"an account of another tenant", func(s *site, _ url.Values) { set("tid", "44444444-aaaa-bbbb-cccc-000000000004")(s) }, true},
		{"an account that isn't assigned", func(_ *site, answer url.Values) {
			answer.Set("error", "access_denied")
			answer.Set("error_description", "AADSTS50105: canary")
		}, true},
		{"an ID token that isn't what it must be", func(s *site, _ url.Values) { set("aud", "evil")(s) }, false},
	} {
		t.Run("after "+tt.sentence, func(t *testing.T) {
			s, b := newSite(t), newBrowser()
			location, asked := b.wish(t, s, "")
			if asked.Has("prompt") {
				t.Errorf("at first prompt=%s", asked.Get("prompt"))
			}
			answer := s.issuer.authorize(t, location)
			s.issuer.change(func() { tt.refuse(s, answer) })
			if _, err := b.finish(s.Auth, answer); err == nil {
				t.Fatal("taken")
			}
			s.issuer.change(func() { s.issuer.claims = nil })
			location, asked = b.wish(t, s, "")
			if got := asked.Get("prompt"); (got == "select_account") != tt.choose {
				t.Errorf("then prompt=%q", got)
			}
			if _, err := b.finish(s.Auth, s.issuer.authorize(t, location)); err != nil {
				t.Fatal(err)
			}
			if _, asked = b.wish(t, s, ""); asked.Has("prompt") || asked.Get("login_hint") == "" {
				t.Errorf("after the right account %v", asked)
			}
		})
	}
}
