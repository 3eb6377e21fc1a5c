package middleware_test

import (
	"context"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/quayside-go/quayside/middleware"
	"github.com/quayside-go/quayside/worker"
)

// The producer sends a batch again whose reply was lost: on a standard queue all of its parts
// are there twice. A payload that may have as many parts as it has is joined all the same.
func TestSegmentsCopiesAtTheLimit(t *testing.T) {
	for _, test := range []struct {
		name    string
		copies  int
		options func(*middleware.SegmentsOptions)
	}{
		{"all parts twice, MaxParts", 16, func(o *middleware.SegmentsOptions) { o.MaxParts = 16 }},
		{"a batch twice, MaxParts", 10, func(o *middleware.SegmentsOptions) { o.MaxParts = 16 }},
		{"a part twice, MaxParts", 1, func(o *middleware.SegmentsOptions) { o.MaxParts = 16 }},
		{"a batch twice, some room", 10, func(o *middleware.SegmentsOptions) { o.MaxParts = 20 }},
		{"a part twice, MaxBytes", 1, func(o *middleware.SegmentsOptions) { o.MaxBytes = 25000 }},
		{"a batch twice, MaxBytes", 10, func(o *middleware.SegmentsOptions) { o.MaxBytes = 26000 }},
		{"none", 0, func(o *middleware.SegmentsOptions) { o.MaxParts, o.MaxBytes = 16, 25000 }},
	} {
		t.Run(test.name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				d := newDock(t, "jobs")
				body := strings.Repeat("x", 12500)
				parts := d.cut(1000, body)
				if len(parts) != 16 {
					t.Fatalf("%d parts", len(parts))
				}
				d.put("jobs", parts[:test.copies]...)
				d.put("jobs", parts...)
				var h handlings
				var most atomic.Int64
				see := func(next worker.Handler) worker.Handler {
					return worker.HandlerFunc(func(ctx context.Context, m *worker.Message) error {
						most.Store(max(most.Load(), int64(m.Receives)))
						return next.Handle(ctx, m)
					})
				}
				s := middleware.Segments(test.options)
				start := time.Now()
				stop := d.work("jobs", see(s.Handler(&h)), s.Worker, permits(40))
				pass(24 * time.Hour)
				n, receives := h.count(), most.Load()
				if n == 0 {
					t.Errorf("the payload was not handled within a day; a part was received up to %d times", receives)
				} else {
					t.Logf("handled after %v, received %d times", h.at[0].Sub(start), receives)
				}
				stop()
			})
		})
	}
}

// The reply for a batch of ten parts was lost, so that the producer has sent it twice, and SQS
// delivers in no order. One process with room for the payload needs a receive or two; with a
// maxReceiveCount of 10 nothing should get to the dead-letter queue.
func TestSegmentsLostReply(t *testing.T) {
	for _, test := range []struct {
		name    string
		copies  int
		permits int
	}{{"no copies", 0, 20}, {"ten copies", 10, 20}, {"ten copies and twice the permits", 10, 40}} {
		t.Run(test.name, func(t *testing.T) {
			dead := 0
			for seed := range uint64(20) {
				synctest.Test(t, func(t *testing.T) { dead += lostReply(t, seed, test.copies, test.permits) })
			}
			if dead > 0 {
				t.Errorf("%d of 20 payloads of 15 parts, where 15 may be held, were never handled: all of their parts are in the dead-letter queue", dead)
			}
		})
	}
}

func lostReply(t *testing.T, seed uint64, copies, concurrency int) (dead int) {
	d := newDock(t, "jobs-dlq")
	if _, err := d.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: new("jobs"), Attributes: map[string]string{
		"RedrivePolicy": `{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:jobs-dlq","maxReceiveCount":"10"}`}}); err != nil {
		t.Fatal(err)
	}
	parts := d.cut(1000, strings.Repeat("x", 11500))
	if len(parts) != 15 {
		t.Fatalf("%d parts", len(parts))
	}
	all := append(parts, parts[1:1+copies]...)
	r := rand.New(rand.NewPCG(seed, 1))
	r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	d.put("jobs", all...)
	var h handlings
	s := middleware.Segments()
	stop := d.work("jobs", s.Handler(&h), s.Worker, permits(concurrency))
	pass(24 * time.Hour)
	stop()
	if h.count() == 0 {
		return 1
	}
	return 0
}
