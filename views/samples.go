package views

import (
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
	out := Frame{P: p, Title: p.T("home.page-title"), Theme: theme, Path: "/"}
	in := Frame{
		P: p, Title: p.T("photo.page-title"), Theme: theme, CSRF: "sample", Path: "/me/photo",
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
	}, append(samplePhotos(none, banner), sampleTroubles(in, out)...)...)
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

	down := none
	down.Frame = banner
	down.Facts = p.T("photo.facts-unknown")
	down.Notices = []Notice{{Tone: "caution", Text: p.T("graph.unreachable")}}

	long := with
	long.Heading = "Maximiliane Freifrau von und zu Hohenstein-Wallenburg-Lichtenfels"
	long.Detail = "Stellvertretende Bereichsleiterin Wertpapierabwicklung und Meldewesen · Zentralabteilung Finanzdienstleistungen"
	return []Sample{
		{"photo", Photo(with)},
		{"photo-saved", Photo(saved)},
		{"photo-unreachable", Photo(down)},
		{"photo-long-name", Photo(long)},
	}
}

func sampleTroubles(in, out Frame) []Sample {
	p := in.P
	page := func(f Frame, title, sentence, action, next string) templ.Component {
		f.Title = title
		return Trouble(TroublePage{Frame: f, Sentence: sentence, Next: next, Action: action, Href: "/me/photo", RequestID: "T2X7KQ4MZD5WBH6J3RNVCGAYPS"})
	}
	return []Sample{
		{"trouble-not-found", page(out, p.T("trouble.title-not-found"), p.T("fault.not-found"), p.T("trouble.home"), "")},
		{"trouble-picture", page(in, p.T("trouble.title-picture"), p.T("picture.heic"), p.T("trouble.choose"), "")},
		{"trouble-forbidden", page(in, p.T("trouble.title-forbidden"), p.T("fault.foreign-request"), p.T("trouble.home"), p.T("trouble.admin"))},
		{"trouble-unexpected", page(in, p.T("trouble.title"), p.T("fault.unexpected"), p.T("trouble.retry"), "")},
	}
}
