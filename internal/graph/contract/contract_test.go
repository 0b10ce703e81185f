package contract

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

const (
	id   = "1c4cd1a8-8d4c-4b3c-9a0d-0d9f0d9f0d9f"
	jpeg = "\xff\xd8\xff\xe0 the rest of a JPEG"
)

// headers returns alternating names and values as a header.
func headers(pairs ...string) http.Header {
	h := http.Header{}
	for i := 0; i+1 < len(pairs); i += 2 {
		h.Set(pairs[i], pairs[i+1])
	}
	return h
}

var (
	asJSON   = headers("Content-Type", "application/json;odata.metadata=minimal;charset=utf-8")
	asJPEG   = headers("Content-Type", "image/jpeg")
	eventual = headers("ConsistencyLevel", "eventual")
)

// check fails unless err says want; "" stands for no error.
func check(t *testing.T, err error, want string) {
	t.Helper()
	switch {
	case want == "" && err != nil:
		t.Error(err)
	case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
		t.Errorf("says %v, want %q", err, want)
	}
}

func TestRequests(t *testing.T) {
	for _, tt := range []struct {
		name, method, target string
		header               http.Header
		body                 string
		wrong                string // "" = nothing is wrong
	}{
		{"a person", "GET", "/v1.0/me?$select=id,displayName", nil, "", ""},
		{"at a whole address", "GET", "https://graph.microsoft.com/v1.0/me", nil, "", ""},
		{"below a path", "GET", "/graph/v1.0/me", nil, "", ""},
		{"names of segments in another case", "GET", "/v1.0/ME/contactfolders/AAMk=/CONTACTS", nil, "", ""},
		{"a guest", "GET", "/v1.0/users/ann_fabrikam.com%23EXT%23@contoso.com/photo", nil, "", ""},
		{"a name that begins with $", "GET", "/v1.0/users('$ann@contoso.com')/photo/$value", nil, "", ""},
		{"a size", "GET", "/v1.0/me/photos/48x48/$value", nil, "", ""},
		{"a size that there isn't", "GET", "/v1.0/me/photos/100x100/$value", nil, "", "photo-size"},
		{"the number of sizes, which Graph doesn't tell", "GET", "/v1.0/me/photos/$count", nil, "", "isn't described"},
		{"the policy", "GET", "/beta/admin/people/photoUpdateSettings", nil, "", ""},
		{"the policy, where it isn't", "GET", "/v1.0/admin/people/photoUpdateSettings", nil, "", "isn't described"},
		{"a photo in beta", "GET", "/beta/me/photo", nil, "", "isn't described"},
		{"a list's later page", "GET", "/v1.0/me/contacts?$top=100&$skip=100", nil, "", ""},
		{"a later page of the directory", "GET", "/v1.0/users?$top=100&$skiptoken=RFNw%2B", nil, "", ""},
		{"skipping people", "GET", "/v1.0/users?$skip=100", nil, "", "$skip isn't declared"},
		{"a page that is too large", "GET", "/v1.0/users?$top=1000", nil, "", "$top"},
		{"a page of none", "GET", "/v1.0/users?$top=0", nil, "", "$top"},
		{"a misspelt option", "GET", "/v1.0/me?$slect=id", nil, "", "$slect isn't declared"},
		{"an option twice", "GET", "/v1.0/me?$select=id&$select=mail", nil, "", "2 times"},
		{"a misspelt property", "GET", "/v1.0/me?$select=id,emailAddress", nil, "", `"emailAddress"`},
		{"a property of another type", "GET", "/v1.0/me/contactFolders?$select=id,childFolderCount", nil, "", `"childFolderCount"`},
		{"a space in $select", "GET", "/v1.0/me?$select=id,%20mail", nil, "", `" mail"`},
		{"searching people", "GET", "/v1.0/users?$search=%22displayName:ann%22&$count=true", eventual, "", ""},
		{"searching people without the header", "GET", "/v1.0/users?$search=%22displayName:ann%22", nil, "", "ConsistencyLevel"},
		{"counting without the header", "GET", "/v1.0/me/ownedObjects/microsoft.graph.group?$count=true", nil, "", "ConsistencyLevel"},
		{"another consistency", "GET", "/v1.0/users?$count=true", headers("ConsistencyLevel", "session"), "", "ConsistencyLevel"},
		{"a group by its name", "GET", "/v1.0/groups/crew/owners", nil, "", "group-id"},
		{"saving a photo", "PUT", "/v1.0/me/photo/$value", asJPEG, jpeg, ""},
		{"saving WebP", "PUT", "/v1.0/me/photo/$value", headers("Content-Type", "image/webp"), "RIFF", "image/webp"},
		{"saving without a type", "PUT", "/v1.0/me/photo/$value", nil, jpeg, "Content-Type"},
		{"saving nothing", "PUT", "/v1.0/me/photo/$value", asJPEG, "", "body"},
		{"a body where there is none", "GET", "/v1.0/me", asJSON, "{}", "body"},
		{"removing a photo", "DELETE", "/v1.0/me/photo/$value", nil, "", ""},
		{"removing a contact's photo", "DELETE", "/v1.0/me/contacts/AAMk=/photo/$value", nil, "", "isn't described"},
		{"changing metadata", "PATCH", "/v1.0/me/photo", asJSON, "{}", "isn't described"},
		{"teams as they aren't spelled", "GET", "/v1.0/team/" + id + "/photo", nil, "", "isn't described"},
		{"somebody's mail", "GET", "/v1.0/me/messages", nil, "", "isn't described"},
		{"no version", "GET", "/me/photo", nil, "", "no address of Graph"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			req := httptest.NewRequest(tt.method, tt.target, nil)
			for name, values := range tt.header {
				req.Header[name] = values
			}
			check(t, Validate(req, []byte(tt.body), 0, nil, nil), tt.wrong)
		})
	}
}

