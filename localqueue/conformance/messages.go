package conformance

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// A sendOption edits a send before it goes out.
type sendOption func(*sqs.SendMessageInput)

func group(id string) sendOption {
	return func(in *sqs.SendMessageInput) { in.MessageGroupId = &id }
}

func dedup(id string) sendOption {
	return func(in *sqs.SendMessageInput) { in.MessageDeduplicationId = &id }
}

func delay(seconds int32) sendOption {
	return func(in *sqs.SendMessageInput) { in.DelaySeconds = seconds }
}

// with adds a message attribute as it is.
func with(name string, v types.MessageAttributeValue) sendOption {
	return func(in *sqs.SendMessageInput) {
		if in.MessageAttributes == nil {
			in.MessageAttributes = map[string]types.MessageAttributeValue{}
		}
		in.MessageAttributes[name] = v
	}
}

func text(dataType, value string) types.MessageAttributeValue {
	return types.MessageAttributeValue{DataType: &dataType, StringValue: &value}
}

func blob(dataType string, value []byte) types.MessageAttributeValue {
	return types.MessageAttributeValue{DataType: &dataType, BinaryValue: value}
}

// header adds the one system attribute that a sender may set.
func header(value string) sendOption {
	return system("AWSTraceHeader", "String", value)
}

func system(name, dataType, value string) sendOption {
	return func(in *sqs.SendMessageInput) {
		in.MessageSystemAttributes = map[string]types.MessageSystemAttributeValue{
			name: {DataType: &dataType, StringValue: &value},
		}
	}
}

func (q *queue) trySend(body string, opts ...sendOption) (*sqs.SendMessageOutput, error) {
	in := &sqs.SendMessageInput{QueueUrl: &q.url, MessageBody: &body}
	for _, o := range opts {
		o(in)
	}
	return q.c.client.SendMessage(q.c.ctx, in)
}

func (q *queue) send(body string, opts ...sendOption) *sqs.SendMessageOutput {
	q.c.Helper()
	out, err := q.trySend(body, opts...)
	return ok(q.c, out, err)
}

// sendTo sends each body to the group.
func (q *queue) sendTo(id string, bodies ...string) {
	q.c.Helper()
	for _, b := range bodies {
		q.send(b, group(id))
	}
}

// entry makes a batch entry out of what makes a send.
func entry(id, body string, opts ...sendOption) types.SendMessageBatchRequestEntry {
	in := &sqs.SendMessageInput{MessageBody: &body}
	for _, o := range opts {
		o(in)
	}
	return types.SendMessageBatchRequestEntry{
		Id: &id, MessageBody: in.MessageBody, DelaySeconds: in.DelaySeconds,
		MessageAttributes: in.MessageAttributes, MessageSystemAttributes: in.MessageSystemAttributes,
		MessageGroupId: in.MessageGroupId, MessageDeduplicationId: in.MessageDeduplicationId,
	}
}

func (q *queue) trySendBatch(entries ...types.SendMessageBatchRequestEntry) (*sqs.SendMessageBatchOutput, error) {
	if entries == nil {
		entries = []types.SendMessageBatchRequestEntry{} // empty, not absent
	}
	return q.c.client.SendMessageBatch(q.c.ctx, &sqs.SendMessageBatchInput{QueueUrl: &q.url, Entries: entries})
}

func (q *queue) sendBatch(entries ...types.SendMessageBatchRequestEntry) *sqs.SendMessageBatchOutput {
	q.c.Helper()
	out, err := q.trySendBatch(entries...)
	return ok(q.c, out, err)
}

// fill sends n messages, body1, body2 and so on, ten at a time.
func (q *queue) fill(n int, body string, opts ...sendOption) {
	q.c.Helper()
	for i := 0; i < n; i += 10 {
		var batch []types.SendMessageBatchRequestEntry
		for j := i; j < min(i+10, n); j++ {
			batch = append(batch, entry(strconv.Itoa(j), body+strconv.Itoa(j+1), opts...))
		}
		if out := q.sendBatch(batch...); len(out.Failed) > 0 {
			q.c.Fatalf("%s\nwant all entries to succeed", q.c.trace.last())
		}
	}
}

// A receiveOption edits a receive before it goes out.
type receiveOption func(*sqs.ReceiveMessageInput)

func hide(seconds int32) receiveOption {
	return func(in *sqs.ReceiveMessageInput) { in.VisibilityTimeout = seconds }
}

func wait(seconds int32) receiveOption {
	return func(in *sqs.ReceiveMessageInput) { in.WaitTimeSeconds = seconds }
}

func most(n int32) receiveOption {
	return func(in *sqs.ReceiveMessageInput) { in.MaxNumberOfMessages = n }
}

func attempt(id string) receiveOption {
	return func(in *sqs.ReceiveMessageInput) { in.ReceiveRequestAttemptId = &id }
}

func attributeNames(names ...string) receiveOption {
	return func(in *sqs.ReceiveMessageInput) { in.MessageAttributeNames = names }
}

func systemNames(names ...types.MessageSystemAttributeName) receiveOption {
	return func(in *sqs.ReceiveMessageInput) { in.MessageSystemAttributeNames = names }
}

var allSystem = systemNames(types.MessageSystemAttributeNameAll)

func (q *queue) tryReceive(ctx context.Context, n int, opts ...receiveOption) ([]types.Message, error) {
	in := &sqs.ReceiveMessageInput{QueueUrl: &q.url, MaxNumberOfMessages: int32(n)}
	for _, o := range append(slices.Clone(q.options), opts...) {
		o(in)
	}
	out, err := q.c.client.ReceiveMessage(ctx, in)
	if err != nil {
		return nil, err
	}
	return out.Messages, nil
}

