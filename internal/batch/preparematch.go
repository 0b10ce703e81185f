package batch

import (
	"context"
	"errors"
	"slices"

	"portrait/internal/directory"
	"portrait/internal/fault"
	"portrait/internal/store"
	"portrait/internal/words"
)

// Match finds whose photo each file of an open batch is to be, and ticks what is
// clear. What somebody has said by hand stays as it is. Matching again is
// harmless: files may have been added.
//
// It fails as photo.PeopleBy does, and with fault.Conflict if the batch isn't
// open any more.
func (s *Service) Match(ctx context.Context, actor directory.Actor, id string) error {
	actor, b, err := s.open(ctx, actor, id)
	if err != nil {
		return err
	}
	dropped, err := s.dropped(ctx, b.ID)
	if err != nil {
		return err
	}
	plan, err := s.plan(ctx, actor, dropped)
	if err != nil {
		return err
	}
	dropped.yield(plan.Items)
	if err := s.keepTo(ctx, b.ID, plan.Items); err != nil {
		return err
	}
	var all []store.Item
	for i, it := range plan.Items {
		if dropped.items[i].How == string(ByHand) {
			continue
		}
		it.Hints = dropped.found[i].Hints
		stored, err := it.Stored(dropped.items[i].N)
		if err != nil {
			return err
		}
		all = append(all, stored)
	}
	return said("batch.Match", s.Store.MatchItems(ctx, b.ID, all))
}

// dropped is what was dropped into a batch.
type dropped struct {
	items []store.Item
	found []Found // of items
	files []File  // likewise
	table Table
}

func (s *Service) dropped(ctx context.Context, id string) (d dropped, err error) {
	if d.items, err = s.Store.Items(ctx, id, 0, MaxFiles); err != nil {
		return d, err
	}
	for _, it := range d.items {
		found, err := DecodeFound(it.Found)
		if err != nil {
			return d, err
		}
		f := File{Name: it.Name}
		copy(f.Hash[:], it.Hash)
		if it.Verdict == string(Unreadable) {
			f.Trouble = found.Why
		}
		d.found, d.files = append(d.found, found), append(d.files, f)
	}
	csv, err := s.Store.BatchTable(ctx, id)
	if errors.Is(err, store.ErrNone) {
		return d, nil
	}
	if err != nil {
		return d, err
	}
	d.table, err = ReadTable(csv)
	return d, err
}

// plan looks up what the files name, first addresses and numbers, then the names
// of those that nobody was found for.
func (s *Service) plan(ctx context.Context, actor directory.Actor, d dropped) (Plan, error) {
	people, unsure, err := s.Photo.PeopleBy(ctx, actor, Clues(d.files, d.table), nil)
	if err != nil {
		return Plan{}, err
	}
	plan := Match(d.files, d.table, people)
	if names := NameClues(plan); len(names) > 0 {
		more, unsureNames, err := s.Photo.PeopleBy(ctx, actor, names, nil)
		if err != nil {
			return Plan{}, err
		}
		people, unsure = append(people, more...), append(unsure, unsureNames...)
		plan = Match(d.files, d.table, people)
	}
	doubt(plan.Items, unsure)
	return plan, nil
}

// doubt takes back matches that rest on a clue of which the directory told only
// a part: there may be somebody else.
func doubt(items []Item, unsure []directory.Clue) {
	if len(unsure) == 0 {
		return
	}
	for i := range items {
		it := &items[i]
		if it.Verdict != Matched || it.Sure == Exact {
			continue
		}
		clues := append(Clues([]File{it.File}, Table{}), NameClues(Plan{Items: []Item{{File: it.File, Verdict: Unmatched}}})...)
		if slices.ContainsFunc(clues, func(c directory.Clue) bool { return slices.Contains(unsure, c) }) {
			it.Verdict, it.Why = Ambiguous, words.M("batch.several-unsure")
			it.Candidates, it.Person = []directory.Person{it.Person}, directory.Person{}
		}
	}
}

// yield makes items whose person somebody has given another file by hand wait.
func (d dropped) yield(items []Item) {
	taken := map[directory.ID]string{}
	for _, it := range d.items {
		if it.How == string(ByHand) && it.Ticked {
			taken[it.Person] = it.Name
		}
	}
	for i := range items {
		it := &items[i]
		if file, is := taken[it.Person.ID]; is && it.Verdict == Matched {
			it.Verdict, it.Why = Duplicate, words.M("batch.same-person", "File", file)
		}
	}
}

