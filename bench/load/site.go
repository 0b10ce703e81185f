package main

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
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"portrait/internal/demo"
)

const (
	// startWithin is how long a process may take to answer.
	startWithin = 30 * time.Second
	// starts is how often the program is started; the median counts.
	starts = 5
	// idleFor is how long it is left alone before its memory is looked at.
	idleFor = 5 * time.Second
)

// site is the program beside a demo tenant.
type site struct {
	plan    plan
	dir     string
	tenant  *demo.Tenant
	base    string // of the program
	vars    []string
	program *process
}

// newSite starts a tenant, and nothing else yet.
func newSite(p plan, dir string) (*site, error) {
	addr, err := freeAddr()
	if err != nil {
		return nil, err
	}
	base := "http://" + addr
	tenant, err := demo.Start(demo.Options{Addr: "127.0.0.1:0", RedirectURL: base + "/auth/callback", PostLogoutURL: base + "/", AppURL: base + "/"})
	if err != nil {
		return nil, err
	}
	tenant.Set(demo.Weather{ReadDelay: -1})
	tenant.Fill(0, 0, p.sessions+p.people)
	database := p.database
	if database == "" {
		database = filepath.Join(dir, "portrait.db")
	}
	s := &site{plan: p, dir: dir, tenant: tenant, base: base}
	s.vars = []string{
		"PORTRAIT_ADDR=" + addr, "PORTRAIT_TENANT=" + string(tenant.ID()), "PORTRAIT_OIDC_ISSUER=" + tenant.Issuer(),
		"PORTRAIT_GRAPH_URL=" + tenant.GraphURL(), "PORTRAIT_CLIENT_ID=" + tenant.ClientID(), "PORTRAIT_CLIENT_SECRET=" + tenant.ClientSecret(),
		"PORTRAIT_DATABASE=" + database, "PORTRAIT_KEYS=" + newKey(), "PORTRAIT_AUDIT_KEYS=" + newKey(),
		// All load comes from one address, and from fewer people than there would be.
		"PORTRAIT_SIGNINS_PER_MINUTE=1000000", "PORTRAIT_SAVES_PER_HOUR=100000",
		"TMPDIR=" + dir,
	}
	return s, nil
}

func (s *site) close() {
	if s.program != nil {
		_ = s.program.stop() // what it did is measured
	}
	_ = s.tenant.Close() // likewise
}

// measureStart starts the program a few times, and leaves it running.
func (s *site) measureStart(r *report) error {
	info, err := os.Stat(s.plan.binary)
	if err != nil {
		return fmt.Errorf("%w: run make build", err)
	}
	r.sizes = append(r.sizes, size{"binary", float64(info.Size()) / (1 << 20), 40})
	var took []time.Duration
	for i := range starts + 1 {
		if s.program != nil {
			if err := s.program.stop(); err != nil {
				return err
			}
		}
		began := time.Now()
		if s.program, err = start(s.base+"/readyz", s.vars, s.plan.binary, "serve"); err != nil {
			return err
		}
		if i == 0 {
			r.firstStart = time.Since(began)
			continue
		}
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	r.start = took[len(took)/2]
	time.Sleep(idleFor)
	r.sizes = append(r.sizes, size{"RSS, idle", s.program.rss(), 60})
	return nil
}

// process is a program that was started.
type process struct {
	cmd  *exec.Cmd
	said bytes.Buffer
}

// start starts a program and waits until address answers 200.
func start(address string, vars []string, name string, args ...string) (*process, error) {
	p := &process{cmd: exec.Command(name, args...)} // #nosec G204 -- the program under load
	p.cmd.Env, p.cmd.Stderr = vars, &p.said
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	client := &http.Client{Timeout: time.Second}
	for end := time.Now().Add(startWithin); time.Now().Before(end); time.Sleep(2 * time.Millisecond) {
		res, err := client.Get(address)
		if err != nil {
			continue
		}
		_ = res.Body.Close() // its status says it all
		if res.StatusCode == http.StatusOK {
			return p, nil
		}
	}
	_ = p.stop() // it didn't start
	return nil, fmt.Errorf("%s isn't ready after %v: %s", name, startWithin, p.said.String())
}

// stop ends it as an orchestrator does.
func (p *process) stop() error {
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	return p.cmd.Wait()
}

// rss is its memory in MB, 0 where the system doesn't say.
func (p *process) rss() float64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kB, err := strconv.ParseFloat(strings.Fields(rest)[0], 64)
			if err != nil {
				return 0
			}
			return kB / 1024
		}
	}
	return 0
}

// cpu is the processor time that it has used, 0 where the system doesn't say. The
// kernel counts it in hundredths of a second.
//
// Source: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
func (p *process) cpu() time.Duration { return cpuOf(p.cmd.Process.Pid) }

// cpuOf is process.cpu of the process with an id.
func cpuOf(pid int) time.Duration {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(text), ") ") // the name before may hold anything
	fields := strings.Fields(rest)
	if len(fields) < 13 {
		return 0
	}
	user, _ := strconv.Atoi(fields[11])   // the kernel's own digits
	system, _ := strconv.Atoi(fields[12]) // likewise
	return time.Duration(user+system) * 10 * time.Millisecond
}

func freeAddr() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// newKey returns a key as the settings have it.
func newKey() string {
	key := make([]byte, 32)
	_, _ = rand.Read(key) // never fails
	return base64.StdEncoding.EncodeToString(key)
}
