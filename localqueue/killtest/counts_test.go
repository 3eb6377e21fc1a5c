package killtest_test

import (
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// counts are those of GetQueueAttributes, at some instant of its request.
type counts struct {
	*op
	visible, inFlight, delayed int
}

func (c counts) all() int { return c.visible + c.inFlight + c.delayed }

// count reads the counts of a queue; false: there was no answer.
func (w *worker) count(name string) (counts, bool) {
	c := counts{op: w.begin()}
	out := ask(w, c.op, w.sqs.GetQueueAttributes, &sqs.GetQueueAttributesInput{
		QueueUrl: w.url(name), AttributeNames: []types.QueueAttributeName{"All"},
	})
	w.unexpected(c.op, "GetQueueAttributes of "+name)
	if out == nil {
		return c, false
	}
	number := func(attribute string) int {
		n, err := strconv.Atoi(out.Attributes[attribute])
		if err != nil {
			w.book.fault("%s of %s: %v", attribute, name, err)
		}
		return n
	}
	c.visible = number("ApproximateNumberOfMessages")
	c.inFlight = number("ApproximateNumberOfMessagesNotVisible")
	c.delayed = number("ApproximateNumberOfMessagesDelayed")
	return c, true
}

// sum counts the messages of several queues, one after the other.
func (w *worker) sum(names []string) (all int) {
	for _, name := range names {
		c, _ := w.count(name)
		all += c.all()
	}
	return all
}

// create makes the queues of all scenes, until each was answered once. Later lives
// have them.
func (w *worker) create() {
	if w.made {
		return
	}
	for _, s := range w.book.scenes {
		for _, late := range []bool{false, true} { // a dead-letter queue has to be there first
			for _, q := range s.queues {
				if s.loose || late != (q.dead != nil) {
					continue
				}
				o := w.begin()
				ask(w, o, w.sqs.CreateQueue, &sqs.CreateQueueInput{QueueName: &q.name, Attributes: q.attributes()})
				w.unexpected(o, "CreateQueue of "+q.name)
			}
		}
	}
	w.made = true
}

// list are the names of all queues.
func (w *worker) list() (names []string) {
	o := w.begin()
	out := ask(w, o, w.sqs.ListQueues, &sqs.ListQueuesInput{})
	w.unexpected(o, "ListQueues")
	if out == nil {
		return nil
	}
	for _, url := range out.QueueUrls {
		names = append(names, url[strings.LastIndexByte(url, '/')+1:])
	}
	return names
}

// checkRecovery compares what the server says it found with what it has, and with what
// was there before.
func (w *worker) checkRecovery(answer ready) {
	if w.folder == nil {
		return
	}
	if err := w.folder.promised(answer.Recovery); err != nil {
		w.book.fault("life %d: %v", w.life.number, err)
	}
	names := w.list()
	there := w.sum(names)
	slices.Reverse(names)
	back := w.sum(names) // what move tasks move meanwhile may count twice one way, and not at all the other
	if found := answer.Recovery; found.Queues != len(names) || found.Messages < min(there, back) || found.Messages > max(there, back)+w.folder.expirable() {
		w.book.fault("life %d says that it found %d queues and %d messages, and has %d and %d to %d", w.life.number, found.Queues, found.Messages, len(names), there, back)
	}
}

// checkSelf asks the server whether it is in order.
func (w *worker) checkSelf(url string) {
	resp, err := http.Get(url + checkPath)
	if err != nil {
		w.book.fault("self-check: %v", err)
		return
	}
	defer resp.Body.Close()
	text, _ := io.ReadAll(resp.Body)
	switch resp.StatusCode {
	case http.StatusNoContent:
		w.checked++
	default:
		w.book.fault("self-check in life %d of the server: %s", w.life.number, text)
	}
}

// bounds are how many messages there must and may be, and how many of the former must
// be in flight and delayed from then on until at.
type bounds struct{ least, most, inFlight, delayed int }

func (b *bounds) add(m *message, at instant) {
	switch m.presence() {
	case possible:
		b.most++
	case certain:
		b.least++
		b.most++
		if d := m.last(); d == nil && len(m.past) == 0 && at+slack < m.sends[0].begin+m.delay {
			b.delayed++
		} else if d != nil && at+slack < m.hidden(d) {
			b.inFlight++
		}
	}
}

// checkCounts compares the counts of all queues with the book. Nobody else asks
// anything meanwhile.
func (w *worker) checkCounts() {
	for _, s := range w.book.scenes {
		switch {
		case s.loose:
		case s.moves:
			w.checkMoving(s)
		default:
			for _, q := range s.queues {
				c, ok := w.count(q.name)
				if ok {
					w.compare(q, c)
				}
			}
		}
	}
}

// compare holds the counts of one queue against its messages.
func (w *worker) compare(q *queue, c counts) {
	w.book.mu.Lock()
	defer w.book.mu.Unlock()
	var want bounds
	for m := range q.scene.messages {
		if m.home == q {
			want.add(m, c.end)
		}
	}
	if c.all() < want.least || c.all() > want.most || c.inFlight < want.inFlight || c.delayed < want.delayed {
		w.book.faultf("life %d: %s has %d messages (%d visible, %d in flight, %d delayed); there must be %d to %d, at least %d of them in flight and %d delayed",
			w.life.number, q.name, c.all(), c.visible, c.inFlight, c.delayed, want.least, want.most, want.inFlight, want.delayed)
	}
}

// checkMoving compares the messages of a scene in which a move task may run: dead
// first, what it moves meanwhile may count twice, dead last, not at all.
func (w *worker) checkMoving(s *scene) {
	source, dead, rescued := s.queues[0].name, s.queues[1].name, s.queues[2].name
	high, low := w.sum([]string{dead, source, rescued}), w.sum([]string{rescued, source, dead})
	w.book.mu.Lock()
	defer w.book.mu.Unlock()
	var want bounds
	for m := range s.messages {
		want.add(m, forever-slack)
	}
	if high < want.least || low > want.most {
		w.book.faultf("life %d: %s, %s and %s have %d to %d messages; there must be %d to %d", w.life.number, source, dead, rescued, low, high, want.least, want.most)
	}
}
