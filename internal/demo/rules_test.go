package demo_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"portrait/internal/demo"
	"portrait/internal/directory"
)

const (
	globalAdmin = "62e90394-69f5-4237-9190-012177145e10"
	peopleAdmin = "024906de-61e5-49c8-8572-40335f1e0e10"
	otherRole   = "fdd7a751-b60b-444a-984c-02652fe8fa1c"
)

func TestAdministratorsMayChangeOthersPhotos(t *testing.T) {
	l := newLand(t)
	me := persona(t, l.Tenant, "helpdesk").ID
	flightDeck := "/v1.0/groups/" + l.group("Flight Deck") + "/photo/$value"
	for _, tt := range []struct {
		why           string
		roles         []demo.DirectoryRole
		person, group string
	}{
		{"nobody in particular", nil, "403 ErrorAccessDenied", "403 ErrorAccessDenied"},
		{"a people administrator", []demo.DirectoryRole{{Template: peopleAdmin}}, "200", "200"},
		{"another administrator", []demo.DirectoryRole{{Template: otherRole}}, "403 ErrorAccessDenied", "403 ErrorAccessDenied"},
		{"a people administrator of one unit", []demo.DirectoryRole{{Template: peopleAdmin, Limited: true}}, "403 ForbiddenByPolicy", "403 ErrorAccessDenied"},
	} {
		l.SetDirectoryRoles(me, tt.roles...)
		if got := l.do("helpdesk", "PUT", "/v1.0"+mueller+"/photo/$value", jpegOf(t, 100, 100)); got != tt.person {
			t.Errorf("%s: a person's photo = %s, want %s", tt.why, got, tt.person)
		}
		if got := l.do("helpdesk", "PUT", flightDeck, jpegOf(t, 100, 100)); got != tt.group {
			t.Errorf("%s: a group's photo = %s, want %s", tt.why, got, tt.group)
		}
	}
}

func TestTheTenantsRule(t *testing.T) {
	l := newLand(t)
	me := persona(t, l.Tenant, "employee").ID
	const denied = "403 ForbiddenByPolicy"
	for _, tt := range []struct {
		why, source string
		roles       []string
		held        string // role of the employee
		own, app    string // PUT of one's own photo, and by the app
	}{
		{"no rule", "", nil, "", "200", "200"},
		{"everybody, in the cloud", "cloud", nil, "", "200", "200"},
		{"people administrators alone", "cloud", []string{peopleAdmin}, "", denied, "200"},
		{"and the employee is one", "cloud", []string{peopleAdmin}, peopleAdmin, "200", "200"},
		{"on premises", "onPremises", nil, peopleAdmin, denied, denied},
	} {
		l.SetPolicy(tt.source, tt.roles...)
		l.SetDirectoryRoles(me, demo.DirectoryRole{Template: tt.held})
		if got := l.do("employee", "PUT", "/v1.0/me/photo/$value", jpegOf(t, 100, 100)); got != tt.own {
			t.Errorf("%s: one's own photo = %s, want %s", tt.why, got, tt.own)
		}
		if got := l.do("app", "PUT", "/v1.0"+mueller+"/photo/$value", jpegOf(t, 100, 100)); got != tt.app {
			t.Errorf("%s: by the app = %s, want %s", tt.why, got, tt.app)
		}
	}
	if got := l.do("owner", "PUT", "/v1.0/groups/"+l.group("Crew Planning")+"/photo/$value", jpegOf(t, 100, 100)); got != "200" {
		t.Errorf("a group's photo = %s; the rule is about people", got)
	}
}

