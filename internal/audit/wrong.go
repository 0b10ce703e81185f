package audit

import (
	"context"
	"errors"
	"fmt"

	"portrait/internal/store"
)

// How says in which way an entry, or what belongs to it, isn't as it was
// written.
type How string

// The ways. Some attacks look like others: a last entry that was put in looks
// like one that was changed, and so does an entry that somebody gave a MAC with
// a key of their own.
const (
	Changed    How = "changed"
	Removed    How = "removed"
	Inserted   How = "inserted"
	Swapped    How = "swapped"     // with the entry With
	Cut        How = "cut"         // the log ends before it
	Rebuilt    How = "rebuilt"     // it fits the chain, but not the checkpoint: somebody with the key wrote the chain anew, from here or before
	UnknownKey How = "unknown-key" // its key isn't in the ring

	SideChanged    How = "side-changed"    // what stands beside the entry
	SideRemoved    How = "side-removed"    // likewise, and nobody erased it
	SideUnreadable How = "side-unreadable" // likewise: changed, moved, or its key has left PORTRAIT_KEYS

	HeadChanged      How = "head-changed"      // the note of where the log ends
	MarkForged       How = "mark-forged"       // the note up to where the log was purged isn't signed with a key of the ring
	CheckpointForged How = "checkpoint-forged" // nor is a checkpoint from outside
)

// Wrong is the first thing that isn't as it was written.
type Wrong struct {
	Seq  int64 `json:"seq"` // the entry
	How  How   `json:"how"`
	With int64 `json:"with,omitempty"` // the other entry, for Swapped
}

// String says it in a sentence for whoever runs Portrait.
func (w Wrong) String() string {
	switch w.How {
	case Swapped:
		return fmt.Sprintf("entry %d was swapped with entry %d", w.Seq, w.With)
	case Inserted:
		return fmt.Sprintf("entry %d was put in", w.Seq)
	case Cut:
		return fmt.Sprintf("the log was cut off: entry %d and all after it are gone", w.Seq)
	case Rebuilt:
		return fmt.Sprintf("entry %d isn't the one of its checkpoint: the log was written anew, from there or before", w.Seq)
	case UnknownKey:
		return fmt.Sprintf("entry %d names a key that isn't in PORTRAIT_AUDIT_KEYS", w.Seq)
	case SideChanged:
		return fmt.Sprintf("names and reason of entry %d were changed", w.Seq)
	case SideRemoved:
		return fmt.Sprintf("names and reason of entry %d are gone, and no erasure is recorded that took them", w.Seq)
	case SideUnreadable:
		return fmt.Sprintf("names and reason of entry %d can't be opened: they were changed or moved, or their key has left PORTRAIT_KEYS", w.Seq)
	case HeadChanged:
		return fmt.Sprintf("the note of where the log ends doesn't name entry %d", w.Seq)
	case MarkForged:
		return fmt.Sprintf("the note that the log was purged up to entry %d isn't signed with a key of PORTRAIT_AUDIT_KEYS", w.Seq)
	case CheckpointForged:
		return fmt.Sprintf("the checkpoint of entry %d isn't signed with a key of PORTRAIT_AUDIT_KEYS", w.Seq)
	}
	return fmt.Sprintf("entry %d was %s", w.Seq, w.How)
}

// mostRemoved is how many entries in a row may have been removed, and those
// after them renumbered, for it to be told from a change.
const mostRemoved = 1000

// diagnose finds out what happened to the suspect, from what surrounds it.
func (c *check) diagnose(ctx context.Context) error {
	s := *c.suspect
	if c.keys.find(s.KeyID) == nil {
		c.wrong(s.Seq, UnknownKey)
		return nil
	}
	next, home, err := c.surroundings(ctx, s)
	if err != nil {
		return err
	}
	seq, _, err := c.view.Head(ctx)
	if err != nil {
		return err
	}
	switch {
	case next != nil && c.followsOn(s, *next):
		c.wrong(s.Seq, Changed)
	case home != nil && c.keys.holdsAt(home.Seq, s, c.before(*home)):
		c.report.Wrong = &Wrong{Seq: s.Seq, How: Swapped, With: home.Seq}
	case home != nil, next == nil && seq < s.Seq:
		c.wrong(s.Seq, Inserted)
	case next != nil && c.renumbered(s, *next):
		c.wrong(s.Seq, Removed)
	default:
		c.wrong(s.Seq, Changed)
	}
	return nil
}

// surroundings returns the entry after s, and the one further on that was
// written for the place of s; nil where there is none.
func (c *check) surroundings(ctx context.Context, s store.AuditRow) (next, home *store.AuditRecord, err error) {
	err = c.view.Oldest(ctx, store.AuditFilter{After: s.Seq}, func(r store.AuditRecord) error {
		if next == nil {
			next = &r
		}
		if c.keys.holdsAt(s.Seq, r.AuditRow, c.previous) {
			home = &r
			return errStop
		}
		return nil
	})
	if errors.Is(err, errStop) {
		err = nil
	}
	return next, home, err
}

// followsOn reports whether next was written after s: with the MAC that s has,
// or with the one that it should have.
func (c *check) followsOn(s store.AuditRow, next store.AuditRecord) bool {
	return c.keys.holds(next.AuditRow, s.MAC) ||
		c.keys.holds(next.AuditRow, c.keys.find(s.KeyID).sum(rowBytes(s, c.previous)))
}

// before returns the MAC that was before the place of home when home and the
// suspect were still in each other's.
func (c *check) before(home store.AuditRecord) []byte {
	if home.Seq == c.suspect.Seq+1 {
		return home.MAC
	}
	return home.Previous
}

// renumbered reports whether s and next were written further on, one after the
// other.
func (c *check) renumbered(s store.AuditRow, next store.AuditRecord) bool {
	for k := int64(1); k <= mostRemoved; k++ {
		if c.keys.holdsAt(next.Seq+k, next.AuditRow, s.MAC) {
			return true
		}
	}
	return false
}
