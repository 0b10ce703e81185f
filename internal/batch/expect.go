package batch

import (
	"context"
	"slices"

	"portrait/internal/directory"
	"portrait/internal/store"
	"portrait/internal/words"
)

// Expectation says whose pictures a batch waits for, and whose are there.
type Expectation struct {
	People int // that are waited for; 0 = the batch takes anybody's picture
	Here   int // of them, those that have one
}

func (s *Service) expectation(ctx context.Context, id string, items []store.Item) (Expectation, error) {
	expected, err := s.Store.Expected(ctx, id)
	e := Expectation{People: len(expected)}
	has := filesOf(items)
	for _, person := range expected {
		if has[person] != "" {
			e.Here++
		}
	}
	return e, err
}

// filesOf returns the file that is to be each person's photo.
func filesOf(items []store.Item) map[directory.ID]string {
	files := map[directory.ID]string{}
	for _, it := range items {
		if it.Person != "" && (it.Ticked || files[it.Person] == "") {
			files[it.Person] = it.Name
		}
	}
	return files
}

// keepTo takes back matches with people whose pictures the batch doesn't wait
// for: somebody says by hand that they are meant none the less.
func (s *Service) keepTo(ctx context.Context, id string, items []Item) error {
	expected, err := s.Store.Expected(ctx, id)
	if err != nil || len(expected) == 0 {
		return err
	}
	for i := range items {
		it := &items[i]
		if it.Verdict != Matched || slices.Contains(expected, it.Person.ID) {
			continue
		}
		it.Verdict, it.Why = Ambiguous, words.M("batch.not-expected")
		it.Candidates, it.Person = []directory.Person{it.Person}, directory.Person{}
	}
	return nil
}

// ExpectedPerson is somebody whose picture a batch waits for.
type ExpectedPerson struct {
	directory.Person
	File string // that is to be their photo, "" = none is there
}

// EachExpected calls do with everybody whose picture a batch waits for, until it
// fails: those without a file first.
func (s *Service) EachExpected(ctx context.Context, actor directory.Actor, id string, do func(ExpectedPerson) error) error {
	actor, b, err := s.find(ctx, actor, id)
	if err != nil {
		return err
	}
	expected, err := s.Store.Expected(ctx, b.ID)
	if err != nil {
		return err
	}
	items, err := s.Store.Items(ctx, b.ID, 0, MaxFiles)
	if err != nil {
		return err
	}
	has := filesOf(items)
	slices.SortStableFunc(expected, func(a, b directory.ID) int { return min(len(has[a]), 1) - min(len(has[b]), 1) })
	const atOnce = 100 // people
	for len(expected) > 0 {
		some := expected[:min(len(expected), atOnce)]
		expected = expected[len(some):]
		people, err := s.Photo.PeopleWith(ctx, actor, some)
		if err != nil {
			return err
		}
		for i, p := range people {
			if p.ID == "" { // gone since then
				continue
			}
			if err := do(ExpectedPerson{p, has[some[i]]}); err != nil {
				return err
			}
		}
	}
	return nil
}
