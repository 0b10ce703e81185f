package demo

import (
	"fmt"
	"strings"

	"github.com/google/uuid"

	"portrait/internal/directory"
)

const (
	tenantID      directory.ID = "5c1f0e3a-8d42-4b7e-9f16-2a7d3b90c6e1"
	otherTenantID directory.ID = "e94b7d20-1f6c-4a35-b8d1-60c2a7f3154e"
	tenantName                 = "Skylark Air"
	homeDomain                 = "@skylark.example"
)

// crowd is how many people are in the directory.
const crowd = 260

// account says what a person has at Microsoft, which decides what Graph does
// with their photo.
type account int

const (
	withMailbox    account = iota // the usual case: nine sizes, up to 4 MB
	withoutMailbox                // photo kept in Entra ID: at most 100,000 bytes, any dimension
	onPremises                    // synchronised, mailbox on a server of their own: no change through Graph
	sharedMailbox                 // a mailbox without a person: works as people's do
	bookings                      // the mailbox of a Bookings page: Graph fails on its photo
	guest                         // invited from elsewhere: may not change a photo here
	personal                      // a consumer account: has no photo that Graph manages
	foreign                       // from another organisation's tenant
)

// person is a row of the directory. It doesn't change.
type person struct {
	directory.Person
	persona string // key under which one can sign in, "" for those who only stand in the list
	account account
	tenant  directory.ID // tid in the ID token
	seed    uint64       // of the drawn portrait
	bare    bool         // begins without a photo
	roles   []string     // app roles at the start
	admin   []DirectoryRole
}

// hasMailbox reports whether p has a mailbox in Exchange Online, and so
// contacts.
func (p *person) hasMailbox() bool { return p.account == withMailbox || p.account == sharedMailbox }

// isHere reports whether p is in this tenant's directory.
func (p *person) isHere() bool { return p.tenant == tenantID }

// Persona is somebody as whom one can sign in.
type Persona struct {
	Key        string // "employee", "owner", "helpdesk", "no-photo", "no-mailbox", "guest", "personal" or "foreign"
	Name       string
	Title      string       // job title
	Department string       // may be empty
	ID         directory.ID // object id: the oid in the ID token, the id in Graph
	Tenant     directory.ID // the tid in the ID token
	UPN        string       // userPrincipalName: the preferred_username in the ID token
}

// Personas returns those as whom one can sign in; the first is the employee,
// the usual case.
func (t *Tenant) Personas() []Persona {
	var all []Persona
	for _, p := range t.people {
		if p.persona != "" {
			all = append(all, Persona{p.persona, p.DisplayName, p.JobTitle, p.Department, p.ID, p.tenant, p.UPN})
		}
	}
	return all
}

// People returns everybody in the directory, guests and mailboxes without a
// person included, but not the rows of Fill.
func (t *Tenant) People() []directory.Person {
	var all []directory.Person
	for _, p := range t.people {
		if p.isHere() {
			all = append(all, p.Person)
		}
	}
	return all
}

// newPerson completes p, whose persona and account are set. The id always is
// the same for the same userPrincipalName.
func newPerson(p person, name, upn, title, department string) *person {
	if p.tenant == "" {
		p.tenant = tenantID
	}
	p.Person = directory.Person{
		ID: idOf(upn), DisplayName: name, UPN: upn, Mail: upn, JobTitle: title, Department: department,
		Guest: p.account == guest, OnPremises: p.account == onPremises,
	}
	if p.account == withoutMailbox {
		p.Mail = ""
	}
	return &p
}

// idOf returns the object id that belongs to name.
func idOf(name string) directory.ID {
	return directory.ID(uuid.NewSHA1(uuid.MustParse(string(tenantID)), []byte(name)).String())
}

