package machine

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Used returns what this process has used.
func Used() (Usage, error) {
	var u Usage
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_PROCESS_CPUTIME_ID, &t); err != nil {
		return u, fmt.Errorf("read the processor time: %w", err)
	}
	u.CPU = time.Duration(t.Nano())
	var err error
	u.Dirtied, err = number("/proc/self/io", "write_bytes:")
	return u, err
}

// Written is how many bytes were written to the disk that dir is on since the system began, by all
// processes and by the file system itself. It is unsupported for a directory that is on no one disk.
func Written(dir string) (int64, error) {
	info, err := os.Stat(dir)
	if err != nil {
		return 0, err
	}
	d := info.Sys().(*syscall.Stat_t).Dev
	path := fmt.Sprintf("/sys/dev/block/%d:%d/stat", unix.Major(d), unix.Minor(d))
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, fmt.Errorf("%s is on no one disk: %w", dir, errors.ErrUnsupported)
	}
	if err != nil {
		return 0, err
	}
	const sectors, sector = 6, 512 // the seventh number counts the sectors written, of that size on any disk
	f := bytes.Fields(text)
	if len(f) <= sectors {
		return 0, fmt.Errorf("%s has too few numbers", path)
	}
	n, err := strconv.ParseInt(string(f[sectors]), 10, 64)
	return n * sector, err
}

func resident() (now, peak int64, err error) {
	if now, err = number("/proc/self/status", "VmRSS:"); err == nil {
		peak, err = number("/proc/self/status", "VmHWM:")
	}
	return now << 10, peak << 10, err
}

// number is the one in the line of a file of /proc that begins with a name.
func number(path, name string) (int64, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return 0, err
	}
	for line := range bytes.Lines(text) {
		if f := bytes.Fields(line); len(f) >= 2 && string(f[0]) == name {
			return strconv.ParseInt(string(f[1]), 10, 64)
		}
	}
	return 0, fmt.Errorf("%s has no line %s", path, name)
}

// Datasync brings what was written to a file of fixed size to the disk.
func Datasync(f *os.File) error { return unix.Fdatasync(int(f.Fd())) }

func evict(f *os.File) error {
	if err := f.Sync(); err != nil { // only what the disk has can be dropped
		return err
	}
	return unix.Fadvise(int(f.Fd()), 0, 0, unix.FADV_DONTNEED)
}

func allocated(info fs.FileInfo) int64 {
	if s, ok := info.Sys().(*syscall.Stat_t); ok {
		return s.Blocks * 512
	}
	return info.Size()
}

// InMemory tells whether dir is on a file system without a disk.
func InMemory(dir string) bool {
	var s unix.Statfs_t
	return unix.Statfs(dir, &s) == nil && s.Type == unix.TMPFS_MAGIC
}
