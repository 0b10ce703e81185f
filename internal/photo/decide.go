package photo

import (
	"portrait/internal/directory"
	"portrait/internal/fault"
	"portrait/internal/words"
)

// action is what somebody wants to do with a subject.
type action string

const (
	see        action = "see"        // the photo and its page
	list       action = "list"       // what lies below the subject: groups and contacts of mine, contacts of a mailbox
	seeHistory action = "seeHistory" // the photos that were there
	set        action = "set"
	remove     action = "remove"
	restore    action = "restore" // set a photo of the history
	export     action = "export"  // everything that is kept about a person
)

// changes reports whether act changes something in Microsoft 365.
func (act action) changes() bool { return act == set || act == remove || act == restore }

// protection says whether the helpdesk must leave an account alone.
type protection int

const (
	protectionUnknown protection = iota
	open                         // neither listed nor holder of a directory role
	protected
)

// facts are what decide has to know beside the actor and the address. They are
// fetched first. The zero value knows nothing: it allows what is one's own and
// nothing else.
type facts struct {
	Target        directory.ID // object id of the user, or of the mailbox's owner, as Graph answered it; "" = not looked up
	Guest         bool         // the photo is a guest's
	PolicyForbids bool         // the tenant has switched off photo changes for this actor
	Owner         bool         // the actor owns the group or team
	Protection    protection   // of Target
	Reason        bool         // the helpdesk gave a reason
}

// Delegated scopes, each list with the one first that is asked for.
//
// Source: https://learn.microsoft.com/graph/api/profilephoto-update#permissions
var (
	ownScopes     = []string{"User.ReadWrite", "ProfilePhoto.ReadWrite.All", "User.ReadWrite.All"}
	contactScopes = []string{"Contacts.ReadWrite"}
	sharedScopes  = []string{"Contacts.ReadWrite.Shared"}
	groupScopes   = []string{"Group.ReadWrite.All", "ProfilePhoto.ReadWrite.All"}
	teamScopes    = []string{"TeamSettings.ReadWrite.All"}
)

// decide says whether a may do act with s, given f: nil, or a fault that names
// who can help. It is pure, and whatever it doesn't name is refused.
//
// It fails with fault.SignIn if a is nobody, fault.NotAllowed if nobody can do
// that, fault.Unreadable if the helpdesk gave no reason, and fault.Forbidden
// otherwise.
func decide(a directory.Actor, act action, s directory.Subject, f facts) error {
	if a.ID == "" || a.Tenant == "" {
		return signIn("photo.decide")
	}
	switch s.Form() {
	case directory.FormMe:
		return decideMine(a, act, f)
	case directory.FormMyContact, directory.FormMyFolderContact:
		return decideMyContact(a, act)
	case directory.FormGroup:
		return decideGroup(a, act, f, groupScopes)
	case directory.FormTeam:
		if act == remove {
			return removeImpossible()
		}
		return decideGroup(a, act, f, teamScopes)
	case directory.FormUser:
		return decideUser(a, act, f)
	case directory.FormUserContact, directory.FormUserFolderContact:
		return decideForeignContact(a, act, f)
	}
	return notOffered()
}

// decideMine is about one's own photo, and what is one's own.
func decideMine(a directory.Actor, act action, f facts) error {
	switch act {
	case see, list, seeHistory, export:
		return nil
	case set, remove, restore:
		if err := decidePhotoOfUser(f); err != nil {
			return err
		}
		return needs(a, ownScopes)
	}
	return notOffered()
}

func decideMyContact(a directory.Actor, act action) error {
	switch act {
	case seeHistory:
		return nil
	case see, set, restore:
		return needs(a, contactScopes)
	case remove:
		return removeImpossible()
	}
	return notOffered()
}

