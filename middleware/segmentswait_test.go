package middleware_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/quayside-go/quayside/localqueue"
	"github.com/quayside-go/quayside/middleware"
	"github.com/quayside-go/quayside/producer"
	"github.com/quayside-go/quayside/worker"
)

// counts are what a worker's hook has heard.
type counts struct {
	handled map[worker.Outcome]*atomic.Int32
}

func newCounts() *counts {
	c := &counts{handled: make(map[worker.Outcome]*atomic.Int32)}
	for _, o := range []worker.Outcome{worker.Done, worker.Discarded, worker.DeadLettered, worker.Snoozed, worker.Failed, worker.Released} {
		c.handled[o] = new(atomic.Int32)
	}
	return c
}

func (c *counts) watch(o *worker.Options) {
	first := o.Hook
	o.Hook = func(ctx context.Context, e worker.Event) {
		if first != nil {
			first(ctx, e)
		}
		if e.Kind == worker.EventHandled {
			c.handled[e.Outcome].Add(1)
		}
	}
}

func (c *counts) of(o worker.Outcome) int { return int(c.handled[o].Load()) }

// A payload that lacks a part is held for so long and then given back, each time; once the
// part is there, it is handled.
func TestSegmentsOrphans(t *testing.T) {
	for _, test := range []struct {
		name    string
		lacks   int
		options func(*middleware.SegmentsOptions)
		held    time.Duration
	}{
		{"a later part", 2, nil, 30 * time.Second},
		{"the first part", 0, nil, time.Second},
		{"a later part, Wait", 1, func(o *middleware.SegmentsOptions) { o.Wait = 5 * time.Second }, 5 * time.Second},
		{"the first part, WaitFirst", 0, func(o *middleware.SegmentsOptions) { o.WaitFirst = 3 * time.Second }, 3 * time.Second},
		{"the first part, Wait", 0, func(o *middleware.SegmentsOptions) { o.Wait, o.WaitFirst = 2*time.Second, time.Minute }, 2 * time.Second},
	} {
		t.Run(test.name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				d := newDock(t, "jobs")
				body := strings.Repeat("x", 3000)
				parts := d.cut(1000, body)
				late := parts[test.lacks]
				d.put("jobs", append(parts[:test.lacks:test.lacks], parts[test.lacks+1:]...)...)
				var h handlings
				n := newCounts()
				s := middleware.Segments(test.options)
				stop := d.work("jobs", s.Handler(&h), s.Worker, n.watch, permits(10))
				pass(test.held - 1)
				if got := n.of(worker.Snoozed); got != 0 {
					t.Errorf("%d parts are given back before %v", got, test.held)
				}
				pass(1)
				if got := n.of(worker.Snoozed); got != 3 {
					t.Errorf("%d parts are given back after %v, want 3", got, test.held)
				}
				pass(time.Hour)
				rounds := n.of(worker.Snoozed) / 3
				if least := 10; rounds < least {
					t.Errorf("in an hour they were given back %d times", rounds)
				}
				h.saw(t)
				d.put("jobs", late)
				pass(10 * time.Minute)
				h.saw(t, body)
				stop()
				if f := n.of(worker.Failed); f != 0 {
					t.Errorf("%d failures; what waits has not failed", f)
				}
				d.empty("jobs")
			})
		})
	}
}

// Orphans end in the dead-letter queue, by SQS's own hand.
func TestSegmentsOrphansEnd(t *testing.T) {
	bubble(t, func(t *testing.T) {
		d := newDock(t, "jobs -> jobs-dlq")
		parts := d.cut(1000, strings.Repeat("x", 3000))
		d.put("jobs", parts[1:]...)
		s := middleware.Segments()
		stop := d.work("jobs", s.Handler(noCall(t)), s.Worker, permits(10))
		pass(time.Hour)
		stop()
		d.empty("jobs")
		for range parts[1:] {
			if _, ok := d.receive("jobs-dlq"); !ok {
				t.Error("a part is lost")
			}
		}
	})
}

