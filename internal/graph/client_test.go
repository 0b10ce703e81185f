package graph

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"portrait/internal/directory"
	"portrait/internal/fault"
)

func TestSecurityNewChecksBase(t *testing.T) {
	for _, tt := range []struct {
		base string
		ok   bool
	}{
		{"https://graph.microsoft.com", true},
		{"https://dod-graph.microsoft.us/", true},
		{"http://127.0.0.1:4000", true},
		{"http://[::1]:4000", true},
		{"http://localhost:4000", true},
		{"http://graph.microsoft.com", false},
		{"http://127.0.0.1.evil.example", false},
		{"http://localhost.evil.example", false},
		{"ftp://graph.microsoft.com", false},
		{"https://user:secret@graph.microsoft.com", false},
		{"https://graph.microsoft.com?x=1", false},
		{"https://graph.microsoft.com#x", false},
		{"graph.microsoft.com", false},
		{"https://", false},
		{"", false},
		{"https://graph\x7f.example", false},
	} {
		_, err := New(tt.base, nil, nil)
		if (err == nil) != tt.ok {
			t.Errorf("New(%q): error %v, want ok %v", tt.base, err, tt.ok)
		}
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("New(%q) repeats the password: %v", tt.base, err)
		}
	}
}

func TestEveryCallIdentifiesItself(t *testing.T) {
	log := &journal{}
	f := newFake(t, answering(404, "", "request-id", "7e0ba5a8-1f0c-4b6e-9f3d-2f1d9f6ad111"))
	c, err := New(f.URL+"/", nil, log.logger())
	if err != nil {
		t.Fatal(err)
	}
	guest := parse(t, "/users/ann_fabrikam.com%23EXT%23@contoso.com")
	if _, err = c.PhotoInfo(t.Context(), canary, guest); !IsNoPhoto(err) {
		t.Fatalf("PhotoInfo: %v, want no photo", err)
	}
	got := f.only(t)
	if _, err := uuid.Parse(got.header.Get("client-request-id")); err != nil {
		t.Errorf("client-request-id: %v", err)
	}
	if got.header.Get("Authorization") != "Bearer "+canary || got.header.Get("Accept") == "" {
		t.Errorf("Authorization %q, Accept %q", got.header.Get("Authorization"), got.header.Get("Accept"))
	}
	if want := "/v1.0/users/ann_fabrikam.com%23ext%23@contoso.com/photo"; got.path != want {
		t.Errorf("path %s, want %s", got.path, want)
	}
	for _, want := range []string{"method=GET", "/v1.0/users/{userPrincipalName}/photo", "status=404",
		"durationMs=", got.header.Get("client-request-id"), "requestId=7e0ba5a8-1f0c-4b6e-9f3d-2f1d9f6ad111", "level=DEBUG"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log lacks %q: %s", want, log)
		}
	}
	for _, secret := range []string{canary, "fabrikam"} {
		if strings.Contains(log.String(), secret) {
			t.Errorf("the log tells %q: %s", secret, log)
		}
	}
}

func TestSecurityRedirectIsRefused(t *testing.T) {
	thief := newFake(t, answering(200, `{"id":"1"}`))
	for _, status := range []int{301, 302, 303, 307, 308} {
		f := newFake(t, answering(status, "", "Location", thief.URL+"/v1.0/me"))
		// A client that would follow is told not to.
		c, err := New(f.URL, &http.Client{Transport: http.DefaultTransport}, newClient(t, f.URL).log)
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.Me(t.Context(), canary)
		check(t, err, fault.Unavailable, "graph.redirected", fault.NextAdmin)
		_, err = c.PutPhoto(t.Context(), canary, directory.Me(), []byte("jpeg"))
		check(t, err, fault.Unavailable, "graph.redirected", fault.NextAdmin)
	}
	if thief.count() > 0 {
		t.Error("the other host was asked")
	}
}

func TestNetworkTrouble(t *testing.T) {
	dead := newFake(t, nil)
	dead.Close()
	secure := httptest.NewTLSServer(answering(200, "{}"))
	defer secure.Close()
	secure.Config.ErrorLog = newQuietLog()

	for _, tt := range []struct {
		name string
		base string
		kind fault.Kind
		say  string
		next fault.Next
	}{
		{"nobody listens", dead.URL, fault.Unavailable, "graph.unreachable", fault.NextRetry},
		{"there is no such host", "https://graph.invalid", fault.Unavailable, "graph.unreachable", fault.NextRetry},
		{"the certificate is somebody else's", secure.URL, fault.Unavailable, "graph.untrusted", fault.NextAdmin},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := newClient(t, tt.base).PutPhoto(t.Context(), canary, directory.Me(), []byte("jpeg"))
			check(t, err, tt.kind, tt.say, tt.next)
			if IsUnanswered(err) {
				t.Error("unanswered, though nothing was sent")
			}
		})
	}
}

