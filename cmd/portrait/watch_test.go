package main

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"

	"portrait/internal/demo"
	"portrait/internal/graph/contract"
)

// watched returns a client for Graph that fails the test where a request, or an
// answer of the tenant's that isn't an injected fault, isn't as our description
// of Graph has it.
func watched(t *testing.T, tenant *demo.Tenant) *http.Client {
	next := http.DefaultTransport.(*http.Transport).Clone()
	next.MaxIdleConnsPerHost = 16
	t.Cleanup(next.CloseIdleConnections)
	return &http.Client{Transport: contract.Transport{
		Next:   next,
		Report: func(err error) { t.Error(err) },
		Skip:   func(res *http.Response) bool { return isInjected(tenant, res) },
	}}
}

// isInjected reports whether an answer, or one inside of it, is the weather's.
func isInjected(tenant *demo.Tenant, res *http.Response) bool {
	id := res.Request.Header.Get("client-request-id")
	inside := false // one in a $batch was injected; those are recorded before the $batch
	for _, r := range tenant.Requests() {
		switch {
		case r.InBatch:
			inside = inside || r.Injected
		case r.Header.Get("client-request-id") == id:
			return r.Injected || inside && strings.HasSuffix(r.Path, "/$batch")
		}
	}
	return false
}

// TestWhatIsSaidToGraphIsWatched holds that what isn't as described is seen, and that
// injected faults are let pass.
func TestWhatIsSaidToGraphIsWatched(t *testing.T) {
	s := newSite(t)
	s.tenant.Set(demo.Weather{Graph: []demo.Answer{{Path: "/me", Status: http.StatusOK, Body: `{"id":7}`}}})
	for _, tt := range []struct {
		name, path string
		wrong      bool
	}{
		{"an injected answer", "/v1.0/me", false},
		{"an address that Graph hasn't got", "/v1.0/me/hat", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var reported []error
			watch := watched(t, s.tenant).Transport.(contract.Transport)
			watch.Report = func(err error) { reported = append(reported, err) }
			req := httptest.NewRequest(http.MethodGet, s.tenant.GraphURL()+tt.path, nil)
			req.RequestURI = ""
			req.Header.Set("client-request-id", tt.name)
			res, err := watch.RoundTrip(req)
			if err != nil {
				t.Fatal(err)
			}
			_ = res.Body.Close() // it has been read
			if (len(reported) > 0) != tt.wrong {
				t.Errorf("reported %v", reported)
			}
		})
	}
}

// entitled says which of Graph's addresses may be asked with which token, whatever
// a test is about. What isn't here may be asked with none.
var entitled = map[string][]*regexp.Regexp{
	"delegated": { // a person's own
		regexp.MustCompile(`^/v1\.0/me(/|$)`),
		regexp.MustCompile(`^/v1\.0/(groups|teams)/[^/]+(/|$)`),
		regexp.MustCompile(`^/v1\.0/users/[^/]+$`), // whose mailbox it is, for a delegate
		regexp.MustCompile(`(?i)^/v1\.0/users/[^/]+/contact(s|folders)(/|$)`),
	},
	"app": { // Portrait's own: the helpdesk's, and what is the same for everybody
		regexp.MustCompile(`^/v1\.0/users(/[^/]+|\('[^/]*'\))?$`),
		regexp.MustCompile(`^/v1\.0/users(/[^/]+|\('[^/]*'\))/(photo|photos|contacts|transitiveMemberOf)(/|$)`),
		regexp.MustCompile(`(?i)^/v1\.0/users/[^/]+/contactfolders(/|$)`),
		regexp.MustCompile(`^/(v1\.0|beta)/admin/people/`),
		regexp.MustCompile(`^/v1\.0/groups(/[^/]+/transitiveMembers/microsoft\.graph\.user)?$`), // whose photos are handed out
		regexp.MustCompile(`^/v1\.0/applications\(appId='[^']*'\)$`),                            // when the credential ends, for portrait check
	},
}

// checkTokens fails the test if Graph was asked for something with a token that
// isn't for it.
func (s *testSite) checkTokens() {
	for _, r := range s.tenant.Requests() {
		if strings.HasSuffix(r.Path, "/$batch") || r.TokenKind == "" {
			continue // what is in it is recorded by itself; and a token that was refused has done nothing
		}
		if !slices.ContainsFunc(entitled[r.TokenKind], func(path *regexp.Regexp) bool { return path.MatchString(r.Path) }) {
			s.t.Errorf("%s %s was asked for with the token %q", r.Method, r.Path, r.TokenKind)
		}
	}
}