func TestSettingsCanBeRead(t *testing.T) {
	l := newLand(t)
	const path = "/beta/admin/people/photoUpdateSettings"
	_, body := ask(t, l.Tenant, l.tokens["app"], "GET", path, nil)
	if got := read[map[string]any](t, body); got["source"] != nil || len(got["allowedRoles"].([]any)) != 0 {
		t.Errorf("without a rule: %s", body)
	}
	l.SetPolicy("cloud", peopleAdmin)
	_, body = ask(t, l.Tenant, l.tokens["app"], "GET", path, nil)
	if got := read[map[string]any](t, body); got["source"] != "cloud" || got["allowedRoles"].([]any)[0] != peopleAdmin {
		t.Errorf("with a rule: %s", body)
	}
	if got := l.do("employee", "GET", path, nil); got != "403 Authorization_RequestDenied" {
		t.Errorf("somebody without a role = %s, want 403", got)
	}
	if got := l.do("app", "GET", "/v1.0/admin/people/photoUpdateSettings", nil); got != "404 BadRequest" {
		t.Errorf("in v1.0 = %s, want 404", got)
	}
	l.SetAppPermissions("User.Read.All")
	l.tokens["app"] = asApp(t, l.Tenant)
	if got := l.do("app", "GET", path, nil); got != "403 Authorization_RequestDenied" {
		t.Errorf("without the permission = %s, want 403", got)
	}
}

func TestOwnershipCanBeLost(t *testing.T) {
	l := newLand(t)
	g := directory.ID(l.group("Crew Choir"))
	put := func() string {
		return l.do("owner", "PUT", "/v1.0/groups/"+string(g)+"/photo/$value", jpegOf(t, 64, 64))
	}
	if got := put(); got != "200" {
		t.Fatalf("an owner = %s", got)
	}
	n := len(l.Owned("owner"))
	l.SetOwners(g)
	if got := put(); got != "403 ErrorAccessDenied" || len(l.Owned("owner")) != n-1 {
		t.Errorf("no longer an owner = %s, owns %d of %d", got, len(l.Owned("owner")), n)
	}
	l.Reset()
	if len(l.Owned("owner")) != n {
		t.Error("starting over doesn't give the group back")
	}
}

func TestGroupsInTheMaking(t *testing.T) {
	now := time.Now()
	tenant := start(t, demo.Options{Now: func() time.Time { return now }})
	l := land{t, tenant, map[string]*oauth2.Token{"owner": want(t, tenant, everything).token(t, "owner")}}
	photo := func(name string) string { return l.do("owner", "GET", "/v1.0/groups/"+l.group(name)+"/photo", nil) }
	steps := []struct {
		after time.Duration
		want  string
	}{{0, "404 ResourceNotFound"}, {9 * time.Second, "404 ResourceNotFound"}, {2 * time.Second, "404 ImageNotFound"}}
	for _, s := range steps {
		now = now.Add(s.after)
		if got := photo("Summer Charter"); got != s.want {
			t.Errorf("a group that has just been created, %v later = %s, want %s", s.after, got, s.want)
		}
	}
	if got := photo("Crew Planning"); got != "200" {
		t.Errorf("another group = %s", got)
	}
	l.Provision(directory.ID(l.group("Crew Planning")), time.Minute)
	if got := photo("Crew Planning"); got != "404 ResourceNotFound" {
		t.Errorf("a group that is made anew = %s", got)
	}
	now = now.Add(time.Minute)
	if got := photo("Crew Planning"); got != "200" {
		t.Errorf("a minute later = %s", got)
	}
}

func TestAppsWithGroupsAndTeams(t *testing.T) {
	l := newLand(t)
	l.SetAppPermissions("ProfilePhoto.ReadWrite.All", "TeamSettings.ReadWrite.All")
	l.tokens["app"] = asApp(t, l.Tenant)
	id := l.group("Crew Planning")
	for _, tt := range []struct {
		may                                  bool
		readGroup, writeGroup, read, written string
	}{
		{false, "403 ErrorAccessDenied", "403 AppOnlyTokenNotSupportedForGroupUpdate", "403 Forbidden", "502 BadGateway"},
		{true, "200", "200", "200", "204"},
	} {
		l.Set(demo.Weather{AppMayGroups: tt.may})
		for _, step := range []struct{ method, path, want string }{
			{"GET", "/groups/" + id + "/photo", tt.readGroup}, {"PUT", "/groups/" + id + "/photo/$value", tt.writeGroup},
			{"GET", "/teams/" + id + "/photo", tt.read}, {"PUT", "/teams/" + id + "/photo/$value", tt.written},
		} {
			if got := l.do("app", step.method, "/v1.0"+step.path, jpegOf(t, 64, 64)); got != step.want {
				t.Errorf("allowed %v: %s %s = %s, want %s", tt.may, step.method, step.path, got, step.want)
			}
		}
	}
}

