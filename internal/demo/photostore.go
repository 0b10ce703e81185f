package demo

import (
	"bytes"
	"strconv"
	"strings"
	"sync"
	"time"

	"portrait/internal/directory"
)

// photoKey says whose photo it is, whatever it is called in an address: the
// object id of a person or group, or of a mailbox and the immutable id of a
// contact in it.
type photoKey string

func contactKey(mailbox directory.ID, c *contact) photoKey {
	return photoKey(string(mailbox) + "/" + string(c.immutable))
}

// photoStore keeps what was written and when, so that reads can lag behind.
type photoStore struct {
	initial func(photoKey) *picture // what is there at the start, or nil

	mu     sync.Mutex
	writes int
	of     map[photoKey][]version // oldest first
}

// version is a photo from a moment on; a nil picture means that it was removed.
type version struct {
	picture *picture
	from    time.Time
}

// reset puts every photo back to what it was at the start.
func (s *photoStore) reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.of = map[photoKey][]version{}
}

// versions returns what there was of a photo. Its caller holds mu.
func (s *photoStore) versions(key photoKey) []version {
	if all, ok := s.of[key]; ok {
		return all
	}
	p := s.initial(key)
	if p == nil {
		return nil
	}
	s.of[key] = []version{{picture: p}}
	return s.of[key]
}

// write makes p the photo at the time now; nil removes it. Versions that no read
// within the delay can see any more are dropped.
func (s *photoStore) write(key photoKey, p *picture, now time.Time, delay time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.writes++
	if p != nil {
		p.etag = etag(p.source(), s.writes)
	}
	all := s.versions(key)
	for len(all) > 1 && now.Sub(all[1].from) >= delay {
		all = all[1:]
	}
	s.of[key] = append(all, version{p, now})
}

// read returns what reads see at the time now when they lag by delay, or nil.
func (s *photoStore) read(key photoKey, now time.Time, delay time.Duration) *picture {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := s.versions(key)
	for i := len(all) - 1; i >= 0; i-- {
		if all[i].from.IsZero() || now.Sub(all[i].from) >= delay {
			return all[i].picture
		}
	}
	return nil
}

// latest returns what was last written, or nil.
func (s *photoStore) latest(key photoKey) *picture {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := s.versions(key)
	if len(all) == 0 {
		return nil
	}
	return all[len(all)-1].picture
}

// initialPhoto returns the drawn picture that is there at the start, or nil.
func (t *Tenant) initialPhoto(key photoKey) *picture {
	owner, item, isContact := strings.Cut(string(key), "/")
	if p := t.byID(directory.ID(owner)); p != nil {
		switch {
		case isContact:
			return t.contactPhoto(p, directory.ID(item))
		case p.bare || p.account == guest || !p.isHere():
			return nil
		case strings.HasPrefix(owner, filledPersonID):
			return t.few.portrait(p.seed)
		}
		return drawnPicture(p)
	}
	g := t.group(owner)
	switch {
	case g == nil || g.logo == 0:
		return nil
	case strings.HasPrefix(owner, filledGroupID):
		return t.few.logo(g.logo)
	}
	return drawn(owner, portraitPx, false, func(px int) []byte { return drawLogo(g.logo, px) })
}

// contactPhoto returns the drawn picture of a contact, or nil. Outlook keeps it
// in one size.
func (t *Tenant) contactPhoto(p *person, id directory.ID) *picture {
	b := t.box(p)
	if b == nil {
		return nil
	}
	c := b.contact(id)
	if c == nil || c.seed == 0 {
		return nil
	}
	if strings.HasPrefix(string(id), filledImmutable) {
		return t.few.thumbnail(c.seed)
	}
	return drawn(string(id), 240, true, func(px int) []byte { return drawPortrait(lookFrom(c.seed), px) })
}

// fewPortraits is how many different pictures synthetic rows have.
const fewPortraits = 12

// few are the pictures that synthetic rows share, drawn once.
type few struct {
	mu  sync.Mutex
	all map[string]*picture
}

func (f *few) once(kind string, n uint64, px int, asIs bool, draw func(n uint64, px int) []byte) *picture {
	n %= fewPortraits
	name := kind + strconv.FormatUint(n, 10)
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.all == nil {
		f.all = map[string]*picture{}
	}
	if f.all[name] == nil {
		f.all[name] = drawn(name, px, asIs, func(px int) []byte { return draw(n, px) })
	}
	return f.all[name]
}

func portraitOf(n uint64, px int) []byte { return drawPortrait(lookFrom(n), px) }

func (f *few) portrait(n uint64) *picture {
	return f.once("portrait", n, portraitPx, false, portraitOf)
}

func (f *few) thumbnail(n uint64) *picture { return f.once("contact", n, 120, true, portraitOf) }

func (f *few) logo(n int) *picture {
	return f.once("logo", uint64(n), portraitPx, false, func(n uint64, px int) []byte { return drawLogo(int(n), px) })
}

// Photo returns the photo of a person or group, by object id, as it was last
// written or drawn, whatever reads see in the meantime. It returns nil if there
// is none.
func (t *Tenant) Photo(id directory.ID) []byte {
	return t.lastWritten(photoKey(strings.ToLower(string(id))))
}

// HasPhoto reports whether Photo returns one, without drawing it.
func (t *Tenant) HasPhoto(id directory.ID) bool {
	return t.photos.latest(photoKey(strings.ToLower(string(id)))) != nil
}

// ContactPhoto returns the photo of a contact in the mailbox of user, as Photo
// does. The contact's id may be of either kind.
func (t *Tenant) ContactPhoto(user, id directory.ID) []byte {
	p := t.byID(user)
	if p == nil || t.box(p) == nil || t.box(p).contact(id) == nil {
		return nil
	}
	return t.lastWritten(contactKey(p.ID, t.box(p).contact(id)))
}

func (t *Tenant) lastWritten(key photoKey) []byte {
	p := t.photos.latest(key)
	if p == nil {
		return nil
	}
	return bytes.Clone(p.source())
}
