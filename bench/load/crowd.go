package main

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"

	"portrait/internal/demo"
)

const (
	graphAtOnce = 4 // calls on photos that Graph takes at once
	graphTakes  = 800 * time.Millisecond

	// patience is how long a person's photo may be on its way.
	patience = 30 * time.Minute
)

// crowd is what became of many people who come at once.
type crowd struct {
	mu       sync.Mutex
	statuses map[int]int // of all answers
	failures []string
	steps    map[string]*vegeta.Metrics
	took     []time.Duration // from a save to Graph having the photo
	lost     int
	done     time.Duration // when the last photo was there
}

// measureCrowd lets people come evenly, sign in, look at their photo and save
// another, while Graph takes four calls on photos at once and 0.8 s for each.
// Whoever is told that the photo is kept does as the page does: waits as long as
// it is told to, and sends it again.
func (s *site) measureCrowd(r *report) error {
	pictures, err := framed()
	if err != nil {
		return err
	}
	s.tenant.Set(demo.Weather{ReadDelay: -1, Slow: graphTakes, PerApp: graphAtOnce})
	defer s.tenant.Set(demo.Weather{ReadDelay: -1})
	c := &crowd{statuses: map[int]int{}, steps: map[string]*vegeta.Metrics{}}
	began := time.Now()
	every := s.plan.within / time.Duration(s.plan.people)
	var all sync.WaitGroup
	for i := range s.plan.people {
		time.Sleep(time.Until(began.Add(time.Duration(i) * every)))
		all.Go(func() { c.visit(s, s.plan.sessions+i, pictures[i%len(pictures)]) })
	}
	all.Wait()
	c.done = time.Since(began)
	for _, m := range c.steps {
		m.Close()
	}
	slices.Sort(c.took)
	r.crowd = c
	return nil
}

// visit is one person's.
func (c *crowd) visit(s *site, n int, picture []byte) {
	began := time.Now()
	who, err := s.signIn(n)
	c.note("sign-in, up to the page", began, err)
	if err != nil {
		c.fail("sign-in: " + err.Error())
		return
	}
	began = time.Now()
	for _, picture := range who.pictures {
		status, _, err := who.ask(http.MethodGet, picture, nil)
		if err == nil && status >= 300 {
			err = fmt.Errorf("answered %d", status)
		}
		c.count(status)
		c.note("a picture of the page", began, err)
		began = time.Now()
	}
	began = time.Now()
	status, body, err := who.ask(http.MethodPut, "/me/photo/$value", picture)
	c.count(status)
	if err == nil && status >= 300 {
		err = fmt.Errorf("answered %d", status)
	}
	c.note("save, until a state is said", began, err)
	etag := ""
	for err == nil && time.Since(began) < patience {
		var state struct{ State, ETag, RetryAt string }
		if err = json.Unmarshal(body, &state); err != nil || status >= 300 {
			err = cmp.Or(err, fmt.Errorf("answered %d: %.200s", status, body))
			break
		}
		if etag = state.ETag; status == http.StatusOK {
			break
		}
		at, _ := http.ParseTime(state.RetryAt) // unsaid = at once, but not without a pause
		time.Sleep(max(time.Until(at), time.Second))
		status, body, err = who.ask(http.MethodPost, "/me/photo/send", []byte{})
		c.count(status)
	}
	if sum := sha256.Sum256(s.tenant.Photo(who.id)); err != nil || hex.EncodeToString(sum[:]) != etag {
		c.fail(fmt.Sprintf("person %d has another photo than was saved: %v", n, err))
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.took = append(c.took, time.Since(began))
}

// ask sends a request as the page's scripts do.
func (p *person) ask(method, path string, body []byte) (int, []byte, error) {
	req, err := http.NewRequest(method, p.site.base+path, bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	req.Header.Set("X-CSRF-Token", p.token)
	if len(body) > 0 {
		req.Header.Set("Content-Type", "image/jpeg")
	}
	if method != http.MethodGet {
		req.Header.Set("Accept", "application/json")
	}
	res, err := p.http.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer res.Body.Close() // it is read
	answer, err := io.ReadAll(res.Body)
	return res.StatusCode, answer, err
}

func (c *crowd) count(status int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.statuses[status]++
}

func (c *crowd) note(step string, began time.Time, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.steps[step] == nil {
		c.steps[step] = &vegeta.Metrics{}
	}
	c.steps[step].Add(resultOf(began, err))
}

func (c *crowd) fail(why string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lost++
	c.failures = append(c.failures, why)
}

// serverErrors is how many answers were 5xx, or none at all.
func (c *crowd) serverErrors() (n int) {
	for status, times := range c.statuses {
		if status >= 500 || status == 0 {
			n += times
		}
	}
	return n
}
