package middleware_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cenkalti/backoff/v4"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/quayside-go/quayside/middleware"
	"github.com/quayside-go/quayside/producer"
	"github.com/quayside-go/quayside/worker"
)

// All of it together, on a standard and on a FIFO queue, with handlers that fail, panic,
// hang beyond a drain and gather in batches: each message has its effect once, the race
// detector finds nothing, and all spans end.
func TestEverythingTogether(t *testing.T) {
	t.Parallel()
	for _, queue := range []string{"orders", "orders.fifo"} {
		t.Run(queue, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				const n = 60
				q := newDock(t, queue)
				s := newSpans()
				trace := s.tracing()
				reader := sdkmetric.NewManualReader()
				metrics, err := middleware.Metrics(func(o *middleware.MetricsOptions) {
					o.Provider = sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader))
				})
				if err != nil {
					t.Fatal(err)
				}
				logs := middleware.Log(slog.New(slog.NewTextHandler(io.Discard, &slog.HandlerOptions{Level: slog.LevelDebug})),
					func(o *middleware.LogOptions) { o.Body = true })
				p := producer.New(q, queue, func(o *producer.Options) {
					o.Middleware = append(o.Middleware, middleware.Compress(func(o *middleware.CompressOptions) { o.MinSize = 1 }))
				}, trace.Producer, metrics.Producer, logs.Producer)
				var mu sync.Mutex
				effects := map[string]int{}
				effect := func(body string) {
					mu.Lock()
					defer mu.Unlock()
					effects[body]++
				}
				batch := worker.Batch(5, time.Second, func(ctx context.Context, vs []string) []error {
					errs := make([]error, len(vs))
					for i, v := range vs {
						if m := worker.BatchMessages(ctx)[i]; m.Body != fmt.Sprintf("%q", v) {
							t.Errorf("a batch has the body %q for %q", m.Body, v)
						}
						if rand.N(3) == 0 {
							errs[i] = errors.New("no luck")
							continue
						}
						effect(v)
					}
					return errs
				})
				single := worker.HandlerFunc(func(ctx context.Context, m *worker.Message) error {
					switch rand.N(8) {
					case 0:
						panic("oh")
					case 1:
						return worker.Snooze(rand.N(10 * time.Second))
					case 2:
						return worker.RetryAfter(rand.N(10*time.Second), errors.New("later"))
					case 3:
						<-ctx.Done()
						return ctx.Err()
					case 4:
						time.Sleep(20 * time.Second) // a drain does not wait for so long
					case 5:
						return errors.New("no luck")
					}
					effect(strings.Trim(m.Body, `"`))
					return nil
				})
				store := middleware.NewMemoryStore()
				h := worker.Chain(
					middleware.SNS(func(o *middleware.SNSOptions) { o.Raw = true }), middleware.Decompress(),
					trace.Handler, logs.Handler,
					middleware.Retry(func(o *middleware.RetryOptions) {
						o.InProcess = 3 * time.Second
						o.BackOff = func(error) backoff.BackOff { return middleware.Exponential(0, 10*time.Second) }
					}),
					middleware.Idempotent(store, func(o *middleware.IdempotentOptions) { o.LockFor = 10 * time.Second }),
					middleware.Concurrency(20), middleware.Timeout(15*time.Second), middleware.ExtendVisibility(time.Minute),
					middleware.BatchDelete(time.Second), middleware.Recover(),
				)(worker.HandlerFunc(func(ctx context.Context, m *worker.Message) error {
					if m.Body[1] == 'b' {
						return batch.Handle(ctx, m)
					}
					return single.Handle(ctx, m)
				}))
				for i := range n {
					body := fmt.Sprint(i, strings.Repeat("x", 100))
					if i%2 == 0 {
						body = "b" + body
					}
					m := producer.JSON(body)
					if queue != "orders" {
						m.Group, m.DeduplicationID = fmt.Sprint(i%7), fmt.Sprint(i)
					}
					if _, err := p.Send(t.Context(), m); err != nil {
						t.Fatal(err)
					}
				}
				for range 40 { // workers come and go
					ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second+rand.N(20*time.Second))
					var wg sync.WaitGroup
					for range 2 {
						wg.Go(func() {
							_ = worker.New(q, queue, h, trace.Worker, metrics.Worker, logs.Worker, func(o *worker.Options) {
								o.DrainTimeout, o.CancelTimeout, o.FlushTimeout = 2*time.Second, time.Second, time.Second
								o.Concurrency = 10
							}).Run(ctx)
						})
					}
					wg.Wait()
					cancel()
					if reader.Collect(t.Context(), new(metricdata.ResourceMetrics)) != nil {
						t.Error("Collect failed")
					}
					mu.Lock()
					done := len(effects) == n
					mu.Unlock()
					if done {
						break
					}
				}
				pass(2 * time.Minute)
				mu.Lock()
				defer mu.Unlock()
				if len(effects) != n {
					t.Errorf("%d of %d messages were handled", len(effects), n)
				}
				for body, times := range effects {
					if times != 1 {
						t.Errorf("%.5s had its effect %d times, want once", body, times)
					}
				}
				if started, ended := len(s.Started()), len(s.Ended()); started != ended {
					t.Errorf("%d spans started and %d ended", started, ended)
				}
			})
		})
	}
}
