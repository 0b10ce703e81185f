package photo

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"portrait/internal/directory"
	"portrait/internal/fault"
)

// TestRestoringIsExact brings a photo back byte for byte, as often as asked.
func TestRestoringIsExact(t *testing.T) {
	for _, keep := range []int{1, 5} {
		t.Run(fmt.Sprintf("keeping %d", keep), func(t *testing.T) {
			x, shelf := newShelf(t, newUpload(t, 333, 333).Body)
			x.HistoryPhotos = keep
			old := shelf.is()
			saved := x.sets(t, ann, pictured(t, 0))
			o := Order{Key: "key"}
			for range 3 { // a repeat is harmless, also once the photo has left the history
				got, err := x.Restore(t.Context(), ann, directory.Me(), saved.Past, o)
				if err != nil || got.State != Confirmed || got.ETag != hexOf(old) || got.Width != 333 {
					t.Fatalf("%+v, %v", got, err)
				}
			}
			if !bytes.Equal(shelf.is(), old) || len(x.puts()) != 2 {
				t.Errorf("%d bytes are there after %d PUTs, want the %d of the old photo", len(shelf.is()), len(x.puts()), len(old))
			}
			x.audited(t, "set done", "restore done")
		})
	}
}

// TestRestoringOverAnothersChange restores from a page that showed another photo.
func TestRestoringOverAnothersChange(t *testing.T) {
	x, shelf := newShelf(t, newUpload(t, 70, 70).Body)
	saved := x.sets(t, ann, pictured(t, 0))
	saw := func() string {
		t.Helper()
		shown, err := x.Show(t.Context(), ann, directory.Me())
		if err != nil || shown.Saw == "" {
			t.Fatal(shown.Saw, err)
		}
		return shown.Saw
	}
	before := saw()
	shelf.put(pictured(t, 9).Body) // in Teams
	n := len(x.puts())
	_, err := x.Restore(t.Context(), ann, directory.Me(), saved.Past, Order{Key: "a", Saw: before})
	check(t, err, fault.Conflict, "photo.changed-elsewhere", fault.NextRetry)
	if len(x.puts()) != n {
		t.Error("it was sent all the same")
	}
	if _, err := x.Restore(t.Context(), ann, directory.Me(), saved.Past, Order{Key: "b", Saw: saw()}); err != nil {
		t.Errorf("from a page that showed it: %v", err)
	}
	before = saw()
	x.sets(t, ann, pictured(t, 2)) // here, in another window
	if _, err := x.Restore(t.Context(), ann, directory.Me(), saved.Past, Order{Key: "c", Saw: before}); err != nil {
		t.Errorf("after a change that came from here: %v", err)
	}
}

// TestUndoingTheFirstPhotoRemovesIt has nothing to restore.
func TestUndoingTheFirstPhotoRemovesIt(t *testing.T) {
	x, shelf := newShelf(t, nil)
	if saved := x.sets(t, ann, pictured(t, 0)); !saved.WasNone || saved.Past != "" {
		t.Fatalf("%+v, want nothing before it", saved)
	}
	for range 2 {
		if saved, err := x.Remove(t.Context(), ann, directory.Me(), Change{Order{Key: "key"}}); err != nil || saved.State != Confirmed {
			t.Fatal(saved, err)
		}
	}
	if shelf.is() != nil || len(x.changes()) != 2 {
		t.Errorf("%d changes, and there is a photo: %v", len(x.changes()), shelf.is() != nil)
	}
	if pasts := pastsOf(t, x); len(pasts) != 1 {
		t.Errorf("the history has %d photos, want the one that was removed", len(pasts))
	}
}

// TestHowMuchHistoryIsKept saves six times under different settings.
func TestHowMuchHistoryIsKept(t *testing.T) {
	const day = 24 * time.Hour
	for _, tt := range []struct {
		name   string
		photos int
		age    time.Duration
		later  time.Duration
		want   int
	}{
		{"none", 0, 90 * day, 0, 0},
		{"one", 1, 90 * day, 0, 1},
		{"five", 5, 90 * day, 0, 5},
		{"more than there are", 100, 90 * day, 0, 6},
		{"a day before they are too old", 5, 90 * day, 89 * day, 5},
		{"when they are", 5, 90 * day, 90*day + time.Second, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			x, _ := newShelf(t, newUpload(t, 70, 70).Body)
			x.HistoryPhotos, x.HistoryAge = tt.photos, tt.age
			for i := range 6 {
				x.sets(t, ann, pictured(t, i))
				x.pass(time.Millisecond)
			}
			x.pass(tt.later)
			pasts := pastsOf(t, x)
			if len(pasts) != tt.want {
				t.Fatalf("%d photos, want %d", len(pasts), tt.want)
			}
			for i, p := range pasts { // the newest first, and not the present one
				if i < 5 && !bytes.Equal(p, x.sent(t, 4-i)) {
					t.Errorf("photo %d is another one", i)
				}
			}
			if _, err := x.Sweep(t.Context()); err != nil {
				t.Fatal(err)
			}
			kept, err := x.Store.Pasts(t.Context(), directory.UserPhoto(tenant, annID))
			if err != nil || len(kept) != tt.want {
				t.Errorf("after a purge there are %d, %v; want %d", len(kept), err, tt.want)
			}
		})
	}
}

// TestNobodyElsesHistory asks for a photo of somebody else's history.
func TestNobodyElsesHistory(t *testing.T) {
	x, _ := newShelf(t, newUpload(t, 70, 70).Body)
	saved := x.sets(t, ann, pictured(t, 0))
	eve := ann
	eve.ID = "aaaaaaaa-0000-4000-8000-000000000009"
	for name, try := range map[string]func(id string) error{
		"seeing it": func(id string) error {
			_, err := x.PastImage(t.Context(), eve, directory.Me(), id, "")
			return err
		},
		"restoring it": func(id string) error {
			_, err := x.Restore(t.Context(), eve, directory.Me(), id, Order{})
			return err
		},
		"deleting it": func(id string) error { return x.Forget(t.Context(), eve, directory.Me(), id, Order{}) },
	} {
		theirs, nobodys := try(saved.Past), try("AAAAAAAAAAAAAAAAAAAAAAAAAA")
		check(t, theirs, fault.NotFound, "photo.no-past", fault.NextHome)
		if theirs.Error() != nobodys.Error() {
			t.Errorf("%s: %v and %v differ", name, theirs, nobodys)
		}
	}
	if n := len(pastsOf(t, x)); n != 1 {
		t.Errorf("somebody else deleted it: %d are left", n)
	}
	if err := x.Forget(t.Context(), ann, directory.Me(), "", Order{}); err != nil || len(pastsOf(t, x)) != 0 {
		t.Errorf("its owner can't delete it: %v", err)
	}
}
