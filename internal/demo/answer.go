package demo

import (
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"portrait/internal/directory"
)

// call is one request to Graph on its way to an answer.
type call struct {
	method  string
	version string   // "/v1.0" or "/beta"
	path    []string // escaped segments after the version
	query   url.Values
	header  http.Header
	body    []byte // at most maxPhotoBytes + 1 long
	token   *accessToken
	sky     Weather
}

// is reports whether the path from the segment at i on is pattern, without case.
func (c call) is(i int, pattern ...string) bool {
	return len(c.path) == i+len(pattern) && slices.EqualFunc(c.path[i:], pattern, strings.EqualFold)
}

// id returns the segment at i without its escapes, or "" if it can't be an id.
func (c call) id(i int) directory.ID {
	s, err := url.PathUnescape(c.path[i])
	if err != nil || strings.ContainsAny(s, "/\\") {
		return ""
	}
	return directory.ID(s)
}

// reply is an answer of Graph, whole before any of it is sent.
type reply struct {
	status int // 0 = drop the connection
	header http.Header
	kind   string // media type of body
	body   []byte
	err    *graphError // answered as Graph's JSON instead of body

	injected  bool // it is the weather's answer
	cutShort  bool // half of body is sent
	perSecond int  // so many bytes of body are sent, 0 = at once
}

// graphError is what stands in Graph's error body.
type graphError struct {
	Code    string         `json:"code"`
	Message string         `json:"message"`
	Inner   map[string]any `json:"innerError"`
}

// refuse answers status with an error body.
func refuse(status int, code, message string) reply {
	return reply{status: status, err: &graphError{Code: code, Message: message}}
}

func denied() reply {
	return refuse(http.StatusForbidden, "ErrorAccessDenied", "Access is denied. Check credentials and try again.")
}

func methodNotAllowed() reply {
	return refuse(http.StatusMethodNotAllowed, "Request_BadRequest", "Specified HTTP method is not allowed for the request target.")
}

// ok answers 200 with v as JSON.
func ok(v map[string]any) reply {
	body, _ := json.Marshal(v) // of strings and numbers alone: can't fail
	return reply{status: http.StatusOK, kind: "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8", body: body}
}

// absent says that there is nothing with an id.
func absent(id directory.ID) reply {
	return refuse(http.StatusNotFound, "Request_ResourceNotFound", "Resource '"+string(id)+"' does not exist or one of its queried reference-property objects are not present.")
}

// lacking says that the token may not do this in the directory.
func lacking() reply {
	return refuse(http.StatusForbidden, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")
}

// unknown says that the path leads nowhere.
func unknown(segments []string) reply {
	return refuse(http.StatusNotFound, "BadRequest", "Resource not found for the segment '"+segments[len(segments)-1]+"'.")
}

func badRequest(message string) reply { return refuse(http.StatusBadRequest, "BadRequest", message) }

// injected is the reply that the weather's answer asks for.
func injected(a Answer) reply {
	if a.Body != "" {
		return reply{status: a.Status, header: a.Header, kind: a.Header.Get("Content-Type"), body: []byte(a.Body), injected: true}
	}
	out := refuse(a.Status, a.Code, a.Message)
	out.header, out.injected = a.Header, true
	if a.Status < 300 {
		out.err = nil
	}
	return out
}

// answer asks in Graph's order: is there a token, does the path exist, may it.
func (t *Tenant) answer(c call) reply {
	if a, ok := t.nextAnswer(c); ok {
		if a.Taken {
			t.proper(c) // nobody hears of it
		}
		return injected(a)
	}
	if a, is := t.standing(c); is {
		return a
	}
	return c.sky.onTheWay(c, t.proper(c))
}

// proper is Graph's answer whatever the weather.
func (t *Tenant) proper(c call) reply {
	if a, refused := t.checkToken(c.token); refused {
		return a
	}
	switch first := strings.ToLower(c.path[0]); {
	case c.is(0, "$batch"):
		return t.batch(c)
	case c.version == "/beta" && c.is(0, "admin", "people", "photoupdatesettings"):
		return t.settings(c)
	case first == "me" && c.token.kind == appToken:
		return badRequest("/me request is only valid with delegated authentication flow.")
	case first == "me":
		return t.user(c, c.token.person, 1)
	case first == "users" && len(c.path) == 1:
		return t.users(c)
	case first == "users":
		return t.userBy(c, c.id(1), 2)
	case strings.HasPrefix(first, "users('"):
		return t.userBy(c, quotedID(c.path[0]), 1)
	case strings.HasPrefix(first, "applications(appid='"):
		return t.application(c)
	case first == "groups" && len(c.path) == 1:
		return t.groupList(c)
	case first == "groups":
		return t.groupOrTeam(c, false)
	case first == "teams" && len(c.path) > 1:
		return t.groupOrTeam(c, true)
	}
	return unknown(c.path[:1])
}

// quotedID returns the id in users('id'), in which quotes are doubled, or "".
func quotedID(segment string) directory.ID {
	s, err := url.PathUnescape(segment)
	quoted := regexp.MustCompile(`(?i)^users\('(.*)'\)$`).FindStringSubmatch(s)
	if err != nil || quoted == nil {
		return ""
	}
	return directory.ID(strings.ReplaceAll(quoted[1], "''", "'"))
}

// isOfPhoto reports whether the path of c is of a photo.
func (c call) isOfPhoto() bool {
	return slices.ContainsFunc(c.path, func(s string) bool { return strings.EqualFold(s, "photo") || strings.EqualFold(s, "photos") })
}

// changes reports whether c asks for a change.
func (c call) changes() bool { return c.method != http.MethodGet }

// checkToken refuses a token that isn't one, has run out, or is challenged.
func (t *Tenant) checkToken(token *accessToken) (a reply, refused bool) {
	challenge := `Bearer realm="", authorization_uri="` + t.base + `/common/oauth2/authorize", client_id="00000003-0000-0000-c000-000000000000"`
	code, message := "InvalidAuthenticationToken", "Access token is empty, has expired or is not valid for this resource."
	if claims, is := t.signIns.challenged(token); is {
		message = "Continuous access evaluation resulted in challenge with result: InteractionRequired and code: TokenCreatedWithOutdatedPolicies"
		if token.cp1 {
			challenge += `, error="insufficient_claims", claims="` + claims + `"`
		}
	} else if token != nil {
		return reply{}, false
	}
	a = refuse(http.StatusUnauthorized, code, message)
	a.header = http.Header{"Www-Authenticate": {challenge}}
	return a, true
}
