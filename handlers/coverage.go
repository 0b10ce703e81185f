package handlers

import (
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"portrait/internal/coverage"
	"portrait/internal/words"
	"portrait/views"
)

// The stretches of time that the chart can show, in days. The first is the usual
// one.
var chartDays = []int{90, 30, 365}

// ShowCoverage answers how many people have a photo, over time and by
// department, for the helpdesk.
func (s *Site) ShowCoverage(c echo.Context) error {
	actor, err := s.actor(c)
	if err != nil {
		return err
	}
	days := chartDays[0]
	if n, err := strconv.Atoi(c.QueryParam("days")); err == nil && slices.Contains(chartDays, n) {
		days = n
	}
	report, err := s.Cover.Report(c.Request().Context(), actor, days)
	if err != nil {
		return err
	}
	p := s.Printer(c)
	page := views.CoveragePage{
		Frame: s.Frame(c, p.T("coverage.heading")), Back: &views.Link{Label: p.T("page.admin"), Href: "/admin"}, Notices: s.done(c),
	}
	if report.Running != nil {
		page.Counting = p.T("coverage.counting", "Count", int(report.Running.People))
	}
	if last := report.Last; last != nil {
		page.Share, page.Summary = shareOf(last.WithPhoto, last.People), p.T("coverage.summary", "Have", int(last.WithPhoto), "Count", int(last.People))
		page.When, page.Machine = p.Date(last.Ended), httpTime(last.Ended)
		if last.Missing() > 0 {
			page.Missing = coveredPath(coverage.Which{Show: showMissing})
		}
		if last.Unknown > 0 {
			page.Unknown = &views.Link{Label: p.T("coverage.unknown-people", "Count", int(last.Unknown)), Href: coveredPath(coverage.Which{Show: showUnknown})}
		}
		page.CSV = csvPath(coverage.Which{})
		s.chart(&page, p, report, days)
		bars(&page, p, report)
	}
	return Show(c, http.StatusOK, views.Coverage(page))
}

// chart puts the shares of report over time on the page, as a drawing and as a
// table.
func (s *Site) chart(page *views.CoveragePage, p words.Printer, report coverage.Report, days int) {
	if len(report.Days) == 0 { // the newest count is older than the chart goes back
		report.Days = append(report.Days, *report.Last)
	}
	var points []views.Point
	for _, d := range report.Days {
		at := d.Started.UTC().Truncate(24 * time.Hour)
		points = append(points, views.Point{At: at, Share: percent(d.WithPhoto, d.People), Text: shareOf(d.WithPhoto, d.People)})
		page.Days = append(page.Days, views.CoverageDay{
			Day: p.Day(at, true), DateTime: at.Format(time.DateOnly), People: d.People, Have: d.WithPhoto, Missing: d.Missing(), Share: shareOf(d.WithPhoto, d.People),
		})
	}
	slices.Reverse(page.Days)
	first, last := points[0], points[len(points)-1]
	desc := p.T("coverage.chart-one", "Day", p.Day(last.At, true), "Share", last.Text)
	if len(points) > 1 {
		desc = p.T("coverage.chart-desc", "From", p.Day(first.At, true), "First", first.Text, "To", p.Day(last.At, true), "Last", last.Text)
	}
	page.Chart = views.NewChart("time", p.T("coverage.over-time"), desc, points, func(t time.Time) string { return p.Day(t, false) })
	for _, n := range slices.Sorted(slices.Values(chartDays)) {
		page.Ranges = append(page.Ranges, views.Link{Label: p.T("coverage.days", "Count", n), Href: "/coverage?days=" + strconv.Itoa(n), Current: n == days})
	}
	page.DaysCSV = "/coverage/days.csv?days=" + strconv.Itoa(days)
}

// bars puts the departments of report on the page.
func bars(page *views.CoveragePage, p words.Printer, report coverage.Report) {
	for _, d := range report.Departments {
		page.Bars = append(page.Bars, views.CoverageBar{
			Name: departmentOf(p, d.Name), Have: views.NewBar(d.WithPhoto, d.People), Share: shareOf(d.WithPhoto, d.People),
			People: d.People, Present: d.WithPhoto, Missing: d.Missing(),
			PresentHref: coveredPath(coverage.Which{Department: &d.Name, Show: showPresent}),
			MissingHref: coveredPath(coverage.Which{Department: &d.Name, Show: showMissing}),
		})
	}
}

// departmentOf is the name of a department, or what stands for none.
func departmentOf(p words.Printer, name string) string {
	if name == "" {
		return p.T("coverage.no-department-name")
	}
	return name
}

// percent is part of total, of 100.
func percent(part, total int64) float64 {
	if total <= 0 {
		return 0
	}
	return 100 * float64(part) / float64(total)
}

// shareOf is percent for people. All and none are said of all and none alone.
func shareOf(part, total int64) string {
	n := math.Round(percent(part, total))
	switch {
	case n == 0 && part > 0:
		n = 1
	case n == 100 && part < total:
		n = 99
	}
	return strconv.Itoa(int(n)) + " %"
}

// Which people of a count are wanted, in the query's show.
const (
	showMissing = "missing"
	showPresent = "present"
	showUnknown = "unknown"
)

// coveredPath is the address of the list of those whom w chooses.
func coveredPath(w coverage.Which) string { return "/coverage/people?" + coveredQuery(w).Encode() }

func csvPath(w coverage.Which) string { return "/coverage/people.csv?" + coveredQuery(w).Encode() }

func coveredQuery(w coverage.Which) url.Values {
	values := url.Values{}
	if w.Department != nil {
		values.Set("department", *w.Department)
	}
	if w.Show != "" {
		values.Set("show", w.Show)
	}
	return values
}

// whichOf reads what coveredQuery has written, from an address or a form.
func whichOf(values url.Values) coverage.Which {
	var w coverage.Which
	if values.Has("department") {
		name := values.Get("department")
		w.Department = &name
	}
	if show := values.Get("show"); slices.Contains([]string{showMissing, showPresent, showUnknown}, show) {
		w.Show = show
	}
	return w
}

// CountCoverage lets a count begin now.
func (s *Site) CountCoverage(c echo.Context) error {
	actor, err := s.actor(c)
	if err != nil {
		return err
	}
	if err := s.Cover.Ask(c.Request().Context(), actor); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/coverage")
}
