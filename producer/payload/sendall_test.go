package payload_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/quayside-go/quayside/localqueue"
	"github.com/quayside-go/quayside/producer"
	"github.com/quayside-go/quayside/producer/payload"
)

// weighing notes how large the messages are that are sent.
type weighing struct {
	*localqueue.Server
	mu  sync.Mutex
	all int // bytes
}

func (c *weighing) SendMessageBatch(ctx context.Context, in *sqs.SendMessageBatchInput, opts ...func(*sqs.Options)) (*sqs.SendMessageBatchOutput, error) {
	c.mu.Lock()
	for _, e := range in.Entries {
		c.all += len(*e.MessageBody)
		for name, v := range e.MessageAttributes {
			c.all += len(name) + len(*v.DataType) + len(*v.StringValue)
		}
	}
	c.mu.Unlock()
	return c.Server.SendMessageBatch(ctx, in, opts...)
}

// sizes returns messages with bodies of so many KiB.
func sizes(kib ...int) []producer.Message {
	ms := make([]producer.Message, len(kib))
	for i, n := range kib {
		ms[i].Body = strings.Repeat(string(rune('a'+i%26)), n<<10)
	}
	return ms
}

func TestSendAllStoresAsMuchAsMakesBatchesFit(t *testing.T) {
	for _, test := range []struct {
		name   string
		kib    []int
		stored int
	}{
		{"all fit", []int{100, 100, 100, 100, 100, 100, 100, 100, 100, 100}, 0},
		{"the largest goes", []int{100, 100, 100, 100, 100, 100, 100, 100, 100, 200}, 1},
		{"of three, one is enough", []int{400, 10, 420, 10, 430, 10}, 1},
		{"each ten by itself", []int{200, 200, 200, 200, 200, 1, 1, 1, 1, 1, 200, 200, 200, 200, 200, 200, 1, 1, 1, 1}, 1},
		{"too large for SQS", []int{1, 1025, 1}, 1},
		{"all but one", []int{1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000}, 9},
		{"nothing", nil, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			var store memory
			c := &weighing{Server: localqueue.New()}
			defer c.Close()
			c.MustCreate("orders")
			ms := sizes(test.kib...)
			results, err := payload.SendAll(t.Context(), producer.New(c, "orders"), &store, ms)
			if err != nil || len(results) != len(ms) {
				t.Fatalf("%d results, %v", len(results), err)
			}
			if got := len(store.keys()); got != test.stored {
				t.Errorf("%d bodies stored, want %d", got, test.stored)
			}
			if tens := (len(ms) + 9) / 10; c.all > tens<<20 {
				t.Errorf("%d bytes were sent for %d requests", c.all, tens)
			}
			for i, m := range ms {
				if m.Body != sizes(test.kib...)[i].Body || m.Attributes != nil {
					t.Errorf("the caller's message %d was changed", i)
				}
			}
		})
	}
}

// Of ten messages that do not fit, as few are stored as possible: no smaller set would do.
func TestSendAllStoresNoMoreThanItTakes(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 100 {
		ms, total := make([]producer.Message, 10), 0
		var loads []int
		for i := range ms {
			n := 1000 + r.IntN(1<<(10+r.IntN(10)))
			ms[i].Body = strings.Repeat("x", n)
			loads, total = append(loads, n), total+n
		}
		want := 0 // by the largest, a pointer with its attribute being about 160 bytes
		for slices.Sort(loads); total > 1<<20; want++ {
			total -= loads[9-want] - 160
		}
		if total > 1<<20-2000 {
			continue // it depends on the last byte
		}
		var store memory
		q := localqueue.New()
		q.MustCreate("orders")
		if _, err := payload.SendAll(t.Context(), producer.New(q, "orders"), &store, ms); err != nil {
			t.Fatal(err)
		}
		if got := len(store.keys()); got != want {
			t.Errorf("%d of %v are stored, want %d", got, loads, want)
		}
		q.Close()
	}
}

func TestSendAllAnswersEachMessage(t *testing.T) {
	var store memory
	q := localqueue.New()
	defer q.Close()
	q.MustCreate("orders")
	p := producer.New(q, "orders")
	full := errors.New("the disk is full")
	var left []error
	ms := sizes(600, 600, 1, 1)
	ms[0].Attributes = map[string]types.MessageAttributeValue{payload.Attribute: {DataType: new("Number"), StringValue: new("1")}}
	ms[3].Delay = -1
	store.putting = func(context.Context) error { return full }
	results, err := payload.SendAll(t.Context(), p, &store, ms, func(o *payload.Options) {
		o.Threshold = 500 << 10
		o.OnLeft = func(_ string, err error) { left = append(left, err) }
	})
	if err == nil || !strings.Contains(err.Error(), `send to "orders": 3 of 4 messages failed; message 0: `) {
		t.Errorf("the error is %v", err)
	}
	if results[0].Err == nil || !errors.Is(results[1].Err, full) || results[2].Err != nil || results[2].ID == "" || results[3].Err == nil {
		t.Errorf("the results are %v", results)
	}
	if len(left) != 1 || !errors.Is(left[0], full) {
		t.Errorf("told of %v", left)
	}
	store.putting = nil
	ms = sizes(600, 600)
	ms[0].Delay = -1
	results, _ = payload.SendAll(t.Context(), p, &store, ms)
	if results[0].Err == nil || results[1].Err != nil || len(store.keys()) != 0 {
		t.Errorf("what was refused left %d bodies; the results are %v", len(store.keys()), results)
	}
	if _, err := payload.SendAll(t.Context(), p, nil, ms); err == nil {
		t.Error("no error without a store")
	}
}

func TestSendAllOnFIFOQueues(t *testing.T) {
	var store memory
	q := localqueue.New()
	defer q.Close()
	q.MustCreate("orders.fifo")
	p := producer.New(q, "orders.fifo")
	ms := sizes(600, 600, 1, 600)
	for i := range ms {
		ms[i].Group = "g"
	}
	ms[3] = ms[0]
	results, err := payload.SendAll(t.Context(), p, &store, ms, always, contentIDs)
	if err != nil {
		t.Fatal(err)
	}
	if results[0].Sequence >= results[1].Sequence || results[1].Sequence >= results[2].Sequence || results[3].Sequence != results[0].Sequence {
		t.Errorf("the results are %v", results)
	}
}
