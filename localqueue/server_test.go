package localqueue_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"

	"github.com/quayside-go/quayside/localqueue"
)

// bench holds a server and what tests keep doing to it.
type fixture struct {
	*localqueue.Server
	t   *testing.T
	ctx context.Context
}

func newFixture(t *testing.T, opts ...func(*localqueue.Options)) *fixture {
	s := localqueue.New(opts...)
	t.Cleanup(func() { _ = s.Close() })
	return &fixture{s, t, context.Background()}
}

func (f *fixture) send(queue, body string) {
	f.t.Helper()
	if _, err := f.SendMessage(f.ctx, &sqs.SendMessageInput{QueueUrl: &queue, MessageBody: &body}); err != nil {
		f.t.Fatalf("send %q to %s: %v", body, queue, err)
	}
}

func (f *fixture) receive(ctx context.Context, queue string, wait int32) ([]types.Message, error) {
	out, err := f.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: &queue, WaitTimeSeconds: wait, MaxNumberOfMessages: 10})
	if err != nil {
		return nil, err
	}
	return out.Messages, nil
}

func (f *fixture) delete(queue string, m types.Message) {
	if _, err := f.DeleteMessage(f.ctx, &sqs.DeleteMessageInput{QueueUrl: &queue, ReceiptHandle: m.ReceiptHandle}); err != nil {
		f.t.Errorf("delete %s: %v", *m.Body, err)
	}
}

func code(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode()
	}
	return ""
}

func TestClose(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		f.MustCreate("orders")
		polls := make(chan error, 3)
		for range cap(polls) {
			go func() {
				_, err := f.receive(f.ctx, "orders", 20)
				polls <- err
			}()
		}
		synctest.Wait()
		start := time.Now()
		for range 2 {
			if err := f.Close(); err != nil {
				t.Errorf("close: %v", err)
			}
		}
		for range cap(polls) {
			if err := <-polls; !errors.Is(err, localqueue.ErrClosed) {
				t.Errorf("long poll ended with %v, want ErrClosed", err)
			}
		}
		if waited := time.Since(start); waited != 0 {
			t.Errorf("close took %v", waited)
		}
		if _, err := f.receive(f.ctx, "orders", 0); !errors.Is(err, localqueue.ErrClosed) {
			t.Errorf("receive after close: %v, want ErrClosed", err)
		}
		if err := f.Create(f.ctx, "more"); !errors.Is(err, localqueue.ErrClosed) {
			t.Errorf("create after close: %v, want ErrClosed", err)
		}
	})
}

// TestNilInputs calls every action with a nil input: an error or an empty
// answer, never a panic.
func TestNilInputs(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	v := reflect.ValueOf(f.Server)
	called := 0
	for i := range v.NumMethod() {
		m := v.Method(i)
		if m.Type().NumIn() != 3 || !m.Type().IsVariadic() || m.Type().NumOut() != 2 {
			continue
		}
		name := v.Type().Method(i).Name
		called++
		out := m.Call([]reflect.Value{reflect.ValueOf(f.ctx), reflect.Zero(m.Type().In(1))})
		err, _ := out[1].Interface().(error)
		if name == "ListQueues" {
			if err != nil {
				t.Errorf("%s(nil): %v", name, err)
			}
			continue
		}
		if code(err) == "" || !strings.Contains(err.Error(), name) {
			t.Errorf("%s(nil) = %v, want an API error that names the action", name, err)
		}
	}
	if called != 23 {
		t.Errorf("called %d actions, SQS has 23", called)
	}
}

func TestNamespaces(t *testing.T) {
	t.Parallel()
	f := newFixture(t, func(o *localqueue.Options) { o.Region, o.Account = "eu-west-1", "111122223333" })
	f.MustCreate("orders")
	in := func(region, account string) func(*sqs.Options) {
		return func(o *sqs.Options) {
			o.Region = region
			o.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
				return aws.Credentials{AccessKeyID: account}, nil
			})
		}
	}
	for _, c := range []struct{ region, account, want string }{
		{"", "", "arn:aws:sqs:eu-west-1:111122223333:orders"},
		{"us-west-2", "", "arn:aws:sqs:us-west-2:111122223333:orders"},
		{"us-west-2", "444455556666", "arn:aws:sqs:us-west-2:444455556666:orders"},
		{"", "AKIAEXAMPLE", "arn:aws:sqs:eu-west-1:111122223333:orders"},
	} {
		out, err := f.CreateQueue(f.ctx, &sqs.CreateQueueInput{QueueName: aws.String("orders")}, in(c.region, c.account))
		if err != nil {
			t.Fatalf("create in %+v: %v", c, err)
		}
		// A queue's URL leads to it from whatever namespace the call comes.
		got, err := f.GetQueueAttributes(f.ctx, &sqs.GetQueueAttributesInput{QueueUrl: out.QueueUrl, AttributeNames: []types.QueueAttributeName{"QueueArn"}})
		if err != nil || got.Attributes["QueueArn"] != c.want {
			t.Errorf("queue made in %q/%q, by its URL %s: %v, %v, want %s", c.region, c.account, *out.QueueUrl, got, err, c.want)
		}
	}
	list, err := f.ListQueues(f.ctx, &sqs.ListQueuesInput{})
	if err != nil || len(list.QueueUrls) != 1 {
		t.Errorf("queues of the default namespace: %v, %v, want one", list, err)
	}
}

