package graph

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"portrait/internal/directory"
	"portrait/internal/fault"
)

const (
	immutable = `IdType="ImmutableId"`
	evaRow    = `{"@odata.etag":"W/\"1\"","id":"AAMk-1=","displayName":"Eva","jobTitle":"Baker","companyName":"Fabrikam","parentFolderId":"AAMk_F=",
		"emailAddresses":[{"name":"Eva","address":null},{"name":"Eva","address":"eva@fabrikam.com"},{"address":"e@fabrikam.com"}]}`
)

var wantEva = directory.Contact{
	ID: "AAMk-1=", DisplayName: "Eva", Mail: "eva@fabrikam.com", JobTitle: "Baker", Company: "Fabrikam", Folder: "AAMk_F=",
}

func TestContacts(t *testing.T) {
	for _, tt := range []struct {
		name            string
		mailbox, folder directory.ID
		search          string
		path, filter    string
	}{
		{"mine", "", "", "", "/v1.0/me/contacts", ""},
		{"mine in a folder", "", "AAMk_F=", "", "/v1.0/me/contactFolders/AAMk_F=/contacts", ""},
		{"of another mailbox", "Ann@contoso.com", "", "", "/v1.0/users/ann@contoso.com/contacts", ""},
		{"in a folder of another mailbox", groupID, "AAMk_F=", "", "/v1.0/users/" + groupID + "/contactFolders/AAMk_F=/contacts", ""},
		{"by name", "", "", " ev ", "/v1.0/me/contacts", "startswith(displayName,'ev')"},
		{"by a name with a quote", "", "AAMk_F=", "O'Neil", "/v1.0/me/contactFolders/AAMk_F=/contacts", "startswith(displayName,'O''Neil')"},
		{"by what would be a query", "", "", "x') or startswith(displayName,'", "/v1.0/me/contacts", "startswith(displayName,'x'') or startswith(displayName,''')"},
		{"by a name with signs", "", "", `a&b="c"\%27`, "/v1.0/me/contacts", `startswith(displayName,'a&b="c"\%27')`},
		{"by control characters alone", "", "", "\x00\r\n", "/v1.0/me/contacts", ""},
		{"by a long name", "", "", strings.Repeat("'", 101), "/v1.0/me/contacts", "startswith(displayName,'" + strings.Repeat("''", 100) + "')"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := newFake(t, saying(t, `{"value":[`+evaRow+`,{"id":"AAMk-2=","displayName":null,"jobTitle":null,"companyName":null,"emailAddresses":[]}]}`))
			got, err := newClient(t, f.URL).Contacts(t.Context(), canary, tt.mailbox, tt.folder, tt.search, "")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]directory.Contact{wantEva, {ID: "AAMk-2="}}, got.Rows); diff != "" {
				t.Error(diff)
			}
			asked := f.only(t)
			if asked.path != tt.path || asked.query.Get("$filter") != tt.filter {
				t.Errorf("asked %s for %s, want %s for %s", asked.path, asked.query.Get("$filter"), tt.path, tt.filter)
			}
			if asked.query.Get("$select") != contactFields || asked.query.Get("$top") != "100" || asked.header.Get("Prefer") != immutable {
				t.Errorf("asked %v, Prefer %q", asked.query, asked.header.Get("Prefer"))
			}
		})
	}
}

func TestFolders(t *testing.T) {
	for _, tt := range []struct {
		name            string
		mailbox, parent directory.ID
		path            string
	}{
		{"mine", "", "", "/v1.0/me/contactFolders"},
		{"in a folder of mine", "", "AAMk_F=", "/v1.0/me/contactFolders/AAMk_F=/childFolders"},
		{"of another mailbox", "ann@contoso.com", "", "/v1.0/users/ann@contoso.com/contactFolders"},
		{"in a folder of another mailbox", "ann@contoso.com", "AAMk_F=", "/v1.0/users/ann@contoso.com/contactFolders/AAMk_F=/childFolders"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := newFake(t, saying(t, `{"value":[{"id":"AAMk_G=","displayName":"Suppliers","parentFolderId":"AAMk_F="},{"id":"AAMk_H=","displayName":null}]}`))
			got, err := newClient(t, f.URL).Folders(t.Context(), canary, tt.mailbox, tt.parent, "")
			want := []directory.Folder{{ID: "AAMk_G=", Name: "Suppliers", Parent: "AAMk_F="}, {ID: "AAMk_H="}}
			if diff := cmp.Diff(want, got.Rows); diff != "" || err != nil {
				t.Error(diff, err)
			}
			asked := f.only(t)
			if asked.path != tt.path || asked.query.Get("$select") != folderFields || asked.header.Get("Prefer") != immutable {
				t.Errorf("asked %s %v, Prefer %q", asked.path, asked.query, asked.header.Get("Prefer"))
			}
		})
	}
}

