package main

import (
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/quayside-go/quayside/benchmarks/internal/process"
)

// spent is what a number of operations took. Times of processors are 0 where the system does not tell.
type spent struct {
	operations, messages int
	elapsed              time.Duration
	server, client       time.Duration // processor time
}

// drive has the callers do an operation n times in all, at once, each as fast as it is answered.
func (s *server) drive(callers []*caller, n int, op operation) (spent, error) {
	return s.driveFor(callers, n, 0, op)
}

// driveFor is drive, but no operation is begun later than that; 0: there is no such limit.
func (s *server) driveFor(callers []*caller, n int, limit time.Duration, op operation) (spent, error) {
	for _, c := range callers {
		if err := c.expire(); err != nil {
			return spent{}, err
		}
	}
	var (
		left, done, messages atomic.Int64

		failed = make(chan error, len(callers))
		wg     sync.WaitGroup
	)
	left.Store(int64(n))
	server, client, start := s.cpu(), ownCPU(), time.Now()
	for _, c := range callers {
		wg.Go(func() {
			for moved, times := 0, 0; ; times++ {
				if left.Add(-1) < 0 || limit > 0 && time.Since(start) > limit {
					messages.Add(int64(moved))
					done.Add(int64(times))
					return
				}
				m, err := op(c)
				if err != nil {
					failed <- err
					left.Store(0) // the others need not go on
					return
				}
				moved += m
			}
		})
	}
	wg.Wait()
	got := spent{elapsed: time.Since(start), server: s.cpu() - server, client: ownCPU() - client}
	got.operations, got.messages = int(done.Load()), int(messages.Load())
	select {
	case err := <-failed:
		return got, err
	default:
		return got, nil
	}
}

// cpu is the server's processor time, 0 where the system does not tell it.
func (s *server) cpu() time.Duration {
	d, err := s.process.CPU()
	if err != nil {
		return 0
	}
	return d
}

// ownCPU is this program's.
func ownCPU() time.Duration {
	d, err := process.CPU(os.Getpid())
	if err != nil {
		return 0
	}
	return d
}
