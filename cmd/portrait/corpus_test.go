package main

import (
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// wholeCorpus sends all of it instead of a quarter; `make soak` does.
var wholeCorpus = flag.Bool("whole-corpus", false, "send every picture of the corpus over HTTP")

const (
	corpus        = "../../../shared/corpus"
	corpusSenders = 8         // side by side: more than are decoded at once
	corpusMemory  = 512 << 20 // bytes that the program may have had at most, all told
)

// TestSecurityCorpusOverHTTP sends the corpus to the real program, by several
// people at once, with a process beside it that sees every program which it
// starts. No answer is a defect, what is hostile goes no further, memory stays in
// its bound, and nothing is started.
func TestSecurityCorpusOverHTTP(t *testing.T) {
	files := corpusFiles(t)
	p := newProgram(t, "", nil)
	senders := make([]*browser, corpusSenders)
	for i := range senders {
		senders[i] = p.signedIn("employee")
	}
	started := p.traced()
	next := make(chan []string)
	var sending sync.WaitGroup
	for _, b := range senders {
		sending.Go(func() {
			for fields := range next {
				b.sendCorpus(fields)
			}
		})
	}
	for _, fields := range files {
		next <- fields
	}
	close(next)
	sending.Wait()
	if all := started(); all != "" {
		t.Errorf("the program started others: %s", all)
	}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.process.Process.Pid))
	if err != nil && runtime.GOOS != "linux" {
		t.Skip("only Linux tells the memory of a process: ", err)
	}
	if err != nil {
		t.Fatalf("the program isn't there any more: %v", err)
	}
	peak := regexp.MustCompile(`VmHWM:\s+(\d+) kB`).FindSubmatch(status)
	kb, err := strconv.Atoi(string(peak[1]))
	t.Logf("%d pictures; at most %d MB of memory", len(files), kb>>10)
	if limit := corpusMemory >> 10 * memoryFactor; err != nil || kb > limit {
		t.Errorf("the program has had %d kB of memory, want at most %d", kb, limit)
	}
}

// corpusFiles are the rows of the manifest that are sent: a quarter, chosen by
// their hashes, or all.
func corpusFiles(t *testing.T) (chosen [][]string) {
	t.Helper()
	manifest, err := os.ReadFile(filepath.Join(corpus, "manifest.tsv"))
	if err != nil {
		t.Skip("the corpus of pictures isn't here (shared/corpus beside the repository)")
	}
	for _, line := range strings.Split(strings.TrimSpace(string(manifest)), "\n")[1:] {
		fields := strings.Split(line, "\t")
		if hash := fields[len(fields)-1]; *wholeCorpus || strings.ContainsAny(hash[:1], "048c") {
			chosen = append(chosen, fields)
		}
	}
	if len(chosen) < 100 {
		t.Fatalf("only %d pictures are chosen", len(chosen))
	}
	return chosen
}

// sendCorpus sends one picture of the corpus. A server that is busy with others
// says so, and is asked again.
func (b *browser) sendCorpus(fields []string) {
	body, err := os.ReadFile(filepath.Join(corpus, fields[0]))
	if err != nil {
		b.t.Error(err)
		return
	}
	begin := time.Now()
	status, answered, err := b.asks(http.MethodPut, "/me/photo/$value", body)
	for status == http.StatusServiceUnavailable && time.Since(begin) < time.Minute {
		time.Sleep(100 * time.Millisecond)
		status, answered, err = b.asks(http.MethodPut, "/me/photo/$value", body)
	}
	// Of several changes of one photo at once the newest wins: 409 for the others.
	switch expected := fields[3]; {
	case err != nil || status >= 500:
		b.t.Errorf("%s: %d %s, %v", fields[0], status, answered, err)
	case (expected == "invalid" || expected == "huge") && (status < 400 || status == http.StatusConflict):
		b.t.Errorf("%s: answered %d, though it is %s", fields[0], status, expected)
	}
}

// traced watches the program for others that it starts, and returns what ends
// that and returns them.
func (p *program) traced() (started func() string) {
	p.t.Helper()
	if _, err := exec.LookPath("strace"); err != nil {
		if os.Getenv("CI") != "" {
			p.t.Fatal("strace is missing: tools/install.sh strace")
		}
		p.t.Log("without strace it isn't seen what the program starts")
		return func() string { return "" }
	}
	out := filepath.Join(p.t.TempDir(), "strace")
	cmd := exec.Command("strace", "-f", "-qq", "-e", "trace=execve,execveat", "-e", "signal=none", "-o", out, "-p", strconv.Itoa(p.process.Process.Pid))
	said := &lockedBuffer{}
	cmd.Stderr = said
	if err := cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	for until := time.Now().Add(10 * time.Second); !p.isTraced(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(until) {
			p.t.Fatalf("strace doesn't attach: %s", said.text())
		}
	}
	return func() string {
		traced := p.isTraced() // to the end
		_ = cmd.Process.Signal(os.Interrupt)
		_ = cmd.Wait() // it ends by the signal
		raw, err := os.ReadFile(out)
		if err != nil || !traced {
			p.t.Errorf("nobody has watched to the end: %v, %s", err, said.text())
		}
		return string(raw)
	}
}

func (p *program) isTraced() bool {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.process.Process.Pid))
	return err == nil && !strings.Contains(string(status), "TracerPid:\t0\n")
}
