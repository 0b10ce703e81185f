package photo

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"sync"
	"time"

	"portrait/internal/directory"
	"portrait/internal/fault"
	"portrait/internal/graph"
	"portrait/internal/words"
)

// showPatience is how long a page waits for Graph before it opens without what
// Graph would have told.
const showPatience = 5 * time.Second

// queuePatience is how much of that may pass before Graph is asked about the
// photo at all. Where so many want to know at once, somebody can choose a picture
// while the page still shows initials.
const queuePatience = 2 * time.Second

// Shown is what the page of a photo shows. Of Person, Group and Contact the one
// is set that the photo is of.
type Shown struct {
	Subject directory.Subject // where the page stands: with a user's object id where it was asked for by name
	Key     directory.PhotoKey
	Person  directory.Person // one's own as the sign-in named it where Graph doesn't answer
	Group   directory.Group
	Contact directory.Contact // for the helpdesk with its name alone

	HasPhoto bool
	Known    bool   // whether HasPhoto is known
	ETag     string // of the photo, by Graph; changes with it
	Width    int    // of the largest size, in pixels
	Height   int    // likewise

	MaySet       bool
	MayRemove    bool
	NeedsReason  bool         // a change must say what it is for
	Limited      bool         // the tenant lets only some roles change photos: Graph decides at the save
	WhyNot       *fault.Error // what stands in the way of setting the photo, and who can help; nil if MaySet
	WhyNotRemove *fault.Error // the same for removing it; nil if MayRemove
	Trouble      *fault.Error // why something is missing on the page; nil if nothing is

	Kept
}

// Kept is what Portrait itself knows about a photo.
type Kept struct {
	Version string   // of the photo, for Order
	Saw     string   // stands for the photo that the page shows, for Order; "" = unknown
	Newest  *Tracked // what became of the viewer's newest change, nil for none in the last 24 hours
	Past    []Past   // photos that were there, newest first, for those who may see them without a reason
	MayAsk  bool     // the helpdesk may see them, and has to say what for
	MayWipe bool     // the viewer may delete them
	Told    []Told   // what the viewer must be told about their own photo
}

// Name returns what the photo's owner is called, "" where that isn't known.
func (s Shown) Name() string {
	switch {
	case s.Key.Kind == directory.KindGroup:
		return s.Group.DisplayName
	case s.Key.Kind == directory.KindContact:
		return s.Contact.DisplayName
	}
	return s.Person.DisplayName
}

// Show returns what the page of subject shows. Trouble with Graph doesn't fail
// it but is part of what is shown. If Subject of the result differs from
// subject, the page stands there, and nothing else is set but Key.
//
// It fails with fault.SignIn if the sign-in has run out, with fault.Forbidden
// if actor may not see subject, and with fault.NotFound if there is none.
func (s *Service) Show(ctx context.Context, actor directory.Actor, subject directory.Subject) (Shown, error) {
	r, err := s.request(ctx, actor, see, subject, "")
	if err != nil {
		return Shown{}, err
	}
	shown := Shown{Subject: r.subject, Key: r.key()}
	if r.subject != subject {
		return shown, nil
	}
	seen := s.look(ctx, r)
	if err := seen.fatal(r); err != nil {
		return Shown{}, err
	}
	shown.Person, shown.Group, shown.Contact = seen.person, seen.group, seen.contact
	if shown.Person.ID == "" && r.subject.Form() == directory.FormMe {
		shown.Person = directory.Person{ID: r.actor.ID, DisplayName: r.actor.Name, UPN: r.actor.UPN}
	}
	switch {
	case seen.infoErr == nil:
		shown.Known, shown.HasPhoto = true, true
		shown.ETag, shown.Width, shown.Height = seen.info.ETag, seen.info.Width, seen.info.Height
	case graph.IsNoPhoto(seen.infoErr):
		shown.Known = true
	}
	shown.settle(seen.settled(r))
	shown.trouble(seen)
	if shown.Kept, err = s.kept(ctx, r); err != nil {
		return Shown{}, err
	}
	if shown.Known {
		shown.Saw = sawOf(shown.ETag)
	}
	return shown, nil
}

