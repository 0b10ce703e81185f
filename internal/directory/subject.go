package directory

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"
)

// Form is one of the eight ways in which Graph addresses something that has a
// photo.
type Form int

// The forms, with the path that each has.
const (
	FormMe                Form = iota + 1 // /me
	FormMyContact                         // /me/contacts/{contact}
	FormMyFolderContact                   // /me/contactfolders/{folder}/contacts/{contact}
	FormGroup                             // /groups/{group}
	FormTeam                              // /teams/{team}
	FormUser                              // /users/{user}
	FormUserContact                       // /users/{user}/contacts/{contact}
	FormUserFolderContact                 // /users/{user}/contactfolders/{folder}/contacts/{contact}
)

// Subject is the address of something that has a photo: the part of a path
// that stands before /photo, here and in Graph alike. It is an address, not an
// identity (that is PhotoKey): several Subjects can name one photo.
//
// The zero Subject addresses nothing; make one with a constructor or
// ParseSubject.
type Subject struct {
	form    Form
	user    ID // object id (lower case) or userPrincipalName
	group   ID // of a group or a team, lower case
	folder  ID
	contact ID
}

// ErrBadSubject says that a path or an id can't address a photo.
var ErrBadSubject = errors.New("directory: not the address of a photo")

// Me addresses the photo of whoever is signed in.
func Me() Subject { return Subject{form: FormMe} }

// MyContact addresses a contact of whoever is signed in.
func MyContact(contact ID) (Subject, error) {
	return check(Subject{form: FormMyContact, contact: contact})
}

// MyFolderContact addresses a contact in a contact folder of whoever is signed in.
func MyFolderContact(folder, contact ID) (Subject, error) {
	return check(Subject{form: FormMyFolderContact, folder: folder, contact: contact})
}

// OfGroup addresses the photo of a Microsoft 365 group by its object id.
func OfGroup(group ID) (Subject, error) {
	return check(Subject{form: FormGroup, group: fold(group)})
}

// OfTeam addresses the photo of a team by its id, which is its group's.
func OfTeam(team ID) (Subject, error) {
	return check(Subject{form: FormTeam, group: fold(team)})
}

// OfUser addresses the photo of a user by object id or userPrincipalName.
func OfUser(user ID) (Subject, error) {
	return check(Subject{form: FormUser, user: fold(user)})
}

// UserContact addresses a contact in the mailbox of user.
func UserContact(user, contact ID) (Subject, error) {
	return check(Subject{form: FormUserContact, user: fold(user), contact: contact})
}

// UserFolderContact addresses a contact in a contact folder of the mailbox of user.
func UserFolderContact(user, folder, contact ID) (Subject, error) {
	return check(Subject{form: FormUserFolderContact, user: fold(user), folder: folder, contact: contact})
}

// ParseSubject reads the escaped path of a Subject, as Path writes it: "/me",
// "/groups/{id}", … The names of segments compare without case, as Graph
// compares them; ids are unescaped once.
//
// It fails with ErrBadSubject.
func ParseSubject(path string) (Subject, error) {
	parts := strings.Split(strings.TrimPrefix(path, "/"), "/")
	ids := make([]ID, len(parts))
	for i, p := range parts {
		s, err := url.PathUnescape(p)
		if err != nil {
			return Subject{}, fmt.Errorf("%w: %q", ErrBadSubject, path)
		}
		ids[i] = ID(s)
	}
	is := func(pattern ...string) bool {
		if len(pattern) != len(parts) {
			return false
		}
		for i, name := range pattern {
			if name != "" && !strings.EqualFold(name, parts[i]) {
				return false
			}
		}
		return true
	}
	switch {
	case is("me"):
		return Me(), nil
	case is("me", "contacts", ""):
		return MyContact(ids[2])
	case is("me", "contactfolders", "", "contacts", ""):
		return MyFolderContact(ids[2], ids[4])
	case is("groups", ""):
		return OfGroup(ids[1])
	case is("teams", ""):
		return OfTeam(ids[1])
	case is("users", ""):
		return OfUser(ids[1])
	case is("users", "", "contacts", ""):
		return UserContact(ids[1], ids[3])
	case is("users", "", "contactfolders", "", "contacts", ""):
		return UserFolderContact(ids[1], ids[3], ids[5])
	}
	return Subject{}, fmt.Errorf("%w: %q", ErrBadSubject, path)
}

