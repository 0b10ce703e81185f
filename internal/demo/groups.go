package demo

import (
	"slices"
	"strings"
	"time"

	"portrait/internal/directory"
)

// freshFor is how long a group that has just been created is in the making,
// from the first time that somebody asks for its photo.
const freshFor = 10 * time.Second

// group is a row of the directory. It doesn't change; state puts another in
// its place.
type group struct {
	directory.Group
	owners []directory.ID
	logo   int           // the drawn mark, from 1 on; 0 = begins without a photo
	fresh  time.Duration // in the making for so long once it is asked for
	ready  time.Time     // in the making until then
}

// ownedBy reports whether the person with the object id owns g.
func (g *group) ownedBy(id directory.ID) bool { return slices.Contains(g.owners, id) }

// newGroups returns the groups. Those of the owner persona come first.
func newGroups(people []*person) []*group {
	index := indexOf(people)
	owner := index["fatima.elidrissi"+homeDomain]
	id := func(upn string) directory.ID { return index[upn+homeDomain].ID }
	const unified, team, security = "unified", "team", "security"
	add := func(kind, name, nick, visibility string, logo int, owners ...directory.ID) *group {
		g := &group{owners: owners, logo: logo, Group: directory.Group{
			ID: idOf("group " + nick), DisplayName: name, Visibility: visibility,
			Unified: kind != security, Team: kind == team,
		}}
		if g.Unified {
			g.Mail = nick + homeDomain
		}
		return g
	}
	aroha, priya, viktor, amara := id("aroha.ngata"), id("priya.raman"), id("viktor.dvorak"), id("amara.nwosu")
	all := []*group{
		add(team, "Crew Planning", "crew-planning", "Private", 1, owner.ID, id("jonas.eriksen")),
		add(team, "Night Operations", "night-operations", "Private", 2, owner.ID),
		add(team, "Winter Schedule", "winter-schedule", "Public", 0, owner.ID, amara),
		add(unified, "Crew Choir", "crew-choir", "Public", 3, owner.ID),
		add(unified, "Base Reykjavík", "base-reykjavik", "Public", 0, owner.ID),
		add(unified, "Standby Pool", "standby-pool", "HiddenMembership", 4, owner.ID),
		add(security, "Roster Editors", "roster-editors", "", 0, owner.ID),
		add(security, "Crew Portal Access", "crew-portal", "", 0, owner.ID, priya),
		add(team, "Flight Deck", "flight-deck", "Private", 5, aroha),
		add(team, "Hangar Two", "hangar-two", "Private", 6, viktor),
		add(team, "Safety Board", "safety-board", "Private", 7, amara),
		add(team, "Network Engineering", "network-engineering", "Private", 8, priya),
		add(unified, "Lost and Found", "lost-and-found", "Public", 9, amara),
		add(unified, "Runway Runners", "runway-runners", "Public", 10, aroha),
		add(unified, "Galley Recipes", "galley-recipes", "Public", 11, id("chen.siyu")),
		add(unified, "Fleet Renewal", "fleet-renewal", "Private", 12, viktor),
		add(unified, "All Skylark", "all-skylark", "Public", 13, id("ruth.goldberg")),
		add(unified, "Lisbon Station", "lisbon-station", "Public", 0, aroha),
		add(unified, "New Starters", "new-starters", "Public", 14, id("nia.mbeki")),
		add(unified, "Carbon Ledger", "carbon-ledger", "Private", 0, amara),
		add(security, "VPN Users", "vpn-users", "", 0, priya),
		add(security, "Finance Approvers", "finance-approvers", "", 0, id("ruth.goldberg")),
		add(security, "Tool Crib Keys", "tool-crib", "", 0, viktor),
		add(team, "Summer Charter", "summer-charter", "Private", 0, aroha, owner.ID),
	}
	all[len(all)-1].fresh = freshFor // has just been created
	return all
}

// Groups returns all groups, but not the rows of Fill.
func (t *Tenant) Groups() []directory.Group {
	t.state.mu.RLock()
	defer t.state.mu.RUnlock()
	var all []directory.Group
	for _, g := range t.state.groups {
		all = append(all, g.Group)
	}
	return all
}

// Owned returns the groups that a persona owns, but not the rows of Fill.
func (t *Tenant) Owned(persona string) []directory.Group {
	p := t.byPersona(persona)
	t.state.mu.RLock()
	defer t.state.mu.RUnlock()
	var all []directory.Group
	for _, g := range t.state.groups {
		if p != nil && g.ownedBy(p.ID) {
			all = append(all, g.Group)
		}
	}
	return all
}

// isReady reports whether g has been made by now. The clock of a group that
// has just been created begins to run when somebody asks.
func (t *Tenant) isReady(g *group) bool {
	if g.fresh > 0 {
		t.Provision(g.ID, g.fresh)
		return false
	}
	return !t.now().Before(g.ready)
}

// values returns the properties of g, as Graph names them.
func (g *group) values() map[string]any {
	kinds, resources := []string{}, []string{}
	if g.Unified {
		kinds = append(kinds, "Unified")
	}
	if g.Team {
		resources = append(resources, "Team")
	}
	nick, _, _ := strings.Cut(g.Mail, "@")
	return map[string]any{
		"id": g.ID, "displayName": g.DisplayName, "description": nil, "mail": orNull(g.Mail), "mailNickname": orNull(nick),
		"mailEnabled": g.Unified, "securityEnabled": !g.Unified, "groupTypes": kinds, "visibility": orNull(g.Visibility),
		"resourceProvisioningOptions": resources, "onPremisesSyncEnabled": nil, "isAssignableToRole": nil,
		"createdDateTime": "2026-01-12T08:00:00Z", "deletedDateTime": nil,
	}
}
