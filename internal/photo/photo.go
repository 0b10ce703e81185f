// Package photo is the use case of Portrait: to see, set and remove the photo
// of a subject. Pages, the helpdesk and batches all come through here, so that
// nobody gets past decide.
//
//	Set: facts → resolve → decide → picture.Render → gate (token) → graph.PutPhoto
//
// Source: design document architecture.md, sections 2 and 4
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
	"portrait/internal/words"
)

// MaxUploadBytes is the largest picture that Set takes, in bytes.
const MaxUploadBytes = picture.MaxUploadBytes

// Service does what people ask for with photos. All its fields must be set, but
// for App, which may be nil where Portrait has no identity of its own.
type Service struct {
	Graph    *graph.Client
	Pictures *picture.Budget

	// Delegated returns the token with which Portrait acts for a. It fails with
	// fault.SignIn if a has to sign in again.
	Delegated func(ctx context.Context, a directory.Actor) (string, error)

	// Refused returns another token for a after Graph refused token with 401. It
	// fails with fault.SignIn if there is none.
	Refused func(ctx context.Context, a directory.Actor, token string) (string, error)

	// App returns the token of Portrait's own identity. gate.go alone calls it.
	App func(ctx context.Context) (string, error)

	Now   func() time.Time
	Sleep func(ctx context.Context, d time.Duration) error // returns early, with an error, when ctx ends
}

// Upload is a picture as a person chose it, and which part of it is wanted.
type Upload struct {
	Body  []byte // a JPEG, PNG, WebP or GIF of at most MaxUploadBytes
	Frame picture.Frame
}

// Set makes the framed part of u the photo of subject. Where Graph is busy it
// waits up to 5 seconds; beyond that it returns with State Waiting and no error.
//
// It fails as picture.Render does before anything is sent, with fault.SignIn if
// the sign-in has run out, with fault.Forbidden if decide or Graph refuses, and
// with fault.Unavailable or fault.Timeout if Graph fails. If it is open whether
// the photo arrived, State is Unknown beside the error.
func (s *Service) Set(ctx context.Context, actor directory.Actor, subject directory.Subject, u Upload) (Saved, error) {
	r, err := s.request(actor, set, subject)
	if err != nil {
		return Saved{}, err
	}
	rendered, err := s.Pictures.Render(ctx, u.Body, u.Frame)
	if err != nil {
		return Saved{}, err
	}
	// The draft is stored here, before the first call to Graph.
	sum := sha256.Sum256(rendered.JPEG)
	saved := Saved{
		State: Confirmed, ETag: hex.EncodeToString(sum[:]), Bytes: len(rendered.JPEG),
		Width: rendered.Side, Height: rendered.Side,
		Location: rendered.Location, Camera: rendered.Camera, Animated: rendered.Animated,
	}
	err = s.patiently(ctx, r, func(token string) error {
		return s.Graph.PutPhoto(ctx, token, subject, rendered.JPEG)
	})
	switch {
	case err == nil: // History and audit are written here.
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
func (s *Service) Remove(ctx context.Context, actor directory.Actor, subject directory.Subject) error {
	r, err := s.request(actor, remove, subject)
	if err != nil {
		return err
	}
	err = s.patiently(ctx, r, func(token string) error {
		return s.Graph.DeletePhoto(ctx, token, subject)
	})
	switch {
	case graph.IsNoPhoto(err):
		return nil
	case graph.IsUnanswered(err):
		return unknownOutcome("photo.Remove", err)
	}
	return err // nil: history and audit are written before this
}

// Image returns the photo of subject in a size of graph.Sizes, or the largest if
// size is 0.
//
// It fails with fault.NotFound if there is none.
func (s *Service) Image(ctx context.Context, actor directory.Actor, subject directory.Subject, size int) (graph.Image, error) {
	r, err := s.request(actor, see, subject)
	if err != nil {
		return graph.Image{}, err
	}
	var image graph.Image
	err = s.withToken(ctx, r, func(token string) (err error) {
		image, err = s.Graph.Photo(ctx, token, subject, size)
		return err
	})
	return image, err
}

// request is what somebody wants to do, with what has been found out about it.
type request struct {
	actor   directory.Actor
	act     action
	subject directory.Subject
	facts   facts
}

// request collects the facts and decides.
func (s *Service) request(actor directory.Actor, act action, subject directory.Subject) (request, error) {
	r := request{actor: actor, act: act, subject: subject}
	if subject.Form() != directory.FormMe {
		// The facts that the other forms need (owner, target, protection) have no
		// source yet, and not even their absence may tell whether somebody exists.
		return r, &fault.Error{Op: "photo.request", Kind: fault.Forbidden, Say: words.M("photo.not-offered"), Next: fault.NextHome}
	}
	return r, decide(actor, act, subject, r.facts)
}

// unknownOutcome says that nobody knows whether a change arrived. Reading it
// back will settle that.
func unknownOutcome(op string, err error) error {
	e := *fault.As(err)
	e.Op, e.Say, e.Next, e.Err = op, words.M("photo.unknown-outcome"), fault.NextRetry, err
	return &e
}
