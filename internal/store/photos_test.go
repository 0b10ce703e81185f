package store_test

import (
	"testing"

	"portrait/internal/directory"
	"portrait/internal/store/storetest"
)

func TestEveryReplicaSeesThatAPhotoWasChanged(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *storetest.Database) {
		one := db.Open(t)
		changed := directory.ContactPhoto("tenant", "mailbox", "AAMk=")
		other := directory.ContactPhoto("tenant", "mailbox", "AAMK=")
		for want := range int64(3) {
			for _, tt := range []struct {
				sentence string
				photo    directory.PhotoKey
				want     int64
			}{
				{"the one that is changed", changed, want},
				{"one whose id differs in case alone", other, 0},
			} {
				if got, err := one.PhotoVersion(t.Context(), tt.photo); got != tt.want || err != nil {
					t.Errorf("%s has version %d, %v; want %d", tt.sentence, got, err, tt.want)
				}
			}
			if err := one.BumpPhoto(t.Context(), changed); err != nil {
				t.Fatal(err)
			}
		}
	})
}
