package worker_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/quayside-go/quayside/worker"
)

const noteAttribute = "Quayside.DeadLetter"

func text(s string) types.MessageAttributeValue {
	return types.MessageAttributeValue{DataType: new("String"), StringValue: &s}
}

// one returns the one message that a queue holds.
func (q *local) one(queue string) types.Message {
	q.t.Helper()
	out, err := q.ReceiveMessage(context.Background(), &sqs.ReceiveMessageInput{
		QueueUrl: q.url(queue), MaxNumberOfMessages: 10, MessageAttributeNames: []string{"All"},
		MessageSystemAttributeNames: []types.MessageSystemAttributeName{"All"},
	})
	if err != nil || len(out.Messages) != 1 {
		q.t.Fatalf("%s: received %v, %v; want one message", queue, out, err)
	}
	return out.Messages[0]
}

// note is the attribute that a copy in a dead-letter queue has more than its message.
type note struct {
	Queue    string    `json:"queue"`
	ID       string    `json:"message_id"`
	Reason   string    `json:"reason"`
	Attempts int       `json:"attempts"`
	Receives int       `json:"receives"`
	SentAt   time.Time `json:"sent_at"`
	FirstAt  time.Time `json:"first_received_at"`
	MovedAt  time.Time `json:"moved_at"`
}

// split parts the attributes of a copy into its message's and the note.
func splitNote(t *testing.T, attributes map[string]types.MessageAttributeValue) (own map[string]types.MessageAttributeValue, n note) {
	t.Helper()
	own = maps.Clone(attributes)
	delete(own, noteAttribute)
	a := attributes[noteAttribute]
	if a.StringValue == nil {
		t.Fatalf("the copy has the attributes %v, want the note among them", attributes)
	}
	if err := json.Unmarshal([]byte(*a.StringValue), &n); err != nil {
		t.Fatalf("the note %s: %v", *a.StringValue, err)
	}
	return own, n
}

