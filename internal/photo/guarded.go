package photo

import (
	"fmt"
	"runtime/debug"
)

// guarded calls do and returns a panic as an error. A request's own goroutine
// recovers by itself; in one that is started here nobody would, and one
// person's picture must not end a process that others use.
func guarded(do func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("photo: panic: %v\n%s", v, debug.Stack())
		}
	}()
	return do()
}
