package demo

import (
	"crypto/sha512"
	"encoding/base64"
	"slices"
	"strings"
	"unicode"

	"portrait/internal/directory"
)

// mailbox is what Outlook keeps for a person. It doesn't change; state puts
// another in its place.
type mailbox struct {
	owner     directory.ID
	delegates []directory.ID // who may see and change all of it
	folders   []*folder
	contacts  []*contact
	filled    int // synthetic contacts after those, in the default folder
}

// folder is a contact folder. The default one isn't among a mailbox's folders.
type folder struct {
	directory.Folder
	shared []directory.ID // with whom the folder alone is shared
}

// contact is a contact. Its ID changes when it is moved; the immutable one
// stays.
type contact struct {
	directory.Contact
	immutable directory.ID
	seed      uint64 // of the drawn portrait, 0 = begins without a photo
}

// outlookID returns an id as Outlook makes them: base64 in the URL alphabet,
// in which - _ and = stand and case counts.
func outlookID(prefix string, of ...string) directory.ID {
	sum := sha512.Sum512([]byte(strings.Join(of, "\x00")))
	// The two bytes make sure of a - and a _, the length of an = at the end.
	raw := append([]byte{0xfb, 0xef, 0xff, 0xfe}, sum[:58]...)
	return directory.ID(prefix + base64.URLEncoding.EncodeToString(raw))
}

// defaultFolder returns the id of the folder that contacts are in unless they
// were put elsewhere.
func (b *mailbox) defaultFolder() directory.ID { return outlookID("AQMk", string(b.owner), "Contacts") }

// folder returns the folder with the id, the default one included, or nil.
func (b *mailbox) folder(id directory.ID) *folder {
	if id == b.defaultFolder() {
		return &folder{Folder: directory.Folder{ID: id, Name: "Contacts"}}
	}
	if i := slices.IndexFunc(b.folders, func(f *folder) bool { return f.ID == id }); i >= 0 {
		return b.folders[i]
	}
	return nil
}

// contact returns the contact with the id of either kind, or nil.
func (b *mailbox) contact(id directory.ID) *contact {
	if i := slices.IndexFunc(b.contacts, func(c *contact) bool { return c.ID == id || c.immutable == id }); i >= 0 {
		return b.contacts[i]
	}
	return b.filledContact(id)
}

// in returns how many contacts are in the folder, and the one at i.
func (b *mailbox) in(folder directory.ID) (n int, at func(int) *contact) {
	var own []*contact
	for _, c := range b.contacts {
		if c.Folder == folder {
			own = append(own, c)
		}
	}
	n = len(own)
	if folder == b.defaultFolder() {
		n += b.filled
	}
	return n, func(i int) *contact {
		if i < len(own) {
			return own[i]
		}
		return b.contactAt(i - len(own))
	}
}

// add puts n invented contacts into a folder.
func (b *mailbox) add(folder directory.ID, n int) {
	firms := strings.Split("Northgate Catering|Polar Fuels|Jetbridge Systems|Cumulus Linen|Aerodrome Tools|Halo Insurance|Tern & Swift|Meridian Ground", "|")
	jobs := strings.Split("Account Manager|Duty Manager|Sales Engineer|Dispatcher|Quality Lead|Planner|Driver", "|")
	for range n {
		k := len(b.contacts)
		given, family, seed := nameAt(300+k, uint64(400+k))
		firm := firms[k%len(firms)]
		host := strings.ReplaceAll(bareLetters(strings.ReplaceAll(firm, "&", "and")), " ", "-") + ".example"
		c := b.put(folder, directory.Contact{
			DisplayName: given + " " + family, Mail: transliterate(given) + "." + transliterate(family) + "@" + host,
			JobTitle: jobs[k%len(jobs)], Company: firm,
		}, string(b.owner))
		if k%3 != 2 {
			c.seed = seed
		}
	}
}

// put adds c, whose ids are made from whom and its name.
func (b *mailbox) put(folder directory.ID, c directory.Contact, whom string) *contact {
	c.ID, c.Folder = outlookID("AAMk", whom, c.DisplayName, c.Mail), folder
	added := &contact{Contact: c, immutable: outlookID("AAkA", whom, c.DisplayName, c.Mail)}
	b.contacts = append(b.contacts, added)
	return added
}

// newFolder adds a folder below parent, "" for the top.
func (b *mailbox) newFolder(name string, parent directory.ID) *folder {
	f := &folder{Folder: directory.Folder{ID: outlookID("AQMk", string(b.owner), name), Name: name, Parent: parent}}
	b.folders = append(b.folders, f)
	return f
}

