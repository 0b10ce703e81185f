package handlers

import (
	"bufio"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"portrait/internal/export"
	"portrait/internal/fault"
	"portrait/internal/words"
	"portrait/views"
)

// exportPath is the address of an export's page.
func exportPath(id string) string { return "/exports/" + id }

// ListExports answers the exports of the tenant, newest first, and the form that
// makes one.
func (s *Site) ListExports(c echo.Context) error {
	actor, err := s.actor(c)
	if err != nil {
		return err
	}
	all, err := s.Hand.List(c.Request().Context(), actor)
	if err != nil {
		return err
	}
	p := s.Printer(c)
	page := views.ExportsPage{
		Frame: s.Frame(c, p.T("export.heading")), Back: &views.Link{Label: p.T("page.admin"), Href: "/admin"},
		Lead: p.T("export.lead", "Count", export.PartPeople), MaxReason: export.MaxReasonRunes,
	}
	for _, x := range all {
		state, tone := exportState(p, x)
		page.Rows = append(page.Rows, views.BatchRow{
			Title: whoseWords(p, x.Whose), Href: exportPath(x.ID), State: state, Tone: tone, Reason: x.Reason,
			Detail: p.T("export.people", "Count", int(x.People)), At: p.Date(x.Created), Machine: httpTime(x.Created),
		})
	}
	return Show(c, http.StatusOK, views.Exports(page))
}

// exportState is where an export stands, in words, and its colour.
func exportState(p words.Printer, x export.Shown) (state, tone string) {
	switch {
	case x.Over:
		return p.T("export.state-over"), "muted"
	case x.NeedsApproval:
		return p.T("batch.state-waiting"), "caution"
	}
	return p.T("export.state-open"), "good"
}

// whoseWords is whose photos an export has, in words.
func whoseWords(p words.Printer, w export.Whose) string {
	switch w.Kind {
	case export.Everybody:
		return p.T("export.everybody")
	case export.List:
		return p.T("export.of-list")
	case export.Group:
		return p.T("export.of-group", "Name", w.Name)
	}
	return p.T("export.of-department", "Name", w.Name)
}

// settlePatience is how long it may take to settle whose photos an export has: a
// large tenant has hundreds of pages.
const settlePatience = 10 * time.Minute

// CreateExport settles whose photos an export has and goes to its page.
func (s *Site) CreateExport(c echo.Context) error {
	actor, err := s.actor(c)
	if err != nil {
		return err
	}
	kind := export.Kind(c.FormValue("kind"))
	wish := export.Wish{Kind: kind, Text: c.FormValue(string(kind)), Reason: reasonOf(c)}
	if kind == export.List {
		file, err := listFile(c)
		if err != nil {
			return err
		}
		wish.Text += "\n" + file
	}
	// That there is no limit to extend, as in a test, doesn't matter.
	_ = http.NewResponseController(c.Response()).SetWriteDeadline(time.Now().Add(settlePatience))
	id, err := s.Hand.Create(c.Request().Context(), actor, wish, originOf(c))
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, exportPath(id))
}

// listFile returns the text of the form's file, "" where there is none.
func listFile(c echo.Context) (string, error) {
	const op = "handlers.listFile"
	header, err := c.FormFile("file")
	if errors.Is(err, http.ErrMissingFile) || errors.Is(err, http.ErrNotMultipart) {
		return "", nil
	}
	if err != nil {
		return "", Unread(op, err)
	}
	f, err := header.Open()
	if err != nil {
		return "", Unread(op, err)
	}
	defer f.Close()                                                 // it was only read
	text, err := io.ReadAll(io.LimitReader(f, export.MaxListBytes)) // Create refuses more, with the text of the form before it
	return string(text), err
}