func TestDefaultFolder(t *testing.T) {
	for _, tt := range []struct {
		name, body string
		want       directory.ID
	}{
		{"a contact tells where it is", `{"value":[{"id":"AAMk-1=","parentFolderId":"AAMk_D="}]}`, "AAMk_D="},
		{"no contact, no folder", `{"value":[]}`, ""},
		{"a contact that doesn't tell", `{"value":[{"id":"AAMk-1=","parentFolderId":null}]}`, ""},
	} {
		f := newFake(t, saying(t, tt.body))
		got, err := newClient(t, f.URL).DefaultFolder(t.Context(), canary, "ann@contoso.com")
		if got != tt.want || err != nil {
			t.Errorf("%s: %q, %v; want %q", tt.name, got, err, tt.want)
		}
		asked := f.only(t)
		if asked.path != "/v1.0/users/ann@contoso.com/contacts" || asked.query.Get("$top") != "1" || asked.query.Get("$select") != "parentFolderId" {
			t.Errorf("%s: asked %s %v", tt.name, asked.path, asked.query)
		}
	}
}

func TestContact(t *testing.T) {
	for _, path := range []string{
		"/me/contacts/AAMk-1=", "/me/contactFolders/AAMk_F=/contacts/AAMk-1=",
		"/users/ann@contoso.com/contacts/AAMk-1=", "/users/ann@contoso.com/contactFolders/AAMk_F=/contacts/AAMk-1=",
	} {
		f := newFake(t, saying(t, evaRow))
		got, err := newClient(t, f.URL).Contact(t.Context(), canary, parse(t, path))
		if diff := cmp.Diff(wantEva, got); diff != "" || err != nil {
			t.Error(diff, err)
		}
		asked := f.only(t)
		if asked.path != "/v1.0"+path || asked.query.Get("$select") != contactFields || asked.header.Get("Prefer") != immutable {
			t.Errorf("%s: asked %s %v, Prefer %q", path, asked.path, asked.query, asked.header.Get("Prefer"))
		}
	}
}

func TestContactsThatCannotBe(t *testing.T) {
	f := newFake(t, answering(200, `{}`))
	c := newClient(t, f.URL)
	for _, mailbox := range []directory.ID{"ann", "..", "ann@contoso.com/../bob@contoso.com"} {
		_, err := c.Contacts(t.Context(), canary, mailbox, "", "", "")
		check(t, err, fault.NotFound, "graph.no-such-person", fault.NextHome)
		_, err = c.Folders(t.Context(), canary, mailbox, "", "")
		check(t, err, fault.NotFound, "graph.no-such-person", fault.NextHome)
		_, err = c.DefaultFolder(t.Context(), canary, mailbox)
		check(t, err, fault.NotFound, "graph.no-such-person", fault.NextHome)
	}
	for _, folder := range []directory.ID{".", "..", "a/b", "a?b", "a b"} {
		_, err := c.Contacts(t.Context(), canary, "", folder, "", "")
		check(t, err, fault.NotFound, "graph.gone", fault.NextHome)
		_, err = c.Folders(t.Context(), canary, "", folder, "")
		check(t, err, fault.NotFound, "graph.gone", fault.NextHome)
	}
	for _, path := range []string{"/me", someGroup, someTeam, someUser} {
		_, err := c.Contact(t.Context(), canary, parse(t, path))
		check(t, err, fault.NotFound, "graph.gone", fault.NextHome)
	}
	if f.count() > 0 {
		t.Errorf("%d requests, want none", f.count())
	}
	_, err := c.Contact(t.Context(), canary, parse(t, someContact))
	check(t, err, fault.Unavailable, "graph.broken-answer", fault.NextRetry)
}

// TestPhotosOfContactsUseTheSameIDs makes every call on a photo.
func TestPhotosOfContactsUseTheSameIDs(t *testing.T) {
	for path, want := range map[string]string{
		someContact: immutable, otherContact: immutable, "/me/contactFolders/AAMk_F=/contacts/AAMk-1=": immutable,
		"/me": "", someGroup: "", someUser: "", someTeam: "",
	} {
		f := newFake(t, answering(200, jpegBytes))
		c, s := newClient(t, f.URL), parse(t, path)
		for _, verb := range []string{"GET", "INFO", "PUT"} {
			_ = verbs[verb](t.Context(), c, s) // what is answered doesn't matter here
		}
		if f.count() != 3 {
			t.Errorf("%s: %d requests, want 3", path, f.count())
		}
		for _, asked := range f.seen {
			if got := asked.header.Get("Prefer"); got != want {
				t.Errorf("%s %s: Prefer %q, want %q", asked.method, path, got, want)
			}
		}
	}
}
