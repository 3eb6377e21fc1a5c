package producer_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/quayside-go/quayside/localqueue"
	"github.com/quayside-go/quayside/producer"
)

// Four replies are lost, then the network is away for five minutes, in which a FIFO queue
// forgets what it has stored.
func TestAnOutageStoresNothingTwice(t *testing.T) {
	bubble(t, func(t *testing.T) {
		q := localqueue.New()
		defer q.Close()
		q.MustCreate("jobs.fifo")
		began, calls := time.Now(), 0
		at := map[string][]time.Duration{}
		var mu sync.Mutex
		p := producer.New(double{send: func(ctx context.Context, in *sqs.SendMessageBatchInput) (*sqs.SendMessageBatchOutput, error) {
			mu.Lock()
			calls++
			n := calls
			for _, e := range in.Entries {
				at[*e.MessageBody] = append(at[*e.MessageBody], time.Since(began).Round(time.Second))
			}
			mu.Unlock()
			time.Sleep(100 * time.Millisecond)
			switch {
			case n <= 4:
				q.SendMessageBatch(ctx, in)
				return nil, errReset
			case time.Since(began) < 5*time.Minute+time.Second:
				return nil, errReset
			}
			return q.SendMessageBatch(ctx, in)
		}}, "http://sqs.us-east-1.localhost/000000000000/jobs.fifo")
		var ms []producer.Message
		for i := range 1000 {
			ms = append(ms, producer.Message{Body: fmt.Sprint(i), Group: fmt.Sprint(i), DeduplicationID: fmt.Sprint(i)})
		}
		p.SendAll(t.Context(), ms...)
		there, twice := map[string]int{}, 0
		for _, m := range receive(t, q, "jobs.fifo") {
			if there[*m.Body]++; there[*m.Body] == 2 {
				if twice++; twice == 1 {
					t.Errorf("message %s is in the queue twice: its requests left after %v", *m.Body, at[*m.Body])
				}
			}
		}
		if twice > 0 {
			t.Errorf("%d messages are in the queue twice", twice)
		}
	})
}

// A message that may be stored leaves again only while the FIFO queue remembers it, even if
// it has to wait for its turn: the queue forgets after five minutes.
func TestARetryLeavesWithinTheWindow(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var mu sync.Mutex
		var first, latest time.Time
		c := double{send: func(_ context.Context, in *sqs.SendMessageBatchInput) (*sqs.SendMessageBatchOutput, error) {
			mu.Lock()
			lost := false
			for _, e := range in.Entries {
				if *e.MessageBody == "x" {
					latest = time.Now()
					if first.IsZero() {
						first, lost = latest, true
					}
				}
			}
			mu.Unlock()
			if lost {
				time.Sleep(time.Second)
				return nil, errors.New("connection reset") // the reply is lost: it is stored
			}
			time.Sleep(20 * time.Second) // SQS is slow, but takes everything
			return taken(in), nil
		}}
		p := producer.New(c, byURL+".fifo") // all defaults
		x := p.SendAsync(t.Context(), producer.Message{Body: "x", Group: "x"})
		for i := range 900 {
			p.SendAsync(t.Context(), producer.Message{Body: "y", Group: fmt.Sprint(i)})
		}
		_, err := x.Wait(t.Context())
		if again := latest.Sub(first); again > 5*time.Minute {
			t.Errorf("sent again %v after it was first sent, the queue remembers 5m; its sender was told %v", again, err)
		}
		p.Close(t.Context())
	})
}

// The window begins with the first try that may have stored the message, not with one of
// which it is known that it did not.
func TestTheWindowBeginsWithTheFirstUnsureTry(t *testing.T) {
	bubble(t, func(t *testing.T) {
		until, lost := time.Now().Add(5*time.Minute), false
		f := &fake{onSend: func(_ int, in *sqs.SendMessageBatchInput) (*sqs.SendMessageBatchOutput, error) {
			if time.Now().Before(until) {
				return nil, &types.RequestThrottled{}
			}
			if !lost {
				lost = true
				return nil, errors.New("connection reset")
			}
			return taken(in), nil
		}}
		p := producer.New(f, byURL+".fifo", func(o *producer.Options) { o.Tries = 1000 })
		if _, err := p.Send(t.Context(), producer.Message{Body: "b", Group: "g"}); err != nil {
			t.Errorf("Send = %v; its one unsure try was the one before", err)
		}
	})
}

// SQS may go on with a request whose caller has gone away.
func TestACancelledSendIsNotOvertaken(t *testing.T) {
	for _, way := range []string{"Send", "SendAsync"} {
		t.Run(way, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				var mu sync.Mutex
				var stored []string
				var network sync.WaitGroup
				p := producer.New(double{send: func(ctx context.Context, in *sqs.SendMessageBatchInput) (*sqs.SendMessageBatchOutput, error) {
					done := make(chan struct{})
					network.Go(func() {
						if has(in, "1") {
							time.Sleep(2 * time.Second)
						}
						mu.Lock()
						stored = append(stored, *in.Entries[0].MessageBody)
						mu.Unlock()
						close(done)
					})
					select {
					case <-done:
						return taken(in), nil
					case <-ctx.Done():
						return nil, ctx.Err()
					}
				}}, byURL+".fifo")
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				first := producer.Message{Body: "1", Group: "g"}
				if way == "Send" {
					p.Send(ctx, first)
				} else {
					p.SendAsync(ctx, first).Wait(t.Context())
				}
				if _, err := p.Send(t.Context(), producer.Message{Body: "2", Group: "g"}); err != nil {
					t.Error(err)
				}
				network.Wait()
				if fmt.Sprint(stored) != "[1 2]" {
					t.Errorf("stored in the order %v, want [1 2]", stored)
				}
			})
		})
	}
}
