package main

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"portrait/internal/auth"
	"portrait/internal/demo"
	"portrait/internal/store"
	"portrait/internal/store/storetest"
)

// balancer forwards each TCP connection to the next of its replicas in turn, and
// looks at nothing of what goes through it.
type balancer struct {
	listener net.Listener
	replicas []string // addresses

	mu    sync.Mutex
	taken []int // which replica got each connection
}

// newBalancer listens on a port of its own until the test ends.
func newBalancer(t *testing.T) *balancer {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() }) // the test's end
	return &balancer{listener: l}
}

func (b *balancer) url() string { return "http://" + b.listener.Addr().String() }

// forward begins to forward to replicas.
func (b *balancer) forward(replicas ...*program) {
	for _, p := range replicas {
		b.replicas = append(b.replicas, strings.TrimPrefix(p.url, "http://"))
	}
	go func() {
		for {
			from, err := b.listener.Accept()
			if err != nil {
				return // the test has ended
			}
			go b.join(from, b.next())
		}
	}()
}

// next returns the address of the replica whose turn it is.
func (b *balancer) next() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := len(b.taken) % len(b.replicas)
	b.taken = append(b.taken, n)
	return b.replicas[n]
}

// since returns which replicas got the connections after the first n.
func (b *balancer) since(n int) []int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.taken[n:])
}

// join copies both ways until both ends have said all.
func (b *balancer) join(from net.Conn, replica string) {
	defer from.Close() // all was copied
	to, err := net.Dial("tcp", replica)
	if err != nil {
		return
	}
	defer to.Close() // likewise
	var both sync.WaitGroup
	for _, way := range [][2]net.Conn{{from, to}, {to, from}} {
		both.Go(func() {
			_, _ = io.Copy(way[1], way[0])         // whoever broke off is seen by the other end
			_ = way[1].(*net.TCPConn).CloseWrite() // likewise
		})
	}
	both.Wait()
}

// replicated is a site of two processes behind a balancer.
type replicated struct {
	*testSite // the site as people see it
	replicas  [2]*program
	balancer  *balancer
}

// newReplicated starts two processes on the database at a URL. The addresses
// that they know themselves by are the balancer's.
func newReplicated(t *testing.T, database string, change func(vars map[string]string)) *replicated {
	t.Helper()
	b := newBalancer(t)
	p := newProgram(t, database, nil)
	p.kill()
	p.tenant.Register(b.url()+"/auth/callback", b.url()+"/", b.url()+"/")
	p.vars["PORTRAIT_URL"], p.vars["PORTRAIT_LOG"] = b.url(), "info"
	if change != nil {
		change(p.vars)
	}
	p.start()
	q := p.twin()
	b.forward(p, q)
	db, err := store.Open(context.Background(), p.config.Database, p.config.Keys)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	site := *p.testSite
	site.url, site.db = b.url(), db
	return &replicated{testSite: &site, replicas: [2]*program{p, q}, balancer: b}
}

// hop returns a browser that opens a connection for each request, so that each
// goes to the other replica than the one before.
func (r *replicated) hop() *browser {
	b := r.browser()
	fresh := http.DefaultTransport.(*http.Transport).Clone()
	fresh.DisableKeepAlives = true
	b.http.Transport = lookout{r.testSite, fresh}
	return b
}

// answered reports whether replica n has logged a request for the route.
func (r *replicated) answered(n int, method, route string) bool {
	return slices.ContainsFunc(strings.Split(r.replicas[n].said(), "\n"), func(line string) bool {
		return strings.Contains(line, `"method":"`+method+`","route":"`+route+`"`)
	})
}

