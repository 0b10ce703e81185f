package main

import (
	"fmt"
	"maps"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"
)

// row is one line of the report.
type row struct {
	name    string
	metrics *vegeta.Metrics
	paced   bool          // sent at a fixed rate
	least   float64       // requests a second; 0 = no bar
	p95     time.Duration // 0 = no bar
	cpu     time.Duration // of the program, for a request
	beside  time.Duration // of the client and the tenant, for a request
}

// size is a figure in MB that has a bar.
type size struct {
	name string
	mb   float64
	most float64 // 0 = no bar
}

// startBar is how long a start may take.
const startBar = 300 * time.Millisecond

// report is everything that was measured.
type report struct {
	plan           plan
	machine        string
	firstStart     time.Duration // with a database to make
	start          time.Duration
	sizes          []size
	rows           []row
	saves, proxied []row // paced and at once
	crowd          *crowd
}

func (r *report) add(w row) {
	r.rows = append(r.rows, w)
	fmt.Printf("%-50s %s\n", w.name, w.figures())
}

func (r *report) rss(when string, mb float64) {
	r.sizes = append(r.sizes, size{"RSS, " + when, mb, 0})
	fmt.Printf("RSS %s: %.0f MB\n", when, mb)
}

// figures are the columns of w.
func (w row) figures() string {
	l := w.metrics.Latencies
	return fmt.Sprintf("%.0f | %.1f | %.1f | %.1f | %.2f | %.2f | %.0f | %d", w.metrics.Throughput, ms(l.P50), ms(l.P95), ms(l.P99), ms(w.cpu), ms(w.beside), w.room(), w.lost())
}

