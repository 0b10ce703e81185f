package handlers

import (
	"crypto/rand"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"portrait/internal/photo"
	"portrait/internal/words"
	"portrait/views"
)

// undoOffered is how long a page offers to undo the newest change beside the
// photo; after that the history does.
const undoOffered = time.Hour

// pageKey is the part of an idempotency key that a page gives its forms.
func pageKey() string { return rand.Text() }

// draft is what a page shows of the newest change; nil where there is nothing to
// say any more.
func (s *Site) draft(c echo.Context, shown photo.Shown, key string) *views.Draft {
	n := shown.Newest
	if n == nil {
		return nil
	}
	p := s.Printer(c)
	base := shown.Subject.Path() + "/photo"
	d := &views.Draft{
		P: p, CSRF: s.Auth.CSRF(c.Request().Context()), PageKey: key, State: string(n.State), Shape: shapeOf(shown.Subject),
		Title: p.T("draft.title"), Track: base + "/state", Saw: shown.Saw,
	}
	if n.ETag != "" {
		d.Image = versioned(base+"/draft/$value", n.ETag)
	} else {
		d.Title = p.T("draft.title-remove")
	}
	if n.State == photo.Confirmed {
		return s.confirmed(c, shown, d)
	}
	d.Text, d.RetryMS = p.Say(draftText(n)), strconv.FormatInt(max(0, time.Until(n.RetryAt).Milliseconds()), 10)
	if n.State != photo.Sending {
		d.Send, d.Drop = base+"/send", base+"/draft/delete"
	}
	if n.Failure != nil && n.Failure.Say.ID == "photo.newer" {
		d.Send = "" // what is newer stays
	}
	return d
}

// confirmed is draft for a change that Graph has.
func (s *Site) confirmed(c echo.Context, shown photo.Shown, d *views.Draft) *views.Draft {
	n, p := shown.Newest, d.P
	recent := time.Since(n.Ordered) < undoOffered
	if n.Seen && !recent {
		return nil
	}
	base := shown.Subject.Path() + "/photo"
	d.Title, d.Text, d.Remote = p.T("draft.done"), p.T("draft.done-seen"), !n.Seen
	if n.ETag == "" {
		d.Title, d.Text = p.T("draft.removed"), p.T("draft.removed-seen")
	}
	if !n.Seen {
		d.Text = p.T("draft.done-unseen")
	}
	switch {
	case !recent || !shown.MaySet:
	case n.Undo != "":
		d.Undo = base + "/history/" + n.Undo + "/restore"
	case n.WasNone && n.ETag != "" && shown.MayRemove:
		d.Undo = base + "/remove"
	}
	if shown.NeedsReason {
		d.Undo = "" // the history asks for the reason
	}
	return d
}

// draftText says how far a change has come, and what is next.
func draftText(n *photo.Tracked) words.Message {
	switch n.State {
	case photo.Draft:
		return words.M("draft.kept")
	case photo.Sending:
		return words.M("draft.sending")
	case photo.Waiting:
		return words.M("draft.waiting")
	case photo.Failed:
		return n.Failure.Say
	}
	return words.M("draft.unknown")
}

// told is what a page says about what the helpdesk did.
func (s *Site) told(c echo.Context, told []photo.Told, key string) []views.Told {
	p := s.Printer(c)
	var all []views.Told
	for _, t := range told {
		row := views.Told{
			P: p, CSRF: s.Auth.CSRF(c.Request().Context()), PageKey: key,
			Text: p.T("told.changed", "When", p.Date(t.Changed)), Undo: "/me/told/" + t.ID + "/undo", Dismiss: "/me/told/" + t.ID + "/dismiss",
		}
		if t.Removed {
			row.Text = p.T("told.removed", "When", p.Date(t.Changed))
		}
		all = append(all, row)
	}
	return all
}
