package photo

import (
	"context"
	"slices"
	"strings"

	"portrait/internal/directory"
	"portrait/internal/fault"
	"portrait/internal/graph"
	"portrait/internal/words"
)

// Groups are one page of the groups that somebody owns.
type Groups struct {
	Rows   []directory.Group // Microsoft 365 groups and teams: they have a photo
	Others []directory.Group // security groups and distribution lists: they have none
	Next   string            // Graph's whole link to the next page, "" at the end
}

// Groups returns a page of the groups and teams that actor owns; next is "" or
// the Next of the page before. Graph can't filter them, so a page of it may hold
// few Rows, or none.
//
// It fails with fault.Forbidden and Scope if actor hasn't granted the
// permission yet, and with fault.BadRequest if next isn't a link of Graph's.
func (s *Service) Groups(ctx context.Context, actor directory.Actor, next string) (Groups, error) {
	r, err := s.request(ctx, actor, listGroups, directory.Me(), "")
	if err != nil {
		return Groups{}, err
	}
	var page directory.Page[directory.Group]
	err = s.withToken(ctx, r, func(token string) (err error) {
		page, err = s.Graph.OwnedGroups(ctx, token, next)
		return err
	})
	groups := Groups{Next: page.Next}
	for _, g := range page.Rows {
		if g.Unified {
			groups.Rows = append(groups.Rows, g)
		} else {
			groups.Others = append(groups.Others, g)
		}
	}
	return groups, err
}

// Place is a part of a mailbox, and the page of it that is wanted.
type Place struct {
	Mailbox directory.ID // whose, by object id or userPrincipalName; "" = the actor's own
	Folder  directory.ID // "" = the default folder; for Folders, the top
	Search  string       // what names begin with; "" = all
	Next    string       // "" or the Next of the page before
}

// Contacts are one page of contacts.
type Contacts struct {
	directory.Page[directory.Contact]
	Sifted bool // Graph can't search here: these are the hits among the next hundred, and Next may lead to more
}

// Contacts returns a page of the contacts at p. The helpdesk, which has no
// business with what else is in somebody's address book, is told their names
// alone.
//
// It fails as Groups does.
func (s *Service) Contacts(ctx context.Context, actor directory.Actor, p Place) (Contacts, error) {
	var found Contacts
	r, err := s.listing(ctx, actor, p)
	if err != nil {
		return found, err
	}
	found.Page, err = s.contacts(ctx, r, p, p.Search)
	// The link to a later page says itself whether Graph searches.
	found.Sifted = graph.IsUnsearchable(err) || err == nil && p.Search != "" && p.Next != "" && !strings.Contains(p.Next, "startswith")
	if graph.IsUnsearchable(err) {
		found.Page, err = s.contacts(ctx, r, p, "")
	}
	if found.Sifted {
		wanted := strings.ToLower(strings.TrimSpace(p.Search))
		found.Rows = slices.DeleteFunc(found.Rows, func(c directory.Contact) bool {
			return !strings.Contains(strings.ToLower(c.DisplayName), wanted)
		})
	}
	return found, err
}

// contacts returns the page of contacts that p and search name.
func (s *Service) contacts(ctx context.Context, r request, p Place, search string) (directory.Page[directory.Contact], error) {
	var page directory.Page[directory.Contact]
	err := s.withToken(ctx, r, func(token string) (err error) {
		page, err = s.Graph.Contacts(ctx, token, r.subject.User(), p.Folder, search, p.Next)
		return err
	})
	if actsAsApp(r.actor, r.act, r.subject) {
		for i, c := range page.Rows {
			page.Rows[i] = nameOnly(c)
		}
	}
	return page, err
}

func nameOnly(c directory.Contact) directory.Contact {
	return directory.Contact{ID: c.ID, DisplayName: c.DisplayName, Folder: c.Folder}
}

// Folders are one page of contact folders.
type Folders struct {
	directory.Page[directory.Folder]
	Default directory.ID // the folder that Graph leaves out of the list; "" where it isn't known, and but on the first page of the top
}

// Folders returns a page of the contact folders in p.Folder.
//
// It fails as Groups does.
func (s *Service) Folders(ctx context.Context, actor directory.Actor, p Place) (Folders, error) {
	var folders Folders
	r, err := s.listing(ctx, actor, p)
	if err != nil {
		return folders, err
	}
	err = s.withToken(ctx, r, func(token string) (err error) {
		folders.Page, err = s.Graph.Folders(ctx, token, r.subject.User(), p.Folder, p.Next)
		return err
	})
	if err != nil || p.Folder != "" || p.Next != "" {
		return folders, err
	}
	// The default folder's contacts can be listed without its id, so the list
	// doesn't fail for it: a mailbox without contacts doesn't tell it.
	_ = s.withToken(ctx, r, func(token string) (err error) {
		folders.Default, err = s.Graph.DefaultFolder(ctx, token, r.subject.User())
		return err
	})
	return folders, nil
}

// listing returns the request to list what is in the mailbox of p.
func (s *Service) listing(ctx context.Context, actor directory.Actor, p Place) (request, error) {
	if p.Mailbox == "" {
		return s.request(ctx, actor, list, directory.Me(), "")
	}
	subject, err := directory.OfUser(p.Mailbox)
	if err != nil {
		return request{}, noSuchMailbox(err)
	}
	return s.request(ctx, actor, list, subject, "")
}

// Mailbox finds the mailbox that somebody names by its address. Who may not look
// people up gets the address back as its ID, and Graph tells later whether it is
// shared with them.
//
// It fails with fault.Forbidden and Scope if actor hasn't granted the permission
// yet, and with fault.NotFound if there is no such mailbox.
func (s *Service) Mailbox(ctx context.Context, actor directory.Actor, address string) (directory.Person, error) {
	subject, err := directory.OfUser(directory.ID(strings.TrimSpace(address)))
	if err != nil {
		return directory.Person{}, noSuchMailbox(err)
	}
	r, err := s.request(ctx, actor, list, subject, "")
	switch {
	case fault.Is(err, fault.NotFound):
		return directory.Person{}, noSuchMailbox(err)
	case err != nil:
		return directory.Person{}, err
	case r.person != nil:
		return *r.person, nil
	}
	return directory.Person{ID: r.facts.Target}, nil
}

func noSuchMailbox(err error) *fault.Error {
	return &fault.Error{Op: "photo.Mailbox", Kind: fault.NotFound, Say: words.M("photo.no-such-mailbox"), Next: fault.NextRetry, Err: err}
}

// People returns a page of the tenant's users whom query finds by name, mail,
// userPrincipalName or department, for the helpdesk.
//
// It fails with fault.Forbidden for everybody else, and as Groups does.
func (s *Service) People(ctx context.Context, actor directory.Actor, query, next string) (directory.Page[directory.Person], error) {
	var page directory.Page[directory.Person]
	r, err := s.request(ctx, actor, listPeople, directory.Me(), "")
	if err != nil {
		return page, err
	}
	err = s.withToken(ctx, r, func(token string) (err error) {
		page, err = s.Graph.SearchPeople(ctx, token, query, next)
		return err
	})
	return page, err
}
