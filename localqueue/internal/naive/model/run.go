package model

import (
	"fmt"
	"time"

	"github.com/quayside-go/quayside/localqueue/internal/engine"
)

// start of every script: an instant in the middle of a share window.
const start engine.Time = 1_700_000_000_123_456_789

// run is a script being performed.
type run struct {
	now     engine.Time
	latest  engine.Time // the instant before the step
	queues  []*pair
	moments moments
	sends   int
	log     []string
}

// pair is one queue in both implementations.
type pair struct {
	id       uint32
	a, b     engine.Messages
	settings engine.Settings
	dead     *pair // or nil
	handles  []handles
	sentX    engine.Time // when deduplication id "x" was last accepted
	outA     engine.Batch
	outB     engine.Batch
}

// handles are those of one delivery, as each implementation gave them.
type handles struct{ a, b engine.Handle }

// layout says which queues a script has: their type, and for each of them the
// number of its dead-letter queue.
type layout struct {
	fifo bool
	dead []int
}

const none = -1

var layouts = []layout{
	{fifo: false, dead: []int{1, none}},
	{fifo: true, dead: []int{1, none}},
	{fifo: false, dead: []int{0}},
	{fifo: true, dead: []int{0}},
	{fifo: false, dead: []int{1, 0}},
	{fifo: true, dead: []int{1, 2, 2}},
	{fifo: false, dead: []int{1, 1}},
	{fifo: true, dead: []int{none, none}},
}

// open makes the queues of the script; the first step chooses.
func (r *run) open(s step, a, b New) {
	r.now = start
	l := choose(s.op(), layouts...)
	for i := range l.dead {
		id := uint32(i + 1)
		r.queues = append(r.queues, &pair{id: id, a: a(id), b: b(id)})
	}
	for i, p := range r.queues {
		if dead := l.dead[i]; dead != none {
			p.dead = r.queues[dead]
		}
		p.settings.FIFO = l.fifo
		r.configure(p, settings(l.fifo, s.x()+byte(i), s.y(), s.z()))
	}
}

// perform lets time pass, does one operation and looks for broken invariants.
func (r *run) perform(s step) {
	r.latest = r.now
	r.pass(s)
	p := choose(s.queue(), r.queues...)
	r.ask(p, s.time()>>5) // mostly nothing
	operationOf(s.op())(r, p, s)
	r.now = max(r.latest, r.now) // it may have been set back for one step
	if s.z()%4 == 0 {
		r.counts(p)
	}
	for _, p := range r.queues {
		if err := p.a.Check(); err != nil {
			r.fail("a: queue %d: %v", p.id, err)
		}
		if err := p.b.Check(); err != nil {
			r.fail("b: queue %d: %v", p.id, err)
		}
	}
}

func (r *run) fail(format string, args ...any) {
	panic(difference(fmt.Sprintf(format, args...)))
}

// note adds a line to the log.
func (r *run) note(p *pair, format string, args ...any) {
	line := fmt.Sprintf("%14v queue %d: ", time.Duration(r.now-start), p.id)
	r.log = append(r.log, line+fmt.Sprintf(format, args...))
}

// brief shortens what was noted since the log had from lines: operations that
// repeat fill pages.
func (r *run) brief(from int) {
	if n := len(r.log) - from - 2; n > 2 {
		last := r.log[len(r.log)-1]
		r.log = append(r.log[:from+1], fmt.Sprintf("%24s ... %d more ...", "", n), last)
	}
}

// same notes the answer to what was noted last, and fails if a and b differ in it.
func same[T comparable](r *run, a, b T) {
	if a != b {
		r.fail("a answers %+v\nb answers %+v", a, b)
	}
	r.log[len(r.log)-1] += fmt.Sprintf(" -> %+v", a)
}
