package e2e

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"portrait/internal/demo"
)

// site is the program, running as `portrait serve`, and the tenant that it is
// set up for: another process, which knows nothing of the demo but addresses.
type site struct {
	t      *testing.T
	URL    string // without a slash at the end
	Tenant *demo.Tenant
	cmd    *exec.Cmd
	log    *syncBuffer
	ended  chan error // gets what Wait returned
}

// syncBuffer is a buffer that is read while a process writes to it.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// newSite starts a fresh tenant and the program on it, with more settings as
// "NAME=value" if given, and stops both when the test ends.
//
// The tenant has no delay before it shows a new photo; tests that are about it
// set their weather.
func newSite(t *testing.T, settings ...string) *site {
	t.Helper()
	return newSiteOf(t, program(t), settings...)
}

// newSiteOf is newSite with another build of the program.
func newSiteOf(t *testing.T, program string, settings ...string) *site {
	t.Helper()
	return newSiteWith(t, demo.Options{Addr: "127.0.0.1:0"}, program, settings...)
}

// newSiteWith is newSiteOf with another kind of tenant.
func newSiteWith(t *testing.T, options demo.Options, program string, settings ...string) *site {
	t.Helper()
	tenant, err := demo.Start(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { tenant.Close() })
	tenant.Set(demo.Weather{ReadDelay: -1})
	addr := freeAddr(t)
	s := &site{t: t, URL: "http://" + addr, Tenant: tenant, log: &syncBuffer{}}
	tenant.Register(s.URL+"/auth/callback", s.URL+"/", s.URL+"/")

	key, auditKey := make([]byte, 32), make([]byte, 32)
	rand.Read(key)
	rand.Read(auditKey)
	s.start(program, append([]string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(),
		"PORTRAIT_ADDR=" + addr,
		"PORTRAIT_URL=" + s.URL,
		"PORTRAIT_TENANT=" + string(tenant.ID()),
		"PORTRAIT_OIDC_ISSUER=" + tenant.Issuer(),
		"PORTRAIT_GRAPH_URL=" + tenant.GraphURL(),
		"PORTRAIT_CLIENT_ID=" + tenant.ClientID(),
		"PORTRAIT_CLIENT_SECRET=" + tenant.ClientSecret(),
		"PORTRAIT_DATABASE=" + filepath.Join(t.TempDir(), "portrait.db"),
		"PORTRAIT_KEYS=" + base64.StdEncoding.EncodeToString(key),
		"PORTRAIT_AUDIT_KEYS=" + base64.StdEncoding.EncodeToString(auditKey),
	}, settings...))
	return s
}

// freeAddr returns an address of this machine that nobody listens on.
func freeAddr(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// start runs the program and waits until it is ready. It knows no more of this
// machine than environment says.
func (s *site) start(program string, environment []string) {
	s.t.Helper()
	s.cmd = exec.Command(program, "serve")
	s.cmd.Env = environment
	s.cmd.Dir = s.t.TempDir()
	s.cmd.Stdout, s.cmd.Stderr = s.log, s.log
	if err := s.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.ended = make(chan error, 1)
	go func() { s.ended <- s.cmd.Wait() }()
	s.t.Cleanup(s.stop)
	for end := time.Now().Add(patience); !s.ready(); time.Sleep(10 * time.Millisecond) {
		select {
		case err := <-s.ended:
			s.ended <- err // for stop
			s.t.Fatalf("the program ended before it was ready: %v", err)
		default:
		}
		if time.Now().After(end) {
			s.t.Fatalf("the program was not ready after %v", patience)
		}
	}
}

// ready reports whether /readyz says so.
func (s *site) ready() bool {
	res, err := http.Get(s.URL + "/readyz")
	if err != nil {
		return false
	}
	res.Body.Close()
	return res.StatusCode == http.StatusOK
}

// stop asks the program to end, as a service manager does. The test fails if it
// doesn't end well, or if it says on the way that something went very wrong.
func (s *site) stop() {
	_ = s.cmd.Process.Signal(syscall.SIGTERM) // it may have ended by itself; Wait tells
	select {
	case err := <-s.ended:
		if err != nil {
			s.t.Errorf("the program ended with %v", err)
		}
	case <-time.After(patience):
		_ = s.cmd.Process.Kill() // what matters is the next line
		s.t.Errorf("the program did not end within %v of being asked to", patience)
	}
	said := s.log.String()
	if strings.Contains(said, "panic") || strings.Contains(said, "DATA RACE") {
		s.t.Error("the program panicked")
	}
	if s.t.Failed() {
		lines := strings.SplitAfter(said, "\n")
		s.t.Logf("the program said last:\n%s", strings.Join(lines[max(0, len(lines)-30):], ""))
	}
}

// peakMemory is the most memory that the program has had so far, in bytes. 0
// where the system doesn't tell.
func (s *site) peakMemory() int64 {
	s.t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	found := regexp.MustCompile(`VmHWM:\s+(\d+) kB`).FindSubmatch(status)
	if found == nil {
		return 0
	}
	kilobytes, err := strconv.ParseInt(string(found[1]), 10, 64)
	if err != nil {
		s.t.Fatal(err)
	}
	return kilobytes << 10
}

// persona returns one of those as whom the tenant lets people sign in.
func (s *site) persona(key string) demo.Persona {
	s.t.Helper()
	for _, p := range s.Tenant.Personas() {
		if p.Key == key {
			return p
		}
	}
	s.t.Fatalf("the tenant has no persona %q", key)
	return demo.Persona{}
}

// signIn opens path and goes through the provider as the persona with the key.
// It ends where the site sends the person.
func (s *site) signIn(p *page, path, persona string) {
	p.t.Helper()
	who := s.persona(persona)
	p.open(s.URL + "/auth/sign-in?return_to=" + path)
	choice := p.query(fmt.Sprintf("button[value=%q]", persona))
	if !strings.Contains(choice.text(), who.Name) {
		p.t.Errorf("the provider offers %q for %s", choice.text(), who.Name)
	}
	choice.click()
	p.wait("the provider sends the person back", func() bool { return strings.HasPrefix(p.url(), s.URL) })
	p.wait("the page is there", func() bool { return eval[string](p, `document.readyState`) == "complete" })
}
