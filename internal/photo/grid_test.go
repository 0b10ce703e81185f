package photo

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"portrait/internal/directory"
)

// part is somebody in the grid, with all that they have been granted and all
// that is known in their favour, and no more.
type part struct {
	name  string
	actor func() directory.Actor
	facts facts
}

func employee(scopes ...string) func() directory.Actor {
	return func() directory.Actor {
		return directory.Actor{Tenant: tenant, ID: annID, Role: directory.Employee, Scopes: append(scopes, "user.readwrite")}
	}
}

// parts are the columns of the grid.
var parts = []part{
	{"nobody", func() directory.Actor { return nobody }, best},
	{"employee", employee(), facts{Target: bobID, Owner: ownsNot, Protection: open, Reason: true}},
	{"owner", employee("group.readwrite.all", "teamsettings.readwrite.all"), best},
	{"mailbox owner", employee("contacts.readwrite"), facts{Target: annID, Owner: ownsNot, Protection: open, Reason: true}},
	{"delegate", employee("contacts.readwrite.shared"), facts{Target: bobID, Owner: ownsNot, Protection: open, Reason: true}},
	{"helpdesk", func() directory.Actor {
		return directory.Actor{Tenant: tenant, ID: deskID, Role: directory.Helpdesk, Scopes: []string{"user.readwrite"}}
	}, facts{Target: bobID, Owner: ownsNot, Protection: open, Reason: true}},
	{"guest", func() directory.Actor { return ann }, facts{Target: bobID, Owner: ownsNot, Guest: true, Protection: open, Reason: true}},
}

var actions = []action{see, list, listGroups, listPeople, seeHistory, set, remove, restore, export, seeAudit}

// outcomes are the letters of the grid.
var outcomes = map[rune]string{
	'y': "", // yes
	'P': "photo.needs-permission",
	'O': "photo.owner-only",
	'H': "photo.helpdesk-only",
	'N': "photo.not-offered",
	'R': "photo.remove-impossible",
	'S': "photo.sign-in",
	'G': "photo.guest",
}

// grid has a row for every form and action: a letter each for nobody, an
// employee, an owner of the group, the owner of the mailbox, its delegate, the
// helpdesk, and a guest (who has been granted everything).
const grid = `
	me             see         S y y y y y y
	me             list        S P P y P P y
	me             listGroups  S P y P P P y
	me             listPeople  S H H H H y H
	me             seeHistory  S y y y y y y
	me             set         S y y y y y G
	me             remove      S y y y y y G
	me             restore     S y y y y y G
	me             export      S y y y y y y
	me             seeAudit    S H H H H y H

	contact        see         S P P y P P y
	contact        list        S N N N N N N
	contact        listGroups  S N N N N N N
	contact        listPeople  S N N N N N N
	contact        seeHistory  S y y y y y y
	contact        set         S P P y P P y
	contact        remove      S R R R R R R
	contact        restore     S P P y P P y
	contact        export      S N N N N N N
	contact        seeAudit    S N N N N N N

	group          see         S P y P P P y
	group          list        S N N N N N N
	group          listGroups  S N N N N N N
	group          listPeople  S N N N N N N
	group          seeHistory  S P y P P P O
	group          set         S P y P P P O
	group          remove      S P y P P P O
	group          restore     S P y P P P O
	group          export      S N N N N N N
	group          seeAudit    S N N N N N N

	team           see         S P y P P P y
	team           list        S N N N N N N
	team           listGroups  S N N N N N N
	team           listPeople  S N N N N N N
	team           seeHistory  S P y P P P O
	team           set         S P y P P P O
	team           remove      S R R R R R R
	team           restore     S P y P P P O
	team           export      S N N N N N N
	team           seeAudit    S N N N N N N

	user           see         S H H H H y H
	user           list        S P P y y y y
	user           listGroups  S N N N N N N
	user           listPeople  S N N N N N N
	user           seeHistory  S H H H H y H
	user           set         S H H H H y H
	user           remove      S H H H H y H
	user           restore     S H H H H y H
	user           export      S N N N N N N
	user           seeAudit    S N N N N N N

	user's contact see         S P P y y y y
	user's contact list        S N N N N N N
	user's contact listGroups  S N N N N N N
	user's contact listPeople  S N N N N N N
	user's contact seeHistory  S N N y N N N
	user's contact set         S P P y y y y
	user's contact remove      S R R R R R R
	user's contact restore     S N N y N N N
	user's contact export      S N N N N N N
	user's contact seeAudit    S N N N N N N
`

