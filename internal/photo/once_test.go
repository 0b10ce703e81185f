package photo

import (
	"net/http"
	"sync"
	"testing"

	"portrait/internal/directory"
	"portrait/internal/fault"
	"portrait/internal/store/storetest"
)

// TestTwentyEqualSavesAreOne sends the same save 20 times at once.
func TestTwentyEqualSavesAreOne(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *storetest.Database) {
		x, _ := newShelf(t, nil)
		x.on(t, db.Open(t))
		x.SavesPerHour = 1 // which all of them are
		u := of(pictured(t, 0), "key")
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() {
				saved, err := x.Set(t.Context(), ann, directory.Me(), u)
				if err != nil || saved.State != Confirmed || !saved.WasNone {
					t.Errorf("%+v, %v; want all to hear that it is saved", saved, err)
				}
			})
		}
		all.Wait()
		if n := len(x.puts()); n != 1 {
			t.Errorf("%d PUTs, want 1", n)
		}
		x.audited(t, "set done")
	})
}

// TestOneKeyIsForOneChange asks for other changes under a key that was used.
func TestOneKeyIsForOneChange(t *testing.T) {
	x, _ := newShelf(t, nil)
	first := of(pictured(t, 0), "key")
	x.sets(t, ann, first)
	framed := of(first, "key")
	framed.Frame.Side = 50
	for name, again := range map[string]func() error{
		"another picture": func() error {
			_, err := x.Set(t.Context(), ann, directory.Me(), of(pictured(t, 1), "key"))
			return err
		},
		"another part of it": func() error { _, err := x.Set(t.Context(), ann, directory.Me(), framed); return err },
		"a removal":          func() error { return x.removes(t.Context(), ann, directory.Me(), Change{Order{Key: "key"}}) },
		"a restore": func() error {
			_, err := x.Restore(t.Context(), ann, directory.Me(), "some", Order{Key: "key"})
			return err
		},
	} {
		err := again()
		if err == nil {
			t.Errorf("%s under the same key is made", name)
			continue
		}
		check(t, err, fault.Unreadable, "photo.key-reused", fault.NextRetry)
	}
	if n := len(x.changes()); n != 1 {
		t.Errorf("%d changes were sent, want 1", n)
	}
	bobHimself := ann
	bobHimself.ID = bobID
	if saved := x.sets(t, bobHimself, of(pictured(t, 1), "key")); saved.ETag == "" || len(x.puts()) != 2 {
		t.Error("the key of one person stands in another's way")
	}
	group := subjectAt(t, paths[directory.FormGroup])
	if _, err := x.Set(t.Context(), ann, group, of(pictured(t, 1), "key")); err != nil || len(x.puts()) != 3 {
		t.Errorf("the key of one photo stands in the way of another's: %v", err)
	}
}

// TestWithoutAKeyEverySaveIsAnother holds for scripts that send none.
func TestWithoutAKeyEverySaveIsAnother(t *testing.T) {
	x, _ := newShelf(t, nil)
	for range 2 {
		x.sets(t, ann, pictured(t, 0))
	}
	if n := len(x.puts()); n != 2 {
		t.Errorf("%d PUTs, want 2", n)
	}
	x.audited(t, "set done", "set done")
}

// TestARepeatOfWhatFailedIsTriedAgain presses Save once more.
func TestARepeatOfWhatFailedIsTriedAgain(t *testing.T) {
	x, shelf := newShelf(t, nil)
	shelf.to(func(w http.ResponseWriter, r *http.Request, _ func()) { always(500, "")(w, r) })
	u := of(pictured(t, 0), "key")
	if _, err := x.Set(t.Context(), ann, directory.Me(), u); !fault.Is(err, fault.Unavailable) {
		t.Fatal(err)
	}
	shelf.to(nil)
	x.sets(t, ann, u)
	x.sets(t, ann, u)
	if n := len(x.puts()); n != 2 {
		t.Errorf("%d PUTs, want the one that failed and one more", n)
	}
	x.audited(t, "set done")
}
