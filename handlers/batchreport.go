package handlers

import (
	"bufio"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"portrait/internal/batch"
	"portrait/internal/words"
	"portrait/views"
)

// ExportBatch answers what became of each item as a file for spreadsheets.
func (s *Site) ExportBatch(c echo.Context) error {
	actor, err := s.actor(c)
	if err != nil {
		return err
	}
	p := s.Printer(c)
	name := "portrait-batch-" + time.Now().UTC().Format("2006-01-02") + ".csv"
	out := &csvAnswer{c: c, to: bufio.NewWriterSize(c.Response(), 32<<10), name: name, columns: batch.ReportColumns}
	return out.end(s.Batch.Report(batchContext(c), actor, c.Param("batch"), func(it batch.Kept) error {
		cells, err := batch.ReportCells(it, p)
		if err != nil {
			return err
		}
		return out.row(cells)
	}))
}

// batchState is how far a batch is, for the page that follows it.
type batchState struct {
	State string  `json:"state"`
	Files []int64 `json:"files,omitempty"` // numbers of those that are there, while it is prepared
	Total int64   `json:"total"`
	Ended int64   `json:"ended"` // of Total
	Text  string  `json:"text"`  // the same in words
}

// ShowBatchState answers how far a batch is.
func (s *Site) ShowBatchState(c echo.Context) error {
	actor, err := s.actor(c)
	if err != nil {
		return err
	}
	ctx, id := c.Request().Context(), c.Param("batch")
	b, counts, err := s.Batch.Counts(ctx, actor, id)
	if err != nil {
		return err
	}
	progress := progressOf(s.Printer(c), counts.States, counts.Ticked)
	state := batchState{State: string(b.State), Total: int64(progress.Max), Ended: int64(progress.Value), Text: progress.Text}
	if b.Started.IsZero() {
		if state.Files, err = s.Batch.Numbers(ctx, actor, id); err != nil {
			return err
		}
	}
	return c.JSON(http.StatusOK, state)
}

// progressOf says how many of the ticked items have ended, and how.
func progressOf[S ~string](p words.Printer, states map[S]int64, ticked int64) *views.BatchProgress {
	done, skipped, failed := int(states["done"]), int(states["skipped"]), int(states["failed"])
	return &views.BatchProgress{
		Value: done + skipped + failed, Max: int(ticked),
		Text: p.T("batch.progress", "Done", done, "Skipped", skipped, "Failed", failed, "Total", int(ticked)),
	}
}
