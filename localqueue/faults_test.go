package localqueue_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/schemas"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/transport/http/protocol/awsquery"

	"github.com/quayside-go/quayside/localqueue"
	"github.com/quayside-go/quayside/localqueue/conformance"
)

// troubled is a server under faults and a client of it, by one of its faces.
type troubled struct {
	conformance.Client
	s   *localqueue.Server
	t   *testing.T
	ctx context.Context
}

var faces = []struct {
	name string
	of   func(*localqueue.Server) conformance.Client
}{
	{"process", func(s *localqueue.Server) conformance.Client { return s }},
	{"json", func(s *localqueue.Server) conformance.Client { return over(s, nil) }},
	{"query", func(s *localqueue.Server) conformance.Client {
		return over(s, query{awsquery.New(schemas.AmazonSQS)})
	}},
}

// always is one rule that strikes whatever it can.
func always(kind localqueue.FaultKind, delay time.Duration) localqueue.Faults {
	return localqueue.Faults{Rules: []localqueue.Fault{{Kind: kind, Rate: 1, Delay: delay}}}
}

func (x *troubled) set(f localqueue.Faults) {
	x.t.Helper()
	if err := x.s.SetFaults(f); err != nil {
		x.t.Fatal(err)
	}
}

func (x *troubled) must(err error) {
	x.t.Helper()
	if err != nil {
		x.t.Fatal(err)
	}
}

func (x *troubled) send(queue string, bodies ...string) {
	x.t.Helper()
	for _, b := range bodies {
		in := &sqs.SendMessageInput{QueueUrl: &queue, MessageBody: &b}
		if strings.HasSuffix(queue, ".fifo") {
			in.MessageGroupId, in.MessageDeduplicationId = aws.String("g"), &b
		}
		_, err := x.SendMessage(x.ctx, in)
		x.must(err)
	}
}

func (x *troubled) tryReceive(queue string, wait int32) ([]types.Message, error) {
	out, err := x.ReceiveMessage(x.ctx, &sqs.ReceiveMessageInput{
		QueueUrl: &queue, MaxNumberOfMessages: 10, WaitTimeSeconds: wait,
		MessageSystemAttributeNames: []types.MessageSystemAttributeName{"ApproximateReceiveCount"},
	})
	if err != nil {
		return nil, err
	}
	return out.Messages, nil
}

func (x *troubled) receive(queue string, wait int32, want int) []types.Message {
	x.t.Helper()
	got, err := x.tryReceive(queue, wait)
	x.must(err)
	if len(got) != want {
		x.t.Fatalf("received %s, want %d messages", bodies(got), want)
	}
	return got
}

func (x *troubled) delete(queue string, m types.Message) {
	x.t.Helper()
	_, err := x.DeleteMessage(x.ctx, &sqs.DeleteMessageInput{QueueUrl: &queue, ReceiptHandle: m.ReceiptHandle})
	x.must(err)
}

func (x *troubled) holds(queue string, visible, inFlight int) {
	x.t.Helper()
	if n, want := counts(x.t, x.s, queue), fmt.Sprintf("%d visible, %d in flight, 0 delayed", visible, inFlight); n != want {
		x.t.Errorf("%s holds %s; want %s", queue, n, want)
	}
}

func bodies(list []types.Message) (b []string) {
	for _, m := range list {
		b = append(b, *m.Body)
	}
	return b
}

// numbers are n bodies.
func numbers(n int) (list []string) {
	for i := range n {
		list = append(list, fmt.Sprintf("%02d", i))
	}
	return list
}

// lost reports whether err is that of a connection that broke.
func lost(err error) bool {
	var op *net.OpError
	var as net.Error
	var api smithy.APIError
	var operation *smithy.OperationError
	return errors.As(err, &op) && errors.As(err, &as) && errors.As(err, &operation) && !errors.As(err, &api)
}

