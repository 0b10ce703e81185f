package views

// sampleDrafts are a photo's page with what became of a change, and with the
// photos that were there before.
func sampleDrafts(with PhotoPage) []Sample {
	p := with.P
	page := func(d Draft) PhotoPage {
		d.P, d.CSRF, d.PageKey, d.Shape, d.Track = p, "sample", "sample", "circle", "#"
		shown := with
		shown.Draft = &d
		return shown
	}
	waits := page(Draft{State: "waiting", Image: "/sample.jpg", Title: p.T("draft.title"), Text: p.T("draft.waiting"), RetryMS: "240000", Send: "#", Drop: "#"})
	failed := page(Draft{State: "failed", Image: "/sample.jpg", Title: p.T("draft.title"), Text: p.T("draft.kept"), Send: "#", Drop: "#"})
	done := page(Draft{State: "confirmed", Image: "/sample.jpg", Title: p.T("draft.done"), Text: p.T("draft.done-unseen"), Undo: "#", Remote: true})
	past := Past{Src: "/sample.jpg", When: "25 November 2026, 08:00 UTC", Stamp: "Wed, 25 Nov 2026 08:00:00 GMT", Restore: "#", Delete: "#"}
	history := with
	history.History = &History{
		P: p, CSRF: "sample", PageKey: "sample", Shape: "circle", Open: true, Rows: []Past{past, past, past}, DeleteAll: "#",
	}
	history.Data = "#"
	return []Sample{
		{"photo-waiting", Photo(waits)},
		{"photo-kept", Photo(failed)},
		{"photo-passing-on", Photo(done)},
		{"photo-history", Photo(history)},
	}
}

// sampleEmptyLists are lists in which there is nothing yet.
func sampleEmptyLists(in Frame) []Sample {
	p := in.P
	groups, contacts := in, in
	groups.Path, groups.Title = "/groups", p.T("page.groups")
	contacts.Path, contacts.Title = "/me/contacts", p.T("page.contacts")
	return []Sample{
		{"groups-empty", List(ListPage{Frame: groups, Heading: p.T("groups.heading"), Lead: p.T("groups.lead"), Empty: p.T("groups.none")})},
		{"contacts-empty", List(ListPage{Frame: contacts, Heading: p.T("contacts.heading"), Lead: p.T("contacts.lead"), Empty: p.T("contacts.none")})},
	}
}
