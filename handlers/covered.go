package handlers

import (
	"bufio"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"portrait/internal/batch"
	"portrait/internal/coverage"
	"portrait/internal/directory"
	"portrait/internal/words"
	"portrait/views"
)

// ListCovered answers who has a photo, or none, as the query says.
func (s *Site) ListCovered(c echo.Context) error {
	actor, err := s.actor(c)
	if err != nil {
		return err
	}
	w := whichOf(c.QueryParams())
	if w.Show == "" {
		w.Show = showMissing
	}
	l, err := s.Cover.People(c.Request().Context(), actor, w, directory.ID(c.QueryParam("after")))
	if err != nil {
		return err
	}
	p := s.Printer(c)
	page := views.CoveredPage{
		Frame: s.Frame(c, p.T("coverage.heading")), Back: &views.Link{Label: p.T("coverage.heading"), Href: "/coverage"},
		Heading: p.T("coverage.everybody"), Lead: p.T("coverage.as-of", "Count", int(l.Total), "At", p.Date(l.Scan.Ended)),
		Empty: p.T("coverage.nobody"), CSV: csvPath(w),
	}
	if w.Department != nil {
		page.Heading = departmentOf(p, *w.Department)
	}
	for _, tab := range []struct {
		show string
		say  words.Message
	}{{showMissing, words.M("coverage.missing")}, {showPresent, words.M("coverage.present")}, {showUnknown, words.M("coverage.unknown")}} {
		to := coverage.Which{Department: w.Department, Show: tab.show}
		page.Tabs = append(page.Tabs, views.Link{Label: p.Say(tab.say), Href: coveredPath(to), Current: tab.show == w.Show})
	}
	if l.Next != "" {
		page.Next = coveredPath(w) + "&after=" + string(l.Next)
	}
	if w.Show == showMissing && l.Total > 0 && l.Total <= batch.MaxFiles {
		page.Make = makeBatch(p, w, page.Heading, int(l.Total))
	}
	for _, person := range l.Rows {
		r, err := coveredRow(p, person)
		if err != nil {
			return err
		}
		page.Rows = append(page.Rows, r)
	}
	return Show(c, http.StatusOK, views.Covered(page))
}

// makeBatch is the form for a batch of those whom w chooses.
func makeBatch(p words.Printer, w coverage.Which, whose string, count int) *views.CoveredBatch {
	m := &views.CoveredBatch{
		Show: w.Show, Heading: p.T("coverage.batch-heading", "Count", count), MaxTitle: batch.MaxTitleRunes, MaxReason: batch.MaxReasonRunes,
	}
	title := []rune(p.T("coverage.batch-title", "Name", whose))
	m.Title = string(title[:min(len(title), batch.MaxTitleRunes)])
	if w.Department != nil {
		m.Of, m.Department = true, *w.Department
	}
	return m
}

// coveredRow is a row of the list. Who has no photo needs no picture.
func coveredRow(p words.Printer, person coverage.Person) (views.Row, error) {
	subject, err := directory.OfUser(person.ID)
	if err != nil {
		return views.Row{}, err
	}
	name := person.DisplayName
	if name == "" {
		name = p.T("coverage.gone")
	}
	r := row(subject, string(person.ID), name, join(person.JobTitle, person.Department, person.UPN))
	switch {
	case person.Side <= 0:
		r.Src = ""
	case person.Side > 0:
		r.Detail = join(r.Detail, p.T("coverage.pixels", "Side", person.Side))
	}
	return r, nil
}

// coveredColumns are the columns of the file, in their order. The first two are
// what a batch goes by: with file names filled in, it can be dropped into one.
var coveredColumns = []string{"userPrincipalName", "file", "photo", "pixels", "displayName", "mail", "department", "id"}

// ExportCovered answers the list as a file.
func (s *Site) ExportCovered(c echo.Context) error {
	actor, err := s.actor(c)
	if err != nil {
		return err
	}
	out := s.csv(c, "portrait-coverage", coveredColumns)
	return out.end(s.Cover.Each(c.Request().Context(), actor, whichOf(c.QueryParams()), func(person coverage.Person) error {
		has, side := "yes", strconv.FormatInt(person.Side, 10)
		switch {
		case person.Side == 0:
			has, side = "no", ""
		case person.Side < 0:
			has, side = "unknown", ""
		}
		return out.row([]string{person.UPN, "", has, side, person.DisplayName, person.Mail, person.Department, string(person.ID)})
	}))
}

// ExportDays answers the table behind the chart as a file.
func (s *Site) ExportDays(c echo.Context) error {
	actor, err := s.actor(c)
	if err != nil {
		return err
	}
	days, err := strconv.Atoi(c.QueryParam("days"))
	if err != nil || days < 1 || days > 400 {
		days = chartDays[0]
	}
	report, err := s.Cover.Report(c.Request().Context(), actor, days)
	if err != nil {
		return err
	}
	out := s.csv(c, "portrait-coverage-days", []string{"day", "people", "with photo", "without photo", "unknown"})
	for _, d := range report.Days {
		n := func(v int64) string { return strconv.FormatInt(v, 10) }
		if err := out.row([]string{d.Day, n(d.People), n(d.WithPhoto), n(d.Missing()), n(d.Unknown)}); err != nil {
			return out.end(err)
		}
	}
	return out.end(nil)
}

// csv begins a file whose name begins with stem and ends with the day.
func (s *Site) csv(c echo.Context, stem string, columns []string) *csvAnswer {
	name := stem + "-" + time.Now().UTC().Format("2006-01-02") + ".csv"
	return &csvAnswer{c: c, to: bufio.NewWriterSize(c.Response(), 32<<10), name: name, columns: columns}
}

// CreateBatchOf makes a batch that waits for the pictures of those whom the form
// names, and goes to its page.
func (s *Site) CreateBatchOf(c echo.Context) error {
	actor, err := s.actor(c)
	if err != nil {
		return err
	}
	values, err := c.FormParams()
	if err != nil {
		return Unread("handlers.CreateBatchOf", err)
	}
	ctx, w := c.Request().Context(), whichOf(values)
	people, err := s.Cover.IDs(ctx, actor, w, batch.MaxFiles)
	if err != nil {
		return err
	}
	id, err := s.Batch.Create(ctx, actor, batch.Wish{
		Title: c.FormValue("title"), Reason: reasonOf(c), OnlyMissing: w.Show == showMissing, Expect: people,
	})
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, batchPath(id))
}

// ExportExpected answers whose pictures a batch waits for as a file, which can be
// dropped into it with file names filled in.
func (s *Site) ExportExpected(c echo.Context) error {
	actor, err := s.actor(c)
	if err != nil {
		return err
	}
	out := s.csv(c, "portrait-batch-people", []string{"userPrincipalName", "file", "displayName", "mail", "employeeId", "department"})
	return out.end(s.Batch.EachExpected(c.Request().Context(), actor, c.Param("batch"), func(e batch.ExpectedPerson) error {
		return out.row([]string{e.UPN, e.File, e.DisplayName, e.Mail, e.EmployeeID, e.Department})
	}))
}
