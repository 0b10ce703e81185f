package store

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
)

// KeyBytes is the length of a key of the Ring: AES-256.
const KeyBytes = 32

// keyIDBytes is the length of a key's id, which stands before everything that
// was sealed with the key. Two keys of one ring share an id once in 2^64.
const keyIDBytes = 8

// ErrSealed says that something sealed can't be opened: it was changed, moved
// to another place, sealed with another secret, or with a key that has left the
// ring.
var ErrSealed = errors.New("store: sealed with another key, for another place, or damaged")

// Ring holds the keys that rows are sealed with. The newest seals; all of them
// open, so a key can be followed by a new one without anybody noticing. A key
// may leave once nothing lives that it sealed: for sessions, after their
// absolute lifetime.
type Ring struct {
	keys []ringKey // newest first
}

type ringKey struct {
	id     [keyIDBytes]byte
	secret []byte
}

// Place is where something sealed stands. It opens nowhere else.
type Place struct {
	Table  string
	Row    []byte // the row's primary key
	Column string
}

// NewRing returns the ring of keys, newest first, each KeyBytes long.
func NewRing(keys ...[]byte) (*Ring, error) {
	if len(keys) == 0 {
		return nil, errors.New("store.NewRing: at least one key is needed")
	}
	ring := &Ring{}
	for i, key := range keys {
		if len(key) != KeyBytes {
			return nil, fmt.Errorf("store.NewRing: key %d has %d bytes, not %d", i+1, len(key), KeyBytes)
		}
		// The id is public, so it comes from a value that tells nothing of the
		// key that seals.
		label, err := hkdf.Key(sha256.New, key, nil, "portrait key id", sha256.Size)
		if err != nil {
			return nil, fmt.Errorf("store.NewRing: %w", err)
		}
		sum := sha256.Sum256(label)
		k := ringKey{secret: bytes.Clone(key)}
		copy(k.id[:], sum[:])
		if ring.find(k.id[:]) != nil {
			return nil, fmt.Errorf("store.NewRing: key %d is there twice", i+1)
		}
		ring.keys = append(ring.keys, k)
	}
	return ring, nil
}

// Len returns how many keys there are.
func (r *Ring) Len() int { return len(r.keys) }

// Seal returns plain encrypted and bound to place: the key's id, a nonce and
// the ciphertext. secret, where there is one, is mixed into the key and is
// needed to open it again, so that the database and the ring together aren't
// enough.
func (r *Ring) Seal(place Place, secret, plain []byte) ([]byte, error) {
	key := &r.keys[0]
	aead, err := key.aead(secret)
	if err != nil {
		return nil, fmt.Errorf("store.Seal: %w", err)
	}
	// #nosec G407 -- NewGCMWithRandomNonce takes no nonce: it makes one and puts it in front
	return aead.Seal(bytes.Clone(key.id[:]), nil, plain, place.bound(key.id[:])), nil
}

// Open returns what Seal was given. It fails with ErrSealed.
func (r *Ring) Open(place Place, secret, sealed []byte) ([]byte, error) {
	if len(sealed) < keyIDBytes {
		return nil, ErrSealed
	}
	id, rest := sealed[:keyIDBytes], sealed[keyIDBytes:]
	key := r.find(id)
	if key == nil {
		return nil, ErrSealed
	}
	aead, err := key.aead(secret)
	if err != nil {
		return nil, fmt.Errorf("store.Open: %w", err)
	}
	plain, err := aead.Open(nil, nil, rest, place.bound(id))
	if err != nil {
		return nil, ErrSealed
	}
	return plain, nil
}

// Mark returns what stands for parts without telling them: 128 bits in
// hexadecimal that only the newest key makes, another for every label. A new key
// makes new marks.
func (r *Ring) Mark(label string, parts ...string) string {
	key, err := hkdf.Key(sha256.New, r.keys[0].secret, nil, "portrait mark "+label, KeyBytes)
	if err != nil {
		panic(err) // the length is a constant that HKDF allows
	}
	mac := hmac.New(sha256.New, key)
	for _, p := range parts {
		_, _ = mac.Write(binary.BigEndian.AppendUint32(nil, uint32(len(p)))) // #nosec G115 -- a hash never fails; names, far below 4 GB
		_, _ = mac.Write([]byte(p))
	}
	return hex.EncodeToString(mac.Sum(nil)[:16])
}

// SameMark compares two marks in constant time.
func SameMark(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

func (r *Ring) find(id []byte) *ringKey {
	for i := range r.keys {
		if bytes.Equal(r.keys[i].id[:], id) {
			return &r.keys[i]
		}
	}
	return nil
}

// aead returns the cipher for secret. Random nonces are safe for 2^32 messages
// of one key; with a secret each row has its own.
//
// Source: https://pkg.go.dev/crypto/cipher#NewGCMWithRandomNonce
func (k *ringKey) aead(secret []byte) (cipher.AEAD, error) {
	key, err := hkdf.Key(sha256.New, k.secret, secret, "portrait seal", KeyBytes)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// bound is the additional data that ties a ciphertext to its place and key.
// Each part is preceded by its length, so no two places give the same bytes.
func (p Place) bound(keyID []byte) []byte {
	var out []byte
	for _, part := range [][]byte{[]byte(p.Table), p.Row, []byte(p.Column), keyID} {
		out = binary.BigEndian.AppendUint32(out, uint32(len(part))) // #nosec G115 -- names and ids, far below 4 GB
		out = append(out, part...)
	}
	return out
}
