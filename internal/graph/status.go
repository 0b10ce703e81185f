package graph

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"portrait/internal/fault"
	"portrait/internal/words"
)

var (
	errNoPhoto      = errors.New("graph: no photo")
	errUnsearchable = errors.New("graph: the list can't be searched for this")
	errBroken       = errors.New("graph: the answer isn't what was asked for")
	errThrottled    = errors.New("graph: more than Graph takes now")
	errUnanswered   = errors.New("graph: the request was sent but not answered")
)

// IsNoPhoto reports whether err says that its subject is there and has no
// photo, which is nothing unusual.
func IsNoPhoto(err error) bool { return errors.Is(err, errNoPhoto) }

// IsBroken reports whether err says that Graph did answer, but with something
// else than what was asked for: a photo that is no picture, say.
func IsBroken(err error) bool { return errors.Is(err, errBroken) }

// IsUnsearchable reports whether err says that Graph can't search a list for
// what it was asked for. The list can still be read without a search.
func IsUnsearchable(err error) bool { return errors.Is(err, errUnsearchable) }

// IsThrottled reports whether err says that Graph, and nothing else that can be
// busy, takes no more at the moment.
func IsThrottled(err error) bool { return errors.Is(err, errThrottled) }

// IsUnanswered reports whether err leaves open if a photo was changed: Graph
// got the request, and no answer came.
func IsUnanswered(err error) bool { return errors.Is(err, errUnanswered) }

// statusFault says what the refusal of q by status, header and body means.
func statusFault(q call, status int, h http.Header, body []byte) *fault.Error {
	said := decodeError(h, body)
	r := whatever(status)
	for _, candidate := range rules {
		if candidate.matches(q, status, said.code) {
			r = candidate
			break
		}
	}
	e := &fault.Error{
		Op: q.op, Kind: r.kind, Say: r.say, Next: r.next, Scope: r.scope, GraphRequestID: said.requestID,
		RetryAfter: retryAfter(h, time.Now()), Err: fmt.Errorf("status %d %s", status, said.code),
	}
	switch claims := claimsChallenge(h); {
	case status == http.StatusUnauthorized && claims != "":
		e.Kind, e.Say, e.Next, e.Claims = fault.SignIn, words.M("graph.sign-in-claims"), fault.NextSignIn, claims
	case r.say.ID == sayAbsent.ID:
		e.Err = fmt.Errorf("%w: %w", errNoPhoto, e.Err)
	case r.kind == fault.Busy:
		e.Err = fmt.Errorf("%w: %w", errThrottled, e.Err)
	case r.say.ID == sayUnsearchable.ID:
		e.Err = fmt.Errorf("%w: %w", errUnsearchable, e.Err)
	case status == http.StatusGatewayTimeout && q.deed.changes():
		e.Err = fmt.Errorf("%w: %w", errUnanswered, e.Err)
	}
	return e
}

// noPhoto returns the fault for a photo that Graph says isn't there by other
// means than 404. h may be nil.
func noPhoto(q call, h http.Header) *fault.Error {
	return &fault.Error{
		Op: q.op, Kind: fault.NotFound, Say: sayAbsent, GraphRequestID: plainID(h.Get("request-id")), Err: errNoPhoto,
	}
}

// notThere returns the fault for an id that can't be anything's.
func notThere(op string, say words.Message, err error) *fault.Error {
	return &fault.Error{Op: op, Kind: fault.NotFound, Say: say, Next: fault.NextHome, Err: err}
}

// brokenAnswer returns the fault for a success whose body isn't what was asked
// for. err may be nil.
func brokenAnswer(q call, h http.Header, err error) *fault.Error {
	return &fault.Error{
		Op: q.op, Kind: fault.Unavailable, Say: words.M("graph.broken-answer"), Next: fault.NextRetry,
		GraphRequestID: plainID(h.Get("request-id")), Err: errors.Join(errBroken, err),
	}
}

// netFault says what a failure below HTTP means. arrived tells whether Graph
// may have got all of q.
func netFault(q call, arrived bool, err error) *fault.Error {
	e := &fault.Error{Op: q.op, Kind: fault.Unavailable, Say: words.M("graph.unreachable"), Next: fault.NextRetry, Err: err}
	var timeout net.Error
	var certificate *tls.CertificateVerificationError
	switch {
	case errors.As(err, &certificate):
		e.Say, e.Next = words.M("graph.untrusted"), fault.NextAdmin
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		e.Kind, e.Say = fault.Timeout, words.M("graph.slow")
	case errors.Is(err, errTooLong), errors.Is(err, io.ErrUnexpectedEOF):
		e.Say = words.M("graph.broken-answer")
	}
	if arrived && q.deed.changes() {
		e.Err = fmt.Errorf("%w: %w", errUnanswered, err)
	}
	return e
}
