//go:build !(linux || darwin || freebsd)

package store

import "errors"

// freeBytes can't tell here; a write that fails does.
func freeBytes(string) (uint64, error) { return 0, errors.ErrUnsupported }
