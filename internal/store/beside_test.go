//go:build unix

package store_test

import (
	"os"
	process "os/exec"
	"syscall"
	"testing"

	"portrait/internal/store/storetest"
)

// besideAt names the database whose lock this binary looks for as another
// process does, instead of running the tests.
const besideAt = "PORTRAIT_TEST_BESIDE"

// Where everybody who has a SQLite database open holds a lock to read.
//
// Source: SQLite's os.h, SHARED_FIRST and SHARED_SIZE
const sharedFirst, sharedSize = 0x40000000 + 2, 510

// TestTheDatabaseIsHeld holds that others see that Portrait has its SQLite file
// open. The last process to leave a database removes its journal: somebody who
// looks into it with sqlite3 while Portrait runs took themselves for the last,
// and what Portrait wrote afterwards was lost.
func TestTheDatabaseIsHeld(t *testing.T) {
	if path := os.Getenv(besideAt); path != "" {
		seeTheLock(t, path)
		return
	}
	d := storetest.SQLite(t)
	d.Open(t)
	d.Open(t) // as a command of the same program
	other := process.Command(os.Args[0], "-test.run=^TestTheDatabaseIsHeld$")
	other.Env = append(os.Environ(), besideAt+"="+d.URL)
	if said, err := other.CombinedOutput(); err != nil {
		t.Errorf("the other process: %v\n%s", err, said)
	}
}

// seeTheLock fails t unless another process keeps this one from being the last.
func seeTheLock(t *testing.T, path string) {
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close() // nothing is written
	lock := syscall.Flock_t{Type: syscall.F_WRLCK, Start: sharedFirst, Len: sharedSize}
	if err := syscall.FcntlFlock(file.Fd(), syscall.F_GETLK, &lock); err != nil || lock.Type == syscall.F_UNLCK {
		t.Errorf("nobody holds the database: %+v, %v", lock, err)
	}
}
