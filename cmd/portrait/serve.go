package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"portrait/handlers"
	"portrait/internal/auth"
	"portrait/internal/batch"
	"portrait/internal/coverage"
	"portrait/internal/export"
	"portrait/internal/graph"
	"portrait/internal/photo"
	"portrait/internal/picture"
	"portrait/internal/store"
	"portrait/internal/words"
	"portrait/static"
	"portrait/views"
	"portrait/web"
)

// decodeBudget is the memory of all pictures that are decoded at once, in bytes.
const decodeBudget = 200 << 20

// drain is how long requests that are under way may take to finish at the end.
const drain = 30 * time.Second

const sweepEvery = 10 * time.Minute

// serve runs the site until ctx ends. It calls ready once it listens. Checkpoints
// of the audit log are written to checkpoints.
func serve(ctx context.Context, c config, log, checkpoints *slog.Logger, ready func()) error {
	db, err := store.Open(ctx, c.Database, c.Keys)
	if err != nil {
		return fmt.Errorf("the database can't be opened: %w", err)
	}
	defer db.Close() // the process ends
	if c.Traces {
		stopTraces, err := startTraces(ctx, log)
		if err != nil {
			return err
		}
		defer stopTraces()
	}
	site, err := build(c, db, nil, log)
	if err != nil {
		return err
	}
	stopMetrics, err := serveMetrics(c.MetricsAddr, site.meters, log)
	if err != nil {
		return err
	}
	defer stopMetrics()
	stopBatches, err := site.work(ctx, log)
	if err != nil {
		return fmt.Errorf("batches can't be worked: %w", err)
	}
	defer stopBatches()
	go sweep(ctx, site, log)
	go site.coverage.Tend(ctx)
	go rewrap(ctx, db, log)
	trail := auditLog(c, db, checkpoints)
	go keepAudit(ctx, trail, c.AuditAge, log)
	defer lastCheckpoint(trail, log)
	listener, err := net.Listen("tcp", c.Addr)
	if err != nil {
		return fmt.Errorf("can't listen on %s: %w", c.Addr, err)
	}
	handler := site.handler
	if c.Traces {
		handler = traced(handler)
	}
	server := newServer(handler, log)
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	ready()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	ctx, cancel := context.WithTimeout(context.Background(), drain)
	defer cancel()
	if err := server.Shutdown(ctx); err != nil && !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("some requests were cut off: %w", err)
	}
	return nil
}

// newServer returns the server of handler. Its limits are for clients that send
// slowly, or without end: Go's own has none.
func newServer(handler http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler: handler, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
		ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 60 * time.Second,
		WriteTimeout: 120 * time.Second, IdleTimeout: 60 * time.Second, MaxHeaderBytes: 32 << 10,
	}
}

// sweep removes what has run out, until ctx ends: sessions, which are refused
// without it, and what is kept about people for a while. The evidence of that is
// in the database too.
func sweep(ctx context.Context, site built, log *slog.Logger) {
	for {
		_, err := site.photos.Store.SweepAllowances(ctx, time.Now())
		if err = errors.Join(err, site.signIn.Sweep(ctx)); err != nil {
			log.Warn("sweep failed", "cause", err.Error())
		}
		purged, err := site.photos.Sweep(ctx)
		if err != nil && ctx.Err() == nil {
			log.Warn("purge failed", "cause", err.Error())
		}
		for _, p := range purged {
			log.Info("purged", "what", p.What, "rows", p.Deleted, "olderThan", p.Older)
		}
		batches, err := site.batches.Sweep(ctx)
		if err != nil && ctx.Err() == nil {
			log.Warn("purge of batches failed", "cause", err.Error())
		}
		for _, p := range batches {
			log.Info("purged", "what", "batch", "batch", p.Batch, "rows", p.Items, "pictures", p.Pictures)
		}
		exported, err := site.exports.Sweep(ctx)
		scans, errScans := site.coverage.Sweep(ctx)
		if err = errors.Join(err, errScans); err != nil && ctx.Err() == nil {
			log.Warn("purge of exports and coverage failed", "cause", err.Error())
		}
		if exported+scans > 0 {
			log.Info("purged", "what", "exports and coverage", "people", exported, "scans", scans)
		}
		if sleep(ctx, sweepEvery) != nil {
			return
		}
	}
}

