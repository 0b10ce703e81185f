package graph_test

import (
	"cmp"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"portrait/internal/demo"
	"portrait/internal/directory"
	"portrait/internal/graph"
	"portrait/internal/graph/contract"
)

// ground is a tenant that every call of the client is tried in: ids in it, and
// tokens for it. What is "" isn't there, and calls that need it are skipped.
type ground struct {
	graphURL string
	person   string // delegated token of an owner and delegate, with all that Portrait ever asks for
	app      string // Portrait's own

	me, user       directory.ID // whose token person is, and somebody else
	group, team    directory.ID // owned by me, Unified
	contact        directory.ID // immutable ids, in a folder of me's that isn't the default one
	folder         directory.ID
	mailbox        directory.ID // shared with me
	mailboxContact directory.ID
	mailboxFolder  directory.ID // with mailboxContact in it
}

// realGround is the tenant that the environment names, for the same calls
// against Microsoft's Graph:
//
//	PORTRAIT_TEST_GRAPH_URL              https://graph.microsoft.com
//	PORTRAIT_TEST_GRAPH_TOKEN            delegated: User.ReadWrite Group.ReadWrite.All TeamSettings.ReadWrite.All
//	                                     Contacts.ReadWrite Contacts.ReadWrite.Shared
//	PORTRAIT_TEST_GRAPH_APP_TOKEN        application: ProfilePhoto.ReadWrite.All User.Read.All Contacts.ReadWrite
//	                                     Directory.Read.All PeopleSettings.Read.All
//	PORTRAIT_TEST_GRAPH_ME, _USER, _GROUP, _TEAM, _CONTACT, _FOLDER,
//	_MAILBOX, _MAILBOX_CONTACT, _MAILBOX_FOLDER    ids, as ground has them
//
// It changes the photos of all of them: name a tenant that is for tests.
func realGround(t *testing.T) ground {
	t.Helper()
	env := func(name string) string { return os.Getenv("PORTRAIT_TEST_GRAPH_" + name) }
	id := func(name string) directory.ID { return directory.ID(env(name)) }
	g := ground{
		graphURL: env("URL"), person: env("TOKEN"), app: env("APP_TOKEN"), me: id("ME"), user: id("USER"), group: id("GROUP"), team: id("TEAM"),
		contact: id("CONTACT"), folder: id("FOLDER"), mailbox: id("MAILBOX"), mailboxContact: id("MAILBOX_CONTACT"), mailboxFolder: id("MAILBOX_FOLDER"),
	}
	if g.graphURL == "" || g.person == "" {
		t.Skip("PORTRAIT_TEST_GRAPH_URL and PORTRAIT_TEST_GRAPH_TOKEN name no tenant")
	}
	return g
}

// demoGround is the demo tenant, with its owner of groups.
func demoGround(t *testing.T) ground {
	t.Helper()
	tenant, err := demo.Start(demo.Options{Addr: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tenant.Close() })
	tenant.Set(demo.Weather{ReadDelay: -1})
	person := func(name string) directory.ID {
		people := tenant.People()
		return people[slices.IndexFunc(people, func(p directory.Person) bool { return strings.HasPrefix(p.UPN, name+"@") })].ID
	}
	g := ground{
		graphURL: tenant.GraphURL(), person: signIn(t, tenant, "owner"), app: appToken(t, tenant),
		me: person("fatima.elidrissi"), user: person("maya.lindqvist"), mailbox: person("crewdesk"),
	}
	for _, group := range tenant.Owned("owner") {
		switch {
		case group.Team:
			g.team = cmp.Or(g.team, group.ID)
		case group.Unified:
			g.group = cmp.Or(g.group, group.ID)
		}
	}
	inFolder := func(user directory.ID) (contact, folder directory.ID) {
		folder = tenant.Folders(user)[1].ID
		contacts := tenant.Contacts(user, true)
		return contacts[slices.IndexFunc(contacts, func(c directory.Contact) bool { return c.Folder == folder })].ID, folder
	}
	g.contact, g.folder = inFolder(g.me)
	g.mailboxContact, g.mailboxFolder = inFolder(g.mailbox)
	return g
}

