package main

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"portrait/internal/auth"
	"portrait/internal/demo"
	"portrait/internal/directory"
	"portrait/internal/store"
)

// photoAct is a request. path is of the photo's subject, past an id of its
// history.
type photoAct struct {
	name  string
	route string // method and what follows the subject's path
	send  func(b *browser, path, past string) *answer
}

// photoActs are the requests that every photo has, in the order in which the
// grid makes them: what looks first, what takes away last.
var photoActs = []photoAct{
	{"page", "GET /photo", func(b *browser, path, _ string) *answer { return b.get(path + "/photo") }},
	{"image", "GET /photo/$value", func(b *browser, path, _ string) *answer { return b.get(path + "/photo/$value") }},
	{"sized", "GET /photos/:size/$value", func(b *browser, path, _ string) *answer { return b.get(path + "/photos/96x96/$value") }},
	{"state", "GET /photo/state", func(b *browser, path, _ string) *answer {
		return b.get(path+"/photo/state", "Accept", "application/json")
	}},
	{"draft", "GET /photo/draft/$value", func(b *browser, path, _ string) *answer { return b.get(path + "/photo/draft/$value") }},
	{"look", "POST /photo/history", func(b *browser, path, _ string) *answer { return b.submit(path+"/photo/history", "reason", "T-1") }},
	{"past", "GET /photo/history/:id/$value", func(b *browser, path, past string) *answer { return b.get(path + "/photo/history/" + past + "/$value") }},
	{"back", "POST /photo/history/:id/restore", func(b *browser, path, past string) *answer {
		return b.submit(path+"/photo/history/"+past+"/restore", "reason", "T-1")
	}},
	{"put", "PUT /photo/$value", func(b *browser, path, _ string) *answer { return b.putAt(path, tinyJPEG(b), "X-Reason", "T-1") }},
	{"form", "POST /photo", func(b *browser, path, _ string) *answer { return b.postAt(path, tinyJPEG(b), "reason", "T-1") }},
	{"send", "POST /photo/send", func(b *browser, path, _ string) *answer { return b.submit(path + "/photo/send") }},
	{"drop", "POST /photo/draft/delete", func(b *browser, path, _ string) *answer { return b.submit(path + "/photo/draft/delete") }},
	{"forget", "POST /photo/history/:id/delete", func(b *browser, path, past string) *answer {
		return b.submit(path + "/photo/history/" + past + "/delete")
	}},
	{"wipe", "POST /photo/history/delete", func(b *browser, path, _ string) *answer { return b.submit(path + "/photo/history/delete") }},
	{"del", "DELETE /photo/$value", func(b *browser, path, _ string) *answer {
		return b.do(http.MethodDelete, path+"/photo/$value", nil, "X-CSRF-Token", b.token, "X-Reason", "T-1")
	}},
	{"remove", "POST /photo/remove", func(b *browser, path, _ string) *answer { return b.submit(path+"/photo/remove", "reason", "T-1") }},
}

func tinyJPEG(b *browser) []byte { return sample(b.t, "tiny.jpg") }

// stand is who stands before a photo, and what they get: one status for each of
// photoActs, then those for looking at, restoring and deleting, under the same
// address, a past photo that is another photo's.
type stand struct {
	who  string // a persona
	what string // says what the photo is to them
	path func(w *gridWorld) string
	want string
}

// gridWorld is a site with a photo in it that somebody is entitled to.
type gridWorld struct {
	*testSite
	t        *testing.T
	browsers map[string]*browser // by persona
	key      directory.PhotoKey  // of the photo
	others   string              // an id of another photo's history
}

