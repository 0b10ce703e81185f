package demo_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"golang.org/x/oauth2"

	"portrait/internal/demo"
)

func TestAccounts(t *testing.T) {
	tenant := start(t, demo.Options{})
	tenant.Set(demo.Weather{ReadDelay: -1})
	a := newApp(t, tenant)
	// Whatever follows the end of a JPEG makes it larger and nothing else.
	exactly := func(n int) []byte { b := jpegOf(t, 300, 200); return append(b, make([]byte, n-len(b))...) }
	tokens := map[string]*oauth2.Token{}
	for _, tt := range []struct {
		who, method string
		body        []byte
		want        string
	}{
		{"no-mailbox", "PUT", exactly(100_001), "404 ErrorItemNotFound"},
		{"no-mailbox", "PUT", exactly(100_000), "200 "},
		{"guest", "PUT", exactly(50_000), "403 ErrorAccessDenied"},
		{"guest", "DELETE", nil, "403 ErrorAccessDenied"},
		{"guest", "GET", nil, "403 UnknownError"},
		{"personal", "PUT", exactly(50_000), "404 ConsumerPhotoIsNotSupported"},
		{"personal", "GET", nil, "404 ConsumerPhotoIsNotSupported"},
		{"employee", "PUT", exactly(2_000_000), "200 "},
	} {
		if tokens[tt.who] == nil {
			tokens[tt.who] = a.token(t, tt.who)
		}
		res, body := ask(t, tenant, tokens[tt.who], tt.method, photoValue, tt.body, "Content-Type", imageJPEG)
		if got := fmt.Sprintf("%d %s", res.StatusCode, errorCode(body)); got != tt.want {
			t.Errorf("%s: %s of %d bytes = %s, want %s", tt.who, tt.method, len(tt.body), got, tt.want)
		}
	}
	for path, want := range map[string]string{photoValue: "300x200 jpeg", "/v1.0/me/photos/648x648/$value": "300x200 jpeg"} {
		if _, body := ask(t, tenant, tokens["no-mailbox"], "GET", path, nil); dimensions(body) != want {
			t.Errorf("no-mailbox: GET %s = %s, want the dimensions that were sent, %s", path, dimensions(body), want)
		}
	}
}

func TestScopes(t *testing.T) {
	for _, tt := range []struct {
		scopes           string
		put, get, person int
	}{
		{"openid profile", 403, 403, 403},
		{"openid User.Read", 403, 200, 200},
		{"openid User.ReadWrite", 200, 200, 200},
		{"openid https://graph.microsoft.com/User.ReadWrite", 200, 200, 200},
		{"openid ProfilePhoto.ReadWrite.All", 200, 200, 403},
		{"openid Made.Up", 403, 403, 403},
	} {
		tenant := start(t, demo.Options{}) // another one each time: what was granted stays
		token := newApp(t, tenant, strings.Fields(tt.scopes)...).token(t, "employee")
		put, _ := ask(t, tenant, token, "PUT", photoValue, jpegOf(t, 100, 100), "Content-Type", imageJPEG)
		get, _ := ask(t, tenant, token, "GET", "/v1.0/me/photo", nil)
		person, _ := ask(t, tenant, token, "GET", "/v1.0/me", nil)
		if put.StatusCode != tt.put || get.StatusCode != tt.get || person.StatusCode != tt.person {
			t.Errorf("with %s: PUT photo %d, GET photo %d, GET /me %d, want %d, %d, %d",
				tt.scopes, put.StatusCode, get.StatusCode, person.StatusCode, tt.put, tt.get, tt.person)
		}
	}
}

func TestBadTokens(t *testing.T) {
	tenant, other := start(t, demo.Options{}), start(t, demo.Options{})
	for why, token := range map[string]*oauth2.Token{
		"no token": nil, "nonsense": {AccessToken: "abc"}, "another tenant's": newApp(t, other).token(t, "employee"),
	} {
		res, body := ask(t, tenant, token, "GET", "/v1.0/me", nil)
		if res.StatusCode != 401 || errorCode(body) != "InvalidAuthenticationToken" || !strings.HasPrefix(res.Header.Get("WWW-Authenticate"), "Bearer ") {
			t.Errorf("%s: %d %s, WWW-Authenticate %q", why, res.StatusCode, body, res.Header.Get("WWW-Authenticate"))
		}
	}
}

func TestEveryAnswerHasGraphsHeaders(t *testing.T) {
	tenant := start(t, demo.Options{})
	token := newApp(t, tenant).token(t, "employee")
	id := uuid.NewString()
	for _, path := range []string{"/v1.0/me", "/v1.0/me/photo", photoValue, "/v1.0/nothing", "/beta", "/v1.0"} {
		res, _ := ask(t, tenant, token, "GET", path, nil, "client-request-id", id)
		for _, name := range []string{"request-id", "Date", "Strict-Transport-Security", "x-ms-ags-diagnostic", "Cache-Control", "Content-Type"} {
			if res.Header.Get(name) == "" {
				t.Errorf("GET %s has no %s", path, name)
			}
		}
		if got := res.Header.Get("client-request-id"); got != id {
			t.Errorf("GET %s has the client-request-id %q, want ours, %q", path, got, id)
		}
	}
}

func TestMe(t *testing.T) {
	tenant := start(t, demo.Options{})
	a := newApp(t, tenant)
	token, guest := a.token(t, "employee"), a.token(t, "guest")
	p := persona(t, tenant, "employee")
	_, body := ask(t, tenant, token, "GET", "/v1.0/me?$select=id,displayName,userPrincipalName,jobTitle,department,userType", nil)
	got := read[map[string]any](t, body)
	delete(got, "@odata.context")
	want := map[string]any{
		"id": string(p.ID), "displayName": p.Name, "userPrincipalName": p.UPN,
		"jobTitle": p.Title, "department": p.Department, "userType": "Member",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("GET /me with $select (-want +got):\n%s", diff)
	}
	_, body = ask(t, tenant, token, "GET", "/v1.0/users/"+string(p.ID), nil)
	if got := read[map[string]any](t, body); got["mail"] != p.UPN || got["department"] != nil {
		t.Errorf("GET /users/{id} = %v, want the mail but not the department, which must be asked for", got)
	}
	_, body = ask(t, tenant, guest, "GET", "/v1.0/me?$select=userType", nil)
	if got := read[map[string]any](t, body); got["userType"] != "Guest" {
		t.Errorf("the guest's userType = %v", got["userType"])
	}
	if res, _ := ask(t, tenant, token, "GET", "/v1.0/me?$select=shoeSize", nil); res.StatusCode != http.StatusBadRequest {
		t.Errorf("$select of an unknown property = %d, want 400", res.StatusCode)
	}
}
