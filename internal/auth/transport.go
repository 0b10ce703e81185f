package auth

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"golang.org/x/time/rate"
)

const (
	// callTimeout is how long one call to the provider may take in all.
	callTimeout = 10 * time.Second
	// maxAnswerBytes is the longest answer of the provider that is read,
	// decompressed. Entra's longest, its key set, has about 20 kB; go-oidc
	// itself reads without a limit.
	maxAnswerBytes = 1 << 20
)

// errTooLong says that an answer is longer than maxAnswerBytes.
var errTooLong = errors.New("the answer is longer than 1 MiB")

// errTooOften says that the keys were fetched a moment ago.
var errTooOften = errors.New("the keys were fetched a moment ago")

// badStatus is an answer that isn't worth reading.
type badStatus struct{ status int }

func (e badStatus) Error() string { return fmt.Sprintf("the answer has status %d", e.status) }

// limited returns a client for calls to the provider: at most callTimeout and
// maxAnswerBytes, no redirects, and only as often as allow lets it, if it is
// set.
func limited(c *http.Client, allow func() bool) *http.Client {
	base := c.Transport
	if base == nil {
		base = http.DefaultTransport
	}
	timeout := min(cmp.Or(c.Timeout, callTimeout), callTimeout)
	return &http.Client{Transport: guard{base, allow}, Timeout: timeout}
}

// timed is the transport below a guard that hears the provider's clock.
type timed struct {
	base  http.RoundTripper
	heard func(date time.Time) // each time that the provider says what time it is
}

// RoundTrip passes on everything. An answer that stood in a cache is of an
// earlier time, and says by how many seconds.
//
// Source: https://www.rfc-editor.org/rfc/rfc9110#name-date and
// https://www.rfc-editor.org/rfc/rfc9111#name-age
func (t timed) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := t.base.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	if date, err := http.ParseTime(res.Header.Get("Date")); err == nil {
		age, _ := strconv.ParseUint(res.Header.Get("Age"), 10, 31) // 0 where there is none
		t.heard(date.Add(time.Duration(age) * time.Second))        // #nosec G115 -- it has at most 31 bits
	}
	return res, nil
}

// guard is the transport of a limited client. It answers with an error where
// the libraries above would put a body of unknown length and content into
// theirs.
type guard struct {
	base  http.RoundTripper
	allow func() bool
}

// RoundTrip passes on 200 and, for a POST, the 4xx whose body says what is
// wrong with a token request. Everything else is an error, redirects included:
// the provider's endpoints are configured or discovered, never pointed to.
func (g guard) RoundTrip(r *http.Request) (*http.Response, error) {
	if g.allow != nil && !g.allow() {
		return nil, errTooOften
	}
	res, err := g.base.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	isReason := r.Method == http.MethodPost && res.StatusCode >= 400 && res.StatusCode < 500 &&
		res.StatusCode != http.StatusTooManyRequests
	switch {
	case res.StatusCode != http.StatusOK && !isReason:
		_ = res.Body.Close() // nothing of it is used
		return nil, badStatus{res.StatusCode}
	case res.ContentLength > maxAnswerBytes:
		_ = res.Body.Close() // nothing of it is used
		return nil, errTooLong
	}
	res.Body = &capped{ReadCloser: res.Body, left: maxAnswerBytes}
	return res, nil
}

// capped fails once more than left bytes have been read, so that a long answer
// isn't taken for a shorter one.
type capped struct {
	io.ReadCloser
	left int64
}

func (c *capped) Read(p []byte) (int, error) {
	if int64(len(p)) > c.left+1 {
		p = p[:c.left+1]
	}
	n, err := c.ReadCloser.Read(p)
	c.left -= int64(n)
	if c.left < 0 {
		return 0, errTooLong
	}
	return n, err
}

// keyFetches limits how often the provider's keys are fetched. Every ID token
// with an unknown key or a bad signature makes go-oidc fetch them anew; a burst
// of three still takes up a key that changed right after a fetch.
func keyFetches(now func() time.Time) func() bool {
	limiter := rate.NewLimiter(rate.Every(10*time.Second), 3)
	return func() bool { return limiter.AllowN(now(), 1) }
}
