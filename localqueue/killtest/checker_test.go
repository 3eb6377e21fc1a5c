package killtest_test

import (
	"context"
	"encoding/json"
	"path"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/quayside-go/quayside/localqueue"
)

// held is a receipt handle that somebody has.
type held struct{ queue, handle string }

// faults are what a durable server must not do, and each has to be found.
func faults() []*fault {
	return []*fault{
		{name: "a send is lost", scene: standard, found: "there must be|is lost", tamper: loseSend},
		{name: "a FIFO message is lost", scene: fifo, found: "there must be|is lost", reborn: purgeSecretly},
		{name: "a delete does nothing", scene: standard, found: "came again, though it was removed|there must be", tamper: forget(5, "DeleteMessage", "DeleteMessageBatch")},
		{name: "a purge does nothing", scene: passing, found: "came again, though it was removed|there must be", tamper: forget(1, "PurgeQueue")},
		{name: "a change of visibility does nothing", scene: standard, found: "hid it until|there must be", tamper: forgetTimeouts},
		{name: "receives are undone", scene: standard, found: "hid it until|at least", tamper: noteHandles, reborn: giveBack},
		{name: "messages are doubled", scene: standard, found: "and no move task explains that|came again|came with|there must be", tamper: double},
		{name: "messages come back", scene: standard, found: "there must be|came again|came with", tamper: noteHandles, reborn: sendAgain},
		{name: "a message that must be there is removed", scene: standard, found: "there must be|is lost|the handle of receive", tamper: noteHandles, reborn: deleteAll},
		{name: "a message is received in secret", scene: standard, found: "receives of which nobody was told", reborn: receiveSecretly},
		{name: "receive counts begin anew", scene: standard, found: "came twice as receive 1", tamper: inReplies(set("ApproximateReceiveCount", "1"))},
		{name: "receive counts go down", scene: standard, found: "had come as receive", tamper: inReplies(countDown)},
		{name: "the time of a send changes", scene: standard, found: "SentTimestamp", tamper: inReplies(vary("SentTimestamp"))},
		{name: "the time of the first receive changes", scene: standard, found: "ApproximateFirstReceiveTimestamp", tamper: inReplies(vary("ApproximateFirstReceiveTimestamp"))},
		{name: "attributes are lost", scene: standard, found: "message attributes", tamper: inReplies(without("MessageAttributes", "MD5OfMessageAttributes"))},
		{name: "bodies are mixed up", scene: standard, found: "with MessageId|and its send was answered", tamper: inReplies(mixUp)},
		{name: "delays are lost", scene: standard, found: "before its delay|there must be", tamper: undelay},
		{name: "handles are lost", scene: standard, found: "the handle of receive", tamper: refuseOld, reborn: noteLife},
		{name: "a group is out of order", scene: fifo, found: "stands before it in group", tamper: inReplies(backwards)},
		{name: "a message passes its group", scene: fifo, found: "stands before it in group", tamper: inReplies(dropFirst)},
		{name: "deduplication ids are forgotten", scene: fifo, found: "repeats the deduplication id", tamper: renameRepeats},
		{name: "sequence numbers do not rise", scene: fifo, found: "does not rise|repeats the deduplication id|SequenceNumber", tamper: sameNumber},
		{name: "a sequence number changes", scene: fifo, found: "came with SequenceNumber|and its send was answered", tamper: inReplies(set("SequenceNumber", "18850000000000000256"))},
		{name: "repeated receives take others", scene: fifo, found: "was repeated, and got|came twice", tamper: renameAttempts},
		{name: "tags are lost", scene: configuration, found: "settings of", tamper: forget(2, "TagQueue")},
		{name: "attributes of a queue are lost", scene: configuration, found: "settings of", reborn: setDelay},
		{name: "a permission is lost", scene: configuration, found: "settings of|was refused", tamper: forget(1, "AddPermission")},
		{name: "a queue is lost", scene: passing, found: "is not there", reborn: deleteQueues},
		{name: "a queue is not deleted", scene: passing, found: "was refused|is there, and was deleted|came again|settings of", tamper: forget(1, "DeleteQueue")},
		{name: "a move task goes back", scene: redrives, found: "messages moved", tamper: moveBack},
		{name: "a move task is forgotten", scene: redrives, found: "move tasks instead of", tamper: dropTask},
		{name: "a moved message stays", scene: redrives, found: "there are two of it", tamper: inReplies(firstIDs)},
		{name: "a dead letter goes too early", scene: redrives, found: "should be in", tamper: inReplies(earlyDead)},
		{name: "the engine is not in order", scene: standard, found: "self-check", tamper: disorder},
		{name: "the server hangs up", scene: standard, found: "though nobody killed the server", tamper: hangUp},
	}
}

func redrives() *scene { return redrive("") }

// TestChecker has each fault found, for what it is in one of five runs: what a fault
// leads to may be found first, when a life ends in the middle of it.
func TestChecker(t *testing.T) {
	for i, f := range faults() {
		t.Run(strings.ReplaceAll(f.name, " ", "-"), func(t *testing.T) {
			t.Parallel()
			var first string
			for number := range uint64(5) {
				first = firstFound(t, faults()[i], number)
				for part := range strings.SplitSeq(f.found, "|") {
					if strings.Contains(first, part) {
						return
					}
				}
			}
			t.Errorf("found this at last, instead of %q:\n%s", f.found, first)
		})
	}
}

