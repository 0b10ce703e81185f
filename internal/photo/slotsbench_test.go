package photo

import (
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"portrait/internal/directory"
	"portrait/internal/store"
)

// BenchmarkASlot measures what a slot costs where nobody else wants one: on
// SQLite, and on PostgreSQL if PORTRAIT_TEST_POSTGRES names one whose database
// may be changed.
func BenchmarkASlot(b *testing.B) {
	for name, url := range map[string]string{"SQLite": filepath.Join(b.TempDir(), "portrait.db"), "PostgreSQL": os.Getenv("PORTRAIT_TEST_POSTGRES")} {
		if url == "" {
			continue
		}
		ring, err := store.NewRing(make([]byte, store.KeyBytes))
		if err != nil {
			b.Fatal(err)
		}
		db, err := store.Open(b.Context(), url, ring)
		if err != nil {
			b.Fatal(err)
		}
		defer db.Close() // nothing was left to write
		s := &Service{Slots: NewSlots(db, 16)}
		for _, of := range []struct {
			what    string
			changes bool
		}{{"read", false}, {"change", true}} {
			b.Run(name+"/"+of.what, func(b *testing.B) {
				for i := 0; b.Loop(); i++ {
					var turn turn
					if of.changes {
						turn.changes = directory.UserPhoto("t", directory.ID(strconv.Itoa(i)))
					}
					if err := s.inSlot(b.Context(), turn, during(0)); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
		s.Slots.rest()
	}
}