// Copies of a part, whether SQS delivers it twice or the sender has sent it twice, before
// the payload is complete, while it is handled and later.
func TestSegmentsCopies(t *testing.T) {
	bubble(t, func(t *testing.T) {
		d := newDock(t, "jobs")
		body := strings.Repeat("x", 3000)
		parts := d.cut(1000, body)
		var h handlings
		h.answer = func(context.Context, *worker.Message, int) error {
			time.Sleep(10 * time.Second)
			return nil
		}
		n := newCounts()
		s := middleware.Segments()
		stop := d.work("jobs", s.Handler(&h), s.Worker, n.watch, permits(20))
		d.put("jobs", parts[0], parts[1], parts[1], parts[0])
		pass(time.Second)
		d.put("jobs", parts[2], parts[3])
		pass(time.Second)
		h.saw(t, body)
		d.put("jobs", parts...) // it is being handled
		pass(time.Second)
		if got := n.of(worker.Snoozed) + n.of(worker.Done); got != 0 {
			t.Errorf("%d parts have an outcome before the handler has returned", got)
		}
		pass(10 * time.Second)
		if got := n.of(worker.Done); got != 10 {
			t.Errorf("%d parts are done with the handler, want 10", got)
		}
		d.put("jobs", parts...) // it is done
		pass(time.Second)
		h.saw(t, body)
		stop()
		d.empty("jobs")
	})
}

// With every receive doubled, nothing is lost and nothing handled in part.
func TestSegmentsDuplicates(t *testing.T) {
	bubble(t, func(t *testing.T) {
		d := newDock(t, "jobs")
		for _, kind := range []localqueue.FaultKind{"", localqueue.StaleDelete} {
			f := localqueue.Faults{Seed: 1, Rules: []localqueue.Fault{{Kind: localqueue.Duplicate, Rate: 1, Delay: time.Second}}}
			if kind != "" {
				f.Rules = append(f.Rules, localqueue.Fault{Kind: kind, Rate: 1})
			}
			if err := d.SetFaults(f); err != nil {
				t.Fatal(err)
			}
			body := strings.Repeat("x", 3000)
			d.segments("jobs", 1000, producer.Message{Body: body})
			var h handlings
			h.answer = func(context.Context, *worker.Message, int) error {
				time.Sleep(3 * time.Second)
				return nil
			}
			s := middleware.Segments()
			stop := d.work("jobs", s.Handler(&h), s.Worker, permits(20))
			pass(3 * time.Minute)
			stop()
			h.saw(t, body)
			d.empty("jobs")
		}
	})
}

// lossy refuses to extend the visibility timeout of some messages.
type lossy struct {
	*dock
	refuses func(body string) bool
	bodies  sync.Map // by receipt handle
}

func (c *lossy) ReceiveMessage(ctx context.Context, in *sqs.ReceiveMessageInput, opts ...func(*sqs.Options)) (*sqs.ReceiveMessageOutput, error) {
	out, err := c.dock.ReceiveMessage(ctx, in, opts...)
	if err == nil {
		for _, m := range out.Messages {
			c.bodies.Store(*m.ReceiptHandle, *m.Body)
		}
	}
	return out, err
}

func (c *lossy) ChangeMessageVisibilityBatch(ctx context.Context, in *sqs.ChangeMessageVisibilityBatchInput, opts ...func(*sqs.Options)) (*sqs.ChangeMessageVisibilityBatchOutput, error) {
	var failed []types.BatchResultErrorEntry
	kept := *in
	kept.Entries = nil
	for _, e := range in.Entries {
		body, _ := c.bodies.Load(*e.ReceiptHandle)
		if e.VisibilityTimeout > 5 && c.refuses(body.(string)) {
			failed = append(failed, types.BatchResultErrorEntry{Id: e.Id, Code: new("InvalidParameterValue"), SenderFault: true})
		} else {
			kept.Entries = append(kept.Entries, e)
		}
	}
	out := &sqs.ChangeMessageVisibilityBatchOutput{}
	if len(kept.Entries) > 0 {
		var err error
		if out, err = c.dock.ChangeMessageVisibilityBatch(ctx, &kept, opts...); err != nil {
			return nil, err
		}
	}
	out.Failed = append(out.Failed, failed...)
	return out, nil
}

// A part whose visibility timeout runs out leaves its payload, and is part of it again
// when it comes back.
func TestSegmentsLostLease(t *testing.T) {
	for name, letter := range map[string]string{"the first part": "a", "a later part": "b"} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				d := newDock(t, "jobs")
				body := strings.Repeat("a", 800) + strings.Repeat("b", 800) + strings.Repeat("c", 800)
				parts := d.cut(1000, body)
				var well atomic.Bool
				c := &lossy{dock: d, refuses: func(body string) bool { return !well.Load() && strings.HasPrefix(body, letter) }}
				var h handlings
				s := middleware.Segments(func(o *middleware.SegmentsOptions) { o.Wait = time.Hour })
				w := worker.New(c, "jobs", s.Handler(&h), s.Worker, permits(1+len(parts)+1))
				ctx, cancel := context.WithCancel(t.Context())
				ended := make(chan error)
				go func() { ended <- w.Run(ctx) }()
				last := len(parts) - 1
				d.put("jobs", parts[:last]...)
				pass(2 * time.Minute) // extended, or lost and received again
				well.Store(true)
				pass(time.Minute)
				if w.Stats().LostLeases == 0 {
					t.Error("no lease was lost")
				}
				h.saw(t)
				d.put("jobs", parts[last])
				pass(2 * time.Minute)
				h.saw(t, body)
				cancel()
				if err := <-ended; err != nil {
					t.Errorf("Run = %v", err)
				}
				d.empty("jobs")
			})
		})
	}
}

