package main

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"portrait/internal/store"
)

// countWithin is how long the database may take to be counted for one scrape.
const countWithin = 5 * time.Second

// meters measure what operators watch. Their labels are routes, methods, states
// and outcomes, all from short lists of ours: never an id, a name or an address.
type meters struct {
	registry *prometheus.Registry
	requests *prometheus.HistogramVec
	graph    *prometheus.HistogramVec
	decodes  prometheus.Histogram
	memory   prometheus.Histogram
	health   *graphHealth
}

// newMeters returns meters that count in db at each scrape.
func newMeters(db *store.Store) *meters {
	m := &meters{registry: prometheus.NewRegistry(), health: &graphHealth{now: time.Now}}
	m.requests = prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "portrait_request_seconds", Help: "Requests, by route, method and status.", Buckets: []float64{.005, .025, .1, .25, .5, 1, 2.5, 5, 10, 30},
	}, []string{"route", "method", "status"})
	m.graph = prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "portrait_graph_call_seconds", Help: "Calls of Microsoft Graph, by kind and outcome; outcome throttled is 429 and 503.", Buckets: []float64{.05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60},
	}, []string{"kind", "outcome"})
	m.decodes = prometheus.NewHistogram(prometheus.HistogramOpts{
		Name: "portrait_decode_seconds", Help: "Pictures decoded, scaled and encoded.", Buckets: []float64{.01, .025, .05, .1, .25, .5, 1, 2.5, 5},
	})
	m.memory = prometheus.NewHistogram(prometheus.HistogramOpts{
		Name: "portrait_decode_bytes", Help: "Memory that was set aside for a picture.", Buckets: prometheus.ExponentialBuckets(1<<20, 2, 9),
	})
	m.registry.MustRegister(m.requests, m.graph, m.decodes, m.memory, collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), counted{db})
	return m
}

// methods are those that have a label of their own.
var methods = []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodDelete}

// request is told of a request that was answered: web.Config.Observe.
func (m *meters) request(ctx context.Context, route, method string, status int, took time.Duration) {
	if route == "" {
		route = "none"
	}
	if !slices.Contains(methods, method) {
		method = "other"
	}
	m.requests.WithLabelValues(route, method, strconv.Itoa(status)).Observe(took.Seconds())
	span := trace.SpanFromContext(ctx)
	span.SetName(method + " " + route)
	span.SetAttributes(attribute.String("http.route", route), attribute.Int("http.response.status_code", status))
}

// decoded is told of a picture that was decoded: picture.Budget.Observe.
func (m *meters) decoded(took time.Duration, bytes int64) {
	m.decodes.Observe(took.Seconds())
	m.memory.Observe(float64(bytes))
}

// metered is a transport to Graph that is measured.
type metered struct {
	next   http.RoundTripper
	meters *meters
}

// RoundTrip measures until the head of the answer is there.
func (t metered) RoundTrip(r *http.Request) (*http.Response, error) {
	kind := "read"
	if r.Method == http.MethodPut || r.Method == http.MethodDelete {
		kind = "change"
	}
	ctx, span := tracer().Start(r.Context(), "Graph "+r.Method, trace.WithSpanKind(trace.SpanKindClient))
	defer span.End()
	begun := time.Now()
	res, err := t.next.RoundTrip(r.WithContext(ctx))
	outcome := outcomeOf(res, err)
	if r.Context().Err() == nil { // who gave up says nothing about Graph
		t.meters.health.note(outcome)
	}
	t.meters.graph.WithLabelValues(kind, outcome).Observe(time.Since(begun).Seconds())
	span.SetAttributes(attribute.String("portrait.outcome", outcome))
	return res, err
}

// CloseIdleConnections is for http.Client's method of that name.
func (t metered) CloseIdleConnections() {
	if c, ok := t.next.(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}

// outcomeOf is what came of a call of Graph, in a word.
func outcomeOf(res *http.Response, err error) string {
	switch {
	case err != nil:
		return "unreachable"
	case res.StatusCode == http.StatusTooManyRequests, res.StatusCode == http.StatusServiceUnavailable:
		return "throttled"
	case res.StatusCode >= 500:
		return "failed"
	case res.StatusCode == http.StatusNotFound:
		return "absent"
	case res.StatusCode >= 400:
		return "refused"
	}
	return "ok"
}

// graphHealth is what Graph's last answer was like.
type graphHealth struct {
	now func() time.Time

	mu      sync.Mutex
	outcome string
	at      time.Time
}

// lately is how long a bad answer of Graph's is news.
const lately = time.Minute

func (h *graphHealth) note(outcome string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.outcome, h.at = outcome, h.now()
}

// word says it for /readyz: people can be served in any case, so that it is shown
// and doesn't count.
func (h *graphHealth) word() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.now().Sub(h.at) < lately && slices.Contains([]string{"unreachable", "throttled", "failed"}, h.outcome) {
		return h.outcome
	}
	return "ok"
}

// counted counts in the database at each scrape.
type counted struct{ db *store.Store }

var (
	sessionsDesc = prometheus.NewDesc("portrait_sessions", "Sessions, over all replicas.", nil, nil)
	draftsDesc   = prometheus.NewDesc("portrait_drafts", "Photos that are kept until they are saved, by state, over all replicas.", []string{"state"}, nil)
	itemsDesc    = prometheus.NewDesc("portrait_batch_items", "Items of batches, by state, over all replicas; the rate of done is a batch's.", []string{"state"}, nil)
	slotsDesc    = prometheus.NewDesc("portrait_graph_slots", "Calls on photos that Graph is asked at once, over all replicas: the limit, and those taken.", []string{"state"}, nil)
	waitingDesc  = prometheus.NewDesc("portrait_graph_waiting", "Who waits for a slot, over all replicas.", []string{"who"}, nil)
	upDesc       = prometheus.NewDesc("portrait_database_up", "1 where the database could be counted.", nil, nil)
)

// Describe names them.
func (c counted) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{sessionsDesc, draftsDesc, itemsDesc, slotsDesc, waitingDesc, upDesc} {
		out <- d
	}
}

// Collect counts them.
func (c counted) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), countWithin)
	defer cancel()
	gauge := func(d *prometheus.Desc, n float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, n, labels...)
	}
	counts, err := c.db.Counts(ctx)
	table, err2 := c.db.Slots(ctx)
	if err != nil || err2 != nil {
		gauge(upDesc, 0)
		return
	}
	gauge(upDesc, 1)
	gauge(sessionsDesc, float64(counts.Sessions))
	for state, n := range counts.Drafts {
		gauge(draftsDesc, float64(n), state)
	}
	for state, n := range counts.Items {
		gauge(itemsDesc, float64(n), state)
	}
	gauge(slotsDesc, float64(table.Gate.Limit), "limit")
	gauge(slotsDesc, float64(len(table.Slots)), "taken")
	people, batches := 0, 0
	for _, w := range table.Waiting {
		people, batches = people+w.People, batches+w.Batches
	}
	gauge(waitingDesc, float64(people), "people")
	gauge(waitingDesc, float64(batches), "batches")
}
