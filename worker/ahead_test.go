package worker_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/quayside-go/quayside/localqueue"
	"github.com/quayside-go/quayside/worker"
)

// A worker that receives ahead waits for company only while something is being handled: with
// nothing at hand, and with a message at hand that only needs a permit, it goes on at once.
func TestPrefetchHoldsUpNothing(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ concurrency, prefetch int }{{1, 1}, {1, 20}, {4, 1}, {4, 3}, {4, 5}, {4, 20}, {10, 1}, {20, 1}} {
		t.Run(fmt.Sprint(c.concurrency, " and ", c.prefetch), func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				const n = 200
				q := localqueue.New()
				defer q.Close()
				q.MustCreate("orders")
				url := "orders"
				send := func() {
					if _, err := q.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: &url, MessageBody: &url}); err != nil {
						t.Error(err)
					}
				}
				random := rand.New(rand.NewPCG(1, 2))
				begun, done := make(chan time.Time, n), make(chan struct{}, n)
				takes := time.Duration(0)
				for range n {
					send()
				}
				ctx, stop := context.WithCancel(t.Context())
				ended := make(chan error, 1)
				w := worker.New(q, "orders", worker.HandlerFunc(func(context.Context, *worker.Message) error {
					begun <- time.Now()
					time.Sleep(takes)
					done <- struct{}{}
					return nil
				}), func(o *worker.Options) { o.Concurrency, o.Prefetch = c.concurrency, c.prefetch })
				began := time.Now()
				go func() { ended <- w.Run(ctx) }()
				for range n { // at once
					<-done
					<-begun
				}
				if took := time.Since(began); took > 0 {
					t.Errorf("%d messages that take no time took %v", n, took)
				}
				synctest.Wait()
				for range n { // one after the other
					takes = time.Duration(random.IntN(20_000)) * time.Microsecond
					send()
					sent := time.Now()
					if waited := (<-begun).Sub(sent); waited > 0 {
						t.Errorf("an idle worker took %v to begin", waited)
						break
					}
					<-done
					time.Sleep(time.Duration(random.IntN(4000)) * time.Microsecond)
				}
				stop()
				if err := <-ended; err != nil {
					t.Error(err)
				}
			})
		})
	}
}
