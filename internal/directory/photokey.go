package directory

import (
	"fmt"
	"strings"
)

// Kind says what a photo belongs to.
type Kind string

// The kinds of owner. A team's photo is its group's.
const (
	KindUser    Kind = "user"
	KindGroup   Kind = "group"
	KindContact Kind = "contact"
)

// PhotoKey identifies one photo, however it was addressed: everything that is
// remembered about a photo is kept under its key. Keys are comparable.
//
// Owner is the object id of the user or group, or of the mailbox that the
// contact is in; Item is the contact's id and empty for the other kinds.
// Tenant and Owner are lower case; Item is case-sensitive.
type PhotoKey struct {
	Tenant ID
	Kind   Kind
	Owner  ID
	Item   ID
}

// UserPhoto returns the key of a user's photo, by object id.
func UserPhoto(tenant, user ID) PhotoKey {
	return PhotoKey{Tenant: fold(tenant), Kind: KindUser, Owner: fold(user)}
}

// GroupPhoto returns the key of a group's or a team's photo.
func GroupPhoto(tenant, group ID) PhotoKey {
	return PhotoKey{Tenant: fold(tenant), Kind: KindGroup, Owner: fold(group)}
}

// ContactPhoto returns the key of a contact's photo. mailbox is the object id
// of the mailbox's owner; the folder that the contact is in doesn't matter.
func ContactPhoto(tenant, mailbox, contact ID) PhotoKey {
	return PhotoKey{Tenant: fold(tenant), Kind: KindContact, Owner: fold(mailbox), Item: contact}
}

// String returns k for logs and as a database key. Its parts can't contain the
// slash that parts them.
func (k PhotoKey) String() string {
	return strings.Join([]string{string(k.Tenant), string(k.Kind), string(k.Owner), string(k.Item)}, "/")
}

// ParsePhotoKey returns the key that String wrote.
func ParsePhotoKey(s string) (PhotoKey, error) {
	parts := strings.SplitN(s, "/", 4)
	if len(parts) != 4 {
		return PhotoKey{}, fmt.Errorf("directory.ParsePhotoKey: %q", s)
	}
	return PhotoKey{Tenant: ID(parts[0]), Kind: Kind(parts[1]), Owner: ID(parts[2]), Item: ID(parts[3])}, nil
}
