package photo

import (
	"strings"

	"portrait/internal/directory"
	"portrait/internal/fault"
	"portrait/internal/words"
)

// Delegated scopes, each list with the one first that is asked for; any of them
// is enough.
//
// Source: https://learn.microsoft.com/graph/api/profilephoto-update#permissions
var (
	ownScopes     = []string{"User.ReadWrite", "ProfilePhoto.ReadWrite.All", "User.ReadWrite.All"}
	contactScopes = []string{"Contacts.ReadWrite"}
	sharedScopes  = []string{"Contacts.ReadWrite.Shared"}
	teamScopes    = []string{"TeamSettings.ReadWrite.All"}
)

// The scopes for the photos of groups. The narrow one says nothing about who
// owns a group and what it is called, so that another goes with it.
const (
	wideGroupScope   = "Group.ReadWrite.All"
	narrowGroupScope = "ProfilePhoto.ReadWrite.All"
	groupReadScope   = "GroupMember.Read.All"
)

// groupScopes returns the scopes for the photo of a group, first the one that
// the setting names.
func groupScopes(setting string) []string {
	if strings.EqualFold(setting, narrowGroupScope) {
		return []string{narrowGroupScope, wideGroupScope}
	}
	return []string{wideGroupScope, narrowGroupScope}
}

// groupListScopes returns the scopes with which a person's groups can be listed
// by name and their owners read.
func groupListScopes(setting string) []string {
	if strings.EqualFold(setting, narrowGroupScope) {
		return []string{groupReadScope, wideGroupScope, "Group.Read.All"}
	}
	return []string{wideGroupScope, groupReadScope, "Group.Read.All"}
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