// photoGrid has every path form. The last stand of each is who is entitled: what
// they do is done before everybody else comes, too.
var photoGrid = []struct {
	subject string // as in the route table
	key     func(w *gridWorld) directory.PhotoKey
	stands  []stand
}{
	{"/me", func(w *gridWorld) directory.PhotoKey { return directory.UserPhoto(w.tenant.ID(), w.person("employee")) }, []stand{
		{"owner", "somebody else's draft and history", func(*gridWorld) string { return "/me" }, "200 200 200 404 404 200 404 404  200 303 303 303 404 303 204 303  404 404 404"},
		{"guest", "a guest's own", func(*gridWorld) string { return "/me" }, "200 403 403 404 404 200 404 403  403 403 404 303 404 303 403 403  404 403 404"},
		{"helpdesk", "the helpdesk's own", func(*gridWorld) string { return "/me" }, "200 200 200 404 404 200 404 404  200 303 303 303 404 303 204 303  404 404 404"},
		{"employee", "their own", func(*gridWorld) string { return "/me" }, "200 200 200 200 200 200 200 303  200 303 303 303 303 303 204 303  404 404 404"},
	}},
	{"/me/contacts/:contact", contactKey(persona("owner"), "Contacts"), []stand{
		{"employee", "another mailbox's", contactAt("/me/contacts/%[1]s", persona("owner"), "Contacts"), "404 404 404 404 404 404 404 404  404 404 404 303 404 303 405 405  404 404 404"},
		{"helpdesk", "another mailbox's", contactAt("/me/contacts/%[1]s", persona("owner"), "Contacts"), "404 404 404 404 404 404 404 404  404 404 404 303 404 303 405 405  404 404 404"},
		{"owner", "their own", contactAt("/me/contacts/%[1]s", persona("owner"), "Contacts"), "200 200 200 200 200 200 200 303  200 303 303 303 303 303 405 405  404 404 404"},
	}},
	{"/me/contactfolders/:folder/contacts/:contact", contactKey(persona("owner"), "Hangar"), []stand{
		{"employee", "another mailbox's", contactAt("/me/contactfolders/%[2]s/contacts/%[1]s", persona("owner"), "Hangar"), "404 404 404 404 404 404 404 404  404 404 404 303 404 303 405 405  404 404 404"},
		{"helpdesk", "another mailbox's", contactAt("/me/contactfolders/%[2]s/contacts/%[1]s", persona("owner"), "Hangar"), "404 404 404 404 404 404 404 404  404 404 404 303 404 303 405 405  404 404 404"},
		{"owner", "their own", contactAt("/me/contactfolders/%[2]s/contacts/%[1]s", persona("owner"), "Hangar"), "200 200 200 200 200 200 200 303  200 303 303 303 303 303 405 405  404 404 404"},
	}},
	{"/groups/:group", func(w *gridWorld) directory.PhotoKey {
		return directory.GroupPhoto(w.tenant.ID(), w.group("Crew Choir").ID)
	}, []stand{
		{"employee", "others own it", at("/groups/%s", groupOf("Crew Choir")), "200 200 200 404 404 403 403 403  403 403 403 303 403 403 403 403  403 403 403"},
		{"helpdesk", "others own it", at("/groups/%s", groupOf("Crew Choir")), "200 200 200 404 404 403 403 403  403 403 403 303 403 403 403 403  403 403 403"},
		{"owner", "others own it", at("/groups/%s", groupOf("Galley Recipes")), "200 200 200 404 404 403 403 403  403 403 403 303 403 403 403 403  403 403 403"},
		{"owner", "there is no such group", at("/groups/%s", nobodys), "404 404 404 404 404 404 404 404  404 404 404 303 404 404 404 404  404 404 404"},
		{"owner", "they own it", at("/groups/%s", groupOf("Crew Choir")), "200 200 200 200 200 200 200 303  200 303 303 303 303 303 204 303  404 404 404"},
	}},
	{"/teams/:team", func(w *gridWorld) directory.PhotoKey {
		return directory.GroupPhoto(w.tenant.ID(), w.group("Crew Planning").ID)
	}, []stand{
		{"employee", "others own it", at("/teams/%s", groupOf("Crew Planning")), "200 200 200 404 404 403 403 403  403 403 403 303 403 403 405 405  403 403 403"},
		{"helpdesk", "others own it", at("/teams/%s", groupOf("Crew Planning")), "200 200 200 404 404 403 403 403  403 403 403 303 403 403 405 405  403 403 403"},
		{"owner", "others own it", at("/teams/%s", groupOf("Hangar Two")), "200 200 200 404 404 403 403 403  403 403 403 303 403 403 405 405  403 403 403"},
		{"owner", "there is no such team", at("/teams/%s", nobodys), "404 404 404 404 404 404 404 404  404 404 404 303 404 404 405 405  404 404 404"},
		{"owner", "they own it", at("/teams/%s", groupOf("Crew Planning")), "200 200 200 200 200 200 200 303  200 303 303 303 303 303 405 405  404 404 404"},
	}},
	{"/users/:user", func(w *gridWorld) directory.PhotoKey { return directory.UserPhoto(w.tenant.ID(), w.person("employee")) }, []stand{
		{"owner", "somebody else", at("/users/%s", persona("employee")), "403 403 403 403 403 403 403 403  403 403 403 403 403 403 403 403  403 403 403"},
		{"employee", "themselves by their id", at("/users/%s", persona("employee")), "403 403 403 403 403 403 403 403  403 403 403 403 403 403 403 403  403 403 403"},
		{"employee", "nobody", at("/users/%s", nobodys), "403 403 403 403 403 403 403 403  403 403 403 403 403 403 403 403  403 403 403"},
		{"guest", "somebody else", at("/users/%s", persona("employee")), "403 403 403 403 403 403 403 403  403 403 403 403 403 403 403 403  403 403 403"},
		{"helpdesk", "an administrator", at("/users/%s", named("anders.holm")), "200 200 200 404 404 200 422 403  403 403 404 303 403 403 403 403  422 403 403"},
		{"helpdesk", "a guest", at("/users/%s", persona("guest")), "200 403 403 404 404 200 422 403  403 403 404 303 403 403 403 403  422 403 403"},
		{"helpdesk", "nobody", at("/users/%s", nobodys), "404 404 404 404 404 404 422 404  404 404 404 303 403 403 404 404  422 404 403"},
		{"helpdesk", "somebody of another tenant", at("/users/%s", persona("foreign")), "404 404 404 404 404 404 422 404  404 404 404 303 403 403 404 404  422 404 403"},
		{"helpdesk", "themselves", at("/users/%s", persona("helpdesk")), "200 200 200 404 404 200 422 404  200 303 303 303 403 403 204 303  422 404 403"},
		{"helpdesk", "an employee", at("/users/%s", persona("employee")), "200 200 200 200 200 200 422 303  200 303 303 303 403 403 204 303  422 404 403"},
	}},
	{"/users/:user/contacts/:contact", contactKey(named("crewdesk"), "Contacts"), []stand{
		{"employee", "a mailbox that isn't shared with them", contactAt("/users/%[3]s/contacts/%[1]s", named("crewdesk"), "Contacts"), "403 403 403 404 404 403 403 403  403 403 403 303 403 403 405 405  403 403 403"},
		{"owner", "their own mailbox", contactAt("/users/%[3]s/contacts/%[1]s", persona("owner"), "Contacts"), "200 200 200 404 404 200 404 404  200 303 303 303 404 303 405 405  404 404 404"},
		{"owner", "a mailbox that is shared with them", contactAt("/users/%[3]s/contacts/%[1]s", named("crewdesk"), "Contacts"), "200 200 200 404 404 403 403 403  200 303 303 303 403 403 405 405  403 403 403"},
		{"helpdesk", "nobody's mailbox", at("/users/%s/contacts/AAMk", nobodys), "404 404 404 404 404 403 403 403  404 404 404 303 403 403 405 405  403 403 403"},
		{"helpdesk", "any mailbox", contactAt("/users/%[3]s/contacts/%[1]s", named("crewdesk"), "Contacts"), "200 200 200 200 200 403 403 403  200 303 303 303 403 403 405 405  403 403 403"},
	}},
	{"/users/:user/contactfolders/:folder/contacts/:contact", contactKey(named("crewdesk"), "Hotels"), []stand{
		{"employee", "a mailbox that isn't shared with them", contactAt("/users/%[3]s/contactfolders/%[2]s/contacts/%[1]s", named("crewdesk"), "Hotels"), "404 404 404 404 404 403 403 403  404 404 404 303 403 403 405 405  403 403 403"},
		{"owner", "their own mailbox", contactAt("/users/%[3]s/contactfolders/%[2]s/contacts/%[1]s", persona("owner"), "Hangar"), "200 200 200 404 404 200 404 404  200 303 303 303 404 303 405 405  404 404 404"},
		{"owner", "a mailbox that is shared with them", contactAt("/users/%[3]s/contactfolders/%[2]s/contacts/%[1]s", named("crewdesk"), "Hotels"), "200 404 404 404 404 403 403 403  200 303 303 303 403 403 405 405  403 403 403"},
		{"helpdesk", "nobody's mailbox", at("/users/%s/contactfolders/AQMk/contacts/AAMk", nobodys), "404 404 404 404 404 403 403 403  404 404 404 303 403 403 405 405  403 403 403"},
		{"helpdesk", "any mailbox", contactAt("/users/%[3]s/contactfolders/%[2]s/contacts/%[1]s", named("crewdesk"), "Hotels"), "200 200 200 200 200 403 403 403  200 303 303 303 403 403 405 405  403 403 403"},
	}},
}

