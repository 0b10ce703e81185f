package photo

import (
	"context"

	"portrait/internal/directory"
	"portrait/internal/graph"
)

// scanner is the id of Portrait where it scans: no object id, so it can't be
// anybody's.
const scanner directory.ID = "portrait/scan"

// Seen is what a scan has found out about a photo.
type Seen struct {
	Side int   // the photo's smaller side in pixels, as Graph tells it; 0 = there is no photo
	Err  error // it isn't known; fault.Busy = Graph may be asked again
}

// scanning is the request of a scan in tenant: it has no actor who could be
// asked for a newer proof.
func scanning(tenant directory.ID) request {
	return request{actor: directory.Actor{Tenant: tenant, ID: scanner, Role: directory.Itself}, act: scan, subject: directory.Me()}
}

// ScanPeople returns a page of the people of tenant who are counted: neither
// guests nor accounts that nobody signs in with. It fails as graph.Everybody
// does.
//
// Nothing that people ask for leads here: a scan runs by the clock, and what
// comes of it is shown after decide.
func (s *Service) ScanPeople(ctx context.Context, tenant directory.ID, next string) (directory.Page[directory.Person], error) {
	var page directory.Page[directory.Person]
	err := s.withToken(ctx, scanning(tenant), func(token string) (err error) {
		page, err = s.Graph.Everybody(ctx, token, next)
		return err
	})
	return page, err
}

// ScanPhotos says of each of people, at most graph.MaxBundle, whether they have
// a photo, in one $batch that takes one slot, behind what people wait for.
//
// It fails as a whole, as graph.PhotoInfos does, and with fault.Busy where no
// slot comes.
func (s *Service) ScanPhotos(ctx context.Context, tenant directory.ID, people []directory.ID) ([]Seen, error) {
	subjects := make([]directory.Subject, 0, len(people))
	for _, id := range people {
		subject, err := directory.OfUser(id)
		if err != nil {
			return nil, err
		}
		subjects = append(subjects, subject)
	}
	ctx = InBatch(ctx)
	var answers []graph.InfoAnswer
	err := s.withToken(ctx, scanning(tenant), func(token string) error {
		return s.inSlot(ctx, turn{}, func(ctx context.Context) (err error) {
			answers, err = s.Graph.PhotoInfos(ctx, token, subjects)
			for _, a := range answers {
				if graph.IsThrottled(a.Err) {
					return a.Err
				}
			}
			return err
		})
	})
	if answers == nil {
		return nil, err
	}
	seen := make([]Seen, len(answers)) // whatever became of one of them
	for i, a := range answers {
		switch {
		case a.Err == nil:
			seen[i].Side = max(1, min(a.Info.Width, a.Info.Height))
		case !graph.IsNoPhoto(a.Err):
			seen[i].Err = a.Err
		}
	}
	return seen, nil
}

// MaxScanned is how many people ScanPhotos takes.
const MaxScanned = graph.MaxBundle
