package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"portrait/internal/audit"
	"portrait/internal/demo"
	"portrait/internal/store"
	"portrait/internal/store/storetest"
)

const (
	// restartItems is how many items the batch has that runs meanwhile.
	restartItems = 40
	// goodAgain is how long after the database is back people may read that it is
	// away, and settledAgain how long what is kept may be on its way: whoever was
	// sending it is taken for dead after 10 seconds, and an outcome that nobody has
	// heard is looked at again after 5.
	goodAgain    = 10 * time.Second
	settledAgain = 20 * time.Second
)

// TestPostgresRestartsUnderLoad stops the database, and then kills it, while
// people save and look at their photos on two replicas, and a batch runs. No photo
// may be lost, and until the database is back, and 10 seconds longer, people read
// a sentence.
func TestPostgresRestartsUnderLoad(t *testing.T) {
	t.Parallel() // it waits most of the time
	server := storetest.OwnServer(t)
	r := newReplicated(t, server.URL, func(vars map[string]string) {
		vars["PORTRAIT_APPROVAL_ABOVE"], vars["PORTRAIT_LOG"] = "0", "warn"
	})
	s := (&batchSite{testSite: r.testSite, people: filledPeople(r.tenant, restartItems)}).watching()
	r.log = &lockedBuffer{}
	r.tenant.Set(demo.Weather{ReadDelay: -1, Slow: 100 * time.Millisecond})
	id := s.fill(s.person("helpdesk"), restartItems)
	load := &restartLoad{t: t}
	ctx, stop := context.WithCancel(t.Context())
	var all sync.WaitGroup
	for i, persona := range []string{"employee", "owner", "no-photo", "no-mailbox"} {
		v := &visitor{load: load, browser: r.signedIn(persona), persona: persona, returns: i%2 == 0}
		all.Go(func() { v.saves(ctx) })
	}
	for _, persona := range []string{"employee", "owner"} {
		v := &visitor{load: load, browser: r.signedIn(persona), persona: persona}
		all.Go(func() { v.looks(ctx) })
	}
	r.signedIn("helpdesk").press(id, "run")
	for _, end := range []func(){server.Stop, server.Crash} {
		time.Sleep(time.Second)
		load.down()
		end()
		time.Sleep(2 * time.Second)
		server.Start()
		load.back()
		time.Sleep(3 * time.Second)
	}
	stop()
	all.Wait()
	defer r.showFailed()
	s.patience = time.Minute // on a machine that is busy; a claim that nobody gives back would take four
	counts := s.until(id, store.BatchDone)
	load.check()
	if counts.States[store.ItemDone] != restartItems {
		t.Errorf("the batch's items are %v", counts.States)
	}
	load.audited(r)
	t.Log(load)
}

// restartLoad is what people heard while the database was restarted.
type restartLoad struct {
	t *testing.T

	mu        sync.Mutex
	outages   []outage
	answers   map[string]int // by what was asked and what came
	confirmed []string       // ETags
}

// outage is one time without a database.
type outage struct {
	from, to time.Time // to is when it answered again
	said     time.Time // when the last sentence about it came
	kept     time.Time // when the last answer came that a photo is kept and on its way
}

func (l *restartLoad) down() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.outages = append(l.outages, outage{from: time.Now()})
}

func (l *restartLoad) back() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.outages[len(l.outages)-1].to = time.Now()
}

// heard notes an answer. One that isn't as always must be a sentence, and there
// must be a reason for it.
func (l *restartLoad) heard(what string, status int, body []byte, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.answers == nil {
		l.answers = map[string]int{}
	}
	l.answers[fmt.Sprintf("%s %d", what, status)]++
	if err == nil && status == http.StatusOK {
		return
	}
	if len(l.outages) == 0 {
		l.t.Errorf("%s is answered %d before anything is wrong: %s %v", what, status, body, err)
		return
	}
	now := &l.outages[len(l.outages)-1]
	if err == nil && status == http.StatusAccepted {
		now.kept = time.Now()
		return
	}
	now.said = time.Now()
	if err != nil || status != http.StatusServiceUnavailable || !strings.Contains(string(body), "storage") {
		l.t.Errorf("%s is answered %d, without a sentence about it: %.300s %v", what, status, body, err)
	}
}

func (l *restartLoad) isConfirmed(etag string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.confirmed = append(l.confirmed, etag)
}

