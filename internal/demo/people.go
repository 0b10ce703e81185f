package demo

import (
	"strings"

	"github.com/google/uuid"

	"portrait/internal/directory"
)

const (
	tenantID      directory.ID = "5c1f0e3a-8d42-4b7e-9f16-2a7d3b90c6e1"
	otherTenantID directory.ID = "e94b7d20-1f6c-4a35-b8d1-60c2a7f3154e"
	tenantName                 = "Skylark Air"
)

// account says what a person has at Microsoft, which decides what Graph does
// with their photo.
type account int

const (
	withMailbox    account = iota // the usual case: nine sizes, up to 4 MB
	withoutMailbox                // photo kept in Entra ID: at most 100,000 bytes, any dimension
	guest                         // invited from elsewhere: may not change a photo here
	personal                      // a consumer account: has no photo that Graph manages
	foreign                       // from another organisation's tenant
)

// person is a row of the directory.
type person struct {
	directory.Person
	persona string // key under which one can sign in, "" for those who only stand in the list
	account account
	tenant  directory.ID // tid in the ID token
	seed    uint64       // of the drawn portrait
	bare    bool         // begins without a photo
}

// Persona is somebody as whom one can sign in.
type Persona struct {
	Key        string // "employee", "no-photo", "no-mailbox", "guest", "personal" or "foreign"
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

// newPeople returns the directory. Every name in it is invented.
func newPeople() []*person {
	const home = "@skylark.example"
	add := func(p person, name, upn, title, department string) *person {
		if p.tenant == "" {
			p.tenant = tenantID
		}
		p.Person = directory.Person{
			ID:          directory.ID(uuid.NewSHA1(uuid.MustParse(string(tenantID)), []byte(upn)).String()),
			DisplayName: name, UPN: upn, Mail: upn, JobTitle: title, Department: department,
			Guest: p.account == guest,
		}
		if p.account == withoutMailbox {
			p.Mail = ""
		}
		return &p
	}
	return []*person{
		add(person{persona: "employee", seed: 26}, "Maya Lindqvist", "maya.lindqvist"+home, "Flight Planner", "Operations"),
		add(person{persona: "no-photo", bare: true, seed: 42}, "Tomás Herrera", "tomas.herrera"+home, "Structural Engineer", "Engineering"),
		add(person{persona: "no-mailbox", account: withoutMailbox, seed: 47}, "Kwame Boateng", "kwame.boateng"+home, "Ramp Supervisor", "Ground Services"),
		add(person{persona: "guest", account: guest, seed: 6}, "Yuki Tanabe", "yuki.tanabe_harbour.example#EXT#"+home, "Consultant", ""),
		add(person{persona: "personal", account: personal, tenant: directory.PersonalTenant, seed: 44}, "Sam Okafor", "sam.okafor@postbox.example", "", ""),
		add(person{persona: "foreign", account: foreign, tenant: otherTenantID, seed: 17}, "Inès Moreau", "ines.moreau@meridian.example", "Route Analyst", ""),
		add(person{seed: 7}, "Priya Raman", "priya.raman"+home, "Network Lead", "Technology"),
		add(person{seed: 33}, "Omar Haddad", "omar.haddad"+home, "First Officer", "Flight Deck"),
		add(person{seed: 34}, "陈思雨", "chen.siyu"+home, "Cabin Manager", "Cabin"),
		add(person{seed: 22}, "Aroha Ngata", "aroha.ngata"+home, "Captain", "Flight Deck"),
		add(person{seed: 27}, "Jonas Eriksen", "jonas.eriksen"+home, "Meteorologist", "Operations"),
		add(person{seed: 38}, "Fatima El Idrissi", "fatima.elidrissi"+home, "Crew Scheduler", "Operations"),
		add(person{bare: true, seed: 2}, "Diego Quispe", "diego.quispe"+home, "Apprentice Mechanic", "Engineering"),
		add(person{seed: 11}, "Amara Nwosu", "amara.nwosu"+home, "Head of Safety", "Safety"),
		add(person{seed: 12}, "Viktor Dvořák", "viktor.dvorak"+home, "Chief Mechanic", "Engineering"),
		add(person{seed: 43}, "Leila Farahani", "leila.farahani"+home, "Data Scientist", "Technology"),
		add(person{seed: 24}, "Ruth Goldberg", "ruth.goldberg"+home, "General Counsel", "Legal"),
		add(person{bare: true, seed: 41}, "Nia Mbeki", "nia.mbeki"+home, "Trainer", "People"),
	}
}

// byID returns the person with the object id or userPrincipalName, compared
// without case, or nil.
func (t *Tenant) byID(id directory.ID) *person {
	for _, p := range t.people {
		if strings.EqualFold(string(p.ID), string(id)) || strings.EqualFold(p.UPN, string(id)) {
			return p
		}
	}
	return nil
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
