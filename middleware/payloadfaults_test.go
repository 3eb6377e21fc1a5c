package middleware_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/quayside-go/quayside/localqueue"
	"github.com/quayside-go/quayside/middleware"
	"github.com/quayside-go/quayside/producer"
	"github.com/quayside-go/quayside/producer/payload"
	"github.com/quayside-go/quayside/worker"
)

// Whatever goes wrong between sender, SQS and workers that come and go: handlers see bodies
// as they were sent, and no body is deleted that nobody was done with, unless SQS has
// refused its message.
func TestPayloadUnderFaults(t *testing.T) {
	t.Parallel()
	for _, queue := range []string{"jobs", "jobs.fifo"} {
		for seed := range uint64(4) {
			t.Run(fmt.Sprint(queue, " ", seed), func(t *testing.T) {
				bubble(t, func(t *testing.T) { payloadUnderFaults(t, queue, seed) })
			})
		}
	}
}

func payloadUnderFaults(t *testing.T, queue string, seed uint64) {
	dead := map[string]string{"jobs": "dead", "jobs.fifo": "dead.fifo"}[queue]
	d := newDock(t, queue+" -> "+dead)
	if err := d.SetFaults(payloadFaults(seed)); err != nil {
		t.Fatal(err)
	}
	s, random := holding(make(map[string]string)), &dice{r: rand.New(rand.NewPCG(seed, 1))}
	done := &bodiesDone{done: make(map[string]bool)}
	var bodyOf sync.Map // keys
	s.ending = func(_ context.Context, key string) error {
		if body, ok := bodyOf.Load(key); ok && !done.has(body.(string)) {
			t.Errorf("the body %v is deleted, and nobody was done with it", body)
		}
		return nil
	}
	h := worker.HandlerFunc(func(ctx context.Context, m *worker.Message) error {
		at, _ := payload.ParsePointer(*m.SDK().Body)
		bodyOf.Store(at.Key, m.Body)
		if !strings.HasPrefix(m.Body, "body ") {
			t.Errorf("the handler sees %q", m.Body)
		}
		switch random.n(7) {
		case 0:
			return errors.New("no luck")
		case 1:
			return worker.DeadLetter(errors.New("no hope"))
		case 2:
			return worker.Snooze(time.Duration(random.n(5)) * time.Second)
		case 3:
			<-ctx.Done() // until its lease or its worker ends
			return ctx.Err()
		case 4:
			time.Sleep(time.Duration(random.n(60)) * time.Second)
		}
		done.add(m.Body)
		return nil
	})
	p := middleware.Payload(s)
	chain := worker.Chain(p.Handler, middleware.Timeout(40*time.Second), middleware.Recover())(h)
	sender := producer.New(d, queue, func(o *producer.Options) {
		o.Middleware = append(o.Middleware, payload.Offload(s, func(o *payload.Options) { o.Always = true }))
	})
	var sent []string
	for i := range 40 {
		m := producer.Message{Body: fmt.Sprint("body ", i)}
		if queue == "jobs.fifo" {
			m.Group, m.DeduplicationID = fmt.Sprint(i%5), fmt.Sprint(i)
		}
		if _, err := sender.Send(t.Context(), m); err == nil {
			sent = append(sent, m.Body)
		}
	}
	for range 12 { // workers come and go
		ctx, cancel := context.WithTimeout(t.Context(), time.Duration(20+random.n(40))*time.Second)
		var all sync.WaitGroup
		for _, q := range []string{queue, queue, dead} {
			all.Go(func() {
				_ = worker.New(d, q, chain, p.Worker, func(o *worker.Options) {
					o.Concurrency = 5
					o.DrainTimeout, o.CancelTimeout, o.FlushTimeout = 2*time.Second, time.Second, time.Second
				}).Run(ctx)
			})
		}
		all.Wait()
		cancel()
	}
	pass(time.Minute) // workers have not waited for handlers that slept
	s.closed(t)
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, body := range sent {
		there := done.has(body)
		for _, b := range s.objects {
			there = there || b == body
		}
		if !there {
			t.Errorf("%s is gone, and nobody was done with it", body)
		}
	}
	if n := len(done.done); n < len(sent)/2 {
		t.Errorf("%d of %d bodies are done", n, len(sent))
	}
}

func payloadFaults(seed uint64) localqueue.Faults {
	return localqueue.Faults{Seed: seed, Rules: []localqueue.Fault{
		{Kind: localqueue.LostRequest, Rate: 0.05},
		{Kind: localqueue.LostReply, Rate: 0.1},
		{Kind: localqueue.Throttled, Rate: 0.05},
		{Kind: localqueue.ServerError, Rate: 0.05},
		{Kind: localqueue.PartialBatch, Rate: 0.2},
		{Kind: localqueue.Duplicate, Rate: 0.2, Delay: time.Second},
		{Kind: localqueue.SlowDelete, Rate: 0.2, Delay: time.Second},
		{Kind: localqueue.StaleDelete, Rate: 0.5},
	}}
}

// dice are thrown by many.
type dice struct {
	mu sync.Mutex
	r  *rand.Rand
}

func (d *dice) n(n int) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.r.IntN(n)
}

// bodiesDone are those with which a handler was done.
type bodiesDone struct {
	mu   sync.Mutex
	done map[string]bool
}

func (b *bodiesDone) add(body string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.done[body] = true
}

func (b *bodiesDone) has(body string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.done[body]
}
