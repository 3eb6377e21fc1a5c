package producer_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/quayside-go/quayside/producer"
)

// The message that a group waited for was given up.
func TestAnAbandonedRetryHoldsBackNobody(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var n atomic.Int64
		c := double{send: func(_ context.Context, in *sqs.SendMessageBatchInput) (*sqs.SendMessageBatchOutput, error) {
			switch *in.Entries[0].MessageBody {
			case "a":
				n.Add(1)
				return answer(in, false, "a"), nil // an entry fails, the queue is well
			case "slow":
				time.Sleep(25 * time.Second)
			}
			return taken(in), nil
		}}
		p := producer.New(c, byURL+".fifo", func(o *producer.Options) { o.Tries = 20 })
		ctx, cancel := context.WithCancel(t.Context())
		a := p.SendAsync(ctx, producer.Message{Body: "a", Group: "g"})
		for n.Load() < 8 {
			time.Sleep(10 * time.Millisecond)
		}
		p.SendAsync(t.Context(), producer.Message{Body: "slow", Group: "other"}) // else an idle producer forgets all
		synctest.Wait()
		cancel() // while a waits for 5 to 10 s to be tried again
		<-a.Done()
		began := time.Now()
		if _, err := p.Send(t.Context(), producer.Message{Body: "b", Group: "g"}); err != nil {
			t.Error(err)
		}
		if took := time.Since(began); took > 100*time.Millisecond {
			t.Errorf("b took %v, want 20ms: the only message before it was given up", took)
		}
		p.Close(t.Context())
	})
}

// Groups whose only message was given up are not kept while a request hangs.
func TestAbandonedGroupsAreNotKept(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := producer.New(hung{&fake{}}, byURL+".fifo", func(o *producer.Options) { o.Concurrency = 1; o.MaxPending = 20 })
		p.SendAsync(t.Context(), producer.Message{Body: "b", Group: "hung"})
		for i := range 100_000 {
			ctx, cancel := context.WithCancel(t.Context())
			c := p.SendAsync(ctx, producer.Message{Body: "b", Group: fmt.Sprint(i)})
			cancel()
			<-c.Done()
		}
		if groups := p.Groups(); groups > 100 {
			t.Errorf("%d groups are kept for 1 pending message", groups)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 0)
		defer cancel()
		p.Close(ctx)
	})
}

// What was admitted or became ready when a request ended leaves at once, not when the
// middleware of the messages answered is done.
func TestAnnouncingHoldsUpNobody(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := &fake{}
		p := producer.New(f, byURL+".fifo", func(o *producer.Options) {
			o.Middleware = []producer.Middleware{func(_ context.Context, m *producer.Message) (func(producer.Sent, error), error) {
				slow := m.Body == "a1"
				return func(producer.Sent, error) {
					if slow {
						time.Sleep(time.Minute)
					}
				}, nil
			}}
		})
		began := time.Now()
		p.SendAsync(t.Context(), producer.Message{Body: "a1", Group: "a"})
		a2 := p.SendAsync(t.Context(), producer.Message{Body: "a2", Group: "a"})
		<-a2.Done()
		defer p.Close(t.Context())
		if took := time.Since(began); took > 3*time.Second {
			t.Errorf("a2 was answered after %v, want 2s: three more requests might be under way", took)
		}
	})
}
