package middleware_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/quayside-go/quayside/middleware"
	"github.com/quayside-go/quayside/worker"
)

var errHopeless = errors.New("hopeless")

func hopeless(err error) bool { return errors.Is(err, errHopeless) }

func TestDeadLetterDecides(t *testing.T) {
	t.Parallel()
	never := func(error) bool { return false }
	for name, test := range map[string]struct {
		mw       worker.Middleware
		attempts int
		err      error
		dead     bool
	}{
		"before":              {middleware.DeadLetter(3), 2, errFlaky, false},
		"at":                  {middleware.DeadLetter(3), 3, errFlaky, true},
		"after":               {middleware.DeadLetter(3), 4, errFlaky, true},
		"first":               {middleware.DeadLetter(1), 1, errFlaky, true},
		"no limit":            {middleware.DeadLetter(0), 1000, errFlaky, false},
		"negative":            {middleware.DeadLetter(-1), 1000, errFlaky, false},
		"when":                {middleware.DeadLetter(0, never, hopeless), 1, wrapped(errHopeless), true},
		"when not":            {middleware.DeadLetter(0, never, hopeless), 1, errFlaky, false},
		"when nil":            {middleware.DeadLetter(0, nil, hopeless), 1, errHopeless, true},
		"when or at":          {middleware.DeadLetter(2, never), 2, errFlaky, true},
		"RetryAfter":          {middleware.DeadLetter(2), 2, worker.RetryAfter(time.Hour, errFlaky), true},
		"RetryAfter when":     {middleware.DeadLetter(0, hopeless), 1, worker.RetryAfter(time.Hour, errHopeless), true},
		"nothing wrong":       {middleware.DeadLetter(1, func(error) bool { return true }), 9, nil, false},
		"cancelled, no drain": {middleware.DeadLetter(1), 9, context.Canceled, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := test.mw(newScript(test.err)).Handle(t.Context(), &worker.Message{Attempts: test.attempts})
			if dead := worker.OutcomeOf(t.Context(), err) == worker.DeadLettered; dead != test.dead {
				t.Errorf("Handle = %v, dead-lettered %v, want %v", err, dead, test.dead)
			}
			if !errors.Is(err, test.err) || !test.dead && err != test.err {
				t.Errorf("Handle = %v, want %v in it, or nothing else", err, test.err)
			}
		})
	}
}

func TestDeadLetterLeavesVerdictsAlone(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(worker.ErrDraining)
	mw := middleware.DeadLetter(1, func(error) bool { return true })
	for _, err := range []error{
		worker.Snooze(time.Second), worker.Discard(errFlaky), worker.DeadLetter(errFlaky), wrapped(worker.Discard(errFlaky)),
		&worker.DecodeError{Type: "order", Err: errFlaky}, context.Canceled, wrapped(worker.ErrDraining),
	} {
		if got := mw(newScript(err)).Handle(ctx, &worker.Message{Attempts: 9}); got != err {
			t.Errorf("Handle = %v, want %v untouched", got, err)
		}
	}
}

func TestDeadLetterWhenPanics(t *testing.T) {
	t.Parallel()
	mw := middleware.DeadLetter(5, func(error) bool { panic("no idea") }, func(error) bool { return true })
	err := mw(newScript(errFlaky)).Handle(t.Context(), &worker.Message{Attempts: 1})
	var p *worker.PanicError
	if !errors.Is(err, errFlaky) || !errors.As(err, &p) || p.Value != "no idea" || worker.OutcomeOf(t.Context(), err) != worker.Failed {
		t.Errorf("Handle = %v, want a failure with %v and the panic", err, errFlaky)
	}
}

