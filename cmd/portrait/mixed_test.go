package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"portrait/internal/auth"
	"portrait/internal/demo"
	"portrait/internal/store/storetest"
)

// mixed is how long TestMixedLoadStaysFlat lasts: `make soak` asks for an hour.
var mixed = flag.Duration("mixed", time.Minute, "how long the program is under mixed load")

const (
	// mixedDrift is by how much what a process uses may grow.
	mixedDrift = 0.10
	// mixedWarm is how long the warm-up lasts at least: 30 seconds after a save a
	// second look at the photo begins, and with it more that goes on at once.
	mixedWarm = 40 * time.Second
	// mixedSamples is how many times it is looked at after the warm-up.
	mixedSamples = 24
	// mixedRest is how long everybody rests before it is looked at: what is under
	// way at a time says how busy the machine is, and what is left says whether
	// anything is kept that shouldn't be.
	mixedRest = 200 * time.Millisecond
	// mixedPause is between two steps of one person: ten people make some 100
	// requests a second, which a machine carries that does other things too.
	mixedPause = 100 * time.Millisecond
	// mixedCrowd is how many ask at once at the beginning, mixedEach times
	// each, so that pools of connections are as large as they get.
	mixedCrowd, mixedEach = 48, 10
)

// TestMixedLoadStaysFlat lets people do everything again and again, and looks at
// what the process uses meanwhile: its memory, goroutines and open files. After a
// warm-up of a third of the time, or of mixedWarm, they must stay within 10 percent.
func TestMixedLoadStaysFlat(t *testing.T) {
	for name, url := range map[string]func(*testing.T) string{
		"SQLite":     func(*testing.T) string { return "" },
		"PostgreSQL": func(t *testing.T) string { return storetest.PostgreSQL(t).URL },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newProgram(t, url(t), nil)
			// Not killed: River's leader, who looks after its tables, would be known as
			// such for a while, and the next one only then begin.
			if err := p.end(); err != nil {
				t.Fatal(err)
			}
			addr, err := freeAddr("127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			p.vars["PORTRAIT_METRICS_ADDR"], p.vars["PORTRAIT_SAVES_PER_HOUR"] = addr, "1000000"
			p.start()
			p.tenant.Set(demo.Weather{ReadDelay: -1, Slow: 5 * time.Millisecond})
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			var all sync.WaitGroup
			steps := newTally()
			var rest sync.RWMutex
			for i, persona := range []string{"employee", "owner", "helpdesk", "no-photo", "employee", "owner", "helpdesk", "no-mailbox"} {
				b := p.signedInFor(persona, wishesOf(persona)...)
				all.Go(func() { b.livesThrough(ctx, persona, i, steps, &rest) })
			}
			p.signedInFor("helpdesk").crowds()
			time.Sleep(max(*mixed/3, mixedWarm))
			usage := watchUsage(t, "http://"+addr+"/metrics", &rest)
			stop()
			all.Wait()
			usage.check(t)
			t.Log(steps, usage)
		})
	}
}

// wishesOf is what a persona allows the app beside their own photo.
func wishesOf(persona string) []string {
	switch persona {
	case "owner":
		return []string{auth.ForGroups}
	case "employee":
		return []string{auth.ForContacts}
	}
	return nil
}

// tally counts answers by what was asked.
type tally struct {
	mu sync.Mutex
	of map[string]int
}

func newTally() *tally { return &tally{of: map[string]int{}} }

func (c *tally) add(what string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.of[what]++
}

func (c *tally) String() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := 0
	for _, times := range c.of {
		n += times
	}
	return fmt.Sprintf("%d requests: %v", n, c.of)
}