// receive is one ReceiveMessage for up to n messages; 0 leaves the number out.
func (q *queue) receive(n int, opts ...receiveOption) []types.Message {
	q.c.Helper()
	msgs, err := q.tryReceive(q.c.ctx, n, opts...)
	return ok(q.c, msgs, err)
}

// expect receives up to n messages, which must be these, in this order, and
// returns them. Where replies may be partial and unordered it asks until the
// wanted number has come, and puts messages of standard queues in order.
func (q *queue) expect(n int, bodies ...string) []types.Message {
	q.c.Helper()
	var msgs []types.Message
	if q.c.has(Exact) || len(bodies) == 0 {
		msgs = q.receive(n)
	} else {
		msgs = q.gather(n, bodies)
	}
	q.c.wantBodies(fmt.Sprintf("receive up to %d from %s", n, q.name), msgs, bodies)
	return msgs
}

// gather is expect for backends that are not Exact.
func (q *queue) gather(n int, bodies []string) []types.Message {
	q.c.Helper()
	var msgs []types.Message
	for end := time.Now().Add(time.Minute); len(msgs) < len(bodies) && time.Now().Before(end); {
		msgs = append(msgs, q.receive(min(n-len(msgs), 10), wait(2))...)
	}
	if !q.fifo {
		slices.SortStableFunc(msgs, func(a, b types.Message) int {
			return slices.Index(bodies, deref(a.Body)) - slices.Index(bodies, deref(b.Body))
		})
	}
	return msgs
}

// one is expect for a single message.
func (q *queue) one(body string) types.Message {
	q.c.Helper()
	return q.expect(1, body)[0]
}

// none is a receive that must come back empty.
func (q *queue) none() {
	q.c.Helper()
	q.expect(10)
}

// take receives n messages in tens, whatever they are.
func (q *queue) take(n int) []types.Message {
	q.c.Helper()
	var all []types.Message
	for len(all) < n {
		msgs := q.receive(min(10, n-len(all)))
		if len(msgs) == 0 {
			q.c.Fatalf("%s\nwant %d more messages", q.c.trace.last(), n-len(all))
		}
		all = append(all, msgs...)
	}
	return all
}

func (c *checker) wantBodies(what string, msgs []types.Message, want []string) {
	c.Helper()
	if got := bodies(msgs); !slices.Equal(got, want) {
		c.Fatalf("%s: got %q, want %q", what, got, want)
	}
}

func bodies(msgs []types.Message) []string {
	var list []string
	for _, m := range msgs {
		list = append(list, deref(m.Body))
	}
	return list
}

func (q *queue) tryDelete(handle string) error {
	_, err := q.c.client.DeleteMessage(q.c.ctx, &sqs.DeleteMessageInput{QueueUrl: &q.url, ReceiptHandle: &handle})
	return err
}

func (q *queue) delete(msgs ...types.Message) {
	q.c.Helper()
	for _, m := range msgs {
		q.c.do(q.tryDelete(deref(m.ReceiptHandle)))
	}
}

func (q *queue) tryChange(handle string, seconds int32) error {
	_, err := q.c.client.ChangeMessageVisibility(q.c.ctx, &sqs.ChangeMessageVisibilityInput{
		QueueUrl: &q.url, ReceiptHandle: &handle, VisibilityTimeout: seconds,
	})
	return err
}

func (q *queue) change(m types.Message, seconds int32) {
	q.c.Helper()
	q.c.do(q.tryChange(deref(m.ReceiptHandle), seconds))
}

// count is the message's receive count; it must have been asked for.
func count(m types.Message) string { return m.Attributes["ApproximateReceiveCount"] }

// A poll is a long poll in the background. Only Virtual cases have them.
type poll struct {
	q     *queue
	began time.Time
	took  time.Duration
	msgs  []types.Message
	err   error
	done  chan struct{}
	stop  context.CancelFunc
}

// poll starts a receive for up to 10 messages and returns once it waits, so that
// polls stand in line in the order in which they were started.
func (q *queue) poll(seconds int32, opts ...receiveOption) *poll {
	ctx, stop := context.WithCancel(q.c.ctx)
	p := &poll{q: q, began: time.Now(), done: make(chan struct{}), stop: stop}
	q.c.Cleanup(func() {
		stop()
		<-p.done
	})
	go func() {
		defer close(p.done)
		p.msgs, p.err = q.tryReceive(ctx, 10, append([]receiveOption{wait(seconds)}, opts...)...)
		p.took = time.Since(p.began)
	}()
	synctest.Wait()
	return p
}

// want awaits the reply, which must come after exactly this time with these messages.
func (p *poll) want(took time.Duration, bodies ...string) []types.Message {
	p.q.c.Helper()
	<-p.done
	if p.err != nil {
		p.q.c.Fatalf("long poll of %s: want %q, got error %v", p.q.name, bodies, p.err)
	}
	p.q.c.wantBodies(fmt.Sprintf("long poll of %s, answered after %v", p.q.name, p.took), p.msgs, bodies)
	equal(p.q.c, "duration of the long poll of "+p.q.name, p.took, took)
	return p.msgs
}

// wantWaiting checks that no reply has come yet.
func (p *poll) wantWaiting() {
	p.q.c.Helper()
	synctest.Wait()
	select {
	case <-p.done:
		p.q.c.Fatalf("long poll of %s: want it to wait, but after %v it got %q, error %v", p.q.name, p.took, bodies(p.msgs), p.err)
	default:
	}
}
