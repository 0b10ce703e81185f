package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"syscall"
	"time"
)

const (
	dialTimeout            = 5 * time.Second
	maxAnswerHeaderBytes   = 64 << 10
	idleConnectionsPerHost = 16 // as many as photo calls run at once
)

var (
	errForeignHost = errors.New("outgoing: the request is for a host that isn't configured")
	errInside      = errors.New("outgoing: the host's name leads to an address inside this network")
)

// outgoing returns the client for requests to these origins ("https://host"; a
// path behind it doesn't matter) and no others, whatever an answer, a link or a
// claim says. It follows no redirect, and doesn't connect to this machine, its
// neighbours or a private network, wherever DNS leads, unless an origin names
// such an address itself, as the demo's do. There is no limit on a whole
// request: that is its callers' business.
//
// A proxy that the environment names (HTTPS_PROXY) is used, wherever it is.
func outgoing(origins ...string) *http.Client {
	f := &fence{}
	for _, raw := range origins {
		u, err := url.Parse(raw)
		if err != nil || u.Host == "" {
			continue // parseConfig has refused it
		}
		f.origins = append(f.origins, strings.ToLower(u.Scheme+"://"+u.Host))
		if isInside(u.Hostname()) {
			f.inside = append(f.inside, u.Hostname())
		}
		if proxy, err := http.ProxyFromEnvironment(&http.Request{URL: u}); err == nil && proxy != nil {
			f.inside = append(f.inside, proxy.Hostname())
		}
	}
	f.next = &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            f.dial,
		TLSHandshakeTimeout:    dialTimeout,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
		ForceAttemptHTTP2:      true,
		MaxIdleConnsPerHost:    idleConnectionsPerHost,
		IdleConnTimeout:        90 * time.Second,
		MaxResponseHeaderBytes: maxAnswerHeaderBytes,
	}
	return &http.Client{
		Transport:     f,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// fence is a transport that leads to its origins alone.
type fence struct {
	origins []string // scheme and host, in lower case
	inside  []string // hosts that may be inside this network
	next    *http.Transport
}

// RoundTrip refuses what isn't for one of the origins.
func (f *fence) RoundTrip(r *http.Request) (*http.Response, error) {
	if !slices.Contains(f.origins, strings.ToLower(r.URL.Scheme+"://"+r.URL.Host)) || r.URL.User != nil {
		if r.Body != nil {
			_ = r.Body.Close() // a transport must, and nothing was read
		}
		return nil, errForeignHost
	}
	return f.next.RoundTrip(r)
}

// CloseIdleConnections is for http.Client's method of that name.
func (f *fence) CloseIdleConnections() { f.next.CloseIdleConnections() }

// dial connects to addr, "host:port". The address that is connected to is
// checked, not what DNS said before: it could say another thing the second time.
func (f *fence) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, err
	}
	dialer := net.Dialer{Timeout: dialTimeout}
	if !slices.Contains(f.inside, host) {
		dialer.Control = refuseInside
	}
	return dialer.DialContext(ctx, network, addr)
}

// refuseInside is a net.Dialer's Control: address is "ip:port".
func refuseInside(_, address string, _ syscall.RawConn) error {
	addr, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("%w: %w", errInside, err)
	}
	if !isPublic(addr.Addr()) {
		return errInside
	}
	return nil
}

// closed are networks that nothing of Microsoft's is in, beside those that
// netip knows: this host, carriers' NAT, protocol assignments, benchmarks, and
// what leads to IPv4 from within IPv6.
//
// Source: https://www.iana.org/assignments/iana-ipv4-special-registry
var closed = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("198.18.0.0/15"), netip.MustParsePrefix("240.0.0.0/4"),
	netip.MustParsePrefix("64:ff9b:1::/48"), netip.MustParsePrefix("2002::/16"), netip.MustParsePrefix("fec0::/10"),
}

// translated is where networks without IPv4 find it: its addresses are in the
// last four bytes.
//
// Source: https://www.rfc-editor.org/rfc/rfc6052
var translated = netip.MustParsePrefix("64:ff9b::/96")

// isPublic reports whether a is an address on the internet.
func isPublic(a netip.Addr) bool {
	a = a.Unmap()
	if translated.Contains(a) {
		bytes := a.As16()
		a = netip.AddrFrom4([4]byte(bytes[12:]))
	}
	if !a.IsGlobalUnicast() || a.IsPrivate() {
		return false // loopback, link-local, multicast and the unspecified aren't global
	}
	return !slices.ContainsFunc(closed, func(p netip.Prefix) bool { return p.Contains(a) })
}

// isInside reports whether host, as it stands in a setting, is this machine or
// an address that isn't public.
func isInside(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && !isPublic(addr)
}
