package onlambda_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/quayside-go/quayside/localqueue"
)

// bubble runs f in virtual time.
func bubble(t *testing.T, f func(t *testing.T)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, f)
}

// counts returns how many messages of a queue are visible, and in flight.
func counts(t testing.TB, q *localqueue.Server, queue string) string {
	t.Helper()
	out, err := q.GetQueueAttributes(context.Background(), &sqs.GetQueueAttributesInput{
		QueueUrl: urlOf(t, q, queue), AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameAll},
	})
	if err != nil {
		t.Fatal(err)
	}
	return out.Attributes["ApproximateNumberOfMessages"] + "+" + out.Attributes["ApproximateNumberOfMessagesNotVisible"]
}

// future looks at a queue and its dead-letter queue in the middle of every second for two
// minutes, and of every minute for 13 hours, from half a second after began on. It returns
// what there is at first, and then what has changed when, as "visible+in flight", and at
// last what can be received.
func future(t testing.TB, q *localqueue.Server, queue, dead string, began time.Time) (lines []string) {
	t.Helper()
	last := ""
	for s := time.Duration(0); s < 13*time.Hour; {
		time.Sleep(time.Until(began.Add(s + time.Second/2)))
		now := counts(t, q, queue)
		if dead != "" {
			now += " dead " + counts(t, q, dead)
		}
		if now != last {
			lines = append(lines, fmt.Sprintf("%v: %s", s, now))
			last = now
		}
		if s += time.Second; s > 2*time.Minute {
			s += time.Minute - time.Second
		}
	}
	lines = append(lines, content(t, q, queue)...)
	if dead != "" {
		for _, line := range content(t, q, dead) {
			lines = append(lines, "dead "+line)
		}
	}
	return lines
}

// content receives all of a queue: "body#receives", and why it is there if a copy says so.
func content(t testing.TB, q *localqueue.Server, queue string) (lines []string) {
	t.Helper()
	for {
		out, err := q.ReceiveMessage(context.Background(), &sqs.ReceiveMessageInput{
			QueueUrl: urlOf(t, q, queue), MaxNumberOfMessages: 10, VisibilityTimeout: 3600, MessageAttributeNames: []string{"All"},
			MessageSystemAttributeNames: []types.MessageSystemAttributeName{"All"},
		})
		if err != nil {
			t.Fatal(err)
		}
		if len(out.Messages) == 0 {
			break
		}
		for _, m := range out.Messages {
			line := *m.Body + "#" + m.Attributes["ApproximateReceiveCount"]
			if note, ok := m.MessageAttributes["Quayside.DeadLetter"]; ok {
				line += " " + reason(t, *note.StringValue)
			}
			lines = append(lines, line)
		}
	}
	slices.SortStableFunc(lines, func(a, b string) int {
		if isFIFO(queue) { // in their order within groups
			a, _, _ = strings.Cut(a, ":")
			b, _, _ = strings.Cut(b, ":")
		}
		return strings.Compare(a, b)
	})
	return lines
}

func reason(t testing.TB, note string) string {
	t.Helper()
	var n struct {
		Queue              string
		Reason             string
		Attempts, Receives int
	}
	if err := json.Unmarshal([]byte(note), &n); err != nil {
		t.Error(err)
	}
	return fmt.Sprintf("from %s after %d/%d: %s", n.Queue, n.Attempts, n.Receives, strings.TrimSpace(n.Reason))
}