// Form returns which of the eight forms s has.
func (s Subject) Form() Form { return s.form }

// User returns the object id or userPrincipalName in s, or "" where the form
// has none.
func (s Subject) User() ID { return s.user }

// Group returns the group's or team's id in s, or "".
func (s Subject) Group() ID { return s.group }

// Folder returns the contact folder's id in s, or "".
func (s Subject) Folder() ID { return s.folder }

// Contact returns the contact's id in s, or "".
func (s Subject) Contact() ID { return s.contact }

// Path returns the escaped path of s in Portrait's address space, without
// /photo: "/me", "/users/{user}/contacts/{contact}", …
func (s Subject) Path() string { return s.path("contactfolders", "/users/"+escape(s.user)) }

// GraphPath returns the escaped path of s as Graph is asked for it. It differs
// from Path in two spellings: contactFolders, and a userPrincipalName that
// begins with $ stands in parentheses.
//
// Source: https://learn.microsoft.com/graph/api/user-get (userPrincipalName
// that begins with $)
func (s Subject) GraphPath() string {
	user := "/users/" + escape(s.user)
	if strings.HasPrefix(string(s.user), "$") {
		user = "/users('" + escape(ID(strings.ReplaceAll(string(s.user), "'", "''"))) + "')"
	}
	return s.path("contactFolders", user)
}

func (s Subject) path(folders, user string) string {
	contact := "/contacts/" + escape(s.contact)
	folder := "/" + folders + "/" + escape(s.folder)
	switch s.form {
	case FormMe:
		return "/me"
	case FormMyContact:
		return "/me" + contact
	case FormMyFolderContact:
		return "/me" + folder + contact
	case FormGroup:
		return "/groups/" + escape(s.group)
	case FormTeam:
		return "/teams/" + escape(s.group)
	case FormUser:
		return user
	case FormUserContact:
		return user + contact
	case FormUserFolderContact:
		return user + folder + contact
	}
	return ""
}

func (s Subject) String() string { return s.Path() }

func escape(id ID) string { return url.PathEscape(string(id)) }

// fold writes GUIDs and userPrincipalNames as they compare: without case.
func fold(id ID) ID { return ID(strings.ToLower(string(id))) }

var (
	guid = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)
	// Local part at most 64 and domain at most 48 characters; guests carry
	// #EXT# in the middle.
	//
	// Source: https://learn.microsoft.com/entra/identity/hybrid/connect/plan-connect-userprincipalname
	upn = regexp.MustCompile(`^[^\s/\\@?%:;<>|"(),\[\]\x00-\x1f\x7f]{1,192}@[\pL\pN][\pL\pN.-]{0,251}$`)
	// Outlook's ids are base64 with - and _ for / and +.
	outlookID = regexp.MustCompile(`^[A-Za-z0-9_=+-]{1,512}$`)
)

// IsGUID reports whether id is an object id in lower case.
func IsGUID(id ID) bool { return guid.MatchString(string(id)) }

func check(s Subject) (Subject, error) {
	hasUser := s.form == FormUser || s.form == FormUserContact || s.form == FormUserFolderContact
	hasGroup := s.form == FormGroup || s.form == FormTeam
	hasFolder := s.form == FormMyFolderContact || s.form == FormUserFolderContact
	hasContact := s.form == FormMyContact || s.form == FormUserContact || hasFolder
	switch {
	case hasUser && !IsGUID(s.user) && !upn.MatchString(string(s.user)),
		hasGroup && !IsGUID(s.group),
		hasFolder && !outlookID.MatchString(string(s.folder)),
		hasContact && !outlookID.MatchString(string(s.contact)):
		return Subject{}, fmt.Errorf("%w: an id is malformed", ErrBadSubject)
	}
	return s, nil
}