// SetPerson makes item n of an open batch the photo of whom text names: an
// object id that the item proposes, a userPrincipalName or a mail address. The
// item is ticked, and another one for the same person isn't any more.
//
// It fails with fault.NotFound if nobody is called so.
func (s *Service) SetPerson(ctx context.Context, actor directory.Actor, id string, n int64, text string) error {
	const op = "batch.SetPerson"
	it, actor, err := s.item(ctx, actor, id, n)
	if err != nil {
		return err
	}
	found, err := DecodeFound(it.Found)
	if err != nil {
		return err
	}
	if it.Verdict == string(Unreadable) {
		return unusable(op)
	}
	person, err := s.named(ctx, actor, found, text)
	if err != nil {
		return err
	}
	made := Item{
		Verdict: Matched, How: ByHand, Sure: Exact, Why: words.M("batch.by-hand"), Person: person,
		Candidates: found.Candidates, Hints: found.Hints,
	}
	return s.claim(ctx, id, n, made)
}

// named returns whom text names.
func (s *Service) named(ctx context.Context, actor directory.Actor, found Found, text string) (directory.Person, error) {
	for _, p := range found.Candidates {
		if string(p.ID) == text {
			return p, nil
		}
	}
	address := fold(clean(text))
	people, _, err := s.Photo.PeopleBy(ctx, actor, []directory.Clue{{By: directory.ByAddress, Text: address}}, nil)
	if err != nil {
		return directory.Person{}, err
	}
	for _, p := range people {
		if fold(p.UPN) == address || fold(p.Mail) == address {
			return p, nil
		}
	}
	return directory.Person{}, &fault.Error{Op: "batch.SetPerson", Kind: fault.NotFound, Say: words.M("batch.hand-nobody", "Text", shown(text)), Next: fault.NextRetry}
}

// claim writes item n, ticked, and unticks others for the same person: nobody
// can have two photos.
func (s *Service) claim(ctx context.Context, id string, n int64, made Item) error {
	stored, err := made.Stored(n)
	if err != nil {
		return err
	}
	stored.Ticked = true
	all := []store.Item{stored}
	items, err := s.Store.Items(ctx, id, 0, MaxFiles)
	if err != nil {
		return err
	}
	for _, it := range items {
		if it.N != n && it.Person == made.Person.ID && it.Ticked {
			it.Ticked = false
			all = append(all, it)
		}
	}
	return said("batch.claim", s.Store.MatchItems(ctx, id, all))
}

// item returns item n of an open batch.
func (s *Service) item(ctx context.Context, actor directory.Actor, id string, n int64) (store.Item, directory.Actor, error) {
	actor, b, err := s.open(ctx, actor, id)
	if err != nil {
		return store.Item{}, actor, err
	}
	it, err := s.Store.Item(ctx, b.ID, n)
	return it, actor, said("batch.item", err)
}

// SetTick says whether item n of an open batch is to be run. Another item for
// the same person isn't any more.
//
// It fails with fault.Unreadable if it is nobody's photo yet.
func (s *Service) SetTick(ctx context.Context, actor directory.Actor, id string, n int64, ticked bool) error {
	const op = "batch.SetTick"
	it, _, err := s.item(ctx, actor, id, n)
	switch {
	case err != nil:
		return err
	case !ticked:
		return said(op, s.Store.TickItem(ctx, id, n, false))
	case it.Verdict == string(Unreadable):
		return unusable(op)
	case it.Person == "":
		return &fault.Error{Op: op, Kind: fault.Unreadable, Say: words.M("batch.tick-nobody"), Next: fault.NextRetry}
	}
	found, err := DecodeFound(it.Found)
	if err != nil {
		return err
	}
	return s.claim(ctx, id, n, Item{
		Verdict: Verdict(it.Verdict), How: How(it.How), Sure: Sure(it.Sure), Why: found.Why, Candidates: found.Candidates, Hints: found.Hints,
		Person: directory.Person{ID: it.Person, DisplayName: found.Name, UPN: found.UPN},
	})
}

func unusable(op string) error {
	return &fault.Error{Op: op, Kind: fault.Unreadable, Say: words.M("batch.no-picture"), Next: fault.NextRetry}
}
