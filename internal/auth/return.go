package auth

import (
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxReturnBytes is the longest path that is come back to: none of ours comes
// near, and it stands in a row of the database.
const maxReturnBytes = 2048

// Bytes that may stand in a path and in a query as they are: those of RFC 3986
// without the semicolon, on which servers disagree. The @, which careless
// readers take for the end of a name and password, may stand in one place of a
// path only, see isPlain.
const (
	plainBytes = "-._~!$&'()*+,=:/%"
	pathBytes  = plainBytes + "@"
	queryBytes = plainBytes + "?"
)

// SafeReturn returns raw if it is a path of this site with or without a query,
// and "/" if it is anything else: another site in whatever spelling, a path
// that browsers or proxies would rewrite into another, or the sign-in itself.
// What it returns begins with one slash and has only printable ASCII.
func SafeReturn(raw string) string {
	const home = "/"
	path, query, hasQuery := strings.Cut(raw, "?")
	if len(raw) > maxReturnBytes || !strings.HasPrefix(path, "/") ||
		!only(path, pathBytes) || !only(query, queryBytes) {
		return home
	}
	u, err := url.Parse(raw)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || u.Opaque != "" || u.EscapedPath() != path {
		return home
	}
	if !isPlain(path) || isSignIn(u.Path) {
		return home
	}
	if text, err := url.QueryUnescape(query); err != nil || !isPrintable(text) {
		return home
	}
	if !hasQuery || query == "" {
		return path
	}
	return path + "?" + query
}

// isPlain reports whether every segment of the escaped path is itself however
// often somebody unescapes it: no dots, nothing empty but the end, no slash,
// backslash, percent sign or control character in disguise. Only who stands
// after /users/ may have an @ in their name.
func isPlain(path string) bool {
	segments := strings.Split(path[1:], "/")
	for i, segment := range segments {
		text, err := url.PathUnescape(segment)
		if err != nil || !isPrintable(text) || strings.ContainsAny(text, `/\%`) {
			return false
		}
		if isUser := i == 1 && segments[0] == "users"; strings.Contains(text, "@") && !isUser {
			return false
		}
		if text == "." || text == ".." || text == "" && i < len(segments)-1 {
			return false
		}
	}
	return true
}

// isSignIn reports whether path is part of the sign-in, which must not come
// back to itself.
func isSignIn(path string) bool {
	return strings.EqualFold(path, "/auth") || len(path) > 5 && strings.EqualFold(path[:6], "/auth/")
}

// only reports whether s has only ASCII letters, digits and bytes of others.
func only(s, others string) bool {
	for i := range len(s) {
		c := s[i]
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' {
			continue
		}
		if strings.IndexByte(others, c) < 0 {
			return false
		}
	}
	return true
}

func isPrintable(s string) bool {
	return utf8.ValidString(s) && strings.IndexFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) < 0
}