// kinds names the forms of the grid; contacts in folders stand with the others.
var kinds = map[directory.Form]string{
	directory.FormMe: "me", directory.FormGroup: "group", directory.FormTeam: "team", directory.FormUser: "user",
	directory.FormMyContact: "contact", directory.FormMyFolderContact: "contact",
	directory.FormUserContact: "user's contact", directory.FormUserFolderContact: "user's contact",
}

// TestSecurityDecideGrid asserts every form × action × part. A cell that is missing
// fails, and so does a row that is about nothing.
func TestSecurityDecideGrid(t *testing.T) {
	want := readGrid(t)
	asserted := 0
	for form := directory.FormMe; form <= directory.FormUserFolderContact; form++ {
		s := subjectAt(t, paths[form])
		if s.Form() != form {
			t.Fatalf("%s has form %d, want %d", s, s.Form(), form)
		}
		for _, act := range actions {
			for i, p := range parts {
				letter, ok := want[cell(kinds[form], string(act), i)]
				if !ok {
					t.Errorf("no cell says whether %s may %s %s", p.name, act, s)
					continue
				}
				if got := said(decide(p.actor(), act, s, p.facts)); got != outcomes[letter] {
					t.Errorf("%s may %s %s: says %q, want %q", p.name, act, s, got, outcomes[letter])
				}
				asserted++
			}
		}
	}
	if every := 8 * len(actions) * len(parts); asserted != every {
		t.Errorf("%d cells, want %d", asserted, every)
	}
}

func cell(kind, act string, part int) string { return fmt.Sprint(kind, "/", act, "/", part) }

// readGrid returns the letters by cell.
func readGrid(t *testing.T) map[string]rune {
	t.Helper()
	cells := map[string]rune{}
	for line := range strings.Lines(grid) {
		if strings.TrimSpace(line) == "" {
			continue
		}
		words := strings.Fields(line)
		letters := words[len(words)-len(parts):]
		act := words[len(words)-len(parts)-1]
		kind := strings.Join(words[:len(words)-len(parts)-1], " ")
		if !slices.Contains(actions, action(act)) {
			t.Errorf("the grid has a row for %q", act)
		}
		for i, letter := range letters {
			if _, ok := outcomes[[]rune(letter)[0]]; !ok || len(letter) != 1 {
				t.Errorf("the grid says %q of %s %s", letter, kind, act)
			}
			cells[cell(kind, act, i)] = []rune(letter)[0]
		}
	}
	return cells
}

// TestNothingIsLookedUpInVain proves that what is refused before the facts are
// known would have been refused with any of them, and that nobody is refused
// whom some facts would let in.
func TestNothingIsLookedUpInVain(t *testing.T) {
	every := []facts{}
	for _, target := range []directory.ID{"", annID, bobID, deskID} {
		for owner := ownershipUnknown; owner <= ownsNot; owner++ {
			for p := protectionUnknown; p <= protected; p++ {
				for rule := policyUnknown; rule <= onPremises; rule++ {
					every = append(every, facts{Target: target, Owner: owner, Protection: p, Policy: rule, Reason: true})
				}
			}
		}
	}
	addresses := []string{"/users/bob@contoso.com", "/users/bob@contoso.com/contacts/AAMk=", "/users/" + string(annID), "/users/" + string(annID) + "/contacts/AAMk="}
	for _, path := range paths {
		addresses = append(addresses, path)
	}
	for _, path := range addresses {
		s := subjectAt(t, path)
		for _, act := range actions {
			for _, p := range parts {
				early := decideAtBest(p.actor(), act, s, facts{Reason: true})
				late := slices.ContainsFunc(every, func(f facts) bool {
					known := !directory.IsGUID(s.User()) || f.Target == s.User()
					return known && decide(p.actor(), act, s, f) == nil
				})
				if (early == nil) != late {
					t.Errorf("%s, %s %s: refused early with %q; with some facts they may: %v", p.name, act, s, said(early), late)
				}
			}
		}
	}
}
