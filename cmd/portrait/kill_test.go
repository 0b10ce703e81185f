package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"portrait/internal/audit"
	"portrait/internal/auth"
	"portrait/internal/demo"
	"portrait/internal/picture"
	"portrait/internal/store"
	"portrait/internal/store/storetest"
)

// kills is how often TestKilledAtRandomMoments kills the program: `make soak`
// asks for 50.
var kills = flag.Int("kills", 5, "how often the program is killed while people save")

// savesAtOnce is how many people save at a time: each kill interrupts some of
// them and leaves enough others for the next one.
const savesAtOnce = 3

// TestKilledAtRandomMoments kills the program while people save, again and again.
// Nothing that was called saved may be missing or be sent again, and whoever was
// interrupted finds the picture as it was, one click from saved.
func TestKilledAtRandomMoments(t *testing.T) {
	for name, url := range map[string]func(*testing.T) string{
		"SQLite":     func(*testing.T) string { return "" },
		"PostgreSQL": func(t *testing.T) string { return storetest.PostgreSQL(t).URL },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSoak(t, url(t))
			ctx, stop := context.WithCancel(t.Context())
			var all sync.WaitGroup
			for _, one := range s.people {
				all.Go(func() { one.saves(ctx) })
			}
			for range *kills {
				s.killAndRestart()
			}
			stop()
			all.Wait()
			s.check()
			t.Log(s.counts.String())
		})
	}
}

// soak is a program that is killed, and those who save meanwhile.
type soak struct {
	*program
	t        *testing.T
	people   []*saver
	places   chan struct{} // one for each who may save now
	underWay atomic.Int32  // saves
	puts     puts
	counts   counts

	mu        sync.Mutex
	confirmed map[string]int // ETag → how often it had been put when it was confirmed
}

// counts is what happened.
type counts struct {
	kills, saved, missing, sentAgain, interrupted, notKept, found, changed, foundSaved, sentByOneClick atomic.Int32
}

func (c *counts) String() string {
	return fmt.Sprintf("%d kills: %d photos confirmed, %d of them missing, %d sent again after that; %d saves interrupted: "+
		"%d before they were kept (sent again by the browser), %d found again, %d of them with other bytes, %d saved already and %d by one click",
		c.kills.Load(), c.saved.Load(), c.missing.Load(), c.sentAgain.Load(), c.interrupted.Load(),
		c.notKept.Load(), c.found.Load(), c.changed.Load(), c.foundSaved.Load(), c.sentByOneClick.Load())
}

// saver is somebody who saves one photo again and again.
type saver struct {
	*soak
	*browser
	path string        // of the photo's page
	is   func() []byte // the photo as the tenant has it
	last string        // ETag that was confirmed last
}

// saving is one save.
type saving struct {
	key  string
	body []byte // as the browser sends it
	jpeg []byte // as Graph must get it
	etag string
}

func newSoak(t *testing.T, url string) *soak {
	p := newProgram(t, url, nil)
	p.tenant.Set(demo.Weather{ReadDelay: -1, Slow: 20 * time.Millisecond}) // so that kills meet every step
	s := &soak{program: p, t: t, places: make(chan struct{}, savesAtOnce), confirmed: map[string]int{}, puts: puts{seen: map[string]bool{}, of: map[string]int{}}}
	for _, persona := range []string{"owner", "helpdesk", "no-photo", "no-mailbox"} {
		id := p.person(persona)
		s.people = append(s.people, &saver{soak: s, browser: p.signedIn(persona), path: "/me/photo", is: func() []byte { return p.tenant.Photo(id) }})
	}
	employee, id := p.signedInFor("employee", auth.ForContacts), p.person("employee")
	s.people = append(s.people, &saver{soak: s, browser: employee, path: "/me/photo", is: func() []byte { return p.tenant.Photo(id) }})
	for _, c := range p.tenant.Contacts(id, true) {
		s.people = append(s.people, &saver{soak: s, browser: employee, path: "/me/contacts/" + string(c.ID) + "/photo", is: func() []byte { return p.tenant.ContactPhoto(id, c.ID) }})
	}
	return s
}

// killAndRestart kills the program at a random moment at which somebody saves.
func (s *soak) killAndRestart() {
	time.Sleep(time.Duration(rand.IntN(300)) * time.Millisecond)
	for s.underWay.Load() == 0 { // the test's time limit ends it
		time.Sleep(time.Millisecond)
	}
	time.Sleep(time.Duration(rand.IntN(150)) * time.Millisecond)
	s.kill()
	s.counts.kills.Add(1)
	s.start()
}

// saves saves until ctx ends, and then brings to its end what was interrupted.
func (o *saver) saves(ctx context.Context) {
	for ctx.Err() == nil {
		o.places <- struct{}{}
		one := o.newSaving()
		o.underWay.Add(1)
		status, body, err := o.put(one)
		o.underWay.Add(-1)
		<-o.places
		for err != nil || status != http.StatusOK {
			if err == nil && status == http.StatusAccepted { // the killed process still has its slots: the page waits, too
				time.Sleep(time.Second)
				status, body, err = o.put(one)
				continue
			}
			if err == nil && status != http.StatusServiceUnavailable {
				o.soak.t.Errorf("a save of %s is answered %d: %s", o.path, status, body)
				return
			}
			o.counts.interrupted.Add(1)
			if o.recovers(one) {
				break
			}
			status, body, err = o.put(one) // it was never kept; the browser still has it
		}
		o.hasConfirmed(one)
	}
}

