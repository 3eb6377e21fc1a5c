package process

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"syscall"
	"time"
	"unsafe"
)

// CPU returns the processor time that all threads of the process have used, in user and system mode
// together, to the nanosecond.
func (p *Process) CPU() (time.Duration, error) { return CPU(p.PID()) }

// CPU is the processor time of the process with that number. The clock is the one that
// clock_getcpuclockid(3) names: the tick counts of /proc are a hundredth of a second, too coarse for
// rounds of a fraction of one.
func CPU(pid int) (time.Duration, error) {
	const scheduler = 2 // CPUCLOCK_SCHED of the kernel's posix-timers.h
	clock := uintptr(^pid)<<3 | scheduler
	var t syscall.Timespec
	if _, _, errno := syscall.Syscall(syscall.SYS_CLOCK_GETTIME, clock, uintptr(unsafe.Pointer(&t)), 0); errno != 0 {
		return 0, fmt.Errorf("read the processor time of process %d: %w", pid, errno)
	}
	return time.Duration(t.Nano()), nil
}

// Memory returns the process's resident memory now and at its peak, in bytes.
func (p *Process) Memory() (now, peak int64, err error) {
	path := fmt.Sprintf("/proc/%d/status", p.PID())
	status, err := os.ReadFile(path)
	if err != nil {
		return 0, 0, err
	}
	if now, err = kilobytes(status, "VmRSS:"); err == nil {
		peak, err = kilobytes(status, "VmHWM:")
	}
	if err != nil {
		return 0, 0, fmt.Errorf("read %s: %w", path, err)
	}
	return now, peak, nil
}

// kilobytes returns the value of a line such as "VmRSS:   1234 kB", in bytes.
func kilobytes(status []byte, name string) (int64, error) {
	for line := range bytes.Lines(status) {
		f := bytes.Fields(line)
		if len(f) == 3 && string(f[0]) == name && string(f[2]) == "kB" {
			n, err := strconv.ParseInt(string(f[1]), 10, 64)
			return n << 10, err
		}
	}
	return 0, fmt.Errorf("no line %s", name)
}
