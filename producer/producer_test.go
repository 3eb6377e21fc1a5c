package producer_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"

	"github.com/quayside-go/quayside/producer"
)

// fake is a queue that takes a second to answer each request and writes down
// the bodies that it was sent.
type fake struct {
	urlErr   error
	onSend   func(call int, in *sqs.SendMessageBatchInput) (*sqs.SendMessageBatchOutput, error) // nil: all taken
	mu       sync.Mutex
	lookups  int
	busy     int
	most     int // requests under way at once
	requests [][]string
	last     *sqs.SendMessageBatchInput
}

func (f *fake) GetQueueUrl(_ context.Context, in *sqs.GetQueueUrlInput, _ ...func(*sqs.Options)) (*sqs.GetQueueUrlOutput, error) {
	f.mu.Lock()
	f.lookups++
	f.mu.Unlock()
	time.Sleep(time.Second)
	f.mu.Lock()
	err := f.urlErr
	f.mu.Unlock()
	if err != nil {
		return nil, err
	}
	return &sqs.GetQueueUrlOutput{QueueUrl: new("http://sqs.example/1/" + *in.QueueName)}, nil
}

func (f *fake) SendMessageBatch(ctx context.Context, in *sqs.SendMessageBatchInput, _ ...func(*sqs.Options)) (*sqs.SendMessageBatchOutput, error) {
	var bodies []string
	for _, e := range in.Entries {
		bodies = append(bodies, *e.MessageBody)
	}
	f.mu.Lock()
	f.last = in
	f.requests = append(f.requests, bodies)
	n := len(f.requests)
	f.busy++
	f.most = max(f.most, f.busy)
	f.mu.Unlock()
	defer func() {
		f.mu.Lock()
		f.busy--
		f.mu.Unlock()
	}()
	select {
	case <-time.After(time.Second):
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if f.onSend != nil {
		return f.onSend(n, in)
	}
	return taken(in), nil
}

// taken is the reply that takes all of in.
func taken(in *sqs.SendMessageBatchInput) *sqs.SendMessageBatchOutput {
	out := &sqs.SendMessageBatchOutput{}
	for _, e := range in.Entries {
		out.Successful = append(out.Successful, types.SendMessageBatchResultEntry{
			Id: e.Id, MessageId: new("id of " + *e.MessageBody), SequenceNumber: new("7"),
		})
	}
	return out
}

func (f *fake) sizes() (sizes []int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, r := range f.requests {
		sizes = append(sizes, len(r))
	}
	return sizes
}

func once(o *producer.Options) { o.Tries = 1 }

func bubble(t *testing.T, f func(t *testing.T)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, f)
}

const byURL = "http://sqs.example/1/orders"

type result struct {
	sent producer.Sent
	err  error
}

// begin sends messages from a goroutine each, one after another; the function it
// returns waits for the calls to return and tells what they returned.
func begin(ctx context.Context, p *producer.Producer, ms ...producer.Message) func() []result {
	results := make([]result, len(ms))
	var wg sync.WaitGroup
	for i, m := range ms {
		wg.Go(func() { results[i].sent, results[i].err = p.Send(ctx, m) })
		synctest.Wait()
	}
	return func() []result {
		wg.Wait()
		return results
	}
}

func sendAll(ctx context.Context, p *producer.Producer, ms ...producer.Message) []result {
	return begin(ctx, p, ms...)()
}

func numbered(n int) (ms []producer.Message) {
	for i := range n {
		ms = append(ms, producer.Message{Body: strconv.Itoa(i)})
	}
	return ms
}

