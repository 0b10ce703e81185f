package audit

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"portrait/internal/directory"
	"portrait/internal/store"
)

// Report is what Verify found.
type Report struct {
	Entries     int64     `json:"entries"`     // that were looked at
	First       int64     `json:"first"`       // of them, 0 = none
	Last        int64     `json:"last"`        // likewise
	Erased      int64     `json:"erased"`      // entries whose names were erased, as the log itself says
	Purged      int64     `json:"purged"`      // up to here entries were deleted because of their age, 0 = none
	PurgedAt    time.Time `json:"purgedAt"`    // zero = never
	Checkpoints int       `json:"checkpoints"` // from outside, that were compared
	Past        int       `json:"past"`        // from outside, that are about entries purged since
	Wrong       *Wrong    `json:"wrong"`       // the first thing that is wrong, nil if nothing is

	end []byte // MAC of Last
}

// errStop ends a walk through the log.
var errStop = errors.New("audit: stop")

// Verify walks through the whole log and compares it with checkpoints, which
// come from ReadCheckpoints; without any, it can't find that the end of the log
// was cut off together with the note of where it ends, nor that somebody who has
// the keys wrote all of it anew. Writers aren't held up.
//
// What is wrong with the log is in the report; the error is about not being able
// to look.
func (l *Log) Verify(ctx context.Context, checkpoints []Checkpoint) (Report, error) {
	var c check
	err := l.Store.ViewAudit(ctx, func(v *store.AuditView) error {
		c = check{keys: l.Keys, view: v, outside: checkpoints}
		return c.whole(ctx)
	})
	if err != nil {
		return Report{}, fmt.Errorf("audit.Verify: %w", err)
	}
	return c.report, nil
}

// check is one walk through the log.
type check struct {
	keys    *KeyRing
	view    *store.AuditView
	outside []Checkpoint // as they were read
	report  Report

	points   map[int64]Checkpoint // by entry, those that are signed
	forged   *Checkpoint          // the first that isn't
	erased   erasures
	previous []byte          // MAC of the last entry that was right
	last     int64           // its place
	suspect  *store.AuditRow // the entry that isn't right
}

// whole verifies everything there is.
func (c *check) whole(ctx context.Context) error {
	for _, step := range []func(context.Context) error{c.start, c.gather, c.walk, c.end} {
		if err := step(ctx); err != nil || c.report.Wrong != nil {
			return err
		}
	}
	return nil
}

// start finds where the log begins: at 1, or where it was purged up to.
func (c *check) start(ctx context.Context) error {
	mark, err := c.view.Mark(ctx, markPurged)
	if errors.Is(err, store.ErrNone) {
		return nil
	}
	if err != nil {
		return err
	}
	if !c.keys.signed(mark) {
		c.wrong(mark.Seq, MarkForged)
		return nil
	}
	c.last, c.previous = mark.Seq, mark.MAC
	c.report.Purged, c.report.PurgedAt = mark.Seq, mark.At
	return nil
}

// gather collects the checkpoints, the one in the database among them, and who
// was erased.
func (c *check) gather(ctx context.Context) error {
	c.points = map[int64]Checkpoint{}
	for _, p := range c.outside {
		switch {
		case !c.keys.signed(p.mark()) && c.forged == nil:
			c.forged = &p
		case p.Seq < c.last:
			c.report.Past++
		default:
			c.report.Checkpoints++
			c.add(p)
		}
	}
	if mark, err := c.view.Mark(ctx, markCheckpoint); err == nil && c.keys.signed(mark) && mark.Seq >= c.last {
		c.add(checkpointOf(mark))
	} else if err != nil && !errors.Is(err, store.ErrNone) {
		return err
	}
	var err error
	c.erased, err = erasuresIn(ctx, c.view)
	return err
}

// erasures says up to which entry somebody was erased. Whether the entries that
// say so are as they were written is another question.
type erasures map[directory.PhotoKey]int64

