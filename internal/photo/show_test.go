package photo

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"portrait/internal/directory"
	"portrait/internal/fault"
)

const (
	someone = `{"id":"aaaaaaaa-0000-4000-8000-000000000001","displayName":"Ann Graph","userPrincipalName":"ann@contoso.com","jobTitle":"Pilot"}`
	visitor = `{"id":"aaaaaaaa-0000-4000-8000-000000000001","displayName":"Ann Graph","userType":"Guest"}`
	hasOne  = `{"id":"240x240","width":240,"height":240,"@odata.mediaEtag":"\"e1\""}`
)

// byPath answers for the person and for the photo.
func byPath(person, info http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/photo") {
			info(w, r)
			return
		}
		person(w, r)
	}
}

func TestShow(t *testing.T) {
	named := ann
	named.Name, named.UPN = "Ann Token", "ann.token@contoso.com"
	reader := named
	reader.Scopes = []string{"user.read"}
	byGraph := directory.Person{ID: annID, DisplayName: "Ann Graph", UPN: "ann@contoso.com", JobTitle: "Pilot"}
	byToken := directory.Person{ID: annID, DisplayName: "Ann Token", UPN: "ann.token@contoso.com"}
	guest := directory.Person{ID: annID, DisplayName: "Ann Graph", Guest: true}
	key := directory.UserPhoto(tenant, annID)
	none := always(404, `{"error":{"code":"ImageNotFound"}}`)
	for _, tt := range []struct {
		name         string
		actor        directory.Actor
		person, info http.HandlerFunc
		want         Shown
		trouble      string
		why          string // of WhyNot
	}{
		{"a photo", named, always(200, someone), always(200, hasOne),
			Shown{Person: byGraph, HasPhoto: true, Known: true, ETag: `"e1"`, Width: 240, Height: 240, MaySet: true, MayRemove: true}, "", ""},
		{"no photo", named, always(200, someone), none, Shown{Person: byGraph, Known: true, MaySet: true, MayRemove: true}, "", ""},
		{"no photo, the other way", named, always(200, someone), always(200, `{"id":"1x1","width":1,"height":1}`),
			Shown{Person: byGraph, Known: true, MaySet: true, MayRemove: true}, "", ""},
		{"a guest is told", named, always(200, visitor), none, Shown{Person: guest, Known: true}, "", "photo.guest"},
		{"a permission is missing", reader, always(200, someone), none, Shown{Person: byGraph, Known: true}, "", "photo.needs-permission"},
		{"the photo can't be read", named, always(200, someone), always(502, ""), Shown{Person: byGraph, MaySet: true, MayRemove: true}, "graph.unavailable", ""},
		{"the person can't be read", named, always(429, ""), always(200, hasOne),
			Shown{Person: byToken, HasPhoto: true, Known: true, ETag: `"e1"`, Width: 240, Height: 240, MaySet: true, MayRemove: true}, "graph.busy", ""},
		{"Graph hangs up", named, cut, cut, Shown{Person: byToken, MaySet: true, MayRemove: true}, "graph.unreachable", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			x := newSite(t, byPath(tt.person, tt.info))
			got, err := x.Show(t.Context(), tt.actor, directory.Me())
			if err != nil {
				t.Fatal(err)
			}
			trouble := ""
			if got.Trouble != nil {
				trouble, got.Trouble = got.Trouble.Say.ID, nil
			}
			why := ""
			if got.WhyNot != nil {
				why = got.WhyNot.Say.ID
			}
			got.WhyNot, got.WhyNotRemove, got.Kept = nil, nil, Kept{}
			tt.want.Key, tt.want.Subject = key, directory.Me()
			if why != tt.why {
				t.Errorf("may not set because of %q, want %q", why, tt.why)
			}
			if diff := cmp.Diff(tt.want, got, cmpopts.EquateComparable(directory.Subject{})); diff != "" || trouble != tt.trouble {
				t.Errorf("trouble %q, want %q; %s", trouble, tt.trouble, diff)
			}
			if len(x.slept) > 0 {
				t.Errorf("a page waited %v", x.slept)
			}
		})
	}
}

func TestShowNeedsSignIn(t *testing.T) {
	x := newSite(t, expired)
	_, err := x.Show(t.Context(), ann, directory.Me())
	check(t, err, fault.SignIn, "graph.sign-in", fault.NextSignIn)

	x.Delegated = func(context.Context, directory.Actor) (string, error) { return "", signIn("test") }
	_, err = x.Show(t.Context(), ann, directory.Me())
	check(t, err, fault.SignIn, "photo.sign-in", fault.NextSignIn)
}

func TestShowWithoutProvider(t *testing.T) {
	x := newSite(t, fine)
	x.Delegated = func(context.Context, directory.Actor) (string, error) { return "", errors.New("provider is down") }
	got, err := x.Show(t.Context(), ann, directory.Me())
	if err != nil || got.Trouble == nil || got.Known || len(x.asked()) > 0 {
		t.Errorf("%+v, %v; want a page with trouble", got, err)
	}
}

func TestImage(t *testing.T) {
	const jpeg = "\xff\xd8\xff\xe0 the rest"
	x := newSite(t, inTurn(expired, always(200, jpeg)))
	got, err := x.Image(t.Context(), ann, directory.Me(), 96)
	if err != nil || string(got.Bytes) != jpeg || got.ContentType != "image/jpeg" {
		t.Errorf("%q %s, %v", got.Bytes, got.ContentType, err)
	}
	if last := x.asked()[len(x.asked())-1]; last.what != "GET /v1.0/me/photos/96x96/$value" || last.token != "Bearer second" {
		t.Errorf("asked %s with %s", last.what, last.token)
	}
	_, err = newSite(t, always(404, "")).Image(t.Context(), ann, directory.Me(), 0)
	check(t, err, fault.NotFound, "photo.absent", fault.NextNone)
}