func TestSendOne(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := &fake{}
		began := time.Now()
		sent, err := producer.New(f, byURL).Send(t.Context(), producer.Message{
			Body: "b", Type: "t", Group: "g", Delay: 1500 * time.Millisecond,
			Attributes: map[string]types.MessageAttributeValue{"n": {DataType: new("Number"), StringValue: new("1")}},
		})
		if want := (producer.Sent{ID: "id of b", Sequence: "7"}); sent != want || err != nil {
			t.Errorf("Send = %+v, %v, want %+v, nil", sent, err, want)
		}
		if took := time.Since(began); took != time.Second {
			t.Errorf("Send took %v, want the second of its one request", took)
		}
		e := f.last.Entries[0]
		got := fmt.Sprintln(*f.last.QueueUrl, *e.MessageBody, *e.MessageGroupId, e.DelaySeconds,
			*e.MessageAttributes["Quayside.Type"].StringValue, *e.MessageAttributes["n"].StringValue, len(e.MessageAttributes))
		if want := fmt.Sprintln(byURL, "b g 2 t 1 2"); got != want {
			t.Errorf("sent %s, want %s", got, want)
		}
	})
}

func TestEmptyFieldsAreNotSent(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := &fake{}
		if _, err := producer.New(f, byURL).Send(t.Context(), producer.Message{Body: "b"}); err != nil {
			t.Fatal(err)
		}
		e := f.last.Entries[0]
		if e.MessageGroupId != nil || e.MessageDeduplicationId != nil || e.MessageAttributes != nil || e.DelaySeconds != 0 {
			t.Errorf("the entry is %+v, want a body and nothing else", e)
		}
	})
}

func TestWhatArrivesMeanwhileIsTheNextBatch(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		queue string
		want  []int
		most  int
	}{
		"standard":      {byURL, []int{1, 4, 10, 10}, 4},
		"FIFO, a group": {byURL + ".fifo", []int{1, 10, 10, 4}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				f := &fake{}
				ms := numbered(25)
				for i := range ms {
					ms[i].Group = "g"
				}
				results := sendAll(t.Context(), producer.New(f, test.queue), ms...)
				for i, r := range results {
					if want := "id of " + strconv.Itoa(i); r.err != nil || r.sent.ID != want {
						t.Errorf("Send %d = %+v, %v, want %q", i, r.sent, r.err, want)
					}
				}
				got := f.sizes()
				if test.most > 1 { // those of one instant come in any order
					slices.Sort(got)
				}
				if !slices.Equal(got, test.want) || f.most != test.most {
					t.Errorf("requests of %v messages, %d at once; want %v, %d", got, f.most, test.want, test.most)
				}
				if test.most > 1 {
					return
				}
				for i, body := range slices.Concat(f.requests...) {
					if body != strconv.Itoa(i) {
						t.Fatalf("messages went out in the order %v", f.requests)
					}
				}
			})
		})
	}
}

func TestBatchesHoldAtMostOneMebibyte(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := &fake{}
		p := producer.New(f, byURL+".fifo")
		big := func(n int) producer.Message {
			m := producer.Message{Body: strings.Repeat("x", n-len("name")-len("String")-len("value")), Group: "g"}
			m.Attributes = map[string]types.MessageAttributeValue{"name": {DataType: new("String"), StringValue: new("value")}}
			return m
		}
		for i, r := range sendAll(t.Context(), p, big(100), big(1<<19), big(1<<19), big(1<<20), big(1<<20-1), big(50)) {
			if r.err != nil {
				t.Errorf("Send %d: %v", i, r.err)
			}
		}
		if got, want := f.sizes(), []int{1, 2, 1, 1, 1}; !slices.Equal(got, want) {
			t.Errorf("requests of %v messages, want %v", got, want)
		}
		if _, err := p.Send(t.Context(), big(1<<20+1)); err == nil || !strings.Contains(err.Error(), "1048577 bytes") {
			t.Errorf("Send of more than a request may hold = %v, want an error with the size", err)
		}
	})
}

