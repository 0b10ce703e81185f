package photo

import (
	"context"
	"encoding/json"
	"time"

	"portrait/internal/audit"
	"portrait/internal/directory"
	"portrait/internal/fault"
	"portrait/internal/picture"
	"portrait/internal/store"
	"portrait/internal/words"
)

// draftAge is how long a change can be taken up again, and how long a repeat of
// it is harmless.
const draftAge = 24 * time.Hour

// details is what a draft's row holds beside its picture; at rest sealed.
type details struct {
	Subject  string // path
	Reason   string
	Name     string // of who makes the change
	UPN      string // likewise
	Role     directory.Role
	Origin   Origin
	Side     int // of the picture, in pixels
	Location bool
	Camera   bool
	Animated bool

	Sent      time.Time // when it was last sent
	Looked    bool      // what was there before is known
	Before    string    // hexadecimal SHA-256 of what was there, as Graph served it; "" = nothing
	Old       string    // the same of what is really replaced: Graph may still serve an older one
	Past      string    // store.Past.ID of it, "" = it isn't kept
	PastIsNew bool      // it was kept for this change
	Code      string    // id of the sentence why it failed
	Data      map[string]any
	Next      fault.Next
	Refused   bool // it may not be made, whoever says so

	GraphRequestID string // of the refusal
	DirectoryOnly  bool
}

// change is a draft with its details open.
type change struct {
	store.Draft
	details details
}

// close writes the details back.
func (c *change) close() error {
	raw, err := json.Marshal(c.details)
	c.Details = raw
	return err
}

// opened returns d with its details.
func opened(d store.Draft) (*change, error) {
	c := &change{Draft: d}
	return c, json.Unmarshal(d.Details, &c.details)
}

// content is what a change puts where the photo is.
type content struct {
	picture.Rendered
	etag string
}

// mayHaveArrived reports whether c was sent, and nobody knows whether Graph has
// it.
func (c *change) mayHaveArrived() bool {
	return State(c.State) == Unknown || State(c.State) == Sending && !c.details.Sent.IsZero()
}

// saved says how far the change has come.
func (c *change) saved() Saved {
	return Saved{
		State: State(c.State), ETag: c.ETag, Width: c.details.Side, Height: c.details.Side, Bytes: len(c.Picture),
		RetryAt: c.RetryAt, Location: c.details.Location, Camera: c.details.Camera, Animated: c.details.Animated,
		DirectoryOnly: c.details.DirectoryOnly, Past: c.details.Past, WasNone: c.details.Looked && c.details.Old == "",
	}
}

// failure returns why the change failed, nil if it didn't.
func (c *change) failure() *fault.Error {
	switch {
	case State(c.State) != Failed:
		return nil
	case c.details.Code == "photo.newer":
		return newer()
	}
	return &fault.Error{Op: "photo.failure", Kind: fault.Unavailable, Say: words.Message{ID: c.details.Code, Data: c.details.Data}, Next: c.details.Next}
}

// draft returns what r's actor orders as a draft in the given state.
func (s *Service) draft(r request, o Order, input []byte, what content, state State) (*change, error) {
	now := s.Now()
	c := &change{
		Draft: store.Draft{
			ID: r.draftID(o.Key), Tenant: r.actor.Tenant, Person: r.actor.ID, Photo: r.key(),
			Act: string(r.act), State: string(state), Input: input, ETag: what.etag, Picture: what.JPEG, Created: now, Updated: now,
		},
		details: details{
			Subject: r.subject.Path(), Reason: o.Reason, Name: r.actor.Name, UPN: r.actor.UPN, Role: r.actor.Role, Origin: o.Origin,
			Side: what.Side, Location: what.Location, Camera: what.Camera, Animated: what.Animated,
		},
	}
	return c, c.close()
}

// keep stores c, and tells the older changes that its person made of the same
// photo that it has overtaken them. It fails with store.ErrConflict if c is stored
// already, and with fault.TooMany if its person saves too often.
func (s *Service) keep(ctx context.Context, r request, c *change) error {
	return s.Store.Tx(ctx, func(tx *store.Tx) (err error) {
		if c.Turn, err = tx.AddDraft(ctx, c.Draft); err != nil {
			return err
		}
		if State(c.State) == Sending {
			if err := s.spendSave(ctx, tx, r); err != nil {
				return err
			}
		}
		sent, err := s.overtakeOlder(ctx, tx, c, func(older store.Draft) bool { return older.Person == c.Person })
		if err != nil {
			return err
		}
		return s.noteOvertaken(ctx, tx, r, sent)
	})
}

// overtakeOlder tells the older changes of c's photo that are chosen that c has
// overtaken them. It returns those that were sent, for noteOvertaken.
//
// Other people's are told once Graph has taken c, not before: whether its person
// may change the photo at all is for Graph to say, and who may not must not put
// an end to what others have waiting.
func (s *Service) overtakeOlder(ctx context.Context, tx *store.Tx, c *change, chosen func(older store.Draft) bool) (sent []*change, err error) {
	older, err := tx.OlderDrafts(ctx, c.Photo, c.Turn, s.Now())
	if err != nil {
		return nil, err
	}
	for _, d := range older {
		if !chosen(d) {
			continue
		}
		overtaken, err := s.overtake(ctx, tx, d)
		if err != nil {
			return nil, err
		}
		if overtaken != nil {
			sent = append(sent, overtaken)
		}
	}
	return sent, nil
}

// noteOvertaken writes about changes that were sent and then overtaken. The audit
// log's own lock comes last: whoever holds it waits for no row.
func (s *Service) noteOvertaken(ctx context.Context, tx *store.Tx, r request, sent []*change) error {
	for _, overtaken := range sent {
		if err := s.note(ctx, tx, r, overtaken, audit.Unknown, noReceipt); err != nil {
			return err
		}
	}
	return nil
}

// overtake ends a draft that a newer change of the same photo makes pointless. It
// returns it if it was sent: whether it had arrived isn't known then.
func (s *Service) overtake(ctx context.Context, tx *store.Tx, d store.Draft) (*change, error) {
	c, err := opened(d)
	if err != nil {
		return nil, err
	}
	sent := c.mayHaveArrived()
	c.State, c.details.Code, c.details.Next, c.RetryAt = string(Failed), "photo.newer", fault.NextRetry, time.Time{}
	if err := c.close(); err != nil {
		return nil, err
	}
	if err := tx.FinishDraft(ctx, c.Draft, s.Now()); err != nil || !sent {
		return nil, err
	}
	return c, nil
}
