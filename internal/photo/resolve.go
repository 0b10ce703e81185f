package photo

import (
	"context"

	"portrait/internal/directory"
	"portrait/internal/fault"
	"portrait/internal/words"
)

// Resolve returns the key of the photo that subject addresses for actor: the
// same key for every address of the same photo. Graph is asked where subject
// names a user by userPrincipalName.
//
// It fails with fault.SignIn if actor is nobody, with fault.Forbidden if actor
// may not see the photo, and with fault.NotFound if Graph knows no such user.
func (s *Service) Resolve(ctx context.Context, actor directory.Actor, subject directory.Subject) (directory.PhotoKey, error) {
	r, err := s.request(ctx, actor, see, subject, "")
	if err != nil {
		return directory.PhotoKey{}, err
	}
	return r.key(), nil
}

// key returns the key of the photo that r is about. r's subject must have been
// looked up.
//
// The mailbox of a delegate who may not look people up has the name that it was
// addressed by for its owner; everybody else's key has the object id.
func (r request) key() directory.PhotoKey {
	tenant, owner := r.actor.Tenant, r.subject.User()
	if owner == "" {
		owner = r.actor.ID
	}
	switch r.subject.Form() {
	case directory.FormMe, directory.FormUser:
		return directory.UserPhoto(tenant, owner)
	case directory.FormGroup, directory.FormTeam:
		return directory.GroupPhoto(tenant, r.subject.Group())
	}
	return directory.ContactPhoto(tenant, owner, r.subject.Contact())
}

// addressed returns subject with the object id of its user. It fails if id isn't
// one.
func addressed(subject directory.Subject, id directory.ID) (directory.Subject, error) {
	var err error
	switch subject.Form() {
	case directory.FormUser:
		subject, err = directory.OfUser(id)
	case directory.FormUserContact:
		subject, err = directory.UserContact(id, subject.Contact())
	case directory.FormUserFolderContact:
		subject, err = directory.UserFolderContact(id, subject.Folder(), subject.Contact())
	}
	if err != nil {
		return subject, &fault.Error{
			Op: "photo.addressed", Kind: fault.Unavailable, Say: words.M("graph.broken-answer"), Next: fault.NextRetry, Err: err,
		}
	}
	return subject, nil
}

func signIn(op string) *fault.Error {
	return &fault.Error{Op: op, Kind: fault.SignIn, Say: words.M("photo.sign-in"), Next: fault.NextSignIn}
}