func TestEachCallerGetsItsOwnError(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := &fake{onSend: func(_ int, in *sqs.SendMessageBatchInput) (*sqs.SendMessageBatchOutput, error) {
			out := &sqs.SendMessageBatchOutput{}
			for _, e := range in.Entries {
				switch *e.MessageBody {
				case "1":
					out.Failed = append(out.Failed, types.BatchResultErrorEntry{Id: e.Id, Code: new("InvalidMessageContents"), SenderFault: true})
				case "2": // not mentioned
				default:
					out.Successful = append(out.Successful, types.SendMessageBatchResultEntry{Id: e.Id, MessageId: e.MessageBody})
				}
			}
			return out, nil
		}}
		ms := numbered(4)
		for i := range ms {
			ms[i].Group = "g"
		}
		rs := sendAll(t.Context(), producer.New(f, byURL+".fifo"), ms...)
		var api smithy.APIError
		if !errors.As(rs[1].err, &api) || api.ErrorCode() != "InvalidMessageContents" || api.ErrorFault() != smithy.FaultClient {
			t.Errorf("Send of the refused message = %v, want InvalidMessageContents, the client's fault", rs[1].err)
		}
		if rs[2].err == nil {
			t.Error("Send of a message that the reply does not mention = nil, want an error")
		}
		if rs[0].err != nil || rs[3].err != nil || rs[3].sent.ID != "3" {
			t.Errorf("the others got %v and %v, want nil", rs[0], rs[3])
		}
	})
}

func TestARequestSpoiltByOneMessageIsDivided(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := &fake{onSend: func(_ int, in *sqs.SendMessageBatchInput) (*sqs.SendMessageBatchOutput, error) {
			for _, e := range in.Entries {
				if *e.MessageBody == "2" {
					return nil, &smithy.GenericAPIError{Code: "InvalidParameterValue", Fault: smithy.FaultClient}
				}
			}
			return taken(in), nil
		}}
		ms := numbered(4)
		for i := range ms {
			ms[i].Group = "g"
		}
		rs := sendAll(t.Context(), producer.New(f, byURL+".fifo"), ms...)
		for i, r := range rs {
			if (r.err != nil) != (i == 2) {
				t.Errorf("Send %d = %v; want an error for 2 alone", i, r.err)
			}
		}
		if got, want := f.sizes(), []int{1, 3, 1, 1, 1}; !slices.Equal(got, want) {
			t.Errorf("requests of %v messages, want %v", got, want)
		}
	})
}

func attribute(value string) map[string]types.MessageAttributeValue {
	return map[string]types.MessageAttributeValue{"n": {DataType: new("String"), StringValue: &value}}
}

func TestWrongMessagesAreNotSent(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := &fake{}
		standard, fifo := producer.New(f, byURL), producer.New(f, byURL+".fifo")
		for _, test := range []struct {
			p    *producer.Producer
			m    producer.Message
			want string
		}{
			{standard, producer.Message{Body: "b", Delay: -1}, "Delay of -1ns"},
			{standard, producer.Message{Body: "b", Delay: 15*time.Minute + 1}, "want 0 to 15m0s"},
			{fifo, producer.Message{Body: "b"}, "no Group"},
			{standard, producer.Message{Body: "caf\xe9"}, "body is not UTF-8"},
			{standard, producer.Message{Body: "b", Type: "\xff"}, "not UTF-8"},
			{standard, producer.Message{Body: "b", Attributes: attribute("\xff")}, "not UTF-8"},
			{standard, producer.JSON(make(chan int)), "encode"},
			{producer.New(nil, "orders"), producer.Message{Body: "b"}, "client"},
			{producer.New(f, ""), producer.Message{Body: "b"}, "queue"},
		} {
			if _, err := test.p.Send(t.Context(), test.m); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("Send(%+v) = %v, want an error that contains %q", test.m, err, test.want)
			}
		}
		if len(f.requests) != 0 {
			t.Errorf("%d requests were made, want none", len(f.requests))
		}
	})
}

