package views

// sampleBatches are the list of batches empty and full, and a batch at each of
// its stages.
func sampleBatches(in Frame) []Sample {
	p := in.P
	in.Path, in.Title = "/batches", p.T("batch.heading")
	in.Viewer = &Viewer{Avatar: in.Viewer.Avatar, UPN: in.Viewer.UPN, Helpdesk: true}
	back := &Link{Label: p.T("page.admin"), Href: "#"}
	empty := BatchesPage{Frame: in, Back: back, MaxTitle: 100, MaxReason: 500}
	full := empty
	row := func(title, state, tone string, count int) BatchRow {
		return BatchRow{
			Title: title, Href: "#", Detail: p.T("batch.files", "Count", count), Reason: "INC-20418", State: state, Tone: tone,
			At: "25 November 2026, 08:00 UTC", Machine: "Wed, 25 Nov 2026 08:00:00 GMT",
		}
	}
	full.Rows = []BatchRow{
		row("Badge photos, November", p.T("batch.state-open"), "muted", 412),
		row("Night Shift Maintenance and Line Engineering Coordination, second attempt", p.T("batch.state-waiting"), "caution", 180),
		row(p.T("batch.untitled"), p.T("batch.state-done"), "good", 1),
	}
	full.Next = "#"

	drop := sampleBatch(in, "drop")
	drop.Drop, drop.Summary = true, p.T("batch.files", "Count", 0)
	expects := drop
	expects.Expect, expects.Expected = p.T("batch.expects", "Count", 37, "Here", 12), "#"
	review := sampleBatch(in, "review")
	review.Drop, review.Match, review.Review = true, true, true
	review.Options, review.OnlyMissing, review.Start = true, true, p.T("batch.start", "Count", 398)
	review.Buttons = []BatchButton{{Label: p.T("batch.cancel"), Post: "#"}}
	review.Lines = []string{p.T("batch.row-file-missing", "Line", 7, "File", "mueller.jpg")}
	review.Items, review.Next = sampleBatchItems(in), "#"
	approve := review
	approve.Approve, approve.Start = "0f6cbd42", ""
	run := sampleBatch(in, "run")
	run.Running, run.Progress = true, &BatchProgress{Value: 120, Max: 398, Text: p.T("batch.progress", "Done", 117, "Skipped", 2, "Failed", 1, "Total", 398)}
	run.Buttons = []BatchButton{{Label: p.T("batch.pause"), Post: "#"}, {Label: p.T("batch.cancel"), Post: "#"}}
	run.Items = sampleBatchItems(in)
	for i := range run.Items {
		run.Items[i].Edit, run.Items[i].Correct = false, false
	}
	run.Items[0].State, run.Items[0].Result = p.T("batch.item-done"), p.T("batch.replaced")
	paused := run
	paused.Running = false
	paused.Notices = []Notice{{Tone: "caution", Text: p.T("batch.role-gone", "Name", "Petr Kovář")}}
	paused.Buttons = []BatchButton{{Label: p.T("batch.resume"), Post: "#"}, {Label: p.T("batch.retry"), Post: "#"}, {Label: p.T("batch.cancel"), Post: "#"}}
	report := sampleBatch(in, "report")
	report.RollBack = true
	report.Ended, report.Progress = true, &BatchProgress{Value: 398, Max: 398, Text: p.T("batch.progress", "Done", 390, "Skipped", 6, "Failed", 2, "Total", 398)}
	for _, it := range sampleBatchItems(in) {
		it.Edit, it.Correct, it.Src, it.State = false, false, "", p.T("batch.item-done")
		report.Items = append(report.Items, it)
	}
	wayBack := review
	wayBack.Drop, wayBack.Match, wayBack.Options, wayBack.Lines = false, false, false, nil
	wayBack.Notices = []Notice{{Tone: "info", Text: p.T("batch.is-way-back")}}
	wayBack.Items = sampleBatchItems(in)[:1]
	wayBack.Items[0].Correct = false
	return []Sample{
		{"batches-empty", Batches(empty)},
		{"batches", Batches(full)},
		{"batch-drop", Batch(drop)},
		{"batch-expects", Batch(expects)},
		{"batch-review", Batch(review)},
		{"batch-approve", Batch(approve)},
		{"batch-run", Batch(run)},
		{"batch-paused", Batch(paused)},
		{"batch-report", Batch(report)},
		{"batch-way-back", Batch(wayBack)},
	}
}

func sampleBatch(in Frame, stage string) BatchPage {
	p := in.P
	b := BatchPage{
		Frame: in, Back: &Link{Label: p.T("batch.heading"), Href: "#"}, Heading: "Badge photos, November", Reason: "INC-20418", Path: "#", Stage: stage,
		MaxFiles: 10000, Summary: p.T("batch.files", "Count", 412) + " · " + p.T("batch.ticked", "Count", 398) + " · " + p.T("batch.to-check", "Count", 9),
		Tabs: []Link{{Label: p.T("batch.tab-all", "Count", 412), Href: "#", Current: true}, {Label: p.T("batch.tab-check", "Count", 9), Href: "#"}, {Label: p.T("batch.tab-photo", "Count", 61), Href: "#"}},
	}
	for _, name := range []string{"drop", "review", "run", "report"} {
		b.Steps = append(b.Steps, BatchStep{Label: map[string]string{
			"drop": p.T("batch.step-drop"), "review": p.T("batch.step-review"), "run": p.T("batch.step-run"), "report": p.T("batch.step-report"),
		}[name], Current: name == stage})
	}
	return b
}

func sampleBatchItems(in Frame) []BatchItem {
	p := in.P
	item := func(n, file, name, why string) BatchItem {
		var avatar *Avatar
		if name != "" {
			avatar = &Avatar{Name: name, Hue: Hue(name), Shape: "circle"}
		}
		return BatchItem{
			Avatar: avatar,
			N:      n, File: file, Name: name, UPN: "sample@skylark.example", Src: "/sample.jpg", Why: why, Post: "#", Show: "all", Page: "1",
			Ticked: true, Mayrun: true, Readable: true, Edit: true, Correct: true,
		}
	}
	sure := item("1", "alex.meier@skylark.example.jpg", "Alex Meier", p.T("batch.by-upn"))
	several := item("2", "badges/mueller.jpg", "", p.T("batch.several-name"))
	several.Ticked, several.Mayrun, several.Caution = false, false, true
	several.Candidates = []Option{{Value: "1", Label: "Jörg Müller · joerg.mueller@skylark.example"}, {Value: "2", Label: "Jana Müller · jana.mueller@skylark.example"}}
	small := item("3", "张伟.png", "张伟", p.T("batch.by-name"))
	small.Hints, small.Caution = []string{p.T("batch.hint-small")}, true
	bad := item("4", "a-file-with-a-name-that-never-seems-to-end-because-a-camera-has-made-it-20261125.svg", "", p.T("picture.svg"))
	bad.Src, bad.Ticked, bad.Mayrun, bad.Readable, bad.Caution = "", false, false, false, true
	off := item("5", "renee.dubois.jpg", "Renée Dubois", p.T("batch.by-name"))
	off.Ticked, off.HasPhoto = false, true
	return []BatchItem{sure, several, small, bad, off}
}
