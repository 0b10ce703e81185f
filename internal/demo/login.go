package demo

import (
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// cookie returns the provider's cookie. Cookies don't keep ports apart, so its
// name does: two tenants, or the app on the same address, don't meet.
func (t *Tenant) cookie(value string, maxAge int) *http.Cookie {
	return &http.Cookie{
		Name: t.cookieName(), Value: value, Path: t.path("/"), MaxAge: maxAge,
		HttpOnly: true, SameSite: http.SameSiteLaxMode,
	}
}

func (t *Tenant) cookieName() string {
	u, _ := url.Parse(t.base) // our own
	_, port, _ := net.SplitHostPort(u.Host)
	return "tenant-" + port
}

func (t *Tenant) sessionOf(r *http.Request) *session {
	c, err := r.Cookie(t.cookieName())
	if err != nil {
		return nil
	}
	return t.signIns.session(c.Value)
}

// showLogin shows the personas. It is shown to everybody, signed in or not, so
// that whoever tries the demo can become somebody else.
func (t *Tenant) showLogin(w http.ResponseWriter, r *http.Request) {
	req := t.signIns.pending(r.URL.Query().Get("id"))
	if req == nil || req.Done() {
		t.expired(w, r)
		return
	}
	hinted := t.byHint(req.asked.LoginHint)
	var tiles []tile
	for _, p := range t.people {
		if p.persona != "" {
			tiles = append(tiles, t.tile(p, p == hinted))
		}
	}
	slices.SortStableFunc(tiles, func(a, b tile) int {
		switch {
		case a.Hinted == b.Hinted:
			return 0
		case a.Hinted:
			return -1
		}
		return 1
	})
	t.page(w, r, http.StatusOK, "login", pageData{
		RequestID: req.id, Action: t.path("/login"), People: tiles,
		formTarget: origin(req.asked.RedirectURI), // Chromium checks redirects after a form, too
	})
}

// login signs in as the chosen persona, or answers the app that the person
// would rather not.
func (t *Tenant) login(w http.ResponseWriter, r *http.Request) {
	req := t.signIns.pending(r.PostFormValue("id"))
	if req == nil || req.Done() {
		t.expired(w, r)
		return
	}
	if r.PostFormValue("cancel") != "" {
		t.cancel(w, r, req)
		return
	}
	p := t.byPersona(r.PostFormValue("persona"))
	if p == nil { // those whom Fill has added have no tile; they are known by their userPrincipalName
		p = t.filledPerson(strings.ToLower(r.PostFormValue("persona")))
	}
	if p == nil {
		http.Redirect(w, r, t.path("/login?id="+req.id), http.StatusSeeOther)
		return
	}
	if old := t.sessionOf(r); old != nil {
		t.signIns.close(old.id)
	}
	v := t.signIns.open(p)
	if !t.signIns.choose(req.id, v) {
		t.expired(w, r)
		return
	}
	http.SetCookie(w, t.cookie(v.id, 0))
	t.proceed(w, r, req, v)
}

// origin returns the scheme, host and port of an absolute URL, or "".
func origin(raw string) string {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" {
		return ""
	}
	return u.Scheme + "://" + u.Host
}