// check fails where people read sentences for too long, or never did: then
// nothing was tried.
func (l *restartLoad) check() {
	for _, o := range l.outages {
		if o.said.Before(o.from) {
			l.t.Error("nobody noticed that the database was gone")
		}
		if said, kept := o.said.Sub(o.to), o.kept.Sub(o.to); said > goodAgain || kept > settledAgain {
			l.t.Errorf("the database was back, and %v later people read that it isn't; %v later a photo was on its way", said, kept)
		}
	}
}

// audited fails unless each photo that was called saved stands in the audit log
// once.
func (l *restartLoad) audited(r *replicated) {
	entries := map[string]int{}
	err := r.testSite.audited().Each(l.t.Context(), audit.Filter{}, func(e audit.Record) error {
		if !e.Verified {
			l.t.Errorf("entry %d of the audit log doesn't verify", e.Seq)
		}
		if e.Outcome == audit.Done {
			entries[e.New]++
		}
		return nil
	})
	if err != nil {
		l.t.Error(err)
	}
	for _, etag := range l.confirmed {
		if entries[etag] != 1 {
			l.t.Errorf("a photo that was called saved has %d entries in the audit log, want 1", entries[etag])
		}
	}
}

func (l *restartLoad) String() string {
	var out strings.Builder
	fmt.Fprintf(&out, "%d photos saved; answers: %v", len(l.confirmed), l.answers)
	for _, o := range l.outages {
		fmt.Fprintf(&out, "; away for %v, the last sentence %v after that and the last photo on its way %v", o.to.Sub(o.from), o.said.Sub(o.to), o.kept.Sub(o.to))
	}
	return out.String()
}

// visitor is somebody who uses the site meanwhile.
type visitor struct {
	load *restartLoad
	*browser
	persona string
	returns bool // after a sentence they come back to the page; others save once more
}

// asked sends a request and notes the answer.
func (v *visitor) asked(method, path string, body []byte, headers ...string) (int, []byte) {
	status, answered, err := v.asks(method, path, body, headers...)
	v.load.heard(method+" "+path, status, answered, err)
	return status, answered
}

// looks looks at the page and the photo until ctx ends.
func (v *visitor) looks(ctx context.Context) {
	for ctx.Err() == nil {
		v.asked(http.MethodGet, "/me/photo", nil, "Accept", "text/html")
		v.asked(http.MethodGet, "/me/photo/$value", nil, "Accept", "image/*")
		time.Sleep(50 * time.Millisecond)
	}
}

// saves saves one photo after the other until ctx ends, each until it is saved.
func (v *visitor) saves(ctx context.Context) {
	for n := 0; ctx.Err() == nil; n++ {
		photo := randomPicture(v.t)
		etag := hash(rendered(v.t, photo))
		key := fmt.Sprintf("%s %d", v.persona, n)
		status := 0
		for try := 0; status != http.StatusOK && v.t.Context().Err() == nil; try++ {
			if try > 0 {
				time.Sleep(200 * time.Millisecond)
			}
			if try > 200 {
				v.t.Errorf("%s: a photo isn't saved after 200 tries", v.persona)
				return
			}
			if kept := status == http.StatusAccepted; kept || try > 0 && v.returns && v.finds(etag) {
				status, _ = v.asked(http.MethodPost, "/me/photo/send", nil)
				if kept && status != http.StatusOK {
					status = http.StatusAccepted // it was promised to be kept
				}
				continue
			}
			status, _ = v.asked(http.MethodPut, "/me/photo/$value", photo, "Content-Type", "image/jpeg", "Idempotency-Key", key)
		}
		v.load.isConfirmed(etag)
		v.has(v.persona, photo)
	}
}

// finds reports whether the page shows the picture with this hash as kept.
func (v *visitor) finds(etag string) bool {
	for {
		status, body, err := v.asks(http.MethodGet, "/me/photo/state", nil)
		if status == http.StatusServiceUnavailable {
			v.load.heard("GET /me/photo/state", status, body, err)
			time.Sleep(200 * time.Millisecond)
			continue
		}
		var now struct{ ETag string }
		return err == nil && status == http.StatusOK && json.Unmarshal(body, &now) == nil && now.ETag == etag
	}
}

// showFailed logs why items of a batch failed.
func (r *replicated) showFailed() {
	for _, p := range r.replicas {
		for line := range strings.Lines(p.said()) {
			if strings.Contains(line, "an item of a batch failed") {
				r.t.Log(line)
			}
		}
	}
}