func TestLocalDeadLetterCopy(t *testing.T) {
	bubble(t, func(t *testing.T) {
		q := newLocal(t, "orders -> orders-dlq")
		attributes := map[string]types.MessageAttributeValue{
			"Kind":   text("paid"),
			"Amount": {DataType: new("Number"), StringValue: new("42")},
			"Seal":   {DataType: new("Binary"), BinaryValue: []byte{0, 1, 255}},
		}
		sent, err := q.SendMessage(t.Context(), &sqs.SendMessageInput{
			QueueUrl: q.url("orders"), MessageBody: new("body"), MessageAttributes: attributes,
			MessageSystemAttributes: map[string]types.MessageSystemAttributeValue{
				"AWSTraceHeader": {DataType: new("String"), StringValue: new("Root=1-5759e988-bd862e3fe1be46a994272793")},
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		f := newFake()
		w := start(t, q, "orders", func(_ context.Context, m *worker.Message) error {
			if m.Receives == 1 {
				return again(3 * sec)
			}
			m.Body, m.Attributes = "opened", nil // the copy is to be of what came
			return fmt.Errorf("ship: %w", worker.DeadLetter(errors.New("no such address")))
		}, hooked(f))
		after(10 * sec)
		w.clean()
		q.want("orders", "0", "0")
		m := q.one("orders-dlq")
		own, n := splitNote(t, m.MessageAttributes)
		if *m.Body != "body" || !reflect.DeepEqual(own, attributes) {
			t.Errorf("the copy holds %q with %v, want the message's body and attributes", *m.Body, own)
		}
		if got := m.Attributes["AWSTraceHeader"]; got != "Root=1-5759e988-bd862e3fe1be46a994272793" {
			t.Errorf("the copy's trace header is %q, want the message's", got)
		}
		if n.Queue != "orders" || n.ID != *sent.MessageId || n.Attempts != 2 || n.Receives != 2 ||
			!strings.Contains(n.Reason, "no such address") || !n.SentAt.Equal(began) || !n.FirstAt.Equal(began) || n.MovedAt.Sub(began) != 3*sec {
			t.Errorf("the note is %+v", n)
		}
		es := f.of(worker.EventHandled)
		if last := es[len(es)-1]; len(es) != 2 || last.Outcome != worker.DeadLettered || last.Err == nil {
			t.Errorf("handled events %v, want the second one dead-lettered, and why", es)
		}
	})
}

func TestLocalDeadLetterFIFO(t *testing.T) {
	bubble(t, func(t *testing.T) {
		q := newLocal(t, "jobs.fifo -> dead.fifo")
		q.send("jobs.fifo", 3, "g")
		j := newJournal()
		w := start(t, q, "jobs.fifo", j.failing(worker.DeadLetter(errLost)))
		after(10 * sec)
		w.clean()
		j.want(t, "0/1/1 after 0s", "1/1/1 after 0s", "2/1/1 after 0s")
		q.want("jobs.fifo", "0", "0")
		m := q.one("dead.fifo")
		_, n := splitNote(t, m.MessageAttributes)
		if *m.Body != "0" || m.Attributes["MessageGroupId"] != "g" || m.Attributes["MessageDeduplicationId"] != n.ID {
			t.Errorf("the copy is %q in group %q with deduplication id %q, want 0 in g with the message's id %s, as SQS does",
				*m.Body, m.Attributes["MessageGroupId"], m.Attributes["MessageDeduplicationId"], n.ID)
		}
	})
}

// Options.DeadLetterQueue need not be of the queue's type.
func TestLocalDeadLetterQueueByOption(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ queue, dead string }{
		{"orders", "else"}, {"jobs.fifo", "else.fifo"}, {"jobs.fifo", "else"}, {"orders", "else.fifo"},
	} {
		for _, by := range []string{"name", "URL"} {
			t.Run(fmt.Sprint(test, by), func(t *testing.T) {
				bubble(t, func(t *testing.T) {
					q := newLocal(t, test.queue, test.dead)
					if strings.HasSuffix(test.queue, ".fifo") {
						q.send(test.queue, 1, "g")
					} else {
						q.send(test.queue, 1)
					}
					dead := test.dead
					if by == "URL" {
						dead = *q.url(dead)
					}
					w := start(t, q, test.queue, newJournal().failing(worker.DeadLetter(errLost)),
						func(o *worker.Options) { o.DeadLetterQueue = dead })
					after(10 * sec)
					w.clean()
					q.want(test.queue, "0", "0")
					q.want(test.dead, "1", "0")
				})
			})
		}
	}
}

func TestDeadLetterDeletesAfterTheCopyIsSent(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newTimed(message("0", 1, "0")).redrives("5")
		f.onSend = func(ctx context.Context, _ int) error { return wait(ctx, 5*sec) }
		w := start(t, f, "orders", newJournal().failing(worker.DeadLetter(errLost)))
		after(5*sec - 1)
		if len(f.copies()) != 1 || len(f.deleteRequests()) != 0 {
			t.Errorf("%d copies sent and %v deleted, want 1 on its way and none", len(f.copies()), f.deleteRequests())
		}
		after(1)
		w.clean()
		if got, want := f.deleted(), []string{handle("0", 1)}; !slices.Equal(got, want) {
			t.Errorf("deleted %v, want %v", got, want)
		}
	})
}

// The message must not come again while its copy is on its way.
func TestDeadLetterIsLeasedWhileTheCopyIsSent(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newTimed(message("0", 1, "0")).redrives("5")
		f.onSend = func(ctx context.Context, n int) error {
			if err := wait(ctx, 9*sec); err != nil || n == 4 {
				return err
			}
			return errLost
		}
		h := newJournal().failing(worker.DeadLetter(errLost))
		w := start(t, f, "orders", func(ctx context.Context, m *worker.Message) error {
			time.Sleep(25 * sec)
			return h(ctx, m)
		})
		after(2 * time.Minute)
		w.clean()
		f.wantAsks(t, ask{30 * sec, handle("0", 1), 60, 1}, ask{60 * sec, handle("0", 1), 60, 1})
		if len(f.copies()) != 4 || len(f.deleted()) != 1 {
			t.Errorf("%d copies sent and %v deleted, want the fourth taken and the message deleted", len(f.copies()), f.deleted())
		}
	})
}

