package demo

import (
	"slices"
	"strings"
	"sync"
	"time"

	"portrait/internal/directory"
)

// DirectoryRole is a role of the directory that somebody holds.
type DirectoryRole struct {
	Template string // the role's template id
	Name     string
	// Limited says that the role holds for an administrative unit only. Such
	// a role doesn't stand in the list of directory roles, and Graph refuses
	// what its holder does to photos by policy.
	Limited bool
}

// globalAdmin is the role that may do everything.
//
// Source: https://learn.microsoft.com/entra/identity/role-based-access-control/permissions-reference
var globalAdmin = DirectoryRole{Template: "62e90394-69f5-4237-9190-012177145e10", Name: "Global Administrator"}

// photoAdmins are the template ids of the roles that may change the photo of
// anybody: global, user and people administrators.
//
// Source: https://learn.microsoft.com/graph/api/profilephoto-update#permissions
func photoAdmins() []string {
	return []string{globalAdmin.Template, "fe930be7-5e62-47db-91af-98c3a49a38b1", "024906de-61e5-49c8-8572-40335f1e0e10"}
}

// state is what changes in a tenant beside photos and sign-ins. What its
// methods return isn't changed any more: changes put another value in its
// place.
type state struct {
	rename func(name string) string // Options.Rename

	mu       sync.RWMutex
	groups   []*group
	boxes    map[directory.ID]*mailbox // by the object id of whose it is
	appRoles map[directory.ID][]string
	admins   map[directory.ID][]DirectoryRole
	policy   policy
	app      []string // application permissions
	filled   filled
}

// policy is the tenant's rule about photos of people.
type policy struct {
	source string
	roles  []string // template ids
}

// appPermissions are those that the app is granted at the start.
func appPermissions() []string {
	return []string{"ProfilePhoto.ReadWrite.All", "User.Read.All", "Contacts.ReadWrite", "Directory.Read.All", "PeopleSettings.Read.All", "Application.Read.All"}
}

func (s *state) reset(people []*person) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.groups = newGroups(people)
	s.boxes = newMailboxes(people)
	renamePlaces(s.rename, s.groups, s.boxes)
	s.appRoles, s.admins = map[directory.ID][]string{}, map[directory.ID][]DirectoryRole{}
	for _, p := range people {
		s.appRoles[p.ID], s.admins[p.ID] = p.roles, p.admin
	}
	s.policy, s.app, s.filled = policy{}, appPermissions(), filled{}
}

// rolesOf returns the app roles of a person.
func (s *state) rolesOf(id directory.ID) []string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.appRoles[id]
}

// adminRolesOf returns the directory roles of a person.
func (s *state) adminRolesOf(id directory.ID) []DirectoryRole {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.admins[id]
}

// group returns the group with the object id, compared without case, or nil.
func (t *Tenant) group(id string) *group {
	id = strings.ToLower(id)
	t.state.mu.RLock()
	defer t.state.mu.RUnlock()
	for _, g := range t.state.groups {
		if string(g.ID) == id {
			return g
		}
	}
	return t.state.filled.group(id, t.byPersona("owner"))
}

// box returns the mailbox of p, or nil if there is none.
func (t *Tenant) box(p *person) *mailbox {
	t.state.mu.RLock()
	defer t.state.mu.RUnlock()
	if b := t.state.boxes[p.ID]; b != nil || !p.hasMailbox() {
		return b
	}
	return &mailbox{owner: p.ID} // everybody else's is empty
}

// GrantRole gives a persona an app role, like "Helpdesk", from the next ID
// token on.
func (t *Tenant) GrantRole(persona, role string) {
	t.changeRoles(persona, func(held []string) []string { return append(slices.Clone(held), role) })
}

// RevokeRole takes all app roles from a persona, from the next ID token on.
func (t *Tenant) RevokeRole(persona string) {
	t.changeRoles(persona, func([]string) []string { return nil })
}

func (t *Tenant) changeRoles(persona string, change func([]string) []string) {
	p := t.byPersona(persona)
	if p == nil {
		return
	}
	t.state.mu.Lock()
	defer t.state.mu.Unlock()
	t.state.appRoles[p.ID] = change(t.state.appRoles[p.ID])
}

// SetDirectoryRoles gives user exactly these roles of the directory, at once.
func (t *Tenant) SetDirectoryRoles(user directory.ID, roles ...DirectoryRole) {
	p := t.byID(user)
	if p == nil {
		return
	}
	t.state.mu.Lock()
	defer t.state.mu.Unlock()
	t.state.admins[p.ID] = slices.Clone(roles)
}

// SetAppPermissions grants the app exactly these application permissions, from
// its next token on.
func (t *Tenant) SetAppPermissions(permissions ...string) {
	t.state.mu.Lock()
	defer t.state.mu.Unlock()
	t.state.app = slices.Clone(permissions)
}

// SetPolicy sets who may change photos of people: source is "", "cloud" or
// "onPremises", roles are the template ids of the roles that may where source
// is "cloud", none for everybody. It counts at once, unlike Microsoft's.
func (t *Tenant) SetPolicy(source string, roles ...string) {
	t.state.mu.Lock()
	defer t.state.mu.Unlock()
	t.state.policy = policy{source, slices.Clone(roles)}
}

func (t *Tenant) rule() policy {
	t.state.mu.RLock()
	defer t.state.mu.RUnlock()
	return t.state.policy
}

// SetOwners makes people, by object id, the owners of a group.
func (t *Tenant) SetOwners(id directory.ID, people ...directory.ID) {
	t.changeGroup(id, func(g *group) { g.owners = slices.Clone(people) })
}

// Provision lets a group be in the making for d from now on: until then Graph
// doesn't know of its photo.
func (t *Tenant) Provision(id directory.ID, d time.Duration) {
	ready := t.now().Add(d)
	t.changeGroup(id, func(g *group) { g.ready, g.fresh = ready, 0 })
}

// changeGroup puts a changed copy in the place of the group with the id.
func (t *Tenant) changeGroup(id directory.ID, change func(*group)) {
	t.state.mu.Lock()
	defer t.state.mu.Unlock()
	for i, g := range t.state.groups {
		if strings.EqualFold(string(g.ID), string(id)) {
			changed := *g
			change(&changed)
			t.state.groups[i] = &changed
		}
	}
}
