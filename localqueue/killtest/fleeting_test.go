package killtest_test

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// fleeting is a name under which queues come and go.
type fleeting struct {
	name     string
	queue    *queue   // the one that is there, or may be; nil: none is
	settings settings // of it
	making   bool     // CreateQueue was not answered
	going    *removal // DeleteQueue was not answered
}

// passing has queues that are made, used and deleted, some under names that were used
// before.
func passing() *scene {
	s := newScene("passing")
	s.loose = true
	var all []*fleeting
	for _, name := range []string{"passing-a", "passing-b", "passing-c.fifo"} {
		f := &fleeting{name: name}
		all = append(all, f)
		s.clients = append(s.clients, func(w *worker) { w.pass(s, f) })
	}
	s.before = func(w *worker) {
		names := w.list()
		for _, f := range all {
			w.resolve(s, f, slices.Contains(names, f.name))
		}
	}
	return s
}

// pass is one step in the life of such a queue.
func (w *worker) pass(s *scene, f *fleeting) {
	switch {
	case f.queue == nil:
		w.raise(s, f)
	case chance(w.rng, 4):
		w.raze(s, f)
	case chance(w.rng, 5):
		w.purge(f.queue)
	default:
		w.traffic(f.queue)
	}
	w.pause(2 * time.Millisecond)
}

// raise makes a queue.
func (w *worker) raise(s *scene, f *fleeting) {
	q := &queue{
		name: f.name, fifo: strings.HasSuffix(f.name, ".fifo"), purgeable: true, scene: s,
		groups: map[string][]*message{}, visible: time.Duration(1+w.rng.IntN(2)) * time.Second,
	}
	attributes, tags := q.attributes(), map[string]string{"made": w.book.now().String()}
	f.settings = maps.Clone(attributes)
	f.settings["tag made"] = tags["made"]
	o := w.begin()
	ask(w, o, w.sqs.CreateQueue, &sqs.CreateQueueInput{QueueName: &f.name, Attributes: attributes, Tags: tags})
	w.unexpected(o, "CreateQueue of "+f.name)
	if o.fate == refused {
		return
	}
	f.queue, f.making = q, o.fate == lost
	w.book.mu.Lock()
	s.queues = append(s.queues, q)
	w.book.mu.Unlock()
}

// raze deletes the queue with all that is in it.
func (w *worker) raze(s *scene, f *fleeting) {
	x := &removal{op: w.begin(), purged: f.queue}
	w.book.mu.Lock()
	f.queue.purges = append(f.queue.purges, x)
	w.book.mu.Unlock()
	ask(w, x.op, w.sqs.DeleteQueue, &sqs.DeleteQueueInput{QueueUrl: w.url(f.name)})
	w.unexpected(x.op, "DeleteQueue of "+f.name)
	switch x.fate {
	case done:
		w.gone(s, f)
	case lost:
		f.going = x
	}
}

// gone forgets the queue.
func (w *worker) gone(s *scene, f *fleeting) {
	w.book.mu.Lock()
	defer w.book.mu.Unlock()
	s.queues = slices.DeleteFunc(s.queues, func(q *queue) bool { return q == f.queue })
	f.queue, f.making, f.going, s.backlog = nil, false, nil, 0
}

// resolve finds out, at the beginning of a life, what became of requests without an
// answer, and checks what is left.
func (w *worker) resolve(s *scene, f *fleeting, listed bool) {
	switch {
	case f.queue == nil && listed:
		w.book.fault("life %d: %s is there, and was deleted or never made", w.life.number, f.name)
	case f.queue == nil:
	case !listed && f.going != nil:
		w.book.mu.Lock()
		f.going.fate, f.going.end = done, f.going.life.died
		w.book.mu.Unlock()
		w.gone(s, f)
	case !listed && f.making:
		w.gone(s, f)
	case !listed:
		w.book.fault("life %d: %s is not there", w.life.number, f.name)
		w.gone(s, f)
	default:
		if f.going != nil {
			w.book.mu.Lock()
			f.going.fate, f.going.code = refused, "it never came to that"
			w.book.mu.Unlock()
		}
		f.making, f.going = false, nil
		if now, _, ok := w.settingsOf(f.name); ok {
			if wrong := f.settings.wrong(now); wrong != "" {
				w.book.fault("life %d: settings of %s: %s", w.life.number, f.name, wrong)
			}
		}
		if c, ok := w.count(f.name); ok {
			w.compare(f.queue, c)
		}
	}
}
