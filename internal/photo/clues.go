package photo

import (
	"context"
	"time"

	"portrait/internal/directory"
	"portrait/internal/fault"
	"portrait/internal/graph"
	"portrait/internal/words"
)

// cluePatience is how long looking people up waits for a busy Graph between two
// answers: nobody has to watch.
const cluePatience = 2 * time.Minute

// PeopleBy returns the users whom clues may mean, for the helpdesk, some perhaps
// twice, and the clues of which Graph doesn't tell everything. It asks as often
// as it takes, the role proven anew before each call, and calls asked, if it
// isn't nil, with how many clues are still open after each.
//
// It fails as People does, and with fault.Busy and RetryAfter if Graph is busy
// for longer than two minutes.
func (s *Service) PeopleBy(
	ctx context.Context, actor directory.Actor, clues []directory.Clue, asked func(left int),
) (people []directory.Person, unsure []directory.Clue, err error) {
	waited := time.Duration(0)
	for try := 0; len(clues) > 0; try++ {
		found, err := s.peopleBy(ctx, actor, clues)
		busy := fault.Is(err, fault.Busy)
		if err != nil && !busy {
			return nil, nil, err
		}
		people, unsure = append(people, found.People...), append(unsure, found.Unsure...)
		if busy || found.RetryAfter > 0 {
			wait := pause(max(found.RetryAfter, retryAfter(err)), try)
			if waited += wait; waited > cluePatience || s.Sleep(ctx, wait) != nil {
				return nil, nil, stillBusy(wait)
			}
		}
		if len(found.Left) < len(clues) {
			waited, try = 0, 0 // it gets on
		}
		clues = found.Left
		if asked != nil {
			asked(len(clues))
		}
	}
	return people, unsure, nil
}

// peopleBy asks about as many clues as one call takes.
func (s *Service) peopleBy(ctx context.Context, actor directory.Actor, clues []directory.Clue) (graph.FoundPeople, error) {
	r, err := s.request(ctx, actor, listPeople, directory.Me(), "")
	if err != nil {
		return graph.FoundPeople{Left: clues}, err
	}
	found := graph.FoundPeople{Left: clues}
	err = s.withToken(ctx, r, func(token string) (err error) {
		found, err = s.Graph.PeopleBy(ctx, token, clues)
		return err
	})
	return found, err
}

// retryAfter is how long err asks to wait.
func retryAfter(err error) time.Duration {
	if err == nil {
		return 0
	}
	return fault.As(err).RetryAfter
}

func stillBusy(wait time.Duration) error {
	return &fault.Error{Op: "photo.PeopleBy", Kind: fault.Busy, Say: words.M("graph.busy"), Next: fault.NextWait, RetryAfter: wait}
}
