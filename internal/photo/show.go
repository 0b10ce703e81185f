package photo

import (
	"context"
	"sync"
	"time"

	"portrait/internal/directory"
	"portrait/internal/fault"
	"portrait/internal/graph"
)

// showPatience is how long a page waits for Graph before it opens without what
// Graph would have told.
const showPatience = 5 * time.Second

// Shown is what the page of a photo shows.
type Shown struct {
	Person    directory.Person // whose photo it is; as the sign-in named them where Graph doesn't answer
	Key       directory.PhotoKey
	HasPhoto  bool
	Known     bool   // whether HasPhoto is known
	ETag      string // of the photo, by Graph; changes with it
	Width     int    // of the largest size, in pixels
	Height    int    // likewise
	MaySet    bool
	MayRemove bool
	Trouble   *fault.Error // why something is missing: Graph fails, or the person may not set the photo; nil if all is well
}

// Show returns what the page of subject shows. Trouble with Graph doesn't fail
// it but is part of what is shown.
//
// It fails with fault.SignIn if the sign-in has run out and with fault.Forbidden
// if actor may not see subject.
func (s *Service) Show(ctx context.Context, actor directory.Actor, subject directory.Subject) (Shown, error) {
	r, err := s.request(actor, see, subject)
	if err != nil {
		return Shown{}, err
	}
	key, err := Resolve(actor, subject)
	if err != nil {
		return Shown{}, err
	}
	person, info, personErr, infoErr := s.look(ctx, r)
	shown := Shown{Person: person, Key: key}
	switch {
	case infoErr == nil:
		shown.Known, shown.HasPhoto = true, true
		shown.ETag, shown.Width, shown.Height = info.ETag, info.Width, info.Height
	case graph.IsNoPhoto(infoErr):
		shown.Known, infoErr = true, nil
	}
	if personErr != nil {
		shown.Person = directory.Person{ID: actor.ID, DisplayName: actor.Name, UPN: actor.UPN}
	}
	for _, err := range []error{personErr, infoErr} {
		if fault.Is(err, fault.SignIn) {
			return Shown{}, err
		}
		if shown.Trouble == nil {
			shown.Trouble = fault.As(err)
		}
	}
	r.facts.Guest = shown.Person.Guest
	refusal := decide(actor, set, subject, r.facts)
	shown.MaySet = refusal == nil
	shown.MayRemove = decide(actor, remove, subject, r.facts) == nil
	if shown.Trouble == nil {
		shown.Trouble = fault.As(refusal)
	}
	return shown, nil
}

// look asks Graph for the person and the photo of r at the same time. The clock
// runs for Graph's answers alone: renewing a token must not be cut short, since
// a refresh token can be spent only once.
func (s *Service) look(ctx context.Context, r request) (person directory.Person, info graph.Info, personErr, infoErr error) {
	var both sync.WaitGroup
	both.Go(func() {
		personErr = s.withToken(ctx, r, func(token string) (err error) {
			ctx, cancel := context.WithTimeout(ctx, showPatience)
			defer cancel()
			person, err = s.Graph.Me(ctx, token)
			return err
		})
	})
	both.Go(func() {
		infoErr = s.withToken(ctx, r, func(token string) (err error) {
			ctx, cancel := context.WithTimeout(ctx, showPatience)
			defer cancel()
			info, err = s.Graph.PhotoInfo(ctx, token, r.subject)
			return err
		})
	})
	both.Wait()
	return person, info, personErr, infoErr
}
