package main

import (
	"encoding/base64"
	"os"
	"slices"
	"strings"
	"time"

	"portrait/internal/audit"
	"portrait/internal/store"
)

// keyHint says how to make a key.
const keyHint = "make one with: openssl rand -base64 32"

// keys returns the ring that the database is sealed with.
func (p *problems) keys(encoded []string) *store.Ring {
	keys, ok := p.decoded("PORTRAIT_KEYS", encoded)
	if !ok {
		return nil
	}
	ring, err := store.NewRing(keys...)
	p.need(err == nil, "PORTRAIT_KEYS: %v", err)
	return ring
}

// auditKeys returns the ring that the audit log is authenticated with. It shares
// no key with the one that the database is sealed with: who may read names
// needn't be able to rewrite the log.
func (p *problems) auditKeys(encoded, sealing []string) *audit.KeyRing {
	keys, ok := p.decoded("PORTRAIT_AUDIT_KEYS", encoded)
	if !ok {
		return nil
	}
	shared := slices.ContainsFunc(encoded, func(key string) bool {
		return slices.ContainsFunc(sealing, func(other string) bool { return strings.TrimSpace(key) == strings.TrimSpace(other) })
	})
	p.need(!shared, "PORTRAIT_AUDIT_KEYS has a key that is also in PORTRAIT_KEYS: the audit log needs keys of its own (%s)", keyHint)
	ring, err := audit.NewKeys(keys...)
	p.need(err == nil, "PORTRAIT_AUDIT_KEYS: %v", err)
	return ring
}

// decoded returns the keys of the variable with this name, and whether all of
// them are keys.
func (p *problems) decoded(name string, encoded []string) ([][]byte, bool) {
	if len(encoded) == 0 {
		p.need(false, "%s is missing: one or more base64 keys of 32 bytes, newest first, parted by commas (%s)", name, keyHint)
		return nil, false
	}
	var keys [][]byte
	whole := true
	for i, e := range encoded {
		key, err := base64.StdEncoding.DecodeString(strings.TrimSpace(e))
		good := err == nil && len(key) == 32
		p.need(good, "%s: key %d isn't 32 bytes in base64 (%s)", name, i+1, keyHint)
		keys, whole = append(keys, key), whole && good
	}
	return keys, whole
}

// days returns n days. It must be at least one.
func (p *problems) days(name string, n int) time.Duration {
	p.need(n >= 1, "%s is %d: it is a number of days, at least 1", name, n)
	return time.Duration(n) * 24 * time.Hour
}

// find makes sure that a database which is a file is there.
func (p *problems) find(database string) {
	if !strings.Contains(database, "://") {
		_, err := os.Stat(database)
		p.need(err == nil, "PORTRAIT_DATABASE can't be found: %v", err)
	}
}
