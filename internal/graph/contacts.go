package graph

import (
	"context"
	"net/url"
	"slices"

	"portrait/internal/directory"
)

// What is asked of a contact and of a folder.
//
// Source: https://learn.microsoft.com/graph/api/resources/contact and
// https://learn.microsoft.com/graph/api/resources/contactfolder
const (
	contactFields = "id,displayName,emailAddresses,jobTitle,companyName,parentFolderId"
	folderFields  = "id,displayName,parentFolderId"
)

// contactRow is a contact as Graph writes one.
type contactRow struct {
	ID          string `json:"id"`
	DisplayName string `json:"displayName"`
	JobTitle    string `json:"jobTitle"`
	Company     string `json:"companyName"`
	Folder      string `json:"parentFolderId"`
	Addresses   []struct {
		Address string `json:"address"`
	} `json:"emailAddresses"`
}

func (o contactRow) contact() directory.Contact {
	all := directory.Contact{
		ID: directory.ID(o.ID), DisplayName: o.DisplayName, JobTitle: o.JobTitle, Company: o.Company, Folder: directory.ID(o.Folder),
	}
	for _, a := range slices.Backward(o.Addresses) {
		if a.Address != "" {
			all.Mail = a.Address
		}
	}
	return all
}

// folderRow is a folder as Graph writes one.
type folderRow struct {
	ID     string `json:"id"`
	Name   string `json:"displayName"`
	Parent string `json:"parentFolderId"`
}

// Contacts returns a page of the contacts in folder, "" for the default one, of
// mailbox, an object id or userPrincipalName, "" for the mailbox of the person
// behind the token. With a search, only those whose name begins with it, of
// which the first maxSearchRunes count.
//
// It fails with fault.NotFound if mailbox or folder isn't there, with
// fault.Forbidden if there is no mailbox or the token may not read its
// contacts, with fault.BadRequest if next isn't the link to a page of this
// list, and so that IsUnsearchable is true if Graph can't search this folder.
//
// Source: https://learn.microsoft.com/graph/api/user-list-contacts
func (c *Client) Contacts(
	ctx context.Context, token string, mailbox, folder directory.ID, search, next string,
) (directory.Page[directory.Contact], error) {
	const op = "graph.Contacts"
	var none directory.Page[directory.Contact]
	s, rest, err := inMailbox(op, mailbox, folder)
	if err != nil {
		return none, err
	}
	d, options := listContacts, []string{"$select", contactFields, "$top", pageRows}
	if search = searchable(search); search != "" {
		d, options = searchContacts, append(options, "$filter", "startswith(displayName,'"+quoteFilter(search)+"')")
	}
	q := reading(op, d, s, rest+"/contacts"+query(options...))
	q.next = next
	return page(ctx, c, token, q, func(o contactRow) (directory.Contact, bool) { return o.contact(), o.ID != "" })
}

// Folders returns a page of the contact folders of mailbox that are in parent;
// with a parent of "" those at the top, without the default folder, which Graph
// leaves out (DefaultFolder). For mailbox and errors see Contacts.
//
// Source: https://learn.microsoft.com/graph/api/user-list-contactfolders and
// https://learn.microsoft.com/graph/api/contactfolder-list-childfolders
func (c *Client) Folders(ctx context.Context, token string, mailbox, parent directory.ID, next string) (directory.Page[directory.Folder], error) {
	const op = "graph.Folders"
	s, rest, err := inMailbox(op, mailbox, parent)
	if err != nil {
		return directory.Page[directory.Folder]{}, err
	}
	list := "/contactFolders"
	if parent != "" {
		list = "/childFolders"
	}
	q := reading(op, listContacts, s, rest+list+query("$select", folderFields, "$top", pageRows))
	q.next = next
	return page(ctx, c, token, q, func(f folderRow) (directory.Folder, bool) {
		return directory.Folder{ID: directory.ID(f.ID), Name: f.Name, Parent: directory.ID(f.Parent)}, f.ID != ""
	})
}

// DefaultFolder returns the id of the contact folder of mailbox that Folders
// leaves out, or "" if it is empty: only a contact in it tells its id. For
// mailbox and errors see Contacts.
//
// Source: https://learn.microsoft.com/graph/known-issues
func (c *Client) DefaultFolder(ctx context.Context, token string, mailbox directory.ID) (directory.ID, error) {
	const op = "graph.DefaultFolder"
	s, _, err := inMailbox(op, mailbox, "")
	if err != nil {
		return "", err
	}
	q := reading(op, listContacts, s, "/contacts"+query("$select", "parentFolderId", "$top", "1"))
	first, err := page(ctx, c, token, q, func(o contactRow) (directory.ID, bool) { return directory.ID(o.Folder), o.Folder != "" })
	if err != nil || len(first.Rows) == 0 {
		return "", err
	}
	return first.Rows[0], nil
}

// Contact returns the contact that s, one of the four forms for contacts,
// addresses.
//
// It fails with fault.NotFound if there is none, and with fault.Forbidden if
// the token may not read it.
//
// Source: https://learn.microsoft.com/graph/api/contact-get
func (c *Client) Contact(ctx context.Context, token string, s directory.Subject) (directory.Contact, error) {
	const op = "graph.Contact"
	if !slices.Contains(ofContact, s.Form()) {
		return directory.Contact{}, notThere(op, sayGone, directory.ErrBadSubject)
	}
	q := reading(op, readContact, s, query("$select", contactFields))
	var o contactRow
	header, err := c.ask(ctx, token, q, &o)
	if err != nil {
		return directory.Contact{}, err
	}
	if o.ID == "" {
		return directory.Contact{}, brokenAnswer(q, header, nil)
	}
	return o.contact(), nil
}

// inMailbox returns the path of a folder in a mailbox, as the subject that it
// begins with and the escaped rest; either may be "", as Contacts says.
func inMailbox(op string, mailbox, folder directory.ID) (directory.Subject, string, error) {
	s := directory.Me()
	if mailbox != "" {
		var err error
		if s, err = directory.OfUser(mailbox); err != nil {
			return s, "", notThere(op, sayNoSuchPerson, err)
		}
	}
	if folder == "" {
		return s, "", nil
	}
	if _, err := directory.MyContact(folder); err != nil { // ids of folders are made like those of contacts
		return s, "", notThere(op, sayGone, err)
	}
	return s, "/contactFolders/" + url.PathEscape(string(folder)), nil
}
