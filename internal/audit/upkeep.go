package audit

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"portrait/internal/directory"
	"portrait/internal/store"
)

// Erase deletes the names, addresses and reasons beside every entry in which
// person acted, or that is about a photo of theirs, and writes an entry that
// says so, by is who does it: an operator, for a reason. Object ids, hashes and
// outcomes stay, and the chain still verifies. It returns how many entries there
// were.
//
// Where somebody else acted on person's photo, that one's name goes from the
// entry too.
func (l *Log) Erase(ctx context.Context, tenant, person directory.ID, reason string) (int64, error) {
	photo := directory.UserPhoto(tenant, person)
	var n int64
	err := l.Store.Tx(ctx, func(tx *store.Tx) error {
		p, err := take(ctx, tx) // first: no entry of theirs can come between the two
		if err != nil {
			return err
		}
		if n, err = tx.EraseAuditSides(ctx, photo.Tenant, photo.Owner); err != nil {
			return err
		}
		return l.write(ctx, tx, p, Entry{
			Tenant: photo.Tenant, Proof: ProofOperator, As: AsOperator, Photo: photo,
			Action: Erase, Outcome: Done, Reason: reason, Item: strconv.FormatInt(n, 10),
		})
	})
	if err != nil {
		return 0, fmt.Errorf("audit.Erase: %w", err)
	}
	return n, nil
}

// Purge deletes the entries that are older than before, as long as all before
// them are too, and returns how many there were. What is left still verifies: a
// signed mark says where it begins, and an entry says what was purged and, if
// the entries to be deleted weren't as they were written, from where on.
func (l *Log) Purge(ctx context.Context, before time.Time) (int64, error) {
	const op = "audit.Purge"
	some, err := l.Page(ctx, Filter{To: before}, 1)
	if err != nil || len(some.Records) == 0 {
		return 0, err
	}
	found, err := l.Verify(ctx, nil)
	if err != nil {
		return 0, err
	}
	var n int64
	err = l.Store.Tx(ctx, func(tx *store.Tx) error {
		p, err := take(ctx, tx)
		if err != nil {
			return err
		}
		last, err := tx.LastAuditBefore(ctx, before)
		if err != nil {
			return err
		}
		mark := l.Keys.sign(store.AuditMark{Name: markPurged, At: l.Now(), Seq: last.Seq, MAC: last.MAC})
		if err := tx.SetAuditMark(ctx, mark); err != nil {
			return err
		}
		if n, err = tx.PurgeAudit(ctx, last.Seq); err != nil {
			return err
		}
		return l.write(ctx, tx, p, Entry{
			Tenant: last.Tenant, Proof: ProofOperator, As: AsOperator, Action: Purge, Outcome: Done, Item: purged(last.Seq, n, found.Wrong),
		})
	})
	if errors.Is(err, store.ErrNone) {
		return 0, nil // and nothing was written
	}
	if err != nil {
		return 0, fmt.Errorf("%s: %w", op, err)
	}
	return n, nil
}

// purged says which n entries were purged, and what was wrong with them.
func purged(through, n int64, wrong *Wrong) string {
	text := fmt.Sprintf("%d-%d", through-n+1, through)
	if wrong != nil && wrong.Seq <= through {
		text += fmt.Sprintf(", wrong at %d: %s", wrong.Seq, wrong.How)
	}
	return text
}

// Checked is the last time that all of the log was verified.
type Checked struct {
	At    time.Time // zero = never yet
	Seq   int64     // up to this entry
	Wrong *Wrong    // what was found, nil for nothing
}

// CheckIfDue verifies the whole log if that was last done longer than age ago,
// and remembers what it found. What is wrong is said in the program's log.
func (l *Log) CheckIfDue(ctx context.Context, age time.Duration) error {
	const op = "audit.Check"
	var last Checked
	err := l.Store.ViewAudit(ctx, func(v *store.AuditView) (err error) {
		last, err = l.checked(ctx, v)
		return err
	})
	if err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	if l.Now().Sub(last.At) < age {
		return nil
	}
	report, err := l.Verify(ctx, nil)
	if err != nil {
		return err
	}
	mark := store.AuditMark{Name: markChecked, At: l.Now(), Seq: report.Last, MAC: append([]byte{}, report.end...)} // never nil, also of an empty log
	if w := report.Wrong; w != nil {
		mark.Note = fmt.Sprintf("%s %d %d", w.How, w.Seq, w.With)
		l.Log.ErrorContext(ctx, notAsWritten, "finding", w.String(), "entry", w.Seq)
	}
	if err := l.Store.Tx(ctx, func(tx *store.Tx) error { return tx.SetAuditMark(ctx, l.Keys.sign(mark)) }); err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	return nil
}

// checked returns what CheckIfDue remembered last. What isn't signed counts as
// never.
func (l *Log) checked(ctx context.Context, v *store.AuditView) (Checked, error) {
	mark, err := v.Mark(ctx, markChecked)
	if errors.Is(err, store.ErrNone) || err == nil && !l.Keys.signed(mark) {
		return Checked{}, nil
	}
	if err != nil {
		return Checked{}, err
	}
	c := Checked{At: mark.At, Seq: mark.Seq}
	how, rest, isWrong := strings.Cut(mark.Note, " ")
	if isWrong {
		c.Wrong = &Wrong{How: How(how)}
		_, err = fmt.Sscanf(rest, "%d %d", &c.Wrong.Seq, &c.Wrong.With)
	}
	return c, err
}
