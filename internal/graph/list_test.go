package graph

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"portrait/internal/fault"
)

// lists are the calls that read a list, by the path that each asks for. They
// return the link to the next page.
var lists = map[string]func(ctx context.Context, c *Client, next string) (string, error){
	"/v1.0/users": func(ctx context.Context, c *Client, next string) (string, error) {
		p, err := c.SearchPeople(ctx, canary, "ann", next)
		return p.Next, err
	},
	"/v1.0/me/ownedObjects/microsoft.graph.group": func(ctx context.Context, c *Client, next string) (string, error) {
		p, err := c.OwnedGroups(ctx, canary, next)
		return p.Next, err
	},
	"/v1.0/me/contacts": func(ctx context.Context, c *Client, next string) (string, error) {
		p, err := c.Contacts(ctx, canary, "", "", "", next)
		return p.Next, err
	},
	"/v1.0/users/ann@contoso.com/contactFolders/AAMk=/contacts": func(ctx context.Context, c *Client, next string) (string, error) {
		p, err := c.Contacts(ctx, canary, "ann@contoso.com", "AAMk=", "o'neil", next)
		return p.Next, err
	},
	"/v1.0/me/contactFolders": func(ctx context.Context, c *Client, next string) (string, error) {
		p, err := c.Folders(ctx, canary, "", "", next)
		return p.Next, err
	},
	"/v1.0/users/ann@contoso.com/contactFolders/AAMk=/childFolders": func(ctx context.Context, c *Client, next string) (string, error) {
		p, err := c.Folders(ctx, canary, "ann@contoso.com", "AAMk=", next)
		return p.Next, err
	},
}

// TestPages follows every list by its link, which is sent back as it came.
func TestPages(t *testing.T) {
	for path, list := range lists {
		t.Run(path, func(t *testing.T) {
			f := newFake(t, held(t, func(w http.ResponseWriter, r *http.Request) {
				link := ""
				if !r.URL.Query().Has("$skiptoken") {
					link = fmt.Sprintf(`,"@odata.nextLink":"http://%s%s?%s&$skiptoken=RFNwdAIA%%2B%%3D"`, r.Host, r.URL.EscapedPath(), r.URL.RawQuery)
				}
				answering(200, `{"value":[]`+link+`}`, "Content-Type", "application/json")(w, r)
			}))
			c := newClient(t, f.URL)
			next, err := list(t.Context(), c, "")
			if err != nil || next == "" {
				t.Fatalf("first page: next %q, %v", next, err)
			}
			last, err := list(t.Context(), c, next)
			if err != nil || last != "" {
				t.Fatalf("last page: next %q, %v", last, err)
			}
			first, second := f.seen[0], f.seen[1]
			if first.path != path || second.path != path || second.query.Get("$skiptoken") != "RFNwdAIA+=" {
				t.Errorf("asked %s, then %s %v", first.path, second.path, second.query)
			}
			for _, name := range []string{"ConsistencyLevel", "Prefer", "Authorization", "Accept"} {
				if first.header.Get(name) != second.header.Get(name) {
					t.Errorf("%s is %q, then %q", name, first.header.Get(name), second.header.Get(name))
				}
			}
		})
	}
}

