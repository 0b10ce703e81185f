package views

import (
	"slices"

	"github.com/a-h/templ"

	"portrait/internal/words"
)

// Sample is a view in one state, with made-up data.
type Sample struct {
	Name string // part of an address: "photo-none"
	View templ.Component
}

// Samples returns every view in every state that people can meet, said by p and
// in theme ("light", "dark" or ""). cmd/gallery shows them.
func Samples(p words.Printer, theme string) []Sample {
	out := Frame{P: p, Languages: p.Others(), Title: p.T("home.page-title"), Theme: theme, Path: "/"}
	in := Frame{
		P: p, Languages: p.Others(), Title: p.T("photo.page-title"), Theme: theme, CSRF: "sample", Path: "/me/photo",
		Viewer: &Viewer{Avatar: Avatar{Name: "Maya Lindqvist", Hue: 4, Shape: "circle"}, UPN: "maya.lindqvist@contoso.example"},
	}
	banner := in
	banner.Banner = &Banner{Text: "Portrait moves to a new address on Friday.", Href: "https://portrait.example"}
	none := PhotoPage{
		Frame: in, Heading: "Maya Lindqvist", Detail: "Flight Planner · Operations", Photo: in.Viewer.Avatar,
		Facts: p.T("photo.facts-none"), Editor: sampleEditor(p),
	}
	return append([]Sample{
		{"home", Home(HomePage{Frame: out, SignIn: "#"})},
		{"photo-none", Photo(none)},
	}, slices.Concat(samplePhotos(none, banner), sampleLists(in), sampleEmptyLists(in), sampleAudits(in), sampleBatches(in), sampleCoverage(in), sampleTroubles(in, out))...)
}

func sampleEditor(p words.Printer) *Editor {
	return &Editor{P: p, Put: "#", Post: "#", Image: "#", Shape: "circle", Name: "Maya Lindqvist", CSRF: "sample", MaxUploadMB: 25}
}

func samplePhotos(none PhotoPage, banner Frame) []Sample {
	p := none.P
	with := none
	with.Photo.Src = "/sample.jpg"
	with.Viewer = &Viewer{Avatar: with.Photo, UPN: none.Viewer.UPN}
	with.Facts, with.Remove = p.T("photo.facts-size", "Width", 648, "Height", 648), "#"

	saved := with
	saved.Notices = []Notice{{Tone: "good", Text: p.T("photo.done-saved-location")}}

	shared := with
	shared.Notices = []Notice{{Tone: "info", Text: p.T("photo.done-shared")}}

	down := none
	down.Frame = banner
	down.Facts = p.T("photo.facts-unknown")
	down.Notices = []Notice{{Tone: "caution", Text: p.T("graph.unreachable")}}

	long := with
	long.Heading = "Maximiliane Freifrau von und zu Hohenstein-Wallenburg-Lichtenfels"
	long.Detail = "Stellvertretende Bereichsleiterin Wertpapierabwicklung und Meldewesen · Zentralabteilung Finanzdienstleistungen"
	blocked := none
	blocked.Heading, blocked.Detail = "Flight Deck", "flightdeck@skylark.example"
	blocked.Photo = Avatar{Name: "Flight Deck", Hue: 2, Shape: "square"}
	blocked.Back = &Link{Label: p.T("page.groups"), Href: "#"}
	blocked.Facts, blocked.Editor = p.T("photo.facts-none-other"), nil
	blocked.Blocker = &Blocker{Text: p.T("photo.owner-only"), Next: p.T("trouble.owner")}

	allow := blocked
	allow.Blocker = &Blocker{Text: p.T("photo.needs-permission"), Allow: "#"}

	desk := with
	desk.NeedsReason, desk.Back = true, &Link{Label: p.T("page.people"), Href: "#"}
	desk.Facts = p.T("photo.facts-size-other", "Width", 648, "Height", 648)
	editor := *sampleEditor(p)
	editor.NeedsReason = true
	desk.Editor = &editor
	return append([]Sample{
		{"photo-blocked", Photo(blocked)},
		{"photo-allow", Photo(allow)},
		{"photo-helpdesk", Photo(desk)},
		{"photo", Photo(with)},
		{"photo-saved", Photo(saved)},
		{"photo-shared", Photo(shared)},
		{"photo-unreachable", Photo(down)},
		{"photo-long-name", Photo(long)},
	}, sampleDrafts(with)...)
}