// at returns the path of something that the site has.
func at(path string, id func(w *gridWorld) directory.ID) func(w *gridWorld) string {
	return func(w *gridWorld) string { return fmt.Sprintf(path, id(w)) }
}

func persona(key string) func(w *gridWorld) directory.ID {
	return func(w *gridWorld) directory.ID { return w.person(key) }
}

func named(name string) func(w *gridWorld) directory.ID {
	return func(w *gridWorld) directory.ID { return w.user(name) }
}

func groupOf(name string) func(w *gridWorld) directory.ID {
	return func(w *gridWorld) directory.ID { return w.group(name).ID }
}

func nobodys(*gridWorld) directory.ID { return "00000000-0000-4000-8000-00000000dead" }

// contactAt returns the path of the first contact in a folder of a mailbox, as
// under has it: %[1]s is the contact, %[2]s the folder, %[3]s the mailbox.
func contactAt(under string, mailbox func(w *gridWorld) directory.ID, folder string) func(w *gridWorld) string {
	return func(w *gridWorld) string {
		box := mailbox(w)
		return fmt.Sprintf(under, w.contactIn(box, folder).ID, w.folder(box, folder).ID, box)
	}
}

func contactKey(mailbox func(w *gridWorld) directory.ID, folder string) func(w *gridWorld) directory.PhotoKey {
	return func(w *gridWorld) directory.PhotoKey {
		return directory.ContactPhoto(w.tenant.ID(), mailbox(w), w.contactIn(mailbox(w), folder).ID)
	}
}