func (o *saver) put(one saving) (int, []byte, error) {
	<-o.serving()
	return o.asks(http.MethodPut, o.path+"/$value", one.body, "Content-Type", "image/jpeg", "Idempotency-Key", one.key)
}

// recovers comes back after a kill. It reports whether one was kept, and then
// sends it with one click.
func (o *saver) recovers(one saving) bool {
	known := false
	for {
		<-o.serving()
		status, body, err := o.asks(http.MethodGet, o.path+"/state", nil)
		if err != nil {
			continue
		}
		var now struct{ ETag, State string }
		if err := json.Unmarshal(body, &now); status == http.StatusNotFound || status == http.StatusOK && err == nil && now.ETag != one.etag {
			if known {
				o.soak.t.Errorf("%s: the draft is gone: %d %s", o.path, status, body)
			}
			o.counts.notKept.Add(1)
			return false
		}
		status, draft, err := o.asks(http.MethodGet, o.path+"/draft/$value", nil)
		if err != nil {
			continue
		}
		if status != http.StatusOK || !bytes.Equal(draft, one.jpeg) {
			o.counts.changed.Add(1)
			o.soak.t.Errorf("%s: the draft is answered %d with other bytes than were saved", o.path, status)
		}
		if !known {
			o.counts.found.Add(1)
		}
		known = true
		if now.State == "confirmed" {
			o.counts.foundSaved.Add(1)
			return true
		}
		status, body, err = o.asks(http.MethodPost, o.path+"/send", nil)
		if err != nil { // killed once more
			continue
		}
		if status == http.StatusAccepted { // the killed process still has its slots: the page waits, too
			time.Sleep(time.Second)
			continue
		}
		if status != http.StatusOK {
			o.soak.t.Errorf("%s: the draft (%s) isn't saved by one click but answered %d: %s", o.path, now.State, status, body)
			return true
		}
		o.counts.sentByOneClick.Add(1)
		return true
	}
}

// hasConfirmed checks that the tenant has one, which was called saved.
func (o *saver) hasConfirmed(one saving) {
	o.counts.saved.Add(1)
	o.last = one.etag
	if is := o.is(); hash(is) != one.etag {
		o.counts.missing.Add(1)
		o.soak.t.Errorf("%s: a photo was called saved that the tenant hasn't got", o.path)
	}
	n := o.puts.count(o.tenant, one.etag)
	o.soak.mu.Lock()
	defer o.soak.mu.Unlock()
	o.confirmed[one.etag] = n
}

// check looks at everything once more at the end.
func (s *soak) check() {
	for _, o := range s.people {
		if o.last != "" && hash(o.is()) != o.last {
			s.counts.missing.Add(1)
			s.t.Errorf("%s: the last photo that was called saved isn't there", o.path)
		}
	}
	for etag, n := range s.confirmed {
		if now := s.puts.count(s.tenant, etag); now != n || n == 0 {
			s.counts.sentAgain.Add(1)
			s.t.Errorf("a photo had been sent %d times when it was called saved, and %d times at the end", n, now)
		}
	}
	s.kill() // so that the database is ours
	db, err := store.Open(context.Background(), s.config.Database, s.config.Keys)
	if err != nil {
		s.t.Fatal(err)
	}
	defer db.Close() // it was only read
	entries := map[string]int{}
	err = auditLog(s.config, db, slog.New(slog.DiscardHandler)).Each(context.Background(), audit.Filter{}, func(r audit.Record) error {
		if !r.Verified {
			s.t.Errorf("entry %d of the audit log doesn't verify", r.Seq)
		}
		entries[r.New+" "+r.Outcome]++
		return nil
	})
	if err != nil {
		s.t.Error(err)
	}
	for etag := range s.confirmed {
		if n := entries[etag+" "+audit.Done]; n != 1 {
			s.t.Errorf("a photo that was saved has %d entries in the audit log, want 1", n)
		}
	}
}

// puts counts what was sent to Graph, by the hash of the photo.
type puts struct {
	mu   sync.Mutex
	seen map[string]bool // client-request-id: the tenant remembers requests for a while only
	of   map[string]int
}

// count returns how often the photo with this hash was sent by now.
func (p *puts) count(tenant *demo.Tenant, etag string) int {
	all := tenant.Requests()
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, r := range all {
		if id := r.Header.Get("client-request-id"); r.Method == http.MethodPut && !p.seen[id] {
			p.seen[id] = true
			p.of[hash(r.Body)]++
		}
	}
	return p.of[etag]
}

func hash(photo []byte) string {
	sum := sha256.Sum256(photo)
	return hex.EncodeToString(sum[:])
}

var budget = picture.NewBudget(64 << 20)

// newSaving returns a save of a picture that nobody else has.
func (o *saver) newSaving() saving {
	one := saving{key: strings.ToLower(fmt.Sprintf("%x", rand.Uint64())), body: randomPicture(o.soak.t)}
	rendered, err := budget.Render(context.Background(), one.body, picture.Frame{})
	if err != nil {
		o.soak.t.Error(err)
	}
	one.jpeg, one.etag = rendered.JPEG, hash(rendered.JPEG)
	return one
}

// randomPicture returns a JPEG of 8×8 fields in random colours.
func randomPicture(t *testing.T) []byte {
	img := image.NewRGBA(image.Rect(0, 0, 96, 96))
	for y := range 8 {
		for x := range 8 {
			c := color.RGBA{uint8(rand.Uint32()), uint8(rand.Uint32()), uint8(rand.Uint32()), 255}
			for i := range 144 {
				img.SetRGBA(x*12+i%12, y*12+i/12, c)
			}
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, nil); err != nil {
		t.Error(err)
	}
	return b.Bytes()
}
