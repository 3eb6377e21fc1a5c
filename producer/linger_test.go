package producer_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/quayside-go/quayside/producer"
)

// Without room for others there is nothing to wait for.
func TestNothingLingersWithoutRoom(t *testing.T) {
	for name, bound := range map[string]func(*producer.Options){
		"messages": func(o *producer.Options) { o.MaxPending = 5 },
		"bytes":    func(o *producer.Options) { o.MaxPendingBytes = 250 },
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				ms := numbered(20)
				for i := range ms {
					ms[i].Body = strings.Repeat("x", 50)
				}
				p := producer.New(&fake{}, byURL, bound, func(o *producer.Options) { o.Linger = time.Hour })
				sendWithin(t, 61*time.Minute, p, ms...)
			})
		})
	}
}

// A message of a group does not wait anew because one of another group came meanwhile.
func TestLingerOfAGroup(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := producer.New(double{send: func(_ context.Context, in *sqs.SendMessageBatchInput) (*sqs.SendMessageBatchOutput, error) {
			if has(in, "a1") {
				time.Sleep(20 * time.Second)
			}
			return taken(in), nil
		}}, byURL+".fifo", func(o *producer.Options) { o.Linger = 10 * time.Second })
		p.SendAsync(t.Context(), producer.Message{Body: "a1", Group: "a"}) // under way from 10 s to 30 s
		time.Sleep(11 * time.Second)
		began := time.Now()
		c := p.SendAsync(t.Context(), producer.Message{Body: "a2", Group: "a"}) // may leave at 30 s, and has waited for 19 then
		time.Sleep(18 * time.Second)
		p.SendAsync(t.Context(), producer.Message{Body: "b1", Group: "b"})
		<-c.Done()
		if took := time.Since(began); took > 20*time.Second {
			t.Errorf("a2 was answered after %v, want 19 s: its linger was long over when a1 was answered", took)
		}
	})
}

// A message to be tried again does not linger, whoever is ready before it.
func TestARetryDoesNotLinger(t *testing.T) {
	bubble(t, func(t *testing.T) {
		n := 0
		var at []time.Duration
		began := time.Now()
		c := double{send: func(_ context.Context, in *sqs.SendMessageBatchInput) (*sqs.SendMessageBatchOutput, error) {
			n++
			at = append(at, time.Since(began))
			if n == 1 {
				return answer(in, false, "a"), nil
			}
			return taken(in), nil
		}}
		p := producer.New(c, byURL+".fifo", func(o *producer.Options) { o.Linger = time.Minute })
		a := p.SendAsync(t.Context(), producer.Message{Body: "a", Group: "a"})
		time.Sleep(time.Minute + time.Millisecond) // a has failed, and is due in 50 to 100 ms
		synctest.Wait()
		p.SendAsync(t.Context(), producer.Message{Body: "b", Group: "b"})
		<-a.Done()
		if took := time.Since(began); took > time.Minute+time.Second {
			t.Errorf("a took %v, want its linger of 1m and its backoff of up to 100 ms; requests at %v", took, at)
		}
		p.Close(t.Context())
	})
}
