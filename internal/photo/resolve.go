package photo

import (
	"portrait/internal/directory"
	"portrait/internal/fault"
	"portrait/internal/words"
)

// Resolve returns the key of the photo that subject addresses for a: the same
// key for every address of the same photo.
//
// It fails with fault.SignIn if a is nobody, and with fault.NotFound for
// addresses with a userPrincipalName, whose object id Graph alone knows.
func Resolve(a directory.Actor, subject directory.Subject) (directory.PhotoKey, error) {
	const op = "photo.Resolve"
	if a.ID == "" || a.Tenant == "" {
		return directory.PhotoKey{}, signIn(op)
	}
	if user := subject.User(); user != "" && !directory.IsGUID(user) {
		return directory.PhotoKey{}, &fault.Error{Op: op, Kind: fault.NotFound, Say: words.M("photo.not-offered"), Next: fault.NextHome}
	}
	switch subject.Form() {
	case directory.FormMe:
		return directory.UserPhoto(a.Tenant, a.ID), nil
	case directory.FormUser:
		return directory.UserPhoto(a.Tenant, subject.User()), nil
	case directory.FormGroup, directory.FormTeam:
		return directory.GroupPhoto(a.Tenant, subject.Group()), nil
	case directory.FormMyContact, directory.FormMyFolderContact:
		return directory.ContactPhoto(a.Tenant, a.ID, subject.Contact()), nil
	case directory.FormUserContact, directory.FormUserFolderContact:
		return directory.ContactPhoto(a.Tenant, subject.User(), subject.Contact()), nil
	}
	return directory.PhotoKey{}, &fault.Error{Op: op, Kind: fault.NotFound, Say: words.M("fault.not-found"), Next: fault.NextHome}
}

func signIn(op string) *fault.Error {
	return &fault.Error{Op: op, Kind: fault.SignIn, Say: words.M("photo.sign-in"), Next: fault.NextSignIn}
}