func TestWeatherOverSizesAndLists(t *testing.T) {
	l := newLand(t)
	l.Set(demo.Weather{NoSmaller: true, ReadDelay: -1})
	l.do("owner", "PUT", photoOf("/me"), jpegOf(t, 300, 300))
	if got := l.do("owner", "GET", "/v1.0/me/photos/648x648/$value", nil); got != "404 ImageNotFound" {
		t.Errorf("a size that is too large = %s, want 404", got)
	}
	l.Set(demo.Weather{Graph: []demo.Answer{{Path: "/owners", Status: 503, Code: "serviceNotAvailable"}}})
	if got := l.do("owner", "GET", photoOf("/me"), nil); got != "200" {
		t.Errorf("a photo = %s; the answer is for owners", got)
	}
	if got := l.do("owner", "GET", "/v1.0/groups/"+l.group("Crew Planning")+"/owners", nil); got != "503 serviceNotAvailable" {
		t.Errorf("owners = %s, want the answer for them", got)
	}

}

func TestPlaces(t *testing.T) {
	for _, tt := range []struct {
		sentence string
		weather  demo.Weather
		another  int // answer at another mailbox while all places are taken; 0 = it has to wait
	}{
		{"four for each mailbox", demo.Weather{PerMailbox: 4, Slow: time.Hour}, 0},
		{"four for the app", demo.Weather{PerApp: 4, Slow: time.Hour}, http.StatusTooManyRequests},
	} {
		t.Run(tt.sentence, func(t *testing.T) { testPlaces(t, tt.weather, tt.another) })
	}
}

func testPlaces(t *testing.T, weather demo.Weather, another int) {
	l := newLand(t)
	l.Set(weather)
	ctx, leave := context.WithCancel(t.Context())
	defer leave()
	ask := func(ctx context.Context, who, path string) (int, string) {
		req, err := http.NewRequestWithContext(ctx, "GET", l.GraphURL()+path, nil)
		if err != nil {
			return 0, ""
		}
		req.Header.Set("Authorization", "Bearer "+l.tokens[who].AccessToken)
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			return 0, "" // has waited, until it didn't want to any more
		}
		defer res.Body.Close()
		body, _ := io.ReadAll(res.Body) // what is missing isn't found in it
		return res.StatusCode, string(body)
	}
	briefly := func(who, path string) int {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		defer cancel()
		status, body := ask(ctx, who, path)
		if status == http.StatusTooManyRequests && !(strings.Contains(body, "ApplicationThrottled") && strings.Contains(body, "Application is over its MailboxConcurrency limit.")) {
			t.Errorf("refused with %s", body)
		}
		return status
	}
	for range 4 {
		go func() {
			for status := http.StatusTooManyRequests; status == http.StatusTooManyRequests; { // one of those below may have been there first
				status, _ = ask(ctx, "owner", photoOf("/me"))
			}
		}()
	}
	for briefly("owner", photoOf("/me")) != http.StatusTooManyRequests {
	} // until the four are all inside, one of these waits
	got := briefly("employee", photoOf("/me"))
	for end := time.Now().Add(5 * time.Second); got == 0 && another != 0 && time.Now().Before(end); { // a busy machine needs longer to refuse
		got = briefly("employee", photoOf("/me"))
	}
	if got != another {
		t.Errorf("at another mailbox the answer is %d, want %d", got, another)
	}
	if got := briefly("employee", "/v1.0/me"); got != 0 {
		t.Errorf("what isn't about photos gets %d, want to wait", got)
	}
	leave()
	for briefly("owner", photoOf("/me")) == http.StatusTooManyRequests {
	} // until they have left
}

func photoOf(path string) string { return "/v1.0" + path + "/photo/$value" }
