package coverage

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"portrait/internal/directory"
	"portrait/internal/fault"
	"portrait/internal/store"
	"portrait/internal/words"
)

// Report is who has a photo, in numbers.
type Report struct {
	Last        *store.Scan               // the newest count, nil = there is none yet
	Running     *store.Scan               // the one that is under way, nil = none
	Days        []store.Scan              // one for each day that was counted, the oldest first
	Departments []store.ScannedDepartment // of Last: those that lack most photos first
}

// Report returns what was counted within the last days days.
func (s *Service) Report(ctx context.Context, actor directory.Actor, days int) (Report, error) {
	var r Report
	actor, err := s.mayUse(ctx, actor)
	if err != nil {
		return r, err
	}
	if r.Last, err = found(s.Store.LastScan(ctx, actor.Tenant)); err != nil {
		return r, err
	}
	if r.Running, err = found(s.Store.RunningScan(ctx, actor.Tenant)); err != nil || r.Last == nil {
		return r, err
	}
	if r.Days, err = s.Store.ScannedDays(ctx, actor.Tenant, s.Now().AddDate(0, 0, -days)); err != nil {
		return r, err
	}
	r.Departments, err = s.Store.Departments(ctx, r.Last.ID)
	slices.SortFunc(r.Departments, func(a, b store.ScannedDepartment) int {
		return cmp.Or(cmp.Compare(b.Missing(), a.Missing()), cmp.Compare(b.People, a.People), strings.Compare(a.Name, b.Name))
	})
	r.Departments = slices.DeleteFunc(r.Departments, func(d store.ScannedDepartment) bool { return d.People == 0 })
	return r, err
}

func found(sc store.Scan, err error) (*store.Scan, error) {
	if errors.Is(err, store.ErrNone) {
		return nil, nil
	}
	return &sc, err
}

// Which chooses people of the newest count.
type Which struct {
	Department *string // nil = all; "" = people without one
	Show       string  // store.ShowMissing and so on
}

// Person is somebody who was counted. Only ID is certain to be set: who has left
// since then has no name.
type Person struct {
	directory.Person
	Side int64 // of the photo, in pixels; or store.SideNone, store.SideUnknown
}

// Listed is a part of the people whom a Which chooses.
type Listed struct {
	Scan  store.Scan
	Total int64 // people whom the Which chooses
	Rows  []Person
	Next  directory.ID // pass it as after, "" at the end
}

// listRows is how many people a page of the list has.
const listRows = 100

// People returns a page of the people whom w chooses, behind after, each page in
// the order of their names.
//
// It fails with fault.NotFound if nothing was counted yet, or there is no such
// department.
func (s *Service) People(ctx context.Context, actor directory.Actor, w Which, after directory.ID) (Listed, error) {
	var l Listed
	actor, err := s.mayUse(ctx, actor)
	if err != nil {
		return l, err
	}
	scan, which, counts, err := s.choose(ctx, actor, w)
	if err != nil {
		return l, err
	}
	l.Scan, l.Total = scan, totalOf(counts, w.Show)
	if l.Rows, l.Next, err = s.named(ctx, actor, scan.ID, which, after); err != nil {
		return l, err
	}
	slices.SortFunc(l.Rows, func(a, b Person) int {
		return cmp.Or(strings.Compare(strings.ToLower(a.DisplayName), strings.ToLower(b.DisplayName)), strings.Compare(string(a.ID), string(b.ID)))
	})
	return l, nil
}

// named returns a page of people by object id, with what Graph tells of them.
func (s *Service) named(ctx context.Context, actor directory.Actor, scan string, w store.ScannedWhich, after directory.ID) ([]Person, directory.ID, error) {
	counted, err := s.Store.ScannedPeople(ctx, scan, w, after, listRows)
	if err != nil || len(counted) == 0 {
		return nil, "", err
	}
	ids := make([]directory.ID, len(counted))
	for i, c := range counted {
		ids[i] = c.Person
	}
	people, err := s.Photo.PeopleWith(ctx, actor, ids)
	if err != nil {
		return nil, "", err
	}
	rows := make([]Person, len(counted))
	for i, c := range counted {
		rows[i] = Person{Person: people[i], Side: c.Side}
		rows[i].ID = c.Person
	}
	next := directory.ID("")
	if len(counted) == listRows {
		next = counted[listRows-1].Person
	}
	return rows, next, nil
}

// Each calls do with everybody whom w chooses, by object id, until it fails. It
// fails as People does.
func (s *Service) Each(ctx context.Context, actor directory.Actor, w Which, do func(Person) error) error {
	actor, err := s.mayUse(ctx, actor)
	if err != nil {
		return err
	}
	scan, which, _, err := s.choose(ctx, actor, w)
	if err != nil {
		return err
	}
	for after := directory.ID(""); ; {
		rows, next, err := s.named(ctx, actor, scan.ID, which, after)
		if err != nil {
			return err
		}
		for _, p := range rows {
			if err := do(p); err != nil {
				return err
			}
		}
		if after = next; next == "" {
			return nil
		}
	}
}

// IDs returns the object ids of those whom w chooses, at most limit.
//
// It fails as People does, and with fault.TooLarge if there are more.
func (s *Service) IDs(ctx context.Context, actor directory.Actor, w Which, limit int) ([]directory.ID, error) {
	const op = "coverage.IDs"
	actor, err := s.mayUse(ctx, actor)
	if err != nil {
		return nil, err
	}
	scan, which, counts, err := s.choose(ctx, actor, w)
	if err != nil {
		return nil, err
	}
	if totalOf(counts, w.Show) > int64(limit) {
		return nil, &fault.Error{Op: op, Kind: fault.TooLarge, Say: words.M("coverage.too-many", "Max", limit), Next: fault.NextRetry}
	}
	counted, err := s.Store.ScannedPeople(ctx, scan.ID, which, "", limit)
	all := make([]directory.ID, 0, len(counted))
	for _, c := range counted {
		all = append(all, c.Person)
	}
	return all, err
}

// choose returns the newest count, w as the store knows it, and the counts of
// w's department, or of all.
func (s *Service) choose(ctx context.Context, actor directory.Actor, w Which) (store.Scan, store.ScannedWhich, store.ScanCounts, error) {
	const op = "coverage.choose"
	which := store.ScannedWhich{Show: w.Show}
	scan, err := s.Store.LastScan(ctx, actor.Tenant)
	if errors.Is(err, store.ErrNone) {
		err = &fault.Error{Op: op, Kind: fault.NotFound, Say: words.M("coverage.none"), Next: fault.NextRetry, Err: err}
	}
	if err != nil || w.Department == nil {
		return scan, which, scan.ScanCounts, err
	}
	departments, err := s.Store.Departments(ctx, scan.ID)
	if err != nil {
		return scan, which, scan.ScanCounts, err
	}
	i := slices.IndexFunc(departments, func(d store.ScannedDepartment) bool { return d.Name == *w.Department && d.People > 0 })
	if i < 0 {
		return scan, which, scan.ScanCounts, &fault.Error{Op: op, Kind: fault.NotFound, Say: words.M("coverage.no-department"), Next: fault.NextRetry}
	}
	which.Department = departments[i].N
	return scan, which, departments[i].ScanCounts, nil
}

// totalOf is how many of c show chooses.
func totalOf(c store.ScanCounts, show string) int64 {
	switch show {
	case store.ShowMissing:
		return c.Missing()
	case store.ShowPresent:
		return c.WithPhoto
	case store.ShowUnknown:
		return c.Unknown
	}
	return c.People
}
