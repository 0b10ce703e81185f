package photo

import (
	"context"
	"slices"
	"strings"
	"time"

	"portrait/internal/directory"
	"portrait/internal/fault"
)

// facts are what decide has to know beside the actor and the address. They are
// fetched first. The zero value knows nothing: it allows what is one's own, and
// leaves groups to Graph.
type facts struct {
	Target     directory.ID // object id of the user, or of the mailbox's owner, as Graph answered it; "" = not looked up
	Guest      bool         // the photo is a guest's
	Policy     policy       // of the tenant, about users' photos
	Owner      ownership    // whether the actor owns the group or team
	Protection protection   // of Target
	Reason     bool         // the helpdesk gave a reason
	GroupScope string       // Service.GroupScope
}

// policy is what the tenant has settled about who changes users' photos.
type policy int

const (
	policyUnknown policy = iota // it can't be read: Graph's 403 will tell
	free                        // no rule
	rolesOnly                   // only holders of certain directory roles
	onPremises                  // nobody: photos come from the organisation's own directory
)

// ownership says whether somebody owns a group.
type ownership int

const (
	ownershipUnknown ownership = iota
	owns
	ownsNot
)

// protection says whether the helpdesk must leave an account alone.
type protection int

const (
	protectionUnknown protection = iota
	open                         // neither listed nor holder of a directory role
	protected
)

const (
	roleAge   = 5 * time.Minute // how old the answer may be whether somebody holds a directory role
	ownerAge  = time.Minute     // whether somebody owns a group
	personAge = time.Minute     // who somebody is
)

// request is what somebody wants to do, with what has been found out about it.
type request struct {
	actor   directory.Actor
	act     action
	subject directory.Subject // users by object id, wherever Graph told it
	facts   facts
	looking bool // the facts are still being fetched

	person *directory.Person // the user or the mailbox's owner, if Graph was asked; see lookUp
}

// verdict is what decide says of r, as far as its facts go.
func (r request) verdict() error {
	if r.looking {
		return decideAtBest(r.actor, r.act, r.subject, r.facts)
	}
	return decide(r.actor, r.act, r.subject, r.facts)
}

// request refuses what is refused whatever the facts, then collects them, then
// decides. reason is what the helpdesk says its change is for.
func (s *Service) request(ctx context.Context, actor directory.Actor, act action, subject directory.Subject, reason string) (request, error) {
	r := request{actor: actor, act: act, subject: subject, looking: true}
	r.facts = facts{Reason: strings.TrimSpace(reason) != "", GroupScope: s.GroupScope}
	if err := r.verdict(); err != nil { // the cheapest refusal first: for most of those who try, nothing is asked
		return r, err
	}
	if actsAsApp(actor, act, subject) {
		fresh, err := s.fresh(ctx, actor)
		if err != nil {
			return r, err
		}
		r.actor = fresh
		if err := r.verdict(); err != nil { // the role is gone
			return r, err
		}
	}
	if err := s.collect(ctx, &r); err != nil {
		return r, err
	}
	r.looking = false
	return r, r.verdict()
}

// collect fetches the facts about r. Who owns a group isn't among them: at the
// save Graph's answer to the owner's own token counts, and an answer of a minute
// ago must neither refuse a new owner nor let an old one in.
func (s *Service) collect(ctx context.Context, r *request) error {
	switch r.subject.Form() {
	case directory.FormMe:
		me, known := s.memories().people.peek(directory.UserPhoto(r.actor.Tenant, r.actor.ID))
		if known {
			r.facts.Guest, r.person = me.Guest, &me
		}
	case directory.FormGroup, directory.FormTeam:
		if r.act != seeHistory && r.act != forget && r.act != restore {
			return nil
		}
		var err error
		r.facts.Owner, err = s.ownership(ctx, *r)
		return err
	case directory.FormUser, directory.FormUserContact, directory.FormUserFolderContact:
		if err := s.lookUp(ctx, r); err != nil {
			return err
		}
	}
	if !r.act.changes() {
		return nil
	}
	return s.obstacles(ctx, r)
}

