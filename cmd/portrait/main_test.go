package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"testing"

	"portrait/internal/store/storetest"
)

// serveAlone makes the test binary the program itself, for tests that kill it.
const serveAlone = "PORTRAIT_TEST_SERVE"

// runAlone makes it the program with the arguments that it was given.
const runAlone = "PORTRAIT_TEST_RUN"

func TestMain(m *testing.M) {
	if os.Getenv(serveAlone) != "" {
		ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
		defer stop()
		os.Exit(run(ctx, []string{"serve"}, os.Stdout, os.Stderr))
	}
	if os.Getenv(runAlone) != "" {
		os.Exit(run(context.Background(), os.Args[1:], os.Stdout, os.Stderr))
	}
	os.Exit(storetest.Run(m))
}
