package export

import (
	"cmp"
	"context"
	"encoding/json"
	"regexp"
	"slices"
	"strings"

	"portrait/internal/directory"
	"portrait/internal/fault"
	"portrait/internal/photo"
	"portrait/internal/store"
	"portrait/internal/words"
)

// Kind says how people are chosen.
type Kind string

// How people are chosen.
const (
	Everybody  Kind = "everybody"
	Department Kind = "department" // by its whole name
	Group      Kind = "group"      // its members, by object id, mail address or whole name
	List       Kind = "list"       // addresses: a text, or a CSV
)

// Whose is whose photos an export has, as it is kept beside it.
type Whose struct {
	Kind    Kind
	Name    string   // of the department or group
	People  int      // that were found
	Unknown []string // addresses of a list that are nobody's, at most maxUnknown
	Nobody  int      // how many those are
}

// String is for the audit log, in no language.
func (w Whose) String() string {
	return strings.TrimSpace(string(w.Kind) + " " + w.Name)
}

const (
	maxUnknown = 100 // addresses

	// MaxListBytes is the longest list that is read: MaxPeople lines of 80 bytes.
	MaxListBytes = 4 << 20

	maxPages = 2 * MaxPeople / 100 // of a list of Graph's; guests may fill as many again
)

// Wish is what an export is made with.
type Wish struct {
	Kind   Kind
	Text   string // the department, the group or the list
	Reason string
}

// Create settles whose photos an export has and returns its id.
//
// It fails with fault.Unreadable without a reason or for a list without
// addresses, with fault.NotFound if nobody is meant, and with fault.TooLarge for
// more than MaxPeople.
func (s *Service) Create(ctx context.Context, actor directory.Actor, w Wish, from photo.Origin) (string, error) {
	const op = "export.Create"
	actor, err := s.Photo.MayHandOut(ctx, actor, looking)
	if err != nil {
		return "", err
	}
	if w.Reason, err = reasonFrom(op, w.Reason); err != nil {
		return "", err
	}
	whose, people, err := s.choose(ctx, actor, w)
	if err != nil {
		return "", err
	}
	ids := inOrder(people)
	whose.People = len(ids)
	if len(ids) == 0 {
		return "", &fault.Error{Op: op, Kind: fault.NotFound, Say: words.M("export.nobody"), Next: fault.NextRetry}
	}
	raw, err := json.Marshal(whose)
	if err != nil {
		return "", err
	}
	now := s.Now()
	x := store.Export{
		ID: store.NewBatchID(), Tenant: actor.Tenant, Author: actor.ID, Reason: w.Reason, Whose: raw,
		Part: PartPeople, Created: now, Until: now.Add(KeepFor),
	}
	x.Plan = planOf(x.ID, x.Reason, ids)
	return x.ID, s.Store.Tx(ctx, func(tx *store.Tx) error {
		if err := tx.CreateExport(ctx, x, ids); err != nil {
			return err
		}
		return s.Photo.NoteHandOut(ctx, tx, actor, asked, photo.HandOut{Outcome: "done", Reason: x.Reason, Item: "export/" + x.ID, Of: whose.String(), Origin: from})
	})
}

// choose looks up whom w means.
func (s *Service) choose(ctx context.Context, actor directory.Actor, w Wish) (Whose, []directory.Person, error) {
	const op = "export.choose"
	whose := Whose{Kind: w.Kind, Name: strings.TrimSpace(w.Text)}
	everybody := func(next string) (directory.Page[directory.Person], error) {
		return s.Photo.Everybody(ctx, actor, w.Reason, next)
	}
	switch w.Kind {
	case Everybody:
		whose.Name = ""
		people, err := pages(everybody, nil)
		return whose, people, err
	case Department:
		if whose.Name == "" {
			return whose, nil, &fault.Error{Op: op, Kind: fault.Unreadable, Say: words.M("export.no-department"), Next: fault.NextRetry}
		}
		people, err := pages(everybody, func(p directory.Person) bool { return strings.EqualFold(strings.TrimSpace(p.Department), whose.Name) })
		return whose, people, err
	case Group:
		if whose.Name == "" {
			return whose, nil, &fault.Error{Op: op, Kind: fault.Unreadable, Say: words.M("export.no-group"), Next: fault.NextRetry}
		}
		g, err := s.Photo.GroupCalled(ctx, actor, w.Reason, whose.Name)
		if err != nil {
			return whose, nil, err
		}
		whose.Name = g.DisplayName
		people, err := pages(func(next string) (directory.Page[directory.Person], error) {
			return s.Photo.Members(ctx, actor, w.Reason, g.ID, next)
		}, nil)
		return whose, people, err
	case List:
		return s.listedPeople(ctx, actor, w.Text)
	}
	return whose, nil, &fault.Error{Op: op, Kind: fault.BadRequest, Say: words.M("fault.bad-request"), Next: fault.NextRetry}
}

