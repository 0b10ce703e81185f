package handlers

import (
	"context"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"portrait/internal/batch"
	"portrait/internal/directory"
	"portrait/internal/fault"
	"portrait/internal/photo"
	"portrait/internal/words"
	"portrait/views"
)

// ListBatches answers the batches of the tenant, newest first, and the form that
// makes one.
func (s *Site) ListBatches(c echo.Context) error {
	actor, err := s.actor(c)
	if err != nil {
		return err
	}
	before := time.Now().Add(time.Minute) // clocks of replicas differ
	if raw := c.QueryParam("before"); raw != "" {
		ms, err := strconv.ParseInt(raw, 10, 64)
		if err != nil {
			return &fault.Error{Op: "handlers.ListBatches", Kind: fault.BadRequest, Say: words.M("fault.bad-request"), Next: fault.NextHome, Err: err}
		}
		before = time.UnixMilli(ms)
	}
	all, next, err := s.Batch.List(c.Request().Context(), actor, before)
	if err != nil {
		return err
	}
	p := s.Printer(c)
	page := views.BatchesPage{
		Frame: s.Frame(c, p.T("batch.heading")), Back: &views.Link{Label: p.T("page.admin"), Href: "/admin"}, Notices: s.done(c),
		MaxTitle: batch.MaxTitleRunes, MaxReason: batch.MaxReasonRunes,
	}
	for _, b := range all {
		row := views.BatchRow{
			Title: titleOf(p, b.Title), Href: batchPath(b.ID), State: p.Say(batchStates[string(b.State)]), Tone: toneOf(string(b.State)),
			Detail: p.T("batch.files", "Count", int(max(b.Counts.Total, b.PurgedItems))), Reason: b.Reason, At: p.Date(b.Created), Machine: httpTime(b.Created),
		}
		page.Rows = append(page.Rows, row)
	}
	if !next.IsZero() {
		page.Next = "/batches?before=" + strconv.FormatInt(next.UnixMilli(), 10)
	}
	return Show(c, http.StatusOK, views.Batches(page))
}

// CreateBatch makes an empty batch and goes to its page.
func (s *Site) CreateBatch(c echo.Context) error {
	actor, err := s.actor(c)
	if err != nil {
		return err
	}
	id, err := s.Batch.Create(batchContext(c), actor, batch.Wish{
		Title: c.FormValue("title"), Reason: reasonOf(c), OnlyMissing: c.FormValue("only_missing") != "", DryRun: c.FormValue("dry_run") != "",
	})
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, batchPath(id))
}

// SetBatchOptions writes the form fields only_missing and dry_run, and goes back
// to the page.
func (s *Site) SetBatchOptions(c echo.Context) error {
	return s.changeBatch(c, func(ctx context.Context, actor directory.Actor, id string) error {
		return s.Batch.SetOptions(ctx, actor, id, c.FormValue("only_missing") != "", c.FormValue("dry_run") != "")
	})
}

// ShowBatch answers the page of a batch.
func (s *Site) ShowBatch(c echo.Context) error {
	actor, err := s.actor(c)
	if err != nil {
		return err
	}
	shown, err := s.Batch.Show(c.Request().Context(), actor, c.Param("batch"))
	if err != nil {
		return err
	}
	page := s.batchPage(c, shown)
	page.Notices = append(s.done(c), page.Notices...)
	return Show(c, http.StatusOK, views.Batch(page))
}

// MatchBatch finds whose photo each file is and goes back to the page.
func (s *Site) MatchBatch(c echo.Context) error {
	actor, err := s.actor(c)
	if err != nil {
		return err
	}
	// Looking up hundreds of people may take longer than other answers do. That
	// there is no limit to extend, as in a test, doesn't matter.
	_ = http.NewResponseController(c.Response()).SetWriteDeadline(time.Now().Add(matchPatience))
	if err := s.Batch.Match(c.Request().Context(), actor, c.Param("batch")); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, batchPath(c.Param("batch")))
}

// matchPatience is how long matching may take, waiting for a busy Graph included.
const matchPatience = 10 * time.Minute

// ApproveBatch notes the approval of the plan that the form was shown with; a
// form without a plan asks somebody else for it.
func (s *Site) ApproveBatch(c echo.Context) error {
	actor, err := s.actor(c)
	if err != nil {
		return err
	}
	if c.FormValue("plan") == "" {
		return s.changeBatch(c, s.Batch.AskApproval)
	}
	plan, err := hex.DecodeString(c.FormValue("plan"))
	if err != nil {
		return &fault.Error{Op: "handlers.ApproveBatch", Kind: fault.BadRequest, Say: words.M("fault.bad-request"), Next: fault.NextHome, Err: err}
	}
	if err := s.Batch.Approve(batchContext(c), actor, c.Param("batch"), plan); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, batchPath(c.Param("batch")))
}