func TestCreateSpecs(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	for range 2 { // the second time changes nothing
		if err := f.Create(f.ctx, "a", "b.fifo", "orders->orders-dlq", " jobs.fifo -> jobs-dlq.fifo "); err != nil {
			t.Fatal(err)
		}
	}
	got, err := f.GetQueueAttributes(f.ctx, &sqs.GetQueueAttributesInput{QueueUrl: aws.String("jobs.fifo"), AttributeNames: []types.QueueAttributeName{"All"}})
	if err != nil {
		t.Fatal(err)
	}
	want := `{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:jobs-dlq.fifo","maxReceiveCount":5}`
	if a := got.Attributes; a["RedrivePolicy"] != want || a["FifoQueue"] != "true" {
		t.Errorf("jobs.fifo has %v, want redrive policy %s", a, want)
	}
	for _, bad := range []string{"", "or ders", "a -> ", "a -> b.fifo"} {
		if err := f.Create(f.ctx, bad); code(err) == "" || !strings.Contains(err.Error(), fmt.Sprintf("%q", bad)) {
			t.Errorf("Create(%q) = %v, want SQS's error, naming the spec", bad, err)
		}
	}
}

// TestFourteenDays polls a queue for two weeks of virtual time.
func TestFourteenDays(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		if _, err := f.CreateQueue(f.ctx, &sqs.CreateQueueInput{QueueName: aws.String("orders"), Attributes: map[string]string{
			"MessageRetentionPeriod": "1209600", "VisibilityTimeout": "43200"}}); err != nil {
			t.Fatal(err)
		}
		f.send("orders", "patience")
		start, seen := time.Now(), 0
		for time.Since(start) < 14*24*time.Hour {
			got, err := f.receive(f.ctx, "orders", 20)
			if err != nil {
				t.Fatal(err)
			}
			if len(got) > 0 {
				if want := time.Duration(seen) * 12 * time.Hour; time.Since(start) != want {
					t.Fatalf("receive %d after %v, want %v", seen+1, time.Since(start), want)
				}
				seen++
			}
		}
		if seen != 28 {
			t.Errorf("received %d times in 14 days, want every 12 hours, 28 times", seen)
		}
	})
}

// TestReceiversComeAndGo has receivers give up at the very instants at which
// messages arrive: every message is received once all the same.
func TestReceiversComeAndGo(t *testing.T) {
	t.Parallel()
	for seed := range uint64(20) {
		synctest.Test(t, func(t *testing.T) {
			f := newFixture(t)
			f.MustCreate("orders")
			const messages = 300
			var got atomic.Int32
			stop, cancelAll := context.WithCancel(f.ctx)
			var wg sync.WaitGroup
			for i := range 20 {
				rnd := rand.New(rand.NewPCG(seed, uint64(i)))
				wg.Go(func() {
					for stop.Err() == nil {
						ctx, cancel := context.WithTimeout(stop, time.Duration(rnd.IntN(5))*time.Second)
						out, err := f.receive(ctx, "orders", 20)
						cancel()
						if err != nil && len(out) > 0 {
							t.Errorf("messages beside an error: %v", err)
						}
						for _, m := range out {
							got.Add(1)
							f.delete("orders", m)
						}
					}
				})
			}
			for i := range messages {
				f.send("orders", fmt.Sprint(i))
				if i%3 == 0 {
					time.Sleep(time.Second)
				}
			}
			time.Sleep(time.Minute)
			cancelAll()
			wg.Wait()
			if got.Load() != messages {
				t.Errorf("seed %d: %d messages received, %d sent", seed, got.Load(), messages)
			}
		})
	}
}

