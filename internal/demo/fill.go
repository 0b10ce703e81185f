package demo

import (
	"fmt"
	"strconv"
	"strings"

	"portrait/internal/directory"
)

// filled says how many synthetic rows there are. They are made when they are
// asked for and kept nowhere, so 100,000 people take no memory.
type filled struct{ groups, people int }

// What ids of synthetic rows begin with; the number of the row follows.
const (
	filledPersonID  = "f1117e0a-0000-4000-8000-"
	filledGroupID   = "f1117e09-0000-4000-8000-"
	filledContactID = "AAMkF1ll-_"
	filledImmutable = "AAkAF1ll-_"
)

// Fill adds synthetic rows in place of those that it added before: Unified
// groups that the owner persona owns, contacts in that persona's default
// folder, and people without a photo or with one of a few. They can be read
// like others, and their photos be changed.
func (t *Tenant) Fill(groups, contacts, people int) {
	t.state.mu.Lock()
	t.state.filled = filled{groups, people}
	t.state.mu.Unlock()
	t.changeBox(t.byPersona("owner").ID, func(b *mailbox) { b.filled = contacts })
}

// twelve writes i with twelve digits.
func twelve(i int) string {
	digits := strconv.Itoa(i)
	return "000000000000"[:12-len(digits)] + digits
}

// number returns the row number in an id that begins with prefix, or -1 if it
// isn't below n.
func number(id, prefix string, n int) int {
	digits, ok := strings.CutPrefix(id, prefix)
	i, err := strconv.Atoi(digits)
	if !ok || err != nil || i < 0 || i >= n || id != prefix+twelve(i) {
		return -1
	}
	return i
}

// filledPerson returns the synthetic person with the object id or
// userPrincipalName, both lower case, or nil.
func (t *Tenant) filledPerson(key string) *person {
	t.state.mu.RLock()
	n := t.state.filled.people
	t.state.mu.RUnlock()
	i := number(key, filledPersonID, n)
	if rest, ok := strings.CutSuffix(key, homeDomain); ok {
		digits, _ := strings.CutPrefix(rest, "staff.")
		i = number(filledPersonID+digits, filledPersonID, n)
	}
	if i < 0 {
		return nil
	}
	return personAt(i)
}

// personAt returns the synthetic person with the number.
func personAt(i int) *person {
	given := []string{"Alex", "Robin", "Kim", "Jamie", "Noa", "Sasha", "Ari", "Mika", "Toni", "Luca"}
	family := []string{"Field", "Marsh", "Brook", "Stone", "Reed", "Lane", "Cliff", "Vale", "Ford", "Glen", "Heath"}
	title, department, _ := strings.Cut(posts[i%len(posts)], "|")
	upn := "staff." + twelve(i) + homeDomain
	return &person{
		account: withMailbox, tenant: tenantID, bare: i%4 == 0, seed: uint64(i),
		Person: directory.Person{
			ID: directory.ID(filledPersonID + twelve(i)), UPN: upn, Mail: upn, JobTitle: title, Department: department,
			DisplayName: given[i%len(given)] + " " + family[i/len(given)%len(family)] + " " + strconv.Itoa(i), EmployeeID: "F" + strconv.Itoa(i),
		},
	}
}

// group returns the synthetic group with the id, or nil.
func (f filled) group(id string, owner *person) *group {
	if i := number(id, filledGroupID, f.groups); i >= 0 {
		return groupAt(i, owner)
	}
	return nil
}

// groupAt returns the synthetic group with the number.
func groupAt(i int, owner *person) *group {
	g := &group{
		owners: []directory.ID{owner.ID},
		Group: directory.Group{
			ID:          directory.ID(filledGroupID + twelve(i)),
			DisplayName: fmt.Sprintf("Rotation %04d", i), Mail: "rotation." + strconv.Itoa(i) + homeDomain,
			Unified: true, Team: i%5 == 0, Visibility: "Private",
		},
	}
	if i%3 != 0 {
		g.logo = 1 + i%fewPortraits
	}
	return g
}

// filledContact returns the synthetic contact with the id of either kind, or nil.
func (b *mailbox) filledContact(id directory.ID) *contact {
	i := max(number(string(id), filledContactID, b.filled), number(string(id), filledImmutable, b.filled))
	if i < 0 {
		return nil
	}
	return b.contactAt(i)
}

// contactAt returns the synthetic contact with the number.
func (b *mailbox) contactAt(i int) *contact {
	c := &contact{
		immutable: directory.ID(filledImmutable + twelve(i)),
		Contact: directory.Contact{
			ID:          directory.ID(filledContactID + twelve(i)),
			DisplayName: fmt.Sprintf("Supplier %05d", i), Mail: fmt.Sprintf("supplier.%d@stock.example", i), Folder: b.defaultFolder(),
		},
	}
	if i%2 == 0 {
		c.seed = uint64(1 + i%fewPortraits)
	}
	return c
}
