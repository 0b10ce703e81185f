//go:build linux || darwin || freebsd

package store

import "golang.org/x/sys/unix"

// freeBytes returns how much this process can still write in folder.
func freeBytes(folder string) (uint64, error) {
	var s unix.Statfs_t
	if err := unix.Statfs(folder, &s); err != nil {
		return 0, err
	}
	return uint64(s.Bavail) * uint64(s.Bsize), nil // #nosec G115 -- neither is below zero
}