// pages reads a list of Graph's to its end and returns those who are wanted; nil
// wants all.
func pages(page func(next string) (directory.Page[directory.Person], error), wanted func(directory.Person) bool) ([]directory.Person, error) {
	var all []directory.Person
	next := ""
	for range maxPages {
		got, err := page(next)
		if err != nil {
			return nil, err
		}
		for _, p := range got.Rows {
			if wanted == nil || wanted(p) {
				all = append(all, p)
			}
		}
		switch {
		case len(all) > MaxPeople:
			return nil, tooMany()
		case got.Next == "" || got.Next == next:
			return all, nil
		}
		next = got.Next
	}
	return nil, tooMany()
}

func tooMany() error {
	return &fault.Error{Op: "export.pages", Kind: fault.TooLarge, Say: words.M("export.too-many", "Max", MaxPeople), Next: fault.NextRetry}
}

// address is what may be a userPrincipalName or a mail address in a text.
var address = regexp.MustCompile(`[^\s,;"<>()\[\]]+@[^\s,;"<>()\[\]]+`)

// listedPeople returns whom a list names: the first address of each line, so that
// a CSV with other columns will do.
func (s *Service) listedPeople(ctx context.Context, actor directory.Actor, text string) (Whose, []directory.Person, error) {
	const op = "export.listedPeople"
	whose := Whose{Kind: List}
	if len(text) > MaxListBytes {
		return whose, nil, &fault.Error{Op: op, Kind: fault.TooLarge, Say: words.M("export.list-too-long"), Next: fault.NextRetry}
	}
	var clues []directory.Clue
	seen := map[string]bool{}
	for line := range strings.Lines(strings.ReplaceAll(strings.ToValidUTF8(text, "�"), "\r", "\n")) {
		if a := strings.ToLower(strings.Trim(address.FindString(line), "'.")); a != "" && !seen[a] {
			seen[a] = true
			clues = append(clues, directory.Clue{By: directory.ByAddress, Text: a})
		}
	}
	switch {
	case len(clues) == 0:
		return whose, nil, &fault.Error{Op: op, Kind: fault.Unreadable, Say: words.M("export.no-addresses"), Next: fault.NextRetry}
	case len(clues) > MaxPeople:
		return whose, nil, tooMany()
	}
	people, _, err := s.Photo.PeopleBy(ctx, actor, clues, nil)
	if err != nil {
		return whose, nil, err
	}
	for _, p := range people {
		delete(seen, strings.ToLower(p.UPN))
		delete(seen, strings.ToLower(p.Mail))
	}
	whose.Nobody = len(seen)
	for a := range seen {
		whose.Unknown = append(whose.Unknown, a)
	}
	slices.Sort(whose.Unknown)
	whose.Unknown = whose.Unknown[:min(len(whose.Unknown), maxUnknown)]
	return whose, people, nil
}

// inOrder returns the object ids of people by name, each once.
func inOrder(people []directory.Person) []directory.ID {
	slices.SortStableFunc(people, func(a, b directory.Person) int {
		return cmp.Or(strings.Compare(strings.ToLower(a.DisplayName), strings.ToLower(b.DisplayName)), strings.Compare(string(a.ID), string(b.ID)))
	})
	ids := make([]directory.ID, 0, len(people))
	seen := map[directory.ID]bool{}
	for _, p := range people {
		if !seen[p.ID] {
			seen[p.ID] = true
			ids = append(ids, p.ID)
		}
	}
	return ids
}