func TestDeadLetterWithoutAQueueIsAFailure(t *testing.T) {
	t.Parallel()
	denied := func(context.Context, int) error { return apiError("AccessDenied") }
	passing := func(context.Context, int) error { return errLost }
	for name, test := range map[string]struct {
		settings map[string]string
		onSend   func(context.Context, int) error
		sent     int
	}{
		"no redrive policy": {nil, nil, 0},
		"policy unreadable": {map[string]string{"RedrivePolicy": "none"}, nil, 0},
		"refused":           {newTimed().redrives("5").settings, denied, 1},
		"fails and fails":   {newTimed().redrives("5").settings, passing, 4},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				f := newTimed(message("0", 1, "0"))
				f.settings, f.onSend = test.settings, test.onSend
				w := start(t, f, "orders", newJournal().failing(worker.DeadLetter(errLost)), hooked(f.fake),
					func(o *worker.Options) {
						o.Policy.Retry = func(*worker.Message, error) time.Duration { return time.Minute }
					})
				after(10 * sec)
				w.clean()
				if len(f.deleteRequests()) != 0 || len(f.copies()) != test.sent {
					t.Errorf("deleted %v and sent %d copies, want nothing and %d", f.deleteRequests(), len(f.copies()), test.sent)
				}
				if got, want := f.changed(), []change{{handle("0", 1), 60}}; !slices.Equal(got, want) {
					t.Errorf("visibility changes %v, want %v, as Policy.Retry says", got, want)
				}
				if es := f.of(worker.EventHandled); len(es) != 1 || es[0].Outcome != worker.Failed || !errors.Is(es[0].Err, errLost) {
					t.Errorf("handled events %v, want one that failed with what the handler said", es)
				}
				if es := f.of(worker.EventUnsettled); len(es) != 1 || es[0].Action != "SendMessage" || es[0].Err == nil {
					t.Errorf("unsettled events %v, want one that says why there is no copy", es)
				}
			})
		})
	}
}

// What is sent again is the same again, so that a FIFO queue has it once.
func TestDeadLetterCopyIsSentAgainWhole(t *testing.T) {
	bubble(t, func(t *testing.T) {
		m := received("g", "0", 1)
		m.MessageAttributes = map[string]types.MessageAttributeValue{"Kind": text("paid")}
		f := newTimed(m).redrives("5")
		f.onSend = func(_ context.Context, n int) error {
			if n < 3 {
				return errLost
			}
			return nil
		}
		w := start(t, f, "jobs.fifo", newJournal().failing(worker.DeadLetter(errLost)))
		after(10 * sec)
		w.clean()
		if len(f.copies()) != 3 || len(f.deleted()) != 1 {
			t.Fatalf("sent %d times and deleted %v, want the third taken and the message deleted", len(f.copies()), f.deleted())
		}
		for _, in := range f.copies() {
			if !reflect.DeepEqual(in, f.copies()[0]) || *in.MessageDeduplicationId != "0" || *in.MessageGroupId != "g" || len(in.MessageAttributes) != 2 {
				t.Errorf("sent %+v, want the same each time, with the message's id for deduplication", in)
			}
		}
	})
}

// ten makes so many attributes that there is no room for another.
func tenAttributes() map[string]types.MessageAttributeValue {
	as := map[string]types.MessageAttributeValue{}
	for i := range 10 {
		as[fmt.Sprint("A", i)] = text("x")
	}
	return as
}

func TestLocalDeadLetterCopyOfTenAttributes(t *testing.T) {
	bubble(t, func(t *testing.T) {
		q := newLocal(t, "orders -> orders-dlq")
		_, err := q.SendMessage(t.Context(), &sqs.SendMessageInput{
			QueueUrl: q.url("orders"), MessageBody: new("0"), MessageAttributes: tenAttributes(),
		})
		if err != nil {
			t.Fatal(err)
		}
		w := start(t, q, "orders", newJournal().failing(worker.DeadLetter(errLost)))
		after(sec)
		w.clean()
		q.want("orders", "0", "0")
		if m := q.one("orders-dlq"); !reflect.DeepEqual(m.MessageAttributes, tenAttributes()) {
			t.Errorf("the copy has the attributes %v, want the message's ten", m.MessageAttributes)
		}
	})
}

