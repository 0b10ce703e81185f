package handlers

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"strconv"

	"github.com/labstack/echo/v4"

	"portrait/internal/batch"
	"portrait/internal/directory"
	"portrait/internal/words"
	"portrait/views"
)

// What a batch's page can show, in the query's show.
const (
	showAll   = "all"
	showCheck = "check"
)

// wallItems is how many items a page of the wall has.
const wallItems = 60

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

// needsCheck reports whether somebody should look at an item.
func needsCheck(it batch.Kept, found batch.Found) bool {
	return it.Verdict != string(batch.Matched) || it.Sure == string(batch.Guess) || len(found.Hints) > 0 || it.State == "failed"
}

// wall puts the items that the query asks for on the page.
func (s *Site) wall(c echo.Context, page *views.BatchPage, p words.Printer, sh batch.Shown) {
	show := c.QueryParam("show")
	if show != showCheck {
		show = showAll
	}
	var chosen []int
	check := 0
	for i, it := range sh.Items {
		needs := needsCheck(it, sh.Founds[i])
		if needs {
			check++
		}
		if needs || show == showAll {
			chosen = append(chosen, i)
		}
	}
	page.Tabs = []views.Link{
		{Label: p.T("batch.tab-all", "Count", len(sh.Items)), Href: page.Path + "?show=" + showAll, Current: show == showAll},
		{Label: p.T("batch.tab-check", "Count", check), Href: page.Path + "?show=" + showCheck, Current: show == showCheck},
	}
	at, _ := strconv.Atoi(c.QueryParam("page")) // 0 is the first page, as 1 is
	at = max(at, 1)
	from := min((at-1)*wallItems, len(chosen))
	to := min(from+wallItems, len(chosen))
	for _, i := range chosen[from:to] {
		item := itemView(p, page.Path, sh.Items[i], sh.Founds[i])
		item.Show, item.Page, item.Edit, item.Correct = show, strconv.Itoa(at), page.Review, page.Drop
		if page.Ended { // its pictures were deleted
			item.Src = ""
		}
		page.Items = append(page.Items, item)
	}
	href := func(n int) string { return page.Path + "?show=" + show + "&page=" + strconv.Itoa(n) }
	if from > 0 {
		page.Previous = href(at - 1)
	}
	if to < len(chosen) {
		page.Next = href(at + 1)
	}
}

// itemView returns an item as the wall shows it.
func itemView(p words.Printer, at string, it batch.Kept, found batch.Found) views.BatchItem {
	n := strconv.FormatInt(it.N, 10)
	v := views.BatchItem{
		N: n, File: it.Name, Name: found.Name, UPN: found.UPN, Post: at + "/items/" + n, Ticked: it.Ticked,
		Caution: it.Verdict != "" && needsCheck(it, found), Readable: it.Verdict != string(batch.Unreadable), Crop: it.Crop,
		State: stateWord(p, it), Mayrun: it.Person != "",
	}
	if found.Name != "" {
		v.Avatar = &views.Avatar{Name: found.Name, Hue: views.Hue(string(it.Person)), Shape: "circle"}
	}
	if v.Readable && !bytes.Equal(it.Hash, noPicture[:]) {
		v.Src = v.Post + "/$value?v=" + hex.EncodeToString(it.Hash[:min(len(it.Hash), 6)]) + "-" + cropMark(it.Crop)
	}
	if found.Why.ID != "" {
		v.Why = p.Say(found.Why)
	}
	for _, h := range found.Hints {
		v.Hints = append(v.Hints, p.Say(hintWords[string(h)]))
	}
	for _, person := range found.Candidates {
		v.Candidates = append(v.Candidates, views.Option{Value: string(person.ID), Label: person.DisplayName + " · " + person.UPN, Chosen: person.ID == it.Person})
	}
	if result, err := batch.DecodeMessage(it.Result); err == nil && result.ID != "" {
		v.Result = p.Say(result)
	}
	return v
}

// noPicture is the hash of the item that removes a photo: on the way back where
// there was none.
var noPicture = sha256.Sum256(nil)

// hintWords say what somebody may want to know of a picture.
var hintWords = map[string]words.Message{
	"small": words.M("batch.hint-small"), "dark": words.M("batch.hint-dark"),
	"light": words.M("batch.hint-light"), "blurred": words.M("batch.hint-blurred"),
}

// itemStates say what became of an item.
var itemStates = map[string]words.Message{
	"working": words.M("batch.item-working"), "done": words.M("batch.item-done"), "skipped": words.M("batch.item-skipped"),
	"failed": words.M("batch.item-failed"), "left": words.M("batch.item-left"),
}

// stateWord is what became of an item, "" before it began.
func stateWord(p words.Printer, it batch.Kept) string {
	if say, ok := itemStates[string(it.State)]; ok {
		return p.Say(say)
	}
	return ""
}

// cropMark is crop for an address: another crop is another picture.
func cropMark(crop string) string { return hex.EncodeToString([]byte(crop)) }

// sayInside says m, whose value Why may be a message itself, kept beside it.
func sayInside(p words.Printer, m words.Message) string {
	if why, ok := m.Data["Why"].(words.Message); ok {
		return p.T("batch.row-bad", "Line", m.Data["Line"], "Why", p.Say(why))
	}
	return p.Say(m)
}
