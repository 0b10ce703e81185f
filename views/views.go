// Package views holds the pages and their parts as templ components. A view
// takes one struct with exactly what it shows; it makes no calls and decides
// nothing.
package views

import (
	"hash/fnv"
	"slices"
	"strings"
	"unicode"

	"github.com/a-h/templ"

	"portrait/internal/words"
)

// Frame is what surrounds every page: what its head and its header show.
type Frame struct {
	P         words.Printer
	Title     string           // of the page, without the product's name
	Theme     string           // "light", "dark" or "" to follow the system
	Nonce     string           // of this answer's Content-Security-Policy
	CSRF      string           // the session's token; "" when nobody is signed in
	Mark      string           // stands for whoever is signed in, for what their browser keeps; "" for nobody
	Path      string           // of this page, to come back to
	Languages []words.Language // that a person can change to
	Viewer    *Viewer          // who is signed in, nil for nobody
	Banner    *Banner          // the operator's notice, nil for none
}

// links are the parts of the site that the person who is signed in may use.
func (f Frame) links() []Link {
	links := []Link{
		{Label: f.P.T("page.my-photo"), Href: "/me/photo", Current: f.Path == "/me/photo"},
		{Label: f.P.T("page.groups"), Href: "/groups", Current: f.in("/groups", "/teams")},
		{Label: f.P.T("page.contacts"), Href: "/me/contacts", Current: f.in("/me/contact")},
	}
	if f.Viewer.Helpdesk {
		links = append(links, Link{Label: f.P.T("page.people"), Href: "/users", Current: f.in("/users")}, Link{Label: f.P.T("batch.heading"), Href: "/batches", Current: f.in("/batches")})
	}
	return append(links, Link{Label: f.P.T("page.admin"), Href: "/admin", Current: f.in("/admin")})
}

// in reports whether the page is in a part of the site that begins so.
func (f Frame) in(prefixes ...string) bool {
	return slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(f.Path, p) })
}

// Viewer is the person who is signed in, as the header shows them.
type Viewer struct {
	Avatar
	UPN      string
	Helpdesk bool
}

// Banner is the operator's notice above every page.
type Banner struct {
	Text string
	Href string // "" = only text
}

// Notice is a sentence on a page about what happened.
type Notice struct {
	Tone string // "info", "good", "caution"
	Text string
}

// Avatar is somebody's photo or, where there is none, their initials.
type Avatar struct {
	Name  string
	Src   string // address of the picture; "" = initials
	Hue   int    // 0 to 7, see Hue
	Shape string // "circle" for people, "square" for groups and teams
	Live  bool   // it is the photo that this page changes
}

// hues is how many colours there are for initials; avatar.css has a class for each.
const hues = 8

// Hue returns the colour of the initials of whoever has this id. It is the
// same everywhere and for ever.
func Hue(id string) int {
	h := fnv.New32a()
	_, _ = h.Write([]byte(id)) // a hash never fails
	return int(h.Sum32() % hues)
}

// Initials returns what stands for name where there is no photo: the first
// letters of its first and last word, or the last two characters of a name
// that isn't written with spaces and isn't Latin (as people write them in
// Chinese and Japanese), or "?" for no name.
func Initials(name string) string {
	fields := strings.FieldsFunc(name, func(r rune) bool { return !unicode.IsLetter(r) && r != '\'' && r != '’' && r != '-' && r != '.' })
	switch len(fields) {
	case 0:
		return "?"
	case 1:
		runes := []rune(fields[0])
		if unicode.In(runes[0], unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul) && len(runes) > 1 {
			return string(runes[len(runes)-2:])
		}
		return strings.ToUpper(string(runes[:1]))
	}
	return strings.ToUpper(firstRune(fields[0]) + firstRune(fields[len(fields)-1]))
}

func firstRune(s string) string {
	for _, r := range s {
		return string(r)
	}
	return ""
}

// source returns the src attribute of an image, or none: an empty one would
// make the browser fetch the page again.
func source(src string) templ.Attributes {
	if src == "" {
		return nil
	}
	return templ.Attributes{"src": src}
}

// current marks the link to the page that is shown.
func current(is bool) templ.Attributes {
	if !is {
		return nil
	}
	return templ.Attributes{"aria-current": "page"}
}

// nextTheme returns what the theme switch chooses after theme.
func nextTheme(theme string) string {
	switch theme {
	case "light":
		return "dark"
	case "dark":
		return "system"
	}
	return "light"
}
