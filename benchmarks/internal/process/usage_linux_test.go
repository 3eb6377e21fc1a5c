package process

import (
	"os"
	"testing"
	"time"
)

func TestCPU(t *testing.T) {
	t.Parallel()
	before, err := CPU(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	for n, start := 0, time.Now(); time.Since(start) < 20*time.Millisecond; n++ {
	}
	after, err := CPU(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	if used := after - before; used <= 0 {
		t.Errorf("a busy loop used %v", used)
	}
	if _, err := CPU(1 << 22); err == nil {
		t.Error("a process that cannot be has used processor time")
	}
}

func TestKilobytes(t *testing.T) {
	t.Parallel()
	const status = "Name:\tx\nVmHWM:\t    2048 kB\nVmRSS:\t    1024 kB\nThreads:\t3\n"
	for name, want := range map[string]int64{"VmHWM:": 2 << 20, "VmRSS:": 1 << 20} {
		if got, err := kilobytes([]byte(status), name); got != want || err != nil {
			t.Errorf("%s %d, %v; want %d", name, got, err, want)
		}
	}
	for _, name := range []string{"VmSwap:", "Threads:"} {
		if got, err := kilobytes([]byte(status), name); err == nil {
			t.Errorf("%s is %d, but it is not there in kilobytes", name, got)
		}
	}
}