func TestAnswers(t *testing.T) {
	const refusal = `{"error":{"code":"ImageNotFound","message":"","innerError":{"date":"2026-11-23T10:00:00","request-id":"x"}}}`
	for _, tt := range []struct {
		name, method, target string
		status               int
		header               http.Header
		body                 string
		wrong                string
	}{
		{"a person", "GET", "/v1.0/me", 200, asJSON, `{"id":"1","displayName":"Ann","mail":null}`, ""},
		{"a person with a number for a name", "GET", "/v1.0/me", 200, asJSON, `{"displayName":7}`, "displayName"},
		{"a person as text", "GET", "/v1.0/me", 200, headers("Content-Type", "text/html"), `<html>`, "text/html"},
		{"a person that breaks off", "GET", "/v1.0/me", 200, asJSON, `{"id":`, "body"},
		{"a photo", "GET", "/v1.0/me/photo/$value", 200, asJPEG, jpeg, ""},
		{"a photo as GIF", "GET", "/v1.0/me/photo/$value", 200, headers("Content-Type", "image/gif"), "GIF89a", ""},
		{"a photo as SVG", "GET", "/v1.0/me/photo/$value", 200, headers("Content-Type", "image/svg+xml"), "<svg/>", "image/svg+xml"},
		{"no photo", "GET", "/v1.0/me/photo/$value", 404, asJSON, refusal, ""},
		{"no photo, and no reason", "GET", "/v1.0/me/photo/$value", 404, asJSON, `{}`, "error"},
		{"a reason without a code", "GET", "/v1.0/me/photo/$value", 403, asJSON, `{"error":{"message":"x"}}`, "code"},
		{"saved", "PUT", "/v1.0/me/photo/$value", 200, nil, "", ""},
		{"saved for a team", "PUT", "/v1.0/teams/" + id + "/photo/$value", 204, nil, "", ""},
		{"saved, as nobody answers", "PUT", "/v1.0/me/photo/$value", 202, nil, "", "202"},
		{"throttled", "GET", "/v1.0/me", 429, headers("Content-Type", "application/json", "Retry-After", "2.128"), refusal, ""},
		{"elsewhere", "GET", "/v1.0/me", 302, nil, "", "302"},
		{"a list", "GET", "/v1.0/me/contacts", 200, asJSON, `{"value":[{"id":"AAMk=","emailAddresses":[{"address":null}]}],"@odata.nextLink":"https://x"}`, ""},
		{"a list without rows", "GET", "/v1.0/me/contacts", 200, asJSON, `{"@odata.count":0}`, "value"},
		{"a list with an object for an address", "GET", "/v1.0/me/contacts", 200, asJSON, `{"value":[{"emailAddresses":{}}]}`, "emailAddresses"},
		{"the policy that nobody has set", "GET", "/beta/admin/people/photoUpdateSettings", 200, asJSON, `{"source":"","allowedRoles":[]}`, ""},
		{"a policy that there isn't", "GET", "/beta/admin/people/photoUpdateSettings", 200, asJSON, `{"source":"everywhere"}`, "source"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			req, sent := httptest.NewRequest(tt.method, tt.target, nil), ""
			if tt.method == http.MethodPut {
				req.Header, sent = asJPEG, jpeg
			}
			check(t, Validate(req, []byte(sent), tt.status, tt.header, []byte(tt.body)), tt.wrong)
		})
	}
}

