package photo

import (
	"context"
	"strings"

	"portrait/internal/audit"
	"portrait/internal/directory"
	"portrait/internal/fault"
	"portrait/internal/graph"
	"portrait/internal/store"
	"portrait/internal/words"
)

// MayHandOut returns actor as their session proves them now, if they may have
// the photos of many people handed out, for reason.
//
// It fails with fault.Forbidden for everybody but the helpdesk, before anything
// is looked up, and with fault.Unreadable without a reason.
func (s *Service) MayHandOut(ctx context.Context, actor directory.Actor, reason string) (directory.Actor, error) {
	r, err := s.request(ctx, actor, handOut, directory.Me(), reason)
	return r.actor, err
}

// Everybody returns a page of the people of the tenant, without guests and
// accounts that nobody signs in with, for whom MayHandOut holds. It fails as
// MayHandOut does, and as People does.
func (s *Service) Everybody(ctx context.Context, actor directory.Actor, reason, next string) (directory.Page[directory.Person], error) {
	var page directory.Page[directory.Person]
	err := s.handingOut(ctx, actor, reason, func(token string) (err error) {
		page, err = s.Graph.Everybody(ctx, token, next)
		return err
	})
	return page, err
}

// Members is Everybody for the people in a group, and in the groups in it.
func (s *Service) Members(ctx context.Context, actor directory.Actor, reason string, group directory.ID, next string) (directory.Page[directory.Person], error) {
	var page directory.Page[directory.Person]
	err := s.handingOut(ctx, actor, reason, func(token string) (err error) {
		page, err = s.Graph.Members(ctx, token, group, next)
		return err
	})
	return page, err
}

// GroupCalled returns the one group that text means: its object id, mail address
// or whole name.
//
// It fails as MayHandOut does, and with fault.NotFound if there is none, or
// several of that name.
func (s *Service) GroupCalled(ctx context.Context, actor directory.Actor, reason, text string) (directory.Group, error) {
	text = strings.TrimSpace(text)
	var found []directory.Group
	err := s.handingOut(ctx, actor, reason, func(token string) (err error) {
		if directory.IsGUID(directory.ID(text)) {
			g, err := s.Graph.Group(ctx, token, directory.ID(text))
			found = []directory.Group{g}
			return err
		}
		found, err = s.Graph.GroupsCalled(ctx, token, text)
		return err
	})
	switch {
	case err != nil:
		return directory.Group{}, err
	case len(found) == 1:
		return found[0], nil
	case len(found) > 1:
		return directory.Group{}, &fault.Error{Op: "photo.GroupCalled", Kind: fault.NotFound, Say: words.M("photo.groups-alike", "Name", text), Next: fault.NextRetry}
	}
	return directory.Group{}, &fault.Error{Op: "photo.GroupCalled", Kind: fault.NotFound, Say: words.M("photo.no-such-group", "Name", text), Next: fault.NextRetry}
}

// handingOut makes call with the token for r's photos, the role proven anew.
func (s *Service) handingOut(ctx context.Context, actor directory.Actor, reason string, call func(token string) error) error {
	r, err := s.request(ctx, actor, handOut, directory.Me(), reason)
	if err != nil {
		return err
	}
	return s.withToken(ctx, r, call)
}

// Taken is what came of reading somebody's photo to hand it out.
type Taken struct {
	Image Image
	Err   error // fault.NotFound (IsNoPhoto) = there is none
}

// MaxTaken is how many photos TakePhotos reads at once.
const MaxTaken = graph.MaxBundleFull

// TakePhotos reads the photos of people, at most MaxTaken, as large as Graph has
// them, in one $batch that takes one slot, behind what others wait for.
//
// It fails as MayHandOut does, and as a whole as graph.Photos does; one that
// Graph is too busy for has fault.Busy in its answer.
func (s *Service) TakePhotos(ctx context.Context, actor directory.Actor, reason string, people []directory.ID) ([]Taken, error) {
	subjects := make([]directory.Subject, 0, len(people))
	for _, id := range people {
		subject, err := directory.OfUser(id)
		if err != nil {
			return nil, err
		}
		subjects = append(subjects, subject)
	}
	ctx = InBatch(ctx)
	var answers []graph.PhotoAnswer
	err := s.handingOut(ctx, actor, reason, func(token string) (err error) {
		answers, err = s.photos(ctx, token, subjects, 0)
		return err
	})
	if err != nil {
		return nil, err
	}
	all := make([]Taken, len(answers))
	for i, a := range answers {
		all[i] = Taken(a)
	}
	return all, nil
}

// HandOut is what the audit log says of photos that are handed out.
type HandOut struct {
	Outcome string // audit's Done or Refused
	Code    string // id of the sentence, where refused
	Reason  string
	Item    string // which export, which part of it
	Of      string // whose photos, in words: "Sales, 37 people"
	Origin  Origin
}

// NoteHandOut writes into the audit log, within tx, that actor takes photos with
// them, or allows or asks for that: act says which.
func (s *Service) NoteHandOut(ctx context.Context, tx *store.Tx, actor directory.Actor, act string, h HandOut) error {
	return s.Audit.Append(ctx, tx, audit.Entry{
		Tenant: actor.Tenant, Person: actor.ID, Role: actor.Role, Proof: audit.ProofIDToken, As: audit.AsApp,
		Action: act, Outcome: h.Outcome, Code: h.Code, Item: h.Item, Name: actor.Name, Address: actor.UPN,
		Reason: h.Reason, TargetName: h.Of, RequestID: h.Origin.RequestID, IP: h.Origin.IP, Agent: h.Origin.Agent,
	})
}

// IsNoPhoto reports whether err says that somebody has no photo.
func IsNoPhoto(err error) bool { return graph.IsNoPhoto(err) }

// PeopleWith returns what Graph tells of the users with the given object ids, in
// their order; who is gone has no ID. It is for the helpdesk, and fails as People
// does.
func (s *Service) PeopleWith(ctx context.Context, actor directory.Actor, ids []directory.ID) ([]directory.Person, error) {
	all := make([]directory.Person, 0, len(ids))
	for len(ids) > 0 {
		some := ids[:min(len(ids), graph.MaxBundle)]
		ids = ids[len(some):]
		r, err := s.request(ctx, actor, listPeople, directory.Me(), "")
		if err != nil {
			return nil, err
		}
		var answers []graph.PersonAnswer
		err = s.withToken(ctx, r, func(token string) (err error) {
			answers, err = s.Graph.People(ctx, token, some)
			return err
		})
		if err != nil {
			return nil, err
		}
		for _, a := range answers {
			if a.Err != nil && !fault.Is(a.Err, fault.NotFound) {
				return nil, a.Err
			}
			all = append(all, a.Person)
		}
	}
	return all, nil
}
