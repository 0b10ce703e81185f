package photo

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"portrait/internal/directory"
	"portrait/internal/fault"
)

// hundreds answers a list of total rows, 100 a page; row writes the nth.
func hundreds(total int, row func(n int) string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		skip := 0
		_, _ = fmt.Sscan(r.URL.Query().Get("$skiptoken"), &skip) // the first page has none
		var rows []string
		for n := skip; n < min(skip+100, total); n++ {
			rows = append(rows, row(n))
		}
		next := ""
		if skip+100 < total {
			next = fmt.Sprintf(`,"@odata.nextLink":"http://%s%s?$skiptoken=%d"`, r.Host, r.URL.EscapedPath(), skip+100)
		}
		_, _ = fmt.Fprintf(w, `{"value":[%s]%s}`, strings.Join(rows, ","), next) // a client that hangs up is the client's business
	}
}

func groupRow(n int) string {
	kind := `"Unified"`
	if n%10 == 9 {
		kind = ""
	}
	return fmt.Sprintf(`{"id":"aaaaaaaa-0000-4000-8000-%012d","displayName":"Group %d","groupTypes":[%s]}`, n, n, kind)
}

func contactRow(n int) string {
	return fmt.Sprintf(`{"id":"AAMk%d=","displayName":"Contact %d"}`, n, n)
}

// TestLongLists proves that a page of a list is one call of at most 100 rows,
// however long the list is, and that pages lead to its end.
func TestLongLists(t *testing.T) {
	x := newSite(t, fine)
	x.facts["/ownedObjects/"] = hundreds(2000, groupRow)
	x.facts["/me/contacts"] = hundreds(5000, contactRow)
	x.facts["/v1.0/users"] = hundreds(100_000, func(n int) string {
		return fmt.Sprintf(`{"id":"aaaaaaaa-0000-4000-8000-%012d","displayName":"User %d"}`, n, n)
	})
	for _, tt := range []struct {
		name  string
		page  func(next string) (rows int, following string, err error)
		pages int // that are walked
		rows  int // on them
		token string
		end   bool
	}{
		{"2,000 groups", func(next string) (int, string, error) {
			g, err := x.Groups(t.Context(), ann, next)
			return len(g.Rows) + len(g.Others), g.Next, err
		}, 20, 2000, "Bearer first", true},
		{"5,000 contacts", func(next string) (int, string, error) {
			c, err := x.Contacts(t.Context(), ann, Place{Next: next})
			return len(c.Rows), c.Next, err
		}, 50, 5000, "Bearer first", true},
		{"100,000 users", func(next string) (int, string, error) {
			p, err := x.People(t.Context(), desk, "", next)
			return len(p.Rows), p.Next, err
		}, 5, 500, "Bearer app", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			rows, next := 0, ""
			for i := range tt.pages {
				before := len(x.everything())
				n, following, err := tt.page(next)
				if err != nil || n > 100 {
					t.Fatalf("page %d: %d rows, %v", i, n, err)
				}
				asked := x.everything()[before:]
				if len(asked) != 1 || asked[0].token != tt.token {
					t.Fatalf("page %d: %v; want one call with %s", i, asked, tt.token)
				}
				rows, next = rows+n, following
			}
			if rows != tt.rows || (next == "") != tt.end {
				t.Errorf("%d rows on %d pages, then %q", rows, tt.pages, next)
			}
		})
	}
}

func TestGroupsOfTwoKinds(t *testing.T) {
	x := newSite(t, fine)
	x.facts["/ownedObjects/"] = hundreds(20, groupRow)
	got, err := x.Groups(t.Context(), ann, "")
	if err != nil || len(got.Rows) != 18 || len(got.Others) != 2 || got.Others[0].DisplayName != "Group 9" {
		t.Errorf("%d with a photo, %d without, %v", len(got.Rows), len(got.Others), err)
	}
}

func TestListsNeedPermission(t *testing.T) {
	x := newSite(t, fine)
	plain := employee()()
	_, errGroups := x.Groups(t.Context(), plain, "")
	_, errMine := x.Contacts(t.Context(), plain, Place{})
	_, errShared := x.Contacts(t.Context(), plain, Place{Mailbox: bobID})
	_, errFolders := x.Folders(t.Context(), plain, Place{Mailbox: "bob@contoso.com"})
	_, errMailbox := x.Mailbox(t.Context(), plain, "bob@contoso.com")
	for scope, errs := range map[string][]error{
		"Group.ReadWrite.All": {errGroups}, "Contacts.ReadWrite": {errMine}, "Contacts.ReadWrite.Shared": {errShared, errFolders, errMailbox},
	} {
		for _, err := range errs {
			if e := check(t, err, fault.Forbidden, "photo.needs-permission", fault.NextAllow); e.Scope != scope {
				t.Errorf("asks for %s, want %s", e.Scope, scope)
			}
		}
	}
	_, err := x.People(t.Context(), plain, "bob", "")
	check(t, err, fault.Forbidden, "photo.helpdesk-only", fault.NextHelpdesk)
	if len(x.everything()) > 0 {
		t.Errorf("Graph was asked %v", x.everything())
	}
}

