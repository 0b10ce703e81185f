package handlers

import (
	"crypto/sha256"
	"encoding/hex"

	"github.com/labstack/echo/v4"

	"portrait/internal/directory"
	"portrait/internal/fault"
	"portrait/internal/photo"
	"portrait/internal/words"
	"portrait/views"
)

// photoPage puts together what the page of a photo shows.
func (s *Site) photoPage(c echo.Context, shown photo.Shown) views.PhotoPage {
	p := s.Printer(c)
	mine := shown.Subject.Form() == directory.FormMe
	name := shown.Name()
	if name == "" {
		name = p.T("photo.nameless")
	}
	title := name
	if mine {
		title = p.T("photo.page-title")
	}
	base := shown.Subject.Path() + "/photo"
	page := views.PhotoPage{
		Frame:       s.Frame(c, title),
		Heading:     name,
		Detail:      detail(shown),
		Photo:       views.Avatar{Name: name, Hue: views.Hue(hueOf(shown.Key)), Shape: shapeOf(shown.Subject), Live: true},
		Facts:       facts(p, shown),
		NeedsReason: shown.NeedsReason,
		Back:        listAbove(p, shown.Subject),
		PageKey:     pageKey(),
		History:     s.history(c, shown, shown.Past, ""),
	}
	page.Draft = s.draft(c, shown, page.PageKey)
	page.Told = s.told(c, shown.Told, page.PageKey)
	if mine {
		page.Data = "/me/data.zip"
	}
	present := ""
	if shown.HasPhoto {
		page.Photo.Src = overInitials(base+"s/240x240/$value", shown.ETag) // 72 px, on a screen of up to three to one
		present = versioned(base+"/$value", shown.ETag)
		if shown.MayRemove {
			page.Remove = base + "/remove"
		}
	}
	if mine {
		page.Viewer.Live = true
		page.Viewer.Src = ""
		if shown.HasPhoto {
			page.Viewer.Src = overInitials("/me/photos/64x64/$value", shown.ETag)
		}
	}
	if shown.Trouble != nil {
		page.Notices = append(page.Notices, views.Notice{Tone: "caution", Text: p.Say(shown.Trouble.Say)})
	}
	if shown.Limited {
		page.Notices = append(page.Notices, views.Notice{Tone: "caution", Text: p.T("photo.limited")})
	}
	if !shown.MaySet {
		page.Blocker = s.blocker(c, shown.WhyNot)
		return page
	}
	page.Editor = &views.Editor{
		P: p, Put: base + "/$value", Post: base, Image: base + "/$value", Shape: page.Photo.Shape,
		Name: name, CSRF: page.CSRF, MaxUploadMB: photo.MaxUploadBytes >> 20, NeedsReason: shown.NeedsReason,
		Present: present, PageKey: page.PageKey, Version: shown.Version, Track: base + "/state", Draft: base + "/draft/$value",
	}
	return page
}

// blocker says why the photo can't be set, and who or what helps.
func (s *Site) blocker(c echo.Context, e *fault.Error) *views.Blocker {
	p := s.Printer(c)
	b := &views.Blocker{Text: p.Say(e.Say), Next: nextSentence(p, e.Next)}
	if e.Next == fault.NextAllow {
		b.Text = allowSentence(p, e)
		b.Allow = allowHref(e.Scope, c.Request().URL.EscapedPath())
	}
	return b
}

// detail says more about whose photo it is: what a person does, what a group is.
func detail(shown photo.Shown) string {
	switch shown.Key.Kind {
	case directory.KindGroup:
		return shown.Group.Mail
	case directory.KindContact:
		return join(shown.Contact.JobTitle, shown.Contact.Company)
	}
	return join(shown.Person.JobTitle, shown.Person.Department)
}

// facts says what is known about the photo as it is.
func facts(p words.Printer, shown photo.Shown) string {
	mine := shown.Subject.Form() == directory.FormMe
	switch {
	case !shown.Known && mine:
		return p.T("photo.facts-unknown")
	case !shown.Known:
		return p.T("photo.facts-unknown-other")
	case !shown.HasPhoto && mine:
		return p.T("photo.facts-none")
	case !shown.HasPhoto:
		return p.T("photo.facts-none-other")
	case shown.Width == 0 && mine:
		return p.T("photo.facts")
	case shown.Width == 0:
		return p.T("photo.facts-other")
	case mine:
		return p.T("photo.facts-size", "Width", shown.Width, "Height", shown.Height)
	}
	return p.T("photo.facts-size-other", "Width", shown.Width, "Height", shown.Height)
}

// shapeOf returns how Microsoft shows such a photo.
func shapeOf(subject directory.Subject) string {
	if subject.Group() != "" {
		return "square"
	}
	return "circle"
}

// hueOf returns what the colour of initials depends on.
func hueOf(k directory.PhotoKey) string {
	if k.Item != "" {
		return string(k.Item)
	}
	return string(k.Owner)
}

// listAbove returns the list that the page of subject was reached from.
func listAbove(p words.Printer, subject directory.Subject) *views.Link {
	switch subject.Form() {
	case directory.FormGroup, directory.FormTeam:
		return &views.Link{Label: p.T("page.groups"), Href: "/groups"}
	case directory.FormMyContact:
		return &views.Link{Label: p.T("page.contacts"), Href: "/me/contacts"}
	case directory.FormMyFolderContact:
		return &views.Link{Label: p.T("page.contacts"), Href: contactsPath("", subject.Folder())}
	case directory.FormUser:
		return &views.Link{Label: p.T("page.people"), Href: "/users"}
	case directory.FormUserContact, directory.FormUserFolderContact:
		return &views.Link{Label: p.T("page.contacts"), Href: contactsPath(subject.User(), subject.Folder())}
	}
	return nil
}

// versioned marks the address of a picture with its version, so that a changed
// one is fetched anew.
func versioned(src, etag string) string {
	if etag == "" {
		return src
	}
	return src + "?v=" + version(etag)
}

// overInitials is versioned for a picture that stands over initials: where
// Microsoft 365 is too busy to hand it out they are seen, and nothing is broken.
func overInitials(src, etag string) string { return src + "?or=blank&v=" + version(etag) }

// version is short for etag.
func version(etag string) string {
	sum := sha256.Sum256([]byte(etag))
	return hex.EncodeToString(sum[:6])
}
