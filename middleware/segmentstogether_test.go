package middleware_test

import (
	"context"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/quayside-go/quayside/middleware"
	"github.com/quayside-go/quayside/producer"
	"github.com/quayside-go/quayside/producer/payload"
	"github.com/quayside-go/quayside/worker"
)

// With all else in the order that works, the rest of the chain sees one message: a Mux, a
// Batch, and what decodes JSON.
func TestSegmentsTogether(t *testing.T) {
	bubble(t, func(t *testing.T) {
		type report struct{ Text string }
		d := newDock(t, "jobs -> jobs-dlq")
		p := producer.New(d, "jobs", func(o *producer.Options) {
			o.Middleware = append(o.Middleware, middleware.Compress(func(o *middleware.CompressOptions) { o.MinSize = 100 }))
		})
		r := rand.New(rand.NewPCG(1, 1))
		var want []string
		for i := range 4 {
			m := producer.JSON(report{randomText(r, 5000)})
			m.Type = []string{"batch", "single"}[i%2]
			results, err := payload.SendSegments(t.Context(), p, m, partSize(2000))
			if err != nil || len(results) < 3 {
				t.Fatal(results, err)
			}
			want = append(want, m.Body)
		}
		var h handlings
		x := worker.NewMux(worker.ByType)
		x.Route("single", worker.JSON(func(ctx context.Context, v report) error {
			m, _ := worker.FromContext(ctx)
			return h.Handle(ctx, m)
		}))
		x.Route("batch", worker.Batch(2, time.Minute, func(ctx context.Context, vs []report) []error {
			if len(vs) != 2 {
				t.Errorf("a batch of %d", len(vs))
			}
			for _, m := range worker.BatchMessages(ctx) {
				_ = h.Handle(ctx, m)
			}
			return nil
		}))
		s := middleware.Segments()
		chain := worker.Chain(
			middleware.Decompress(), s.Handler, middleware.DeadLetter(5), middleware.Retry(),
			middleware.Idempotent(middleware.NewMemoryStore()), middleware.Timeout(time.Minute), middleware.Recover(),
		)
		stop := d.work("jobs", chain(x), s.Worker, permits(40))
		pass(30 * time.Second)
		stop()
		h.saw(t, want...)
		d.empty("jobs")
		d.empty("jobs-dlq")
	})
}

// With too few receives for its workers to agree, a queue loses nothing: what is not
// handled is whole in the dead-letter queue.
func TestSegmentsTooFewReceives(t *testing.T) {
	bubble(t, func(t *testing.T) {
		d := newDock(t, "jobs -> jobs-dlq")
		arn := `{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:jobs-dlq","maxReceiveCount":"2"}`
		if _, err := d.SetQueueAttributes(t.Context(), &sqs.SetQueueAttributesInput{QueueUrl: d.url("jobs"), Attributes: map[string]string{"RedrivePolicy": arn}}); err != nil {
			t.Fatal(err)
		}
		var h handlings
		var stops []func()
		for range 3 {
			s := middleware.Segments()
			stops = append(stops, d.work("jobs", s.Handler(&h), s.Worker, permits(20)))
		}
		pass(time.Second)
		var want []string
		for i := range 40 {
			want = append(want, strings.Repeat(string(rune('A'+i)), 8000))
			d.segments("jobs", 1000, producer.Message{Body: want[i]})
		}
		pass(time.Hour)
		for _, stop := range stops {
			stop()
		}
		d.empty("jobs")
		before := h.count()
		s := middleware.Segments()
		stop := d.work("jobs-dlq", s.Handler(&h), s.Worker, permits(40))
		pass(time.Minute)
		stop()
		t.Logf("%d payloads handled, %d in the dead-letter queue", before, h.count()-before)
		h.saw(t, want...)
		d.empty("jobs-dlq")
	})
}