// newPeople returns the directory. Every name in it is invented.
func newPeople() []*person {
	named := func(p person, name, upn, title, department string) *person {
		return newPerson(p, name, upn+homeDomain, title, department)
	}
	all := []*person{
		named(person{persona: "employee", seed: 26}, "Maya Lindqvist", "maya.lindqvist", "Flight Planner", "Operations"),
		named(person{persona: "owner", seed: 38}, "Fatima El Idrissi", "fatima.elidrissi", "Crew Scheduler", "Operations"),
		named(person{persona: "helpdesk", seed: 51, roles: []string{"Helpdesk"}}, "Petr Kovář", "petr.kovar", "Service Desk Analyst", "Technology"),
		named(person{persona: "no-photo", bare: true, seed: 42}, "Tomás Herrera", "tomas.herrera", "Structural Engineer", "Engineering"),
		named(person{persona: "no-mailbox", account: withoutMailbox, seed: 47}, "Kwame Boateng", "kwame.boateng", "Ramp Supervisor", "Ground Services"),
		named(person{persona: "guest", account: guest, seed: 6}, "Yuki Tanabe", "yuki.tanabe_harbour.example#EXT#", "Consultant", ""),
		newPerson(person{persona: "personal", account: personal, tenant: directory.PersonalTenant, seed: 44}, "Sam Okafor", "sam.okafor@postbox.example", "", ""),
		newPerson(person{persona: "foreign", account: foreign, tenant: otherTenantID, seed: 17}, "Inès Moreau", "ines.moreau@meridian.example", "Route Analyst", ""),
		named(person{seed: 7}, "Priya Raman", "priya.raman", "Network Lead", "Technology"),
		named(person{seed: 33}, "Omar Haddad", "omar.haddad", "First Officer", "Flight Deck"),
		named(person{seed: 34}, "陈思雨", "chen.siyu", "Cabin Manager", "Cabin"),
		named(person{seed: 22}, "Aroha Ngata", "aroha.ngata", "Captain", "Flight Deck"),
		named(person{seed: 27}, "Jonas Eriksen", "jonas.eriksen", "Meteorologist", "Operations"),
		named(person{bare: true, seed: 2}, "Diego Quispe", "diego.quispe", "Apprentice Mechanic", "Engineering"),
		named(person{seed: 11}, "Amara Nwosu", "amara.nwosu", "Head of Safety", "Safety"),
		named(person{seed: 12}, "Viktor Dvořák", "viktor.dvorak", "Chief Mechanic", "Engineering"),
		named(person{seed: 43}, "Leila Farahani", "leila.farahani", "Data Scientist", "Technology"),
		named(person{seed: 24}, "Ruth Goldberg", "ruth.goldberg", "General Counsel", "Legal"),
		named(person{bare: true, seed: 41}, "Nia Mbeki", "nia.mbeki", "Trainer", "People"),
		named(person{seed: 63}, "Jörg Müller", "joerg.mueller", "Avionics Technician", "Engineering"),
		named(person{bare: true, seed: 53}, "Jana Müller", "jana.mueller", "Purchasing Agent", "Finance"),
		named(person{seed: 65, admin: []DirectoryRole{globalAdmin}}, "Anders Holm", "anders.holm", "Identity Engineer", "Technology"),
		named(person{account: sharedMailbox, bare: true}, "Crew Desk", "crewdesk", "", "Operations"),
		named(person{account: bookings, bare: true}, "Lounge Appointments", "lounge", "", "Ground Services"),
		named(person{account: onPremises, seed: 55}, "Bruno Castellani", "bruno.castellani", "Hangar Clerk", "Engineering"),
	}
	all = append(all, newCrowd(crowd-len(all)+2)...) // the personal and the foreign account aren't in the directory
	for i, p := range all {
		if p.isHere() && p.account != guest && p.account != sharedMailbox && p.account != bookings {
			p.EmployeeID = fmt.Sprintf("SK%04d", 1000+7*i)
		}
	}
	return all
}

// indexOf returns people by object id and userPrincipalName, both lower case.
func indexOf(people []*person) map[string]*person {
	index := make(map[string]*person, 2*len(people))
	for _, p := range people {
		index[string(p.ID)] = p
		index[strings.ToLower(p.UPN)] = p
	}
	return index
}

// byID returns the person with the object id or userPrincipalName, compared
// without case, or nil.
func (t *Tenant) byID(id directory.ID) *person {
	key := strings.ToLower(string(id))
	if p := t.index[key]; p != nil {
		return p
	}
	return t.filledPerson(key)
}

// byPersona returns the person who is the persona, or nil.
func (t *Tenant) byPersona(key string) *person {
	for _, p := range t.people {
		if key != "" && p.persona == key {
			return p
		}
	}
	return nil
}

// byHint returns the person whom a login_hint means: the claim of that name or
// a userPrincipalName. It returns nil if there is none.
func (t *Tenant) byHint(hint string) *person {
	for _, p := range t.people {
		if hint != "" && p.persona != "" && (strings.EqualFold(p.UPN, hint) || p.loginHint() == hint) {
			return p
		}
	}
	return nil
}

// loginHint is the opaque login_hint claim of the ID token.
func (p *person) loginHint() string {
	return "O." + uuid.NewSHA1(uuid.MustParse(string(p.ID)), []byte("login_hint")).String()
}
