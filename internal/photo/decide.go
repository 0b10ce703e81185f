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
	list       action = "list"       // the contacts and folders in a mailbox: mine, or a user's
	listGroups action = "listGroups" // of mine
	listPeople action = "listPeople" // all users of the tenant
	seeHistory action = "seeHistory" // the photos that were there
	set        action = "set"
	remove     action = "remove"
	restore    action = "restore"  // set a photo of the history
	forget     action = "forget"   // delete photos of the history
	export     action = "export"   // everything that is kept about a person
	seeAudit   action = "seeAudit" // who changed whose photo
	handOut    action = "handOut"  // the photos of many people, as files
	scan       action = "scan"     // who of the tenant has a photo, without anybody seeing it
)

// changes reports whether act changes something in Microsoft 365.
func (act action) changes() bool { return act == set || act == remove || act == restore }

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
	if a.Role == directory.Itself || act == scan { // the one for the other, and nothing else
		if a.Role == directory.Itself && act == scan && s.Form() == directory.FormMe {
			return nil
		}
		return notOffered()
	}
	if a.Role == directory.Operator {
		return decideOperator(a, act, s, f)
	}
	switch s.Form() {
	case directory.FormMe:
		return decideMine(a, act, f)
	case directory.FormMyContact, directory.FormMyFolderContact:
		return decideMyContact(a, act)
	case directory.FormGroup:
		return decideGroup(a, act, f, groupScopes(f.GroupScope))
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

// decideAtBest is decide for when nothing has been found out yet: it refuses
// what decide would refuse whatever the facts, so that nothing is looked up for
// people who have no business there.
func decideAtBest(a directory.Actor, act action, s directory.Subject, f facts) error {
	f.Owner, f.Protection = owns, open
	if f.Target == "" {
		f.Target = s.User()
	}
	err := decide(a, act, s, f)
	if err != nil && s.User() != "" && !directory.IsGUID(s.User()) { // the name may be the actor's own
		f.Target = a.ID
		if decide(a, act, s, f) == nil {
			return nil
		}
	}
	return err
}

// decideMine is about one's own photo, and what is one's own. Everybody in the
// tenant, and what was done, is listed for the helpdesk alone.
func decideMine(a directory.Actor, act action, f facts) error {
	switch act {
	case see, seeHistory, forget, export:
		return nil
	case list:
		return needs(a, contactScopes)
	case listGroups:
		return needs(a, groupListScopes(f.GroupScope))
	case listPeople, seeAudit:
		if a.Role == directory.Helpdesk {
			return nil
		}
		return refuse(words.M("photo.helpdesk-only"), fault.NextHelpdesk)
	case handOut:
		return decideHandOut(a, f)
	case set, remove, restore:
		if err := decidePhotoOfUser(f, false); err != nil {
			return err
		}
		return needs(a, ownScopes)
	}
	return notOffered()
}

// decideHandOut is about the photos of many people at once: for the helpdesk
// alone, and for a reason.
func decideHandOut(a directory.Actor, f facts) error {
	switch {
	case a.Role != directory.Helpdesk:
		return refuse(words.M("photo.helpdesk-only"), fault.NextHelpdesk)
	case !f.Reason:
		return &fault.Error{Op: "photo.decide", Kind: fault.Unreadable, Say: words.M("photo.reason-missing"), Next: fault.NextRetry}
	}
	return nil
}

func decideMyContact(a directory.Actor, act action) error {
	switch act {
	case seeHistory, forget:
		return nil
	case see, set, restore:
		return needs(a, contactScopes)
	case remove:
		return removeImpossible()
	}
	return notOffered()
}

// decideGroup is about groups and teams: everybody who gets in sees the photo,
// owners change it, and the helpdesk is nobody special. Who isn't known to be no
// owner may try: Graph's answer to their own token is what counts. The history
// is ours, so there it must be known.
func decideGroup(a directory.Actor, act action, f facts, scopes []string) error {
	switch act {
	case see, seeHistory, forget, set, remove, restore:
	default:
		return notOffered()
	}
	if err := needs(a, scopes); err != nil || act == see {
		return err
	}
	if f.Owner == owns || f.Owner == ownershipUnknown && (act == set || act == remove) {
		return nil
	}
	return refuse(words.M("photo.owner-only"), fault.NextOwner)
}

// decideUser is about another user: a matter of the helpdesk alone. Everybody
// else hears the same, whether the user exists or not. Listing is about the
// contacts in the user's mailbox.
func decideUser(a directory.Actor, act action, f facts) error {
	switch act {
	case list:
		return decideMailbox(a, act, f)
	case see, seeHistory, set, remove, restore:
	default:
		return notOffered()
	}
	if err := decideHelpdesk(a, act, f); err != nil {
		return err
	}
	if act.changes() {
		return decidePhotoOfUser(f, true)
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
	case seeHistory, forget, restore:
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

// decideOperator is about whoever runs Portrait, at a terminal. Their batches
// look up whom files name and change users' photos, under all the conditions of
// the helpdesk. Nothing is their own, and what is kept about people they don't
// see.
func decideOperator(a directory.Actor, act action, s directory.Subject, f facts) error {
	switch {
	case s.Form() == directory.FormMe && act == listPeople:
		return nil
	case s.Form() == directory.FormUser && act.changes():
		return decideUser(a, act, f)
	}
	return notOffered()
}

// decideHelpdesk is about everything that the helpdesk, or an operator, does as
// the app: to people who were looked up, for a reason, and not to protected ones.
func decideHelpdesk(a directory.Actor, act action, f facts) error {
	if !a.Role.ForOthers() || f.Target == "" {
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
// photo, whoever asks. Where the tenant names the roles that may, Graph knows
// who holds one and says so to the person's own token; the app would go round
// that rule, so it doesn't.
func decidePhotoOfUser(f facts, asApp bool) error {
	switch {
	case f.Guest:
		return refuse(words.M("photo.guest"), fault.NextNone)
	case f.Policy == onPremises && asApp:
		return refuse(words.M("photo.on-premises"), fault.NextAdmin)
	case f.Policy == onPremises:
		return refuse(words.M("photo.on-premises"), fault.NextHelpdesk)
	case f.Policy == rolesOnly && asApp:
		return refuse(words.M("photo.policy-roles"), fault.NextAdmin)
	}
	return nil
}
