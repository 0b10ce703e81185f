package auth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"

	"portrait/internal/fault"
	"portrait/internal/words"
)

// Entra's codes for what OAuth has no word for.
//
// Source: https://learn.microsoft.com/entra/identity-platform/reference-error-codes
const (
	codeNotConsented = 65001
	codeDeclined     = 65004
	codeAdminOnly    = 90094
	codeNotAssigned  = 50105
)

// unreachable is the fault for a call to the provider that failed with err.
func unreachable(op string, err error) error {
	timeout := interface{ Timeout() bool }(nil)
	slow := errors.Is(err, context.DeadlineExceeded) || errors.As(err, &timeout) && timeout.Timeout()
	if slow {
		return &fault.Error{Op: op, Kind: fault.Timeout, Say: words.M("signin.slow"), Next: fault.NextRetry, Err: brief(err)}
	}
	return &fault.Error{Op: op, Kind: fault.Unavailable, Say: words.M("signin.unreachable"), Next: fault.NextRetry, Err: brief(err)}
}

// misconfigured is the fault for what only an administrator can put right.
func misconfigured(op string, err error) error {
	return &fault.Error{Op: op, Kind: fault.Unavailable, Say: words.M("signin.misconfigured"), Next: fault.NextAdmin, Err: err}
}

// refused is the fault for an answer of the provider that isn't what it must be.
func refused(op string, err error) error {
	return &fault.Error{Op: op, Kind: fault.Forbidden, Say: words.M("signin.refused"), Next: fault.NextSignIn, Err: err}
}

// again is the fault for a session whose tokens are good no longer.
func again(op string, err error) error {
	return &fault.Error{Op: op, Kind: fault.SignIn, Say: words.M("signin.again"), Next: fault.NextSignIn, Err: err}
}

// afterwards is err as a person can act on it once a sign-in is used up: they
// begin anew, since what they did last can't be repeated.
func afterwards(err error) error {
	e := fault.As(err)
	if e.Next != fault.NextRetry {
		return err
	}
	begin := *e
	begin.Next = fault.NextSignIn
	return &begin
}

// brief is err's text, short: go-oidc puts whole answers into its errors.
func brief(err error) error {
	const enough = 200
	if text := err.Error(); len(text) > enough {
		return errors.New(text[:enough] + "…")
	}
	return err
}

// reason is why the token endpoint, or the provider's page, said no. Nothing
// else of the answer is kept: descriptions name people and bodies hold tokens.
type reason struct {
	Code    string // OAuth's error, "invalid_grant"
	Numbers []int  // Entra's error_codes
	Status  int    // of the answer, 0 if it came by way of the browser
}

var (
	// oauthCode is what an error code of OAuth looks like.
	oauthCode = regexp.MustCompile(`^[a-z_]{1,64}$`)
	// entraCode finds Entra's number in a description.
	entraCode = regexp.MustCompile(`\bAADSTS([0-9]{4,9})\b`)
)

func newReason(code string, status int, numbers ...int) reason {
	if !oauthCode.MatchString(code) {
		code = "unknown"
	}
	return reason{Code: code, Numbers: numbers, Status: status}
}

func (r reason) Error() string {
	return fmt.Sprintf("the provider says %s %v, status %d", r.Code, r.Numbers, r.Status)
}

func (r reason) has(number int) bool { return slices.Contains(r.Numbers, number) }

// needsAdmin reports whether only an administrator can grant what was asked for.
func (r reason) needsAdmin() bool {
	return r.has(codeNotConsented) || r.has(codeAdminOnly) || r.Code == "consent_required"
}

// isDeclined reports whether the person said no.
func (r reason) isDeclined() bool {
	return !r.has(codeNotAssigned) && !r.needsAdmin() && (r.has(codeDeclined) || r.Code == "access_denied")
}

// isOutage reports whether the provider fails, whoever asks for what.
func (r reason) isOutage() bool {
	return r.Code == "temporarily_unavailable" || r.Code == "server_error" || r.Status >= http.StatusInternalServerError
}

// answerFault is the fault for an answer that came by way of the browser with
// an error instead of a code.
func answerFault(op string, answer url.Values) error {
	r := newReason(answer.Get("error"), 0)
	if match := entraCode.FindStringSubmatch(answer.Get("error_description")); match != nil {
		number := 0
		if _, err := fmt.Sscan(match[1], &number); err == nil {
			r.Numbers = []int{number}
		}
	}
	return r.fault(op)
}

// refreshFault is the fault for a refresh that was refused with r: what would
// make a person sign in again is fault.SignIn.
func refreshFault(op string, r reason) error {
	switch r.Code {
	case "invalid_grant", "interaction_required", "login_required", "consent_required":
		return again(op, r)
	case "invalid_client", "unauthorized_client", "invalid_scope", "invalid_request":
		return misconfigured(op, r)
	}
	return unreachable(op, r)
}

// fault is the fault for a sign-in that ended with r. OAuth's code is looked at
// first where it says enough: Microsoft warns not to depend on the numbers.
func (r reason) fault(op string) error {
	f := &fault.Error{Op: op, Kind: fault.Forbidden, Err: r}
	switch {
	case r.has(codeNotAssigned):
		f.Say, f.Next = words.M("signin.not-assigned"), fault.NextAdmin
	case r.needsAdmin():
		f.Say, f.Next = words.M("signin.needs-consent"), fault.NextAdmin
	case r.isDeclined():
		f.Say, f.Next = words.M("signin.declined"), fault.NextSignIn
	case r.Code == "login_required", r.Code == "interaction_required":
		f.Say, f.Next = words.M("signin.interrupted"), fault.NextSignIn
	case r.Code == "invalid_grant": // the code was used, or took too long
		f.Kind, f.Say, f.Next = fault.BadRequest, words.M("signin.stale"), fault.NextSignIn
	case r.isOutage():
		f.Kind, f.Say, f.Next = fault.Unavailable, words.M("signin.unreachable"), fault.NextSignIn
	case r.Code == "invalid_client", r.Code == "unauthorized_client", r.Code == "invalid_scope":
		f.Kind, f.Say, f.Next = fault.Unavailable, words.M("signin.misconfigured"), fault.NextAdmin
	default:
		f.Say, f.Next = words.M("signin.turned-down"), fault.NextSignIn
	}
	return f
}