// The copy is what an operator has to find out what happened, and to send it back.
func TestDeadLetterCopy(t *testing.T) {
	bubble(t, func(t *testing.T) {
		const parent, root = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "Root=1-5759e988-bd862e3fe1be46a994272793"
		h := newScript(errFlaky, worker.Snooze(10*time.Second), worker.RetryAfter(5*time.Second, wrapped(errFlaky)))
		r := onTrial(t, "orders -> orders-dlq", "orders", 0, middleware.DeadLetter(2)(h))
		sent := time.Now()
		r.send(&sqs.SendMessageInput{
			QueueUrl: r.url("orders"), MessageBody: new("an order"),
			MessageAttributes: map[string]types.MessageAttributeValue{
				"traceparent": {DataType: new("String"), StringValue: new(parent)},
				"Count":       {DataType: new("Number"), StringValue: new("7")},
				"Blob":        {DataType: new("Binary"), BinaryValue: []byte{0, 1}},
			},
			MessageSystemAttributes: map[string]types.MessageSystemAttributeValue{
				"AWSTraceHeader": {DataType: new("String"), StringValue: new(root)},
			},
		})
		elapse(time.Minute)
		h.want(t, 0, time.Second, 11*time.Second)
		h.tried(t, "1/1", "2/2", "2/3") // a Snooze is no attempt
		r.ended(worker.Failed, worker.Snoozed, worker.DeadLettered)
		r.holds("orders", "0", "0")

		copied := r.take("orders-dlq")
		a := copied.MessageAttributes
		if *copied.Body != "an order" || len(a) != 4 || *a["traceparent"].StringValue != parent ||
			*a["Count"].StringValue != "7" || *a["Count"].DataType != "Number" || string(a["Blob"].BinaryValue) != "\x00\x01" {
			t.Errorf("the copy is %q with %v, want the body and the attributes of the message, and one more", *copied.Body, a)
		}
		if got := copied.Attributes["AWSTraceHeader"]; got != root {
			t.Errorf("the copy's AWSTraceHeader is %q, want %q", got, root)
		}
		var note struct {
			Queue    string    `json:"queue"`
			ID       string    `json:"message_id"`
			Reason   string    `json:"reason"`
			Attempts int       `json:"attempts"`
			Receives int       `json:"receives"`
			SentAt   time.Time `json:"sent_at"`
			FirstAt  time.Time `json:"first_received_at"`
			MovedAt  time.Time `json:"moved_at"`
		}
		if err := json.Unmarshal([]byte(*a["Quayside.DeadLetter"].StringValue), &note); err != nil {
			t.Fatal(err)
		}
		if note.Queue != "orders" || note.ID == "" || note.Attempts != 2 || note.Receives != 3 ||
			note.Reason != "retry after 5s: wrapped: flaky" {
			t.Errorf("the note is %+v, want orders, attempt 2 of 3 receives, and the reason", note)
		}
		if !note.SentAt.Equal(sent) || !note.FirstAt.Equal(sent) || !note.MovedAt.Equal(sent.Add(11*time.Second)) {
			t.Errorf("sent %v, first received %v, moved %v; want %v twice, and 11 s later", note.SentAt, note.FirstAt, note.MovedAt, sent)
		}
	})
}

// take receives a message, with all that it has.
func (r *trial) take(queue string) types.Message {
	r.t.Helper()
	out, err := r.ReceiveMessage(context.Background(), &sqs.ReceiveMessageInput{
		QueueUrl: r.url(queue), MessageAttributeNames: []string{"All"},
		MessageSystemAttributeNames: []types.MessageSystemAttributeName{"All"},
	})
	if err != nil || len(out.Messages) != 1 {
		r.t.Fatalf("ReceiveMessage of %s = %v, %v, want one message", queue, out, err)
	}
	return out.Messages[0]
}

// A failure that would be the last stays one like any other.
func TestDeadLetterWithoutDeadLetterQueue(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newScript(errFlaky, errFlaky, nil)
		mw := worker.Chain(middleware.DeadLetter(1), middleware.Retry(by(3*time.Second, time.Minute)))
		r := onTrial(t, "orders", "orders", 1, mw(h))
		elapse(2 * time.Minute)
		h.want(t, 0, 3*time.Second, 63*time.Second)
		r.ended(worker.Failed, worker.Failed, worker.Done)
	})
}

// Retry lets through what it does not repeat itself; DeadLetter around it sees that.
func TestDeadLetterAroundRetry(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newScript(errFlaky)
		mw := worker.Chain(middleware.DeadLetter(3), middleware.Retry(by(time.Second, time.Second, time.Hour), inProcess(2*time.Second)))
		r := onTrial(t, "orders -> orders-dlq", "orders", 1, mw(h))
		elapse(time.Minute)
		h.tried(t, "1/1", "2/1", "3/1")
		r.ended(worker.DeadLettered)
		r.holds("orders-dlq", "1", "0")
	})
}

// What a drain interrupts at its last attempt is not dead.
func TestDeadLetterInADrain(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := worker.HandlerFunc(func(ctx context.Context, _ *worker.Message) error {
			<-ctx.Done()
			return fmt.Errorf("interrupted: %w", ctx.Err())
		})
		r := onTrial(t, "orders -> orders-dlq", "orders", 1, middleware.DeadLetter(1)(h))
		elapse(time.Minute)
		r.drain()
		r.ended(worker.Released)
		r.holds("orders", "1", "0")
		r.holds("orders-dlq", "0", "0")
	})
}
