package graph

import (
	"encoding/json"
	"net/http"
	"strings"
)

// maxClaimsBytes is the longest claims challenge that is passed on, encoded; it
// ends up in the address of a sign-in.
const maxClaimsBytes = 8 << 10

// claimsChallenge returns the JSON of the claims challenge in h, or "" if there
// is none that makes sense: then an ordinary sign-in is the answer.
//
//	WWW-Authenticate: Bearer realm="", error="insufficient_claims", claims="eyJhY2Nlc3NfdG9rZW4iOns…"
//
// Source: https://learn.microsoft.com/entra/identity-platform/claims-challenge
func claimsChallenge(h http.Header) string {
	for _, line := range h.Values("WWW-Authenticate") {
		for _, params := range challenges(line) {
			if strings.EqualFold(params["error"], "insufficient_claims") {
				return decodeClaims(params["claims"])
			}
		}
	}
	return ""
}

// decodeClaims returns the JSON object that encoded holds in base64.
func decodeClaims(encoded string) string {
	if encoded == "" || len(encoded) > maxClaimsBytes {
		return ""
	}
	claims, err := decodeBase64(encoded)
	var object map[string]json.RawMessage
	if err != nil || json.Unmarshal(claims, &object) != nil || len(object) == 0 {
		return ""
	}
	return string(claims)
}

// challenges returns the parameters of each challenge in one WWW-Authenticate
// line, names in lower case. A malformed rest is dropped.
//
// Source: RFC 9110, 11.6.1
func challenges(line string) []map[string]string {
	var all []map[string]string
	for line = skip(line); line != ""; line = skip(line) {
		name, rest := cutToken(line)
		if name == "" {
			return all
		}
		value, ok := strings.CutPrefix(skipSpace(rest), "=")
		if !ok { // a scheme: the next challenge begins
			all, line = append(all, map[string]string{}), rest
			continue
		}
		value, line = cutValue(skipSpace(value))
		if len(all) == 0 {
			return nil
		}
		all[len(all)-1][strings.ToLower(name)] = value
	}
	return all
}

func skip(s string) string      { return strings.TrimLeft(s, " \t,") }
func skipSpace(s string) string { return strings.TrimLeft(s, " \t") }

func cutToken(s string) (token, rest string) {
	end := strings.IndexAny(s, " \t,=\"")
	if end < 0 {
		end = len(s)
	}
	return s[:end], s[end:]
}

// cutValue returns the token or quoted string that s begins with, and what
// follows it.
func cutValue(s string) (value, rest string) {
	if !strings.HasPrefix(s, `"`) {
		end := strings.IndexAny(s, " \t,")
		if end < 0 {
			end = len(s)
		}
		return s[:end], s[end:]
	}
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s):
			i++
		case s[i] == '"':
			return b.String(), s[i+1:]
		}
		b.WriteByte(s[i])
	}
	return b.String(), ""
}
