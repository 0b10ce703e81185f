package photo

import (
	"context"

	"portrait/internal/directory"
	"portrait/internal/fault"
	"portrait/internal/words"
)

// pass is a token, and whose it is.
type pass struct {
	token string
	app   bool // Portrait's own, not the actor's
}

// token is the gate: nobody gets a token but through decide, and nothing else
// asks for Portrait's own. web/rules_test.go looks for callers of App.
func (s *Service) token(ctx context.Context, r request) (pass, error) {
	if err := r.verdict(); err != nil {
		return pass{}, err
	}
	if !actsAsApp(r.actor, r.act, r.subject) {
		token, err := s.Delegated(ctx, r.actor)
		return pass{token: token}, err
	}
	if !s.hasApp() {
		return pass{}, noAppIdentity("photo.token")
	}
	token, err := s.App(ctx)
	return pass{token: token, app: true}, err
}

// tenantToken returns Portrait's own token for what is the same for everybody
// in the tenant and about nobody: policy.go alone asks for it.
func (s *Service) tenantToken(ctx context.Context) (string, error) {
	if !s.hasApp() {
		return "", noAppIdentity("photo.tenantToken")
	}
	return s.App(ctx)
}

// hasApp reports whether Portrait has an identity of its own.
func (s *Service) hasApp() bool { return s.App != nil }

// fresh returns actor with the role of an ID token that is at most 5 minutes
// old.
func (s *Service) fresh(ctx context.Context, actor directory.Actor) (directory.Actor, error) {
	j := jobOf(ctx)
	if !s.hasApp() || s.Fresh == nil && j == nil {
		return actor, noAppIdentity("photo.fresh")
	}
	if j != nil {
		return j.Fresh(ctx, actor)
	}
	return s.Fresh(ctx, actor)
}

// actsAsApp reports whether Portrait's own identity does act with subject for a:
// for the helpdesk and for operators, who have none here, under /users/, to list
// everybody, to look up whom the audit log is asked for and to hand out photos;
// and for Portrait itself, to count. Groups and teams are for their owners, and
// /me is whoever holds the token.
func actsAsApp(a directory.Actor, act action, subject directory.Subject) bool {
	switch subject.Form() {
	case directory.FormUser, directory.FormUserContact, directory.FormUserFolderContact:
		return a.Role.ForOthers()
	case directory.FormMe:
		return a.Role == directory.Itself || a.Role.ForOthers() && (act == listPeople || act == seeAudit || act == handOut)
	}
	return false
}

// withToken makes call with the token that r is entitled to and, if Graph
// refuses that one, once more with another.
func (s *Service) withToken(ctx context.Context, r request, call func(token string) error) error {
	p, err := s.token(ctx, r)
	if err != nil {
		return err
	}
	err = call(p.token)
	switch {
	case !fault.Is(err, fault.SignIn):
		return err
	case p.app:
		return s.withAnotherAppToken(ctx, p.token, call)
	case fault.As(err).Claims != "": // only a sign-in with these claims helps
		return err
	}
	another, err := s.Refused(ctx, r.actor, p.token)
	if err != nil {
		return err
	}
	return call(another)
}

func noAppIdentity(op string) *fault.Error {
	return &fault.Error{Op: op, Kind: fault.Forbidden, Say: words.M("photo.no-app-identity"), Next: fault.NextAdmin}
}

// withAnotherAppToken makes call again after Graph refused token, which is
// Portrait's own. Nobody can sign in for Portrait: if that doesn't help, only an
// administrator does.
func (s *Service) withAnotherAppToken(ctx context.Context, token string, call func(token string) error) error {
	another, err := s.AppRefused(ctx, token)
	if err != nil {
		return err
	}
	if err = call(another); fault.Is(err, fault.SignIn) {
		return &fault.Error{Op: "photo.withToken", Kind: fault.Unavailable, Say: words.M("signin.app-refused"), Next: fault.NextAdmin, Err: err}
	}
	return err
}