// appToken returns a token of the app by itself.
func appToken(t *testing.T, tenant *demo.Tenant) string {
	t.Helper()
	res, err := http.PostForm(strings.TrimSuffix(tenant.Issuer(), "/v2.0")+"/oauth2/v2.0/token", url.Values{
		"grant_type": {"client_credentials"}, "scope": {"https://graph.microsoft.com/.default"},
		"client_id": {tenant.ClientID()}, "client_secret": {tenant.ClientSecret()},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close() // read below
	var got struct {
		Token string `json:"access_token"`
	}
	if err := json.NewDecoder(res.Body).Decode(&got); err != nil || got.Token == "" {
		t.Fatalf("no token for the app: %d %v", res.StatusCode, err)
	}
	return got.Token
}

// signIn returns a delegated token of a persona with all that Portrait ever
// asks for.
func signIn(t *testing.T, tenant *demo.Tenant, persona string) string {
	t.Helper()
	const callback = "http://127.0.0.1:9/callback" // nothing listens there, and nothing needs to
	tenant.Register(callback, callback, callback)
	base := strings.TrimSuffix(tenant.Issuer(), "/v2.0")
	config := oauth2.Config{
		ClientID: tenant.ClientID(), ClientSecret: tenant.ClientSecret(), RedirectURL: callback,
		Endpoint: oauth2.Endpoint{AuthURL: base + "/oauth2/v2.0/authorize", TokenURL: base + "/oauth2/v2.0/token", AuthStyle: oauth2.AuthStyleInParams},
		Scopes:   strings.Fields("openid profile User.ReadWrite Group.ReadWrite.All TeamSettings.ReadWrite.All Contacts.ReadWrite Contacts.ReadWrite.Shared"),
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	var code string
	browser := &http.Client{Jar: jar, CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		if !strings.HasPrefix(r.URL.String(), callback) {
			return nil
		}
		code = r.URL.Query().Get("code")
		return http.ErrUseLastResponse
	}}
	verifier := oauth2.GenerateVerifier()
	read := func(res *http.Response, err error) (page, id string) {
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close() // read here
		raw, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		_, rest, _ := strings.Cut(string(raw), `name="id" value="`)
		id, _, _ = strings.Cut(rest, `"`)
		return string(raw), id
	}
	_, id := read(browser.Get(config.AuthCodeURL("state", oauth2.S256ChallengeOption(verifier))))
	_, id = read(browser.PostForm(base+"/login", url.Values{"id": {id}, "persona": {persona}}))
	page, _ := read(browser.PostForm(base+"/consent", url.Values{"id": {id}, "consent": {"accept"}}))
	token, err := config.Exchange(t.Context(), code, oauth2.VerifierOption(verifier))
	if err != nil {
		t.Fatalf("signing in as %s: %v\n%.300s", persona, err, page)
	}
	return token.AccessToken
}

// operation is one call of the client.
type operation struct {
	method string // of the client
	of     string // what it is about
	needs  []directory.ID
	token  string
	call   func(ctx context.Context, token string) error
}

// TestConformance makes every call of the client in the demo tenant and, where
// the environment names one, in a real one: with the same calls and the same
// checks the demo can't drift away from Graph.
func TestConformance(t *testing.T) {
	for name, prepare := range map[string]func(*testing.T) ground{"the demo tenant": demoGround, "a real tenant": realGround} {
		t.Run(name, func(t *testing.T) {
			g := prepare(t)
			c, err := graph.New(g.graphURL, &http.Client{Transport: contract.Transport{Report: func(err error) { t.Error(err) }}}, slog.New(slog.DiscardHandler))
			if err != nil {
				t.Fatal(err)
			}
			for _, op := range append(g.reading(c), g.photos(t, c)...) {
				t.Run(op.method+" "+op.of, func(t *testing.T) {
					if op.token == "" || slices.Contains(op.needs, "") {
						t.Skip("the tenant has nothing to try it on")
					}
					ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
					defer cancel()
					if err := op.call(ctx, op.token); err != nil {
						t.Error(err)
					}
				})
			}
		})
	}
}

// TestConformanceIsComplete holds that no call of the client is left out.
func TestConformanceIsComplete(t *testing.T) {
	tried := map[string]bool{}
	var g ground
	for _, op := range append(g.reading(nil), g.photos(t, nil)...) {
		tried[op.method] = true
	}
	for m := range reflect.TypeFor[*graph.Client]().Methods() {
		if !tried[m.Name] {
			t.Errorf("no operation of the conformance test calls %s", m.Name)
		}
		delete(tried, m.Name)
	}
	for name := range tried {
		t.Errorf("the client has no %s", name)
	}
}

// reading are the calls that read what isn't a photo. Each fails also where it
// answers nothing, which a tenant for tests shouldn't give.
func (g ground) reading(c *graph.Client) []operation {
	id := func(ids ...directory.ID) []directory.ID { return ids }
	folderContact := func() directory.Subject { s, _ := directory.MyFolderContact(g.folder, g.contact); return s } // checked by needs
	return []operation{
		{"Me", "myself", nil, g.person, func(ctx context.Context, token string) error {
			p, err := c.Me(ctx, token)
			return first(err, p.ID == "" || p.DisplayName == "")
		}},
		{"Person", "a user", id(g.user), g.app, func(ctx context.Context, token string) error {
			p, err := c.Person(ctx, token, g.user)
			return first(err, p.ID != g.user)
		}},
		{"SearchPeople", "by name", nil, g.app, func(ctx context.Context, token string) error {
			p, err := c.SearchPeople(ctx, token, "ma", "")
			return first(err, p.Rows == nil)
		}},
		{"SearchPeople", "all, and a later page", nil, g.app, func(ctx context.Context, token string) error {
			p, err := c.SearchPeople(ctx, token, "", "")
			if err != nil || p.Next == "" {
				return first(err, len(p.Rows) == 0)
			}
			p, err = c.SearchPeople(ctx, token, "", p.Next)
			return first(err, len(p.Rows) == 0)
		}},
		{"Everybody", "all, and a later page", nil, g.app, func(ctx context.Context, token string) error {
			p, err := c.Everybody(ctx, token, "")
			if err == nil && p.Next != "" {
				p, err = c.Everybody(ctx, token, p.Next)
			}
			return first(err, p.Rows == nil)
		}},
		{"People", "a user and myself", id(g.user, g.me), g.app, func(ctx context.Context, token string) error {
			people, err := c.People(ctx, token, id(g.user, g.me))
			return first(err, len(people) != 2 || people[0].Person.ID != g.user || people[1].Err != nil)
		}},
		{"PhotoInfos", "of a user", id(g.user), g.app, func(ctx context.Context, token string) error {
			user, err := directory.OfUser(g.user)
			if err != nil {
				return err
			}
			infos, err := c.PhotoInfos(ctx, token, []directory.Subject{user})
			return first(err, len(infos) != 1)
		}},
		{"GroupsCalled", "as one of mine is", id(g.group), g.app, func(ctx context.Context, token string) error {
			mine, err := c.Group(ctx, g.person, g.group)
			if err != nil {
				return err
			}
			found, err := c.GroupsCalled(ctx, token, mine.DisplayName)
			return first(err, !slices.ContainsFunc(found, func(other directory.Group) bool { return other.ID == g.group }))
		}},
		{"Members", "of a group", id(g.group), g.app, func(ctx context.Context, token string) error {
			p, err := c.Members(ctx, token, g.group, "")
			return first(err, p.Rows == nil)
		}},
		{"PeopleBy", "address, part of it, number and name", id(g.user), g.app, func(ctx context.Context, token string) error {
			p, err := c.Person(ctx, token, g.user)
			if err != nil {
				return err
			}
			clues := []directory.Clue{
				{By: directory.ByAddress, Text: p.UPN}, {By: directory.ByLocalPart, Text: directory.LocalPart(p.UPN)},
				{By: directory.ByEmployeeID, Text: "no such number"}, {By: directory.ByName, Text: p.DisplayName},
			}
			for _, clue := range clues {
				found, err := c.PeopleBy(ctx, token, []directory.Clue{clue})
				is := func(other directory.Person) bool { return other.ID == g.user }
				if err != nil || slices.ContainsFunc(found.People, is) == (clue.By == directory.ByEmployeeID) {
					return first(err, true)
				}
			}
			found, err := c.PeopleBy(ctx, token, clues)
			return first(err, len(found.People) < 2)
		}},
		{"HoldsDirectoryRole", "a user", id(g.user), g.app, func(ctx context.Context, token string) error {
			_, err := c.HoldsDirectoryRole(ctx, token, g.user)
			return err
		}},
		{"Policy", "the tenant's", nil, g.app, func(ctx context.Context, token string) error {
			_, err := c.Policy(ctx, token)
			return err
		}},
		{"OwnedGroups", "mine", nil, g.person, func(ctx context.Context, token string) error {
			p, err := c.OwnedGroups(ctx, token, "")
			return first(err, len(p.Rows) == 0)
		}},
		{"Group", "of mine", id(g.group), g.person, func(ctx context.Context, token string) error {
			group, err := c.Group(ctx, token, g.group)
			return first(err, !group.Unified || group.ID != g.group)
		}},
		{"OwnsGroup", "of mine", id(g.group, g.me), g.person, func(ctx context.Context, token string) error {
			owns, err := c.OwnsGroup(ctx, token, g.group, g.me)
			return first(err, !owns)
		}},
		{"Contacts", "of mine", nil, g.person, func(ctx context.Context, token string) error {
			_, err := c.Contacts(ctx, token, "", "", "", "")
			return err
		}},
		{"Contacts", "of mine, searched", nil, g.person, func(ctx context.Context, token string) error {
			_, err := c.Contacts(ctx, token, "", "", "O'Brien", "")
			if graph.IsUnsearchable(err) {
				return nil // Graph doesn't say beforehand where it can
			}
			return err
		}},
		{"Contacts", "in a folder", id(g.folder), g.person, func(ctx context.Context, token string) error {
			p, err := c.Contacts(ctx, token, "", g.folder, "", "")
			return first(err, len(p.Rows) == 0)
		}},
		{"Contacts", "of a shared mailbox", id(g.mailbox), g.person, func(ctx context.Context, token string) error {
			_, err := c.Contacts(ctx, token, g.mailbox, "", "", "")
			return err
		}},
		{"Contacts", "in a folder of a mailbox, as the app", id(g.mailbox, g.mailboxFolder), g.app, func(ctx context.Context, token string) error {
			p, err := c.Contacts(ctx, token, g.mailbox, g.mailboxFolder, "", "")
			return first(err, len(p.Rows) == 0)
		}},
		{"Folders", "of mine", nil, g.person, func(ctx context.Context, token string) error {
			_, err := c.Folders(ctx, token, "", "", "")
			return err
		}},
		{"Folders", "in a folder", id(g.folder), g.person, func(ctx context.Context, token string) error {
			_, err := c.Folders(ctx, token, "", g.folder, "")
			return err
		}},
		{"Folders", "of a mailbox, as the app", id(g.mailbox), g.app, func(ctx context.Context, token string) error {
			_, err := c.Folders(ctx, token, g.mailbox, "", "")
			return err
		}},
		{"DefaultFolder", "of mine", nil, g.person, func(ctx context.Context, token string) error {
			_, err := c.DefaultFolder(ctx, token, "")
			return err
		}},
		{"Contact", "in a folder", id(g.folder, g.contact), g.person, func(ctx context.Context, token string) error {
			contact, err := c.Contact(ctx, token, folderContact())
			return first(err, contact.ID == "")
		}},
	}
}
