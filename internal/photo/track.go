package photo

import (
	"context"
	"time"

	"portrait/internal/directory"
	"portrait/internal/fault"
	"portrait/internal/graph"
)

// trackPatience is how long a look at what became of a change waits for Graph.
// Nobody waits for the page meanwhile.
const trackPatience = 20 * time.Second

// Tracked is what became of the newest change that somebody ordered.
type Tracked struct {
	Act     string // set, remove, restore
	State   State
	ETag    string // of the picture, "" for a removal
	RetryAt time.Time
	Ordered time.Time
	Failure *fault.Error // why it failed, nil if it didn't
	Undo    string       // store.Past.ID of what was there before, "" = it can't be undone with that
	WasNone bool         // there was no photo before: undoing is removing

	Seen  bool  // Graph serves it
	Sizes []int // in which Graph serves it, in pixels
}

// Track returns what became of the newest change of subject that actor ordered,
// and reads back whether Graph serves it by now.
//
// It fails with fault.NotFound if there was none in the last 24 hours. That Graph
// can't be asked is no failure: then it isn't seen yet.
func (s *Service) Track(ctx context.Context, actor directory.Actor, subject directory.Subject) (Tracked, error) {
	r, err := s.request(ctx, actor, see, subject, "")
	if err != nil {
		return Tracked{}, err
	}
	d, err := s.newestDraft(ctx, r)
	if err != nil {
		return Tracked{}, err
	}
	c, err := opened(d)
	if err != nil {
		return Tracked{}, err
	}
	t := s.tracked(c)
	if t.State != Confirmed {
		return t, nil
	}
	if !t.Seen {
		arrived, err := s.arrived(ctx, r, c, trackPatience)
		if fault.Is(err, fault.SignIn) {
			return t, err
		}
		if !arrived {
			return t, nil
		}
		t.Seen = true
		if err := s.Store.SeeDraft(ctx, c.ID); err != nil {
			return t, err
		}
		s.changed(ctx, r.key()) // other pages may have remembered the old one meanwhile
	}
	t.Sizes = s.sizes(ctx, r)
	return t, nil
}

// sizes returns the sizes in which Graph serves r's photo; none if it can't be
// asked.
func (s *Service) sizes(ctx context.Context, r request) []int {
	var sizes []int
	_ = s.askPhoto(ctx, r, showPatience, func(ctx context.Context, token string) (err error) { // it only adds to what is known
		sizes, err = s.Graph.PhotoSizes(ctx, token, r.subject)
		return err
	})
	return sizes
}

// tracked is what the draft itself tells.
func (s *Service) tracked(c *change) Tracked {
	state := State(c.State)
	if state == Sending && !s.Now().Before(c.Until) {
		state = Unknown // whoever sent it was killed
	}
	saved := c.saved()
	return Tracked{
		Act: c.Act, State: state, ETag: c.ETag, RetryAt: c.RetryAt, Ordered: c.Created, Failure: c.failure(),
		Undo: saved.Past, WasNone: saved.WasNone, Seen: c.Seen,
	}
}

// DraftImage returns the picture of the newest change of subject that actor
// ordered: the very bytes that are or were sent.
func (s *Service) DraftImage(ctx context.Context, actor directory.Actor, subject directory.Subject) (graph.Image, error) {
	r, err := s.request(ctx, actor, see, subject, "")
	if err != nil {
		return graph.Image{}, err
	}
	d, err := s.newestDraft(ctx, r)
	if err != nil {
		return graph.Image{}, err
	}
	if len(d.Picture) == 0 {
		return graph.Image{}, &fault.Error{Op: "photo.DraftImage", Kind: fault.NotFound, Say: sayNoDraft}
	}
	return graph.Image{Bytes: d.Picture, ContentType: "image/jpeg"}, nil
}