// TestSecurityPhotoGrid makes every request that a photo has, at every path form,
// as everybody, to what is theirs and to what isn't: each answer is one of the
// numbers above. Who gets no 2xx for a change has changed nothing, and whoever
// isn't of the helpdesk is never served with Portrait's own identity.
func TestSecurityPhotoGrid(t *testing.T) {
	for _, form := range photoGrid {
		t.Run(strings.ReplaceAll(form.subject[1:], "/", " "), func(t *testing.T) {
			t.Parallel()
			w := &gridWorld{testSite: newSite(t), t: t, browsers: map[string]*browser{}}
			w.key = form.key(w)
			last := form.stands[len(form.stands)-1]
			w.prepare(last)
			pasts, err := w.db.Pasts(t.Context(), w.key)
			if err != nil {
				t.Fatal(err)
			}
			strangers := slices.IndexFunc(form.stands, func(st stand) bool { // /me is everybody's own
				return form.subject != "/me" && st.path(w) == last.path(w) && strings.Fields(st.want)[8] == "200"
			})
			for i, st := range form.stands {
				if i == strangers || i == len(form.stands)-1 && strangers < 0 {
					w.untouched(last, len(pasts)+i) // each of them was given an id to try
				}
				w.try(st, form.subject)
			}
		})
	}
}

