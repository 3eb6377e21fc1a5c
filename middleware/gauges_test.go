package middleware_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/quayside-go/quayside/localqueue"
	"github.com/quayside-go/quayside/producer"
	"github.com/quayside-go/quayside/worker"
)

// sendTo sends n messages.
func sendTo(t *testing.T, q *localqueue.Server, queue string, n int) {
	t.Helper()
	p := producer.New(q, queue)
	for range n {
		if _, err := p.Send(t.Context(), producer.Message{Body: "b"}); err != nil {
			t.Fatal(err)
		}
	}
}

// now returns the gauges among points, and nothing of 0.
func (m meters) now(t *testing.T) map[string]float64 {
	points := make(map[string]float64)
	for _, name := range []string{"running", "waiting", "leases", "undeleted", "pollers"} {
		name = "quayside.worker." + name
		for p, v := range m.points(t) {
			if strings.HasPrefix(p, name+" ") {
				points[p] = v
			}
		}
	}
	return points
}

// What workers of one queue do is added up; of workers that have stopped nothing is told.
func TestMetricsGauges(t *testing.T) {
	bubble(t, func(t *testing.T) {
		q := localqueue.New()
		defer q.Close()
		q.MustCreate("orders", "bills")
		sendTo(t, q, "orders", 9)
		sendTo(t, q, "bills", 1)
		m := newMeters(t)
		free := map[string]chan struct{}{"orders": make(chan struct{}), "bills": make(chan struct{})}
		h := worker.HandlerFunc(func(_ context.Context, msg *worker.Message) error { <-free[msg.Queue]; return nil })
		limited := func(o *worker.Options) { o.Concurrency, o.Prefetch, o.Policy.DeleteWithin = 3, 1, 10*time.Second }

		var wg sync.WaitGroup
		run := func(queue string) (stop context.CancelFunc, w *worker.Worker) {
			ctx, stop := context.WithCancel(t.Context())
			w = worker.New(q, queue, h, limited, m.Worker)
			wg.Go(func() { w.Run(ctx) })
			return stop, w
		}
		stopA, a := run("orders")
		stopB, b := run("orders")
		stopC, _ := run("bills")
		synctest.Wait()
		time.Sleep(time.Second)

		if s := a.Stats(); s.Running != 3 || b.Stats().Running != 3 {
			t.Fatalf("the workers run %d and %d handlers, want 3 each", s.Running, b.Stats().Running)
		}
		waiting := float64(a.Stats().Waiting + b.Stats().Waiting)
		pollers := float64(a.Stats().Pollers + b.Stats().Pollers)
		differ(t, m.now(t), map[string]float64{
			point("quayside.worker.running", "orders"): 6, point("quayside.worker.waiting", "orders"): waiting,
			point("quayside.worker.leases", "orders"): 6 + waiting, point("quayside.worker.undeleted", "orders"): 0,
			point("quayside.worker.pollers", "orders"): pollers,
			point("quayside.worker.running", "bills"):  1, point("quayside.worker.waiting", "bills"): 0,
			point("quayside.worker.leases", "bills"): 1, point("quayside.worker.undeleted", "bills"): 0,
			point("quayside.worker.pollers", "bills"): 1,
		})

		stopC()
		synctest.Wait() // the drain waits for the handler
		if got := m.now(t)[point("quayside.worker.running", "bills")]; got != 1 {
			t.Errorf("while it drains, the worker runs %v handlers, want 1", got)
		}
		free["orders"] <- struct{}{}
		synctest.Wait()
		if got := m.now(t)[point("quayside.worker.undeleted", "orders")]; got != 1 {
			t.Errorf("with a delete that waits for company, %v messages are undeleted, want 1", got)
		}
		close(free["orders"])
		close(free["bills"])
		stopA()
		stopB()
		wg.Wait()
		differ(t, m.now(t), nil)
	})
}

// A worker that never gets to receive leaves nothing behind.
func TestMetricsGaugesWithoutQueue(t *testing.T) {
	bubble(t, func(t *testing.T) {
		q := localqueue.New()
		defer q.Close()
		m := newMeters(t)
		h := worker.HandlerFunc(func(context.Context, *worker.Message) error { return nil })
		if err := worker.New(q, "missing", h, m.Worker).Run(t.Context()); err == nil {
			t.Fatal("Run found a queue that is not there")
		}
		differ(t, m.now(t), nil)
		points := m.points(t)
		const asked = "quayside.sqs.requests error.type=AWS.SimpleQueueService.NonExistentQueue,messaging.destination.name=missing," +
			"messaging.system=aws_sqs,quayside.sqs.action=GetQueueUrl"
		if points[asked] != 1 {
			t.Errorf("no request to find the queue among\n%v", points)
		}
	})
}

// What goes up and down can be added over processes.
func TestMetricsGaugesAdd(t *testing.T) {
	bubble(t, func(t *testing.T) {
		q := localqueue.New()
		defer q.Close()
		q.MustCreate("orders")
		sendTo(t, q, "orders", 1)
		m := newMeters(t)
		h := worker.HandlerFunc(func(context.Context, *worker.Message) error {
			n := 0
			for _, one := range m.collect(t) { // from a handler: the workers' locks are free
				if s, ok := one.Data.(metricdata.Sum[int64]); ok && !s.IsMonotonic {
					n++
				}
			}
			if n != 5 {
				t.Errorf("%d metrics are sums that go up and down, want 5", n)
			}
			return nil
		})
		w := worker.New(q, "orders", h, m.Worker)
		runFor(t, w, time.Second)
		if w.Stats().Done != 1 {
			t.Error("the handler did not run")
		}
	})
}

// Many workers and producers share a Metering, while it is asked.
func TestMetricsConcurrently(t *testing.T) {
	bubble(t, func(t *testing.T) {
		q := localqueue.New()
		defer q.Close()
		queues := []string{"a", "b", "c"}
		q.MustCreate(queues...)
		m := newMeters(t)
		ctx, stop := context.WithTimeout(t.Context(), 10*time.Second)
		defer stop()
		var wg sync.WaitGroup
		for _, queue := range append(queues, queues...) { // two workers on each
			h := worker.HandlerFunc(func(context.Context, *worker.Message) error { time.Sleep(time.Millisecond); return nil })
			wg.Go(func() {
				if err := worker.New(q, queue, h, m.Worker).Run(ctx); err != nil {
					t.Errorf("Run = %v", err)
				}
			})
		}
		const senders, each = 20, 10
		for _, queue := range queues {
			p := producer.New(q, queue, m.Producer)
			for range senders {
				wg.Go(func() {
					for range each {
						if _, err := p.Send(t.Context(), producer.Message{Body: "b"}); err != nil {
							t.Error(err)
						}
					}
				})
			}
		}
		wg.Go(func() {
			for ctx.Err() == nil {
				m.points(t)
				time.Sleep(100 * time.Millisecond)
			}
		})
		wg.Wait()
		points := m.points(t)
		for _, queue := range queues {
			for _, p := range []string{
				operation("messaging.client.sent.messages", queue, "send", "", ""),
				operation("messaging.client.consumed.messages", queue, "receive", "", ""),
				operation("messaging.process.duration", queue, "process", "process", ""),
				point("quayside.worker.outcomes", queue, "quayside.outcome", "done"),
			} {
				if points[p] != senders*each {
					t.Errorf("%s = %v, want %d", p, points[p], senders*each)
				}
			}
		}
	})
}
