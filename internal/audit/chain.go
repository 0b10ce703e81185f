package audit

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"

	"portrait/internal/store"
)

// rowBytes is what the MAC of row is made over. Each field is preceded by its
// length, so that no two rows give the same bytes.
func rowBytes(row store.AuditRow, previous []byte) []byte {
	return lengthPrefixed(
		[]byte("portrait audit entry 1"), number(row.Seq), number(row.At.UnixMilli()),
		[]byte(row.Tenant), []byte(row.Person), []byte(row.Role), []byte(row.Proof), []byte(row.As),
		[]byte(row.Photo.Tenant), []byte(row.Photo.Kind), []byte(row.Photo.Owner), []byte(row.Photo.Item),
		[]byte(row.Action), []byte(row.Outcome), []byte(row.Code), []byte(row.Old), []byte(row.New),
		[]byte(row.GraphRequest), []byte(row.ClientRequest), []byte(row.Request), []byte(row.Item),
		row.SideHash, []byte(row.KeyID), previous,
	)
}

// markBytes is what the signature of m is made over.
func markBytes(m store.AuditMark) []byte {
	return lengthPrefixed(
		[]byte("portrait audit mark 1"), []byte(m.Name), number(m.At.UnixMilli()), number(m.Seq), m.MAC,
		[]byte(m.Note), []byte(m.KeyID),
	)
}

func lengthPrefixed(fields ...[]byte) []byte {
	var out []byte
	for _, f := range fields {
		out = binary.BigEndian.AppendUint32(out, uint32(len(f))) // #nosec G115 -- far below 4 GB
		out = append(out, f...)
	}
	return out
}

func number(n int64) []byte {
	return binary.BigEndian.AppendUint64(nil, uint64(n)) // #nosec G115 -- the bits are what is wanted
}

// holds reports whether row, at its place after previous, is as it was written.
func (r *KeyRing) holds(row store.AuditRow, previous []byte) bool {
	return r.checks(row.KeyID, rowBytes(row, previous), row.MAC)
}

// holdsAt is holds for another place.
func (r *KeyRing) holdsAt(seq int64, row store.AuditRow, previous []byte) bool {
	row.Seq = seq
	return r.holds(row, previous)
}

// sign returns m signed with the newest key.
func (r *KeyRing) sign(m store.AuditMark) store.AuditMark {
	m.KeyID = r.newest().id
	m.Signature = r.newest().sum(markBytes(m))
	return m
}

// signed reports whether m was signed with a key of the ring.
func (r *KeyRing) signed(m store.AuditMark) bool { return r.checks(m.KeyID, markBytes(m), m.Signature) }

const (
	// saltBytes keep anybody from finding a name by trying hashes of names.
	saltBytes = 32
	// maxSideText is the longest text beside an entry, in bytes. A display name
	// has 256 characters in Entra; a header may have 32 kB here.
	maxSideText = 16 << 10
)

// side is what stands beside an entry.
type side struct {
	Name    string `json:"name,omitempty"`
	Address string `json:"address,omitempty"`
	Reason  string `json:"reason,omitempty"`
	Target  string `json:"target,omitempty"`
	IP      string `json:"ip,omitempty"`
	Agent   string `json:"agent,omitempty"`
}

// newSide returns the row to stand beside e.
func newSide(e Entry) (store.AuditSide, error) {
	data, err := json.Marshal(side{
		Name: cut(e.Name, maxSideText), Address: cut(e.Address, maxSideText), Reason: cut(e.Reason, maxSideText),
		Target: cut(e.TargetName, maxSideText), IP: cut(e.IP, maxSideText), Agent: cut(e.Agent, maxSideText),
	})
	salt := make([]byte, saltBytes)
	_, _ = rand.Read(salt) // never fails, see crypto/rand
	return store.AuditSide{Salt: salt, Data: data}, err
}

func sideHash(s store.AuditSide) []byte {
	sum := sha256.Sum256(lengthPrefixed([]byte("portrait audit side 1"), s.Salt, s.Data))
	return sum[:]
}

// beside reports whether s is what was written beside row.
func beside(s store.AuditSide, row store.AuditRow) bool {
	return bytes.Equal(sideHash(s), row.SideHash)
}

// entry returns the entry that was made into r.
func entry(r store.AuditRecord) (Entry, error) {
	e := Entry{
		At: r.At, Tenant: r.Tenant, Person: r.Person, Role: r.Role, Proof: r.Proof, As: r.As, Photo: r.Photo,
		Action: r.Action, Outcome: r.Outcome, Code: r.Code, Old: r.Old, New: r.New,
		GraphRequestID: r.GraphRequest, ClientRequestID: r.ClientRequest, RequestID: r.Request, Item: r.Item,
	}
	if r.Side == nil {
		return e, nil
	}
	var s side
	if err := json.Unmarshal(r.Side.Data, &s); err != nil {
		return e, fmt.Errorf("audit: what stands beside entry %d can't be read: %w", r.Seq, err)
	}
	e.Name, e.Address, e.Reason, e.TargetName, e.IP, e.Agent = s.Name, s.Address, s.Reason, s.Target, s.IP, s.Agent
	return e, nil
}