// Two payloads of which each could fill all permits: the first goes on, the other follows.
func TestSegmentsScarcePermits(t *testing.T) {
	bubble(t, func(t *testing.T) {
		d := newDock(t, "jobs")
		a, b := strings.Repeat("a", 5000), strings.Repeat("b", 5000)
		first, second := d.cut(1000, a), d.cut(1000, b)
		var mixed []producer.Message
		for i := range first {
			mixed = append(mixed, first[i], second[i])
		}
		d.put("jobs", mixed...)
		for range 5 {
			d.send("jobs", "plain", nil)
		}
		var h handlings
		h.answer = func(context.Context, *worker.Message, int) error {
			time.Sleep(5 * time.Second)
			return nil
		}
		s := middleware.Segments()
		// 7 of 10 may be held; a payload has 7.
		start := time.Now()
		stop := d.work("jobs", s.Handler(&h), s.Worker, permits(10))
		pass(time.Minute)
		h.saw(t, a, b, "plain", "plain", "plain", "plain", "plain")
		for i, body := range h.bodies {
			if took := h.at[i].Sub(start); body == "plain" && took > 15*time.Second {
				t.Errorf("a plain message was handled after %v only", took)
			}
		}
		stop()
		d.empty("jobs")
	})
}

// Parts never have all permits: a message of another kind is handled when its turn comes,
// whatever waits and runs.
func TestSegmentsLeaveRoom(t *testing.T) {
	bubble(t, func(t *testing.T) {
		d := newDock(t, "jobs")
		for i := range 20 { // orphans of twenty payloads, half of them without a first part
			parts := d.cut(1000, strings.Repeat(string(rune('a'+i)), 5000))
			if i%2 == 0 {
				parts = parts[1:]
			} else {
				parts = parts[:6]
			}
			d.put("jobs", parts...)
		}
		var h handlings
		s := middleware.Segments()
		stop := d.work("jobs", s.Handler(&h), s.Worker, permits(10))
		defer stop()
		for i := range 60 {
			d.send("jobs", "plain", nil)
			pass(10 * time.Second) // 125 parts come and go meanwhile
			if got := h.count(); got != i+1 {
				t.Errorf("%d of %d plain messages are handled", got, i+1)
				return
			}
		}
	})
}

// What may be held in bytes is bounded like what may be held in permits.
func TestSegmentsBytes(t *testing.T) {
	bubble(t, func(t *testing.T) {
		d := newDock(t, "jobs")
		a, b := strings.Repeat("a", 5000), strings.Repeat("b", 5000)
		first, second := d.cut(1000, a), d.cut(1000, b)
		var h handlings
		n := newCounts()
		s := middleware.Segments(func(o *middleware.SegmentsOptions) { o.MaxBytes = 16_000 })
		stop := d.work("jobs", s.Handler(&h), s.Worker, n.watch, permits(100))
		d.put("jobs", first[0])
		pass(time.Second)
		d.put("jobs", second[:2]...) // 5000 and about 1600 bytes, as there are 5000 and 800 of the other
		pass(time.Second)
		if got := n.of(worker.Snoozed); got != 0 {
			t.Errorf("%d parts are given back", got)
		}
		d.put("jobs", first[1:6]...)
		pass(100 * time.Millisecond)
		if got := n.of(worker.Snoozed); got != 2 {
			t.Errorf("%d parts are given back, want the two of the payload that began last", got)
		}
		d.put("jobs", append(first[6:], second[2:]...)...)
		pass(time.Minute)
		stop()
		h.saw(t, a, b)
		d.empty("jobs")
	})
}

