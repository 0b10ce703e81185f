package audit

import (
	"context"
	"errors"
	"fmt"

	"portrait/internal/store"
)

// Filter chooses entries; what is zero doesn't narrow the choice.
type Filter = store.AuditFilter

// Record is an entry as it is read.
type Record struct {
	Entry
	Seq      int64
	Erased   bool // the names and the reason beside it are gone, as the log itself says
	Verified bool // it is as it was written, at its place after the entry before it
}

// Page is a part of the log, newest first.
type Page struct {
	Records []Record
	Next    int64   // Filter.Before of the page that follows, 0 at the end
	Checked Checked // of all of it
}

// Page returns the newest entries that f chooses, at most limit.
func (l *Log) Page(ctx context.Context, f Filter, limit int) (Page, error) {
	var page Page
	err := l.Store.ViewAudit(ctx, func(v *store.AuditView) error {
		first, err := l.origin(ctx, v)
		if err != nil {
			return err
		}
		if page.Checked, err = l.checked(ctx, v); err != nil {
			return err
		}
		erased, err := erasuresIn(ctx, v)
		if err != nil {
			return err
		}
		return v.Newest(ctx, f, limit+1, func(r store.AuditRecord) error {
			if len(page.Records) == limit {
				page.Next = page.Records[limit-1].Seq
				return nil
			}
			page.Records = append(page.Records, l.record(r, first, erased))
			return nil
		})
	})
	if err != nil {
		return Page{}, fmt.Errorf("audit.Page: %w", err)
	}
	return page, nil
}

// eachPage is how many entries Each reads at once.
const eachPage = 500

// Each calls do with every entry that f chooses, newest first, until it returns
// an error, which Each returns. The database isn't held while do runs: entries
// that are purged meanwhile are missing.
func (l *Log) Each(ctx context.Context, f Filter, do func(Record) error) error {
	for {
		page, err := l.Page(ctx, f, eachPage)
		if err != nil {
			return err
		}
		for _, r := range page.Records {
			if err := do(r); err != nil {
				return err
			}
		}
		if page.Next == 0 {
			return nil
		}
		f.Before = page.Next
	}
}

// origin is where the log begins: after the mark of the last purge, or nowhere.
func (l *Log) origin(ctx context.Context, v *store.AuditView) (store.AuditMark, error) {
	mark, err := v.Mark(ctx, markPurged)
	if errors.Is(err, store.ErrNone) || err == nil && !l.Keys.signed(mark) {
		return store.AuditMark{}, nil
	}
	return mark, err
}

// record returns r as it is read, in a log that begins after origin.
func (l *Log) record(r store.AuditRecord, origin store.AuditMark, erased erasures) Record {
	previous := r.Previous
	if r.Seq == origin.Seq+1 {
		previous = origin.MAC
	}
	e, err := entry(r)
	read := Record{Entry: e, Seq: r.Seq, Erased: r.Side == nil && r.SideErr == nil && erased.took(r.AuditRow)}
	whole := read.Erased || r.Side != nil && beside(*r.Side, r.AuditRow)
	read.Verified = err == nil && whole && l.Keys.holds(r.AuditRow, previous)
	return read
}
