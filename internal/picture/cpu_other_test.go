//go:build !linux

package picture

import (
	"testing"
	"time"
)

// took returns how long f takes: only Linux tells what a thread had.
func took(_ testing.TB, f func()) time.Duration {
	start := time.Now()
	f()
	return time.Since(start)
}
