package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// flushWithin is how long the last traces may take to leave at the end.
const flushWithin = 5 * time.Second

// serveMetrics serves m on a listener of its own, if addr names one, and returns
// what ends that.
func serveMetrics(addr string, m *meters, log *slog.Logger) (stop func(), err error) {
	if addr == "" {
		return func() {}, nil
	}
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("can't listen on %s for metrics: %w", addr, err)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{MaxRequestsInFlight: 4}))
	server := newServer(mux, log)
	go func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			log.Warn("metrics are served no longer", "cause", err.Error())
		}
	}()
	return func() { _ = server.Close() }, nil // who scrapes comes again
}

// wantsTraces reports whether the standard variables ask for traces.
//
// Source: https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
func wantsTraces(vars map[string]string) bool {
	if vars["OTEL_SDK_DISABLED"] == "true" || vars["OTEL_TRACES_EXPORTER"] == "none" {
		return false
	}
	return vars["OTEL_EXPORTER_OTLP_ENDPOINT"] != "" || vars["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"] != "" || vars["OTEL_TRACES_EXPORTER"] == "otlp"
}

// startTraces sends traces to where the standard variables say, by OTLP over
// HTTP, and returns what ends that. Without it all spans are nothing.
func startTraces(ctx context.Context, log *slog.Logger) (stop func(), err error) {
	exporter, err := otlptracehttp.New(ctx)
	if err != nil {
		return nil, fmt.Errorf("traces can't be sent: %w", err)
	}
	about, err := resource.New(ctx, resource.WithAttributes(attribute.String("service.name", "portrait"), attribute.String("service.version", version())), resource.WithFromEnv())
	if err != nil {
		return nil, fmt.Errorf("traces can't be sent: %w", err)
	}
	provider := sdktrace.NewTracerProvider(sdktrace.WithBatcher(exporter), sdktrace.WithResource(about))
	otel.SetTracerProvider(provider)
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { log.Warn("traces", "cause", err.Error()) }))
	return func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), flushWithin)
		defer cancel()
		if err := provider.Shutdown(ctx); err != nil {
			log.Warn("the last traces are lost", "cause", err.Error())
		}
	}, nil
}

func tracer() trace.Tracer { return otel.Tracer("portrait") }

// traced begins a span for each request. What names somebody isn't in it: the
// route is filled in once it is known, and the address never is.
func traced(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx := propagation.TraceContext{}.Extract(r.Context(), propagation.HeaderCarrier(r.Header))
		ctx, span := tracer().Start(ctx, "request", trace.WithSpanKind(trace.SpanKindServer))
		defer func() {
			span.SetAttributes(attribute.String("portrait.request", w.Header().Get("X-Request-Id")))
			span.End()
		}()
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}