// ChangeItem writes what somebody says by hand about one item: person, tick
// ("on" or "off"), crop. What the form doesn't name stays. It goes back to the
// page; a script that asks for JSON gets what the page says of the whole batch.
func (s *Site) ChangeItem(c echo.Context) error {
	actor, n, err := s.itemOf(c)
	if err != nil {
		return err
	}
	ctx, id := c.Request().Context(), c.Param("batch")
	values, err := c.FormParams()
	if err != nil {
		return Unread("handlers.ChangeItem", err)
	}
	if person := values.Get("person"); person != "" {
		err = s.Batch.SetPerson(ctx, actor, id, n, person)
	}
	if err == nil && values.Has("crop") {
		err = s.Batch.SetCrop(ctx, actor, id, n, values.Get("crop"))
	}
	if err == nil && values.Has("tick") {
		err = s.Batch.SetTick(ctx, actor, id, n, values.Get("tick") == "on")
	}
	if err != nil {
		return err
	}
	if c.Request().Header.Get("Accept") == "application/json" {
		return s.countBatch(c, actor)
	}
	back := batchPath(id)
	if show := values.Get("show"); show == showCheck || show == showPhoto || show == showAll {
		back += "?show=" + show
	}
	if page, err := strconv.Atoi(values.Get("page")); err == nil && page > 1 {
		back += "&page=" + strconv.Itoa(page)
	}
	return c.Redirect(http.StatusSeeOther, back+"#item-"+strconv.FormatInt(n, 10))
}

// countBatch answers what the page of a batch says of all of it, and the numbers
// of what is ticked; start is "" where the page has another button now.
func (s *Site) countBatch(c echo.Context, actor directory.Actor) error {
	shown, err := s.Batch.Show(c.Request().Context(), actor, c.Param("batch"))
	if err != nil {
		return err
	}
	var ticked []string
	for _, it := range shown.Items {
		if it.Ticked {
			ticked = append(ticked, strconv.FormatInt(it.N, 10))
		}
	}
	page := s.batchPage(c, shown)
	return c.JSON(http.StatusOK, map[string]string{"summary": page.Summary, "start": page.Start, "ticked": strings.Join(ticked, " ")})
}

// ShowItem answers the picture of an item as it is going to be. Where the query
// says or=blank, one that is gone is a transparent pixel: pictures are deleted
// when a batch ends, and a page that was open shows the rest of them then.
func (s *Site) ShowItem(c echo.Context) error {
	actor, n, err := s.itemOf(c)
	if err != nil {
		return err
	}
	jpeg, err := s.Batch.Thumbnail(c.Request().Context(), actor, c.Param("batch"), n)
	if fault.Is(err, fault.NotFound) && c.QueryParam("or") == "blank" {
		return sendImage(c, photo.Image{Bytes: blank(true), ContentType: "image/gif"})
	}
	if err != nil {
		return err
	}
	return sendImage(c, photo.Image{Bytes: jpeg, ContentType: "image/jpeg"})
}

// ShowWhole answers all of an item's picture in small, for the editor; the headers
// Picture-Width and Picture-Height say how large it is, in pixels.
func (s *Site) ShowWhole(c echo.Context) error {
	actor, n, err := s.itemOf(c)
	if err != nil {
		return err
	}
	whole, err := s.Batch.Whole(c.Request().Context(), actor, c.Param("batch"), n)
	if err != nil {
		return err
	}
	h := c.Response().Header()
	h.Set("Picture-Width", strconv.Itoa(whole.Width))
	h.Set("Picture-Height", strconv.Itoa(whole.Height))
	return sendImage(c, photo.Image{Bytes: whole.JPEG, ContentType: "image/jpeg"})
}

// itemOf returns who acts, and the number of the item in the address.
func (s *Site) itemOf(c echo.Context) (actor directory.Actor, n int64, err error) {
	if actor, err = s.actor(c); err != nil {
		return actor, 0, err
	}
	n, err = strconv.ParseInt(c.Param("n"), 10, 64)
	if err != nil || n < 1 {
		err = &fault.Error{Op: "handlers.itemOf", Kind: fault.NotFound, Say: words.M("batch.none"), Next: fault.NextHome, Err: err}
	}
	return actor, n, err
}

func titleOf(p words.Printer, title string) string {
	if title == "" {
		return p.T("batch.untitled")
	}
	return title
}

// batchStates are where a batch can be, in words.
var batchStates = map[string]words.Message{
	"open": words.M("batch.state-open"), "waiting": words.M("batch.state-waiting"), "running": words.M("batch.state-running"),
	"paused": words.M("batch.state-paused"), "done": words.M("batch.state-done"), "cancelled": words.M("batch.state-cancelled"),
}

// toneOf is the colour of a batch's state.
func toneOf(state string) string {
	switch state {
	case "done":
		return "good"
	case "waiting", "paused":
		return "caution"
	}
	return "muted"
}