func TestQueueIsLookedUpOnce(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := &fake{}
		p := producer.New(f, "orders")
		sendAll(t.Context(), p, numbered(25)...)
		sendAll(t.Context(), p, numbered(1)...)
		if f.lookups != 1 {
			t.Errorf("the queue was looked up %d times, want once", f.lookups)
		}
		if f.most < 2 {
			t.Errorf("%d requests at once, want more than one once the queue is found", f.most)
		}
	})
}

func TestMissingQueue(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := &fake{urlErr: &types.QueueDoesNotExist{}}
		p := producer.New(f, "oders")
		for _, r := range sendAll(t.Context(), p, numbered(3)...) {
			if !errors.As(r.err, new(*types.QueueDoesNotExist)) || !strings.Contains(r.err.Error(), `no queue "oders"`) {
				t.Errorf("Send = %v, want a QueueDoesNotExist that names the queue", r.err)
			}
		}
		f.urlErr = nil // created meanwhile
		if _, err := p.Send(t.Context(), producer.Message{Body: "b"}); err != nil {
			t.Errorf("Send once the queue exists = %v, want nil", err)
		}
	})
}

func TestSendEndsWithItsContext(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := &fake{}
		p := producer.New(f, byURL+".fifo")
		ctx, cancel := context.WithTimeout(t.Context(), time.Second/2)
		defer cancel()
		earlier, cancel := context.WithTimeout(t.Context(), time.Second/2-1)
		defer cancel()
		began := time.Now()
		flying := begin(ctx, p, producer.Message{Body: "flying", Group: "g"})
		rs := sendAll(earlier, p, producer.Message{Body: "waiting", Group: "g"})
		rs = append(flying(), rs...)
		if took := time.Since(began); took != time.Second/2 {
			t.Errorf("Send took %v, want as long as its context, 500ms", took)
		}
		for i, want := range []string{"may have been sent", "not sent"} {
			if !errors.Is(rs[i].err, context.DeadlineExceeded) || !strings.Contains(rs[i].err.Error(), want) {
				t.Errorf("Send %d = %v, want DeadlineExceeded and %q", i, rs[i].err, want)
			}
		}
		if err := p.Close(t.Context()); err != nil {
			t.Errorf("Close = %v, want nil", err)
		}
		if got, want := f.sizes(), []int{1}; !slices.Equal(got, want) {
			t.Errorf("requests of %v messages, want %v: the one under way", got, want)
		}
	})
}

// Looking the queue up takes a second; no request with messages begins before.
func TestSendIsWithdrawnDuringTheLookUp(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := &fake{}
		p := producer.New(f, "orders")
		ctx, cancel := context.WithTimeout(t.Context(), time.Second/2)
		defer cancel()
		if _, err := p.Send(ctx, producer.Message{Body: "b"}); err == nil || !strings.Contains(err.Error(), "not sent") {
			t.Errorf("Send = %v, want an error that says not sent", err)
		}
		if err := p.Close(t.Context()); err != nil {
			t.Errorf("Close = %v, want nil", err)
		}
		if n := len(f.requests); n != 0 {
			t.Errorf("%d requests were made, want none", n)
		}
	})
}

func TestAttributesAreCopied(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := &fake{}
		p := producer.New(f, "orders")
		m := producer.Message{Body: "b", Attributes: attribute("1")}
		results := begin(t.Context(), p, m)
		delete(m.Attributes, "n") // the queue is being looked up
		results()
		if n := len(f.last.Entries[0].MessageAttributes); n != 1 {
			t.Errorf("%d attributes were sent, want those at the time of Send, 1", n)
		}
	})
}

// hung never answers before the context ends.
type hung struct{ *fake }

