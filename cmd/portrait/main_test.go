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

func TestMain(m *testing.M) {
	if os.Getenv(serveAlone) != "" {
		ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
		defer stop()
		os.Exit(run(ctx, []string{"serve"}, os.Stdout, os.Stderr))
	}
	os.Exit(storetest.Run(m))
}