// lookUp finds out whom the name or id in the address means, so that every
// spelling of one person meets the same decision. An id is enough for whoever
// only looks, and for delegates, whom Graph knows.
//
// Delegates may not be allowed to look people up. Then the mailbox keeps the
// name that it was addressed by.
func (s *Service) lookUp(ctx context.Context, r *request) error {
	user, asApp := r.subject.User(), actsAsApp(r.actor, r.act, r.subject)
	if directory.IsGUID(user) && !(asApp && (r.act.changes() || r.act == seeHistory)) {
		r.facts.Target = user
		return nil
	}
	var person directory.Person
	err := s.withToken(ctx, *r, func(token string) (err error) {
		person, err = s.Graph.Person(ctx, token, user)
		return err
	})
	switch {
	case err == nil:
	case !asApp && fault.Is(err, fault.Forbidden):
		r.facts.Target = user
		return nil
	default:
		return err
	}
	r.person = &person
	r.facts.Target, r.facts.Guest = person.ID, person.Guest
	r.subject, err = addressed(r.subject, person.ID)
	return err
}

// obstacles finds out what stands in the way of changing users' photos: the
// tenant's rule, and for the helpdesk whether r's target is protected.
func (s *Service) obstacles(ctx context.Context, r *request) error {
	form := r.subject.Form()
	if form == directory.FormMe || form == directory.FormUser {
		r.facts.Policy = s.policy(ctx)
	}
	if err := r.verdict(); err != nil || !actsAsApp(r.actor, r.act, r.subject) {
		return err
	}
	var err error
	r.facts.Protection, err = s.protection(ctx, *r)
	return err
}

// protection says whether r's target is protected: by the setting, or as the
// holder of a directory role. It is unknown where Portrait may not read roles.
func (s *Service) protection(ctx context.Context, r request) (protection, error) {
	target := r.facts.Target
	if slices.ContainsFunc(s.Protected, func(id directory.ID) bool { return strings.EqualFold(string(id), string(target)) }) {
		return protected, nil
	}
	if !s.ProtectAdmins {
		return open, nil
	}
	key := directory.UserPhoto(r.actor.Tenant, target)
	holds, err := s.memories().roles.get(ctx, key, func(ctx context.Context) (answer[bool], error) {
		a := answer[bool]{keep: roleAge}
		err := s.withToken(ctx, r, func(token string) (err error) {
			a.value, err = s.Graph.HoldsDirectoryRole(ctx, token, target)
			return err
		})
		return a, err
	})
	switch {
	case fault.Is(err, fault.Forbidden):
		return protectionUnknown, nil
	case err != nil:
		return protectionUnknown, err
	case holds:
		return protected, nil
	}
	return open, nil
}

// ownerKey is who may own what.
type ownerKey struct {
	person directory.ID
	group  directory.PhotoKey
}

func (r request) ownerKey() ownerKey { return ownerKey{r.actor.ID, r.key()} }

// ownership says whether r's actor owns the group or team, as of at most a
// minute ago. It is unknown where the actor may not read who owns it.
func (s *Service) ownership(ctx context.Context, r request) (ownership, error) {
	group := r.subject.Group()
	yes, err := s.memories().owners.get(ctx, r.ownerKey(), func(ctx context.Context) (answer[bool], error) {
		a := answer[bool]{keep: ownerAge}
		err := s.withToken(ctx, r, func(token string) (err error) {
			a.value, err = s.Graph.OwnsGroup(ctx, token, group, r.actor.ID)
			return err
		})
		return a, err
	})
	switch {
	case fault.Is(err, fault.Forbidden):
		return ownershipUnknown, nil
	case err != nil:
		return ownershipUnknown, err
	case yes:
		return owns, nil
	}
	return ownsNot, nil
}
