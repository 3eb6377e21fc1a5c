package payload_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/quayside-go/quayside/producer"
	"github.com/quayside-go/quayside/producer/payload"
)

// counting takes all, each request in 50 ms, and notes how many messages each has.
type counting struct {
	mu    sync.Mutex
	sizes []int
}

func (c *counting) client() client {
	return func(_ context.Context, in *sqs.SendMessageBatchInput) (*sqs.SendMessageBatchOutput, error) {
		c.mu.Lock()
		c.sizes = append(c.sizes, len(in.Entries))
		c.mu.Unlock()
		time.Sleep(50 * time.Millisecond)
		out := &sqs.SendMessageBatchOutput{}
		for _, e := range in.Entries {
			out.Successful = append(out.Successful, types.SendMessageBatchResultEntry{Id: e.Id, MessageId: e.Id})
		}
		return out, nil
	}
}

const url = "http://host/1/jobs"

// Ten share a request, as by Producer.SendAll.
func TestSendAllRequests(t *testing.T) {
	for _, test := range []struct {
		name string
		kib  []int
	}{
		{"small", []int{1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}},
		{"large", []int{
			110, 110, 110, 110, 110, 110, 110, 110, 110, 110, 110, 110, 110, 110, 110, 110, 110, 110, 110, 110,
			110, 110, 110, 110, 110, 110, 110, 110, 110, 110, 110, 110, 110, 110, 110, 110, 110, 110, 110, 110,
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var c counting
				var s memory
				ms := sizes(test.kib...)
				if _, err := payload.SendAll(t.Context(), producer.New(c.client(), url), &s, ms); err != nil {
					t.Error(err)
				}
				if len(c.sizes) != len(ms)/10 {
					t.Errorf("%d messages went in requests of %v, with %d stored", len(ms), c.sizes, len(s.keys()))
				}
			})
		})
	}
}

// What is not sent takes no room.
func TestSendAllCountsWhatIsNotSent(t *testing.T) {
	var c counting
	var s memory
	ms := sizes(900, 50, 50, 50, 50)
	ms[0].Attributes = map[string]types.MessageAttributeValue{payload.Attribute: number("1")}
	rs, _ := payload.SendAll(t.Context(), producer.New(c.client(), url), &s, ms)
	if rs[0].Err == nil || len(s.keys()) != 0 {
		t.Errorf("message 0 = %v; of the other 200 KiB %d bodies are stored, want none", rs[0].Err, len(s.keys()))
	}
}

// What was stored is deleted, or told of as left, whatever panics.
func TestSendAllPanics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s memory
		var left []string
		n := 0
		p := producer.New(failing(&types.InvalidMessageContents{}), url, func(o *producer.Options) {
			o.Middleware = append(o.Middleware, func(_ context.Context, m *producer.Message) (func(producer.Sent, error), error) {
				if n++; n == 2 {
					panic("middleware")
				}
				return nil, nil
			})
		})
		func() {
			defer func() { recover() }()
			payload.SendAll(t.Context(), p, &s, sizes(600, 600, 1), always, func(o *payload.Options) {
				o.OnLeft = func(key string, _ error) { left = append(left, key) }
			})
		}()
		p.Close(t.Context())
		time.Sleep(time.Minute)
		if len(s.keys()) != len(left) {
			t.Errorf("%d objects are left, and %d told of", len(s.keys()), len(left))
		}
	})
}