// TestTwoReplicasAreOneSite signs somebody in on one replica and saves on the
// other, through a balancer that knows nothing of sessions.
func TestTwoReplicasAreOneSite(t *testing.T) {
	t.Parallel() // it waits most of the time
	r := newReplicated(t, storetest.PostgreSQL(t).URL, nil)
	b := r.hop()
	if a := b.signIn("employee"); a.status != http.StatusOK {
		t.Fatalf("signing in: %d %s", a.status, a.text())
	}
	began, finished := r.where(http.MethodGet, "/auth/sign-in"), r.where(http.MethodGet, "/auth/callback")
	if began == finished {
		t.Errorf("the sign-in began and ended on replicas %q and %q: the balancer doesn't take turns", began, finished)
	}
	photos := [][]byte{randomPicture(t), randomPicture(t)}
	for i, photo := range photos {
		if a := b.put(photo); a.status != http.StatusOK {
			t.Fatalf("save %d: %d %s", i, a.status, a.body)
		}
		r.has("employee", photo)
	}
	if saved := r.where(http.MethodPut, "/me/photo/$value"); saved != "01" {
		t.Errorf("saves were answered by the replicas %q, want both", saved)
	}
	for i := range 2 { // what the replica remembers that didn't save last is of no use any more
		if a := b.get("/me/photo/$value"); a.status != http.StatusOK || !bytes.Equal(a.body, rendered(t, photos[1])) {
			t.Errorf("look %d: %d, with another photo than was saved last", i, a.status)
		}
	}
	if a := b.submit("/auth/sign-out"); a.status != http.StatusOK {
		t.Fatalf("signing out: %d %s", a.status, a.text())
	}
	for i := range 2 {
		if a := b.get("/me/photo", "Accept", "application/json"); a.status != http.StatusUnauthorized {
			t.Errorf("look %d after signing out: %d", i, a.status)
		}
	}
}

// where returns the numbers of the replicas that have answered the route: "0",
// "1", "01" or "".
func (r *replicated) where(method, route string) (replicas string) {
	for n := range r.replicas {
		if r.answered(n, method, route) {
			replicas += string(rune('0' + n))
		}
	}
	return replicas
}

// TestReplicasRefreshOnce lets 50 requests on each of two replicas need another
// access token at the same moment. Refresh tokens are good once: a second refresh
// would end the session.
func TestReplicasRefreshOnce(t *testing.T) {
	t.Parallel() // it waits most of the time
	const each = 50
	r := newReplicated(t, storetest.PostgreSQL(t).URL, nil)
	for _, tt := range []struct {
		sentence string
		life     time.Duration // of the access token; shorter than what it must still live to be given out
		expire   func()
	}{
		{"the access token has run out by the clock", 30 * time.Second, func() {}},
		{"Graph takes the access token no longer", 0, r.tenant.ExpireAccessTokens},
	} {
		t.Run(tt.sentence, func(t *testing.T) {
			r.tenant.Set(demo.Weather{ReadDelay: -1, TokenLife: tt.life})
			b := r.hop()
			if a := b.signIn("owner"); a.status != http.StatusOK {
				t.Fatalf("signing in: %d %s", a.status, a.text())
			}
			if a := b.allow(auth.ForGroups, "/admin", "owner"); a.status != http.StatusOK || a.url.Path != "/admin" {
				t.Fatalf("allowing groups: %d %s %s", a.status, a.url, a.text())
			}
			tt.expire()
			r.tenant.Set(demo.Weather{ReadDelay: -1, ProviderSlow: time.Second}) // so that all wait for it
			refreshes, connections := r.tenant.RefreshCalls(), len(r.balancer.since(0))
			var all sync.WaitGroup
			for i := range 2 * each {
				path := []string{"/me/photo", "/groups", "/teams", "/me/photo/$value"}[i/2%4]
				all.Go(func() {
					if status, body, err := b.asks(http.MethodGet, path, nil, "Accept", "*/*"); err != nil || status != http.StatusOK {
						t.Errorf("%s is answered %d %v: %.300s", path, status, err, body)
					}
				})
			}
			all.Wait()
			if n := r.tenant.RefreshCalls() - refreshes; n != 1 {
				t.Errorf("%d refreshes, want 1", n)
			}
			turns := map[int]int{}
			for _, n := range r.balancer.since(connections) {
				turns[n]++
			}
			if turns[0] != each || turns[1] != each {
				t.Errorf("the replicas got %v requests, want %d each", turns, each)
			}
			if a := b.get("/me/photo"); a.status != http.StatusOK {
				t.Errorf("afterwards: %d %s", a.status, a.text())
			}
		})
	}
}
