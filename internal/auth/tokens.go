package auth

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// defaultLife is how long an access token is taken to live if the provider
// doesn't say. If it is less, Graph says so and Refused helps.
const defaultLife = time.Hour

// answer is what the token endpoint sends.
//
// Source: https://openid.net/specs/openid-connect-core-1_0.html#TokenResponse
type answer struct {
	Access  string      `json:"access_token"`
	Refresh string      `json:"refresh_token"`
	ID      any         `json:"id_token"`   // a string, if it is there and as it must be
	Scope   any         `json:"scope"`      // likewise
	Expires json.Number `json:"expires_in"` // in seconds; some send text
}

// life is how long the access token lives.
func (t answer) life() time.Duration {
	seconds, err := t.Expires.Int64()
	if err != nil || seconds <= 0 || seconds > int64(100*24*time.Hour/time.Second) {
		return defaultLife
	}
	return time.Duration(seconds) * time.Second
}

// ask makes one call of the token endpoint with form, which says what for, and
// the credential. What the provider says against it becomes the error that no
// makes of it.
//
// It fails with fault.Unavailable or fault.Timeout if the endpoint fails or we
// have no credential to show.
//
// golang.org/x/oauth2 could do it for codes, but takes no parameters for a
// refresh, and a client assertion is one.
func (a *Auth) ask(ctx context.Context, p *provider, form url.Values, no func(reason) error) (answer, error) {
	const op = "auth.ask"
	endpoint := p.endpoints.Token
	if err := a.config.Credential.prove(form, a.config.ClientID, endpoint, a.config.Now()); err != nil {
		return answer{}, misconfigured(op, err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, endpoint, strings.NewReader(form.Encode()))
	if err != nil {
		return answer{}, misconfigured(op, brief(err))
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "application/json")
	res, err := a.client.Do(req)
	if err != nil {
		return answer{}, unreachable(op, err)
	}
	defer res.Body.Close() // it is only read
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return answer{}, unreachable(op, err)
	}
	if r, isNo := reasonOf(res.StatusCode, body); isNo {
		return answer{}, no(r)
	}
	var t answer
	if err := json.Unmarshal(body, &t); err != nil || t.Access == "" {
		return answer{}, unreachable(op, errors.New("the answer holds no access token")) // the cause would quote it
	}
	return t, nil
}

// reasonOf returns why the token endpoint said no, if it did.
func reasonOf(status int, body []byte) (r reason, isNo bool) {
	var said struct {
		Code string `json:"error"`
	}
	var entra struct {
		Numbers []int `json:"error_codes"`
	}
	_ = json.Unmarshal(body, &said)  // what can't be read gives no code
	_ = json.Unmarshal(body, &entra) // other providers have no numbers
	return newReason(said.Code, status, entra.Numbers...), said.Code != "" || status != http.StatusOK
}
