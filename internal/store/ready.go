package store

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"time"

	"portrait/internal/fault"
	"portrait/internal/words"
)

const (
	// readyAge is how long it is believed that the database can be written to:
	// anybody may ask, and each answer costs a write that waits for the disk.
	readyAge = 5 * time.Second

	// troubleAge is how long it is believed that it can't.
	troubleAge = time.Second

	// minFree is how much room there must be beside a SQLite file, in bytes: some
	// ten saves. Less shows before anybody loses a save, also while SQLite still
	// writes into room that it has.
	minFree = 4 << 20
)

// readiness remembers whether the database could be written to.
type readiness struct {
	mu    sync.Mutex
	until time.Time
	err   error
}

// Ready reports whether the database can be written to, by doing so. The answer
// may be 5 seconds old.
//
// It fails with fault.Busy: store.full where only an administrator can help.
func (s *Store) Ready(ctx context.Context) error {
	r := &s.readiness
	r.mu.Lock()
	defer r.mu.Unlock()
	now := time.Now()
	if now.Before(r.until) {
		return r.err
	}
	r.err = s.probe(context.WithoutCancel(ctx), now) // whoever asks next wants to know it too
	r.until = time.Now().Add(readyAge)
	if r.err != nil {
		r.until = time.Now().Add(troubleAge)
	}
	return r.err
}

func (s *Store) probe(ctx context.Context, now time.Time) error {
	const op = "store.Ready"
	if err := s.checkFile(); err != nil {
		return &fault.Error{Op: op, Kind: fault.Busy, Say: words.M("store.full"), Next: fault.NextAdmin, Err: err}
	}
	ctx, cancel := context.WithTimeout(ctx, busyAgain)
	defer cancel()
	_, err := s.db.ExecContext(ctx, `INSERT INTO heartbeat (id, at) VALUES (1, $1) ON CONFLICT (id) DO UPDATE SET at = $1`, millis(now))
	return trouble(op, err)
}

// checkFile reports what is wrong with the SQLite file though it takes writes:
// SQLite doesn't notice that its file was deleted, and all would be gone with the
// process.
func (s *Store) checkFile() error {
	if isPostgres(s.database) {
		return nil
	}
	if _, err := os.Stat(s.database); err != nil {
		return err
	}
	if free, err := freeBytes(filepath.Dir(s.database)); err == nil && free < minFree {
		return errors.New("the disk is full")
	}
	return nil
}
