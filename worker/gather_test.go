package worker_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/quayside-go/quayside/worker"
)

var errTaken = errors.New("somebody else has it") // as a lease is lost

// Who is cancelled before the batch has begun is not in it.
func TestBatchLeftBeforeItBegins(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var b batches
		h := worker.Batch(3, time.Second, b.handle)
		ctx, cancel := context.WithCancelCause(t.Context())
		first := call(ctx, h, 0)
		after(100 * time.Millisecond)
		second := call(t.Context(), h, 1)
		after(100 * time.Millisecond)
		cancel(errTaken)
		if err := first.result(t); !errors.Is(err, errTaken) {
			t.Errorf("Handle = %v, want the cause, %v", err, errTaken)
		}
		// A caller cancelled already does not fill the batch, nor stays.
		if err := call(ctx, h, 2).result(t); !errors.Is(err, errTaken) {
			t.Errorf("Handle = %v, want the cause, %v", err, errTaken)
		}
		call(t.Context(), h, 3)
		second.pending(t)
		after(800*time.Millisecond - 1)
		second.pending(t)
		after(1) // since the first came, though it has left
		second.result(t)
		b.want(t, []int{1, 3})
	})
}

// Cancelled at the same instant at which the batch is full: the one cancelled
// before is not run, although it had no chance to leave.
func TestBatchDropsTheCancelled(t *testing.T) {
	bubble(t, func(t *testing.T) {
		for range 200 {
			var b batches
			h := worker.Batch(2, time.Second, b.handle)
			ctx, cancel := context.WithCancelCause(t.Context())
			first := call(ctx, h, 0)
			first.pending(t)
			cancel(errTaken)
			second := call(t.Context(), h, 1)
			if err := first.result(t); !errors.Is(err, errTaken) {
				t.Fatalf("Handle = %v, want the cause, %v", err, errTaken)
			}
			second.pending(t)
			after(time.Second)
			second.result(t)
			b.want(t, []int{1})
		}
	})
}

// Everybody gone at the very instant at which the batch is due, or not yet gone.
func TestBatchLeftWhenDue(t *testing.T) {
	bubble(t, func(t *testing.T) {
		for range 200 {
			var b batches
			h := worker.Batch(2, time.Second, b.handle)
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			c := call(ctx, h, 0)
			after(time.Second)
			err := c.result(t)
			if ran := len(b.got) == 1; ran != (err == nil) || !ran && !errors.Is(err, context.DeadlineExceeded) {
				t.Fatalf("Handle = %v after %d batches, want nil if there was one", err, len(b.got))
			}
			cancel()
		}
	})
}

// Once the batch runs, it takes all of its messages to cancel it, and each has
// the outcome that the function gives it.
func TestBatchCancelledOnceItRuns(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var ended time.Time
		var causes []error
		h := worker.Batch(3, time.Second, func(ctx context.Context, vs []int) []error {
			<-ctx.Done()
			ended = time.Now()
			causes = append(causes, context.Cause(ctx))
			for _, one := range worker.BatchContexts(ctx) {
				causes = append(causes, context.Cause(one))
			}
			return []error{nil, errMiddle, nil}
		})
		var cs []*caller
		var cancels []context.CancelCauseFunc
		for i := range 3 {
			ctx, cancel := context.WithCancelCause(t.Context())
			cs, cancels = append(cs, call(ctx, h, i)), append(cancels, cancel)
			cs[i].pending(t)
		}
		for _, i := range []int{1, 0, 2} {
			after(time.Minute)
			cs[i].pending(t)
			cancels[i](errors.New(strconv.Itoa(i)))
		}
		for i, want := range []error{nil, errMiddle, nil} {
			if err := cs[i].result(t); err != want {
				t.Errorf("message %d: Handle = %v, want %v", i, err, want)
			}
		}
		var texts []string
		for _, err := range causes {
			texts = append(texts, err.Error())
		}
		if want := []string{"2", "0", "1", "2"}; !slices.Equal(texts, want) || ended.Sub(epoch) != 3*time.Minute {
			t.Errorf("after %v the function has seen the causes %v, want it after 3m and %v", ended.Sub(epoch), texts, want)
		}
	})
}

// A drain that cuts a batch short releases its messages.
func TestLocalBatchDrained(t *testing.T) {
	bubble(t, func(t *testing.T) {
		q := newLocal(t, "orders")
		q.send("orders", 5)
		h := worker.Batch(5, time.Hour, func(ctx context.Context, vs []int) []error {
			<-ctx.Done()
			errs := make([]error, len(vs))
			for i := range vs {
				errs[i] = context.Cause(ctx)
			}
			return errs
		})
		w := start(t, q, "orders", h.Handle)
		after(time.Second)
		q.want("orders", "0", "5")
		w.clean()
		q.want("orders", "5", "0")
	})
}

