package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// tokenError is what the token endpoint says where it gives no token.
//
// Source: https://learn.microsoft.com/entra/identity-platform/reference-error-codes
type tokenError struct {
	status   int
	name     string // "invalid_grant"
	code     int    // the AADSTS number
	text     string
	suberror string
	claims   string
}

func badGrant(code int, text string) *tokenError {
	return &tokenError{status: http.StatusBadRequest, name: "invalid_grant", code: code, text: text}
}

// tokenAsk is what a request for a token brings beside its parameters for op.
type tokenAsk struct {
	scopes []string // nil = all that are granted
	claims claimsRequest
}

// tokenAskKey is the context's key of the tokenAsk.
type tokenAskKey struct{}

// token answers the token endpoint. It knows every way in which an app proves
// who it is, and refuses what must be refused; op, which knows the secret alone
// and writes the process's log about refusals, makes the tokens of people.
func (t *Tenant) token(op http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		if err := r.ParseForm(); err != nil {
			t.sayTokenError(w, &tokenError{http.StatusBadRequest, "invalid_request", 900144, "The request body can't be read.", "", ""})
			return
		}
		grant := oidc.GrantType(r.PostForm.Get("grant_type"))
		t.signIns.count(grant == oidc.GrantTypeRefreshToken)
		ask, bad := t.checkTokenRequest(r, grant)
		switch {
		case bad != nil:
			t.sayTokenError(w, bad)
		case grant == oidc.GrantTypeClientCredentials:
			t.sendAppToken(w)
		default:
			t.relay(w, r, op, ask)
		}
	})
}

// checkTokenRequest refuses what Entra ID refuses.
func (t *Tenant) checkTokenRequest(r *http.Request, grant oidc.GrantType) (ask tokenAsk, bad *tokenError) {
	if bad = t.authenticate(r); bad != nil {
		return ask, bad
	}
	var err error
	if ask.claims, err = readClaims(r.PostForm.Get("claims")); err != nil {
		return ask, &tokenError{http.StatusBadRequest, "invalid_request", 9002313, "The claims parameter is not valid JSON.", "", ""}
	}
	switch grant {
	case oidc.GrantTypeCode:
		bad = t.checkCode(r.PostForm)
	case oidc.GrantTypeRefreshToken:
		ask.scopes, bad = t.checkRefresh(r.PostForm)
	case oidc.GrantTypeClientCredentials:
		if scope := r.PostForm.Get("scope"); scope != "https://graph.microsoft.com/.default" && scope != t.base+"/.default" {
			bad = &tokenError{http.StatusBadRequest, "invalid_scope", 1002012, "The provided value for scope is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI).", "", ""}
		}
	default:
		bad = &tokenError{http.StatusBadRequest, "unsupported_grant_type", 70003, "The app requested an unsupported grant type.", "", ""}
	}
	return ask, bad
}

// checkCode refuses a code that op would refuse.
func (t *Tenant) checkCode(form url.Values) *tokenError {
	req := t.signIns.byCode(form.Get("code"))
	switch {
	case req == nil || !req.Done():
		return badGrant(54005, "The authorization code was already redeemed, or has expired.")
	case form.Get("redirect_uri") != req.asked.RedirectURI:
		return badGrant(500112, "The reply address does not match the one used when the code was requested.")
	case !oidc.VerifyCodeChallenge(req.GetCodeChallenge(), form.Get("code_verifier")):
		return badGrant(50148, "The code_verifier does not match the code_challenge supplied in the authorization request.")
	}
	return nil
}

// checkRefresh refuses a refresh token that can't be used, and scopes that
// haven't been granted. It returns those that are asked for.
func (t *Tenant) checkRefresh(form url.Values) ([]string, *tokenError) {
	if r := t.sky().Refresh; r != (Refusal{}) {
		return nil, &tokenError{http.StatusBadRequest, r.Error, r.Code, r.Description, r.Suberror, r.Claims}
	}
	v := t.signIns.refreshable(form.Get("refresh_token"))
	if v == nil {
		return nil, badGrant(70008, "The refresh token was used, revoked or has expired.")
	}
	scopes := strings.Fields(form.Get("scope"))
	if len(t.signIns.missing(v.person, t.signIns.graphScopes(scopes))) > 0 {
		e := badGrant(65001, "The user or administrator has not consented to use the application.")
		e.suberror = "consent_required"
		return nil, e
	}
	return slices.DeleteFunc(scopes, func(s string) bool { return !isOpenIDScope(s) && !t.signIns.isGraphScope(s) }), nil
}

// relay lets op make the tokens, and remembers them for Secrets. However the
// app has proved who it is, op sees the secret.
func (t *Tenant) relay(w http.ResponseWriter, r *http.Request, op http.Handler, ask tokenAsk) {
	r = r.Clone(context.WithValue(r.Context(), tokenAskKey{}, ask))
	r.Header.Del("Authorization")
	for _, name := range []string{"client_assertion", "client_assertion_type", "scope"} {
		r.PostForm.Del(name)
	}
	r.PostForm.Set("client_id", clientID)
	r.PostForm.Set("client_secret", t.secret)
	r.Form = r.PostForm
	out := &held{ResponseWriter: w, status: http.StatusOK}
	op.ServeHTTP(out, r)
	var tokens struct {
		Access  string `json:"access_token"`
		Refresh string `json:"refresh_token"`
		ID      string `json:"id_token"`
	}
	if json.Unmarshal(out.body.Bytes(), &tokens) == nil {
		t.secrets.add(tokens.Access, tokens.Refresh, tokens.ID)
	}
	if out.status >= 400 { // somebody else was faster with the code or the refresh token
		t.sayTokenError(w, badGrant(70008, "The code or refresh token was used, revoked or has expired."))
		return
	}
	w.WriteHeader(out.status)
	_, _ = w.Write(out.body.Bytes()) // whoever asked may be gone
}

// held keeps an answer until it is known whether it is an error.
type held struct {
	http.ResponseWriter
	status int
	body   bytes.Buffer
}

func (h *held) WriteHeader(status int)      { h.status = status }
func (h *held) Write(b []byte) (int, error) { return h.body.Write(b) }

// sendAppToken answers with a token for the app by itself.
func (t *Tenant) sendAppToken(w http.ResponseWriter) {
	token, err := op.CreateBearerToken(t.signIns.issueApp(t.appRoles()), clientID, t.provider.Crypto())
	if err != nil { // can't be: the key has the right length
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	t.secrets.add(token)
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_ = json.NewEncoder(w).Encode(map[string]any{ // whoever asked may be gone
		"token_type": "Bearer", "expires_in": 3599, "ext_expires_in": 3599, "access_token": token,
	})
}

func (t *Tenant) appRoles() []string {
	t.state.mu.RLock()
	defer t.state.mu.RUnlock()
	return t.state.app
}

// sayTokenError answers with e in Entra ID's words.
func (t *Tenant) sayTokenError(w http.ResponseWriter, e *tokenError) {
	body := map[string]any{
		"error": e.name, "error_description": aadsts(e.code, e.text), "error_codes": []int{e.code},
		"timestamp": t.now().UTC().Format("2006-01-02 15:04:05Z"), "trace_id": uuid.NewString(), "correlation_id": uuid.NewString(),
	}
	if e.suberror != "" {
		body["suberror"] = e.suberror
	}
	if e.claims != "" {
		body["claims"] = e.claims
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(e.status)
	_ = json.NewEncoder(w).Encode(body) // whoever asked may be gone
}
