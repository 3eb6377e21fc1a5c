package producer_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/quayside-go/quayside/producer"
)

// Calls that wait for room when Close begins are all served.
func TestCloseWaitsForSendAll(t *testing.T) {
	for _, way := range []string{"SendAll", "Send"} {
		t.Run(way, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				p := producer.New(&fake{}, byURL)
				var calls sync.WaitGroup
				var mu sync.Mutex
				refused := 0
				if way == "SendAll" {
					calls.Go(func() {
						rs, _ := p.SendAll(t.Context(), numbered(2000)...)
						for _, r := range rs {
							if r.Err != nil {
								refused++
							}
						}
					})
				} else {
					for _, m := range numbered(2000) {
						calls.Go(func() {
							if _, err := p.Send(t.Context(), m); err != nil {
								mu.Lock()
								defer mu.Unlock()
								refused++
							}
						})
					}
				}
				synctest.Wait() // all of it began before Close
				err := p.Close(t.Context())
				calls.Wait()
				if refused > 0 {
					t.Errorf("Close = %v, and %d of 2000 messages were not sent", err, refused)
				}
			})
		})
	}
}

// Close returns when middleware is told, of look-ups that failed and contexts that ended as well.
func TestCloseWaitsForAnswers(t *testing.T) {
	slow := func(o *producer.Options) {
		o.Middleware = []producer.Middleware{func(context.Context, *producer.Message) (func(producer.Sent, error), error) {
			return func(producer.Sent, error) { time.Sleep(time.Second) }, nil
		}}
	}
	t.Run("look-up", func(t *testing.T) {
		bubble(t, func(t *testing.T) {
			p := producer.New(double{look: func(context.Context) (*sqs.GetQueueUrlOutput, error) {
				time.Sleep(time.Second)
				return nil, &types.QueueDoesNotExist{}
			}}, "orders", slow)
			closeAnswers(t, p, p.SendAsync(t.Context(), producer.Message{Body: "x"}))
		})
	})
	t.Run("context", func(t *testing.T) {
		bubble(t, func(t *testing.T) {
			p := producer.New(double{}, byURL, slow, func(o *producer.Options) { o.Linger = time.Hour })
			ctx, cancel := context.WithCancel(t.Context())
			c := p.SendAsync(ctx, producer.Message{Body: "x"})
			cancel()
			closeAnswers(t, p, c)
		})
	})
}

func closeAnswers(t *testing.T, p *producer.Producer, c *producer.Pending) {
	t.Helper()
	synctest.Wait()
	err := p.Close(t.Context())
	select {
	case <-c.Done():
	default:
		t.Errorf("Close = %v, and the message is not answered", err)
	}
	<-c.Done()
}

// A Close that returns nil has sent everything; one after it lost something does not say so.
func TestEveryCloseTellsTheLoss(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := producer.New(&fake{}, byURL, func(o *producer.Options) { o.Concurrency = 1 })
		for range 5 {
			p.SendAsync(t.Context(), producer.Message{Body: "b"})
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second/2)
		defer cancel()
		other := make(chan error, 1)
		go func() { other <- p.Close(t.Context()) }()
		first := p.Close(ctx)
		if err := <-other; err == nil {
			t.Errorf("the first Close = %v, the other at the same time = %v, a third = %v", first, err, p.Close(t.Context()))
		}
	})
}
