package child

import (
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/quayside-go/quayside/benchmarks/internal/stats"
	"github.com/quayside-go/quayside/benchmarks/storage/internal/machine"
)

// Operation is what a caller does again and again. It returns how many messages it moved; none when
// there is nothing left to do.
type Operation func() (messages int, err error)

// Drive has callers do their operations at once, each as fast as it can, until there is nothing left
// or, if d is not 0, until d has passed. An error of one ends all.
func Drive(callers []Operation, d time.Duration) (Spent, error) {
	var (
		moved  atomic.Int64
		failed atomic.Bool
		errs   = make([]error, len(callers))
		took   = make([][]time.Duration, len(callers))
		wg     sync.WaitGroup
	)
	start := time.Now()
	for i, op := range callers {
		wg.Go(func() {
			for before := time.Now(); !failed.Load() && (d == 0 || before.Sub(start) < d); {
				n, err := op()
				if err != nil {
					errs[i] = err
					failed.Store(true)
				}
				if n == 0 || err != nil {
					return
				}
				moved.Add(int64(n))
				now := time.Now()
				if d != 0 {
					took[i] = append(took[i], now.Sub(before))
				}
				before = now
			}
		})
	}
	wg.Wait()
	got := Spent{Messages: int(moved.Load()), Elapsed: time.Since(start)}
	all := slices.Concat(took...)
	got.P50, got.P99 = stats.Quantile(all, 0.5), stats.Quantile(all, 0.99)
	return got, errors.Join(errs...)
}

// measured adds to what work spent the processor time, and the bytes that went to the disk beneath dir,
// until the store rests.
func measured(dir string, work func() (Spent, error)) (Spent, error) {
	before, err := used(dir)
	if err != nil {
		return Spent{}, err
	}
	got, err := work()
	if err == nil {
		err = rest(restAfterWork)
	}
	if err != nil {
		return got, err
	}
	after, err := used(dir)
	got.CPU, got.Written = after.CPU-before.CPU, after.Written-before.Written
	return got, err
}

// used is what was spent so far; the processor time by this process, the bytes by all.
func used(dir string) (Spent, error) {
	u, err := machine.Used()
	if err != nil {
		return Spent{}, err
	}
	written, err := machine.Written(dir)
	if errors.Is(err, errors.ErrUnsupported) {
		err = nil
	}
	return Spent{CPU: u.CPU, Written: written}, err
}

const (
	restAfterWork = 2 * time.Second
	restStep      = 20 * time.Millisecond
)

// rest waits until this process writes nothing and does next to nothing, but for no longer than limit, so
// that the work that a store leaves for later is not done in another's time.
func rest(limit time.Duration) error {
	before, err := machine.Used()
	for start := time.Now(); err == nil && time.Since(start) < limit; {
		time.Sleep(restStep)
		var now machine.Usage
		now, err = machine.Used()
		if now.Dirtied == before.Dirtied && now.CPU-before.CPU < restStep/20 {
			return err
		}
		before = now
	}
	return err
}
