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

// serve runs the site until ctx ends. It calls ready once it listens.
func serve(ctx context.Context, c config, log *slog.Logger, ready func()) error {
	db, err := store.Open(ctx, c.Database, c.Keys)
	if err != nil {
		return fmt.Errorf("the database can't be opened: %w", err)
	}
	defer db.Close() // the process ends
	handler, signIn, err := build(c, db, nil, log)
	if err != nil {
		return err
	}
	go sweep(ctx, signIn, db, log)
	listener, err := net.Listen("tcp", c.Addr)
	if err != nil {
		return fmt.Errorf("can't listen on %s: %w", c.Addr, err)
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

// sweep removes what has run out, until ctx ends. It only keeps the tables
// small: what has run out is refused without it.
func sweep(ctx context.Context, signIn *auth.Auth, db *store.Store, log *slog.Logger) {
	for sleep(ctx, sweepEvery) == nil {
		_, err := db.SweepAllowances(ctx, time.Now())
		if err = errors.Join(err, signIn.Sweep(ctx)); err != nil {
			log.Warn("sweep failed", "cause", err.Error())
		}
	}
}

// build puts the site together. toGraph carries its calls of Graph; nil stands
// for outgoing.
func build(c config, db *store.Store, toGraph *http.Client, log *slog.Logger) (http.Handler, *auth.Auth, error) {
	catalog, err := words.New()
	if err != nil {
		return nil, nil, err
	}
	files, err := static.Handler()
	if err != nil {
		return nil, nil, err
	}
	if toGraph == nil {
		toGraph = outgoing(c.GraphURL)
	}
	client, err := graph.New(c.GraphURL, toGraph, log)
	if err != nil {
		return nil, nil, err
	}
	signIn, err := auth.New(auth.Config{
		Issuer: c.Issuer, ClientID: c.ClientID, Credential: c.Credential, Tenant: c.Tenant,
		BaseURL: c.BaseURL.String(), ScopePrefix: c.ScopePrefix, GroupScope: c.GroupScope, HelpdeskRole: c.HelpdeskRole,
		Store: db, HTTP: outgoing(auth.ProviderOrigins(c.Issuer)...), Now: time.Now, Log: log,
	})
	if err != nil {
		return nil, nil, err
	}
	site := &handlers.Site{
		Photo: &photo.Service{
			Graph: client, Store: db, Pictures: picture.NewBudget(decodeBudget),
			Delegated: signIn.Delegated, Refused: signIn.Refused, App: signIn.App, AppRefused: signIn.AppRefused, Fresh: signIn.Freshen,
			Protected: c.Protected, ProtectAdmins: c.ProtectAdmins, SavesPerHour: c.SavesPerHour, GroupScope: c.GroupScope,
			Now: time.Now, Sleep: sleep,
		},
		Auth: signIn, Words: catalog, Ready: db.Ping, Secure: c.BaseURL.Scheme == "https",
	}
	if c.Notice != "" {
		site.Banner = &views.Banner{Text: c.Notice, Href: c.NoticeLink}
	}
	return web.New(web.Config{
		Site: site, Auth: signIn, Static: files, BaseURL: c.BaseURL, SignInsPerMin: c.SignInsPerMin, TrustedProxies: c.TrustedProxies, Log: log,
	}), signIn, nil
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
