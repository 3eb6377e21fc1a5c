package localqueue_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/quayside-go/quayside/localqueue"
)

// TestSetFaultsLive changes faults under traffic. When they are over everything that was
// sent can be received.
func TestSetFaultsLive(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t)
		s.MustCreate("orders")
		var sent atomic.Int64
		var mu sync.Mutex
		seen := map[string]bool{}
		take := func(ctx context.Context) error {
			out, err := s.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: aws.String("orders"), MaxNumberOfMessages: 10, WaitTimeSeconds: 2})
			if err != nil {
				return err
			}
			for _, m := range out.Messages {
				mu.Lock()
				seen[*m.Body] = true
				mu.Unlock()
				_, _ = s.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: aws.String("orders"), ReceiptHandle: m.ReceiptHandle})
			}
			return nil
		}
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
		defer cancel()
		var wg sync.WaitGroup
		for range 3 {
			wg.Go(func() {
				for ctx.Err() == nil {
					body := fmt.Sprint(sent.Add(1))
					for {
						_, err := s.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: aws.String("orders"), MessageBody: &body})
						if err == nil {
							break
						}
					}
					time.Sleep(500 * time.Millisecond)
				}
			})
			wg.Go(func() {
				for ctx.Err() == nil {
					if err := take(ctx); errors.Is(err, localqueue.ErrClosed) {
						t.Error(err)
					}
				}
			})
		}
		wg.Go(func() {
			for seed := uint64(0); ctx.Err() == nil; seed++ {
				f := everything(seed)
				if seed%3 == 0 {
					f = localqueue.Faults{}
				}
				if err := s.SetFaults(f); err != nil {
					t.Error(err)
				}
				time.Sleep(time.Second)
			}
		})
		wg.Wait()
		if err := s.SetFaults(localqueue.Faults{}); err != nil {
			t.Error(err)
		}
		time.Sleep(time.Minute)
		for s.Stats()[0].Visible > 0 {
			if err := take(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if n := int(sent.Load()); n < 1000 || len(seen) != n {
			t.Errorf("%d of %d messages were received", len(seen), n)
		}
		if err := s.Check(); err != nil {
			t.Error(err)
		}
	})
}
