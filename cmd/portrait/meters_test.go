package main

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"portrait/internal/demo"
)

// scrape returns what Prometheus would read of s.
func (s *testSite) scrape() string {
	s.t.Helper()
	addr, err := freeAddr("127.0.0.1:0")
	if err != nil {
		s.t.Fatal(err)
	}
	stop, err := serveMetrics(addr, s.running.Load().meters, slog.New(slog.DiscardHandler))
	if err != nil {
		s.t.Fatal(err)
	}
	defer stop()
	res, err := http.Get("http://" + addr + "/metrics")
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		s.t.Fatalf("%d %v", res.StatusCode, err)
	}
	return string(text)
}

// TestSecurityMetricsNameNobody uses the site as people and attackers do, and
// looks for what must be counted and for what mustn't be there.
func TestSecurityMetricsNameNobody(t *testing.T) {
	s := newSite(t)
	b := s.signedIn("employee")
	b.put(sample(t, "tiny.jpg"))
	s.signedIn("helpdesk").get("/users?q=Maya")
	b.get("/users/maya.lindqvist@skylark.example/photo")
	b.get("/nothing/maya.lindqvist")
	b.do("MAYA", "/me/photo", nil)
	s.tenant.Set(demo.Weather{Throttle: 10 * time.Minute, ReadDelay: -1})
	b.put(sample(t, "tiny.jpg"), "Idempotency-Key", "another")
	text := s.scrape()
	for _, want := range []string{
		`portrait_request_seconds_count{method="PUT",route="/me/photo/$value",status="200"} 1`, `route="none"`, `method="other"`,
		`portrait_graph_call_seconds_count{kind="change",outcome="ok"} 1`, `outcome="throttled"`,
		"portrait_decode_seconds_count 2", "portrait_decode_bytes_count 2", "portrait_sessions 2", `portrait_graph_slots{state="limit"}`,
		`portrait_graph_waiting{who="people"} 0`, "portrait_database_up 1", "go_goroutines", "process_resident_memory_bytes",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%s isn't counted", want)
		}
	}
	for _, mustnt := range []string{"maya", "skylark", string(s.person("employee")), string(s.person("helpdesk")), string(s.tenant.ID())} {
		if strings.Contains(strings.ToLower(text), strings.ToLower(mustnt)) {
			t.Errorf("the metrics hold %q", mustnt)
		}
	}
	if ready := b.get("/readyz"); ready.status != http.StatusOK || !strings.Contains(string(ready.body), "graph: throttled") || !strings.Contains(string(ready.body), "keys: ok") {
		t.Errorf("/readyz is %d %s; Graph's trouble is shown and doesn't count", ready.status, ready.body)
	}
	if a := b.get("/metrics"); a.status != http.StatusNotFound {
		t.Errorf("the site itself answers %d for /metrics", a.status)
	}
}

// TestTracesGoWhereTheVariablesSay lets the site send its traces to a collector,
// and looks for names in them.
func TestTracesGoWhereTheVariablesSay(t *testing.T) {
	for _, tt := range []struct {
		sentence string
		vars     map[string]string
		want     bool
	}{
		{"nothing is set", nil, false},
		{"an address for all signals", map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://x"}, true},
		{"an address for traces", map[string]string{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://x"}, true},
		{"the usual address", map[string]string{"OTEL_TRACES_EXPORTER": "otlp"}, true},
		{"metrics alone", map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://x", "OTEL_TRACES_EXPORTER": "none"}, false},
		{"all is off", map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://x", "OTEL_SDK_DISABLED": "true"}, false},
	} {
		if got := wantsTraces(tt.vars); got != tt.want {
			t.Errorf("%s: traces are sent: %v", tt.sentence, got)
		}
	}
	var got atomic.Pointer[string]
	collector := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body) // what is missing isn't found in it
		text := r.URL.Path + string(body)
		got.Store(&text)
	}))
	defer collector.Close()
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.URL)
	stop, err := startTraces(context.Background(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	s := newSite(t)
	next := s.handler
	s.handler = traced(next)
	r := httptest.NewRequest(http.MethodGet, s.url+"/users/maya.lindqvist@skylark.example/photo?q=maya", nil)
	s.handler.ServeHTTP(httptest.NewRecorder(), r)
	stop()
	sent := got.Load()
	if sent == nil || !strings.HasPrefix(*sent, "/v1/traces") || !strings.Contains(*sent, "GET /users/:user/photo") {
		t.Fatalf("the collector got %v", sent)
	}
	if strings.Contains(strings.ToLower(*sent), "maya") {
		t.Error("a trace names somebody")
	}
}

// TestTheEndWaitsForSaves ends the program while photos are being saved by a slow
// Graph: each save is answered as if nothing had happened.
func TestTheEndWaitsForSaves(t *testing.T) {
	p := newProgram(t, "", nil)
	b := p.signedIn("employee")
	p.tenant.Set(demo.Weather{Slow: 1500 * time.Millisecond, ReadDelay: -1})
	type result struct {
		status int
		err    error
	}
	saved := make(chan result, 1)
	picture := sample(t, "tiny.jpg")
	go func() {
		status, _, err := b.asks(http.MethodPut, "/me/photo/$value", picture)
		saved <- result{status, err}
	}()
	for until := time.Now().Add(20 * time.Second); len(p.tenant.Requests()) == 0 && time.Now().Before(until); {
		time.Sleep(20 * time.Millisecond)
	}
	time.Sleep(300 * time.Millisecond) // it is under way
	begun := time.Now()
	if err := p.end(); err != nil {
		t.Errorf("the program ends with %v", err)
	}
	if took := time.Since(begun); took > drain {
		t.Errorf("the end took %v", took)
	}
	if r := <-saved; r.err != nil || r.status != http.StatusOK && r.status != http.StatusAccepted {
		t.Errorf("the save was answered %d, %v", r.status, r.err)
	}
}
