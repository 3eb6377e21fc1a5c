package producer_test

import (
	"context"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/quayside-go/quayside/producer"
)

// Middleware hears of each message, even if the hook panics, or middleware at another message.
func TestMiddlewareIsToldInSpiteOfPanics(t *testing.T) {
	for _, who := range []string{"hook", "middleware"} {
		t.Run(who, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				open := 0
				p := producer.New(double{}, byURL, func(o *producer.Options) {
					o.Middleware = []producer.Middleware{
						func(_ context.Context, m *producer.Message) (func(producer.Sent, error), error) {
							if m.Body == "1" {
								panic("middleware")
							}
							open++
							return func(producer.Sent, error) { open-- }, nil
						},
					}
					if who == "hook" {
						o.Hook = func(context.Context, producer.Event) { panic(who) }
					}
				})
				func() {
					defer func() { recover() }()
					if who == "hook" {
						p.Send(t.Context(), producer.Message{Body: "0"})
					} else {
						p.SendAll(t.Context(), numbered(2)...)
					}
				}()
				if err := p.Close(t.Context()); err != nil || open != 0 {
					t.Errorf("Close = %v, and the middleware was not told of message 0", err)
				}
			})
		})
	}
}

// What middleware has returned may send a message too, while there is room.
func TestMiddlewareSends(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := &fake{}
		var p *producer.Producer
		var err error
		p = producer.New(f, byURL, func(o *producer.Options) {
			o.Concurrency = 1
			o.Middleware = []producer.Middleware{func(_ context.Context, m *producer.Message) (func(producer.Sent, error), error) {
				if m.Body == "audit" {
					return nil, nil
				}
				return func(producer.Sent, error) {
					ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
					defer cancel()
					_, err = p.Send(ctx, producer.Message{Body: "audit"})
				}, nil
			}}
		})
		<-p.SendAsync(t.Context(), producer.Message{Body: "a"}).Done()
		if err != nil {
			t.Errorf("the audit message: %v", err)
		}
	})
}

// A hook or a fake client that ends its goroutine (t.Fatal) takes nothing else with it.
func TestAHookThatEndsItsGoroutine(t *testing.T) {
	var once atomic.Bool
	p := producer.New(double{}, byURL, quick, func(o *producer.Options) {
		o.Concurrency = 1
		o.Hook = func(context.Context, producer.Event) {
			if !once.Swap(true) {
				runtime.Goexit()
			}
		}
	})
	c := p.SendAsync(t.Context(), producer.Message{Body: "a"})
	if _, err := c.Wait(t.Context()); err == nil || !strings.Contains(err.Error(), "may have been sent") {
		t.Errorf("the message of that request: %v", err)
	}
	if _, err := p.Send(t.Context(), producer.Message{Body: "b"}); err != nil {
		t.Error(err)
	}
	if err := p.Close(t.Context()); err != nil {
		t.Error(err)
	}
}
