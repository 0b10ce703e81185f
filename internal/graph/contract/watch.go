package contract

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
)

// Transport passes requests on to Next and reports what is wrong with them and
// with their answers. It reads bodies whole. Requests that aren't for Graph,
// by their path, pass unseen.
type Transport struct {
	Next   http.RoundTripper // nil = http.DefaultTransport
	Report func(error)       // called from any goroutine, once per exchange that is wrong
	// Skip tells which answers may be other than described: faults that a test
	// had injected. It is asked about those that are. nil = none. The request counts all the same.
	Skip func(*http.Response) bool
}

// RoundTrip sends req.
func (t Transport) RoundTrip(req *http.Request) (*http.Response, error) {
	next := t.Next
	if next == nil {
		next = http.DefaultTransport
	}
	if _, _, ok := cutVersion(req.URL); !ok {
		return next.RoundTrip(req)
	}
	var sent []byte
	if req.Body != nil && req.Body != http.NoBody {
		var err error
		sent, err = io.ReadAll(req.Body)
		if err := errors.Join(err, req.Body.Close()); err != nil {
			return nil, err
		}
	}
	passed := rebuilt(req, sent).WithContext(req.Context())
	res, err := next.RoundTrip(passed)
	if err != nil {
		t.report(Validate(req, sent, 0, nil, nil))
		return nil, err
	}
	body, err := io.ReadAll(res.Body)
	_ = res.Body.Close() // err says whether it was read whole, and nothing else is left to lose
	res.Body = io.NopCloser(io.MultiReader(bytes.NewReader(body), broken{err}))
	if err != nil {
		t.report(Validate(req, sent, 0, nil, nil))
		return res, nil
	}
	wrong := Validate(req, sent, res.StatusCode, res.Header, body)
	if wrong != nil && t.Skip != nil && t.Skip(res) { // it may take long to tell
		wrong = Validate(req, sent, 0, nil, nil)
	}
	t.report(wrong)
	return res, nil
}

func (t Transport) report(err error) {
	if err != nil {
		t.Report(err)
	}
}

// broken is a reader that ends as another one ended.
type broken struct{ err error }

func (b broken) Read([]byte) (int, error) {
	if b.err != nil {
		return 0, b.err
	}
	return 0, io.EOF
}

// Handler is next with every exchange reported that is wrong, as Transport
// does it, at the other end of the wire. skip is Transport.Skip.
func Handler(next http.Handler, report func(error), skip func(*http.Response) bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var dropped any = http.ErrAbortHandler // a request that broke off
		t := Transport{Report: report, Skip: skip, Next: roundTrip(func(r *http.Request) (res *http.Response, err error) {
			defer func() {
				if p := recover(); p != nil { // so a handler drops the connection
					dropped, err = p, errDropped
				}
			}()
			answer := httptest.NewRecorder()
			next.ServeHTTP(answer, r)
			return answer.Result(), nil
		})}
		res, err := t.RoundTrip(r)
		if err != nil {
			panic(dropped)
		}
		for name, values := range res.Header {
			w.Header()[name] = values
		}
		w.WriteHeader(res.StatusCode)
		_, _ = io.Copy(w, res.Body) // whoever asked may be gone
	})
}

var errDropped = errors.New("contract: the connection was dropped")

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