func TestSecurityForeignLinksAreNotFollowed(t *testing.T) {
	x := newSite(t, fine)
	next := "http://127.0.0.1:1/v1.0/me/contacts"
	_, errGroups := x.Groups(t.Context(), ann, next)
	_, errContacts := x.Contacts(t.Context(), ann, Place{Next: next})
	_, errFolders := x.Folders(t.Context(), ann, Place{Next: next})
	_, errPeople := x.People(t.Context(), desk, "", next)
	for _, err := range []error{errGroups, errContacts, errFolders, errPeople} {
		if !fault.Is(err, fault.BadRequest) {
			t.Errorf("%v, want a refusal", err)
		}
	}
	if len(x.everything()) > 0 {
		t.Errorf("Graph was asked %v", x.everything())
	}
}

func TestFolders(t *testing.T) {
	folders := always(200, `{"value":[{"id":"F1","displayName":"Pilots","parentFolderId":"D"}]}`)
	one := directory.Folder{ID: "F1", Name: "Pilots", Parent: "D"}
	for _, tt := range []struct {
		name     string
		place    Place
		contacts http.HandlerFunc
		want     directory.ID // the default folder
		calls    int
	}{
		{"at the top Graph leaves one out", Place{}, always(200, `{"value":[{"id":"c","parentFolderId":"D"}]}`), "D", 2},
		{"that is empty", Place{}, always(200, `{"value":[]}`), "", 2},
		{"that can't be read", Place{}, always(500, ""), "", 2},
		{"in a folder there is no such", Place{Folder: "F0"}, fine, "", 1},
		{"in another mailbox there is", Place{Mailbox: bobID}, always(200, `{"value":[{"id":"c","parentFolderId":"D"}]}`), "D", 2},
	} {
		x := newSite(t, fine)
		x.facts["/contactFolders"], x.facts["/childFolders"], x.facts["/contacts"] = folders, folders, tt.contacts
		got, err := x.Folders(t.Context(), ann, tt.place)
		if diff := cmp.Diff([]directory.Folder{one}, got.Rows); err != nil || diff != "" || got.Default != tt.want || len(x.everything()) != tt.calls {
			t.Errorf("%s: default %q after %d calls, %v; want %q after %d; %s", tt.name, got.Default, len(x.everything()), err, tt.want, tt.calls, diff)
		}
	}
}

func TestSearchThatGraphDoesNotTake(t *testing.T) {
	x := newSite(t, fine)
	all := hundreds(300, contactRow)
	x.facts["/me/contacts"] = func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("$filter") != "" {
			always(400, `{"error":{"code":"ErrorInvalidUrlQueryFilter"}}`)(w, r)
			return
		}
		all(w, r)
	}
	first, err := x.Contacts(t.Context(), ann, Place{Search: " CONTACT 25"})
	if err != nil || !first.Sifted || len(first.Rows) != 1 || first.Rows[0].DisplayName != "Contact 25" || first.Next == "" {
		t.Fatalf("%+v, %v; want what is on the first page", first, err)
	}
	third, err := x.Contacts(t.Context(), ann, Place{Search: "contact 25", Next: strings.Replace(first.Next, "100", "200", 1)})
	if err != nil || !third.Sifted || len(third.Rows) != 10 {
		t.Errorf("%d rows, %v; want Contact 250 to 259", len(third.Rows), err)
	}
}

func TestMailbox(t *testing.T) {
	for _, tt := range []struct {
		name    string
		actor   directory.Actor
		address string
		answer  http.HandlerFunc
		want    directory.ID
		kind    fault.Kind
	}{
		{"is found by its address", ann, " Bob@contoso.com ", always(200, bob), bobID, 0},
		{"is found by the helpdesk", desk, "bob@contoso.com", always(200, bob), bobID, 0},
		{"is taken at its word where people may not be looked up", ann, "Bob@contoso.com", denied, "bob@contoso.com", 0},
		{"isn't there", ann, "bob@contoso.com", always(404, `{"error":{"code":"Request_ResourceNotFound"}}`), "", fault.NotFound},
		{"has no address", ann, "", fine, "", fault.NotFound},
		{"has an address that is none", ann, "bob at contoso", fine, "", fault.NotFound},
	} {
		x := newSite(t, fine)
		x.facts["/users/bob@"] = tt.answer
		got, err := x.Mailbox(t.Context(), tt.actor, tt.address)
		if got.ID != tt.want || (err == nil) != (tt.kind == 0) || err != nil && !fault.Is(err, tt.kind) {
			t.Errorf("a mailbox %s: %q, %v; want %q", tt.name, got.ID, err, tt.want)
		}
		if err != nil {
			check(t, err, tt.kind, "photo.no-such-mailbox", fault.NextRetry)
		}
	}
}

func TestPeople(t *testing.T) {
	x := newSite(t, fine)
	var asked string
	x.facts["/v1.0/users"] = func(w http.ResponseWriter, r *http.Request) {
		asked = r.URL.Query().Get("$search") + " " + r.Header.Get("ConsistencyLevel")
		_, _ = io.WriteString(w, `{"value":[`+bob+`]}`)
	}
	got, err := x.People(t.Context(), desk, "bob", "")
	if err != nil || len(got.Rows) != 1 || got.Rows[0].ID != bobID || !strings.Contains(asked, "displayName:bob") || !strings.HasSuffix(asked, " eventual") {
		t.Errorf("%+v, %v; asked %s", got, err, asked)
	}
}
