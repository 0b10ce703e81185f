package batch

import (
	"encoding/hex"
	"slices"

	"portrait/internal/directory"
	"portrait/internal/words"
)

// File is a picture that was dropped.
type File struct {
	Name    string        // as it was dropped, with its folders
	Hash    [32]byte      // SHA-256 of its bytes; zero where they aren't known yet
	Trouble words.Message // why it can't be used, e.g. that it is no picture; zero = it can
}

// Verdict says whether an item can be run.
type Verdict string

// The verdicts. Only Matched is chosen to run; the others wait for somebody.
const (
	Matched    Verdict = "matched"
	Ambiguous  Verdict = "ambiguous"  // several people, see Candidates
	Unmatched  Verdict = "unmatched"  // nobody
	Duplicate  Verdict = "duplicate"  // another file is for the same person, or is the same picture
	Unreadable Verdict = "unreadable" // File.Trouble
)

// How says what a file and its person were matched by.
type How string

// What they can be matched by.
const (
	ByTable      How = "table"
	ByUPN        How = "upn"
	ByMail       How = "mail"
	ByEmployeeID How = "employee-id"
	ByName       How = "name"
	ByHand       How = "hand" // somebody said so in the review
)

// Sure says how sure a match is.
type Sure string

// How sure a match can be.
const (
	Exact  Sure = "exact"  // a whole address or number, or a line of the table
	Strong Sure = "strong" // the only one with that name or local part
	Guess  Sure = "guess"  // the only one with part of that name
)

// MaxCandidates is how many people an item proposes at most.
const MaxCandidates = 10

// Item is what is to be done with one file.
type Item struct {
	File       File
	Verdict    Verdict
	How        How // "" where nobody was found
	Sure       Sure
	Why        words.Message      // the verdict in words
	Person     directory.Person   // whose photo it is to be; zero = nobody's yet
	Candidates []directory.Person // who else it may be for, at most MaxCandidates
}

// Missing is a row of the table whose file wasn't dropped.
type Missing struct {
	Row Row
	Why words.Message
}

// Plan is what a batch is going to do.
type Plan struct {
	Items   []Item // in the order of the files
	Missing []Missing
	Bad     []BadRow // of the table
}

// Match plans what is to be done with files: rows of table count first, then
// the names of the files, by userPrincipalName, mail, employeeId and name. Among
// people must be everybody whom one of Clues and NameClues finds.
//
// It takes time by the sum of files and people, not by their product.
func Match(files []File, table Table, people []directory.Person) Plan {
	x := newIndex(people)
	rows := newRows(files, table.Rows)
	plan := Plan{Items: make([]Item, len(files)), Bad: table.Bad, Missing: rows.missing}
	for i, f := range files {
		var it Item
		switch told := rows.of[i]; {
		case f.Trouble.ID != "":
			it = Item{Verdict: Unreadable, Why: f.Trouble}
		case len(told) > 0:
			it = x.byRows(told)
		default:
			it = x.byName(f.Name)
		}
		it.File = f
		plan.Items[i] = it
	}
	markSamePicture(plan.Items)
	markSamePerson(plan.Items)
	return plan
}

// byRows returns the item of a file that rows of the table name.
func (x *index) byRows(rows []Row) Item {
	var found []int32
	for _, r := range rows {
		for _, key := range []struct {
			in   map[string][]int32
			text string
		}{{x.upn, r.UPN}, {x.mail, r.Mail}, {x.number, r.EmployeeID}} {
			if key.text == "" {
				continue
			}
			people := key.in[fold(key.text)]
			if len(people) == 0 {
				return Item{Verdict: Unmatched, How: ByTable, Why: words.M("batch.table-names-nobody", "Line", r.Line, "Text", key.text)}
			}
			found = append(found, people...)
		}
	}
	switch found = unique(found); {
	case len(found) == 1:
		return Item{
			Verdict: Matched, How: ByTable, Sure: Exact, Person: x.people[found[0]],
			Why: words.M("batch.by-table", "Line", rows[0].Line),
		}
	default:
		return x.ambiguous(found, ByTable, words.M("batch.table-names-several", "Line", rows[0].Line))
	}
}

// byName returns the item of a file whose name says whom it shows. The first
// way that finds somebody counts.
func (x *index) byName(name string) Item {
	for _, way := range []func(string) (Item, bool){x.byAddress, x.byNumber, x.byLocalPart, x.byWords, x.byPartOfName} {
		if it, ok := way(stem(name)); ok {
			return it
		}
	}
	return Item{Verdict: Unmatched, Why: words.M("batch.nobody")}
}

// matched returns the item of found if that is one person, and an ambiguous one
// if they are several; ok is false for none.
func (x *index) matched(found []int32, how How, sure Sure, why, several words.Message) (it Item, ok bool) {
	switch found = unique(found); len(found) {
	case 0:
		return Item{}, false
	case 1:
		return Item{Verdict: Matched, How: how, Sure: sure, Why: why, Person: x.people[found[0]]}, true
	}
	return x.ambiguous(found, how, several), true
}

func (x *index) ambiguous(found []int32, how How, why words.Message) Item {
	it := Item{Verdict: Ambiguous, How: how, Why: why}
	for _, i := range found[:min(len(found), MaxCandidates)] {
		it.Candidates = append(it.Candidates, x.people[i])
	}
	return it
}

// markSamePicture finds files with the same bytes. For one person the first is
// enough; for two people one of the files has the wrong name, and nobody but a
// person can say which.
func markSamePicture(items []Item) {
	first := map[string]int{}
	for i := range items {
		it := &items[i]
		if it.File.Hash == [32]byte{} || it.Verdict == Unreadable {
			continue
		}
		key := hex.EncodeToString(it.File.Hash[:])
		j, seen := first[key]
		if !seen {
			first[key] = i
			continue
		}
		if other := &items[j]; other.Verdict == Matched && it.Verdict == Matched && other.Person.ID != it.Person.ID {
			other.Verdict, other.Why = Duplicate, words.M("batch.same-picture", "File", it.File.Name)
		}
		it.Verdict, it.Why = Duplicate, words.M("batch.same-picture", "File", items[j].File.Name)
	}
}

// markSamePerson finds people with several files. None of them is taken: which
// one is meant, somebody has to say. A surer match doesn't win over a guess by
// itself either, since it may be the older picture.
func markSamePerson(items []Item) {
	of := map[directory.ID][]int{}
	for i, it := range items {
		if it.Verdict == Matched {
			of[it.Person.ID] = append(of[it.Person.ID], i)
		}
	}
	for _, all := range of {
		if len(all) < 2 {
			continue
		}
		for k, i := range all {
			other := items[all[(k+1)%len(all)]].File.Name
			items[i].Verdict, items[i].Why = Duplicate, words.M("batch.same-person", "File", other)
		}
	}
}

func unique(found []int32) []int32 {
	if len(found) < 2 {
		return found
	}
	found = slices.Clone(found)
	slices.Sort(found)
	return slices.Compact(found)
}
