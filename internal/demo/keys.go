package demo

import (
	"crypto/rand"
	"crypto/rsa"
	"sync"

	"github.com/go-jose/go-jose/v4"
	"github.com/google/uuid"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// signingKey is an RS256 key, as op.SigningKey wants it.
type signingKey struct {
	id  string
	rsa *rsa.PrivateKey
}

func (k signingKey) ID() string                                  { return k.id }
func (k signingKey) Key() any                                    { return k.rsa }
func (k signingKey) SignatureAlgorithm() jose.SignatureAlgorithm { return jose.RS256 }

// publicKey is what the world may see of a signingKey, as op.Key wants it.
type publicKey struct{ signingKey }

func (k publicKey) Key() any                           { return &k.rsa.PublicKey }
func (k publicKey) Algorithm() jose.SignatureAlgorithm { return jose.RS256 }
func (k publicKey) Use() string                        { return "sig" }

// keyRing holds the key that signs ID tokens. Making one takes about 0.2 s, so
// it is made beside everything else and waited for when it is first needed.
type keyRing struct {
	mu  sync.Mutex
	key func() (signingKey, error) // waits until it is made
}

func newKeyRing() *keyRing {
	k := &keyRing{}
	k.rotate()
	return k
}

func (k *keyRing) rotate() {
	key := sync.OnceValues(func() (signingKey, error) {
		private, err := rsa.GenerateKey(rand.Reader, 2048)
		return signingKey{uuid.NewString(), private}, err
	})
	go func() { _, _ = key() }() // whoever needs it gets the error, too
	k.mu.Lock()
	defer k.mu.Unlock()
	k.key = key
}

func (k *keyRing) current() (signingKey, error) {
	k.mu.Lock()
	key := k.key
	k.mu.Unlock()
	return key()
}

// RotateKeys replaces the key that signs ID tokens. The old one is no longer
// published, so tokens that it signed don't verify any more.
func (t *Tenant) RotateKeys() { t.keys.rotate() }

var (
	_ op.SigningKey = signingKey{}
	_ op.Key        = publicKey{}
)
