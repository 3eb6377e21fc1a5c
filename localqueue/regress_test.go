package localqueue_test

import (
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/quayside-go/quayside/localqueue"
)

// TestPollEndsAsMessageComes has a delay end in the instant in which a long poll
// does: the poll finds the message, each time.
func TestPollEndsAsMessageComes(t *testing.T) {
	t.Parallel()
	for range 50 {
		synctest.Test(t, func(t *testing.T) {
			f := newFixture(t)
			f.MustCreate("orders")
			if _, err := f.SendMessage(f.ctx, &sqs.SendMessageInput{QueueUrl: aws.String("orders"), MessageBody: aws.String("x"), DelaySeconds: 20}); err != nil {
				t.Fatal(err)
			}
			if got, err := f.receive(f.ctx, "orders", 20); err != nil || len(got) != 1 {
				t.Errorf("a poll of 20 s over a delay of 20 s got %d messages, %v", len(got), err)
			}
		})
	}
}

// TestRedriveTargetChanges swaps the dead-letter queue under receives: no message
// is received more often than its policy, old or new, allows.
func TestRedriveTargetChanges(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.MustCreate("orders", "d1", "d2")
	set := func(i int) {
		policy := fmt.Sprintf(`{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:d%d","maxReceiveCount":1}`, 1+i%2)
		if _, err := f.SetQueueAttributes(f.ctx, &sqs.SetQueueAttributesInput{QueueUrl: aws.String("orders"),
			Attributes: map[string]string{"RedrivePolicy": policy, "VisibilityTimeout": "0"}}); err != nil {
			t.Error(err)
		}
	}
	set(0)
	var done atomic.Bool
	swapped := make(chan bool)
	go func() {
		defer close(swapped)
		for i := 0; !done.Load(); i++ {
			set(i)
		}
	}()
	for i := range 2000 {
		f.send("orders", fmt.Sprint(i))
		for range 2 {
			out, err := f.ReceiveMessage(f.ctx, &sqs.ReceiveMessageInput{QueueUrl: aws.String("orders"), MaxNumberOfMessages: 10,
				MessageSystemAttributeNames: []types.MessageSystemAttributeName{"ApproximateReceiveCount"}})
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range out.Messages {
				if n := m.Attributes["ApproximateReceiveCount"]; n != "1" {
					t.Fatalf("message %s was received %s times, maxReceiveCount is 1", *m.Body, n)
				}
			}
		}
	}
	done.Store(true)
	<-swapped
}

// TestImpossibleNamespaces are told by every call, as soon as one is made.
func TestImpossibleNamespaces(t *testing.T) {
	t.Parallel()
	for _, o := range []localqueue.Options{{Region: "a b/c"}, {Region: "a:b"}, {Account: "abc/def:x"}, {Account: "1234"}} {
		f := newFixture(t, func(opts *localqueue.Options) { *opts = o })
		if err := f.Create(f.ctx, "orders"); err == nil || !strings.Contains(err.Error(), "twelve digits") {
			t.Errorf("create with %+v: %v, want an error that says what is wrong", o, err)
		}
	}
}

// TestQueueURLs lead to their queue from whatever host.
func TestQueueURLs(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.MustCreate("orders")
	for url, want := range map[string]bool{
		"orders": true, "http://localhost:9324/000000000000/orders": true, "http://sqs.internal:9324/000000000000/orders": true,
		"http://sqs.default.svc.cluster.local/000000000000/orders": true, "https://sqs.us-east-1.amazonaws.com/000000000000/orders": true,
		"http://sqs.us-east-1.localhost/000000000000/orders": true, "http://localhost/queue/000000000000/orders": true,
		"000000000000/orders": true, "111111111111/orders": false, "https://queue.amazonaws.com/000000000000/orders": true, "https://us-east-1.queue.amazonaws.com/000000000000/orders": true,
		"https://eu-west-1.queue.amazonaws.com/000000000000/orders": false, "https://sqs.us-east-1.api.aws/000000000000/orders": true, "https://sqs.eu-west-1.api.aws/000000000000/orders": false,
		"https://sqs.eu-west-1.amazonaws.com/000000000000/orders": false, "http://localhost/111111111111/orders": false, "http://localhost/orders": false, "": false,
	} {
		_, err := f.GetQueueAttributes(f.ctx, &sqs.GetQueueAttributesInput{QueueUrl: &url})
		if found := err == nil; found != want {
			t.Errorf("queue URL %q: found %v (%v), want %v", url, found, err, want)
		}
	}
}

// TestDrainedQueueGivesMemoryBack fills and drains queues of all kinds and looks
// at what they keep.
func TestDrainedQueueGivesMemoryBack(t *testing.T) {
	heap := func() int64 {
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	for _, queue := range []string{"plain", "tenants", "groups.fifo"} {
		synctest.Test(t, func(t *testing.T) {
			f := newFixture(t)
			f.MustCreate(queue)
			empty := heap()
			const batches = 10_000
			for i := range batches {
				in := &sqs.SendMessageBatchInput{QueueUrl: &queue}
				for k := range 10 {
					id := aws.String(fmt.Sprint(k))
					e := types.SendMessageBatchRequestEntry{Id: id, MessageBody: aws.String("body")}
					if queue != "plain" {
						e.MessageGroupId = aws.String(fmt.Sprint(i, "-", k))
					}
					if queue == "groups.fifo" {
						e.MessageDeduplicationId = e.MessageGroupId
					}
					in.Entries = append(in.Entries, e)
				}
				if out, err := f.SendMessageBatch(f.ctx, in); err != nil || len(out.Failed) > 0 {
					t.Fatalf("%+v, %v", out, err)
				}
			}
			full := heap()
			for left := batches * 10; left > 0; {
				got, err := f.receive(f.ctx, queue, 0)
				if err != nil || len(got) == 0 {
					t.Fatalf("%d left, and yet %v", left, err)
				}
				for _, m := range got {
					f.delete(queue, m)
				}
				left -= len(got)
			}
			time.Sleep(time.Hour)
			if _, err := f.receive(f.ctx, queue, 0); err != nil {
				t.Fatal(err)
			}
			if kept := heap() - empty; kept > 4<<20 && kept > (full-empty)/5 {
				t.Errorf("%s kept %d KB of %d KB after it was drained", queue, kept>>10, (full-empty)>>10)
			}
		})
	}
}

// TestRedriveAmongWaiters sends one message to many receivers that wait, with
// visibility timeout 0: the first gets it, for the second it has been received too
// often and is moved, so that nobody else gets it.
func TestRedriveAmongWaiters(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		f.MustCreate("orders -> dead")
		policy := `{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:dead","maxReceiveCount":1}`
		if _, err := f.SetQueueAttributes(f.ctx, &sqs.SetQueueAttributesInput{QueueUrl: aws.String("orders"),
			Attributes: map[string]string{"RedrivePolicy": policy, "VisibilityTimeout": "0"}}); err != nil {
			t.Fatal(err)
		}
		var received atomic.Int32
		for range 5 {
			go func() {
				got, err := f.receive(f.ctx, "orders", 20)
				if err != nil {
					t.Error(err)
				}
				received.Add(int32(len(got)))
			}()
		}
		synctest.Wait()
		f.send("orders", "once")
		time.Sleep(time.Minute)
		synctest.Wait()
		if n := received.Load(); n != 1 {
			t.Errorf("received %d times, maxReceiveCount is 1", n)
		}
		if got, err := f.receive(f.ctx, "dead", 0); err != nil || len(got) != 1 {
			t.Errorf("the dead-letter queue has %d messages, %v, want 1", len(got), err)
		}
	})
}
