package coverage

import (
	"context"
	"time"

	"portrait/internal/directory"
	"portrait/internal/fault"
	"portrait/internal/photo"
	"portrait/internal/store"
)

const (
	// tries is how often a question is asked that gets no answer for reasons
	// that pass.
	tries = 6

	// unsaid is how long to wait where Graph doesn't say, the first time; twice as
	// long each time after.
	unsaid = time.Second
)

// work scans from where scan stands to the end, a page at a time. What it has
// read is kept whatever happens then.
func (s *Service) work(ctx context.Context, scan store.Scan) error {
	begun := s.Now()
	for {
		people, next, err := s.page(ctx, scan.Next)
		if fault.Is(err, fault.BadRequest) && scan.Next != "" {
			// Graph's links run out. What was counted on an old one is too old, too.
			if err := s.Store.DropScan(ctx, scan); err != nil {
				return err
			}
			return s.Store.BeginScan(ctx, s.Tenant, s.Now())
		}
		if err != nil {
			return err
		}
		now := s.Now()
		if scan, err = s.Store.AddScanned(ctx, scan, people, next, now.Add(lease), now); err != nil {
			return err
		}
		if next == "" {
			break
		}
	}
	if err := s.Store.EndScan(ctx, scan, s.Now()); err != nil {
		return err
	}
	s.Log.InfoContext(ctx, "counted who has a photo", "people", scan.People, "withPhoto", scan.WithPhoto, "unknown", scan.Unknown,
		"pages", scan.Pages, "took", s.Now().Sub(begun).String())
	return nil
}

// page counts the people of one page of the directory, within the time for which
// the scan is ours.
func (s *Service) page(ctx context.Context, at string) (people []store.Scanned, next string, err error) {
	ctx, cancel := context.WithTimeout(ctx, lease-30*time.Second)
	defer cancel()
	var listed directory.Page[directory.Person]
	err = s.patiently(ctx, func() (err error) {
		listed, err = s.Photo.ScanPeople(ctx, s.Tenant, at)
		return err
	})
	if err != nil {
		return nil, "", err
	}
	if listed.Next == at && at != "" { // it would never end
		listed.Next = ""
	}
	rows := listed.Rows
	for len(rows) > 0 {
		some := rows[:min(len(rows), photo.MaxScanned)]
		rows = rows[len(some):]
		sides, err := s.look(ctx, some)
		if err != nil {
			return nil, "", err
		}
		for i, p := range some {
			people = append(people, store.Scanned{Person: p.ID, Department: p.Department, Side: sides[i]})
		}
	}
	return people, listed.Next, nil
}

// look returns the sides of the photos of people. Those that Graph is too busy
// for are asked for again; what it doesn't tell in the end isn't known.
func (s *Service) look(ctx context.Context, people []directory.Person) ([]int64, error) {
	sides := make([]int64, len(people))
	left := make([]int, len(people)) // indexes into people
	for i := range people {
		left[i], sides[i] = i, store.SideUnknown
	}
	for try := 0; len(left) > 0 && try < tries; try++ {
		ids := make([]directory.ID, len(left))
		for i, at := range left {
			ids[i] = people[at].ID
		}
		var seen []photo.Seen
		err := s.patiently(ctx, func() (err error) {
			seen, err = s.Photo.ScanPhotos(ctx, s.Tenant, ids)
			return err
		})
		if err != nil {
			return nil, err
		}
		var again []int
		var wait time.Duration
		for i, at := range left {
			switch e := seen[i].Err; {
			case e == nil:
				sides[at] = int64(seen[i].Side)
			case isPassing(e):
				again, wait = append(again, at), max(wait, fault.As(e).RetryAfter, unsaid<<try)
			}
		}
		if left = again; len(left) > 0 {
			if err := s.Sleep(ctx, wait); err != nil {
				return nil, err
			}
		}
	}
	return sides, nil
}

// patiently makes call again while what stands in its way passes.
func (s *Service) patiently(ctx context.Context, call func() error) error {
	for try := 0; ; try++ {
		err := call()
		if err == nil || !isPassing(err) || try == tries-1 {
			return err
		}
		if s.Sleep(ctx, max(fault.As(err).RetryAfter, unsaid<<try)) != nil {
			return err
		}
	}
}

// isPassing reports whether err may be gone the next time.
func isPassing(err error) bool {
	return fault.Is(err, fault.Busy) || fault.Is(err, fault.Unavailable) || fault.Is(err, fault.Timeout)
}
