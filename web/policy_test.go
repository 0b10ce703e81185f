package web

import (
	"net/http"
	"slices"
	"strings"
	"testing"
)

// open are the rows for people who aren't signed in. A row that isn't here and
// says anyone fails the test, and so does one that is here and doesn't.
var open = []string{
	"GET /", "GET /auth/sign-in", "GET /auth/callback", "POST /auth/sign-out", "GET /auth/front-channel-logout", "POST /preferences", "POST /share",
	"GET /healthz", "GET /readyz", "GET /static/*",
}

// TestSecurityEveryRouteSaysWhoMay holds every row of the surface against the list
// above: a new address needs a decision. cmd/portrait asks the running site for
// each of them.
func TestSecurityEveryRouteSaysWhoMay(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range (&site{}).routes() {
		name := r.method + " " + r.path
		if seen[name] {
			t.Errorf("%s stands there twice", name)
		}
		seen[name] = true
		switch {
		case r.who != anyone && r.who != signedIn:
			t.Errorf("%s doesn't say who may ask for it", name)
		case (r.who == anyone) != slices.Contains(open, name):
			t.Errorf("%s is for people who aren't signed in, or is in the list of what is, but not both", name)
		}
		if zip := r.body == zipBody; zip != (name == "POST /batches/:batch/files") {
			t.Errorf("%s takes a zip: %v", name, zip)
		} else if !zip && r.body != smallBody && r.body != pictureBody {
			t.Errorf("%s takes a body of %d bytes", name, r.body)
		}
		if large := r.body != smallBody; large && (r.who == anyone || r.method == http.MethodGet) {
			t.Errorf("%s takes a picture", name)
		}
	}
	for _, name := range open {
		if !seen[name] {
			t.Errorf("%s is in the list, but there is no such row", name)
		}
	}
}

// TestSecurityAPhotoHasTheSameRequestsEverywhere holds that each path form has the same
// requests.
func TestSecurityAPhotoHasTheSameRequestsEverywhere(t *testing.T) {
	forms := map[string][]string{}
	for _, r := range (&site{}).routes() {
		if form, rest, ok := strings.Cut(r.path, "/photo"); ok {
			forms[form] = append(forms[form], r.method+" /photo"+rest)
		}
	}
	if len(forms) != 8 {
		t.Errorf("there are %d path forms, want 8", len(forms))
	}
	for form, got := range forms {
		if want := forms["/me"]; !slices.Equal(got, want) {
			t.Errorf("%s has %v, /me has %v", form, got, want)
		}
	}
}
