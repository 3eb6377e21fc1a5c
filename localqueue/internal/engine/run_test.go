package engine

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

// run is an engine with some queues under random use, and its log.
type run struct {
	t       testing.TB
	e       *Engine
	log     *paper
	handles []Handle
	now     Time
	rnd     *rand.Rand
	said    string // where the run is, for failures
}

// names of queues, and the dead-letter queue of each with its maxReceiveCount.
var deadOf = map[string]struct {
	name string
	max  int
}{
	"c": {}, "b": {"c", 1}, "a": {"b", 2}, "self": {"self", 1},
	"c.fifo": {}, "b.fifo": {"c.fifo", 1}, "a.fifo": {"b.fifo", 2}, "self.fifo": {"self.fifo", 1},
}

var runNames = []string{"c", "b", "a", "self", "c.fifo", "b.fifo", "a.fifo", "self.fifo"}

func newRun(t testing.TB, seed uint64) *run {
	r := &run{t: t, rnd: rand.New(rand.NewPCG(seed, 7)), now: 1e18}
	r.e = New([16]byte{1}, NewMessages, 50)
	r.log = newPaper()
	if r.rnd.IntN(4) == 0 {
		r.log.leap = func() uint32 { return 1 + uint32(r.rnd.IntN(2))*9000 }
	}
	r.e.SetLogs(func(uint32) Log { return r.log })
	if !r.e.Begin() {
		t.Fatal("the log took nothing")
	}
	for _, n := range runNames {
		r.create(n)
	}
	return r
}

func (r *run) failf(format string, args ...any) {
	r.t.Helper()
	r.t.Fatalf(r.said+": "+format, args...)
}

func (r *run) name(n string) Name { return Name{"000000000000", "us-east-1", n} }

// create makes a queue, unless the log refuses.
func (r *run) create(n string) {
	attributes := map[string]string{"VisibilityTimeout": "30"}
	if strings.HasSuffix(n, ".fifo") {
		attributes["FifoQueue"] = "true"
	}
	refused := r.log.refused
	q, err := r.e.Create(r.now, r.name(n), attributes, nil)
	if err != nil {
		if !errors.Is(err, ErrRefused) || refused == r.log.refused {
			r.failf("create %s: %v", n, err)
		}
		return
	}
	r.redrive(q, deadOf[n].max)
}

// redrive sets or ends q's redrive policy.
func (r *run) redrive(q *Queue, count int) {
	dead := r.name(deadOf[q.Name.Queue].name)
	switch {
	case count == 0:
		r.set(q, "RedrivePolicy", "")
	case r.e.Lookup(dead) != nil:
		r.set(q, "RedrivePolicy", fmt.Sprintf(`{"deadLetterTargetArn":%q,"maxReceiveCount":%d}`, dead.ARN(), count))
	}
}

func (r *run) pick(s ...string) string { return s[r.rnd.IntN(len(s))] }

func (r *run) queue() *Queue {
	live := r.e.Queues()
	return live[r.rnd.IntN(len(live))]
}

func (r *run) step() {
	jumps := []int64{0, 1, 1e9, 30e9 - 1, 30e9, 300e9, 3600e9}
	if r.rnd.IntN(300) == 0 {
		r.now += 4 * 86400e9 // more than an entry of the backlog can tell
	}
	r.now += jumps[min(r.rnd.IntN(30), 6)] * int64(r.rnd.IntN(2))
	q := r.queue()
	switch r.rnd.IntN(13) {
	case 0, 1, 2:
		for range 1 + r.rnd.IntN(12) {
			r.send(q)
		}
	case 3, 4, 5, 6:
		r.receive(q)
	case 7, 8, 9:
		r.settle()
	case 10:
		r.control(q)
	case 11:
		r.moveTask(q)
	case 12:
		r.stepTasks()
	}
}

func (r *run) receive(q *Queue) {
	var dead Messages
	if p := q.Config.Redrive; p != nil {
		if d := r.e.Lookup(p.Target); d != nil {
			dead = d.Messages
		}
	}
	in := Receive{Max: 1 + r.rnd.IntN(10), Visibility: time.Duration(r.rnd.IntN(3)) * 30 * time.Second}
	if q.Config.FIFO {
		in.Attempt = r.pick("", "", "x", "y")
	}
	var b Batch
	q.Messages.Receive(r.now, in, dead, &b)
	for _, d := range b.Deliveries {
		if md5, _, ok := Content(r.log.read(d.Home)); !ok || md5[15] != 15 {
			r.failf("message %+v was handed out, its content is not at %+v", d.Handle, d.Home)
		}
		r.handles = append(r.handles, d.Handle)
	}
}

