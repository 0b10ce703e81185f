package handlers

import (
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"portrait/internal/directory"
	"portrait/internal/fault"
	"portrait/internal/photo"
	"portrait/internal/words"
	"portrait/views"
)

// ListContacts answers the contacts of a mailbox, the person's own or the one
// in the address, in its default folder or the one in the address.
func (s *Site) ListContacts(c echo.Context) error {
	actor, err := s.actor(c)
	if err != nil {
		return err
	}
	place, err := placeOf(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	contacts, err := s.Photo.Contacts(ctx, actor, place)
	if err != nil {
		return err
	}
	p := s.Printer(c)
	l := views.ListPage{
		Notices: s.done(c),
		Frame:   s.Frame(c, p.T("page.contacts")), Heading: p.T("contacts.heading"), Lead: p.T("contacts.lead"),
		Search: &views.Search{Label: p.T("contacts.search"), Query: place.Search},
		Empty:  emptySentence(p, place.Search, words.M("contacts.none")),
		Next:   nextHref(c, contacts.Next),
	}
	if place.Mailbox != "" {
		l.Lead = p.T("contacts.lead-other")
		l.Back = &views.Link{Label: p.T("page.admin"), Href: "/admin"}
	}
	if place.Search == "" && place.Next == "" {
		folders, err := s.Photo.Folders(ctx, actor, photo.Place{Mailbox: place.Mailbox, Folder: place.Folder})
		if err != nil {
			return err
		}
		l.Tabs = folderTabs(p, place, folders)
	}
	if contacts.Sifted {
		l.Note = p.T("contacts.sifted")
	}
	for _, contact := range contacts.Rows {
		r, err := contactRow(p, place, contact)
		if err != nil {
			return err
		}
		l.Rows = append(l.Rows, r)
	}
	return answerList(c, l)
}

// placeOf returns the part of a mailbox that the address names.
func placeOf(c echo.Context) (photo.Place, error) {
	place := photo.Place{Search: queryOf(c), Next: c.QueryParam("next")}
	for name, into := range map[string]*directory.ID{"user": &place.Mailbox, "folder": &place.Folder} {
		id, err := url.PathUnescape(c.Param(name))
		if err != nil {
			return place, &fault.Error{Op: "handlers.placeOf", Kind: fault.NotFound, Say: words.M("fault.not-found"), Next: fault.NextHome, Err: err}
		}
		*into = directory.ID(id)
	}
	return place, nil
}

// folderTabs leads to the folders at place, the default one first.
func folderTabs(p words.Printer, place photo.Place, folders photo.Folders) []views.Link {
	var tabs []views.Link
	if place.Folder == "" {
		tabs = append(tabs, views.Link{Label: p.T("contacts.default-folder"), Href: contactsPath(place.Mailbox, ""), Current: true})
	} else {
		tabs = append(tabs, views.Link{Label: p.T("contacts.all-folders"), Href: contactsPath(place.Mailbox, "")})
	}
	for _, f := range folders.Rows {
		tabs = append(tabs, views.Link{Label: f.Name, Href: contactsPath(place.Mailbox, f.ID)})
	}
	if len(tabs) == 1 && place.Folder == "" {
		return nil
	}
	return tabs
}

func contactRow(p words.Printer, place photo.Place, c directory.Contact) (views.Row, error) {
	subject, err := contactAt(place, c.ID)
	name := c.DisplayName
	if name == "" {
		name = p.T("photo.nameless")
	}
	return row(subject, string(c.ID), name, join(c.JobTitle, c.Company, c.Mail)), err
}

func contactAt(place photo.Place, contact directory.ID) (directory.Subject, error) {
	switch {
	case place.Mailbox == "" && place.Folder == "":
		return directory.MyContact(contact)
	case place.Mailbox == "":
		return directory.MyFolderContact(place.Folder, contact)
	case place.Folder == "":
		return directory.UserContact(place.Mailbox, contact)
	}
	return directory.UserFolderContact(place.Mailbox, place.Folder, contact)
}

// contactsPath returns the address of the list of a folder's contacts.
func contactsPath(mailbox, folder directory.ID) string {
	path := "/me"
	if mailbox != "" {
		path = "/users/" + url.PathEscape(string(mailbox))
	}
	if folder != "" {
		path += "/contactfolders/" + url.PathEscape(string(folder))
	}
	return path + "/contacts"
}

// OpenMailbox goes to the contacts of the mailbox that the form field address
// names. It is a POST so that the address stands in no log.
func (s *Site) OpenMailbox(c echo.Context) error {
	actor, err := s.actor(c)
	if err != nil {
		return err
	}
	person, err := s.Photo.Mailbox(c.Request().Context(), actor, c.FormValue("address"))
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, contactsPath(person.ID, ""))
}