// built is the site and what runs beside it.
type built struct {
	handler  http.Handler
	signIn   *auth.Auth
	photos   *photo.Service
	batches  *batch.Service
	coverage *coverage.Service
	exports  *export.Service
	meters   *meters
}

// build puts the site together. toGraph carries its calls of Graph; nil stands
// for outgoing.
func build(c config, db *store.Store, toGraph *http.Client, log *slog.Logger) (built, error) {
	catalog, err := words.New()
	if err != nil {
		return built{}, err
	}
	files, err := static.Handler()
	if err != nil {
		return built{}, err
	}
	if toGraph == nil {
		toGraph = outgoing(c.GraphURL)
	}
	m := newMeters(db)
	client, err := graph.New(c.GraphURL, &http.Client{Transport: metered{toGraph.Transport, m}, Timeout: toGraph.Timeout}, log)
	if err != nil {
		return built{}, err
	}
	slots := photo.NewSlots(db, c.GraphSlots)
	client.Load = slots.Heard
	signIn, err := auth.New(auth.Config{
		Issuer: c.Issuer, ClientID: c.ClientID, Credential: c.Credential, Tenant: c.Tenant,
		BaseURL: c.BaseURL.String(), ScopePrefix: c.ScopePrefix, GroupScope: c.GroupScope, HelpdeskRole: c.HelpdeskRole,
		Store: db, HTTP: outgoing(auth.ProviderOrigins(c.Issuer)...), Now: c.Now, Log: log,
	})
	if err != nil {
		return built{}, err
	}
	pictures := picture.NewBudget(decodeBudget)
	pictures.Observe = m.decoded
	photos := &photo.Service{
		Graph: client, Store: db, Audit: auditLog(c, db, log), Pictures: pictures, Slots: slots,
		Delegated: signIn.Delegated, Refused: signIn.Refused, App: signIn.App, AppRefused: signIn.AppRefused, Fresh: signIn.Freshen,
		Protected: c.Protected, ProtectAdmins: c.ProtectAdmins, GroupScope: c.GroupScope, SavesPerHour: c.SavesPerHour,
		HistoryPhotos: c.HistoryPhotos, HistoryAge: c.HistoryAge,
		Now: c.Now, Sleep: sleep,
	}
	batches, err := newBatches(c, photos, signIn, log)
	if err != nil {
		return built{}, err
	}
	b := built{signIn: signIn, photos: photos, batches: batches, meters: m}
	b.coverage = &coverage.Service{
		Store: db, Photo: photos, Log: log, Now: time.Now, Sleep: sleep, Fresh: signIn.Freshen, Tenant: c.Tenant, Replica: batches.Replica,
	}
	b.exports = &export.Service{Store: db, Photo: photos, Now: time.Now, Sleep: sleep, ApprovalAbove: c.ApprovalAbove}
	site := &handlers.Site{
		Photo: photos, Auth: signIn, Batch: batches, Cover: b.coverage, Hand: b.exports, Words: catalog,
		Ready: db.Ready, KeysFit: db.KeysFit, Graph: m.health.word, Secure: c.BaseURL.Scheme == "https",
		Banner: map[string]views.Banner{},
	}
	for lang, text := range c.Notice {
		site.Banner[lang] = views.Banner{Text: text, Href: c.NoticeLink}
	}
	whole, err := web.New(web.Config{
		Site: site, Auth: signIn, Static: files, BaseURL: c.BaseURL, SignInsPerMin: c.SignInsPerMin, TrustedProxies: c.TrustedProxies, Log: log,
		Observe: m.request,
	})
	b.handler = whole
	return b, err
}

// sleep waits for d or until ctx ends.
func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
