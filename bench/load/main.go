// Command load puts bin/portrait under load on this machine, beside a demo tenant,
// and writes docs/load.md. `make load` runs it.
//
//	client and demo tenant (this process) ──► bin/portrait ──► demo tenant
//	client ──► reverse proxy (this program, once more) ──► demo tenant
//
// All of it shares the processors, so that the figures are what a machine of this
// size carries with the load on it, not beside it.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// plan is how much is done.
type plan struct {
	binary   string
	database string        // as PORTRAIT_DATABASE; "" = a SQLite file in a temporary folder
	sessions int           // that are live at once
	steady   time.Duration // how long each kind of request is sent
	people   int           // of the crowd
	within   time.Duration // in which the crowd comes
	out      string        // the report, "" = none
	only     string        // the one kind of request that is measured; "" = all
}

func main() {
	var p plan
	flag.StringVar(&p.binary, "binary", "bin/portrait", "the program")
	flag.StringVar(&p.database, "database", "", "a postgres:// URL of an empty database; without it, a SQLite file")
	flag.IntVar(&p.sessions, "sessions", 5000, "how many people are signed in at once")
	flag.DurationVar(&p.steady, "steady", 15*time.Second, "how long each kind of request is sent")
	flag.IntVar(&p.people, "people", 1000, "how many people come at once and change their photo; 0 = none")
	flag.DurationVar(&p.within, "within", 5*time.Minute, "in which time they come")
	flag.StringVar(&p.out, "out", filepath.Join("docs", "load.md"), "where the report goes")
	flag.StringVar(&p.only, "only", "", "measure only pages, photos, saves, proxy or crowd beside the sign-ins, and write no report")
	proxyTo := flag.String("proxy", "", "be the reverse proxy to this address, and nothing else")
	proxyAt := flag.String("at", "", "where the reverse proxy listens")
	flag.Parse()
	err := error(nil)
	if *proxyTo != "" {
		err = serveProxy(*proxyTo, *proxyAt)
	} else {
		err = run(p)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "load:", err)
		os.Exit(1)
	}
}

// run measures, writes the report, and fails where a bar is missed.
func run(p plan) error {
	dir, err := os.MkdirTemp("", "portrait-load-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir) // temporary
	r := &report{plan: p, machine: describeMachine(p)}
	if err := measure(p, dir, r); err != nil {
		return err
	}
	text := r.markdown()
	fmt.Println(text)
	if p.out != "" && p.only == "" {
		if err := os.WriteFile(p.out, []byte(text), 0o644); err != nil {
			return err
		}
	}
	return r.missed()
}

// measure does everything, in the order of the report.
func measure(p plan, dir string, r *report) error {
	s, err := newSite(p, dir)
	if err != nil {
		return err
	}
	defer s.close()
	if err := s.measureStart(r); err != nil {
		return err
	}
	people, err := s.measureSignIns(r)
	if err != nil {
		return err
	}
	for _, step := range []struct {
		name string
		do   func(*report, []*person) error
	}{{"pages", s.measurePages}, {"photos", s.measurePhotos}, {"saves", s.measureSaves}, {"proxy", s.measureProxy}} {
		if p.only != "" && p.only != step.name {
			continue
		}
		if err := step.do(r, people); err != nil {
			return err
		}
	}
	r.rss("after all of that", s.program.rss())
	if p.people > 0 && (p.only == "" || p.only == "crowd") {
		if err := s.measureCrowd(r); err != nil {
			return err
		}
		r.rss("after the crowd", s.program.rss())
	}
	return nil
}
