package producer_test

import (
	"context"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/quayside-go/quayside/producer"
)

// Whatever happens, and in whatever order, what a producer keeps adds up after each step,
// nothing that could be done is left undone, and in the end all are answered, once.
func TestInvariants(t *testing.T) {
	t.Parallel()
	for _, queue := range []string{"orders", "jobs.fifo"} {
		t.Run(queue, func(t *testing.T) {
			t.Parallel()
			for seed := *firstRun; seed < *firstRun+5**runs; seed++ {
				synctest.Test(t, func(t *testing.T) { newWalk(t, queue, seed).run() })
				if t.Failed() {
					t.Fatalf("seed %d", seed)
				}
			}
		})
	}
}

// walk is a random walk through what can happen to a producer.
type walk struct {
	t    *testing.T
	r    *rand.Rand
	p    *producer.Producer
	fifo bool
	ends bool // requests end with their contexts
	rude bool // middleware, hook and client end goroutines, and middleware panics

	senders sync.WaitGroup
	cancels []context.CancelFunc
	closed  bool

	mu      sync.Mutex
	flights []*flight
	stored  map[string]time.Time // by number, when first
	placed  map[string][]int     // by call and group, the numbers of the stored
	blocked []chan struct{}      // middleware that does not return
	told    map[string]int
	answers map[string]int
	errs    map[string]error
	calls   int
	n       int
	log     []string
}

func newWalk(t *testing.T, queue string, seed uint64) *walk {
	r := rand.New(rand.NewPCG(seed, 7))
	x := &walk{
		t: t, r: r, fifo: strings.HasSuffix(queue, ".fifo"), ends: r.IntN(2) == 0, rude: r.IntN(4) == 0,
		stored: map[string]time.Time{}, placed: map[string][]int{}, told: map[string]int{}, answers: map[string]int{}, errs: map[string]error{},
	}
	if r.IntN(2) == 0 {
		queue = "http://sqs.example/1/" + queue
	}
	x.p = producer.New(x, queue, func(o *producer.Options) {
		o.Concurrency, o.Tries = 1+r.IntN(3), 1+r.IntN(4)
		o.MaxPending = 1 + r.IntN(40)
		if r.IntN(3) == 0 {
			o.Linger = time.Duration(r.IntN(50)) * time.Millisecond
		}
		if r.IntN(3) == 0 {
			o.MaxPendingBytes = int64(1 + r.IntN(3<<20))
		}
		o.Middleware = []producer.Middleware{x.middleware}
		o.Hook = func(context.Context, producer.Event) { x.look() }
	})
	return x
}

func (x *walk) look() {
	if err := x.p.Broken(); err != nil {
		x.t.Errorf("%v\n%s", err, strings.Join(x.log, "\n"))
	}
}

// check looks at the producer once nothing moves.
func (x *walk) check(did string) bool {
	synctest.Wait()
	x.log = append(x.log, did)
	x.look()
	x.mu.Lock()
	flying := 0
	for _, f := range x.flights {
		if f.in != nil {
			flying += len(f.in.Entries)
		}
	}
	x.mu.Unlock()
	if err := x.p.Stuck(flying); err != nil {
		x.t.Errorf("%v\n%s", err, strings.Join(x.log, "\n"))
	}
	return !x.t.Failed()
}

func (x *walk) run() {
	for range 150 {
		if !x.check(x.step()) {
			break
		}
	}
	x.finish()
	x.verdict()
}

// finish lets all that is under way come to its end.
func (x *walk) finish() {
	x.senders.Go(func() { x.p.Close(context.Background()) })
	for range 20000 {
		synctest.Wait()
		x.mu.Lock()
		busy := len(x.flights)+len(x.blocked) > 0
		x.mu.Unlock()
		switch {
		case busy:
			x.unblock(1000)
			x.land(errTaken)
		case x.p.Idle():
			x.senders.Wait()
			x.look()
			return
		default:
			time.Sleep(50 * time.Millisecond)
		}
	}
	x.t.Errorf("the producer is not idle\n%s", strings.Join(x.log, "\n"))
	for _, cancel := range x.cancels {
		cancel()
	}
}

func (x *walk) verdict() {
	if x.t.Failed() {
		return
	}
	for body, n := range x.answers {
		if n != 1 {
			x.t.Errorf("%s was answered %d times", body, n)
		}
	}
	for name, err := range x.errs {
		_, stored := x.stored[name]
		if err == nil && !stored || err != nil && stored && !strings.Contains(err.Error(), "may have been sent") {
			x.t.Errorf("%s is stored: %t; its sender was told %v", name, stored, err)
		}
	}
	for body, n := range x.told {
		if n != 1 {
			x.t.Errorf("the middleware was told of %s %d times", body, n)
		}
	}
	for _, cancel := range x.cancels {
		cancel()
	}
	synctest.Wait()
	x.look()
}
