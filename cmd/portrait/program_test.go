package main

import (
	"bytes"
	"io"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"portrait/internal/demo"
)

// startTime is how long the program may take to be ready, on a busy machine.
const startTime = time.Minute

// program is the real program in a process of its own, beside a demo tenant in
// the test's.
type program struct {
	*testSite
	vars map[string]string
	logs *os.File // where it logs to, nil = said

	mu      sync.Mutex
	process *exec.Cmd
	stderr  *lockedBuffer
	up      chan struct{} // closed while it serves
}

// newProgram starts the program on the database at url, "" for a SQLite file. It
// logs to logs; nil keeps that for said.
func newProgram(t *testing.T, url string, logs *os.File) *program {
	t.Helper()
	addr, err := freeAddr("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	base := "http://" + addr
	tenant, err := demo.Start(demo.Options{Addr: "127.0.0.1:0", RedirectURL: base + "/auth/callback", PostLogoutURL: base + "/", AppURL: base + "/"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tenant.Close() })
	tenant.Set(demo.Weather{ReadDelay: -1})
	if url == "" {
		url = filepath.Join(t.TempDir(), "portrait.db")
	}
	vars := demoSettings(tenant, addr, t.TempDir())
	vars["PORTRAIT_DATABASE"], vars["PORTRAIT_LOG"], vars["PORTRAIT_SAVES_PER_HOUR"] = url, "warn", "10000"
	c, err := parseConfig(maps.Clone(vars))
	if err != nil {
		t.Fatal(err)
	}
	p := &program{testSite: &testSite{t: t, tenant: tenant, url: base, config: c}, vars: vars, logs: logs}
	p.start()
	t.Cleanup(p.kill)
	return p
}

// start starts the program and waits until it is ready.
func (p *program) start() {
	p.t.Helper()
	self, err := os.Executable()
	if err != nil {
		p.t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(cmd.Env, serveAlone+"=1", "PATH="+os.Getenv("PATH"), "TMPDIR="+os.Getenv("TMPDIR"))
	for name, value := range p.vars {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	log := &lockedBuffer{}
	cmd.Stderr = log
	if p.logs != nil {
		cmd.Stderr = p.logs
	}
	if err := cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.process, p.stderr = cmd, log
	if p.up == nil {
		p.up = make(chan struct{})
	}
	for until := time.Now().Add(startTime); !p.ready(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(until) {
			p.t.Fatalf("the program isn't ready after %v: %s", startTime, log.text())
		}
	}
	close(p.up)
}

// ready reports whether it serves.
func (p *program) ready() bool {
	res, err := http.Get(p.url + "/readyz")
	if err != nil {
		return false
	}
	_ = res.Body.Close() // its status says it all
	return res.StatusCode == http.StatusOK
}

// kill ends the program as kill -9 does, if it runs.
func (p *program) kill() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.process == nil {
		return
	}
	_ = p.process.Process.Kill() // it may have ended by itself, which what follows shows
	_ = p.process.Wait()         // so does this
	p.process, p.up = nil, make(chan struct{})
}

// end ends the program as an orchestrator does, and returns how it ended.
func (p *program) end() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.process.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	err := p.process.Wait()
	p.process, p.up = nil, make(chan struct{})
	return err
}

// serving is closed while the program serves.
func (p *program) serving() <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.up
}

// said returns what the program that runs has logged.
func (p *program) said() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.stderr.text()
}

// asks sends a request as the page's scripts do. It fails where the connection
// breaks, as when the program is killed.
func (b *browser) asks(method, path string, body []byte, headers ...string) (status int, answered []byte, err error) {
	req, err := http.NewRequest(method, b.url+path, bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	req.Header.Set("X-CSRF-Token", b.token)
	req.Header.Set("Accept", "application/json")
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := b.http.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer res.Body.Close() // it has been read
	answered, err = io.ReadAll(res.Body)
	return res.StatusCode, answered, err
}
