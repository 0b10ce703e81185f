package views

import "time"

// sampleCoverage are the pages of who has a photo and of exports, in each of
// their states.
func sampleCoverage(in Frame) []Sample {
	p := in.P
	in.Path, in.Title = "/coverage", p.T("coverage.heading")
	in.Viewer = &Viewer{Avatar: in.Viewer.Avatar, UPN: in.Viewer.UPN, Helpdesk: true}
	back := &Link{Label: p.T("page.admin"), Href: "#"}
	empty := CoveragePage{Frame: in, Back: back, Counting: p.T("coverage.counting", "Count", 1200)}
	full := CoveragePage{
		Frame: in, Back: back, Share: "78 %", Summary: p.T("coverage.summary", "Have", 203, "Count", 260),
		When: p.Date(sampleDay(0)), Machine: "Wed, 25 Nov 2026 08:00:00 GMT", Missing: "#", CSV: "#", DaysCSV: "#",
		Unknown: &Link{Label: p.T("coverage.unknown-people", "Count", 2), Href: "#"},
		Ranges:  []Link{{Label: p.T("coverage.days", "Count", 30), Href: "#"}, {Label: p.T("coverage.days", "Count", 90), Href: "#", Current: true}, {Label: p.T("coverage.days", "Count", 365), Href: "#"}},
	}
	full.Chart, full.Days = sampleChart(in, 30)
	full.Bars = []CoverageBar{
		sampleBar("Night Shift Maintenance and Line Engineering Coordination", 61, 92),
		sampleBar("Operations", 48, 61), sampleBar("机组调度", 30, 36), sampleBar("Cabin", 40, 41), sampleBar("Finance", 18, 18),
		sampleBar(p.T("coverage.no-department-name"), 0, 4),
	}
	first := full
	first.Unknown = nil
	first.Chart, first.Days = sampleChart(in, 1)
	return append([]Sample{
		{"coverage-empty", Coverage(empty)},
		{"coverage-first", Coverage(first)},
		{"coverage", Coverage(full)},
	}, append(sampleCovered(in), sampleExports(in)...)...)
}

func sampleDay(before int) time.Time {
	return time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC).AddDate(0, 0, -before)
}

func sampleChart(in Frame, days int) (*Chart, []CoverageDay) {
	p := in.P
	var points []Point
	var table []CoverageDay
	for i := range days {
		before := days - 1 - i
		share := 78 - float64(before) - float64(before%3)
		text := units(share) + " %"
		points = append(points, Point{At: sampleDay(before), Share: share, Text: text})
		table = append([]CoverageDay{{Day: p.Day(sampleDay(before), true), DateTime: "2026-11-25", People: 260, Have: 203 - int64(before), Missing: 57 + int64(before), Share: text}}, table...)
	}
	desc := p.T("coverage.chart-one", "Day", p.Day(sampleDay(0), true), "Share", "78 %")
	if days > 1 {
		desc = p.T("coverage.chart-desc", "From", p.Day(sampleDay(days-1), true), "First", points[0].Text, "To", p.Day(sampleDay(0), true), "Last", "78 %")
	}
	return NewChart("time", p.T("coverage.over-time"), desc, points, func(t time.Time) string { return p.Day(t, false) }), table
}

func sampleBar(name string, have, people int64) CoverageBar {
	return CoverageBar{
		Name: name, Have: NewBar(have, people), Share: units(float64(have*100/people)) + " %", People: people,
		Present: have, Missing: people - have, PresentHref: "#", MissingHref: "#",
	}
}

func sampleCovered(in Frame) []Sample {
	p := in.P
	missing := CoveredPage{
		Frame: in, Back: &Link{Label: p.T("coverage.heading"), Href: "#"}, Heading: "Operations",
		Lead: p.T("coverage.as-of", "Count", 13, "At", p.Date(sampleDay(0))), CSV: "#", Next: "#", Empty: p.T("coverage.nobody"),
		Tabs: []Link{{Label: p.T("coverage.missing"), Href: "#", Current: true}, {Label: p.T("coverage.present"), Href: "#"}, {Label: p.T("coverage.unknown"), Href: "#"}},
		Rows: []Row{
			{Avatar: Avatar{Name: "Jörg Müller", Hue: 2, Shape: "circle"}, Href: "#", Detail: "Meteorologist · Operations · joerg.mueller@contoso.example"},
			{Avatar: Avatar{Name: "Maximiliane Freifrau von und zu Hohenstein-Wallenburg-Lichtenfels", Hue: 5, Shape: "circle"}, Href: "#", Detail: "Operations · maximiliane.hohenstein-wallenburg-lichtenfels@contoso.example"},
		},
		Make: &CoveredBatch{Show: "missing", Heading: p.T("coverage.batch-heading", "Count", 13), Title: p.T("coverage.batch-title", "Name", "Operations"), MaxTitle: 100, MaxReason: 500},
	}
	none := missing
	none.Rows, none.Make, none.Next = nil, nil, ""
	none.Lead = p.T("coverage.as-of", "Count", 0, "At", p.Date(sampleDay(0)))
	return []Sample{{"covered", Covered(missing)}, {"covered-none", Covered(none)}}
}

func sampleExports(in Frame) []Sample {
	p := in.P
	in.Path, in.Title = "/exports", p.T("export.heading")
	empty := ExportsPage{Frame: in, Back: &Link{Label: p.T("page.admin"), Href: "#"}, Lead: p.T("export.lead", "Count", 500), MaxReason: 500}
	full := empty
	row := func(title, state, tone string, count int) BatchRow {
		return BatchRow{
			Title: title, Href: "#", Detail: p.T("export.people", "Count", count), Reason: "INC-20418", State: state, Tone: tone,
			At: p.Date(sampleDay(0)), Machine: "Wed, 25 Nov 2026 08:00:00 GMT",
		}
	}
	full.Rows = []BatchRow{
		row(p.T("export.of-department", "Name", "Operations"), p.T("export.state-open"), "good", 61),
		row(p.T("export.everybody"), p.T("batch.state-waiting"), "caution", 1260),
		row(p.T("export.of-list"), p.T("export.state-over"), "muted", 1),
	}
	open := ExportPage{
		Frame: in, Back: &Link{Label: p.T("export.heading"), Href: "#"}, Heading: p.T("export.of-list"), Summary: p.T("export.people", "Count", 1260),
		Reason: "INC-20418", Path: "#", Open: true, Notices: []Notice{{Tone: "info", Text: p.T("export.until", "At", p.Date(sampleDay(-3)))}},
		Unknown: []string{"nobody@contoso.example"}, Nobodies: p.T("export.nobodies", "Count", 1),
	}
	for n := 1; n <= 3; n++ {
		open.Parts = append(open.Parts, ExportPart{
			Href: "#", Label: p.T("export.part", "N", n, "Of", 3), Taken: n == 1, Detail: p.T("export.part-people", "From", (n-1)*500+1, "To", min(n*500, 1260)),
		})
	}
	waits := open
	waits.Open, waits.Parts, waits.Unknown = false, nil, nil
	waits.Notices = []Notice{{Tone: "caution", Text: p.T("export.waits", "Count", 100)}}
	approve := waits
	approve.Approve = "0f6cbd42"
	approve.Notices = []Notice{{Tone: "info", Text: p.T("export.to-approve")}}
	return []Sample{
		{"exports-empty", Exports(empty)}, {"exports", Exports(full)},
		{"export", Export(open)}, {"export-waits", Export(waits)}, {"export-approve", Export(approve)},
	}
}
