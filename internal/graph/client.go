// Package graph speaks with Microsoft Graph over HTTP: one method per question
// or order, one *fault.Error for whatever can go wrong.
//
//	PutPhoto … → do → send → read → status.go (status + code → fault)
//	lists: page → do …; one page per call, who wants the next one brings its link
//	Photos: one $batch; each answer in it goes through status.go by itself
//
// It decides nothing and waits for nothing: who may do what, and whether to try
// again, is the business of its callers.
//
// Source: https://learn.microsoft.com/graph/api/resources/profilephoto
package graph

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"
)

const (
	dialTimeout  = 5 * time.Second
	readTimeout  = 30 * time.Second // a whole request that reads or removes
	writeTimeout = 60 * time.Second // a whole request that carries a photo

	maxHeaderBytes = 64 << 10
	maxErrorBytes  = 64 << 10 // Graph's error bodies have 1 kB, an edge's HTML some more
)

// Client calls one Graph. Make it with New; it may be used concurrently.
type Client struct {
	// Load, if it isn't nil, is told what answers say about Graph's load. It must
	// be set before the first call, and must not wait.
	Load func(Load)

	base string // "https://graph.microsoft.com", no slash at the end
	http *http.Client
	log  *slog.Logger
}

// New returns a client of the Graph at base, an address without the version:
// "https://graph.microsoft.com". base must be https, or http on loopback, since
// every call carries a token.
//
// hc gives the transport; nil stands for one with timeouts. Redirects are never
// followed, whatever hc says: the token is for the host of base alone.
func New(base string, hc *http.Client, log *slog.Logger) (*Client, error) {
	u, err := url.Parse(base)
	if err != nil {
		return nil, errors.New("graph: the base address is malformed") // err would repeat what may be a secret
	}
	switch {
	case u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return nil, fmt.Errorf("graph: the base address %q must be a scheme and a host", u.Redacted())
	case u.Scheme != "https" && (u.Scheme != "http" || !isLoopback(u.Hostname())):
		return nil, fmt.Errorf("graph: the base address %q must be https, or http on loopback", u)
	}
	own := http.Client{Transport: newTransport()}
	if hc != nil {
		own = *hc
	}
	own.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	own.Jar = nil
	return &Client{base: strings.TrimRight(u.String(), "/"), http: &own, log: log}, nil
}

func newTransport() *http.Transport {
	return &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            (&net.Dialer{Timeout: dialTimeout}).DialContext,
		TLSHandshakeTimeout:    dialTimeout,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
		ForceAttemptHTTP2:      true,
		MaxIdleConnsPerHost:    16, // as many as photo calls run at once
		IdleConnTimeout:        90 * time.Second,
		MaxResponseHeaderBytes: maxHeaderBytes,
	}
}

func isLoopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}

// answer is what came back when Graph did as it was told.
type answer struct {
	status   int
	header   http.Header
	body     []byte
	clientID string // our client-request-id
}

// do makes the call q with token and returns Graph's answer, 200 or 204. Every
// other outcome is a *fault.Error.
func (c *Client) do(ctx context.Context, token string, q call) (answer, error) {
	ctx, cancel := context.WithTimeout(ctx, q.timeout())
	defer cancel()
	start := time.Now()
	sent, err := c.send(ctx, token, q)
	if err != nil {
		c.record(ctx, q, sent, start, 0, err)
		return answer{}, netFault(q, sent.arrived(), err)
	}
	defer sent.response.Body.Close() // nothing is left to lose: the body has been read as far as it is wanted
	status := sent.response.StatusCode
	c.tellLoad(status, sent.response.Header)
	if status != http.StatusOK && status != http.StatusNoContent {
		err := c.refusal(q, sent.response)
		c.record(ctx, q, sent, start, status, err)
		return answer{}, err
	}
	body, err := readBody(sent.response.Body, q.cap)
	c.record(ctx, q, sent, start, status, err)
	if err != nil && !q.deed.changes() { // a change is done once its status has come
		return answer{}, netFault(q, true, err)
	}
	return answer{status: status, header: sent.response.Header, body: body, clientID: sent.clientID}, nil
}

// refusal turns an answer other than 200 and 204 into a fault.
func (c *Client) refusal(q call, res *http.Response) error {
	body, _ := readBody(res.Body, maxErrorBytes) // best effort: the status alone says most
	if res.StatusCode == http.StatusServiceUnavailable || res.StatusCode == http.StatusGatewayTimeout {
		// The retry shall meet another front end.
		// Source: https://learn.microsoft.com/graph/best-practices-concept#handling-expected-errors
		defer c.http.CloseIdleConnections()
	}
	return statusFault(q, res.StatusCode, res.Header, body)
}

// errTooLong says that an answer was larger than any that makes sense.
var errTooLong = errors.New("graph: the answer is too long")

func readBody(r io.Reader, limit int64) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return body, err
	}
	if int64(len(body)) > limit {
		return body[:limit], errTooLong
	}
	return body, nil
}
