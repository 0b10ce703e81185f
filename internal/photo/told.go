package photo

import (
	"context"
	"errors"
	"strings"
	"time"

	"portrait/internal/directory"
	"portrait/internal/fault"
	"portrait/internal/store"
	"portrait/internal/words"
)

// Told is what a person is told about their own photo: the helpdesk changed it.
type Told struct {
	ID      string
	Removed bool // it was removed, not replaced
	Changed time.Time
	MayUndo bool
}

// tellsOwner reports whether r changes the photo of somebody who must be told.
func tellsOwner(r request) bool {
	return r.subject.Form() == directory.FormUser && !strings.EqualFold(string(r.key().Owner), string(r.actor.ID))
}

// tell writes down what the owner of c's photo must be told: that somebody else
// changed it, or nothing any more once they have changed it themselves.
func (s *Service) tell(ctx context.Context, tx *store.Tx, r request, c *change) error {
	owner := c.Photo.Owner
	switch {
	case c.Photo.Kind != directory.KindUser:
		return nil
	case !tellsOwner(r):
		return tx.DeleteTold(ctx, c.Photo.Tenant, owner, "")
	}
	return tx.AddTold(ctx, store.Told{
		Tenant: c.Photo.Tenant, Person: owner, Act: c.Act, ETag: c.ETag, Past: c.details.Past, Changed: s.Now(), Until: s.Now().Add(undoTime),
	})
}

// toldTo returns what r's actor must be told about their own photo.
func (s *Service) toldTo(ctx context.Context, r request) ([]Told, error) {
	rows, err := s.Store.ToldTo(ctx, r.actor.Tenant, r.actor.ID, s.Now())
	if err != nil {
		return nil, err
	}
	var all []Told
	for _, t := range rows {
		all = append(all, Told{ID: t.ID, Removed: action(t.Act) == remove, Changed: t.Changed, MayUndo: true})
	}
	return all, nil
}

// UndoTold brings back what actor's photo was before the helpdesk changed it. It
// fails as Restore and Remove do, and with fault.NotFound if there is nothing to
// undo. The key of o is for this id alone.
func (s *Service) UndoTold(ctx context.Context, actor directory.Actor, id string, o Order) (Saved, error) {
	if saved, known, err := s.repeated(ctx, actor, o); known || err != nil {
		return saved, err // once it is undone there is nothing to tell
	}
	rows, err := s.Store.ToldTo(ctx, actor.Tenant, actor.ID, s.Now())
	if err != nil {
		return Saved{}, err
	}
	for _, t := range rows {
		switch {
		case t.ID != id:
		case t.Past == "":
			return s.Remove(ctx, actor, directory.Me(), Change{Order: o})
		default:
			return s.Restore(ctx, actor, directory.Me(), t.Past, o)
		}
	}
	return Saved{}, &fault.Error{
		Op: "photo.UndoTold", Kind: fault.NotFound, Say: words.M("photo.nothing-to-undo"), Next: fault.NextHome, Err: errors.New("no such row"),
	}
}

// repeated goes on with a change of actor's own photo that was ordered before
// under the key of o. It reports whether there is one.
func (s *Service) repeated(ctx context.Context, actor directory.Actor, o Order) (saved Saved, known bool, err error) {
	r, err := s.request(ctx, actor, see, directory.Me(), "")
	if err != nil || o.Key == "" {
		return Saved{}, false, err
	}
	d, err := s.Store.Draft(ctx, r.draftID(o.Key))
	if errors.Is(err, store.ErrNone) {
		return Saved{}, false, nil
	}
	if err == nil {
		r, err = s.request(ctx, actor, action(d.Act), directory.Me(), "")
	}
	if err == nil {
		saved, err = s.carryOut(ctx, order{Order: o, request: r, input: d.Input, make: noContent})
	}
	return saved, true, err
}

// DismissTold notes that actor has read what they were told.
func (s *Service) DismissTold(ctx context.Context, actor directory.Actor, id string) error {
	if id == "" {
		return nil
	}
	return s.Store.Tx(ctx, func(tx *store.Tx) error { return tx.DeleteTold(ctx, actor.Tenant, actor.ID, id) })
}

// Mark stands for actor, without telling who that is, in what their browser keeps
// for them.
func (s *Service) Mark(actor directory.Actor) string {
	return s.Store.Mark("browser", string(actor.Tenant), string(actor.ID))
}
