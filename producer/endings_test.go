package producer_test

import (
	"context"
	"runtime"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/quayside-go/quayside/producer"
)

// A hook or a fake client that ends its goroutine in the look-up takes nothing else with it.
func TestLookUpEndsItsGoroutine(t *testing.T) {
	for _, who := range []string{"client", "hook"} {
		t.Run(who, func(t *testing.T) {
			n := 0
			c := double{look: func(context.Context) (*sqs.GetQueueUrlOutput, error) {
				if n++; n == 1 && who == "client" {
					runtime.Goexit()
				}
				return &sqs.GetQueueUrlOutput{QueueUrl: new(byURL)}, nil
			}}
			p := producer.New(c, "orders", func(o *producer.Options) {
				o.Hook = func(_ context.Context, e producer.Event) {
					if e.Action == "GetQueueUrl" && who == "hook" && n == 1 {
						n++
						runtime.Goexit()
					}
				}
			})
			_, err := p.Send(context.Background(), producer.Message{Body: "a"})
			if err == nil || strings.Contains(err.Error(), "may have been sent") {
				t.Errorf("Send = %v, want that it was not sent", err)
			}
			if _, err := p.Send(context.Background(), producer.Message{Body: "b"}); err != nil {
				t.Error(err)
			}
			if err := p.Close(context.Background()); err != nil {
				t.Error(err)
			}
		})
	}
}

// Middleware hears of each message, even if it panics each time.
func TestEachToldPanics(t *testing.T) {
	bubble(t, func(t *testing.T) {
		told := 0
		p := producer.New(double{}, byURL, func(o *producer.Options) {
			o.Middleware = []producer.Middleware{func(context.Context, *producer.Message) (func(producer.Sent, error), error) {
				return func(producer.Sent, error) { told++; panic("told") }, nil
			}}
		})
		func() {
			defer func() { recover() }()
			p.SendAll(t.Context(), numbered(5)...)
		}()
		if err := p.Close(t.Context()); told != 5 || err != nil {
			t.Errorf("the middleware was told of %d of 5 messages; Close = %v", told, err)
		}
	})
}
