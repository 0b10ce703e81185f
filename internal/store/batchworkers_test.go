package store_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"portrait/internal/store/storetest"
)

func TestWorkersBeatUntilTheyStop(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *storetest.Database) {
		s := db.Open(t)
		beat := func(name string, now time.Time) {
			t.Helper()
			if err := s.Beat(t.Context(), name, now); err != nil {
				t.Fatal(err)
			}
		}
		want := func(sentence string, want map[string]int64) {
			t.Helper()
			got, err := s.Beats(t.Context())
			if diff := cmp.Diff(want, got); diff != "" || err != nil {
				t.Errorf("%s: %v %s", sentence, err, diff)
			}
		}
		want("nobody works", map[string]int64{})
		beat("a", noon)
		beat("b", noon)
		beat("b", noon.Add(time.Second))
		want("each counts for itself", map[string]int64{"a": 1, "b": 2})
		if err := s.StopBeating(t.Context(), "b"); err != nil {
			t.Fatal(err)
		}
		want("one has stopped", map[string]int64{"a": 1})
		beat("c", noon.Add(25*time.Hour))
		want("one was killed a day ago", map[string]int64{"c": 1})
	})
}
