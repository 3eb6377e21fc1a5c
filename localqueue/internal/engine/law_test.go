package engine

import (
	"errors"
	"fmt"
	"testing"
	"time"
)

// Cases of the law that random runs meet too seldom.

// small is a run whose sheets are small, with one queue.
func small(t *testing.T, name string) (*run, *Queue) {
	r := newRun(t, 0)
	r.said = t.Name()
	r.log.leap = func() uint32 { return 1 }
	r.turn()
	return r, r.e.Lookup(r.name(name))
}

// turn begins a new sheet, with which the number of the full one is returned.
func (r *run) turn() uint32 {
	full := r.log.last
	r.log.sheets[full].size = r.log.size + 1
	return full
}

// empties cleans sheets, and drops those that are dead then.
func (r *run) empties(numbers ...uint32) {
	for range r.log.clean(r, func(n uint32) bool {
		for _, x := range numbers {
			if x == n {
				return true
			}
		}
		return false
	}) {
	}
	for range 10 {
		r.log.drop(r.rnd)
	}
}

// recovered recovers and goes on with what was recovered.
func (r *run) recovered() {
	want := r.stateOf(r.e, false)
	r.log = r.log.torn(r.log.count)
	r.e = r.log.open(r.t, r.now, 50, true)
	if got := r.stateOf(r.e, false); got != want {
		r.failf("the states differ\n%s", firstDifference(want, got))
	}
}

func (r *run) sendTo(q *Queue, m Message) uint64 {
	m.MD5[15], m.Delay = 15, -1
	return q.Messages.Send(r.now, &m).Seq
}

// take receives one message.
func (r *run) take(q *Queue, attempt string) Handle {
	var b Batch
	q.Messages.Receive(r.now, Receive{Max: 1, Visibility: time.Minute, Attempt: attempt}, nil, &b)
	if len(b.Deliveries) != 1 {
		r.failf("received %d messages", len(b.Deliveries))
	}
	return b.Deliveries[0].Handle
}

// TestCopyOutlivesOrigin: a segment with a copy stays as long as the one the copy is
// of, or the message would be back once it is deleted and its tombstone, which names
// the copy's segment, was dropped with that.
func TestCopyOutlivesOrigin(t *testing.T) {
	t.Parallel()
	for _, recover := range []bool{false, true} {
		r, q := small(t, "c")
		r.sendTo(q, Message{Blob: []byte("moves on")})
		r.sendTo(q, Message{Blob: []byte("stays")})
		origin := r.turn()
		d := q.Messages.(Durable)
		list, _ := d.Residents(func(n uint32) bool { return n == origin }, new(Cursor), nil)
		if len(list) != 2 || !d.Rewrite(r.now, list[0], r.log.read(list[0].Home)) {
			t.Fatalf("residents of %d: %+v", origin, list)
		}
		first := r.turn()
		if recover {
			r.recovered()
			q = r.e.Lookup(q.Name)
		}
		r.empties(first) // it must not go, though what stands in it is written again
		r.turn()
		h := r.take(q, "")
		r.turn()
		if v := q.Messages.Delete(r.now, h); v != Done || h.Seq != 1 {
			t.Fatalf("delete of %+v: %d", h, v)
		}
		last := r.turn()
		r.set(q, "DelaySeconds", "1")
		for n := first; n <= last; n++ {
			r.empties(n)
		}
		r.recovered()
	}
}

// TestForwardedAttempt: an attempt that was written again counts from its first call,
// and an id means the latest receive it was given to, also where the one before was at
// the same instant.
func TestForwardedAttempt(t *testing.T) {
	t.Parallel()
	r, q := small(t, "c.fifo")
	r.sendTo(q, Message{Group: "a", Dedup: "1"})
	r.sendTo(q, Message{Group: "b", Dedup: "2"})
	r.turn()
	first := r.take(q, "x")
	older := r.turn()
	q.Messages.Delete(r.now, first) // so the id stands for nothing
	second := r.take(q, "x")
	newer := r.turn()
	r.now += 100e9
	r.empties(older)
	r.recovered()
	q = r.e.Lookup(q.Name)
	r.empties(newer)
	r.recovered()
	q = r.e.Lookup(q.Name)
	r.now += 199e9
	if got := r.take(q, "x"); got.Seq != second.Seq || got.Receive != 1 {
		t.Errorf("within 5 minutes the id gave %+v, want %+v again", got, second)
	}
	r.now += 61e9 // visible again, and the id is forgotten
	if got := r.take(q, "x"); got.Receive != 2 {
		t.Errorf("after 5 minutes the id gave %+v", got)
	}
}

