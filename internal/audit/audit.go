// Package audit is the log of who changed whose photo, kept so that nobody can
// change it unnoticed.
//
// Entries form one chain for all replicas: each has a MAC over its fields and
// the MAC of the entry before it, made with a key that isn't in the database.
// Whoever has the database alone can break the chain but not mend it. What a
// chain can't show by itself, that its end was cut off or that all of it was
// made anew, shows against checkpoints, which are written to the program's log
// and kept elsewhere.
//
//	Append: lock the head → seal names beside it → MAC over fields and last MAC
//	Verify: purge's mark → every entry in order → head → checkpoints
//
// Names, addresses and reasons stand in a row beside the entry, and the chain
// holds their salted hash. That row can be erased, and the chain still verifies.
package audit

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"
	"unicode/utf8"

	"portrait/internal/directory"
	"portrait/internal/store"
)

// The actions that this package writes or that others agree on.
const (
	Set        = "set"
	Remove     = "remove"
	Restore    = "restore"
	SeeHistory = "seeHistory" // the helpdesk looked at the photos that were there
	Export     = "export"     // of this log, or of what is kept about a person
	Erase      = "erase"      // what names a person was erased from this log
	Purge      = "purge"      // the oldest entries were deleted; Item says which
)

// The outcomes.
const (
	Done    = "done"
	Refused = "refused" // by Portrait or by Graph: nothing was changed
	Failed  = "failed"  // nothing was changed
	Unknown = "unknown" // sent, but nobody knows whether it arrived
)

// Whose identity acted.
const (
	AsDelegated = "delegated" // the person's own
	AsApp       = "app"       // Portrait's, for the helpdesk
	AsOperator  = "operator"  // whoever runs Portrait, or Portrait by itself
)

// How a role was proven.
const (
	ProofIDToken  = "id-token" // the roles of an ID token, at most 5 minutes old for the helpdesk
	ProofOperator = "operator" // access to the machine and its settings
)

// Entry is one change or refused change. Fields that don't apply are zero.
type Entry struct {
	At      time.Time // zero = now; kept to the millisecond
	Tenant  directory.ID
	Person  directory.ID // object id of who acted
	Role    directory.Role
	Proof   string             // how the role was proven
	As      string             // whose identity acted
	Photo   directory.PhotoKey // for whom
	Action  string
	Outcome string
	Code    string // id of the sentence (words.Message.ID) where refused or failed

	Old, New string // hexadecimal SHA-256 of the photo before and after, "" = unknown or none

	GraphRequestID  string
	ClientRequestID string
	RequestID       string // ours
	Item            string // id of the batch and its item, "" = none

	// Beside the chain, sealed, and gone once a person is erased.
	Name, Address string // display name and userPrincipalName of who acted
	Reason        string
	TargetName    string // whom the photo is of, as far as known
	IP, Agent     string // where the request came from
}

// Log is the audit log. All its fields must be set.
type Log struct {
	Store *store.Store
	Keys  *KeyRing
	Now   func() time.Time
	Log   *slog.Logger // checkpoints go here at level info, and trouble above it
}

// Append writes e within tx, so that a change and its entry are there both or
// not at all. From here until tx ends, every other change on every replica waits
// with its own entry: what else tx locks it must lock before, and it should end
// soon.
func (l *Log) Append(ctx context.Context, tx *store.Tx, e Entry) error {
	p, err := take(ctx, tx)
	if err != nil {
		return err
	}
	return l.write(ctx, tx, p, e)
}

// place is where the next entry goes.
type place struct {
	seq      int64
	previous []byte // MAC of the entry before
}

// take takes the next place, and with it the right to write until tx ends.
func take(ctx context.Context, tx *store.Tx) (place, error) {
	seq, previous, err := tx.NextAudit(ctx)
	if err != nil {
		return place{}, fmt.Errorf("audit.Append: %w", err)
	}
	return place{seq, previous}, nil
}

// write writes e at p.
func (l *Log) write(ctx context.Context, tx *store.Tx, p place, e Entry) error {
	const op = "audit.Append"
	beside, err := newSide(e)
	if err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	if e.At.IsZero() {
		e.At = l.Now()
	}
	row := e.row()
	row.Seq, row.SideHash, row.KeyID = p.seq, sideHash(beside), l.Keys.newest().id
	row.MAC = l.Keys.newest().sum(rowBytes(row, p.previous))
	if err := tx.AddAudit(ctx, row, beside); err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	return nil
}

// row returns the part of e that stands in the chain.
func (e Entry) row() store.AuditRow {
	return store.AuditRow{
		At: e.At, Tenant: clean(e.Tenant), Person: clean(e.Person), Role: clean(e.Role), Proof: clean(e.Proof), As: clean(e.As),
		Photo: directory.PhotoKey{
			Tenant: clean(e.Photo.Tenant), Kind: clean(e.Photo.Kind), Owner: clean(e.Photo.Owner), Item: clean(e.Photo.Item),
		},
		Action: clean(e.Action), Outcome: clean(e.Outcome), Code: clean(e.Code), Old: clean(e.Old), New: clean(e.New),
		GraphRequest: clean(e.GraphRequestID), ClientRequest: clean(e.ClientRequestID), Request: clean(e.RequestID), Item: clean(e.Item),
	}
}

// maxText is the longest text of a field of the chain, in bytes: all of them are
// ids and words of ours, or ids of Graph's.
const maxText = 1 << 10

// clean returns text as a database takes it: PostgreSQL refuses zero bytes and
// what isn't UTF-8. Some of it, such as request ids, others chose.
func clean[T ~string](text T) T {
	s := strings.ReplaceAll(strings.ToValidUTF8(string(text), "\uFFFD"), "\x00", "\uFFFD")
	return T(cut(s, maxText))
}

// cut returns the first n bytes of s, or a little less, so that no character is
// cut apart.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