// TestSecurityNextElsewhere tries links that somebody could bring in place of Graph's.
func TestSecurityNextElsewhere(t *testing.T) {
	thief := newFake(t, answering(200, `{"value":[]}`))
	f := newFake(t, answering(200, `{"value":[]}`))
	host := strings.TrimPrefix(f.URL, "http://")
	c := newClient(t, f.URL)
	for path, list := range lists {
		for _, tt := range []struct {
			name, next string
		}{
			{"another host", thief.URL + path},
			{"Graph's own, where ours is another", "https://graph.microsoft.com" + path},
			{"a metadata service", "http://169.254.169.254" + path},
			{"https, where ours is http", "https://" + host + path},
			{"no scheme", "//" + host + path},
			{"no host", path},
			{"another scheme", "ftp://" + host + path},
			{"opaque", "http:" + host + path},
			{"our host as a person", "http://" + host + "@" + strings.TrimPrefix(thief.URL, "http://") + path},
			{"a person in front of our host", "http://ann:secret@" + host + path},
			{"a backslash", "http://" + host + "\\@evil.example" + path},
			{"a fragment", f.URL + path + "#x"},
			{"another list", f.URL + "/v1.0/users/bob@contoso.com/messages"},
			{"beta", f.URL + strings.Replace(path, "/v1.0", "/beta", 1)},
			{"a step back", f.URL + path + "/../messages"},
			{"a step back, escaped", f.URL + path + "%2f..%2fmessages"},
			{"further down", f.URL + path + "/AAMk=/photo"},
			{"a slash more", f.URL + path + "/"},
			{"rows of its own", f.URL + path + "?$filter=startswith(mobilePhone,'1')&$skiptoken=x"},
			{"rows of its own, escaped", f.URL + path + "?%24Filter=startswith(mobilePhone,'1')"},
			{"rows of its own, without the $", f.URL + path + "?filter=startswith(mobilePhone,'1')"},
			{"a search of its own", f.URL + path + `?$search=%22displayName:Ann%22`},
			{"an order of its own", f.URL + path + "?$orderby=mobilePhone"},
			{"a semicolon", f.URL + path + "?$top=1;$filter=a"},
			{"a line break", f.URL + path + "?x=\r\nHost: evil.example"},
			{"not an address", "http://%zz"},
			{"ten megabytes", f.URL + path + "?$skiptoken=" + strings.Repeat("x", 10<<20)},
		} {
			_, err := list(t.Context(), c, tt.next)
			if err == nil || fault.As(err).Say.ID != "graph.bad-next" || !fault.Is(err, fault.BadRequest) {
				t.Errorf("%s, %s: %v, want graph.bad-next", path, tt.name, err)
			}
		}
	}
	if f.count()+thief.count() > 0 {
		t.Error("a link that isn't one was followed")
	}
}

func TestSecurityNextInOtherSpelling(t *testing.T) {
	f := newFake(t, answering(200, `{"value":[]}`))
	c := newClient(t, f.URL)
	for _, path := range []string{
		"/v1.0/users/Ann@contoso.com/contactFolders/AAMk=/contacts?$skip=10",
		"/v1.0/users/ann%40contoso.com/contactfolders/AAMk%3D/contacts?%24skip=10",
	} {
		if _, err := c.Contacts(t.Context(), canary, "ann@contoso.com", "AAMk=", "", f.URL+path); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
}

func TestBrokenLists(t *testing.T) {
	for _, body := range []string{
		"", "<html>", "null", "[]", "{}", `{"value":null}`, `{"value":{}}`, `{"value":["x"]}`, `{"value":[`,
		strings.Repeat(" ", maxListBytes) + `{"value":[]}`,
	} {
		f := newFake(t, answering(200, body))
		for _, list := range lists {
			_, err := list(t.Context(), newClient(t, f.URL), "")
			check(t, err, fault.Unavailable, "graph.broken-answer", fault.NextRetry)
		}
	}
}

// TestSecurityTheLogNamesNobody looks for whoever was searched for.
func TestSecurityTheLogNamesNobody(t *testing.T) {
	log := &journal{}
	f := newFake(t, answering(200, `{"value":[]}`))
	c, err := New(f.URL, nil, log.logger())
	if err != nil {
		t.Fatal(err)
	}
	for path, list := range lists {
		for _, next := range []string{"", f.URL + path + "?$select=id&$skiptoken=ann"} {
			if _, err := list(t.Context(), c, next); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, err := c.Person(t.Context(), canary, "ann@contoso.com"); err == nil {
		t.Fatal("a list is no person")
	}
	for _, secret := range []string{canary, "ann", "neil", "select"} {
		if strings.Contains(log.String(), secret) {
			t.Errorf("the log tells %q: %s", secret, log)
		}
	}
}
