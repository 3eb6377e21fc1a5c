//go:build linux || darwin

package journal

import (
	"errors"
	"os"
	"syscall"
)

// control calls f with the descriptor of an open file, again if a signal
// interrupted it before it did anything.
func control(file *os.File, f func(fd uintptr) error) error {
	conn, err := file.SyscallConn()
	if err != nil {
		return err
	}
	var failed error
	err = conn.Control(func(fd uintptr) {
		for failed = f(fd); errors.Is(failed, syscall.EINTR); {
			failed = f(fd)
		}
	})
	if err != nil {
		return err
	}
	return failed
}