// Several workers come to agree on who has the parts.
func TestSegmentsSeveralWorkers(t *testing.T) {
	for _, workers := range []int{2, 3} {
		t.Run(fmt.Sprint(workers), func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				d := newDock(t, "jobs")
				var h handlings
				n := newCounts()
				var stops []func()
				for range workers {
					s := middleware.Segments() // as in a process of its own
					stops = append(stops, d.work("jobs", s.Handler(&h), s.Worker, n.watch, permits(40)))
				}
				var want []string
				for i := range 4 {
					want = append(want, strings.Repeat(string(rune('a'+i)), 15_000))
					d.segments("jobs", 1000, producer.Message{Body: want[i]})
				}
				start := time.Now()
				for h.count() < 4 && time.Since(start) < time.Hour {
					pass(time.Second)
				}
				t.Logf("%d workers: four payloads of 19 parts after %v, %d parts were given back", workers, time.Since(start), n.of(worker.Snoozed))
				pass(time.Minute)
				h.saw(t, want...)
				for _, stop := range stops {
					stop()
				}
				if f := n.of(worker.Failed); f != 0 {
					t.Errorf("%d failures", f)
				}
				d.empty("jobs")
			})
		})
	}
}

// A drain gives back at once what cannot be complete any more, and waits for what runs.
func TestSegmentsDrain(t *testing.T) {
	bubble(t, func(t *testing.T) {
		d := newDock(t, "jobs")
		body := strings.Repeat("a", 3000)
		parts := d.cut(1000, strings.Repeat("b", 3000))
		d.segments("jobs", 1000, producer.Message{Body: body})
		d.put("jobs", parts[:2]...)
		var h handlings
		h.answer = func(context.Context, *worker.Message, int) error {
			time.Sleep(10 * time.Second)
			return nil
		}
		n := newCounts()
		s := middleware.Segments()
		stop := d.work("jobs", s.Handler(&h), s.Worker, n.watch, permits(20))
		pass(time.Second)
		start := time.Now()
		go func() {
			pass(time.Millisecond)
			if got := n.of(worker.Snoozed); got != 2 {
				t.Errorf("%d parts are given back at the beginning of the drain, want 2", got)
			}
			for range 2 {
				if _, ok := d.receive("jobs"); !ok {
					t.Error("a part is not back in the queue")
				}
			}
		}()
		stop()
		if took := time.Since(start); took < 9*time.Second || took > 10*time.Second {
			t.Errorf("the drain took %v, want the 9 seconds of the handler", took)
		}
		h.saw(t, body)
	})
}

// A drain that has no more patience interrupts the handler, and no part has failed.
func TestSegmentsDrainInterrupts(t *testing.T) {
	bubble(t, func(t *testing.T) {
		d := newDock(t, "jobs")
		body := strings.Repeat("a", 3000)
		d.segments("jobs", 1000, producer.Message{Body: body})
		var h handlings
		h.answer = func(ctx context.Context, _ *worker.Message, _ int) error {
			<-ctx.Done()
			return ctx.Err()
		}
		n := newCounts()
		s := middleware.Segments()
		stop := d.work("jobs", s.Handler(&h), s.Worker, n.watch, permits(20))
		pass(time.Second)
		stop()
		if n.of(worker.Failed) != 0 || n.of(worker.Released)+n.of(worker.Snoozed) != 4 {
			t.Errorf("%d parts failed, %d are released, %d snoozed", n.of(worker.Failed), n.of(worker.Released), n.of(worker.Snoozed))
		}
		for range 4 {
			if _, ok := d.receive("jobs"); !ok {
				t.Error("a part is not back in the queue")
			}
		}
	})
}

// A part whose handler begins only when the worker drains is given back at once: nothing
// more comes.
func TestSegmentsDrainLate(t *testing.T) {
	bubble(t, func(t *testing.T) {
		d := newDock(t, "jobs")
		d.put("jobs", d.cut(1000, strings.Repeat("b", 3000))[:2]...)
		late := func(next worker.Handler) worker.Handler {
			return worker.HandlerFunc(func(ctx context.Context, m *worker.Message) error {
				time.Sleep(3 * time.Second)
				return next.Handle(ctx, m)
			})
		}
		d.put("jobs", d.cut(1000, strings.Repeat("a", 3000))...) // it could be complete, and is not to be
		s := middleware.Segments()
		n := newCounts()
		stop := d.work("jobs", late(s.Handler(noCall(t))), s.Worker, n.watch, permits(20))
		pass(time.Second)
		start := time.Now()
		stop()
		if took := time.Since(start); took != 2*time.Second || n.of(worker.Snoozed) != 6 {
			t.Errorf("the drain took %v, want 2s; %d parts are given back, want 6", took, n.of(worker.Snoozed))
		}
	})
}
