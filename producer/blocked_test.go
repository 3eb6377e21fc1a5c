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

// Middleware that blocks in as many goroutines as may announce, and in one sender, keeps neither
// a retry nor what has got room from the senders that are free.
func TestBlockedMiddlewareHoldsUpNothing(t *testing.T) {
	for _, what := range []string{"retry", "room"} {
		t.Run(what, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				var mu sync.Mutex
				var sent []time.Time
				start := time.Now()
				c := double{send: func(_ context.Context, in *sqs.SendMessageBatchInput) (*sqs.SendMessageBatchOutput, error) {
					mu.Lock()
					defer mu.Unlock()
					if has(in, "d") {
						sent = append(sent, time.Now())
						if what == "retry" && len(sent) == 1 {
							out := &sqs.SendMessageBatchOutput{}
							for _, e := range in.Entries {
								if *e.MessageBody == "d" {
									out.Failed = append(out.Failed, types.BatchResultErrorEntry{Id: e.Id, Code: new("InternalError")})
								} else {
									out.Successful = append(out.Successful, types.SendMessageBatchResultEntry{Id: e.Id, MessageId: e.Id})
								}
							}
							return out, nil
						}
					}
					return taken(in), nil
				}}
				end := make(chan struct{})
				p := producer.New(c, byURL, func(o *producer.Options) {
					o.Concurrency, o.MaxPending = 2, 10
					if what == "room" {
						o.MaxPending = 1
					} else {
						o.Linger = time.Second
					}
					o.Middleware = []producer.Middleware{func(_ context.Context, m *producer.Message) (func(producer.Sent, error), error) {
						if m.Body == "d" {
							return nil, nil
						}
						return func(producer.Sent, error) { <-end }, nil
					}}
				})
				for _, body := range []string{"a", "b"} {
					p.SendAsync(t.Context(), producer.Message{Body: body})
					time.Sleep(2 * time.Second)
				}
				p.SendAsync(t.Context(), producer.Message{Body: "c"})
				done := make(chan error, 1)
				go func() {
					_, err := p.SendAsync(t.Context(), producer.Message{Body: "d"}).Wait(t.Context())
					done <- err
				}()
				time.Sleep(time.Hour)
				synctest.Wait()
				select {
				case err := <-done:
					t.Log(err, sent)
				default:
					t.Errorf("after an hour d is not answered, of which %d requests have left, with one of 2 senders free (%v)", len(sent), time.Since(start))
				}
				close(end)
				p.Close(t.Context())
			})
		})
	}
}

// Close returns when its context has ended and the last request has, whatever middleware does.
func TestCloseWhileMiddlewareBlocks(t *testing.T) {
	for _, way := range []string{"SendAsync", "Send"} {
		t.Run(way, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				end := make(chan struct{})
				p := producer.New(double{}, byURL, func(o *producer.Options) {
					o.Middleware = []producer.Middleware{func(context.Context, *producer.Message) (func(producer.Sent, error), error) {
						return func(producer.Sent, error) { <-end }, nil
					}}
				})
				if way == "Send" {
					go p.Send(context.Background(), producer.Message{Body: "a"})
				} else {
					p.SendAsync(context.Background(), producer.Message{Body: "a"})
				}
				synctest.Wait()
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				start := time.Now()
				time.AfterFunc(time.Hour, func() { close(end) })
				err := p.Close(ctx)
				if took := time.Since(start); took > time.Minute {
					t.Errorf("Close = %v after %v; its context ended after 1s, and no request was under way", err, took)
				}
				<-end
			})
		})
	}
}