// ShowExport answers the page of an export.
func (s *Site) ShowExport(c echo.Context) error {
	actor, err := s.actor(c)
	if err != nil {
		return err
	}
	x, err := s.Hand.Show(c.Request().Context(), actor, c.Param("export"))
	if err != nil {
		return err
	}
	p := s.Printer(c)
	page := views.ExportPage{
		Frame: s.Frame(c, p.T("export.heading")), Back: &views.Link{Label: p.T("export.heading"), Href: "/exports"},
		Heading: whoseWords(p, x.Whose), Summary: p.T("export.people", "Count", int(x.People)), Reason: x.Reason, Path: exportPath(x.ID),
		Open: !x.Over && !x.NeedsApproval, Unknown: x.Whose.Unknown,
	}
	if x.Whose.Nobody > 0 {
		page.Nobodies = p.T("export.nobodies", "Count", x.Whose.Nobody)
	}
	notice := func(tone, text string) { page.Notices = append(page.Notices, views.Notice{Tone: tone, Text: text}) }
	switch {
	case x.Over:
		notice("info", p.T("export.over"))
	case x.NeedsApproval && x.Mine:
		notice("caution", p.T("export.waits", "Count", s.Hand.ApprovalAbove))
	case x.NeedsApproval:
		page.Approve = hex.EncodeToString(x.Plan)
		notice("info", p.T("export.to-approve"))
	default:
		notice("info", p.T("export.until", "At", p.Date(x.Until)))
	}
	for n := int64(1); page.Open && n <= x.Parts(); n++ {
		_, taken := x.Taken[n]
		page.Parts = append(page.Parts, views.ExportPart{
			Href: page.Path + "/parts/" + strconv.FormatInt(n, 10), Label: p.T("export.part", "N", n, "Of", x.Parts()),
			Detail: p.T("export.part-people", "From", (n-1)*x.Part+1, "To", min(n*x.Part, x.People)), Taken: taken,
		})
	}
	return Show(c, http.StatusOK, views.Export(page))
}

// ApproveExport notes the approval of the export that the form was shown with.
func (s *Site) ApproveExport(c echo.Context) error {
	actor, err := s.actor(c)
	if err != nil {
		return err
	}
	plan, err := hex.DecodeString(c.FormValue("plan"))
	if err != nil {
		return &fault.Error{Op: "handlers.ApproveExport", Kind: fault.BadRequest, Say: words.M("fault.bad-request"), Next: fault.NextHome, Err: err}
	}
	if err := s.Hand.Approve(c.Request().Context(), actor, c.Param("export"), plan, originOf(c)); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, exportPath(c.Param("export")))
}

// DownloadPart sends a part of an export. Nothing is sent before the first photos
// are there, so that a refusal is answered as a page.
func (s *Site) DownloadPart(c echo.Context) error {
	actor, err := s.actor(c)
	if err != nil {
		return err
	}
	part, err := strconv.ParseInt(c.Param("part"), 10, 64)
	if err != nil {
		return &fault.Error{Op: "handlers.DownloadPart", Kind: fault.NotFound, Say: words.M("export.none"), Next: fault.NextHome, Err: err}
	}
	out := export.Out{Begin: func() io.Writer { return beginZip(c, part) }, Row: csvRow(), Alive: func() { extend(c) }}
	extend(c) // the first photos may have to wait, too
	err = s.Hand.Part(c.Request().Context(), actor, c.Param("export"), part, originOf(c), out)
	if err != nil && c.Response().Committed {
		// A zip that ends early must not look whole: the browser shows that the
		// connection broke.
		c.Set(causeKey, err)
		panic(http.ErrAbortHandler)
	}
	return err
}

// partPatience is how long the next photos of a part may take, waiting for a busy
// Graph included.
const partPatience = 5 * time.Minute

// extend gives the answer more time: the server's own limit is for whole answers.
// That there is none to extend, as in a test, doesn't matter.
func extend(c echo.Context) {
	_ = http.NewResponseController(c.Response()).SetWriteDeadline(time.Now().Add(partPatience))
}

func beginZip(c echo.Context, part int64) io.Writer {
	h := c.Response().Header()
	h.Set("Content-Type", "application/zip")
	name := "portrait-photos-" + time.Now().UTC().Format("2006-01-02") + "-" + strconv.FormatInt(part, 10) + ".zip"
	h.Set("Content-Disposition", `attachment; filename="`+name+`"`)
	h.Set("Cache-Control", "no-store")
	return c.Response()
}

// csvRow returns what writes the rows of a table one by one, with what
// spreadsheets want before the first.
func csvRow() func(to io.Writer, cells []string) error {
	begun := false
	return func(to io.Writer, cells []string) error {
		w := bufio.NewWriter(to)
		if !begun {
			begun = true
			_, _ = w.WriteString("\uFEFF") // a Writer keeps its first error
		}
		if err := writeCSV(w, cells); err != nil {
			return err
		}
		return w.Flush()
	}
}
