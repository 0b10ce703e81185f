package batch

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"portrait/internal/fault"
)

// paceSite answers a request with how much of its body came, or with the
// sentence of what went wrong. Its own deadlines would end any of the uploads
// here.
func paceSite(t *testing.T, pace time.Duration) string {
	t.Helper()
	site := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := newPaced(w, r.Body, pace)
		if err != nil {
			t.Error(err)
			return
		}
		n, err := io.Copy(io.Discard, body)
		if err != nil {
			w.WriteHeader(http.StatusGatewayTimeout)
			_, _ = io.WriteString(w, fault.As(err).Say.ID) // whoever asked may be gone
			return
		}
		_, _ = io.WriteString(w, strings.Repeat("x", int(n>>20)))
	}))
	site.Config.ReadTimeout, site.Config.WriteTimeout = 300*time.Millisecond, 300*time.Millisecond
	site.Start()
	t.Cleanup(site.Close)
	return site.URL
}

// send uploads pieces of 1 MB, some time apart, and returns what is answered.
func send(t *testing.T, url string, pieces int, apart time.Duration, last string) (int, string) {
	t.Helper()
	out, in := io.Pipe()
	go func() {
		piece := make([]byte, PaceBytes)
		for range pieces {
			if _, err := in.Write(piece); err != nil {
				return // the server has hung up, as it should
			}
			time.Sleep(apart)
		}
		if last == "" {
			_ = in.Close() // always nil
		}
	}()
	defer out.CloseWithError(errors.New("enough"))
	res, err := http.Post(url, "application/zip", out)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close() // read below
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(body)
}

func TestAnUploadThatGetsOnMayTakeLong(t *testing.T) {
	// Each piece has 2 s; all together take longer than that, and than the
	// server gives other requests.
	status, body := send(t, paceSite(t, 2*time.Second), 12, 200*time.Millisecond, "")
	if status != 200 || len(body) != 12 {
		t.Errorf("%d %q, want 12 MB", status, body)
	}
}

func TestAnUploadThatStandsStillIsEnded(t *testing.T) {
	start := time.Now()
	status, body := send(t, paceSite(t, 300*time.Millisecond), 2, 0, "and nothing more")
	if status != http.StatusGatewayTimeout || body != "batch.upload-slow" {
		t.Errorf("%d %q, want the sentence", status, body)
	}
	if took := time.Since(start); took > 10*time.Second {
		t.Errorf("ended after %v", took)
	}
}

func TestPacedNeedsAConnection(t *testing.T) {
	if _, err := NewPaced(httptest.NewRecorder(), httptest.NewRequest("PUT", "/", nil)); err == nil {
		t.Error("paced what has no deadline")
	}
}
