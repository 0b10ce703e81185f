// Package photo is the use case of Portrait: to see, set and remove the photo
// of a subject. Pages, the helpdesk and batches all come through here, so that
// nobody gets past decide.
//
//	Set: facts → decide → picture.Render → gate (token) → graph.PutPhoto
//
// Nothing is kept of a change yet, neither a draft before the first call to
// Graph nor history and audit after the last: who is told to wait sends it again.
package photo

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"time"

	"portrait/internal/directory"
	"portrait/internal/fault"
	"portrait/internal/graph"
	"portrait/internal/picture"
	"portrait/internal/store"
	"portrait/internal/words"
)

// MaxUploadBytes is the largest picture that Set takes, in bytes.
const MaxUploadBytes = picture.MaxUploadBytes

// afterthought is how long a save that has succeeded waits for what is said
// beside that.
const afterthought = 2 * time.Second

// Service does what people ask for with photos. All its fields must be set but
// for App and Fresh, which may be nil where Portrait has no identity of its own,
// and the settings.
type Service struct {
	Graph    *graph.Client
	Store    *store.Store
	Pictures *picture.Budget

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

	Protected     []directory.ID // object ids that the helpdesk must leave alone
	ProtectAdmins bool           // holders of directory roles too
	SavesPerHour  int            // of one person, over all replicas; 0 = no limit; the helpdesk has none
	GroupScope    string         // asked for where a group's photo is changed: Group.ReadWrite.All ("" too) or ProfilePhoto.ReadWrite.All

	remembered remembered
}

// Upload is a picture as a person chose it, and which part of it is wanted.
type Upload struct {
	Body   []byte // a JPEG, PNG, WebP or GIF of at most MaxUploadBytes
	Frame  picture.Frame
	Reason string // what the helpdesk changes it for
}

// Change is a change without a picture.
type Change struct {
	Reason string // what the helpdesk makes it for
}

// Set makes the framed part of u the photo of subject. Where Graph is busy it
// waits up to 5 seconds; beyond that it returns with State Waiting and no error.
//
// It fails as picture.Render does before anything is sent, with fault.SignIn if
// the sign-in has run out, with fault.TooMany if the person's saves of this hour
// are used up, with fault.Forbidden if decide or Graph refuses, with
// fault.Unreadable if the helpdesk gives no reason, and with fault.Unavailable or
// fault.Timeout if Graph fails. If it is open whether the photo arrived, State is
// Unknown beside the error.
func (s *Service) Set(ctx context.Context, actor directory.Actor, subject directory.Subject, u Upload) (Saved, error) {
	r, err := s.request(ctx, actor, set, subject, u.Reason)
	if err != nil {
		return Saved{}, err
	}
	rendered, err := s.Pictures.Render(ctx, u.Body, u.Frame)
	if err != nil {
		return Saved{}, err
	}
	if err := s.spendSave(ctx, r); err != nil {
		return Saved{}, err
	}
	sum := sha256.Sum256(rendered.JPEG)
	saved := Saved{
		State: Confirmed, ETag: hex.EncodeToString(sum[:]), Bytes: len(rendered.JPEG),
		Width: rendered.Side, Height: rendered.Side,
		Location: rendered.Location, Camera: rendered.Camera, Animated: rendered.Animated,
	}
	err = s.patiently(ctx, r, func(token string) error {
		return s.Graph.PutPhoto(ctx, token, r.subject, rendered.JPEG)
	})
	s.after(ctx, r, err)
	switch {
	case err == nil:
		saved.DirectoryOnly = s.hasNoMailbox(ctx, r)
	case graph.IsUnanswered(err):
		saved.State, err = Unknown, unknownOutcome("photo.Set", err)
	case fault.Is(err, fault.Busy):
		saved.State, saved.RetryAt, err = Waiting, s.Now().Add(fault.As(err).RetryAfter), nil
	default:
		saved.State = Failed
	}
	return saved, err
}

// Remove removes the photo of subject. That there is none is no error.
//
// It fails as Set does, with fault.NotAllowed for contacts and teams, and with
// fault.Busy and RetryAfter if Graph is busy for longer than 5 seconds.
func (s *Service) Remove(ctx context.Context, actor directory.Actor, subject directory.Subject, c Change) error {
	r, err := s.request(ctx, actor, remove, subject, c.Reason)
	if err != nil {
		return err
	}
	err = s.patiently(ctx, r, func(token string) error {
		return s.Graph.DeletePhoto(ctx, token, r.subject)
	})
	s.after(ctx, r, err)
	switch {
	case graph.IsNoPhoto(err):
		return nil
	case graph.IsUnanswered(err):
		return unknownOutcome("photo.Remove", err)
	}
	return err
}

// after forgets what a change, or Graph's refusal of it, has made untrue.
func (s *Service) after(ctx context.Context, r request, err error) {
	s.changed(ctx, r.key())
	if group := r.subject.Group(); group != "" && fault.Is(err, fault.Forbidden) {
		s.memories().owners.forget(func(k ownerKey) bool { return k == r.ownerKey() })
	}
}

// hasNoMailbox reports whether the user of r, whose photo was saved, is known to
// have no mailbox: Microsoft 365 keeps the photo in the directory then.
func (s *Service) hasNoMailbox(ctx context.Context, r request) bool {
	switch r.subject.Form() {
	case directory.FormMe, directory.FormUser:
	default:
		return false
	}
	if r.person == nil {
		me, err := s.me(ctx, r, afterthought)
		return err == nil && me.Mail == "" // the photo is saved whether we know this or not
	}
	return r.person.Mail == ""
}

// unknownOutcome says that nobody knows whether a change arrived. Reading it
// back will settle that.
func unknownOutcome(op string, err error) error {
	e := *fault.As(err)
	e.Op, e.Say, e.Next, e.Err = op, words.M("photo.unknown-outcome"), fault.NextRetry, err
	return &e
}
