package journal

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
)

// lockName is the file that holds the process id of whoever has a directory. On Windows
// it is what is locked, too; elsewhere that is the directory itself, and the file is for
// people: without it nobody gets in who should not.
const lockName = "lock"

// errHeld is what takeLock says when another has the lock.
var errHeld = errors.New("held")

// InUseError says that another process, or another part of this one, has the
// directory.
type InUseError struct {
	Dir string
	PID int // 0: it could not be told
}

func (e *InUseError) Error() string {
	holder := "another process"
	switch {
	case e.PID == os.Getpid():
		holder = fmt.Sprintf("this process (pid %d)", e.PID)
	case e.PID != 0:
		holder = fmt.Sprintf("process %d", e.PID)
	}
	return fmt.Sprintf("%s is in use by %s; one at a time can have it: stop that one, or choose another directory", e.Dir, holder)
}

// lockDir takes the lock of a directory and writes down who has it.
func lockDir(root *os.Root) (*os.File, error) {
	held, err := takeLock(root)
	if errors.Is(err, errHeld) {
		return nil, &InUseError{root.Name(), holder(root)}
	}
	if err != nil {
		return nil, err
	}
	// The pid is for people: a disk too full to write it down locks all the same.
	f, err := pidFile(root, held, true)
	if err != nil {
		return held, nil
	}
	if f.Truncate(0) == nil {
		_, _ = f.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	}
	if f != held {
		_ = f.Close()
	}
	return held, nil
}

// holder is the process that has a directory, 0 if it cannot be told.
func holder(root *os.Root) int {
	text, err := root.ReadFile(lockName)
	if err != nil {
		return 0
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		return 0
	}
	return pid
}
