package views

import "strings"

// sampleAudits are the audit log empty, full, filtered to nothing, and not as it
// was written.
func sampleAudits(in Frame) []Sample {
	p := in.P
	in.Path, in.Title = "/audit", p.T("audit.heading")
	in.Viewer = &Viewer{Avatar: in.Viewer.Avatar, UPN: in.Viewer.UPN, Helpdesk: true}
	at := "2026-11-25 08:00:00 UTC"
	all := []Option{{Label: p.T("audit.any"), Chosen: true}}
	empty := AuditPage{
		Frame: in, Back: &Link{Label: p.T("page.admin"), Href: "#"},
		Filter: AuditFilter{
			Actions:  append(all[:1:1], Option{Value: "set", Label: p.T("audit.set")}, Option{Value: "remove", Label: p.T("audit.remove")}),
			Outcomes: append(all[:1:1], Option{Value: "done", Label: p.T("audit.done")}, Option{Value: "refused", Label: p.T("audit.refused")}),
			CSV:      "#",
		},
		Empty: p.T("audit.none"),
	}
	full := empty
	full.Verified = Notice{Tone: "good", Text: p.T("audit.verified", "Seq", 1204, "At", at)}
	full.Rows, full.Next = sampleAuditRows(in), "#"
	wrong := full
	wrong.Verified = Notice{Tone: "caution", Text: p.T("audit.wrong-here", "Seq", 1205)}
	wrong.Rows = sampleAuditRows(in)
	wrong.Rows[1].Verified = false
	filtered := empty
	filtered.Filter.Who, filtered.Filter.From, filtered.Filter.Reset = "hanna.desk@skylark.example", "2026-11-01", "#"
	filtered.Empty = p.T("audit.no-match")
	return []Sample{{"audit-empty", Audit(empty)}, {"audit", Audit(full)}, {"audit-wrong", Audit(wrong)}, {"audit-filtered", Audit(filtered)}}
}

func sampleAuditRows(in Frame) []AuditRow {
	p := in.P
	const id = "5c1f0e3a-8d42-4b7e-9f16-2a7d3b90c6e1"
	desk := AuditPerson{Name: "Hanna Desk", Detail: "hanna.desk@skylark.example", Href: "#", Only: "#"}
	details := []AuditDetail{
		{Label: p.T("audit.as"), Value: p.T("audit.as-app")},
		{Label: p.T("audit.role"), Value: "helpdesk · id-token", Code: true},
		{Label: p.T("audit.person"), Value: id, Code: true},
		{Label: p.T("audit.new"), Value: strings.Repeat("0f6cbd42", 8), Code: true},
		{Label: p.T("audit.request"), Value: "T2X7KQ4MZD5WBH6J3RNVCGAYPS", Code: true},
	}
	row := func(seq, at, action, outcome, tone string) AuditRow {
		return AuditRow{
			Seq: seq, At: "2026-11-25 " + at + " UTC", DateTime: "2026-11-25T" + at + "Z", Verified: true,
			Who: desk, Action: action, Outcome: outcome, Tone: tone, Details: details,
		}
	}
	set := row("1206", "09:41:07", p.T("audit.set"), p.T("audit.done"), "good")
	set.For, set.Reason = AuditPerson{Name: "Jörg Müller", Detail: id, Href: "#", Only: "#"}, "INC-20418, new badge photo"
	refused := row("1205", "09:38:55", p.T("audit.set"), p.T("audit.refused"), "muted")
	refused.For, refused.Sentence = AuditPerson{Name: "Admiral \uFFFDgnp.exe", Detail: id, Href: "#", Only: "#"}, p.T("photo.protected")
	refused.Reason = strings.Repeat("A very long reason that somebody pasted from a ticket. ", 6)
	own := row("1204", "08:12:30", p.T("audit.remove"), p.T("audit.unknown"), "caution")
	own.Who = AuditPerson{Name: "Maximiliane Freifrau von und zu Hohenstein-Wallenburg-Lichtenfels", Detail: "maximiliane.hohenstein@skylark.example", Href: "#", Only: "#"}
	own.For = own.Who
	erased := row("1203", "08:10:02", p.T("audit.restore"), p.T("audit.failed"), "caution")
	erased.Who, erased.For = AuditPerson{Name: id, Href: "#", Only: "#"}, AuditPerson{Name: id, Href: "#", Only: "#"}
	erased.Details = append([]AuditDetail{{Label: p.T("audit.names"), Value: p.T("audit.erased")}}, details...)
	purge := row("1202", "00:00:01", p.T("audit.purge"), p.T("audit.done"), "good")
	purge.Who = AuditPerson{Name: p.T("audit.operator")}
	return []AuditRow{set, refused, own, erased, purge}
}
