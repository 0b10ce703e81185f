package main

import (
	"fmt"
	"math"
	"net/http"
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
// The processor time that p has used is counted: other than the rest, it is the
// same on a machine that is busy with something else.
func (s *site) attack(r *report, w row, rate int, next vegeta.Targeter, p *process) {
	options := []func(*vegeta.Attacker){vegeta.Timeout(time.Minute), vegeta.KeepAlive(true), vegeta.Connections(256), vegeta.Redirects(vegeta.NoFollow)}
	paced, name, before := &vegeta.Metrics{}, w.name, p.cpu()
	for res := range vegeta.NewAttacker(options...).Attack(next, vegeta.Rate{Freq: rate, Per: time.Second}, s.plan.steady, name) {
		paced.Add(res)
	}
	paced.Close()
	w.cpu = (p.cpu() - before) / time.Duration(paced.Requests)
	before = p.cpu()
	flat, full := vegeta.NewAttacker(append(options, vegeta.Workers(atOnce), vegeta.MaxWorkers(atOnce))...), &vegeta.Metrics{}
	for res := range flat.Attack(next, vegeta.Rate{}, s.plan.steady, name) {
		full.Add(res)
	}
	full.Close()
	w.name = fmt.Sprintf("%s, %d a second", name, rate)
	w.metrics, w.paced = paced, true
	r.add(w)
	r.add(row{name: fmt.Sprintf("%s, %d at once", name, atOnce), metrics: full, least: w.least, cpu: (p.cpu() - before) / time.Duration(full.Requests)})
}

// measurePages asks for the page of one's own photo.
func (s *site) measurePages(r *report, people []*person) error {
	s.attack(r, row{name: "signed-in page", least: 800, p95: 50 * time.Millisecond}, 800, get(people, "/me/photo"), s.program)
	return nil
}

// measurePhotos asks for one's own photo.
func (s *site) measurePhotos(r *report, people []*person) error {
	s.attack(r, row{name: "own photo", least: 1500}, 1500, get(people, "/me/photo/$value"), s.program)
	return nil
}

// get asks for the path, for one person after the other: all of them have looked
// at it before.
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
