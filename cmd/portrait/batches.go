package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"

	"portrait/internal/auth"
	"portrait/internal/batch"
	"portrait/internal/photo"
)

// newBatches returns what the helpdesk does with batches. It works them once
// work is called.
func newBatches(c config, photos *photo.Service, signIn *auth.Auth, log *slog.Logger) (*batch.Service, error) {
	spool, err := batch.OpenSpool(c.Spool)
	if err != nil {
		return nil, fmt.Errorf("PORTRAIT_SPOOL: %w", err)
	}
	host, err := os.Hostname()
	if err != nil {
		return nil, err
	}
	return &batch.Service{
		Store: photos.Store, Photo: photos, Spool: spool, Log: log, Now: c.Now, Fresh: signIn.Freshen, Prove: signIn.Prove,
		ApprovalAbove: c.ApprovalAbove, Workers: c.GraphSlots, Replica: host + " " + c.Addr,
	}, nil
}

// work starts working batches and returns what ends that: it waits for the items
// that are under way.
func (b built) work(ctx context.Context, log *slog.Logger) (stop func(), err error) {
	queue, err := b.photos.Store.Queue(ctx, log)
	if err != nil {
		return nil, err
	}
	if err := b.batches.Open(ctx, queue); err != nil {
		_ = queue.Close() // the first error is the one that counts
		return nil, err
	}
	tending := make(chan struct{})
	tendCtx, cancel := context.WithCancel(ctx)
	go func() {
		defer close(tending)
		b.batches.Tend(tendCtx)
	}()
	return func() {
		cancel()
		<-tending
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), drain)
		defer cancel()
		if err := b.batches.Close(ctx); err != nil {
			log.Warn("items of batches were cut off; they are found again", "cause", err.Error())
		}
		if err := queue.Close(); err != nil {
			log.Warn("the queue can't be closed", "cause", err.Error())
		}
	}, nil
}
