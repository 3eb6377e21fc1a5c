package killtest_test

import (
	"fmt"
	"strconv"
	"time"
)

// scene is some queues and the clients that use them, and no others.
type scene struct {
	name    string
	queues  []*queue // in the order in which redrives go through them
	clients []func(w *worker)
	before  func(w *worker) // before the counts are taken, at the beginning of each life; may be nil
	rest    func(w *worker) // before the queues are emptied; may be nil
	stays   bool            // most messages survive the emptying
	silent  bool            // there are no messages
	loose   bool            // its queues come and go, and answer for themselves

	now      func() instant
	messages map[*message]struct{}
	backlog  int   // about
	missed   []*op // receives without an answer

	moves  bool // it has move tasks
	moved  int  // messages seen that move tasks made
	tasks  []*task
	unsure *task // may have been begun

	missedBefore int // of missed: before the queues were emptied last
}

// backlogOf is how many messages a scene may have before its clients rather receive.
const backlogOf = 400

func arn(name string) string { return "arn:aws:sqs:us-east-1:000000000000:" + name }

// add makes a queue part of the scene.
func (s *scene) add(q *queue) *queue {
	q.scene, q.groups = s, map[string][]*message{}
	if q.visible == 0 {
		q.visible = 2 * time.Second
	}
	s.queues = append(s.queues, q)
	return q
}

// attributes are those of CreateQueue.
func (q *queue) attributes() map[string]string {
	a := map[string]string{"VisibilityTimeout": strconv.Itoa(int(q.visible / time.Second))}
	if q.lasts > 0 {
		a["MessageRetentionPeriod"] = strconv.Itoa(int(q.lasts / time.Second))
	}
	if q.delay > 0 {
		a["DelaySeconds"] = strconv.Itoa(int(q.delay / time.Second))
	}
	if q.fifo {
		a["FifoQueue"] = "true"
		a["ContentBasedDeduplication"] = strconv.FormatBool(q.content)
	}
	if q.scoped {
		a["DeduplicationScope"], a["FifoThroughputLimit"] = "messageGroup", "perMessageGroupId"
	}
	if q.dead != nil {
		a["RedrivePolicy"] = fmt.Sprintf(`{"deadLetterTargetArn":%q,"maxReceiveCount":%d}`, arn(q.dead.name), q.most)
	}
	return a
}

// newScene is a scene without queues.
func newScene(name string) *scene { return &scene{name: name, messages: map[*message]struct{}{}} }

// standard has queues with all that standard queues do, one of them purged at times.
func standard() *scene {
	s := newScene("standard")
	plain := s.add(&queue{name: "plain"})
	purged := s.add(&queue{name: "purged"})
	for range 3 {
		s.clients = append(s.clients, func(w *worker) { w.traffic(plain) })
	}
	s.clients = append(s.clients, func(w *worker) {
		if chance(w.rng, 3) {
			w.purge(purged)
		}
		w.traffic(purged)
	})
	return s
}

// fifo has queues of each kind of deduplication; the last one is purged.
func fifo() *scene {
	s := newScene("fifo")
	for _, q := range []*queue{
		{name: "explicit.fifo", fifo: true},
		{name: "content.fifo", fifo: true, content: true, delay: time.Second},
		{name: "scoped.fifo", fifo: true, scoped: true},
	} {
		q := s.add(q)
		s.clients = append(s.clients, func(w *worker) { w.traffic(q) })
	}
	explicit := s.queues[0]
	s.clients = append(s.clients, func(w *worker) { w.traffic(explicit) })
	purged := s.add(&queue{name: "purged.fifo", fifo: true, purgeable: true})
	s.clients = append(s.clients, func(w *worker) {
		if chance(w.rng, 3) {
			w.purge(purged)
		}
		w.traffic(purged)
	})
	return s
}

// redrive has a queue, its dead-letter queue, and one more, and move tasks between
// them.
func redrive(suffix string) *scene {
	s := newScene("redrive" + suffix)
	s.moves = true
	fifo := suffix != ""
	dead := &queue{name: "dead" + suffix, fifo: fifo, leaky: true, visible: time.Second}
	source := s.add(&queue{name: "source" + suffix, fifo: fifo, leaky: true, destination: true, visible: time.Second, dead: dead, most: 2})
	s.add(dead)
	rescued := s.add(&queue{name: "rescued" + suffix, fifo: fifo, destination: true})
	s.clients = append(s.clients,
		func(w *worker) { w.failing(source) },
		func(w *worker) { w.failing(source) },
		func(w *worker) { w.consume(pick(w.rng, dead, rescued, rescued)) },
		func(w *worker) { w.moving(s, dead, rescued) })
	s.before = func(w *worker) { w.listTasks(s, dead) }
	s.rest = func(w *worker) { w.finishTasks(s, dead) }
	return s
}

// expiring is a queue whose messages are gone after a minute.
const expiring = "expiring"

// archive has messages that stay for many lives of the server; those of the last queue
// are a minute old at most.
func archive() *scene {
	s := newScene("archive")
	s.stays = true
	for _, q := range []*queue{{name: "archive"}, {name: "archive.fifo", fifo: true}, {name: expiring, lasts: time.Minute}} {
		q := s.add(q)
		s.clients = append(s.clients, func(w *worker) { w.deposit(q) })
	}
	return s
}
