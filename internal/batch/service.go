package batch

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"time"

	"github.com/riverqueue/river"

	"portrait/internal/directory"
	"portrait/internal/fault"
	"portrait/internal/photo"
	"portrait/internal/store"
	"portrait/internal/words"
)

const (
	// KeepFor is how long what a batch has replaced is kept for the way back,
	// whatever the history keeps.
	KeepFor = 30 * 24 * time.Hour

	// forgottenAfter is how long a batch that nobody runs keeps its pictures.
	forgottenAfter = 7 * 24 * time.Hour
)

// Service is what the helpdesk does with batches. All its fields must be set
// unless noted. What prepares a batch is in prepare*.go, what runs it in run*.go
// and work*.go.
type Service struct {
	Store *store.Store
	Photo *photo.Service
	Spool *Spool // where zips wait; nil where none are taken
	Log   *slog.Logger
	Now   func() time.Time

	// Fresh returns a with the role of an ID token that is at most 5 minutes
	// old, of the session in ctx.
	Fresh func(ctx context.Context, a directory.Actor) (directory.Actor, error)

	// Prove returns who lets batch run, with the role of an ID token that is at
	// most 5 minutes old, from the batch's own grant. It fails with fault.SignIn
	// if the grant is gone or refused.
	Prove func(ctx context.Context, batch string) (directory.Actor, error)

	ApprovalAbove int    // a batch of more items needs a second person; 0 = none does
	Workers       int    // items of one batch that this process works at once
	Replica       string // name of this process, which a restart keeps and no other process has
	Only          string // the one batch that this process works; "" = all

	client *river.Client[*sql.Tx] // set by Open
	queues map[string]time.Time   // by id, batches whose queues this process works, and when they were last seen to run
	atWork underWay
}

// mayUse returns actor as their session proves them now. It fails with
// fault.Forbidden for everybody but the helpdesk and operators, before anything
// is looked up.
func (s *Service) mayUse(ctx context.Context, actor directory.Actor) (directory.Actor, error) {
	refused := &fault.Error{Op: "batch.mayUse", Kind: fault.Forbidden, Say: words.M("photo.helpdesk-only"), Next: fault.NextHelpdesk}
	if !actor.Role.ForOthers() {
		return actor, refused
	}
	fresh, err := s.Fresh(ctx, actor)
	if err == nil && !fresh.Role.ForOthers() {
		err = refused
	}
	return fresh, err
}

// find returns the batch with the given id for actor. It fails as mayUse does,
// and with fault.NotFound if actor's tenant has no such batch.
func (s *Service) find(ctx context.Context, actor directory.Actor, id string) (directory.Actor, store.Batch, error) {
	actor, err := s.mayUse(ctx, actor)
	if err != nil {
		return actor, store.Batch{}, err
	}
	b, err := s.Store.Batch(ctx, actor.Tenant, id)
	return actor, b, said("batch.find", err)
}

// faults are the sentences for what the store says.
var faults = []struct {
	err  error
	kind fault.Kind
	say  words.Message
	next fault.Next
}{
	{store.ErrNone, fault.NotFound, words.M("batch.none"), fault.NextHome},
	{store.ErrConflict, fault.Conflict, words.M("batch.moved-on"), fault.NextRetry},
	{store.ErrUnapproved, fault.Conflict, words.M("batch.unapproved"), fault.NextRetry},
	{store.ErrOwnPlan, fault.Forbidden, words.M("batch.own-plan"), fault.NextHelpdesk},
	{store.ErrBadPlan, fault.Conflict, words.M("batch.bad-plan"), fault.NextRetry},
}

// said returns what a person hears of err, which came from the store.
func said(op string, err error) error {
	for _, f := range faults {
		if errors.Is(err, f.err) {
			return &fault.Error{Op: op, Kind: f.kind, Say: f.say, Next: f.next, Err: err}
		}
	}
	return err
}