func TestBatch(t *testing.T) {
	const (
		asked  = `{"requests":[{"id":"1","method":"GET","url":"/me/photos/48x48/$value"},{"id":"B","method":"GET","url":"/users/ann@contoso.com/photo"}]}`
		photo  = `{"id":"1","status":200,"headers":{"Content-Type":"image/jpeg"},"body":"_9j_4AA="}`
		absent = `{"id":"b","status":404,"headers":{"Content-Type":"application/json"},"body":{"error":{"code":"ImageNotFound","message":""}}}`
	)
	one := func(request string) string { return `{"requests":[` + request + `]}` }
	for _, tt := range []struct {
		name, asked, answered string
		wrong                 string
	}{
		{"in another order", asked, absent + "," + photo, ""},
		{"an answer is missing", asked, photo, `"B" has no answer`},
		{"an answer too many", one(`{"id":"1","method":"GET","url":"/me/photo/$value"}`), photo + "," + absent, `"b" was never asked for`},
		{"an answer twice", asked, photo + "," + photo, "answered twice"},
		{"an id twice, in another case", `{"requests":[{"id":"b","method":"GET","url":"/me"},{"id":"B","method":"GET","url":"/me"}]}`, absent, "stands there twice"},
		{"a whole address", one(`{"id":"1","method":"GET","url":"https://graph.microsoft.com/v1.0/me"}`), photo, "below the version"},
		{"a version in the address", one(`{"id":"1","method":"GET","url":"/v1.0/me"}`), photo, "isn't described"},
		{"a $batch in a $batch", one(`{"id":"1","method":"POST","url":"/$batch"}`), photo, "below the version"},
		{"a size that there isn't", one(`{"id":"1","method":"GET","url":"/me/photos/1x1/$value"}`), photo, "photo-size"},
		{"a photo that isn't base64", one(`{"id":"1","method":"GET","url":"/me/photo/$value"}`), strings.ReplaceAll(photo, "_9j_4AA=", "<html>"), "base64"},
		{"an answer of another type", one(`{"id":"1","method":"GET","url":"/me"}`), photo, "image/jpeg"},
		{"twenty-one", one(strings.Repeat(`{"id":"1","method":"GET","url":"/me"},`, 20) + `{"id":"1","method":"GET","url":"/me"}`), photo, "maximum number of items"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			req := httptest.NewRequest(http.MethodPost, "/v1.0/$batch", nil)
			req.Header = asJSON
			err := Validate(req, []byte(tt.asked), 200, asJSON, []byte(`{"responses":[`+tt.answered+`]}`))
			check(t, err, tt.wrong)
		})
	}
}

// TestEveryOperationIsFound asks for each path of the description.
func TestEveryOperationIsFound(t *testing.T) {
	d, err := load()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range d.paths {
		path := strings.NewReplacer("{group-id}", id, "{team-id}", id, "{photo-size}", "48x48", "{", "", "}", "").Replace(p.template)
		for method := range p.item.Operations() {
			route, _, err := d.find(method, p.version, path)
			if err != nil || route.Path != p.template {
				t.Errorf("%s %s%s: found %v, %v", method, p.version, path, route, err)
			}
		}
	}
}