func erasuresIn(ctx context.Context, v *store.AuditView) (erasures, error) {
	all := erasures{}
	err := v.Oldest(ctx, store.AuditFilter{Action: Erase}, func(r store.AuditRecord) error {
		all[r.Photo] = r.Seq
		return nil
	})
	return all, err
}

// took reports whether an erasure took what stood beside r.
func (e erasures) took(r store.AuditRow) bool {
	return e[directory.UserPhoto(r.Tenant, r.Person)] > r.Seq || e[directory.UserPhoto(r.Photo.Tenant, r.Photo.Owner)] > r.Seq
}

// add notes p. Of two that differ about one entry at least one is wrong; that of
// the log outside counts.
func (c *check) add(p Checkpoint) {
	if _, known := c.points[p.Seq]; !known {
		c.points[p.Seq] = p
	}
}

// walk verifies the entries from where the log begins, or from where c stands.
func (c *check) walk(ctx context.Context) error {
	if p, ok := c.points[c.last]; ok && !bytes.Equal(p.MAC, c.previous) {
		c.wrong(c.last, Rebuilt)
		return nil
	}
	err := c.view.Oldest(ctx, store.AuditFilter{After: c.from()}, func(r store.AuditRecord) error {
		c.entry(r)
		if c.report.Wrong != nil || c.suspect != nil {
			return errStop
		}
		return nil
	})
	if err != nil && !errors.Is(err, errStop) {
		return err
	}
	if c.suspect != nil {
		return c.diagnose(ctx) // asks the database, which it couldn't while it answered
	}
	return nil
}

// from is where the walk sets out. Entries that should have been purged are
// looked at too: they were put back.
func (c *check) from() int64 {
	if c.last == c.report.Purged {
		return -1 << 62
	}
	return c.last
}

// entry verifies one entry and what stands beside it.
func (c *check) entry(r store.AuditRecord) {
	expected := c.last + 1
	switch {
	case r.Seq < expected:
		c.wrong(r.Seq, Inserted)
		return
	case r.Seq > expected:
		c.wrong(expected, Removed)
		return
	case !c.keys.holds(r.AuditRow, c.previous):
		c.suspect = &r.AuditRow
		return
	}
	if how := c.sideOf(r); how != "" {
		c.wrong(r.Seq, how)
		return
	}
	if p, ok := c.points[r.Seq]; ok && !bytes.Equal(p.MAC, r.MAC) {
		c.wrong(r.Seq, Rebuilt)
		return
	}
	c.last, c.previous = r.Seq, r.MAC
	c.report.Entries++
	if c.report.First == 0 {
		c.report.First = r.Seq
	}
	c.report.Last, c.report.end = r.Seq, r.MAC
}

// sideOf says what is wrong beside r, "" for nothing.
func (c *check) sideOf(r store.AuditRecord) How {
	switch {
	case r.SideErr != nil:
		return SideUnreadable
	case r.Side != nil && !beside(*r.Side, r.AuditRow):
		return SideChanged
	case r.Side != nil:
		return ""
	case c.erased.took(r.AuditRow):
		c.report.Erased++
		return ""
	}
	return SideRemoved
}

// end compares where the log ends with what was noted about that.
func (c *check) end(ctx context.Context) error {
	seq, mac, err := c.view.Head(ctx)
	if err != nil {
		return err
	}
	newest := int64(0)
	for at := range c.points {
		newest = max(newest, at)
	}
	switch {
	case seq > c.last, newest > c.last:
		c.wrong(c.last+1, Cut)
	case seq < c.last, !bytes.Equal(mac, c.previous):
		c.wrong(c.last, HeadChanged)
	case c.forged != nil:
		c.wrong(c.forged.Seq, CheckpointForged)
	}
	return nil
}

func (c *check) wrong(seq int64, how How) {
	c.report.Wrong = &Wrong{Seq: seq, How: how}
}
