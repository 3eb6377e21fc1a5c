package worker_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/quayside-go/quayside/internal/attr"
	"github.com/quayside-go/quayside/localqueue"
	"github.com/quayside-go/quayside/worker"
)

func soakDeadLetters(queue string) bool { return strings.Contains(queue, "-dlq") }

// report prints what ran.
func (s *soak) report(took time.Duration) {
	w := s.watch
	w.mu.Lock()
	defer w.mu.Unlock()
	text := fmt.Sprintf("seed %d: %d handlers, faults %v, %v, %d messages sent", s.seed, s.permits, s.faults, took, len(s.sent))
	for _, k := range slices.Sorted(maps.Keys(w.counts)) {
		text += fmt.Sprintf("; %s: %d", k, w.counts[k])
	}
	s.t.Log(text)
}

// judge looks at each message sent, once all is over.
func (s *soak) judge() {
	w := s.watch
	_ = s.server.SetFaults(localqueue.Faults{})
	moved, buried := s.deadLetters()
	w.mu.Lock()
	defer w.mu.Unlock()
	seen := make(map[int]bool)
	for id, c := range w.copies {
		seen[c.job.N] = true
		w.judgeCopy(c, moved[id], buried[id])
	}
	for n, m := range s.sent {
		if !seen[n] {
			s.t.Errorf("seed %d: message %d was sent to %s, and no worker has seen it", s.seed, n, m.queue.name)
		}
	}
	s.judgeGroups(moved)
}

// judgeCopy compares what became of a message with what is in the dead-letter queue:
// moved says that SQS has moved it there, and buried how many copies workers have sent.
// w.mu must be held.
func (w *soakWatch) judgeCopy(c *soakCopy, moved bool, buried int) {
	end := w.script.last(c.job)
	switch {
	case c.final == "" && !moved:
		w.complain(c, "it is lost")
	case c.final == "" && (!c.ran || end != soakPoison && !c.spent):
		w.judgeSpent(c)
	case c.final != "" && moved && (!w.faults || c.finalBy.inTime && c.queue.fifo()) && !c.finalBy.process.died():
		w.complain(c, "it was %s, and then moved to the dead-letter queue", c.final)
	}
	switch {
	case c.final == worker.DeadLettered && buried == 0:
		w.complain(c, "a copy should be in the dead-letter queue")
	case c.final != worker.DeadLettered && buried > 0 && !w.interrupted(c):
		w.complain(c, "%d copies are in the dead-letter queue, and it was %q", buried, c.final)
	case buried > 1 && (!w.faults || c.queue.fifo()) && !w.interrupted(c):
		w.complain(c, "%d copies are in the dead-letter queue", buried)
	}
}

// judgeSpent judges a message that came to the dead-letter queue although no handler has
// failed with its last receive. Crashes, drains and lost replies may take a receive, but
// other messages may not. w.mu must be held.
func (w *soakWatch) judgeSpent(c *soakCopy) {
	d := c.last
	switch {
	case d.receives < c.queue.receives:
		w.counts["moved, as the last receive was lost"]++
	case d.process.died() || d.abandoned || d.lost || d.released == worker.ErrDraining:
		w.counts["moved, as a crash, a drain or an outage took the last receive"]++
	default:
		w.complain(c, "it is in the dead-letter queue, and its receive %d was given back: %v", d.receives, d.released)
	}
}

func (p *soakProcess) died() bool { return p.dead.Err() != nil }

// interrupted reports whether a copy of c may have been sent without the worker's being
// sure of it, or the end of a process have cut off what was to follow. w.mu must be held.
func (w *soakWatch) interrupted(c *soakCopy) bool {
	if c.unsent {
		return true
	}
	for _, d := range w.deliveries {
		if d.copy == c && (d.process.died() || d.abandoned) {
			return true
		}
	}
	return false
}

// judgeGroups complains of messages that were done before an earlier one of their group.
func (s *soak) judgeGroups(moved map[string]bool) {
	groups := make(map[string][]*soakCopy)
	for id, c := range s.watch.copies {
		if c.job.Group != "" && c.final != "" && !moved[id] {
			groups[c.job.Group] = append(groups[c.job.Group], c)
		}
	}
	for _, g := range groups {
		slices.SortFunc(g, func(a, b *soakCopy) int { return a.job.N - b.job.N })
		for i := 1; i < len(g); i++ {
			if g[i].at.Before(g[i-1].at) {
				s.watch.complain(g[i], "it was %s before message %d of its group", g[i].final, g[i-1].job.N)
			}
		}
	}
}

// deadLetters empties the dead-letter queues: which messages SQS has moved there, and
// how many copies of each the workers have sent.
func (s *soak) deadLetters() (moved map[string]bool, buried map[string]int) {
	moved, buried = make(map[string]bool), make(map[string]int)
	for _, q := range soakQueues {
		for {
			out, err := s.server.ReceiveMessage(s.t.Context(), &sqs.ReceiveMessageInput{
				QueueUrl: &q.dead, MaxNumberOfMessages: 10, MessageAttributeNames: []string{"All"}, VisibilityTimeout: 3600,
			})
			if err != nil {
				s.t.Fatal(err)
			}
			if len(out.Messages) == 0 {
				break
			}
			for _, m := range out.Messages {
				if id := s.copied(q, m); id != "" {
					buried[id]++
				} else {
					moved[*m.MessageId] = true
				}
				if q.fifo() { // what is behind it comes only then
					_, _ = s.server.DeleteMessage(s.t.Context(), &sqs.DeleteMessageInput{QueueUrl: &q.dead, ReceiptHandle: m.ReceiptHandle})
				}
			}
		}
	}
	return moved, buried
}

// copied returns of which message m is a copy that a worker has sent, "" if it is none.
func (s *soak) copied(q soakQueue, m types.Message) string {
	text := m.MessageAttributes[attr.DeadLetter].StringValue
	if text == nil {
		return ""
	}
	var note struct {
		Queue, Reason      string
		ID                 string `json:"message_id"`
		Attempts, Receives int
	}
	if err := json.Unmarshal([]byte(*text), &note); err != nil {
		s.t.Fatal(err)
	}
	c := s.watch.copies[note.ID]
	reason := map[soakEnd]string{soakBuries: errSoak.Error(), soakGarbled: "decode body"}[s.watch.script.last(c.job)]
	if q.fifo() { // or that of a failure which was one too many
		reason = ""
	}
	if note.Queue != q.name || note.Receives < 1 || note.Attempts < 1 || note.Reason == "" || !strings.Contains(note.Reason, reason) ||
		*m.Body != s.watch.script.body(c.job) ||
		*m.MessageAttributes["Number"].StringValue != *soakAttributes(c.job)["Number"].StringValue {
		s.t.Errorf("seed %d: %s holds a copy %q with the note %s", s.seed, q.dead, *m.Body, *text)
	}
	return note.ID
}
