package middleware_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/quayside-go/quayside/middleware"
	"github.com/quayside-go/quayside/worker"
)

// A message that waits for a claim keeps its place in its group.

func TestIdempotentKeepsTheOrderOfAGroup(t *testing.T) {
	t.Parallel()
	for _, left := range []time.Duration{2 * time.Second, 30 * time.Second} { // held by the worker, or by SQS
		t.Run(left.String(), func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				q := newDock(t, "orders.fifo")
				s := middleware.NewMemoryStore()
				_, err := s.Claim(t.Context(), middleware.Record{
					ID: "orders.fifo#g 0", Status: middleware.InProgress, Owner: "dead",
					Expiration: time.Now().Add(time.Hour).Unix(), InProgressExpiration: time.Now().Add(left).UnixMilli(),
				})
				if err != nil {
					t.Fatal(err)
				}
				for i := range 4 {
					q.send("orders.fifo", fmt.Sprint(i), func(in *sqs.SendMessageInput) {
						in.MessageGroupId, in.MessageDeduplicationId = new("g"), new(fmt.Sprint(i))
					})
				}
				var mu sync.Mutex
				var got []string
				first := true
				h := middleware.Idempotent(s)(worker.HandlerFunc(func(_ context.Context, m *worker.Message) error {
					mu.Lock()
					defer mu.Unlock()
					if m.Body == "2" && first {
						first = false
						return errors.New("no luck")
					}
					got = append(got, m.Body)
					return nil
				}))
				stops := []func(){q.work("orders.fifo", h), q.work("orders.fifo", h)}
				pass(10 * time.Minute)
				for _, stop := range stops {
					stop()
				}
				if want := []string{"0", "1", "2", "3"}; !slices.Equal(got, want) {
					t.Errorf("handled %v, want %v", got, want)
				}
				q.empty("orders.fifo")
			})
		})
	}
}

// Every verdict and every error comes through all of them as it was.
func TestVerdictsThroughAll(t *testing.T) {
	t.Parallel()
	sentinel := errors.New("sentinel")
	for _, err := range []error{
		sentinel, fmt.Errorf("a: %w", sentinel), worker.Discard(sentinel), worker.DeadLetter(sentinel),
		worker.RetryAfter(time.Hour, sentinel), fmt.Errorf("a: %w", worker.RetryAfter(time.Hour, sentinel)),
		&worker.DecodeError{Type: "T", Err: sentinel}, errors.Join(sentinel, worker.Discard(nil)),
	} {
		bubbleIn := func(ctx context.Context) (worker.Outcome, error) {
			h := worker.Chain(
				middleware.SNS(func(o *middleware.SNSOptions) { o.Raw = true }), middleware.Decompress(), newSpans().tracing().Handler,
				middleware.Log(nil, func(o *middleware.LogOptions) { o.Level = nil }).Handler, middleware.DeadLetter(0), middleware.Retry(),
				middleware.Idempotent(middleware.NewMemoryStore()), middleware.Concurrency(1), middleware.Timeout(time.Nanosecond),
				middleware.ExtendVisibility(0), middleware.BatchDelete(0), middleware.Recover(),
			)(worker.HandlerFunc(func(ctx context.Context, _ *worker.Message) error {
				<-ctx.Done()
				return err
			}))
			got := h.Handle(ctx, &worker.Message{ID: "1", Attempts: 1})
			return worker.OutcomeOf(ctx, got), got
		}
		outcome, got := bubbleIn(t.Context())
		if want := worker.OutcomeOf(t.Context(), err); outcome != want || !errors.Is(got, sentinel) || worker.Decides(got) != worker.Decides(err) {
			t.Errorf("%v came out as %v, which is %s, want %s", err, got, outcome, want)
		}
	}
}