// kept returns what Portrait itself knows about the photo of r, but for Saw.
func (s *Service) kept(ctx context.Context, r request) (Kept, error) {
	version, err := s.Store.PhotoChanges(ctx, r.key())
	if err != nil {
		return Kept{}, err
	}
	k := Kept{Version: strconv.FormatInt(version, 10)}
	if k.Newest, err = s.newest(ctx, r); err != nil {
		return Kept{}, err
	}
	if r.subject.Form() == directory.FormMe {
		if k.Told, err = s.toldTo(ctx, r); err != nil {
			return Kept{}, err
		}
	}
	h := r
	h.act = seeHistory
	if actsAsApp(r.actor, seeHistory, r.subject) {
		k.MayAsk = r.subject.Form() == directory.FormUser
		return k, nil
	}
	if s.ownsPast(ctx, &h) {
		k.MayWipe = true
		k.Past, err = s.pasts(ctx, h)
	}
	return k, err
}

// ownsPast reports whether r's actor may see what was there before.
func (s *Service) ownsPast(ctx context.Context, r *request) bool {
	if s.collect(ctx, r) != nil {
		return false // the page says elsewhere what is wrong
	}
	return r.verdict() == nil
}

// newest returns what became of the newest change that r's actor ordered, nil for
// none.
func (s *Service) newest(ctx context.Context, r request) (*Tracked, error) {
	d, err := s.newestDraft(ctx, r)
	if fault.Is(err, fault.NotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	c, err := opened(d)
	if err != nil {
		return nil, err
	}
	t := s.tracked(c)
	return &t, nil
}

// settle says what may be done on the page of r, whose facts are complete.
func (s *Shown) settle(r request, blocker *fault.Error) {
	s.NeedsReason = actsAsApp(r.actor, r.act, r.subject)
	r.facts.Reason = true // the page asks for it
	s.WhyNot = fault.As(decide(r.actor, set, r.subject, r.facts))
	s.WhyNotRemove = fault.As(decide(r.actor, remove, r.subject, r.facts))
	if s.WhyNot == nil && blocker != nil {
		s.WhyNot = blocker
	}
	if s.WhyNotRemove == nil && blocker != nil {
		s.WhyNotRemove = blocker
	}
	s.MaySet, s.MayRemove = s.WhyNot == nil, s.WhyNotRemove == nil
	s.Limited = r.facts.Policy == rolesOnly && s.MaySet
}

// trouble sets Trouble to the first thing that is missing and isn't said by
// WhyNot.
func (s *Shown) trouble(seen seen) {
	for _, err := range []error{seen.whoErr, seen.infoErr, seen.factsErr} {
		e := fault.As(err)
		if e != nil && e != s.WhyNot && s.Trouble == nil && !graph.IsNoPhoto(err) && !isBlocker(e) {
			s.Trouble = e
		}
	}
}

// seen is what Graph tells for a page.
type seen struct {
	person  directory.Person
	group   directory.Group
	contact directory.Contact
	whoErr  error // about the three

	info    graph.Info
	infoErr error

	facts    facts
	factsErr error
}

// fatal returns the error that leaves nothing to show: the person has to sign
// in, or what the photo should be of isn't there for them. One's own page always
// shows something.
func (x seen) fatal(r request) error {
	for _, err := range []error{x.whoErr, x.infoErr, x.factsErr} {
		if fault.Is(err, fault.SignIn) {
			return err
		}
	}
	switch {
	case r.subject.Form() == directory.FormMe, x.whoErr == nil, fault.As(x.whoErr).Next == fault.NextWait: // being set up
		return nil
	case isBlocker(fault.As(x.whoErr)):
		return x.whoErr
	}
	return nil
}

// settled returns r with the facts for the page, and what else stands in the way
// of a change: Graph's word on the photo or its owner, or a kind of group that
// has no photo.
func (x seen) settled(r request) (request, *fault.Error) {
	r.facts = x.facts
	r.facts.Guest = r.facts.Guest || x.person.Guest
	if x.group.ID != "" && !x.group.Unified {
		return r, refuse(words.M("photo.not-unified"), fault.NextNone)
	}
	for _, err := range []error{x.whoErr, x.infoErr} {
		if e := fault.As(err); e != nil && !graph.IsNoPhoto(err) && isBlocker(e) {
			return r, e
		}
	}
	if e := fault.As(x.factsErr); e != nil && actsAsApp(r.actor, r.act, r.subject) {
		r.facts.Protection = open // what is unknown for the moment is said by e, and no permission is missing
		return r, e
	}
	return r, nil
}

// isBlocker reports whether e, met when the page was read, would meet the change
// as well: it is about the account or the permission, and not about the moment.
func isBlocker(e *fault.Error) bool {
	return e.Kind == fault.Forbidden || e.Kind == fault.NotFound
}

// look asks Graph for everything at the same time. The clock runs for Graph's
// answers alone: renewing a token must not be cut short, since a refresh token
// can be spent only once.
func (s *Service) look(ctx context.Context, r request) seen {
	var x seen
	var all sync.WaitGroup
	all.Go(func() { x.whoErr = guarded(func() error { return s.who(ctx, r, &x) }) })
	all.Go(func() {
		x.infoErr = guarded(func() error {
			left := queuePatience
			return s.ask(ctx, r, showPatience, func(ctx context.Context, token string) error {
				return s.inSlot(ctx, turn{left: &left}, func(ctx context.Context) (err error) {
					x.info, err = s.Graph.PhotoInfo(ctx, token, r.subject)
					return err
				})
			})
		})
	})
	all.Go(func() {
		x.factsErr = guarded(func() (err error) {
			x.facts, err = s.pageFacts(ctx, r)
			return err
		})
	})
	all.Wait()
	return x
}

// who reads whose photo r is about into x.
func (s *Service) who(ctx context.Context, r request, x *seen) error {
	if r.subject.Form() == directory.FormMe {
		var err error
		x.person, err = s.me(ctx, r, showPatience)
		return err
	}
	err := s.ask(ctx, r, showPatience, func(ctx context.Context, token string) (err error) {
		switch r.subject.Form() {
		case directory.FormUser:
			x.person, err = s.Graph.Person(ctx, token, r.subject.User())
		case directory.FormGroup, directory.FormTeam:
			x.group, err = s.Graph.Group(ctx, token, r.subject.Group())
		default:
			x.contact, err = s.Graph.Contact(ctx, token, r.subject)
			if actsAsApp(r.actor, r.act, r.subject) {
				x.contact = nameOnly(x.contact)
			}
		}
		return err
	})
	if r.subject.Form() == directory.FormTeam && fault.Is(err, fault.Forbidden) { // who may change a team's photo may not always read its name
		x.group, err = directory.Group{ID: r.subject.Group(), Unified: true, Team: true}, nil
	}
	return err
}

// pageFacts collects what decides over the buttons on the page of r. What it
// asks for is remembered, and comes to its end whoever has stopped waiting.
func (s *Service) pageFacts(ctx context.Context, r request) (facts, error) {
	ctx, cancel := context.WithTimeout(ctx, showPatience)
	defer cancel()
	var err error
	switch r.subject.Form() {
	case directory.FormGroup, directory.FormTeam:
		r.facts.Owner, err = s.ownership(ctx, r)
	default:
		err = s.obstacles(ctx, &r)
	}
	return r.facts, err
}

// me returns who r's actor is, as Graph has it now, and remembers it for the
// save that may follow.
func (s *Service) me(ctx context.Context, r request, patience time.Duration) (directory.Person, error) {
	var person directory.Person
	err := s.ask(ctx, r, patience, func(ctx context.Context, token string) (err error) {
		person, err = s.Graph.Me(ctx, token)
		return err
	})
	if err == nil && !strings.EqualFold(string(person.ID), string(r.actor.ID)) {
		return directory.Person{}, notMe("photo.me")
	}
	if err == nil {
		s.memories().people.remember(r.key(), answer[directory.Person]{value: person, keep: personAge})
	}
	return person, err
}

// notMe is the fault for a token of somebody else than the person who is signed
// in: Graph and the ID token disagree about who that is.
func notMe(op string) error {
	return &fault.Error{Op: op, Kind: fault.SignIn, Say: words.M("signin.again"), Next: fault.NextSignIn,
		Err: errors.New("/me is somebody else than the ID token says")}
}

// ask is withToken for what isn't waited for longer than patience.
func (s *Service) ask(ctx context.Context, r request, patience time.Duration, call func(ctx context.Context, token string) error) error {
	return s.withToken(ctx, r, func(token string) error {
		ctx, cancel := context.WithTimeout(ctx, patience)
		defer cancel()
		return call(ctx, token)
	})
}