// as returns the browser of a persona who has allowed everything.
func (w *gridWorld) as(who string) *browser {
	w.t.Helper()
	if w.browsers[who] == nil {
		w.browsers[who] = w.signedInFor(who, auth.ForGroups, auth.ForTeams, auth.ForContacts, auth.ForShared).stay()
	}
	return w.browsers[who]
}

// prepare leaves a change of the entitled person's that waits, a past photo, and
// one of somebody else's.
func (w *gridWorld) prepare(entitled stand) {
	w.t.Helper()
	b, path := w.as(entitled.who), entitled.path(w)
	w.tenant.Set(demo.Weather{Graph: []demo.Answer{{Method: http.MethodPut, Status: http.StatusServiceUnavailable, Header: http.Header{"Retry-After": {"90"}}}}, ReadDelay: -1})
	if a := b.putAt(path, tinyJPEG(b), "X-Reason", "T-0"); a.status != http.StatusAccepted {
		w.t.Fatalf("preparing: %d %s", a.status, a.body)
	}
	w.tenant.Set(demo.Weather{ReadDelay: -1})
	w.others = w.addPast(directory.UserPhoto(w.tenant.ID(), w.person("no-photo")))
}

// addPast gives a photo one more past, and returns its id.
func (w *gridWorld) addPast(key directory.PhotoKey) (id string) {
	w.t.Helper()
	err := w.db.Tx(w.t.Context(), func(tx *store.Tx) (err error) {
		id, _, err = tx.AddPast(w.t.Context(), store.Past{Photo: key, Person: "x", ETag: rand.Text(), Picture: sample(w.t, "tiny.jpg"), Replaced: time.Now()})
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return id
}

// try sends everything as st and compares the answers.
func (w *gridWorld) try(st stand, subject string) {
	w.t.Helper()
	b, path, own := w.as(st.who), st.path(w), w.addPast(w.key)
	n := w.asked()
	var got []string
	for _, act := range photoActs {
		got = append(got, fmt.Sprint(act.send(b, path, own).status))
	}
	for _, name := range []string{"past", "back", "forget"} {
		i := slices.IndexFunc(photoActs, func(a photoAct) bool { return a.name == name })
		got = append(got, fmt.Sprint(photoActs[i].send(b, path, w.others).status))
	}
	if diff := cmp.Diff(strings.Fields(st.want), got); diff != "" {
		w.t.Errorf("%s before %s, %s: (-want +got)\n%s\n%s", st.who, subject, st.what, diff, strings.Join(got, " "))
	}
	for _, r := range w.since(n) {
		if r.TokenKind == "app" && st.who != "helpdesk" || r.TokenKind == "delegated" && r.Who != w.person(st.who) {
			w.t.Errorf("%s before %s, %s: %s %s with the token %q of %s", st.who, subject, st.what, r.Method, r.Path, r.TokenKind, r.Who)
		}
		if r.Method != http.MethodGet && r.Status < 300 && !strings.HasSuffix(r.Path, "/$batch") && strings.HasPrefix(got[8], "4") {
			w.t.Errorf("%s before %s, %s: %s %s was done", st.who, subject, st.what, r.Method, r.Path)
		}
	}
}

// untouched fails unless everything that prepare left is still there.
func (w *gridWorld) untouched(entitled stand, pasts int) {
	w.t.Helper()
	left, err := w.db.Pasts(w.t.Context(), w.key)
	if err != nil || len(left) != pasts {
		w.t.Errorf("others have left %d past photos of %d, %v", len(left), pasts, err)
	}
	d, err := w.db.NewestDraft(w.t.Context(), w.tenant.ID(), w.person(entitled.who), w.key, time.Time{})
	if err != nil || d.State != "waiting" {
		w.t.Errorf("others have left the change that waits as %q, %v", d.State, err)
	}
}
