package photo

import (
	"bytes"
	"testing"
	"time"

	"portrait/internal/directory"
	"portrait/internal/fault"
)

// bobby is the one whose photo the helpdesk changes.
var bobby = directory.Actor{Tenant: tenant, ID: bobID, Role: directory.Employee, Scopes: allScopes}

// tellsOf returns what actor must be told.
func tellsOf(t *testing.T, x *site, actor directory.Actor) []Told {
	t.Helper()
	shown, err := x.Show(t.Context(), actor, directory.Me())
	if err != nil {
		t.Fatal(err)
	}
	return shown.Told
}

// TestWhoseChangesAreTold has the helpdesk and others change photos.
func TestWhoseChangesAreTold(t *testing.T) {
	user, group := subjectAt(t, paths[directory.FormUser]), subjectAt(t, paths[directory.FormGroup])
	for _, tt := range []struct {
		name    string
		change  func(x *site) error
		told    int
		removed bool
	}{
		{"the helpdesk sets it", func(x *site) error { _, err := x.Set(t.Context(), desk, user, withReason(t)); return err }, 1, false},
		{"the helpdesk removes it", func(x *site) error {
			return x.removes(t.Context(), desk, user, Change{Order{Reason: "because"}})
		}, 1, true},
		{"one's own change", func(x *site) error { _, err := x.Set(t.Context(), bobby, directory.Me(), pictured(t, 0)); return err }, 0, false},
		{"an owner changes a group's", func(x *site) error { _, err := x.Set(t.Context(), ann, group, pictured(t, 0)); return err }, 0, false},
		{"the helpdesk's, then one's own", func(x *site) error {
			if _, err := x.Set(t.Context(), desk, user, withReason(t)); err != nil {
				return err
			}
			_, err := x.Set(t.Context(), bobby, directory.Me(), pictured(t, 0))
			return err
		}, 0, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			x, _ := newShelf(t, newUpload(t, 70, 70).Body)
			if err := tt.change(x); err != nil {
				t.Fatal(err)
			}
			told := tellsOf(t, x, bobby)
			if len(told) != tt.told || tt.told > 0 && (told[0].Removed != tt.removed || !told[0].MayUndo) {
				t.Errorf("told %+v", told)
			}
			if others := tellsOf(t, x, ann); len(others) != 0 {
				t.Errorf("somebody else is told %+v", others)
			}
		})
	}
}

// TestUndoingTheHelpdesk undoes within 7 days, also where no history is kept.
func TestUndoingTheHelpdesk(t *testing.T) {
	const week = 7 * 24 * time.Hour
	user := subjectAt(t, paths[directory.FormUser])
	photo := newUpload(t, 70, 70).Body
	for _, tt := range []struct {
		name   string
		before []byte
		keep   int
		after  time.Duration
		undone bool
	}{
		{"at once", photo, 5, 0, true},
		{"where there was none", nil, 5, 0, true},
		{"on the seventh day, where no history is kept", photo, 0, week - time.Second, true},
		{"a second too late", photo, 5, week, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			x, shelf := newShelf(t, tt.before)
			x.HistoryPhotos = tt.keep
			if _, err := x.Set(t.Context(), desk, user, withReason(t)); err != nil {
				t.Fatal(err)
			}
			told := tellsOf(t, x, bobby)
			if len(told) != 1 {
				t.Fatalf("told %+v", told)
			}
			x.pass(tt.after)
			if _, err := x.Sweep(t.Context()); err != nil {
				t.Fatal(err)
			}
			_, err := x.UndoTold(t.Context(), ann, told[0].ID, Order{Key: "key"})
			check(t, err, fault.NotFound, "photo.nothing-to-undo", fault.NextHome)
			for range 2 { // a double click
				saved, err := x.UndoTold(t.Context(), bobby, told[0].ID, Order{Key: "key"})
				if !tt.undone {
					check(t, err, fault.NotFound, "photo.nothing-to-undo", fault.NextHome)
				} else if err != nil || saved.State != Confirmed {
					t.Errorf("%s, %v", saved.State, err)
				}
			}
			if bytes.Equal(shelf.is(), tt.before) != tt.undone {
				t.Errorf("%d bytes are there", len(shelf.is()))
			}
			if left := tellsOf(t, x, bobby); len(left) != 0 {
				t.Errorf("still told %+v", left)
			}
		})
	}
}

// TestDismissing takes what was read off the page of the one who read it.
func TestDismissing(t *testing.T) {
	x, _ := newShelf(t, nil)
	if _, err := x.Set(t.Context(), desk, subjectAt(t, paths[directory.FormUser]), withReason(t)); err != nil {
		t.Fatal(err)
	}
	id := tellsOf(t, x, bobby)[0].ID
	for _, step := range []struct {
		actor directory.Actor
		id    string
		left  int
	}{{ann, id, 1}, {bobby, "", 1}, {bobby, "other", 1}, {bobby, id, 0}, {bobby, id, 0}} {
		if err := x.DismissTold(t.Context(), step.actor, step.id); err != nil {
			t.Error(err)
		}
		if n := len(tellsOf(t, x, bobby)); n != step.left {
			t.Errorf("%s dismisses %q: %d left, want %d", step.actor.ID, step.id, n, step.left)
		}
	}
}