// TestRefusedQueue: a queue that the log took no record of is none, and its number is
// free.
func TestRefusedQueue(t *testing.T) {
	t.Parallel()
	r, q := small(t, "c")
	name := r.name("new")
	r.log.refuse = func(Kind) bool { return true }
	if _, err := r.e.Create(r.now, name, nil, nil); !errors.Is(err, ErrRefused) || r.e.Lookup(name) != nil {
		t.Fatalf("create: %v, found %v", err, r.e.Lookup(name))
	}
	r.e.Delete(r.now, q)
	if q.Deleted || r.e.Lookup(q.Name) != q {
		t.Error("a queue was deleted, which the log does not know of")
	}
	r.log.refuse = nil
	r.recovered()
	if _, err := r.e.Create(r.now, name, nil, nil); err != nil {
		t.Fatal(err)
	}
	r.recovered()
	if err := r.e.Check(); err != nil {
		t.Error(err)
	}
}

// TestBulk: what is told of many messages at once is told in records that fit any
// segment.
func TestBulk(t *testing.T) {
	t.Parallel()
	for _, recover := range []bool{false, true} {
		bulk(t, recover)
	}
}

func bulk(t *testing.T, recover bool) {
	r, q := small(t, "c.fifo")
	const n = 10_000
	for i := range n {
		r.sendTo(q, Message{Group: fmt.Sprintf("%0128d", i), Dedup: fmt.Sprint(i)})
	}
	sent := r.turn()
	arn := r.e.Lookup(r.name("a.fifo")).Name.ARN()
	if _, err := r.e.StartTask(r.now, q, MoveRequest{Destination: &arn}); err != nil {
		t.Fatal(err)
	}
	for range n { // facts that say everything
		n, _ := r.e.TaskTarget(r.now, q)
		r.e.StepTask(r.now, q, r.e.Lookup(n))
	}
	from := r.log.count
	last := r.turn()
	var at Cursor
	to := r.e.Lookup(r.name("a.fifo"))
	for more := true; more; {
		more = to.Messages.(Durable).Restate(r.now, func(n uint32) bool { return n > sent && n <= last }, &at)
	}
	r.now += 14 * 86400e9
	if recover { // which finds what has ended, and writes nothing
		r.log = r.log.torn(r.log.count)
		r.e = r.log.open(r.t, r.now, 50, true)
		to = r.e.Lookup(to.Name)
	}
	if c := to.Messages.Counts(r.now); c != (Counts{}) {
		t.Errorf("after the end of retention: %+v", c)
	}
	longest, records := 0, 0
	for _, s := range r.log.sheets {
		for _, x := range s.records {
			if x.nr >= from {
				longest, records = max(longest, len(x.text)), records+1
			}
		}
	}
	if longest > 32<<10 || records < n/mostRestated || records > n/10 {
		t.Errorf("%d records, the longest has %d bytes", records, longest)
	}
	r.recovered()
}

// TestBacklogStaysCold: messages nobody received cost no slot after recovery, also
// where they were copied, more than once and out of order.
func TestBacklogStaysCold(t *testing.T) {
	t.Parallel()
	r, q := small(t, "c")
	var segments []uint32
	for range 6 {
		for range 10 {
			r.sendTo(q, Message{Blob: make([]byte, 60)})
		}
		segments = append(segments, r.turn())
	}
	for _, n := range []int{3, 1, 4, 1, 0} {
		r.empties(segments[n])
		segments[n] = r.turn()
		r.recovered()
		q = r.e.Lookup(q.Name)
		if s := q.Messages.(*store); s.slots.live > 0 || s.cold.n != 60 {
			t.Fatalf("after %d was emptied %d messages have slots, %d are in the backlog", n, s.slots.live, s.cold.n)
		}
	}
}

// TestFewMovesAtOnce: one receive moves a bounded number of messages away.
func TestFewMovesAtOnce(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"b", "b.fifo"} {
		r, q := small(t, name)
		dead := r.e.Lookup(r.e.Lookup(q.Name).Config.Redrive.Target).Messages
		s := q.Messages.(*store)
		for i := range 120 {
			r.sendTo(q, Message{Group: "g", Dedup: fmt.Sprint(i)})
		}
		var b Batch
		s.set.MaxInFlight = 120
		if q.Messages.Receive(r.now, Receive{Max: 120}, nil, &b); len(b.Deliveries) != 120 {
			t.Fatalf("received %d", len(b.Deliveries))
		}
		s.set.MaxInFlight = 50
		for calls := 1; ; calls++ {
			before := s.slots.live
			b.Reset()
			q.Messages.Receive(r.now, Receive{Max: 1, Visibility: time.Minute}, dead, &b)
			if moved := before - s.slots.live; moved > maxMoves || len(b.Deliveries) > 0 {
				t.Fatalf("%s: a receive moved %d messages and handed out %d", name, moved, len(b.Deliveries))
			}
			if !q.Messages.NeedsDead(r.now) {
				if calls != 3 {
					t.Errorf("%s: 120 messages were moved in %d calls", name, calls)
				}
				break
			}
		}
		r.recovered()
	}
}
