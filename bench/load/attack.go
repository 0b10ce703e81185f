package main

import (
	"fmt"
	"math"
	"net/http"
	"os"
	"sync/atomic"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"
)

const (
	// visitors is how many people the steady requests are spread over: more have
	// a session.
	visitors = 300
	// atOnce is how many requests are under way when as many as possible are sent.
	atOnce = 16
)

// attack sends what next makes at the given rate, and then as fast as the answers
// come. Requests of the first kind go out when their time has come, whether or not
// earlier ones were answered, so that a stall counts for all that it would have
// held up.
//
// The processor time that p and this process have used is counted: other than the
// rest, it is nearly the same on a machine that is busy with something else.
func (s *site) attack(r *report, w row, rate int, next vegeta.Targeter, p *process) {
	options := []func(*vegeta.Attacker){vegeta.Timeout(time.Minute), vegeta.KeepAlive(true), vegeta.Connections(256), vegeta.Redirects(vegeta.NoFollow)}
	name := w.name
	w.name, w.paced = fmt.Sprintf("%s, %d a second", name, rate), true
	r.add(s.send(w, vegeta.NewAttacker(options...), vegeta.Rate{Freq: rate, Per: time.Second}, next, p))
	options = append(options, vegeta.Workers(atOnce), vegeta.MaxWorkers(atOnce))
	w = row{name: fmt.Sprintf("%s, %d at once", name, atOnce), least: w.least}
	r.add(s.send(w, vegeta.NewAttacker(options...), vegeta.Rate{}, next, p))
}

// send is one half of attack.
func (s *site) send(w row, with *vegeta.Attacker, rate vegeta.Rate, next vegeta.Targeter, p *process) row {
	w.metrics = &vegeta.Metrics{}
	program, self := p.cpu(), cpuOf(os.Getpid())
	for res := range with.Attack(next, rate, s.plan.steady, w.name) {
		w.metrics.Add(res)
	}
	w.metrics.Close()
	n := time.Duration(max(w.metrics.Requests, 1))
	w.cpu, w.beside = (p.cpu()-program)/n, (cpuOf(os.Getpid())-self)/n
	return w
}

// measurePages asks for pages.
func (s *site) measurePages(r *report, people []*person) error {
	s.attack(r, row{name: "page of one's own photo, which asks Graph twice", least: 800, p95: 50 * time.Millisecond}, 800, get(people, "/me/photo"), s.program)
	s.attack(r, row{name: "signed-in page that asks Graph nothing (/admin)", least: 800, p95: 50 * time.Millisecond}, 800, get(people, "/admin"), s.program)
	return nil
}

// measurePhotos asks for one's own photo.
func (s *site) measurePhotos(r *report, people []*person) error {
	for _, p := range havePhotos(people) { // what is measured isn't Graph
		if status, _, err := p.ask(http.MethodGet, "/me/photos/240x240/$value", nil); err != nil || status != http.StatusOK {
			return fmt.Errorf("a photo is answered %d, %w", status, err)
		}
	}
	s.attack(r, row{name: "own photo, remembered for a minute", least: 1500}, 1500, get(people, "/me/photos/240x240/$value"), s.program)
	s.attack(r, row{name: "own photo in full, which asks Graph"}, 400, get(people, "/me/photo/$value"), s.program)
	return nil
}

// get asks for the path, for one person after the other.
func get(people []*person, path string) vegeta.Targeter {
	people = havePhotos(people)
	var n atomic.Int64
	return func(t *vegeta.Target) error {
		p := people[int(n.Add(1))%len(people)]
		*t = vegeta.Target{Method: http.MethodGet, URL: p.site.base + path, Header: http.Header{"Cookie": {p.cookie}}}
		return nil
	}
}

// havePhotos returns some people that have a photo at the start: of those that the
// tenant is filled with, every fourth has none.
func havePhotos(people []*person) []*person {
	var some []*person
	for n, p := range people {
		if n%4 != 0 && len(some) < visitors {
			some = append(some, p)
		}
	}
	return some
}

// measureSaves saves pictures as the editor frames them.
func (s *site) measureSaves(r *report, people []*person) error {
	pictures, err := framed()
	if err != nil {
		return err
	}
	people = havePhotos(people)
	var n atomic.Int64
	s.attack(r, row{name: fmt.Sprintf("framed save (%d kB)", len(pictures[0])/1000), least: 30, p95: 400 * time.Millisecond}, 30, func(t *vegeta.Target) error {
		i := int(n.Add(1))
		p := people[i%len(people)]
		*t = vegeta.Target{
			Method: http.MethodPut, URL: s.base + "/me/photo/$value", Body: pictures[i%len(pictures)],
			Header: http.Header{"Cookie": {p.cookie}, "X-Csrf-Token": {p.token}, "Content-Type": {"image/jpeg"}},
		}
		return nil
	}, s.program)
	r.saves = r.rows[len(r.rows)-2:]
	return nil
}

// measureProxy sends the same pictures through a reverse proxy that does nothing
// else with them, straight to Graph.
func (s *site) measureProxy(r *report, people []*person) error {
	pictures, err := framed()
	if err != nil {
		return err
	}
	proxy, address, err := s.startProxy()
	if err != nil {
		return err
	}
	defer func() { _ = proxy.stop() }() // it is measured
	token, err := s.appToken()
	if err != nil {
		return err
	}
	people = havePhotos(people)
	var n atomic.Int64
	s.attack(r, row{name: "the same through a bare reverse proxy"}, 30, func(t *vegeta.Target) error {
		i := int(n.Add(1))
		*t = vegeta.Target{
			Method: http.MethodPut, URL: address + "/v1.0/users/" + string(people[i%len(people)].id) + "/photo/$value", Body: pictures[i%len(pictures)],
			Header: http.Header{"Authorization": {"Bearer " + token}, "Content-Type": {"image/jpeg"}},
		}
		return nil
	}, proxy)
	r.proxied = r.rows[len(r.rows)-2:]
	return nil
}

// missedBy reports whether a bar of w is missed: its share of requests a second,
// its latency, or an answer that isn't 2xx.
func (w row) missedBy() bool {
	slow := w.p95 > 0 && w.metrics.Latencies.P95 > w.p95
	few := w.metrics.Throughput < w.least
	if w.paced { // the last requests are answered after the end
		few = math.Round(w.metrics.Throughput) < w.least*0.98
	}
	return slow || few || w.lost() > 0
}

// lost is how many requests weren't answered as they should be.
func (w row) lost() int {
	n := int(w.metrics.Requests)
	for code, times := range w.metrics.StatusCodes {
		if code >= "200" && code < "300" {
			n -= times
		}
	}
	return n
}
