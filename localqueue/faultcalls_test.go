package localqueue_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/quayside-go/quayside/localqueue"
)

func partialBatchFailsEntries(x *troubled) {
	x.set(localqueue.Faults{Seed: 1, Rules: []localqueue.Fault{{Kind: localqueue.PartialBatch, Rate: 0.5}}})
	in := &sqs.SendMessageBatchInput{QueueUrl: aws.String("orders")}
	for _, b := range numbers(10) {
		in.Entries = append(in.Entries, types.SendMessageBatchRequestEntry{Id: &b, MessageBody: &b})
	}
	out, err := x.SendMessageBatch(x.ctx, in)
	x.must(err)
	sent := len(out.Successful)
	x.internal("send", sent, out.Failed, 10)
	x.holds("orders", sent, 0)

	change := &sqs.ChangeMessageVisibilityBatchInput{QueueUrl: aws.String("orders")}
	del := &sqs.DeleteMessageBatchInput{QueueUrl: aws.String("orders")}
	for _, m := range x.receive("orders", 0, sent) {
		change.Entries = append(change.Entries, types.ChangeMessageVisibilityBatchRequestEntry{Id: m.Body, ReceiptHandle: m.ReceiptHandle, VisibilityTimeout: 600})
		del.Entries = append(del.Entries, types.DeleteMessageBatchRequestEntry{Id: m.Body, ReceiptHandle: m.ReceiptHandle})
	}
	changed, err := x.ChangeMessageVisibilityBatch(x.ctx, change)
	x.must(err)
	x.internal("change", len(changed.Successful), changed.Failed, sent)
	time.Sleep(30 * time.Second)
	x.holds("orders", len(changed.Failed), len(changed.Successful))
	deleted, err := x.DeleteMessageBatch(x.ctx, del)
	x.must(err)
	x.internal("delete", len(deleted.Successful), deleted.Failed, sent)
	if n := x.s.Stats()[3]; n.Visible+n.InFlight != len(deleted.Failed) {
		x.t.Errorf("%+v are left of %d that were not deleted", n, len(deleted.Failed))
	}
}

// internal wants some of the entries of a batch failed by the server.
func (x *troubled) internal(what string, done int, failed []types.BatchResultErrorEntry, all int) {
	x.t.Helper()
	if done == 0 || len(failed) == 0 || done+len(failed) != all {
		x.t.Errorf("%s: %d done and %d failed of %d", what, done, len(failed), all)
	}
	for _, f := range failed {
		if *f.Code != "InternalError" || f.SenderFault {
			x.t.Errorf("%s: entry %s failed with %s, by its sender: %v", what, *f.Id, *f.Code, f.SenderFault)
		}
	}
}

func lostRequestDoesNothing(x *troubled) {
	x.set(always(localqueue.LostRequest, 0))
	_, err := x.SendMessage(x.ctx, &sqs.SendMessageInput{QueueUrl: aws.String("orders"), MessageBody: aws.String("a")})
	if !lost(err) {
		x.t.Errorf("send: %v", err)
	}
	x.holds("orders", 0, 0)
}

func lostReplyDoesAll(x *troubled) {
	x.set(always(localqueue.LostReply, 0))
	_, err := x.SendMessage(x.ctx, &sqs.SendMessageInput{QueueUrl: aws.String("orders"), MessageBody: aws.String("a")})
	if !lost(err) {
		x.t.Errorf("send: %v", err)
	}
	x.holds("orders", 1, 0)
	if _, err := x.tryReceive("orders", 0); !lost(err) {
		x.t.Errorf("receive: %v", err)
	}
	x.holds("orders", 0, 1) // it is not given back
	if _, err := x.CreateQueue(x.ctx, &sqs.CreateQueueInput{QueueName: aws.String("more")}); !lost(err) || len(x.s.Stats()) != 5 {
		x.t.Errorf("create: %v; %d queues", err, len(x.s.Stats()))
	}
	if _, err := x.tryReceive("missing", 0); !lost(err) {
		x.t.Errorf("a refusal that is lost: %v", err)
	}
}

func throttled(x *troubled) {
	x.set(always(localqueue.Throttled, 0))
	x.refuses("ThrottlingException", "RequestThrottled")
	_, err := x.SendMessage(x.ctx, &sqs.SendMessageInput{QueueUrl: aws.String("orders"), MessageBody: aws.String("a")})
	for code(err) != "RequestThrottled" {
		_, err = x.SendMessage(x.ctx, &sqs.SendMessageInput{QueueUrl: aws.String("orders"), MessageBody: aws.String("a")})
	}
	if !errors.As(err, new(*types.RequestThrottled)) {
		x.t.Errorf("%T in %v", errors.Unwrap(err), err)
	}
}

func serverError(x *troubled) {
	x.set(always(localqueue.ServerError, 0))
	x.refuses("InternalFailure", "ServiceUnavailable")
}

// refuses wants sends refused with either code, and nothing sent.
func (x *troubled) refuses(a, b string) {
	x.t.Helper()
	n := map[string]int{}
	for range 40 {
		_, err := x.SendMessage(x.ctx, &sqs.SendMessageInput{QueueUrl: aws.String("orders"), MessageBody: aws.String("a")})
		n[code(err)]++
	}
	if n[a] < 8 || n[b] < 8 || n[a]+n[b] != 40 {
		x.t.Errorf("40 sends were refused with %v", n)
	}
	x.holds("orders", 0, 0)
}

func slowTakesLonger(x *troubled) {
	x.set(always(localqueue.Slow, 3*time.Second))
	start := time.Now()
	x.send("orders", "a")
	if d := time.Since(start); d != 3*time.Second {
		x.t.Errorf("the send took %v, want 3s", d)
	}
	ctx, cancel := context.WithTimeout(x.ctx, time.Second)
	defer cancel()
	start = time.Now()
	_, err := x.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: aws.String("orders"), MessageBody: aws.String("b")})
	if d := time.Since(start); !errors.Is(err, context.DeadlineExceeded) || d != time.Second {
		x.t.Errorf("a send that was given up after 1s ended after %v with %v", d, err)
	}
	x.holds("orders", 1, 0)
}

// TestFaultStatus is what HTTP says of refusals.
func TestFaultStatus(t *testing.T) {
	t.Parallel()
	want := map[string]int{
		"ThrottlingException;Sender": http.StatusBadRequest, "RequestThrottled;Sender": http.StatusForbidden,
		"InternalFailure;Receiver": http.StatusInternalServerError, "ServiceUnavailable;Receiver": http.StatusServiceUnavailable,
	}
	for _, kind := range []localqueue.FaultKind{localqueue.Throttled, localqueue.ServerError} {
		s := newServer(t, func(o *localqueue.Options) { o.Faults = always(kind, 0) })
		for range 20 {
			a := raw(t, s, jsonCall("ListQueues", `{}`))
			code := a.header.Get("x-amzn-query-error")
			if a.status != want[code] {
				t.Errorf("%s has status %d, want %d", code, a.status, want[code])
			}
			name, _, _ := strings.Cut(code, ";")
			if q := raw(t, s, form("Action", "ListQueues")); q.status < 400 || !strings.Contains(a.body, name) || !strings.Contains(q.body, "<Code>") {
				t.Errorf("%s and\n%s", masked(a), masked(q))
			}
		}
	}
}
