package batch

import (
	"errors"
	"io"
	"net/http"
	"os"
	"time"

	"portrait/internal/fault"
	"portrait/internal/words"
)

// A large upload may take as long as it likes if it gets on: PaceBytes within
// PaceTime, again and again. (A deadline for the whole would either cut off
// whoever has a slow line, or leave a connection that says nothing open for
// hours.)
const (
	PaceBytes = 1 << 20
	PaceTime  = 60 * time.Second
)

// Paced is a request's body that must get on.
type Paced struct {
	body    io.Reader
	control *http.ResponseController
	pace    time.Duration
	left    int64 // bytes until the next deadline
}

// NewPaced returns the body of r with a deadline that moves on with every
// PaceBytes. It replaces the server's own deadlines for the rest of the request.
//
// It fails where the connection has none.
func NewPaced(w http.ResponseWriter, r *http.Request) (*Paced, error) {
	return newPaced(w, r.Body, PaceTime)
}

func newPaced(w http.ResponseWriter, body io.Reader, pace time.Duration) (*Paced, error) {
	p := &Paced{body: body, control: http.NewResponseController(w), pace: pace}
	// The server's time to write began with the request, and would be over
	// before there is anything to say.
	if err := p.control.SetWriteDeadline(time.Time{}); err != nil {
		return nil, err
	}
	return p, p.moveOn()
}

func (p *Paced) moveOn() error {
	p.left = PaceBytes
	return p.control.SetReadDeadline(time.Now().Add(p.pace))
}

// Read is io.Reader. It fails with fault.Timeout if the body doesn't get on; the
// answer can still be written then.
func (p *Paced) Read(b []byte) (int, error) {
	n, err := p.body.Read(b)
	p.left -= int64(n)
	if err != nil { // the end, too: the answer gets the usual time
		_ = p.control.SetWriteDeadline(time.Now().Add(p.pace)) // a connection that is gone is noticed by whoever writes
	}
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return n, &fault.Error{Op: "batch.Paced.Read", Kind: fault.Timeout, Say: words.M("batch.upload-slow"), Next: fault.NextRetry, Err: err}
	case err == nil && p.left <= 0:
		err = p.moveOn()
	}
	return n, err
}
