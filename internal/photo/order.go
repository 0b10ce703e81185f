package photo

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"strconv"

	"portrait/internal/directory"
	"portrait/internal/fault"
	"portrait/internal/words"
)

// Order is what goes with every change. All its fields may be zero.
type Order struct {
	// Key makes a repeat harmless for a day: the same change under the same key
	// is made once, whoever asks how often. Empty, every call is another change.
	Key string

	// Reason is what the helpdesk makes the change for.
	Reason string

	// Version is the photo's, as the page had it that the change was made on. If
	// another change was made since, this one is refused. Empty, it isn't asked.
	Version string

	// Saw stands for the photo that the page showed, see Shown.Saw. Restore is
	// refused if Graph has another one that didn't come from here.
	Saw string

	Origin Origin
}

// Origin is where an order came from, for the audit log.
type Origin struct {
	RequestID string // ours
	IP        string
	Agent     string // family of the browser
	Item      string // of a batch; "" for none
}

// parts returns a hash of parts, each with its length before it: no two lists of
// parts give the same bytes.
func hashOf(parts ...[]byte) []byte {
	h := sha256.New()
	for _, p := range parts {
		_, _ = h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(p)))) // a hash never fails
		_, _ = h.Write(p)
	}
	return h.Sum(nil)
}

// draftID returns the id of the change that r's actor orders under key.
func (r request) draftID(key string) []byte {
	return hashOf([]byte(r.actor.Tenant), []byte(r.actor.ID), []byte(r.key().String()), []byte(key))
}

// checkVersion refuses an order that was made on an older page than the last
// change.
func (s *Service) checkVersion(ctx context.Context, r request, o Order) error {
	if o.Version == "" {
		return nil
	}
	version, err := s.Store.PhotoChanges(ctx, r.key())
	if err != nil || strconv.FormatInt(version, 10) == o.Version {
		return err
	}
	return &fault.Error{Op: "photo.checkVersion", Kind: fault.Conflict, Say: words.M("photo.changed-meanwhile"), Next: fault.NextRetry}
}

// newer is what the older of two changes hears.
func newer() *fault.Error {
	return &fault.Error{Op: "photo.newer", Kind: fault.Conflict, Say: words.M("photo.newer"), Next: fault.NextRetry}
}

// keyReused is what somebody hears who asks for another change under the key of
// an earlier one.
func keyReused() *fault.Error {
	return &fault.Error{Op: "photo.keyReused", Kind: fault.Unreadable, Say: words.M("photo.key-reused"), Next: fault.NextRetry}
}

// isStable reports whether subject names what it is about by ids alone, so that
// its key is known before anybody was asked.
func isStable(subject directory.Subject) bool {
	return subject.User() == "" || directory.IsGUID(subject.User())
}