// TestFaults has every kind of fault strike, through every face.
func TestFaults(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		run  func(x *troubled)
	}{
		{"duplicate", duplicateComesWhileInFlight},
		{"duplicate later", duplicateComesAfterItsDelay},
		{"duplicate to who waits", duplicateGoesToWhoWaits},
		{"duplicate of none", duplicatesAreNotDoubled},
		{"duplicate and redrive", duplicateMovesNothing},
		{"reorder", reorderKeepsMessages},
		{"reorder of one", reorderOfOne},
		{"false empty", falseEmptyIsForShortPolls},
		{"slow delete", slowDeleteTakesEffectLater},
		{"slow delete overtaken", slowDeleteIsOvertaken},
		{"stale delete", staleDeleteDoesNothing},
		{"stale delete too late", staleDeleteIsRefused},
		{"partial batch", partialBatchFailsEntries},
		{"lost request", lostRequestDoesNothing},
		{"lost reply", lostReplyDoesAll},
		{"throttled", throttled},
		{"server error", serverError},
		{"slow", slowTakesLonger},
		{"fifo", fifoKnowsNone},
		{"bounds", rulesHaveBounds},
	} {
		for _, face := range faces {
			t.Run(c.name+"/"+face.name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					s := newServer(t)
					s.MustCreate("orders", "fragile -> fragile-dlq", "jobs.fifo")
					c.run(&troubled{face.of(s), s, t, t.Context()})
					if err := s.Check(); err != nil {
						t.Error(err)
					}
				})
			})
		}
	}
}

// fifoKnowsNone of the faults of standard queues.
func fifoKnowsNone(x *troubled) {
	var f localqueue.Faults
	for _, kind := range []localqueue.FaultKind{localqueue.Duplicate, localqueue.Reorder, localqueue.FalseEmpty, localqueue.StaleDelete} {
		f.Rules = append(f.Rules, localqueue.Fault{Kind: kind, Rate: 1})
	}
	f.Rules = append(f.Rules, localqueue.Fault{Kind: localqueue.SlowDelete, Rate: 1, Delay: time.Second})
	x.set(f)
	want := numbers(10)
	x.send("jobs.fifo", want...)
	got := x.receive("jobs.fifo", 0, 10)
	if b := bodies(got); !slices.Equal(b, want) {
		x.t.Errorf("received %v", b)
	}
	x.receive("jobs.fifo", 0, 0)
	for _, m := range got {
		x.delete("jobs.fifo", m)
	}
	x.holds("jobs.fifo", 0, 0)
}

// rulesHaveBounds: an action, a queue; of two rules of one kind the first that strikes.
func rulesHaveBounds(x *troubled) {
	x.set(localqueue.Faults{Rules: []localqueue.Fault{
		{Kind: localqueue.Throttled, Action: "SendMessage", Queue: "fragile", Rate: 1},
		{Kind: localqueue.Slow, Queue: "orders", Rate: 0, Delay: time.Hour},
		{Kind: localqueue.Slow, Queue: "orders", Rate: 1, Delay: time.Second},
		{Kind: localqueue.Slow, Rate: 1, Delay: time.Minute},
		{Kind: localqueue.LostRequest, Action: "ListQueues", Rate: 1},
	}})
	took := func(what string, want time.Duration, f func() error) {
		start := time.Now()
		err := f()
		if d := time.Since(start); err != nil || d != want {
			x.t.Errorf("%s took %v, want %v; %v", what, d, want, err)
		}
	}
	took("a receive from orders", time.Second, func() error { _, err := x.tryReceive("orders", 0); return err })
	took("a receive from fragile", time.Minute, func() error { _, err := x.tryReceive("fragile", 0); return err })
	took("finding orders", time.Second, func() error {
		_, err := x.GetQueueUrl(x.ctx, &sqs.GetQueueUrlInput{QueueName: aws.String("orders")})
		return err
	})
	_, err := x.StartMessageMoveTask(x.ctx, &sqs.StartMessageMoveTaskInput{SourceArn: aws.String("arn:aws:sqs:us-east-1:000000000000:fragile-dlq")})
	x.must(err)
	_, err = x.SendMessage(x.ctx, &sqs.SendMessageInput{QueueUrl: aws.String("fragile"), MessageBody: aws.String("a")})
	if c := code(err); c != "ThrottlingException" && c != "RequestThrottled" {
		x.t.Errorf("send to fragile: %v", err)
	}
	if _, err := x.ListQueues(x.ctx, &sqs.ListQueuesInput{}); !lost(err) {
		x.t.Errorf("list: %v", err)
	}
}
