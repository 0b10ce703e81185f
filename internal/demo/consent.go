package demo

import (
	"net/http"

	"github.com/zitadel/oidc/v3/pkg/op"
)

// proceed goes on once a person has been chosen: to the page where they allow
// the app more, or back to the app.
func (t *Tenant) proceed(w http.ResponseWriter, r *http.Request, req *authRequest, v *session) {
	if refusal := t.sky().SignIn; refusal != (Refusal{}) {
		t.signIns.finish(req.id)
		t.refuseSignIn(w, r, req.signIn(), &signInError{refusal.Error, refusal.Code, refusal.Description})
		return
	}
	if len(t.signIns.missing(v.person, t.signIns.graphScopes(req.asked.Scopes))) > 0 {
		http.Redirect(w, r, t.path("/consent?id="+req.id), http.StatusSeeOther)
		return
	}
	t.finishSignIn(w, r, req, v)
}

// finishSignIn signs the chosen person in and goes back to the app.
func (t *Tenant) finishSignIn(w http.ResponseWriter, r *http.Request, req *authRequest, v *session) {
	if !t.signIns.grant(req.id, v) {
		t.expired(w, r)
		return
	}
	http.Redirect(w, r, op.AuthCallbackURL(t.provider)(r.Context(), req.id), http.StatusSeeOther)
}

func (t *Tenant) expired(w http.ResponseWriter, r *http.Request) {
	t.page(w, r, http.StatusBadRequest, "expired", pageData{AppURL: t.registered().appURL})
}

// consenting returns the sign-in with the id and the person who is to consent,
// if it is this browser's.
func (t *Tenant) consenting(r *http.Request, id string) (*authRequest, *session) {
	req, v := t.signIns.pending(id), t.sessionOf(r)
	if req == nil || v == nil || req.Done() || req.chosen != v {
		return nil, nil
	}
	return req, v
}

// showConsent shows what the app asks for beyond what the person has allowed,
// or that an administrator would have to.
func (t *Tenant) showConsent(w http.ResponseWriter, r *http.Request) {
	req, v := t.consenting(r, r.URL.Query().Get("id"))
	if req == nil {
		t.expired(w, r)
		return
	}
	d := pageData{
		RequestID: req.id, Action: t.path("/consent"), People: []tile{t.tile(v.person, false)}, formTarget: origin(req.asked.RedirectURI),
	}
	words := textsFor(r).Permissions
	for _, scope := range t.signIns.missing(v.person, t.signIns.graphScopes(req.asked.Scopes)) {
		d.Permissions = append(d.Permissions, permission{scope, words[scope]})
	}
	name := "consent"
	if t.needsAdmin(v.person) {
		name = "approval"
	}
	t.page(w, r, http.StatusOK, name, d)
}

// permission is one that the app asks for.
type permission struct{ Scope, Means string }

// needsAdmin reports whether p can't allow the app more.
func (t *Tenant) needsAdmin(p *person) bool {
	if !t.sky().ConsentNeedsAdmin {
		return false
	}
	for _, role := range t.state.adminRolesOf(p.ID) {
		if role.Template == globalAdmin.Template {
			return false
		}
	}
	return true
}

// consent takes what the person decided.
func (t *Tenant) consent(w http.ResponseWriter, r *http.Request) {
	req, v := t.consenting(r, r.PostFormValue("id"))
	switch {
	case req == nil:
		t.expired(w, r)
	case t.needsAdmin(v.person):
		t.signIns.finish(req.id)
		t.refuseSignIn(w, r, req.signIn(), &signInError{consentRequired, 90094, "The app needs permission to access resources in your organization that only an admin can grant."})
	case r.PostFormValue("consent") == "accept":
		t.finishSignIn(w, r, req, v)
	default:
		t.cancel(w, r, req)
	}
}

// cancel sends the browser back to the app with access_denied.
func (t *Tenant) cancel(w http.ResponseWriter, r *http.Request, req *authRequest) {
	t.signIns.finish(req.id)
	t.refuseSignIn(w, r, req.signIn(), &signInError{"access_denied", 65004, "User declined to consent to access the app."})
}

// signIn is what the app has to be told where a sign-in ends.
func (r *authRequest) signIn() signIn { return signIn{r.asked.RedirectURI, r.asked.State} }