func (r *run) send(q *Queue) {
	m := Message{Blob: fmt.Appendf(nil, "body %d", r.rnd.Uint64()), MD5: [16]byte{0: byte(r.rnd.Uint32()), 15: 15}, Delay: -1}
	m.Group = r.pick("a", "b", "c")
	if q.Config.FIFO {
		m.Dedup = r.pick("1", "2", "3", "4", "5") + r.pick("1", "2", "3")
	} else {
		m.Group = r.pick("", "", "a", "b")
		m.Delay = time.Duration(r.rnd.IntN(3)-1) * 20 * time.Second
	}
	q.Messages.Send(r.now, &m)
}

func (r *run) settle() {
	for range 5 {
		if len(r.handles) == 0 {
			return
		}
		h := r.handles[r.rnd.IntN(len(r.handles))]
		q := r.e.ByNumber(h.Queue)
		if q == nil {
			continue
		}
		refused := r.log.refused
		switch r.rnd.IntN(8) {
		case 0, 1, 2, 3:
			if v := q.Messages.Delete(r.now, h); v == Done && refused == r.log.refused {
				if _, ok := q.Messages.(Durable).Locate(h); ok {
					r.failf("message %+v is there after it was deleted", h)
				}
			}
		case 4:
			q.Messages.Release(r.now, h)
		case 5:
			q.Messages.(Durable).Locate(h)
		default:
			q.Messages.ChangeVisibility(r.now, h, time.Duration(r.rnd.IntN(3))*40*time.Second)
		}
	}
}

func (r *run) control(q *Queue) {
	switch r.rnd.IntN(10) {
	case 0:
		_ = r.e.Purge(r.now, q) // refused within 60 s, which is fine
	case 1:
		_ = r.e.Tag(r.now, q, map[string]string{r.pick("k", "l"): r.pick("v", "w")})
	case 2:
		r.set(q, "DelaySeconds", r.pick("0", "10", "100"))
	case 3, 4:
		r.set(q, "MessageRetentionPeriod", r.pick("60", "600", "86400", "1209600"))
	case 5:
		if q.Config.FIFO {
			r.set(q, "DeduplicationScope", r.pick("queue", "messageGroup"))
		}
	case 6:
		if err := r.e.AddPermission(r.now, q, fmt.Sprint("l", r.now), []string{"123456789012"}, []string{"SendMessage"}); err == nil {
			_ = r.e.RemovePermission(r.now, q, fmt.Sprint("l", r.now))
		}
	case 7:
		r.redrive(q, r.rnd.IntN(4))
	case 8:
		s := q.Messages.(*store) // as if so many messages had come and gone
		seq := s.seq
		if s.seq += 1 << 17; !r.e.note(r.now, q) {
			s.seq = seq
		}
	case 9:
		if r.rnd.IntN(3) == 0 {
			r.again(q)
		}
	}
}

// again deletes a queue and makes another of the same name.
func (r *run) again(q *Queue) {
	if r.e.Delete(r.now, q); !q.Deleted {
		return
	}
	r.now += recreateAfter
	for n := range deadOf {
		if r.e.Lookup(r.name(n)) == nil {
			r.create(n)
		}
	}
}

func (r *run) set(q *Queue, name, value string) {
	if err := r.e.SetAttributes(r.now, q, map[string]string{name: value}); err != nil {
		r.failf("set %s of %s to %s: %v", name, q.Name.Queue, value, err)
	}
}

// moveTask starts a move task, or cancels the one that runs.
func (r *run) moveTask(q *Queue) {
	if t := q.running(); t != nil {
		if r.rnd.IntN(2) > 0 {
			return
		}
		if _, err := r.e.CancelTask(r.now, q, t.ID); err != nil {
			r.failf("%v", err)
		}
		return
	}
	var in MoveRequest
	if to := r.queue(); r.rnd.IntN(2) == 0 {
		arn := to.Name.ARN()
		in.Destination = &arn
	}
	_, _ = r.e.StartTask(r.now, q, in) // of a queue that is no dead-letter queue it is refused
}

func (r *run) stepTasks() {
	for _, q := range r.e.Queues() {
		for range r.rnd.IntN(4) {
			if n, ok := r.e.TaskTarget(r.now, q); ok {
				r.e.StepTask(r.now, q, r.e.Lookup(n))
			}
		}
	}
}
