// Package directory holds the words of the domain: who there is in a tenant,
// what has a photo, and how a photo is addressed and identified.
//
// It knows Microsoft Graph's address space (Subject) but makes no calls.
package directory

import "strings"

// ID is an object id, a userPrincipalName or an Outlook item id, as the
// constructor or field that holds it says. It is a type of its own so that an
// id can't be mistaken for a name.
type ID string

// Role is what a person may be here beside themselves.
type Role string

const (
	// Employee may change what is their own.
	Employee Role = "employee"
	// Helpdesk may change other people's photos; it is held through an app
	// role in the ID token.
	Helpdesk Role = "helpdesk"
	// Operator is whoever runs Portrait, at a terminal with its settings. All
	// that an operator does with photos is batches; they have no account in the
	// tenant, and nothing there is their own.
	Operator Role = "operator"

	// Itself is Portrait, where it does something that nobody has asked it for
	// just now. No token gives it.
	Itself Role = "portrait"
)

// ForOthers reports whether r may change photos of other people, as far as that
// depends on the role.
func (r Role) ForOthers() bool { return r == Helpdesk || r == Operator }

// PersonalTenant is the tenant id of personal Microsoft accounts, whose photos
// Graph doesn't manage.
//
// Source: https://learn.microsoft.com/entra/identity-platform/id-token-claims-reference
const PersonalTenant ID = "9188040d-6c67-4c5b-b112-36a304b66dad"

// Actor is the person who is signed in and acts. Tenant and ID are the tid and
// oid of the ID token, lower case, and alone say who it is; Name and UPN are
// for showing and change over time. The ID of an operator is OperatorID's.
type Actor struct {
	Tenant ID
	ID     ID
	Name   string
	UPN    string
	Role   Role
	Scopes []string // delegated scopes held, lower case, without the Graph host
}

// Is reports whether a and b are the same person.
func (a Actor) Is(b Actor) bool { return a.Tenant == b.Tenant && a.ID == b.ID }

// Holds reports whether a has been granted the delegated scope, compared
// without case.
func (a Actor) Holds(scope string) bool {
	for _, s := range a.Scopes {
		if strings.EqualFold(s, scope) {
			return true
		}
	}
	return false
}

// Person is a user of the tenant as Graph describes one. Only ID is certain to
// be set.
type Person struct {
	ID          ID
	DisplayName string
	UPN         string // userPrincipalName
	Mail        string
	JobTitle    string
	Department  string
	EmployeeID  string
	Guest       bool // userType is Guest
	OnPremises  bool // the account is synchronised from an on-premises directory
}

// Group is a group of the tenant. Only ID is certain to be set.
type Group struct {
	ID          ID
	DisplayName string
	Mail        string
	Unified     bool   // a Microsoft 365 group: the only kind that has a photo
	Team        bool   // it has a team in Teams
	Visibility  string // Public, Private or HiddenMembership
}

// Contact is a contact in somebody's mailbox. Its ID changes when it is moved,
// unless Graph is asked for immutable ids.
type Contact struct {
	ID          ID
	DisplayName string
	Mail        string // the first address
	JobTitle    string
	Company     string
	Folder      ID // that it is in
}

// Folder is a contact folder in somebody's mailbox.
type Folder struct {
	ID     ID
	Name   string
	Parent ID
}

// Page is one page of a list.
type Page[T any] struct {
	Rows []T
	Next string // Graph's whole link to the next page, "" at the end
}