// decideGroup is about groups and teams: everybody who gets in sees the photo,
// owners change it, and the helpdesk is nobody special.
func decideGroup(a directory.Actor, act action, f facts, scopes []string) error {
	switch act {
	case see:
		return needs(a, scopes)
	case seeHistory, set, remove, restore:
		if err := needs(a, scopes); err != nil {
			return err
		}
		if !f.Owner {
			return refuse(words.M("photo.owner-only"), fault.NextOwner)
		}
		return nil
	}
	return notOffered()
}

// decideUser is about another user: a matter of the helpdesk alone. Everybody
// else hears the same, whether the user exists or not. Listing is about the
// contacts in the user's mailbox.
func decideUser(a directory.Actor, act action, f facts) error {
	if act == list {
		return decideMailbox(a, act, f)
	}
	if act == export {
		return notOffered()
	}
	if err := decideHelpdesk(a, act, f); err != nil {
		return err
	}
	if act.changes() {
		return decidePhotoOfUser(f)
	}
	return nil
}

// decideForeignContact is about a contact in a named mailbox. Its history is for
// the mailbox's owner.
func decideForeignContact(a directory.Actor, act action, f facts) error {
	switch act {
	case remove:
		return removeImpossible()
	case see, set:
		return decideMailbox(a, act, f)
	case seeHistory, restore:
		if f.Target != a.ID {
			return notOffered()
		}
		return decideMailbox(a, act, f)
	}
	return notOffered()
}

// decideMailbox is about a named mailbox: the helpdesk comes as the app, its
// owner and delegates as themselves, and Graph knows who they are.
func decideMailbox(a directory.Actor, act action, f facts) error {
	if a.Role == directory.Helpdesk {
		return decideHelpdesk(a, act, f)
	}
	scopes := sharedScopes
	if f.Target == a.ID {
		scopes = contactScopes
	}
	if err := needs(a, scopes); err != nil {
		return err
	}
	if f.Target == "" {
		return notOffered()
	}
	return nil
}

// decideHelpdesk is about everything that the helpdesk does as the app: to
// people who were looked up, for a reason, and not to protected ones.
func decideHelpdesk(a directory.Actor, act action, f facts) error {
	if a.Role != directory.Helpdesk || f.Target == "" {
		return refuse(words.M("photo.helpdesk-only"), fault.NextHelpdesk)
	}
	if act.changes() {
		switch f.Protection {
		case open:
		case protected:
			return refuse(words.M("photo.protected"), fault.NextAdmin)
		default:
			return refuse(words.M("photo.protection-unknown"), fault.NextAdmin)
		}
	}
	if (act.changes() || act == seeHistory) && !f.Reason {
		return &fault.Error{Op: "photo.decide", Kind: fault.Unreadable, Say: words.M("photo.reason-missing"), Next: fault.NextRetry}
	}
	return nil
}

// decidePhotoOfUser is about what stands in the way of changing any user's
// photo, whoever asks.
func decidePhotoOfUser(f facts) error {
	switch {
	case f.Guest:
		return refuse(words.M("photo.guest"), fault.NextNone)
	case f.PolicyForbids:
		return refuse(words.M("photo.policy"), fault.NextHelpdesk)
	}
	return nil
}

// needs refuses a who holds none of scopes, and names the one to ask for.
func needs(a directory.Actor, scopes []string) error {
	for _, scope := range scopes {
		if a.Holds(scope) {
			return nil
		}
	}
	e := refuse(words.M("photo.needs-permission"), fault.NextAllow)
	e.Scope = scopes[0]
	return e
}

func refuse(say words.Message, next fault.Next) *fault.Error {
	return &fault.Error{Op: "photo.decide", Kind: fault.Forbidden, Say: say, Next: next}
}

func notOffered() *fault.Error { return refuse(words.M("photo.not-offered"), fault.NextHome) }

func removeImpossible() *fault.Error {
	return &fault.Error{Op: "photo.decide", Kind: fault.NotAllowed, Say: words.M("photo.remove-impossible")}
}
