package handlers

import (
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"portrait/internal/fault"
	"portrait/internal/photo"
	"portrait/internal/words"
	"portrait/views"
)

// ShowAudit answers the log of who changed whose photo, for the helpdesk.
func (s *Site) ShowAudit(c echo.Context) error {
	actor, err := s.actor(c)
	if err != nil {
		return err
	}
	filter, err := auditFilterOf(c)
	if err != nil {
		return err
	}
	found, err := s.Photo.AuditLog(c.Request().Context(), actor, filter)
	nobody := fault.Is(err, fault.NotFound) // the page stays, so that another name can be tried
	if err != nil && !nobody {
		return err
	}
	p := s.Printer(c)
	page := views.AuditPage{
		Frame: s.Frame(c, p.T("audit.heading")), Back: &views.Link{Label: p.T("page.admin"), Href: "/admin"},
		Verified: verifiedNotice(p, found), Filter: auditForm(p, c), Empty: p.T("audit.none"),
	}
	switch {
	case nobody:
		page.Empty = p.Say(fault.As(err).Say)
		page.Verified = views.Notice{}
	case page.Filter.Reset != "":
		page.Empty = p.T("audit.no-match")
	}
	for _, e := range found.Records {
		page.Rows = append(page.Rows, auditRow(p, e))
	}
	if found.Next != 0 {
		page.Next = "/audit?" + with(auditQuery(c), "before", strconv.FormatInt(found.Next, 10)).Encode()
	}
	return Show(c, http.StatusOK, views.Audit(page))
}

// auditFields are the fields of the filter that stand in the address.
var auditFields = []string{"who", "for", "action", "outcome", "from", "to"}

// auditQuery returns the filter as it stands in the address, without the page.
func auditQuery(c echo.Context) url.Values {
	values := url.Values{}
	for _, name := range auditFields {
		if v := c.QueryParam(name); v != "" && len(v) <= maxQuery*2 {
			values.Set(name, v)
		}
	}
	return values
}

// with returns values with one more.
func with(values url.Values, name, value string) url.Values {
	values.Set(name, value)
	return values
}

// auditFilterOf reads the filter of the address. Days are those of UTC.
func auditFilterOf(c echo.Context) (photo.AuditFilter, error) {
	q := auditQuery(c)
	f := photo.AuditFilter{Who: q.Get("who"), For: q.Get("for"), Action: q.Get("action"), Outcome: q.Get("outcome")}
	var err error
	for name, into := range map[string]*time.Time{"from": &f.From, "to": &f.To} {
		if raw := q.Get(name); raw != "" && err == nil {
			*into, err = time.Parse(time.DateOnly, raw)
		}
	}
	if raw := c.QueryParam("before"); raw != "" && err == nil {
		f.Before, err = strconv.ParseInt(raw, 10, 64)
	}
	if err != nil {
		return f, &fault.Error{Op: "handlers.auditFilterOf", Kind: fault.BadRequest, Say: words.M("audit.bad-filter"), Next: fault.NextRetry, Err: err}
	}
	if !f.To.IsZero() {
		f.To = f.To.AddDate(0, 0, 1) // the day itself counts
	}
	return f, nil
}

// auditForm returns the filter's form as the address fills it in.
func auditForm(p words.Printer, c echo.Context) views.AuditFilter {
	q := auditQuery(c)
	form := views.AuditFilter{
		Who: q.Get("who"), For: q.Get("for"), From: q.Get("from"), To: q.Get("to"),
		Actions:  options(p.T("audit.any"), q.Get("action"), auditActions, func(a string) string { return actionWord(p, a) }),
		Outcomes: options(p.T("audit.any"), q.Get("outcome"), auditOutcomes, func(o string) string { return outcomeWord(p, o) }),
		CSV:      "/audit.csv",
	}
	if len(q) > 0 {
		form.Reset, form.CSV = "/audit", "/audit.csv?"+q.Encode()
	}
	return form
}

// options returns the choices of a select, none of them first.
func options(none, chosen string, values []string, label func(string) string) []views.Option {
	all := []views.Option{{Label: none, Chosen: chosen == ""}}
	for _, v := range values {
		all = append(all, views.Option{Value: v, Label: label(v), Chosen: v == chosen})
	}
	return all
}

// verifiedNotice says whether the log is as it was written: what the page shows,
// and what the last look at all of it found. It says nothing where there is
// nothing yet.
func verifiedNotice(p words.Printer, page photo.AuditPage) views.Notice {
	checked := page.Checked
	for _, e := range page.Records {
		if !e.Verified {
			return views.Notice{Tone: "caution", Text: p.T("audit.wrong-here", "Seq", e.Seq)}
		}
	}
	switch {
	case checked.Wrong != nil:
		return views.Notice{Tone: "caution", Text: p.T("audit.wrong", "Seq", checked.Wrong.Seq, "At", auditTime(checked.At))}
	case checked.At.IsZero() && len(page.Records) == 0:
		return views.Notice{}
	case checked.At.IsZero():
		return views.Notice{Tone: "info", Text: p.T("audit.unchecked")}
	}
	return views.Notice{Tone: "good", Text: p.T("audit.verified", "Seq", checked.Seq, "At", auditTime(checked.At))}
}

// auditTime returns t as every reader of a log knows it: ISO 8601, in UTC.
func auditTime(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05") + " UTC" }
