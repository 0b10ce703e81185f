package handlers

import (
	"context"
	"net/http"

	"github.com/labstack/echo/v4"

	"portrait/internal/auth"
	"portrait/internal/directory"
	"portrait/internal/photo"
)

// batchPath is the address of a batch's page.
func batchPath(id string) string { return "/batches/" + id }

// batchContext is the request's context, which says where it came from: the
// audit log keeps that of what is done with batches.
func batchContext(c echo.Context) context.Context {
	return photo.WithOrigin(c.Request().Context(), originOf(c))
}

// RunBatch sends who wants a batch to run to the provider, which gives the batch
// what it acts with; FinishSignIn starts it.
func (s *Site) RunBatch(c echo.Context) error { return s.askProvider(c, false) }

// ResumeBatch is RunBatch for a batch that is paused.
func (s *Site) ResumeBatch(c echo.Context) error { return s.askProvider(c, true) }

func (s *Site) askProvider(c echo.Context, resume bool) error {
	actor, err := s.actor(c)
	if err != nil {
		return err
	}
	id := c.Param("batch")
	if err := s.Batch.MayRun(c.Request().Context(), actor, id, resume); err != nil {
		return err
	}
	location, err := s.Auth.Begin(c.Response(), c.Request(), auth.Wish{ReturnTo: batchPath(id), Batch: id, Resume: resume})
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, location)
}

// startBatch lets the batch run that somebody has come back from the provider
// for.
func (s *Site) startBatch(c echo.Context, out auth.Outcome) error {
	actor, err := s.actor(c)
	if err != nil {
		return err
	}
	let := s.Batch.Start
	if out.Resume {
		let = s.Batch.Resume
	}
	if err := let(batchContext(c), actor, out.Batch, *out.Grant); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, out.ReturnTo)
}

// PauseBatch stops a batch for a while.
func (s *Site) PauseBatch(c echo.Context) error { return s.changeBatch(c, s.Batch.Pause) }

// CancelBatch ends a batch before its time.
func (s *Site) CancelBatch(c echo.Context) error { return s.changeBatch(c, s.Batch.Cancel) }

// RetryBatch tries the failed items of a batch again.
func (s *Site) RetryBatch(c echo.Context) error { return s.changeBatch(c, s.Batch.RetryFailed) }

// FinishBatch ends a batch with the failed items that it has.
func (s *Site) FinishBatch(c echo.Context) error { return s.changeBatch(c, s.Batch.Finish) }

// changeBatch does what a button on a batch's page says, and goes back there.
func (s *Site) changeBatch(c echo.Context, do func(ctx context.Context, actor directory.Actor, id string) error) error {
	actor, err := s.actor(c)
	if err != nil {
		return err
	}
	if err := do(batchContext(c), actor, c.Param("batch")); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, batchPath(c.Param("batch")))
}

// RollBackBatch makes the batch that undoes another, for the field reason, and
// goes to its page, where it is run.
func (s *Site) RollBackBatch(c echo.Context) error {
	actor, err := s.actor(c)
	if err != nil {
		return err
	}
	back, err := s.Batch.RollBack(batchContext(c), actor, c.Param("batch"), reasonOf(c))
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, batchPath(back))
}