// newMailboxes returns the mailboxes that have something in them.
func newMailboxes(people []*person) map[directory.ID]*mailbox {
	index := indexOf(people)
	id := func(upn string) directory.ID { return index[upn+homeDomain].ID }
	employee, owner := id("maya.lindqvist"), id("fatima.elidrissi")
	// One contact under the same ids in two mailboxes.
	twin := directory.Contact{DisplayName: "Jetbridge Hotline", Mail: "hotline@jetbridge-systems.example", Company: "Jetbridge Systems"}

	own := &mailbox{owner: owner}
	own.add(own.defaultFolder(), 26)
	own.put(own.defaultFolder(), twin, "").seed = 501
	own.put(own.defaultFolder(), directory.Contact{DisplayName: "Zürich Tower", Mail: "tower@zurich.example"}, string(owner))
	// Two whose ids differ in the case of one letter alone.
	lower := own.put(own.defaultFolder(), directory.Contact{DisplayName: "Ada Voss", Mail: "ada.voss@tern-and-swift.example"}, string(owner))
	upper := own.put(own.defaultFolder(), directory.Contact{DisplayName: "Ade Voss", Mail: "ade.voss@tern-and-swift.example"}, string(owner))
	lower.seed = 502
	upper.ID, upper.immutable = flipCase(lower.ID), flipCase(lower.immutable)
	suppliers := own.newFolder("Suppliers", own.defaultFolder())
	suppliers.shared = []directory.ID{employee}
	own.add(suppliers.ID, 12)
	own.add(own.newFolder("Hangar", suppliers.ID).ID, 6)

	desk := &mailbox{owner: id("crewdesk"), delegates: []directory.ID{owner}}
	desk.add(desk.defaultFolder(), 34)
	desk.put(desk.defaultFolder(), twin, "").seed = 503
	desk.add(desk.newFolder("Hotels", desk.defaultFolder()).ID, 9)

	few := &mailbox{owner: employee}
	few.add(few.defaultFolder(), 5)
	return map[directory.ID]*mailbox{own.owner: own, desk.owner: desk, few.owner: few}
}

// flipCase changes the case of the last letter of id.
func flipCase(id directory.ID) directory.ID {
	r := []rune(id)
	for i, c := range slices.Backward(r) {
		switch {
		case unicode.IsUpper(c):
			r[i] = unicode.ToLower(c)
		case unicode.IsLower(c):
			r[i] = unicode.ToUpper(c)
		default:
			continue
		}
		break
	}
	return directory.ID(r)
}

// Contacts returns the contacts in the mailbox of user, without the rows of
// Fill. With immutable their ids are those that Graph gives where it is asked
// for immutable ones.
func (t *Tenant) Contacts(user directory.ID, immutable bool) []directory.Contact {
	p := t.byID(user)
	if p == nil || t.box(p) == nil {
		return nil
	}
	var all []directory.Contact
	for _, c := range t.box(p).contacts {
		all = append(all, c.as(immutable))
	}
	return all
}

// as returns c with the one id or the other.
func (c *contact) as(immutable bool) directory.Contact {
	out := c.Contact
	if immutable {
		out.ID = c.immutable
	}
	return out
}

// Folders returns the contact folders of user, the default one first.
func (t *Tenant) Folders(user directory.ID) []directory.Folder {
	p := t.byID(user)
	if p == nil || t.box(p) == nil {
		return nil
	}
	b := t.box(p)
	all := []directory.Folder{b.folder(b.defaultFolder()).Folder}
	for _, f := range b.folders {
		all = append(all, f.Folder)
	}
	return all
}

// MoveContact puts a contact of user into a folder, which gives it another id.
// The immutable one stays.
func (t *Tenant) MoveContact(user, id, folder directory.ID) {
	t.changeBox(user, func(b *mailbox) {
		b.contacts = slices.Clone(b.contacts)
		for i, c := range b.contacts {
			if c.ID == id || c.immutable == id {
				moved := *c
				moved.Folder, moved.ID = folder, outlookID("AAMk", string(c.ID), string(folder))
				b.contacts[i] = &moved
			}
		}
	})
}

// SetDelegates makes people, by object id, those who may use the mailbox of user.
func (t *Tenant) SetDelegates(user directory.ID, people ...directory.ID) {
	t.changeBox(user, func(b *mailbox) { b.delegates = slices.Clone(people) })
}

// changeBox puts a changed copy in the place of the mailbox of user.
func (t *Tenant) changeBox(user directory.ID, change func(*mailbox)) {
	p := t.byID(user)
	if p == nil || t.box(p) == nil {
		return
	}
	changed := *t.box(p)
	change(&changed)
	t.state.mu.Lock()
	defer t.state.mu.Unlock()
	t.state.boxes[p.ID] = &changed
}
