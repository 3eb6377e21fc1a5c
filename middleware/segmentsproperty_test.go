package middleware_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/quayside-go/quayside/localqueue"
	"github.com/quayside-go/quayside/middleware"
	"github.com/quayside-go/quayside/producer"
	"github.com/quayside-go/quayside/producer/payload"
	"github.com/quayside-go/quayside/worker"
)

// chanceOf returns a time of less than most.
func chanceOf(r *rand.Rand, most time.Duration) time.Duration {
	return time.Duration(r.Int64N(int64(most)))
}

// voyage is a run of workers and a sender under faults.
type voyage struct {
	*dock
	seed uint64
	r    *rand.Rand // of the test's own goroutine

	mu    sync.Mutex
	sent  map[string]bool // bodies: true if Send said so, false if it did not
	done  map[string]int
	calls int
	most  int // receives of a part
}

// Handle fails now and then, by chance, and takes its time.
func (v *voyage) Handle(ctx context.Context, m *worker.Message) error {
	v.mu.Lock()
	_, known := v.sent[m.Body]
	v.calls++
	chance := rand.New(rand.NewPCG(uint64(v.calls), v.seed))
	v.mu.Unlock()
	if !known {
		v.t.Errorf("the handler sees %d bytes that nobody has sent: %.20q", len(m.Body), m.Body)
	}
	select {
	case <-time.After(chanceOf(chance, 3*time.Second)):
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	switch chance.IntN(8) {
	case 0:
		return errors.New("oops")
	case 1:
		return worker.Snooze(chanceOf(chance, 5*time.Second))
	case 2:
		panic("oops")
	}
	v.mu.Lock()
	v.done[m.Body]++
	v.mu.Unlock()
	return nil
}

// outer sees the parts.
func (v *voyage) outer(next worker.Handler) worker.Handler {
	return worker.HandlerFunc(func(ctx context.Context, m *worker.Message) error {
		v.mu.Lock()
		v.most = max(v.most, m.Receives)
		v.mu.Unlock()
		return next.Handle(ctx, m)
	})
}

// launch starts a worker like one in a process of its own.
func (v *voyage) launch(concurrency int) (stop func()) {
	s := middleware.Segments()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error)
	w := worker.New(v, "jobs", v.outer(s.Handler(v)), s.Worker, permits(concurrency))
	go func() { ended <- w.Run(ctx) }()
	return func() {
		cancel()
		if err := <-ended; err != nil && !errors.As(err, new(*worker.DrainError)) { // deletes may fail
			v.t.Errorf("Run = %v", err)
		}
	}
}

// send sends a payload and notes what is known about it.
func (v *voyage) send(i int) {
	body := fmt.Sprintf("%d:", i) + randomText(v.r, v.r.IntN(8000))
	v.mu.Lock()
	v.sent[body] = false
	v.mu.Unlock()
	p := producer.New(v, "jobs")
	if _, err := payload.SendSegments(context.Background(), p, producer.Message{Body: body}, partSize(1000)); err == nil {
		v.mu.Lock()
		v.sent[body] = true
		v.mu.Unlock()
	}
}

// missing are the payloads that were sent and not handled.
func (v *voyage) missing() (bodies []string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for body, ok := range v.sent {
		if ok && v.done[body] == 0 {
			bodies = append(bodies, body)
		}
	}
	return bodies
}

// leftovers are the messages that are in the queue when all is over.
func (v *voyage) leftovers() (all []types.Message) {
	pass(12 * time.Hour)
	for {
		out, err := v.ReceiveMessage(context.Background(), &sqs.ReceiveMessageInput{
			QueueUrl: v.url("jobs"), MessageAttributeNames: []string{"All"}, MaxNumberOfMessages: 10, VisibilityTimeout: 12 * 60 * 60,
		})
		if err != nil {
			v.t.Fatal(err)
		}
		if len(out.Messages) == 0 {
			return all
		}
		all = append(all, out.Messages...)
	}
}

// Whatever goes wrong, what was sent is handled, whole, and at least once; and what is left
// over are copies of parts.
func TestSegmentsProperty(t *testing.T) {
	seeds := 40
	if testing.Short() {
		seeds = 10
	}
	for seed := range seeds {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				d := newDock(t, "jobs")
				v := &voyage{
					dock: d, seed: uint64(seed), r: rand.New(rand.NewPCG(uint64(seed), 0)),
					sent: make(map[string]bool), done: make(map[string]int),
				}
				faults := localqueue.Faults{Seed: uint64(seed)}
				for _, kind := range []localqueue.FaultKind{
					localqueue.LostRequest, localqueue.Throttled, localqueue.ServerError, localqueue.LostReply, localqueue.Duplicate,
					localqueue.Reorder, localqueue.FalseEmpty, localqueue.SlowDelete, localqueue.StaleDelete, localqueue.PartialBatch,
				} {
					f := localqueue.Fault{Kind: kind, Rate: v.r.Float64() * 0.1}
					if kind == localqueue.Duplicate || kind == localqueue.SlowDelete {
						f.Delay = chanceOf(v.r, 20*time.Second)
					}
					faults.Rules = append(faults.Rules, f)
				}
				workers := 1 + seed%3
				var stops []func()
				for range workers {
					stops = append(stops, v.launch(15+v.r.IntN(20)))
				}
				pass(time.Minute) // they have found the queue
				if err := d.SetFaults(faults); err != nil {
					t.Fatal(err)
				}
				for i := range 15 {
					v.send(i)
					pass(chanceOf(v.r, 10*time.Second))
					if i == 10 { // a deployment
						stops[0]()
						if err := d.SetFaults(localqueue.Faults{}); err != nil {
							t.Fatal(err)
						}
						stops[0] = v.launch(20)
						if err := d.SetFaults(faults); err != nil {
							t.Fatal(err)
						}
					}
				}
				pass(time.Minute)
				if err := d.SetFaults(localqueue.Faults{}); err != nil {
					t.Fatal(err)
				}
				start, late := time.Now(), time.Duration(0)
				for len(v.missing()) > 0 && time.Since(start) < 6*time.Hour {
					pass(time.Minute)
					late = time.Since(start)
				}
				pass(5 * time.Minute)
				for _, stop := range stops {
					stop()
				}
				for _, body := range v.missing() {
					t.Errorf("a payload of %d bytes is not handled: %.10q", len(body), body)
				}
				left := v.leftovers()
				if workers == 1 && len(left) > 60 {
					t.Errorf("%d messages are left over", len(left))
				}
				t.Logf("%d workers: %d calls for %d payloads, %v after the faults; a part was received %d times; %d messages are left over",
					workers, v.calls, len(v.sent), late, v.most, len(left))
			})
		})
	}
}
