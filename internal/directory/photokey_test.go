package directory

import (
	"strings"
	"testing"
)

const (
	tenantID = ID("aaaaaaaa-0000-4000-8000-000000000000")
	annID    = ID("aaaaaaaa-0000-4000-8000-000000000001")
	bobID    = ID("aaaaaaaa-0000-4000-8000-000000000002")
)

func TestPhotoKeys(t *testing.T) {
	capitals := func(id ID) ID { return ID(strings.ToUpper(string(id))) }
	for _, tt := range []struct {
		name string
		a, b PhotoKey
		same bool
	}{
		{"a user's id in capitals", UserPhoto(tenantID, annID), UserPhoto(tenantID, capitals(annID)), true},
		{"a tenant's id in capitals", UserPhoto(tenantID, annID), UserPhoto(capitals(tenantID), annID), true},
		{"a group's id in capitals", GroupPhoto(tenantID, annID), GroupPhoto(capitals(tenantID), capitals(annID)), true},
		{"a mailbox's id in capitals", ContactPhoto(tenantID, annID, "x"), ContactPhoto(capitals(tenantID), capitals(annID), "x"), true},
		{"two users", UserPhoto(tenantID, annID), UserPhoto(tenantID, bobID), false},
		{"two tenants", UserPhoto(tenantID, annID), UserPhoto(bobID, annID), false},
		{"a user and a group with one id", UserPhoto(tenantID, annID), GroupPhoto(tenantID, annID), false},
		{"a user and a contact of theirs", UserPhoto(tenantID, annID), ContactPhoto(tenantID, annID, "x"), false},
		{"one contact id in two mailboxes", ContactPhoto(tenantID, annID, "x"), ContactPhoto(tenantID, bobID, "x"), false},
		{"contact ids in another case", ContactPhoto(tenantID, annID, "AAMk"), ContactPhoto(tenantID, annID, "aamk"), false},
	} {
		if (tt.a == tt.b) != tt.same || (tt.a.String() == tt.b.String()) != tt.same {
			t.Errorf("%s: %s and %s; want the same: %v", tt.name, tt.a, tt.b, tt.same)
		}
	}
}

func TestPhotoKeyString(t *testing.T) {
	for _, tt := range []struct {
		key  PhotoKey
		want string
	}{
		{UserPhoto("T", "A"), "t/user/a/"},
		{GroupPhoto("T", "A"), "t/group/a/"},
		{ContactPhoto("T", "A", "Xy="), "t/contact/a/Xy="},
	} {
		if got := tt.key.String(); got != tt.want {
			t.Errorf("%s, want %s", got, tt.want)
		}
	}
}

func TestActor(t *testing.T) {
	ann := Actor{Tenant: tenantID, ID: annID, Name: "Ann", UPN: "ann@contoso.com", Scopes: []string{"user.readwrite"}}
	for _, tt := range []struct {
		name  string
		other Actor
		same  bool
	}{
		{"a changed name is still Ann", Actor{Tenant: tenantID, ID: annID, Name: "Anna", UPN: "anna@contoso.com"}, true},
		{"who took over her name isn't", Actor{Tenant: tenantID, ID: bobID, Name: "Ann", UPN: "ann@contoso.com"}, false},
		{"nor is her id in another tenant", Actor{Tenant: bobID, ID: annID}, false},
	} {
		if ann.Is(tt.other) != tt.same {
			t.Errorf("%s: %v", tt.name, !tt.same)
		}
	}
	if !ann.Holds("User.ReadWrite") || ann.Holds("User.ReadWrite.All") || ann.Holds("") || (Actor{}).Holds("User.ReadWrite") {
		t.Error("scopes are held whole, without case")
	}
}
