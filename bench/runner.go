package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// job is one picture for one pipeline, a line of JSON.
type job struct {
	File    string `json:"file"`
	X       int    `json:"x"` // the square to keep, in upright pixels
	Y       int    `json:"y"`
	Square  int    `json:"square"`
	Side    int    `json:"side"` // of the result
	Quality int    `json:"quality"`
	Out     string `json:"out"` // where to write the result; empty = nowhere
}

// cost is what a job took, a line of JSON.
type cost struct {
	WallMs float64 `json:"wallMs"`
	CPUMs  float64 `json:"cpuMs"` // of all threads of the process
	Bytes  int     `json:"bytes"`
}

// pipeline is a process that makes pictures, on one core.
type pipeline struct {
	name string
	cmd  *exec.Cmd
	to   io.WriteCloser
	from *bufio.Reader
}

// names are the pipelines, in the order of the report.
var names = []string{"Portrait", "sharp", "sharp, careful", "naive"}

// start starts the pipeline called name on the last core: the first ones have
// what else the machine does.
func start(name string) (*pipeline, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	command := map[string][]string{
		"Portrait": {self, "ours"},
		"naive":    {self, "naive"},
		"sharp":    {"node", "bench/sharp.mjs"},

		"sharp, careful": {"node", "bench/sharp.mjs", "careful"},
	}[name]
	args := append([]string{"--cpu-list", strconv.Itoa(runtime.NumCPU() - 1), "env", "GOMAXPROCS=1"}, command...)
	p := &pipeline{name: name, cmd: exec.Command("taskset", args...)}
	p.cmd.Stderr = os.Stderr
	if p.to, err = p.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	from, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	p.from = bufio.NewReader(from)
	return p, p.cmd.Start()
}

// do lets p make one picture.
func (p *pipeline) do(j job) (c cost, err error) {
	line, err := json.Marshal(j)
	if err != nil {
		return c, err
	}
	if _, err := p.to.Write(append(line, '\n')); err != nil {
		return c, err
	}
	answer, err := p.from.ReadBytes('\n')
	if err != nil {
		return c, fmt.Errorf("%s: %w", p.name, err)
	}
	return c, json.Unmarshal(answer, &c)
}

// peak returns the most memory that p has had, in bytes.
func (p *pipeline) peak() (int64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(status)) {
		if kB, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			n, err := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(kB), "kB")), 10, 64)
			return n << 10, err
		}
	}
	return 0, fmt.Errorf("%s: no VmHWM", p.name)
}

// stop ends p.
func (p *pipeline) stop() error {
	if err := p.to.Close(); err != nil {
		return err
	}
	return p.cmd.Wait()
}

// serve does the jobs of standard input with render, until there are no more.
func serve(render func(body []byte, j job) ([]byte, error)) error {
	var file string
	var body []byte
	lines := bufio.NewReader(os.Stdin)
	for {
		line, err := lines.ReadBytes('\n')
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		var j job
		if err := json.Unmarshal(line, &j); err != nil {
			return err
		}
		if j.File != file {
			if body, err = os.ReadFile(j.File); err != nil {
				return err
			}
			file = j.File
		}
		if err := timed(render, body, j); err != nil {
			return err
		}
	}
}

// timed does j and prints its cost.
func timed(render func([]byte, job) ([]byte, error), body []byte, j job) error {
	before, began := cpu(), time.Now()
	made, err := render(body, j)
	wall, took := time.Since(began), cpu()-before
	if err != nil {
		return err
	}
	if j.Out != "" {
		if err := os.WriteFile(j.Out, made, 0o600); err != nil {
			return err
		}
	}
	answer, err := json.Marshal(cost{wall.Seconds() * 1000, took.Seconds() * 1000, len(made)})
	if err != nil {
		return err
	}
	_, err = io.Copy(os.Stdout, bytes.NewReader(append(answer, '\n')))
	return err
}

// cpu returns the time that this process has had, of all threads.
func cpu() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err) // the arguments are constant and right
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// median returns the middle of v.
func median(v []float64) float64 {
	v = slices.Sorted(slices.Values(v))
	return (v[(len(v)-1)/2] + v[len(v)/2]) / 2
}
