package localqueue_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/quayside-go/quayside/localqueue"
)

// again closes a server and opens it again.
func again(t *testing.T, s *localqueue.Server, dir string, opts ...func(*localqueue.Options)) *localqueue.Server {
	t.Helper()
	if err := s.Check(); err != nil {
		t.Fatalf("before closing: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = openDurable(t, dir, opts...)
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func small(o *localqueue.Options) {
	o.SegmentSize, o.Sync, o.NoCooldown = 256<<10, localqueue.SyncNever, true
}

func TestRestart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := openDurable(t, dir)
	s.MustCreate("orders -> orders-dlq", "jobs.fifo")
	sent, err := s.SendMessage(t.Context(), &sqs.SendMessageInput{
		QueueUrl: aws.String("orders"), MessageBody: aws.String("one"),
		MessageAttributes: map[string]types.MessageAttributeValue{"k": {DataType: aws.String("String"), StringValue: aws.String("v")}},
	})
	if err != nil {
		t.Fatal(err)
	}
	job := &sqs.SendMessageInput{
		QueueUrl: aws.String("jobs.fifo"), MessageBody: aws.String("job"),
		MessageGroupId: aws.String("g"), MessageDeduplicationId: aws.String("d"),
	}
	first, err := s.SendMessage(t.Context(), job)
	if err != nil {
		t.Fatal(err)
	}
	s = again(t, s, dir)

	if r := s.Recovery(); r.Queues != 3 || r.Messages != 2 || r.Cut != "" {
		t.Errorf("recovered %+v, want 3 queues and 2 messages", r)
	}
	twice, err := s.SendMessage(t.Context(), job)
	if err != nil || *twice.MessageId != *first.MessageId || *twice.SequenceNumber != *first.SequenceNumber {
		t.Errorf("a duplicate after a restart got %+v, %v; the first %+v", twice, err, first)
	}
	got := receiveOne(t, s, "orders")
	if *got.MessageId != *sent.MessageId || *got.Body != "one" || *got.MD5OfBody != *sent.MD5OfMessageBody || *got.MessageAttributes["k"].StringValue != "v" {
		t.Errorf("received %+v, sent as %+v", got, sent)
	}
	s = again(t, s, dir)

	if n := counts(t, s, "orders"); n != "0 visible, 1 in flight, 0 delayed" {
		t.Errorf("after another restart: %s", n)
	}
	if _, err := s.DeleteMessage(t.Context(), &sqs.DeleteMessageInput{QueueUrl: aws.String("orders"), ReceiptHandle: got.ReceiptHandle}); err != nil {
		t.Error(err)
	}
	s = again(t, s, dir)
	if n := counts(t, s, "orders"); n != "0 visible, 0 in flight, 0 delayed" {
		t.Errorf("after a delete with a handle of before: %s", n)
	}
}

func receiveOne(t *testing.T, s *localqueue.Server, queue string) types.Message {
	t.Helper()
	out, err := s.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: &queue, MessageAttributeNames: []string{"All"}})
	if err != nil || len(out.Messages) != 1 {
		t.Fatalf("received %+v, %v; want one message", out, err)
	}
	return out.Messages[0]
}

func counts(t *testing.T, s *localqueue.Server, queue string) string {
	t.Helper()
	for _, q := range s.Stats() {
		if q.Name == queue {
			return fmt.Sprintf("%d visible, %d in flight, %d delayed", q.Visible, q.InFlight, q.Delayed)
		}
	}
	return "no queue " + queue
}