// A drain that finds a batch gathering waits no longer than it has to.
func TestLocalBatchDrainedWhileGathering(t *testing.T) {
	bubble(t, func(t *testing.T) {
		q := newLocal(t, "orders")
		q.send("orders", 5)
		var b batches
		h := worker.Batch(6, time.Hour, b.handle)
		w := start(t, q, "orders", h.Handle)
		after(time.Second)
		begun := time.Now()
		w.clean()
		q.want("orders", "5", "0")
		b.want(t)
		if d := time.Since(begun); d < worker.DefaultDrainTimeout || d > worker.DefaultDrainTimeout+time.Second {
			t.Errorf("the drain took %v, want %v: the handlers leave when they are cancelled", d, worker.DefaultDrainTimeout)
		}
	})
}

// Whatever callers do, each is answered once, by the batch that it was in or by
// its own end; no batch is too large or too late, and none has a message twice.
// That no goroutine is left, the bubble checks.
func TestBatchProperties(t *testing.T) {
	for seed := range uint64(20) {
		t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				random := rand.New(rand.NewPCG(seed, 1))
				s := &storm{
					t: t, size: 1 + random.IntN(12), wait: time.Duration(random.IntN(4)) * 5 * time.Millisecond,
					in: map[int]error{}, joined: map[int]time.Time{},
				}
				s.run(random, 300)
			})
		})
	}
}

// storm is one run of callers that come and go at random.
type storm struct {
	t    *testing.T
	size int
	wait time.Duration

	mu     sync.Mutex
	joined map[int]time.Time
	in     map[int]error // by message: what its batch answered
	calls  int
}

func (s *storm) run(random *rand.Rand, n int) {
	h := worker.Batch(s.size, s.wait, s.handle)
	returned := make([]int, n)
	var wg sync.WaitGroup
	for i := range n {
		// Whole milliseconds, so that much falls on the same instant.
		begins := time.Duration(random.IntN(100)) * time.Millisecond
		ends := time.Duration(1+random.IntN(60)) * time.Millisecond
		patient := random.IntN(2) == 0
		wg.Go(func() {
			time.Sleep(begins)
			ctx, cancel := context.WithCancel(s.t.Context())
			if !patient {
				ctx, cancel = context.WithTimeoutCause(s.t.Context(), ends, errTaken)
			}
			defer cancel()
			s.mu.Lock()
			s.joined[i] = time.Now()
			s.mu.Unlock()
			err := h.Handle(ctx, &worker.Message{Body: strconv.Itoa(i)})
			s.check(i, err, ctx)
			returned[i]++
		})
	}
	wg.Wait()
	for i, n := range returned {
		if n != 1 {
			s.t.Errorf("caller %d was answered %d times", i, n)
		}
	}
	s.t.Logf("size %d, wait %v: %d of %d messages in %d batches", s.size, s.wait, len(s.in), n, s.calls)
}

// handle is the function under Batch: it takes up to 20 ms, fails some and
// panics now and then.
func (s *storm) handle(ctx context.Context, vs []int) []error {
	s.mu.Lock()
	s.calls++
	if len(vs) == 0 || len(vs) > s.size {
		s.t.Errorf("a batch holds %d messages, want 1 to %d", len(vs), s.size)
	}
	errs := make([]error, len(vs))
	for i, v := range vs {
		if late := time.Since(s.joined[v]); late > s.wait {
			s.t.Errorf("message %d is run %v after it came, want at most %v", v, late, s.wait)
		}
		if _, twice := s.in[v]; twice {
			s.t.Errorf("message %d is run twice", v)
		}
		if v%3 == 0 {
			errs[i] = errMiddle
		}
		s.in[v] = errs[i]
		if vs[0]%7 == 0 {
			s.in[v] = errLost
		}
	}
	s.mu.Unlock()
	time.Sleep(time.Duration(vs[0]%20) * time.Millisecond)
	if vs[0]%7 == 0 {
		panic(errLost)
	}
	return errs
}

func (s *storm) check(i int, err error, ctx context.Context) {
	s.mu.Lock()
	defer s.mu.Unlock()
	want, ran := s.in[i]
	switch {
	case !ran && (ctx.Err() == nil || !errors.Is(err, errTaken)):
		s.t.Errorf("message %d was not run and got %v, want the cause with which it was cancelled", i, err)
	case ran && !errors.Is(err, want):
		s.t.Errorf("message %d was run and got %v, want %v", i, err, want)
	}
}
