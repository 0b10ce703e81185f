// Package fault is the one error type of Portrait: one sentence for the person
// who reads the page, one cause for the log. web/errors.go alone turns it into
// a status and a page.
package fault

import (
	"errors"
	"time"

	"portrait/internal/words"
)

// Kind says what sort of trouble it is; it decides the HTTP status.
type Kind int

// The kinds, with the status that each is answered with.
const (
	Unexpected  Kind = iota // 500: a defect of ours
	BadRequest              // 400: the request makes no sense
	SignIn                  // 401: nobody is signed in, or no longer
	Forbidden               // 403: this person may not do that
	NotFound                // 404
	NotAllowed              // 405: nobody can do that here
	Conflict                // 409: it changed meanwhile
	TooLarge                // 413
	Unsupported             // 415: a picture of a kind that we don't take
	Unreadable              // 422: well addressed, but can't be worked with
	TooMany                 // 429: this person asked too often
	Unavailable             // 502: Microsoft 365 or the provider fails
	Busy                    // 503: later, after RetryAfter
	Timeout                 // 504: Microsoft 365 or the provider is too slow
)

// Next is what a person can do about it; the page shows it as a button or a
// sentence.
type Next string

// The next steps.
const (
	NextNone     Next = ""
	NextRetry    Next = "retry"    // try the same again
	NextWait     Next = "wait"     // try again after a while
	NextSignIn   Next = "sign-in"  // sign in again and come back
	NextAllow    Next = "allow"    // grant the permission in Scope
	NextChoose   Next = "choose"   // choose another picture
	NextOwner    Next = "owner"    // ask an owner of the group
	NextHelpdesk Next = "helpdesk" // ask the helpdesk
	NextAdmin    Next = "admin"    // ask the administrator of the tenant
	NextHome     Next = "home"     // go to the first page
)

// Error is everything that goes wrong in Portrait and that somebody should
// hear about. Say must be set; everything else may be zero.
type Error struct {
	Op             string // what was being done, "photo.Set"
	Kind           Kind
	Say            words.Message // the sentence for the person: what happened, what to do next
	Next           Next
	RetryAfter     time.Duration // when it makes sense to try again; 0 = unknown
	Scope          string        // the delegated permission that NextAllow would grant
	Claims         string        // a claims challenge (JSON) to sign in with
	Link           string        // an address to send to whoever can help, https; "" = none
	GraphRequestID string        // Graph's own request-id, for Microsoft's support
	Err            error         // the cause, for the log only
}

// Error returns the text for the log: operation, message id and cause. It is
// never shown to a person.
func (e *Error) Error() string {
	text := e.Op + ": " + e.Say.ID
	if e.GraphRequestID != "" {
		text += " (request-id " + e.GraphRequestID + ")"
	}
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// As returns err as an *Error. An error of another type becomes Unexpected,
// said in one general sentence; nil stays nil.
func As(err error) *Error {
	if err == nil {
		return nil
	}
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return &Error{Op: "fault.As", Kind: Unexpected, Say: words.M("fault.unexpected"), Next: NextRetry, Err: err}
}

// Is reports whether err is a fault of kind k.
func Is(err error, k Kind) bool {
	var e *Error
	return errors.As(err, &e) && e.Kind == k
}