// TestRoomIsGivenBack fills and empties queues many times over, beside a backlog that
// stays: the log does not grow with what is gone.
func TestRoomIsGivenBack(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := openDurable(t, dir, small)
	t.Cleanup(func() { _ = s.Close() })
	s.MustCreate("old", "busy", "busy.fifo")
	body := strings.Repeat("x", 1000)
	for range 300 {
		send(t, s, "old", body)
	}
	for round := range 40 {
		for i := range 100 {
			send(t, s, "busy", body)
			if _, err := s.SendMessage(t.Context(), &sqs.SendMessageInput{
				QueueUrl: aws.String("busy.fifo"), MessageBody: &body, MessageGroupId: aws.String("g"),
				MessageDeduplicationId: aws.String(fmt.Sprintf("%d-%d", round, i)),
			}); err != nil {
				t.Fatal(err)
			}
			if i%10 == 0 {
				send(t, s, "old", body)
			}
		}
		drain(t, s, "busy")
		drain(t, s, "busy.fifo")
		if round%8 == 7 {
			s = again(t, s, dir, small)
		}
	}
	s.Clean()
	if err := s.Check(); err != nil {
		t.Fatal(err)
	}
	if n := counts(t, s, "old"); n != "700 visible, 0 in flight, 0 delayed" {
		t.Errorf("of the backlog: %s", n)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	found, err := localqueue.Verify(dir)
	if err != nil || found.Damage != nil {
		t.Fatal(err, found.Damage)
	}
	var live, all int64
	for _, g := range found.Segments {
		live, all = live+g.Live, all+g.Bytes
	}
	if live < 700*1000 || all > 2*live+2*256<<10 {
		t.Errorf("%d bytes in the log, of which %d are needed: %+v", all, live, found.Segments)
	}
}

func send(t *testing.T, s *localqueue.Server, queue, body string) {
	t.Helper()
	if _, err := s.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: &queue, MessageBody: &body}); err != nil {
		t.Fatal(err)
	}
}

// drain receives and deletes all messages of a queue.
func drain(t *testing.T, s *localqueue.Server, queue string) (bodies []string) {
	t.Helper()
	for {
		out, err := s.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: &queue, MaxNumberOfMessages: 10})
		if err != nil {
			t.Fatal(err)
		}
		if len(out.Messages) == 0 {
			return bodies
		}
		for _, m := range out.Messages {
			bodies = append(bodies, *m.Body)
			if _, err := s.DeleteMessage(t.Context(), &sqs.DeleteMessageInput{QueueUrl: &queue, ReceiptHandle: m.ReceiptHandle}); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// TestMoveTaskGoesOn opens a server with a running move task among many queues: the
// task goes on as soon as all of them are there.
func TestMoveTaskGoesOn(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := openDurable(t, dir, small)
	t.Cleanup(func() { _ = s.Close() })
	s.MustCreate("a -> a-dlq")
	for i := range 500 {
		s.MustCreate(fmt.Sprint("q", i))
	}
	s.MustCreate("to")
	const messages = 500
	for range messages {
		send(t, s, "a-dlq", "x")
	}
	source, to := "arn:aws:sqs:us-east-1:000000000000:a-dlq", "arn:aws:sqs:us-east-1:000000000000:to"
	if _, err := s.StartMessageMoveTask(t.Context(), &sqs.StartMessageMoveTaskInput{SourceArn: &source, DestinationArn: &to}); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		s = again(t, s, dir, small)
	}
	out, err := s.ListMessageMoveTasks(t.Context(), &sqs.ListMessageMoveTasksInput{SourceArn: &source})
	if err != nil || len(out.Results) != 1 || *out.Results[0].Status != "RUNNING" && *out.Results[0].Status != "COMPLETED" {
		t.Fatalf("the task: %+v, %v", out, err)
	}
	if h := out.Results[0].TaskHandle; h != nil {
		if _, err := s.CancelMessageMoveTask(t.Context(), &sqs.CancelMessageMoveTaskInput{TaskHandle: h}); err != nil {
			t.Logf("it ended just now: %v", err)
		}
	}
	left, moved := counted(t, s, "a-dlq"), counted(t, s, "to")
	if left+moved != messages {
		t.Errorf("%d messages are left and %d moved, of %d", left, moved, messages)
	}
}

// counted is how many visible messages a queue has.
func counted(t *testing.T, s *localqueue.Server, queue string) (n int) {
	t.Helper()
	if _, err := fmt.Sscanf(counts(t, s, queue), "%d visible", &n); err != nil {
		t.Fatal(err)
	}
	return n
}
