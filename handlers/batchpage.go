package handlers

import (
	"bytes"
	"encoding/hex"

	"github.com/labstack/echo/v4"

	"portrait/internal/batch"
	"portrait/internal/directory"
	"portrait/internal/words"
	"portrait/views"
)

// batchPage returns the page of a batch as far as it has come.
func (s *Site) batchPage(c echo.Context, sh batch.Shown) views.BatchPage {
	p := s.Printer(c)
	state := string(sh.State)
	preparing := state == "open" || state == "waiting"
	page := views.BatchPage{
		Frame: s.Frame(c, titleOf(p, sh.Title)), Back: &views.Link{Label: p.T("batch.heading"), Href: "/batches"},
		Heading: titleOf(p, sh.Title), Summary: summary(p, sh), Reason: sh.Reason, Path: batchPath(sh.ID), Running: state == "running",
		Ended: state == "done" || state == "cancelled", MaxFiles: batch.MaxFiles,
	}
	switch {
	case preparing && !(sh.Matched && sh.Counts.Total > 0):
		page.Stage, page.Drop, page.Match = "drop", true, sh.Counts.Total > 0
	case preparing:
		mine := state == "open" || sh.Mine // one that waits for approval is its author's
		own := mine && sh.Parent == ""     // the way back puts back what was there, and nothing else
		page.Stage, page.Drop, page.Match, page.Review = "review", own, own, mine
		page.OnlyMissing, page.DryRun, page.Options = sh.OnlyMissing, sh.DryRun, own
		s.approval(&page, p, sh)
	case page.Ended:
		page.Stage = "report"
	default:
		page.Stage = "run"
	}
	s.buttons(&page, p, sh)
	page.Steps = steps(p, page.Stage)
	if !preparing {
		page.Progress = progressOf(p, sh.Counts.States, sh.Counts.Ticked)
	}
	for _, line := range sh.Lines {
		page.Lines = append(page.Lines, sayInside(p, line))
	}
	if sh.Note.ID != "" {
		page.Notices = append(page.Notices, views.Notice{Tone: "caution", Text: p.Say(sh.Note)})
	}
	if directory.IsOperator(sh.Author) {
		page.Notices = append(page.Notices, views.Notice{Tone: "info", Text: p.T("batch.by-terminal")})
	}
	if sh.Parent != "" {
		page.Notices = append(page.Notices, views.Notice{Tone: "info", Text: p.T("batch.is-way-back")})
	}
	if sh.DryRun {
		page.Notices = append(page.Notices, views.Notice{Tone: "info", Text: p.T("batch.is-dry-run")})
	}
	if e := sh.Expect; e.People > 0 {
		page.Expect, page.Expected = p.T("batch.expects", "Count", e.People, "Here", e.Here), page.Path+"/expected.csv"
	}
	s.wall(c, &page, p, sh)
	return page
}

// buttons are what can be done with a batch that has begun.
func (s *Site) buttons(page *views.BatchPage, p words.Printer, sh batch.Shown) {
	add := func(to, label string) {
		page.Buttons = append(page.Buttons, views.BatchButton{Label: label, Post: page.Path + to})
	}
	switch string(sh.State) {
	case "running":
		add("/pause", p.T("batch.pause"))
	case "paused":
		add("/resume", p.T("batch.resume"))
	}
	if began := string(sh.State) == "running" || string(sh.State) == "paused"; began {
		if sh.Counts.States["failed"] > 0 {
			add("/retry", p.T("batch.retry"))
		}
		if sh.Counts.States["open"]+sh.Counts.States["working"] == 0 {
			add("/finish", p.T("batch.finish"))
		}
	}
	if !page.Ended {
		add("/cancel", p.T("batch.cancel"))
	}
	page.RollBack = page.Ended && sh.Parent == "" && !sh.DryRun && sh.Counts.States["done"] > 0
}

// steps are the stages of a batch, with the one it is in.
func steps(p words.Printer, stage string) []views.BatchStep {
	var all []views.BatchStep
	for _, step := range []struct {
		name string
		say  words.Message
	}{
		{"drop", words.M("batch.step-drop")}, {"review", words.M("batch.step-review")},
		{"run", words.M("batch.step-run")}, {"report", words.M("batch.step-report")},
	} {
		all = append(all, views.BatchStep{Label: p.Say(step.say), Current: step.name == stage})
	}
	return all
}

// approval says whether a second person must approve, and whether it is this one.
func (s *Site) approval(page *views.BatchPage, p words.Printer, sh batch.Shown) {
	approved := sh.Approver != "" && bytes.Equal(sh.ApprovedPlan, sh.Plan)
	page.Approval = approved || string(sh.State) == "waiting"
	page.Start = p.T("batch.start", "Count", int(sh.Counts.Ticked))
	if sh.DryRun {
		page.Start = p.T("batch.start-dry", "Count", int(sh.Counts.Ticked))
	}
	if sh.Counts.Ticked == 0 {
		page.Start = ""
	}
	switch needs := s.Batch.NeedsApproval(sh.Counts.Ticked); {
	case !needs:
	case approved:
		page.Notices = append(page.Notices, views.Notice{Tone: "good", Text: p.T("batch.approved")})
	case string(sh.State) == "waiting" && !sh.Mine:
		page.Approve = hex.EncodeToString(sh.Plan)
		page.Start = ""
	case string(sh.State) == "waiting":
		page.Notices = append(page.Notices, views.Notice{Tone: "caution", Text: p.T("batch.waits")})
		page.Start = ""
	default:
		page.Start, page.Ask = "", sh.Mine && sh.Counts.Ticked > 0
		page.Notices = append(page.Notices, views.Notice{Tone: "info", Text: p.T("batch.needs-approval", "Count", s.Batch.ApprovalAbove)})
	}
}

// summary counts a batch in a line.
func summary(p words.Printer, sh batch.Shown) string {
	if sh.Counts.Total == 0 {
		return p.T("batch.files", "Count", int(sh.PurgedItems))
	}
	text := p.T("batch.files", "Count", int(sh.Counts.Total))
	if sh.Matched {
		check := 0
		for i := range sh.Items {
			if needsCheck(sh.Items[i], sh.Founds[i]) {
				check++
			}
		}
		text += " · " + p.T("batch.ticked", "Count", int(sh.Counts.Ticked)) + " · " + p.T("batch.to-check", "Count", check)
	}
	return text
}

// sayInside says m, whose value Why may be a message itself, kept beside it.
func sayInside(p words.Printer, m words.Message) string {
	if why, ok := m.Data["Why"].(words.Message); ok {
		return p.T("batch.row-bad", "Line", m.Data["Line"], "Why", p.Say(why))
	}
	return p.Say(m)
}
