package audit

import (
	"bufio"
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"portrait/internal/store"
)

// The marks.
const (
	markPurged     = "purged"     // everything up to it was deleted because of its age
	markCheckpoint = "checkpoint" // the newest checkpoint
	markChecked    = "checked"    // up to it everything was verified
)

// checkpointEvent is the message of a checkpoint in the program's log.
const checkpointEvent = "audit checkpoint"

// Checkpoint says, signed, which entry was the newest at a time. Kept where
// nobody who can write to the database can, it shows that the log was cut off or
// written anew.
type Checkpoint struct {
	Seq       int64
	MAC       []byte // of the entry
	At        time.Time
	KeyID     string
	Signature []byte
}

// Checkpoint verifies what was added since the newest checkpoint and, if
// anything was, writes one to the log and keeps it in the database. The one in
// the database alone shows nothing: who can change the log can delete it.
//
// It fails if what was added isn't as it was written, and says so in the log. The
// checkpoint is written nevertheless: what comes later mustn't be cut off
// unnoticed because something before it was changed.
func (l *Log) Checkpoint(ctx context.Context) error { return l.CheckpointIfDue(ctx, 1, 0) }

// CheckpointIfDue is Checkpoint if since the newest one entries were added, and
// at least entries of them, or age has passed.
func (l *Log) CheckpointIfDue(ctx context.Context, entries int64, age time.Duration) error {
	const op = "audit.Checkpoint"
	var c check
	var head store.AuditMark // where the log ends, if that is due
	err := l.Store.ViewAudit(ctx, func(v *store.AuditView) error {
		newest, err := v.Mark(ctx, markCheckpoint)
		if err != nil && !errors.Is(err, store.ErrNone) {
			return err
		}
		seq, mac, err := v.Head(ctx)
		if err != nil || seq == newest.Seq || seq-newest.Seq < entries && l.Now().Sub(newest.At) < age {
			return err
		}
		head.Seq, head.MAC = seq, mac
		c = check{keys: l.Keys, view: v}
		return c.since(ctx, newest)
	})
	if err != nil || head.Seq == 0 {
		return wrapped(op, err)
	}
	err = l.publish(ctx, head)
	if c.report.Wrong != nil {
		l.Log.ErrorContext(ctx, notAsWritten, "finding", c.report.Wrong.String(), "entry", c.report.Wrong.Seq)
		err = errors.Join(fmt.Errorf("%v", c.report.Wrong), err)
	}
	return wrapped(op, err)
}

// notAsWritten is what the program's log says of a finding.
const notAsWritten = "the audit log is not as it was written"

// wrapped returns err with op before it, or nil.
func wrapped(op string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", op, err)
}

// since verifies the entries after mark, or all where mark can't be trusted.
func (c *check) since(ctx context.Context, mark store.AuditMark) error {
	if err := c.start(ctx); err != nil || c.report.Wrong != nil {
		return err
	}
	if err := c.gather(ctx); err != nil {
		return err
	}
	if mark.Seq > c.last && c.keys.signed(mark) {
		c.last, c.previous = mark.Seq, mark.MAC
	}
	if err := c.walk(ctx); err != nil || c.report.Wrong != nil {
		return err
	}
	return c.end(ctx)
}

// publish writes a checkpoint of head.
func (l *Log) publish(ctx context.Context, head store.AuditMark) error {
	mark := l.Keys.sign(store.AuditMark{Name: markCheckpoint, At: l.Now(), Seq: head.Seq, MAC: head.MAC})
	err := l.Store.Tx(ctx, func(tx *store.Tx) error {
		known, err := tx.AuditMark(ctx, markCheckpoint)
		if err == nil && known.Seq > mark.Seq { // another replica was faster
			return nil
		}
		if err != nil && !errors.Is(err, store.ErrNone) {
			return err
		}
		return tx.SetAuditMark(ctx, mark)
	})
	if err != nil {
		return err
	}
	l.Log.LogAttrs(ctx, slog.LevelInfo, checkpointEvent,
		slog.Int64("seq", mark.Seq), slog.String("mac", hex.EncodeToString(mark.MAC)), slog.Int64("at", mark.At.UnixMilli()),
		slog.String("key", mark.KeyID), slog.String("signature", hex.EncodeToString(mark.Signature)))
	return nil
}

func checkpointOf(m store.AuditMark) Checkpoint {
	return Checkpoint{Seq: m.Seq, MAC: m.MAC, At: m.At, KeyID: m.KeyID, Signature: m.Signature}
}

func (p Checkpoint) mark() store.AuditMark {
	return store.AuditMark{Name: markCheckpoint, At: p.At, Seq: p.Seq, MAC: p.MAC, KeyID: p.KeyID, Signature: p.Signature}
}

// maxLine is the longest line of a log that is read, in bytes.
const maxLine = 1 << 20

// ReadCheckpoints returns the checkpoints in r, a log with one JSON object a
// line. Other lines are passed over; a checkpoint that can't be read fails.
func ReadCheckpoints(r io.Reader) ([]Checkpoint, error) {
	const op = "audit.ReadCheckpoints"
	var found []Checkpoint
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxLine)
	for n := 1; lines.Scan(); n++ {
		if !bytes.Contains(lines.Bytes(), []byte(checkpointEvent)) {
			continue
		}
		var line struct {
			Message   string `json:"msg"`
			Seq       int64  `json:"seq"`
			MAC       string `json:"mac"`
			At        int64  `json:"at"`
			Key       string `json:"key"`
			Signature string `json:"signature"`
		}
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			return nil, fmt.Errorf("%s: line %d: %w", op, n, err)
		}
		if line.Message != checkpointEvent {
			continue
		}
		mac, macErr := hex.DecodeString(line.MAC)
		signature, err := hex.DecodeString(line.Signature)
		if err := errors.Join(macErr, err); err != nil {
			return nil, fmt.Errorf("%s: line %d: %w", op, n, err)
		}
		found = append(found, Checkpoint{Seq: line.Seq, MAC: mac, At: time.UnixMilli(line.At), KeyID: line.Key, Signature: signature})
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("%s: %w", op, err)
	}
	return found, nil
}