// firstFound is the first complaint of a run with f.
func firstFound(t *testing.T, f *fault, number uint64) string {
	r := newRun(t, number, newInProcess(f), nil, f.scene())
	r.book.limit = 1
	r.brief = true
	r.rounds(24, 6)
	if len(r.book.faults) == 0 {
		return "nothing"
	}
	return r.book.faults[0]
}

// TestAgeing asks for a message at several ages.
func TestAgeing(t *testing.T) {
	t.Parallel()
	for age, want := range map[instant]presence{0: certain, 50 * time.Second: certain, time.Minute: possible, 70 * time.Second: absent} {
		s := newScene("")
		s.now = func() instant { return time.Second + age }
		q := s.add(&queue{lasts: time.Minute})
		o := &op{begin: time.Second, end: time.Second + time.Millisecond, fate: done}
		m := &message{home: q, place: q, sends: []*op{o}, confirmed: o.end, settled: forever, seen: -1}
		if got := m.presence(); got != want {
			t.Errorf("after %v: presence %d, want %d", age, got, want)
		}
		b := newBook()
		b.tokens, b.known[0], m.events = 1, m, []event{{o, ""}}
		b.checkGone(m, &receive{op: &op{begin: time.Second + age, end: time.Second + age}})
		if found := len(b.faults) > 0; found != (age > time.Minute) {
			t.Errorf("received after %v: %q", age, b.faults)
		}
	}
}

// TestCheckerQuiet has the checker find nothing where there is nothing.
func TestCheckerQuiet(t *testing.T) {
	t.Parallel()
	r := newRun(t, 0, newInProcess(nil), nil,
		standard(), fifo(), redrive(""), redrive(".fifo"), archive(), configuration(), passing())
	r.rounds(2, 2)
	r.report()
}

// loseSend answers a send with what another server says.
func loseSend(f *fault, x *exchange) {
	if x.action != "SendMessage" || !f.every(10, x.action) {
		return
	}
	other := localqueue.New()
	defer other.Close()
	name := path.Base(x.in["QueueUrl"].(string))
	other.MustCreate(name)
	text, _ := json.Marshal(x.in)
	var in sqs.SendMessageInput
	if json.Unmarshal(text, &in) != nil {
		return
	}
	in.QueueUrl = &name
	out, err := other.SendMessage(context.Background(), &in)
	if err != nil {
		return
	}
	x.answer = map[string]any{"MessageId": out.MessageId, "MD5OfMessageBody": out.MD5OfMessageBody}
	for field, value := range map[string]*string{
		"MD5OfMessageAttributes": out.MD5OfMessageAttributes, "MD5OfMessageSystemAttributes": out.MD5OfMessageSystemAttributes,
	} {
		if value != nil {
			x.answer[field] = value
		}
	}
}

// noteHandles remembers the handles of receives.
func noteHandles(f *fault, x *exchange) {
	if x.action != "ReceiveMessage" {
		return
	}
	x.answer = x.serve(x.in)
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, m := range messagesOf(x.answer) {
		f.handles = append(f.handles, held{path.Base(x.in["QueueUrl"].(string)), m["ReceiptHandle"].(string)})
		if a := systemOf(m); a["MessageGroupId"] == nil {
			f.bodies = append(f.bodies, held{path.Base(x.in["QueueUrl"].(string)), m["Body"].(string)})
		}
	}
}

func giveBack(f *fault) {
	for _, h := range f.handles {
		_, _ = f.server.ChangeMessageVisibility(context.Background(), &sqs.ChangeMessageVisibilityInput{QueueUrl: &h.queue, ReceiptHandle: &h.handle})
	}
	f.handles = nil
}

func deleteAll(f *fault) {
	for _, h := range f.handles {
		_, _ = f.server.DeleteMessage(context.Background(), &sqs.DeleteMessageInput{QueueUrl: &h.queue, ReceiptHandle: &h.handle})
	}
}

// sendAgain sends bodies that were received.
func sendAgain(f *fault) {
	f.mu.Lock()
	bodies := f.bodies
	f.bodies = nil
	f.mu.Unlock()
	for _, b := range bodies {
		_, _ = f.server.SendMessage(context.Background(), &sqs.SendMessageInput{QueueUrl: &b.queue, MessageBody: &b.handle})
	}
}

func receiveSecretly(f *fault) {
	for range 100 {
		out, err := f.server.ReceiveMessage(context.Background(), &sqs.ReceiveMessageInput{QueueUrl: aws.String("plain"), MaxNumberOfMessages: 10})
		if err != nil {
			return
		}
		for _, m := range out.Messages {
			_, _ = f.server.ChangeMessageVisibility(context.Background(), &sqs.ChangeMessageVisibilityInput{QueueUrl: aws.String("plain"), ReceiptHandle: m.ReceiptHandle})
		}
	}
}

func purgeSecretly(f *fault) {
	for _, name := range []string{"explicit.fifo", "scoped.fifo"} {
		_, _ = f.server.PurgeQueue(context.Background(), &sqs.PurgeQueueInput{QueueUrl: &name})
	}
}

func setDelay(f *fault) {
	_, _ = f.server.SetQueueAttributes(context.Background(), &sqs.SetQueueAttributesInput{
		QueueUrl: aws.String("set-a"), Attributes: map[string]string{string(types.QueueAttributeNameDelaySeconds): "899", "VisibilityTimeout": "43199"},
	})
}

func deleteQueues(f *fault) {
	for _, name := range []string{"passing-a", "passing-b", "passing-c.fifo"} {
		_, _ = f.server.DeleteQueue(context.Background(), &sqs.DeleteQueueInput{QueueUrl: &name})
	}
}