// TestDeadLetterRing lets two queues be each other's dead-letter queue, under
// load from all sides: no deadlock, nothing lost.
func TestDeadLetterRing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		f.MustCreate("a", "b", "a -> b", "b -> a")
		for _, q := range []string{"a", "b"} {
			other := map[string]string{"a": "b", "b": "a"}[q]
			policy := fmt.Sprintf(`{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:%s","maxReceiveCount":1}`, other)
			if _, err := f.SetQueueAttributes(f.ctx, &sqs.SetQueueAttributesInput{QueueUrl: &q, Attributes: map[string]string{
				"RedrivePolicy": policy, "VisibilityTimeout": "1"}}); err != nil {
				t.Fatal(err)
			}
		}
		for i := range 100 {
			f.send([]string{"a", "b"}[i%2], fmt.Sprint(i))
		}
		var wg sync.WaitGroup
		var seen sync.Map
		for i := range 8 {
			q := []string{"a", "b"}[i%2]
			rnd := rand.New(rand.NewPCG(1, uint64(i)))
			wg.Go(func() {
				for range 100 {
					out, err := f.receive(f.ctx, q, 3)
					if err != nil {
						t.Error(err)
					}
					for _, m := range out {
						if rnd.IntN(4) == 0 {
							if _, twice := seen.LoadOrStore(*m.Body, true); twice {
								t.Errorf("message %s came again after its delete", *m.Body)
							}
							f.delete(q, m)
						}
					}
				}
			})
		}
		wg.Wait()
		n := 0
		seen.Range(func(any, any) bool { n++; return true })
		if n != 100 {
			t.Errorf("%d of 100 messages were deleted in the end", n)
		}
	})
}

func TestThrottleFIFO(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, func(o *localqueue.Options) { o.ThrottleFIFO = true })
		f.MustCreate("jobs.fifo", "plain")
		send := func(i int) error {
			_, err := f.SendMessage(f.ctx, &sqs.SendMessageInput{QueueUrl: aws.String("jobs.fifo"), MessageBody: aws.String("x"),
				MessageGroupId: aws.String("g"), MessageDeduplicationId: aws.String(fmt.Sprint(i))})
			return err
		}
		for i := range 300 {
			if err := send(i); err != nil {
				t.Fatalf("send %d of a second's 300: %v", i, err)
			}
			f.send("plain", "unlimited")
		}
		if err := send(300); code(err) != "ThrottlingException" {
			t.Errorf("send 301 within a second: %v, want ThrottlingException", err)
		}
		if _, err := f.receive(f.ctx, "jobs.fifo", 0); err != nil {
			t.Errorf("receives are counted apart, and yet: %v", err)
		}
		time.Sleep(time.Second)
		if err := send(301); err != nil {
			t.Errorf("a second later: %v", err)
		}
	})
}

func TestDeletedQueueEndsPolls(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, func(o *localqueue.Options) { o.NoCooldown = true })
		f.MustCreate("orders")
		poll := make(chan error, 1)
		go func() {
			_, err := f.receive(f.ctx, "orders", 20)
			poll <- err
		}()
		synctest.Wait()
		if _, err := f.DeleteQueue(f.ctx, &sqs.DeleteQueueInput{QueueUrl: aws.String("orders")}); err != nil {
			t.Fatal(err)
		}
		if err := <-poll; !errors.As(err, new(*types.QueueDoesNotExist)) {
			t.Errorf("poll of a queue deleted meanwhile: %v, want QueueDoesNotExist", err)
		}
		f.MustCreate("orders") // at once, by NoCooldown
	})
}

// TestGoneReceiver sends in the instant in which the one receiver that waits has
// given up but does not know it yet: the message is not handed to it.
func TestGoneReceiver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		f.MustCreate("orders")
		ctx, cancel := context.WithCancel(f.ctx)
		type answer struct {
			got []types.Message
			err error
		}
		gone, next := make(chan answer, 1), make(chan answer, 1)
		go func() {
			got, err := f.receive(ctx, "orders", 20)
			gone <- answer{got, err}
		}()
		synctest.Wait()
		go func() {
			got, err := f.receive(f.ctx, "orders", 20)
			next <- answer{got, err}
		}()
		synctest.Wait()
		cancel()
		f.send("orders", "hello")
		if a := <-gone; !errors.Is(a.err, context.Canceled) || len(a.got) > 0 {
			t.Errorf("the receiver that gave up got %d messages and %v, want context.Canceled alone", len(a.got), a.err)
		}
		if a := <-next; a.err != nil || len(a.got) != 1 {
			t.Errorf("the one behind it got %d messages and %v, want the message", len(a.got), a.err)
		}
	})
}
