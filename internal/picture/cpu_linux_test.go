package picture

import (
	"runtime"
	"syscall"
	"testing"
	"time"
)

// took returns how much processor time f takes, in this goroutine alone: on a
// busy machine the clock says more of the neighbours.
func took(tb testing.TB, f func()) time.Duration {
	tb.Helper()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	before := threadTime(tb)
	f()
	return threadTime(tb) - before
}

func threadTime(tb testing.TB) time.Duration {
	tb.Helper()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_THREAD, &usage); err != nil {
		tb.Error(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