// room is how many requests a second the processors have time for, with the client
// and the tenant on them and nothing else.
func (w row) room() float64 {
	return float64(runtime.NumCPU()) / max(w.cpu+w.beside, time.Microsecond).Seconds()
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// describeMachine says what the figures are from, and how busy it is.
func describeMachine(p plan) string {
	database := "SQLite"
	if p.database != "" {
		database = "PostgreSQL on the same machine"
	}
	load, err := os.ReadFile("/proc/loadavg")
	busy := "unknown"
	if err == nil {
		busy = strings.Join(strings.Fields(string(load))[:3], ", ")
	}
	return fmt.Sprintf("%d processors, GOMAXPROCS %d, %s, %s/%s, %s, load average before the run %s",
		runtime.NumCPU(), runtime.GOMAXPROCS(0), runtime.Version(), runtime.GOOS, runtime.GOARCH, database, busy)
}

// markdown is docs/load.md.
func (r *report) markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# Load\n\nWritten by `make load` (bench/load); don't edit. %s, %s.\n\n", time.Now().UTC().Format(time.DateOnly), r.machine)
	fmt.Fprintf(&b, "Portrait, the client (vegeta) and a demo tenant that is provider and Graph share the machine. A fixed rate sends each request when its time has come, answered or not the ones before; “%d at once” sends the next one when one is answered. Cpu is the processor time that Portrait (or the proxy) takes for a request; beside is what the client and the tenant take. Room is what the processors have time for if they do nothing else: it says more than req/s where the machine is busy with other things. 1 MB is 2^20 bytes. Lost is what wasn't answered with 2xx.\n\n", atOnce)
	b.WriteString("| | req/s | p50 ms | p95 ms | p99 ms | cpu ms | beside ms | room/s | lost | bar | |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|---|---|\n")
	for _, w := range r.rows {
		bar, verdict := "", ""
		if w.least > 0 {
			bar, verdict = fmt.Sprintf("≥ %.0f/s", w.least), verdictOf(!w.missedBy())
		}
		if w.p95 > 0 {
			bar += fmt.Sprintf(", p95 < %v", w.p95)
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", w.name, w.figures(), bar, verdict)
	}
	if len(r.saves) > 0 && len(r.proxied) > 0 {
		fmt.Fprintf(&b, "\nA save costs %.1f ms more than the reverse proxy at the median (%.1f times), and a machine that does nothing else takes %.2f of the proxy's requests. A save decodes, scales and encodes the picture, keeps the old one, and writes draft, history and audit log; the proxy forwards the bytes.\n",
			ms(r.saves[0].metrics.Latencies.P50-r.proxied[0].metrics.Latencies.P50),
			float64(r.saves[0].metrics.Latencies.P50)/float64(r.proxied[0].metrics.Latencies.P50),
			r.saves[1].metrics.Throughput/r.proxied[1].metrics.Throughput)
	}
	b.WriteString("\n| | | bar | |\n|---|--:|---|---|\n")
	fmt.Fprintf(&b, "| start, until /readyz is green (median of %d) | %d ms | < %v | %s |\n", starts, r.start.Milliseconds(), startBar, verdictOf(r.start < startBar))
	fmt.Fprintf(&b, "| first start, which makes the database | %d ms | | |\n", r.firstStart.Milliseconds())
	for _, s := range r.sizes {
		bar, verdict := "", ""
		if s.most > 0 {
			bar, verdict = fmt.Sprintf("≤ %.0f MB", s.most), verdictOf(s.mb <= s.most)
		}
		fmt.Fprintf(&b, "| %s | %.1f MB | %s | %s |\n", s.name, s.mb, bar, verdict)
	}
	if r.crowd != nil {
		b.WriteString(r.crowd.markdown(r.plan))
	}
	return b.String()
}

func verdictOf(ok bool) string {
	if ok {
		return "held"
	}
	return "**missed**"
}

// markdown is the part about the crowd.
func (c *crowd) markdown(p plan) string {
	var b strings.Builder
	fmt.Fprintf(&b, "\n## %d people in %v\n\nThey come evenly, sign in, look at their photo and save another, while Graph takes %d calls on photos at once and %v for each, and answers more with 429. ", p.people, p.within, graphAtOnce, graphTakes)
	atLeast := (2 * graphTakes / graphAtOnce * time.Duration(p.people)).Round(time.Second)
	fmt.Fprintf(&b, "Lost: %d. Answers of 5xx: %d. All were told a state; the last photo was there %v after the first person came. Graph's ceiling is %.1f calls a second, and each visit needs two, to keep the photo that is there and to replace it; so %d of them need at least %v. To show it is a third and a fourth, which pages do without where Graph has no time: they show initials.\n\n",
		c.lost, c.serverErrors(), c.done.Round(time.Second), float64(graphAtOnce)/graphTakes.Seconds(), p.people, atLeast)
	b.WriteString("| | p50 s | p95 s | p99 s | failed |\n|---|--:|--:|--:|--:|\n")
	for _, name := range slices.Sorted(maps.Keys(c.steps)) {
		l := c.steps[name].Latencies
		fmt.Fprintf(&b, "| %s | %.2f | %.2f | %.2f | %d |\n", name, l.P50.Seconds(), l.P95.Seconds(), l.P99.Seconds(), row{metrics: c.steps[name]}.lost())
	}
	if n := len(c.took); n > 0 {
		fmt.Fprintf(&b, "| save, until Graph has it | %.1f | %.1f | %.1f | %d |\n", c.took[n/2].Seconds(), c.took[n*95/100].Seconds(), c.took[n*99/100].Seconds(), c.lost)
	}
	fmt.Fprintf(&b, "\nAnswers by status: %v.\n", c.statuses)
	for _, why := range c.failures[:min(5, len(c.failures))] {
		fmt.Fprintf(&b, "- %s\n", why)
	}
	return b.String()
}

// missed fails with every bar that is missed.
func (r *report) missed() error {
	var all []string
	if r.start >= startBar {
		all = append(all, "start")
	}
	for _, s := range r.sizes {
		if s.most > 0 && s.mb > s.most {
			all = append(all, s.name)
		}
	}
	for _, w := range r.rows {
		if w.least > 0 && w.missedBy() {
			all = append(all, w.name)
		}
	}
	if r.crowd != nil && r.crowd.lost+r.crowd.serverErrors() > 0 {
		all = append(all, "the crowd")
	}
	if len(all) == 0 {
		return nil
	}
	return fmt.Errorf("missed: %s", strings.Join(all, "; "))
}