func (hung) SendMessageBatch(ctx context.Context, _ *sqs.SendMessageBatchInput, _ ...func(*sqs.Options)) (*sqs.SendMessageBatchOutput, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

func TestDeadConnectionsAreGivenUp(t *testing.T) {
	bubble(t, func(t *testing.T) {
		began := time.Now()
		_, err := producer.New(hung{&fake{}}, byURL, once).Send(t.Context(), producer.Message{Body: "b"})
		if took := time.Since(began); err == nil || !strings.Contains(err.Error(), "no answer within 30s") || took != 30*time.Second {
			t.Errorf("Send = %v after %v, want that after 30s", err, took)
		}
	})
}

func TestCloseSendsWhatIsWaiting(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := &fake{}
		p := producer.New(f, byURL)
		results := begin(t.Context(), p, numbered(20)...)
		if err := p.Close(t.Context()); err != nil {
			t.Errorf("Close = %v, want nil", err)
		}
		for i, r := range results() {
			if r.err != nil {
				t.Errorf("Send %d = %v, want nil", i, r.err)
			}
		}
		if _, err := p.Send(t.Context(), producer.Message{Body: "b"}); err != producer.ErrClosed {
			t.Errorf("Send after Close = %v, want ErrClosed", err)
		}
		if err := p.Close(t.Context()); err != nil {
			t.Errorf("second Close = %v, want nil", err)
		}
	})
}

func TestCloseEndsWithItsContext(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := &fake{}
		p := producer.New(f, byURL, func(o *producer.Options) { o.Concurrency = 1 })
		results := begin(t.Context(), p, numbered(10)...) // a request of one, and 9 are waiting
		ctx, cancel := context.WithTimeout(t.Context(), time.Second/2)
		defer cancel()
		err := p.Close(ctx)
		var lost *producer.CloseError
		if !errors.Is(err, context.DeadlineExceeded) || !errors.As(err, &lost) || lost.NotSent != 9 || lost.Unanswered != 1 {
			t.Errorf("Close = %v, want DeadlineExceeded, 9 messages not sent, 1 unanswered", err)
		}
		for i, r := range results() {
			want := "may have been sent"
			if i >= 1 {
				want = "not sent"
			}
			if !errors.Is(r.err, producer.ErrClosed) || !strings.Contains(r.err.Error(), want) {
				t.Errorf("Send %d = %v, want ErrClosed and %q", i, r.err, want)
			}
		}
	})
}

func TestHook(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := &fake{}
		var events []producer.Event
		p := producer.New(f, "orders", func(o *producer.Options) {
			o.Hook = func(_ context.Context, e producer.Event) { events = append(events, e) }
		})
		began := time.Now()
		if _, err := p.Send(t.Context(), producer.Message{Body: "b"}); err != nil {
			t.Fatal(err)
		}
		want := []producer.Event{
			{Queue: "orders", Action: "GetQueueUrl", Start: began, Duration: time.Second},
			{
				Queue: "orders", URL: byURL, Action: "SendMessageBatch", Messages: []*producer.Message{{Body: "b"}},
				Start: began.Add(time.Second), Duration: time.Second,
			},
		}
		if len(events) == 2 && len(events[1].Messages) == 1 && events[1].Messages[0].Queue() == "orders" {
			events[1].Messages[0] = &producer.Message{Body: events[1].Messages[0].Body}
		}
		if !reflect.DeepEqual(events, want) {
			t.Errorf("the hook was told\n%+v, want\n%+v", events, want)
		}
	})
}

func TestFor(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := &fake{}
		send := producer.For[map[string]int](producer.New(f, byURL), "count")
		if _, err := send(t.Context(), map[string]int{"n": 1}); err != nil {
			t.Fatal(err)
		}
		e := f.last.Entries[0]
		if *e.MessageBody != `{"n":1}` || *e.MessageAttributes["Quayside.Type"].StringValue != "count" {
			t.Errorf("sent %s of type %v", *e.MessageBody, e.MessageAttributes)
		}
	})
}

func TestJSONErrorUnwraps(t *testing.T) {
	t.Parallel()
	_, err := producer.New(&fake{}, byURL).Send(t.Context(), producer.JSON(func() {}))
	if !errors.As(err, new(*json.UnsupportedTypeError)) {
		t.Errorf("Send = %v, want the encoder's error inside", err)
	}
}
