package audit

import (
	"bytes"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
)

// KeyBytes is the length of a key of the KeyRing.
const KeyBytes = 32

// KeyRing holds the keys that entries are authenticated with. The newest makes
// MACs, all of them check. A key must never leave the ring as long as there is
// an entry of its time: without it the entry can't be verified.
type KeyRing struct {
	keys []macKey // newest first
}

type macKey struct {
	id     string // 16 hexadecimal digits, public
	secret []byte
}

// NewKeys returns the ring of keys, newest first, each KeyBytes long. They must
// be keys of their own: who can open what the database seals needn't be able to
// rewrite the log.
func NewKeys(keys ...[]byte) (*KeyRing, error) {
	if len(keys) == 0 {
		return nil, errors.New("audit.NewKeys: at least one key is needed")
	}
	ring := &KeyRing{}
	for i, key := range keys {
		if len(key) != KeyBytes {
			return nil, fmt.Errorf("audit.NewKeys: key %d has %d bytes, not %d", i+1, len(key), KeyBytes)
		}
		// The id is public, so it comes from a value that tells nothing of the key.
		label, err := hkdf.Key(sha256.New, key, nil, "portrait audit key id", sha256.Size)
		if err != nil {
			return nil, fmt.Errorf("audit.NewKeys: %w", err)
		}
		sum := sha256.Sum256(label)
		k := macKey{id: hex.EncodeToString(sum[:8]), secret: bytes.Clone(key)}
		if ring.find(k.id) != nil {
			return nil, fmt.Errorf("audit.NewKeys: key %d is there twice", i+1)
		}
		ring.keys = append(ring.keys, k)
	}
	return ring, nil
}

func (r *KeyRing) newest() *macKey { return &r.keys[0] }

// find returns the key with this id, or nil.
func (r *KeyRing) find(id string) *macKey {
	for i := range r.keys {
		if r.keys[i].id == id {
			return &r.keys[i]
		}
	}
	return nil
}

// Has reports whether the key with this id, as entries name it, is in the ring.
func (r *KeyRing) Has(id string) bool { return r.find(id) != nil }

// checks reports whether mac is the MAC of message by the key with this id.
func (r *KeyRing) checks(id string, message, mac []byte) bool {
	key := r.find(id)
	return key != nil && hmac.Equal(key.sum(message), mac)
}

func (k *macKey) sum(message []byte) []byte {
	h := hmac.New(sha256.New, k.secret)
	_, _ = h.Write(message) // a hash never fails
	return h.Sum(nil)
}
