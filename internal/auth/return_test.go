package auth_test

import (
	"fmt"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"portrait/internal/auth"
)

func TestSafeReturnComesBack(t *testing.T) {
	for _, path := range []string{
		"/", "/me/photo", "/me/photo?", "/users?q=ada%40example.com&page=2", "/users?q=Ada+K%C3%B6nig",
		"/groups/33333333-aaaa-bbbb-cccc-000000000003/photo", "/me/contacts/AAMkAD-_x%3D%3D/photo", "/me/contacts/AAMk==/photo",
		"/me/contacts/", "/authors", "/a:b", "/search?next=//evil.com",
		"/users/ada@example.com/contacts", "/users/ada%40example.com/photo", "/users/ada_x.com%23EXT%23@example.com/photo", "/x?y=/z", "/%E4%BD%A0%E5%A5%BD",
	} {
		want := strings.TrimSuffix(path, "?")
		if got := auth.SafeReturn(path); got != want {
			t.Errorf("SafeReturn(%q) = %q, want %q", path, got, want)
		}
	}
}

// hostile are addresses that must not be gone to. oauth2-proxy's list and every
// hole in a redirect that security.md names are in it.
func hostile() []string {
	list := []string{
		"", " ", "me/photo", "?x", "#", ".", "..", "*", "evil.com", "evil.com/", "www.evil.com", "@evil.com", ":80", "://evil.com",
		"http://", "https://", "https:", "https:/", "javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "vbscript:x",
		"file:///etc/passwd", "mailto:a@evil.com", "tel:1", "blob:x", "ftp://evil.com", "/auth", "/auth/", "/auth/sign-in",
		"/auth/sign-in?return_to=/auth/sign-in", "/auth/callback?code=x", "/AUTH/sign-out", "/%61uth/sign-out", "/auth%2Fsign-out",
		"/me/photo#evil", "/#", "/me/photo?x#y", "/.", "/..", "/./", "/../", "/a/..", "/a/../b", "/a/./b", "/a//b", "/a/%2e%2e/b",
		"/%2e", "/%2E%2E/", "/a/.%2e/", "/me;x=1/photo", "/a;b", "/a|b", "/a^b", "/a`b", "/a{b}", "/a[b]", "/a\"b", "/a<b>", "/a b",
		"/a%", "/a%2", "/a%zz", "/%", "/a?b=%", "/a?b=%zz", "/a?b=%0d%0aSet-Cookie:x=y", "/a?b=%00", "/a?b=\u00e4", "/\u00e4",
		"/a?b=%ff", "/a%ff", "/a%c0%af", "/%u002f", "/%e2%80%ae", "/a%e2%80%a8b", "/a?b=%e2%80%ae", "/%ef%bb%bf", "/%c2%85",
		"/@evil.com", "/user@evil.com", "/a/@b", "/%40evil.com", "/a?b=c@d", "/users@evil.com", "/users@evil.com/a@b",
		"/users/1/a@b", "/x/users/a@b", "/Users/a@b", "/%75sers/a@b", "/users//a@b", "/users/../a@b", "/users/a%2f@b", "/users/%5c@b",
		"/%252f%252fevil.com", "/a%25", "/%25%32%66", "/%5c%5cevil.com", "/%255cevil.com",
		"/" + strings.Repeat("a", 2048), "/?" + strings.Repeat("a", 2048),
	}
	hosts := []string{"evil.com", "evil.com/me/photo", "evil.com:443", "evil.com?x", "evil.com#x", "a@evil.com",
		"portrait.example.com.evil.com", "portrait.example.com@evil.com", "portrait.example.com", "127.0.0.1", "[::1]", "3232235521", "0x7f.1"}
	fronts := []string{"http://", "https://", "HTTPS://", "//", "///", "////", "/\\", "\\\\", "\\/", "/\\/", "/./\\", "/.//", "/..//", "/x/..//",
		"/%2f", "/%2F", "/%5c", "/%5C", "/%09/", "/\t/", "/\n/", "/\r/", "/\r\n/", "/\x00/", "/ /", " //", "\t//", "\n//", "/\u2028/", "/\u3002/", "/\uff0f",
		"/\u2044", "/%0d%0a/", "/%00/", "https:", "https:/", "http:\\\\", "//\\", "/%2f%2f", "/%252f", "/.%2f", "/;//", "/?//../\\"}
	for _, front := range fronts {
		for _, host := range hosts {
			list = append(list, front+host)
		}
	}
	for c := range 256 { // a control character or a high byte anywhere
		if c < 0x20 || c >= 0x7f {
			list = append(list, fmt.Sprintf("/%s/evil.com", string([]byte{byte(c)})), fmt.Sprintf("/me%%%02xphoto", c), fmt.Sprintf("%s/me", string([]byte{byte(c)})))
		}
	}
	list = append(list, written()...)
	slices.Sort(list)
	return slices.Compact(list)
}

// written returns the addresses of testdata/return_to.txt.
func written() (list []string) {
	content, err := os.ReadFile("testdata/return_to.txt")
	if err != nil {
		panic(err)
	}
	for _, line := range strings.Split(strings.TrimSuffix(string(content), "\n"), "\n") {
		if strings.HasPrefix(line, "# ") {
			continue
		}
		if text, err := strconv.Unquote(line); err == nil && line[0] == '"' {
			line = text
		}
		list = append(list, line)
	}
	return list
}

func TestSecuritySafeReturnStaysHere(t *testing.T) {
	list := hostile()
	if len(list) < 500 {
		t.Fatalf("%d hostile values, want at least 500", len(list))
	}
	for _, raw := range list {
		if got := auth.SafeReturn(raw); got != "/" {
			t.Errorf("SafeReturn(%q) = %q, want /", raw, got)
		}
	}
}

// TestSecuritySignInLeadsNowhereElse goes through whole sign-ins with the
// addresses written by hand.
func TestSecuritySignInLeadsNowhereElse(t *testing.T) {
	s, b := newSite(t), newBrowser()
	for _, raw := range written() {
		location, err := b.begin(s.Auth, raw)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(location, "evil") {
			t.Errorf("the provider is told of %q: %s", raw, location)
		}
		out, err := b.finish(s.Auth, s.issuer.authorize(t, location))
		if err != nil || out.ReturnTo != "/" {
			t.Errorf("%q comes back to %q, %v", raw, out.ReturnTo, err)
		}
	}
}

func FuzzSafeReturn(f *testing.F) {
	for _, raw := range hostile() {
		f.Add(raw)
	}
	f.Add("/users?q=ada%40example.com")
	base, err := url.Parse("https://portrait.example.com/auth/callback")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		got := auth.SafeReturn(raw)
		if auth.SafeReturn(got) != got {
			t.Errorf("SafeReturn(%q) = %q, which isn't safe itself", raw, got)
		}
		// As browsers read an address: tabs and line ends gone, \ as /.
		read := strings.NewReplacer("\t", "", "\n", "", "\r", "", `\`, "/").Replace(strings.TrimSpace(got))
		u, err := base.Parse(read)
		if err != nil || u.Scheme != "https" || u.Host != "portrait.example.com" || u.User != nil || u.EscapedPath()+"?"+u.RawQuery != withQuery(got) {
			t.Errorf("SafeReturn(%q) = %q, which leads to %v, %v", raw, got, u, err)
		}
	})
}

func withQuery(path string) string {
	if strings.Contains(path, "?") {
		return path
	}
	return path + "?"
}
