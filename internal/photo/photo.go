// Package photo is the use case of Portrait: to see, set and remove the photo
// of a subject. Pages, the helpdesk and batches all come through here, so that
// nobody gets past decide.
//
//	Set: facts → decide → picture.Render → draft kept → gate (token)
//	   → the present photo kept → graph.PutPhoto → outcome, audit, history settled
//
// Nothing is lost on the way: a change is kept before anything is sent, and
// whoever comes back finds how far it has come (change.go). What became of it is
// never guessed (deliver.go).
package photo

import (
	"context"
	"fmt"
	"time"

	"portrait/internal/audit"
	"portrait/internal/directory"
	"portrait/internal/graph"
	"portrait/internal/picture"
	"portrait/internal/store"
)

// MaxUploadBytes is the largest picture that Set takes, in bytes.
const MaxUploadBytes = picture.MaxUploadBytes

// afterthought is how long a save that has succeeded waits for what is said
// beside that.
const afterthought = 2 * time.Second

// Service does what people ask for with photos. All its fields must be set but
// for App and Fresh, which may be nil where Portrait has no identity of its own,
// Slots, which is nil where nothing bounds its calls, and the settings.
type Service struct {
	Graph    *graph.Client
	Store    *store.Store
	Audit    *audit.Log
	Pictures *picture.Budget
	Slots    *Slots

	// Delegated returns the token with which Portrait acts for a. It fails with
	// fault.SignIn if a has to sign in again.
	Delegated func(ctx context.Context, a directory.Actor) (string, error)

	// Refused returns another token for a after Graph refused token with 401. It
	// fails with fault.SignIn if there is none.
	Refused func(ctx context.Context, a directory.Actor, token string) (string, error)

	// App returns the token of Portrait's own identity. gate.go alone calls it.
	App func(ctx context.Context) (string, error)

	// AppRefused returns another token of that identity after Graph refused token
	// with 401. It must be set where App is.
	AppRefused func(ctx context.Context, token string) (string, error)

	// Fresh returns a with the role of an ID token that is at most 5 minutes old.
	// It is asked before anything that App's token is for.
	Fresh func(ctx context.Context, a directory.Actor) (directory.Actor, error)

	Now   func() time.Time
	Sleep func(ctx context.Context, d time.Duration) error // returns early, with an error, when ctx ends

	HistoryPhotos int           // how many photos that were there are kept of each; 0 = none
	HistoryAge    time.Duration // for how long

	Protected     []directory.ID // object ids that the helpdesk must leave alone
	ProtectAdmins bool           // holders of directory roles too
	SavesPerHour  int            // of one person, over all replicas; 0 = no limit; the helpdesk has none
	GroupScope    string         // asked for where a group's photo is changed: Group.ReadWrite.All ("" too) or ProfilePhoto.ReadWrite.All

	remembered remembered
}

// Upload is a picture as a person chose it, and which part of it is wanted.
type Upload struct {
	Body  []byte // a JPEG, PNG, WebP or GIF of at most MaxUploadBytes
	Frame picture.Frame
	Order
}

// Change is a change without a picture.
type Change struct {
	Order
}

// Set makes the framed part of u the photo of subject. Where Graph is busy it
// waits up to 5 seconds; beyond that it returns with State Waiting and no error.
// If it is open whether the photo arrived, State is Unknown. In both cases the
// same call with the same key goes on from there after RetryAt, and so does Send.
//
// It fails as picture.Render does before anything is sent, with fault.SignIn if
// the sign-in has run out (the picture is kept, see Send), with fault.Forbidden
// if decide or Graph refuses, with fault.Unreadable if the helpdesk gives no
// reason or the key was used for something else, with fault.Conflict if a newer
// change has overtaken this one, with fault.TooMany and RetryAfter if the
// person's saves of this hour are used up, and with fault.Unavailable or
// fault.Timeout if Graph fails.
func (s *Service) Set(ctx context.Context, actor directory.Actor, subject directory.Subject, u Upload) (Saved, error) {
	o := order{Order: u.Order, input: hashOf([]byte(set), u.Body, fmt.Append(nil, u.Frame))}
	o.make = func(ctx context.Context) (content, error) {
		rendered, err := s.Pictures.Render(ctx, u.Body, u.Frame)
		return content{Rendered: rendered, etag: hexOf(rendered.JPEG)}, err
	}
	var err error
	if o.request, err = s.request(ctx, actor, set, subject, u.Reason); err != nil {
		return Saved{}, s.turnedAway(ctx, o, err)
	}
	return s.carryOut(ctx, o)
}

// Remove removes the photo of subject. That there is none is no error.
//
// It fails as Set does, and with fault.NotAllowed for contacts and teams.
func (s *Service) Remove(ctx context.Context, actor directory.Actor, subject directory.Subject, c Change) (Saved, error) {
	o := order{Order: c.Order, input: hashOf([]byte(remove)), make: noContent}
	var err error
	if o.request, err = s.request(ctx, actor, remove, subject, c.Reason); err != nil {
		return Saved{}, s.turnedAway(ctx, o, err)
	}
	return s.carryOut(ctx, o)
}
