package main

import (
	"context"
	"os"
	"testing"

	"portrait/internal/store/storetest"
)

// serveAlone makes the test binary the program itself, for tests that kill it.
const serveAlone = "PORTRAIT_TEST_SERVE"

func TestMain(m *testing.M) {
	if os.Getenv(serveAlone) != "" {
		os.Exit(run(context.Background(), []string{"serve"}, os.Stdout, os.Stderr))
	}
	os.Exit(storetest.Run(m))
}
