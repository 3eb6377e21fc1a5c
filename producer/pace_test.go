package producer_test

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/quayside-go/quayside/producer"
)

// A reply that throttles each entry is as good as an error of the request.
func TestThrottledEntriesHoldAllBack(t *testing.T) {
	var requests [2]int
	for way := range requests {
		synctest.Test(t, func(t *testing.T) {
			until := time.Now().Add(20 * time.Second)
			f := &fake{onSend: func(_ int, in *sqs.SendMessageBatchInput) (*sqs.SendMessageBatchOutput, error) {
				switch {
				case time.Now().After(until):
					return taken(in), nil
				case way == 0:
					return nil, &types.RequestThrottled{}
				}
				out := &sqs.SendMessageBatchOutput{}
				for _, e := range in.Entries {
					out.Failed = append(out.Failed, types.BatchResultErrorEntry{Id: e.Id, Code: new("RequestThrottled")})
				}
				return out, nil
			}}
			p := producer.New(f, byURL, func(o *producer.Options) { o.Tries = 20 })
			if _, err := p.SendAll(t.Context(), numbered(500)...); err != nil {
				t.Error(err)
			}
			requests[way] = len(f.requests) - 50
		})
	}
	if requests[1] > 2*requests[0] {
		t.Errorf("%d requests in vain when the reply throttles each entry, %d when it is the error", requests[1], requests[0])
	}
}

// A Send whose context ends says nothing about SQS, which throttles.
func TestAnEndedSendLiftsNoThrottling(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var n atomic.Int64
		c := double{send: func(ctx context.Context, in *sqs.SendMessageBatchInput) (*sqs.SendMessageBatchOutput, error) {
			if *in.Entries[0].MessageBody == "hung" {
				<-ctx.Done()
				return nil, ctx.Err()
			}
			n.Add(1)
			time.Sleep(time.Millisecond)
			return nil, &types.RequestThrottled{}
		}}
		p := producer.New(c, byURL, func(o *producer.Options) { o.Concurrency = 2; o.Tries = 30 })
		ctx, cancel := context.WithCancel(t.Context())
		go p.Send(ctx, producer.Message{Body: "hung"})
		synctest.Wait()
		p.SendAsync(t.Context(), producer.Message{Body: "m"})
		for n.Load() < 9 {
			time.Sleep(time.Millisecond)
		}
		time.Sleep(2 * time.Millisecond) // the 9th in a row is answered: 0.8 to 1.6 s of backoff for all
		cancel()
		synctest.Wait()
		p.SendAsync(t.Context(), producer.Message{Body: "n"})
		time.Sleep(700 * time.Millisecond)
		if got := n.Load(); got != 9 {
			t.Errorf("%d requests within 700ms of the Send that ended, want none: SQS throttles", got-9)
		}
		short, cancel2 := context.WithTimeout(t.Context(), 0)
		defer cancel2()
		p.Close(short)
	})
}

// Callers that send one message after the other, once each, are held back too.
func TestThrottlingOutlivesIdleness(t *testing.T) {
	bubble(t, func(t *testing.T) {
		n := 0
		c := double{send: func(context.Context, *sqs.SendMessageBatchInput) (*sqs.SendMessageBatchOutput, error) {
			n++
			return nil, &types.RequestThrottled{}
		}}
		p := producer.New(c, byURL, once)
		began := time.Now()
		for range 100 {
			p.Send(t.Context(), producer.Message{Body: "b"})
		}
		if took := time.Since(began); took < time.Second {
			t.Errorf("%d requests in %v, all throttled", n, took)
		}
	})
}
