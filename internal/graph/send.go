package graph

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
)

// exchange is one request on the wire and what came back.
type exchange struct {
	response *http.Response // nil if none came
	clientID string         // our client-request-id
	written  *atomic.Bool   // the last byte of the request has left
}

// arrived reports whether Graph may have got the whole request.
func (e exchange) arrived() bool { return e.written != nil && e.written.Load() }

// send writes the request q with token and returns as soon as the headers of
// the response are there. Its errors never contain an address.
func (c *Client) send(ctx context.Context, token string, q call) (exchange, error) {
	e := exchange{clientID: uuid.NewString(), written: new(atomic.Bool)}
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		WroteRequest: func(info httptrace.WroteRequestInfo) {
			if info.Err == nil { // never back to false: a second attempt doesn't undo the first
				e.written.Store(true)
			}
		},
	})
	var body io.Reader
	if q.body != nil {
		body = bytes.NewReader(q.body)
	}
	req, err := http.NewRequestWithContext(ctx, q.method, c.address(q), body)
	if err != nil {
		return e, withoutAddress(err)
	}
	for name, value := range q.header() {
		req.Header.Set(name, value)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("client-request-id", e.clientID)
	req.Header.Set("User-Agent", "Portrait")
	e.response, err = c.http.Do(req)
	return e, withoutAddress(err)
}

// address returns the whole address of q.
func (c *Client) address(q call) string {
	if q.next != "" {
		return q.next // checked by page: it is one of ours
	}
	return c.base + q.path()
}

// withoutAddress drops what net/http wraps around a cause: the address, which
// may name a person.
func withoutAddress(err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		return wrapped.Err
	}
	return err
}

// record logs the call: never its token, never a body.
func (c *Client) record(ctx context.Context, q call, e exchange, start time.Time, status int, err error) {
	attrs := []slog.Attr{
		slog.String("method", q.method),
		slog.String("path", q.pathForLog()),
		slog.Int("status", status),
		slog.Int64("durationMs", time.Since(start).Milliseconds()),
		slog.String("clientRequestId", e.clientID),
	}
	if e.response != nil {
		attrs = append(attrs, slog.String("requestId", plainID(e.response.Header.Get("request-id"))))
	}
	if err != nil {
		attrs = append(attrs, slog.String("err", err.Error()))
	}
	c.log.LogAttrs(ctx, slog.LevelDebug, "graph call", attrs...)
}
