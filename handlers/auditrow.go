package handlers

import (
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"portrait/internal/directory"
	"portrait/internal/photo"
	"portrait/internal/words"
	"portrait/views"
)

// auditActions and auditOutcomes are what the filter offers, in this order; they
// are the words of the log.
var (
	auditActions = []string{
		"set", "remove", "restore", "list", "seeHistory", "forget", "export", "askHandOut", "approveHandOut", "handOut", "erase", "purge",
		"batchCreate", "batchAsk", "batchApprove", "batchStart", "batchPause", "batchResume", "batchCancel", "batchRetry", "batchFinish",
		"batchRollBack", "batchReport",
	}
	auditOutcomes = []string{"done", "refused", "failed", "unknown"}
)

// actionWord returns what was done, in words.
func actionWord(p words.Printer, action string) string {
	switch action {
	case "set":
		return p.T("audit.set")
	case "remove":
		return p.T("audit.remove")
	case "restore":
		return p.T("audit.restore")
	case "list":
		return p.T("audit.list")
	case "seeHistory":
		return p.T("audit.see-history")
	case "forget":
		return p.T("audit.forget")
	case "export":
		return p.T("audit.export")
	case "askHandOut":
		return p.T("audit.ask-hand-out")
	case "approveHandOut":
		return p.T("audit.approve-hand-out")
	case "handOut":
		return p.T("audit.hand-out")
	case "erase":
		return p.T("audit.erase")
	case "purge":
		return p.T("audit.purge")
	}
	return batchWord(p, action)
}

// batchWord is actionWord for what is done with a batch as a whole.
func batchWord(p words.Printer, action string) string {
	switch action {
	case "batchCreate":
		return p.T("audit.batch-create")
	case "batchAsk":
		return p.T("audit.batch-ask")
	case "batchApprove":
		return p.T("audit.batch-approve")
	case "batchStart":
		return p.T("audit.batch-start")
	case "batchPause":
		return p.T("audit.batch-pause")
	case "batchResume":
		return p.T("audit.batch-resume")
	case "batchCancel":
		return p.T("audit.batch-cancel")
	case "batchRetry":
		return p.T("audit.batch-retry")
	case "batchFinish":
		return p.T("audit.batch-finish")
	case "batchRollBack":
		return p.T("audit.batch-roll-back")
	case "batchReport":
		return p.T("audit.batch-report")
	}
	return action // a newer Portrait wrote it
}

// outcomeWord returns how it ended, in words.
func outcomeWord(p words.Printer, outcome string) string {
	switch outcome {
	case "done":
		return p.T("audit.done")
	case "refused":
		return p.T("audit.refused")
	case "failed":
		return p.T("audit.failed")
	case "unknown":
		return p.T("audit.unknown")
	}
	return outcome
}

// tones are those of the outcomes; what is new is caution.
var tones = map[string]string{"done": "good", "refused": "muted"}

// asWord returns whose identity acted, in words.
func asWord(p words.Printer, as string) string {
	switch as {
	case "delegated":
		return p.T("audit.as-person")
	case "app":
		return p.T("audit.as-app")
	case "operator":
		return p.T("audit.as-operator")
	}
	return as
}

// auditRow returns the row of e.
func auditRow(p words.Printer, e photo.AuditEntry) views.AuditRow {
	tone := tones[e.Outcome]
	if tone == "" {
		tone = "caution"
	}
	return views.AuditRow{
		Seq: strconv.FormatInt(e.Seq, 10), At: auditTime(e.At), DateTime: e.At.UTC().Format(time.RFC3339), Verified: e.Verified,
		Action: actionWord(p, e.Action), Outcome: outcomeWord(p, e.Outcome), Tone: tone, Sentence: codeSentence(p, e.Code),
		Reason: short(e.Reason), Who: auditActor(p, e), For: auditTarget(e), Details: auditDetails(p, e),
	}
}

// codeSentence returns the sentence that was said, where it says something by
// itself.
func codeSentence(p words.Printer, code string) string {
	if code == "" {
		return ""
	}
	said := p.Say(words.Message{ID: code})
	if strings.Contains(said, "<no value>") {
		return code
	}
	return said
}

// auditActor returns who acted.
func auditActor(p words.Printer, e photo.AuditEntry) views.AuditPerson {
	if e.Person == "" {
		return views.AuditPerson{Name: p.T("audit.operator")}
	}
	who := views.AuditPerson{Name: short(e.Name), Detail: short(e.Address), Href: userHref(e.Person), Only: onlyHref("who", e.Person)}
	if who.Name == "" {
		who.Name = string(e.Person)
	}
	return who
}

// auditTarget returns whose photo it is: nobody's for what is about the log
// itself.
func auditTarget(e photo.AuditEntry) views.AuditPerson {
	if e.Photo.Owner == "" {
		return views.AuditPerson{}
	}
	whose := views.AuditPerson{Name: short(e.TargetName), Only: onlyHref("for", e.Photo.Owner)}
	if whose.Name == "" {
		whose.Name = string(e.Photo.Owner)
	} else {
		whose.Detail = string(e.Photo.Owner)
	}
	switch e.Photo.Kind {
	case directory.KindUser:
		whose.Href = userHref(e.Photo.Owner)
	case directory.KindContact:
		if subject, err := directory.UserContact(e.Photo.Owner, e.Photo.Item); err == nil {
			whose.Href = subject.Path() + "/photo"
		}
	}
	return whose
}

func userHref(id directory.ID) string {
	subject, err := directory.OfUser(id)
	if err != nil {
		return ""
	}
	return subject.Path() + "/photo"
}

func onlyHref(field string, id directory.ID) string {
	if !directory.IsGUID(id) {
		return ""
	}
	return "/audit?" + field + "=" + string(id)
}

// auditDetails returns what else is known of e.
func auditDetails(p words.Printer, e photo.AuditEntry) []views.AuditDetail {
	var all []views.AuditDetail
	add := func(label, value string, code bool) {
		if value != "" {
			all = append(all, views.AuditDetail{Label: label, Value: short(value), Code: code})
		}
	}
	if e.Erased {
		add(p.T("audit.names"), p.T("audit.erased"), false)
	}
	add(p.T("audit.as"), asWord(p, e.As), false)
	add(p.T("audit.role"), join(string(e.Role), e.Proof), true)
	add(p.T("audit.person"), string(e.Person), true)
	add(p.T("audit.photo"), photoOf(e.Photo), true)
	add(p.T("audit.old"), e.Old, true)
	add(p.T("audit.new"), e.New, true)
	add(p.T("audit.code"), e.Code, true)
	add(p.T("audit.item"), e.Item, true)
	add(p.T("audit.request"), e.RequestID, true)
	add(p.T("audit.graph-request"), join(e.GraphRequestID, e.ClientRequestID), true)
	add(p.T("audit.ip"), e.IP, true)
	add(p.T("audit.agent"), e.Agent, false)
	return all
}

// photoOf names a photo by its key, "" for none.
func photoOf(k directory.PhotoKey) string {
	return join(string(k.Kind), string(k.Owner), string(k.Item))
}

// shortRunes is how much of a text the page shows; the file has all of it.
const shortRunes = 300

// short returns the beginning of text, on one line. What can't be seen and turns
// the text around it, as U+202E does, is shown as a replacement character, so
// that no name looks like another.
func short(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			return unicode.ReplacementChar
		}
		return r
	}, strings.Join(strings.Fields(text), " "))
	if utf8.RuneCountInString(text) <= shortRunes {
		return text
	}
	return string([]rune(text)[:shortRunes]) + "…"
}