// A message that was dead-lettered, redriven and dead-lettered again has the last
// reason.
func TestDeadLetterNoteIsReplaced(t *testing.T) {
	bubble(t, func(t *testing.T) {
		m := message("0", 1, "0")
		m.MessageAttributes = tenAttributes()
		delete(m.MessageAttributes, "A0")
		m.MessageAttributes[noteAttribute] = text(`{"reason":"an old one"}`)
		f := newTimed(m).redrives("5")
		w := start(t, f, "orders", newJournal().failing(worker.DeadLetter(errLost)))
		synctest.Wait()
		w.clean()
		if len(f.copies()) != 1 {
			t.Fatalf("%d copies sent, want 1", len(f.copies()))
		}
		own, n := splitNote(t, f.copies()[0].MessageAttributes)
		if len(own) != 9 || !strings.Contains(n.Reason, errLost.Error()) {
			t.Errorf("the note is %+v beside %d attributes, want the new reason beside 9", n, len(own))
		}
		if got := *m.MessageAttributes[noteAttribute].StringValue; got != `{"reason":"an old one"}` {
			t.Errorf("the message's own attribute is now %s, want it unchanged", got)
		}
	})
}

// With the note a message may be larger than a queue takes.
func TestDeadLetterCopyGoesWithoutTheNoteIfItMust(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newTimed(message("0", 1, "0")).redrives("5")
		f.onSend = func(_ context.Context, n int) error {
			if n == 1 {
				return apiError("InvalidParameterValue")
			}
			return nil
		}
		w := start(t, f, "orders", newJournal().failing(worker.DeadLetter(errors.New(strings.Repeat("x", 5000)))))
		synctest.Wait()
		w.clean()
		if len(f.copies()) != 2 || len(f.copies()[1].MessageAttributes) != 0 || len(f.deleted()) != 1 {
			t.Fatalf("sent %v and deleted %v, want a second copy without the note", f.copies(), f.deleted())
		}
		if _, n := splitNote(t, f.copies()[0].MessageAttributes); len(n.Reason) > 1100 {
			t.Errorf("the reason has %d bytes, want it cut off after about 1000", len(n.Reason))
		}
	})
}

// A dead-letter queue that does not answer must not keep a worker from stopping.
func TestDrainDoesNotWaitForCopiesForEver(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newTimed(message("0", 1, "0")).redrives("5")
		f.onSend = func(ctx context.Context, _ int) error { <-ctx.Done(); return ctx.Err() }
		w := start(t, f, "orders", newJournal().failing(worker.DeadLetter(errLost)))
		synctest.Wait()
		began := time.Now()
		if err := w.drain(); err == nil {
			t.Error("Run = nil, want an error: one message was not settled in time")
		}
		if took := time.Since(began); took > 28*sec {
			t.Errorf("the drain took %v, want at most 20 + 5 + 3 s", took)
		}
		if len(f.deleteRequests()) != 0 {
			t.Errorf("deleted %v, want nothing: the copy was not sent", f.deleteRequests())
		}
	})
}

// Without a dead-letter queue, what cannot be decoded or routed is kept.
func TestUndecodableIsNotDeleted(t *testing.T) {
	t.Parallel()
	for name, h := range map[string]worker.Handler{
		"undecodable": worker.JSON(func(context.Context, order) error { return nil }),
		"no route":    worker.NewMux(worker.ByType),
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				f := newTimed(message("0", 1, "{"))
				w := start(t, f, "orders", h.Handle, hooked(f.fake))
				after(10 * sec)
				w.clean()
				if len(f.deleteRequests()) != 0 || len(f.changed()) != 1 {
					t.Errorf("deleted %v and changed %v, want nothing deleted and one backoff", f.deleteRequests(), f.changed())
				}
				if es := f.of(worker.EventHandled); len(es) != 1 || es[0].Outcome != worker.Failed {
					t.Errorf("handled events %v, want one failure", es)
				}
			})
		})
	}
}