func TestSlowGraph(t *testing.T) {
	release := make(chan struct{})
	f := newFake(t, func(http.ResponseWriter, *http.Request) { <-release })
	defer close(release)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := newClient(t, f.URL).Me(ctx, canary)
	check(t, err, fault.Timeout, "graph.slow", fault.NextRetry)
	if IsUnanswered(err) {
		t.Error("a read is never unanswered")
	}
}

func TestSlowPutIsUnanswered(t *testing.T) {
	got, release := make(chan struct{}), make(chan struct{})
	f := newFake(t, func(http.ResponseWriter, *http.Request) { close(got); <-release })
	defer close(release)
	ctx, cancel := context.WithCancelCause(t.Context())
	go func() { <-got; cancel(context.DeadlineExceeded) }()
	_, err := newClient(t, f.URL).PutPhoto(ctx, canary, directory.Me(), []byte("jpeg"))
	if !IsUnanswered(err) {
		t.Errorf("%v, want unanswered", err)
	}
}

func TestResetAfterTheBodyIsUnanswered(t *testing.T) {
	f := newFake(t, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	c := newClient(t, f.URL)
	_, err := c.PutPhoto(t.Context(), canary, directory.Me(), []byte("jpeg"))
	check(t, err, fault.Unavailable, "graph.unreachable", fault.NextRetry)
	if !IsUnanswered(err) {
		t.Errorf("PutPhoto: %v, want unanswered", err)
	}
	if _, err := c.DeletePhoto(t.Context(), canary, directory.Me()); !IsUnanswered(err) {
		t.Errorf("DeletePhoto: %v, want unanswered", err)
	}
	if f.count() != 2 {
		t.Errorf("%d requests, want 2: the client doesn't retry", f.count())
	}
}

// TestResetAmidTheBodyIsAnswered cuts the line while the photo is still being
// sent: it can't have been taken.
func TestResetAmidTheBodyIsAnswered(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		conn, err := l.Accept()
		if err != nil {
			return // the test is over
		}
		_, _ = bufio.NewReaderSize(conn, 16).ReadString('\n') // the request line is enough
		_ = conn.(*net.TCPConn).SetLinger(0)                  // reset, don't say goodbye
		_ = conn.Close()
	}()
	_, err = newClient(t, "http://"+l.Addr().String()).PutPhoto(t.Context(), canary, directory.Me(), make([]byte, MaxPhotoBytes))
	check(t, err, fault.Unavailable, "graph.unreachable", fault.NextRetry)
	if IsUnanswered(err) {
		t.Error("unanswered, though the body never got through")
	}
}

func TestTruncatedAnswer(t *testing.T) {
	f := newFake(t, func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		_, _ = fmt.Fprint(conn, "HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\nContent-Length: 1000\r\n\r\n\xff\xd8\xff\xe0")
		_ = conn.Close()
	})
	c := newClient(t, f.URL)
	_, err := c.Photo(t.Context(), canary, directory.Me(), 0)
	check(t, err, fault.Unavailable, "graph.broken-answer", fault.NextRetry)
	if _, err := c.PutPhoto(t.Context(), canary, directory.Me(), []byte("jpeg")); err != nil {
		t.Errorf("PutPhoto: %v, want success: the status has come", err)
	}
}

func TestNewConnectionAfterOverload(t *testing.T) {
	var addresses []string
	f := newFake(t, func(w http.ResponseWriter, r *http.Request) {
		addresses = append(addresses, r.RemoteAddr)
		status := 503
		if len(addresses) == 1 {
			status = 429
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, "{}")
	})
	c := newClient(t, f.URL)
	for range 3 {
		if _, err := c.Me(t.Context(), canary); !fault.Is(err, fault.Busy) {
			t.Fatal(err)
		}
	}
	if addresses[0] != addresses[1] || addresses[1] == addresses[2] {
		t.Errorf("connections %v; want the same after 429, a new one after 503", addresses)
	}
}