// livesThrough does what people do, one step after the other, until ctx ends, and
// rests while somebody has rest for themselves. Two windows of one person may
// overtake each other, and then hear so.
func (b *browser) livesThrough(ctx context.Context, persona string, first int, steps *tally, rest *sync.RWMutex) {
	pages := []string{"/me/photo", "/me/photo/$value", "/me/photos/96x96/$value", "/", "/healthz", "/static/nothing"}
	switch persona {
	case "owner":
		pages = append(pages, "/groups", "/teams")
	case "employee":
		pages = append(pages, "/me/contacts")
	case "helpdesk":
		pages = append(pages, "/users?q=Ma", "/audit", "/batches", "/coverage", "/readyz")
	}
	picture := randomPicture(b.t)
	for n := first; ctx.Err() == nil; n++ {
		rest.RLock()
		what, status, err := "save", 0, error(nil)
		switch step := n % (len(pages) + 3); step {
		case len(pages):
			status, _, err = b.saving(picture, fmt.Sprint(persona, first, n))
		case len(pages) + 1:
			what = "remove"
			status, _, err = b.asks(http.MethodDelete, "/me/photo/$value", nil)
		case len(pages) + 2:
			what = "sign-in"
			status = b.signIn(persona).status
			picture = randomPicture(b.t)
		default:
			what = pages[step]
			status, _, err = b.asks(http.MethodGet, what, nil, "Accept", "*/*")
		}
		rest.RUnlock()
		if err != nil || status >= http.StatusInternalServerError {
			b.t.Errorf("%s of %s: %d %v", what, persona, status, err)
			return
		}
		steps.add(what)
		time.Sleep(mixedPause)
	}
}

// usage is what the process used, sample by sample.
type usage struct{ memory, goroutines, files []float64 }

// crowds asks for pages as a crowd does.
func (b *browser) crowds() {
	var all sync.WaitGroup
	for range mixedCrowd {
		all.Go(func() {
			for _, page := range slices.Repeat([]string{"/me/photo", "/batches"}, mixedEach/2) {
				if status, _, err := b.asks(http.MethodGet, page, nil, "Accept", "text/html"); err != nil || status != http.StatusOK {
					b.t.Errorf("%s in a crowd: %d %v", page, status, err)
				}
			}
		})
	}
	all.Wait()
}

// watchUsage looks at it all the times that are wanted: a machine that does other
// things too takes longer until everybody rests.
func watchUsage(t *testing.T, metrics string, rest *sync.RWMutex) *usage {
	t.Helper()
	u := &usage{}
	every := time.NewTicker((*mixed - max(*mixed/3, mixedWarm)) / (mixedSamples + 1))
	defer every.Stop()
	for range mixedSamples {
		<-every.C
		rest.Lock()
		time.Sleep(mixedRest)
		u.look(t, metrics)
		rest.Unlock()
	}
	return u
}

// look reads the metrics once.
func (u *usage) look(t *testing.T, metrics string) {
	t.Helper()
	res, err := http.Get(metrics)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close() // it is read
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	u.memory = append(u.memory, gauge(t, string(text), "process_resident_memory_bytes")/(1<<20))
	u.goroutines = append(u.goroutines, gauge(t, string(text), "go_goroutines"))
	u.files = append(u.files, gauge(t, string(text), "process_open_fds"))
}

// gauge returns the value of a metric without labels.
func gauge(t *testing.T, text, name string) float64 {
	t.Helper()
	for line := range strings.Lines(text) {
		if value, ok := strings.CutPrefix(strings.TrimSpace(line), name+" "); ok {
			n, err := strconv.ParseFloat(value, 64)
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
	}
	t.Fatalf("no metric %s", name)
	return 0
}

// thirds returns the medians of the first and of the last third.
func thirds(all []float64) (first, last float64) {
	median := func(some []float64) float64 {
		sorted := slices.Sorted(slices.Values(some))
		return sorted[len(sorted)/2]
	}
	n := len(all) / 3
	return median(all[:n]), median(all[len(all)-n:])
}

// check fails where anything has grown.
func (u *usage) check(t *testing.T) {
	t.Helper()
	for name, all := range map[string][]float64{"memory (MB)": u.memory, "goroutines": u.goroutines, "open files": u.files} {
		if first, last := thirds(all); last > first*(1+mixedDrift) {
			t.Errorf("%s: %.0f in the first third and %.0f in the last: it grows; %.0f", name, first, last, all)
		}
	}
}

func (u *usage) String() string {
	var out strings.Builder
	for _, of := range []struct {
		name string
		all  []float64
	}{{"memory (MB)", u.memory}, {"goroutines", u.goroutines}, {"open files", u.files}} {
		first, last := thirds(of.all)
		fmt.Fprintf(&out, "; %s %.0f → %.0f (%+.1f %%)", of.name, first, last, math.Round((last/first-1)*1000)/10)
	}
	return out.String()
}