func sampleTroubles(in, out Frame) []Sample {
	p := in.P
	consent := in
	consent.Title = p.T("trouble.title-allow")
	ask := TroublePage{Frame: consent, Sentence: p.T("photo.needs-permission"), Action: p.T("trouble.allow"), Href: "#", Allow: true, RequestID: "T2X7KQ4MZD5WBH6J3RNVCGAYPS"}
	admin := ask
	admin.Sentence, admin.Action, admin.Href, admin.Allow = p.T("signin.needs-admin"), p.T("trouble.home"), "/", false
	admin.Next, admin.Link = p.T("trouble.admin"), "https://login.example/5c1f0e3a-8d42-4b7e-9f16-2a7d3b90c6e1/v2.0/adminconsent?client_id=7d0f4b52-3c8e-4a91-bb6d-1f5e9a08c247"
	page := func(f Frame, title, sentence, action, next string) templ.Component {
		f.Title = title
		href := "/me/photo"
		if action == p.T("trouble.home") {
			href = "/"
		}
		return Trouble(TroublePage{Frame: f, Sentence: sentence, Next: next, Action: action, Href: href, RequestID: "T2X7KQ4MZD5WBH6J3RNVCGAYPS"})
	}
	return []Sample{
		{"trouble-allow", Trouble(ask)},
		{"trouble-admin", Trouble(admin)},
		{"trouble-not-found", page(out, p.T("trouble.title-not-found"), p.T("fault.not-found"), p.T("trouble.home"), "")},
		{"trouble-picture", page(in, p.T("trouble.title-picture"), p.T("picture.heic"), p.T("trouble.choose"), "")},
		{"trouble-forbidden", page(in, p.T("trouble.title-forbidden"), p.T("fault.foreign-request"), p.T("trouble.home"), p.T("trouble.admin"))},
		{"trouble-helpdesk-only", page(in, p.T("trouble.title-forbidden"), p.T("photo.helpdesk-only"), p.T("trouble.home"), p.T("trouble.helpdesk"))},
		{"trouble-busy", page(in, p.T("trouble.title-busy"), p.T("graph.unreachable"), p.T("trouble.retry"), "")},
		{"trouble-unexpected", page(in, p.T("trouble.title"), p.T("fault.unexpected"), p.T("trouble.retry"), "")},
	}
}

func sampleLists(in Frame) []Sample {
	p := in.P
	in.Viewer = &Viewer{Avatar: in.Viewer.Avatar, UPN: in.Viewer.UPN, Helpdesk: true}
	at := func(path, title string) Frame {
		f := in
		f.Path, f.Title = path, title
		return f
	}
	groups := ListPage{
		Frame: at("/groups", p.T("page.groups")), Heading: p.T("groups.heading"), Lead: p.T("groups.lead"),
		Tabs: []Link{{Label: p.T("groups.all"), Href: "#", Current: true}, {Label: p.T("groups.teams"), Href: "#"}},
		Note: p.T("groups.others", "Count", 2), Next: "#",
		Rows: []Row{
			{Avatar: Avatar{Name: "Flight Deck", Src: "/sample.jpg", Shape: "square"}, Href: "#", Detail: p.T("groups.kind-team") + " · flightdeck@skylark.example"},
			{Avatar: Avatar{Name: "Night Shift Maintenance and Line Engineering Coordination", Hue: 3, Shape: "square"}, Href: "#", Detail: p.T("groups.kind-group") + " · night.shift.maintenance.and.line.engineering@skylark.example"},
			{Avatar: Avatar{Name: "机组调度", Hue: 6, Shape: "square"}, Href: "#", Detail: p.T("groups.kind-group")},
		},
	}
	people := ListPage{
		Frame: at("/users", p.T("page.people")), Heading: p.T("users.heading"), Lead: p.T("users.lead"),
		Search: &Search{Label: p.T("users.search"), Query: "mueller", Live: true},
		Rows: []Row{
			{Avatar: Avatar{Name: "Jörg Müller", Src: "/sample.jpg", Shape: "circle"}, Href: "#", Detail: "Meteorologist · Operations"},
			{Avatar: Avatar{Name: "Jana Müller", Hue: 1, Shape: "circle"}, Href: "#", Detail: "Cabin Manager · Cabin"},
		},
	}
	none := people
	none.Rows, none.Empty = nil, p.T("list.no-match", "Query", "mueller")
	admin := AdminPage{Frame: at("/admin", p.T("page.admin")), Mailbox: "#", Doors: []Door{
		{Icon: "users", Title: p.T("groups.heading"), Text: p.T("admin.groups"), Href: "#"},
		{Icon: "contact", Title: p.T("contacts.heading"), Text: p.T("admin.contacts"), Href: "#"},
		{Icon: "circle-user-round", Title: p.T("users.heading"), Text: p.T("admin.people"), Href: "#"},
		{Icon: "image-up", Title: p.T("batch.heading"), Text: p.T("admin.batches"), Href: "#"},
		{Icon: "chart-column", Title: p.T("coverage.heading"), Text: p.T("admin.coverage"), Href: "#"},
		{Icon: "download", Title: p.T("export.heading"), Text: p.T("admin.exports"), Href: "#"},
		{Icon: "shield-check", Title: p.T("audit.heading"), Text: p.T("admin.audit"), Href: "#"},
	}}
	return []Sample{{"groups", List(groups)}, {"people", List(people)}, {"people-none", List(none)}, {"admin", Admin(admin)}}
}
