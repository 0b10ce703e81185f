package photo

import (
	"sync"
	"sync/atomic"

	"portrait/internal/directory"
)

const (
	// factsKept bounds each memory of facts, in answers: as many people as look
	// at something within minutes. One takes some 300 bytes.
	factsKept = 10_000

	// thumbBytes bounds the memory of pictures, in bytes (32 MB): some 8,000
	// thumbnails of 4 kB.
	thumbBytes = 32 << 20
)

// memories are what a Service remembers for seconds or minutes.
type memories struct {
	people *memory[directory.PhotoKey, directory.Person] // those who looked at their own page
	owners *memory[ownerKey, bool]
	roles  *memory[directory.PhotoKey, bool] // holders of directory roles, by their photo's key
	policy *memory[struct{}, policy]
	thumbs *memory[thumbKey, thumb]

	lastPolicy atomic.Int32 // a policy: the last one that Graph told
	page       gatherer
}

// remembered makes the memories at their first use, so that a Service is its
// fields.
type remembered struct {
	once sync.Once
	all  *memories
}

func (s *Service) memories() *memories {
	s.remembered.once.Do(func() {
		s.remembered.all = &memories{
			people: newMemory[directory.PhotoKey, directory.Person](factsKept, s.Now),
			owners: newMemory[ownerKey, bool](factsKept, s.Now),
			roles:  newMemory[directory.PhotoKey, bool](factsKept, s.Now),
			policy: newMemory[struct{}, policy](1, s.Now),
			thumbs: newMemory[thumbKey, thumb](thumbBytes, s.Now),
			page:   gatherer{fetch: s.photos, batches: map[gathering]*gathered{}},
		}
	})
	return s.remembered.all
}
