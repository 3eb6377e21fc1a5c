package naive

import (
	"testing"
	"time"

	"github.com/quayside-go/quayside/localqueue/internal/engine"
)

// withDead gives b a dead-letter queue of its type.
func withDead(b *bench, change func(*engine.Settings)) *bench {
	dead := &bench{t: b.t, q: New(2), now: b.now, set: engine.Settings{FIFO: b.set.FIFO, Retention: 4 * day, MaxInFlight: 120000}}
	dead.configure(change)
	b.dead = dead.q
	return dead
}

func (b *bench) needsDead(want bool) {
	b.t.Helper()
	if got := b.q.NeedsDead(b.now); got != want {
		b.t.Fatalf("needs dead: %t, want %t", got, want)
	}
}

func TestMoveToTheDeadLetterQueue(t *testing.T) {
	b := newBench(t, func(s *engine.Settings) { s.MaxReceives = 2 })
	dead := withDead(b, nil)
	sent := b.now
	b.send(2, "a")
	b.sleep(time.Second)
	b.receive(1, 0, 1)
	b.needsDead(false)
	h := b.receive(1, time.Second, 1)
	b.needsDead(true)
	b.sleep(time.Second)
	b.receive(10, 0, 2)
	b.needsDead(false)
	b.delete(h[0], engine.Gone)

	var out engine.Batch
	dead.q.Receive(b.now, engine.Receive{Max: 10}, nil, &out)
	d := out.Deliveries[0]
	if len(out.Deliveries) != 1 || d.Origin != (engine.Origin{Queue: 1, Seq: 1}) || d.Source != 1 || d.Sent != sent ||
		d.First != sent+int64(time.Second) || d.Receives != 3 || d.Handle.Seq != 1 || string(d.Blob) != "1" {
		t.Fatalf("dead-letter queue delivers %+v", out.Deliveries)
	}
}

func TestWornOutIsHandedOutWithoutADeadLetterQueue(t *testing.T) {
	b := newBench(t, func(s *engine.Settings) { s.MaxReceives = 1 })
	b.send(1, "")
	b.receive(1, 0, 1)
	b.needsDead(true)
	b.receive(1, 0, 1)
	b.configure(func(s *engine.Settings) { s.MaxReceives = 3 })
	b.needsDead(false)
	b.configure(func(s *engine.Settings) { s.MaxReceives = 0 })
	b.needsDead(false)
}

func TestOwnDeadLetterQueue(t *testing.T) {
	b := newBench(t, func(s *engine.Settings) { s.MaxReceives = 1 })
	b.dead = b.q
	b.send(2, "")
	b.receive(1, 0, 1)
	b.receive(10, 0, 2, 3) // 1 went to the end as 3
	b.receive(10, 0, 4, 5)
}

func TestDeadLetterQueueOfFIFO(t *testing.T) {
	b := newBench(t, func(s *engine.Settings) { s.FIFO, s.MaxReceives = true, 1 })
	dead := withDead(b, nil)
	b.send(3, "a")
	b.receive(2, time.Second, 1, 2)
	b.sleep(time.Second)
	b.receive(10, time.Second, 3) // the group goes on behind the two that moved
	var out engine.Batch
	dead.q.Receive(b.now, engine.Receive{Max: 10}, nil, &out)
	if d := out.Deliveries; len(d) != 2 || d[0].Sent != b.now || d[0].Origin.Seq != 1 || d[1].Origin.Seq != 2 {
		t.Fatalf("dead-letter queue delivers %+v", d)
	}
}

func TestDelayOfArrivals(t *testing.T) {
	arrive := func(b *bench) {
		b.q.Arrive(b.now, &engine.Moved{Message: engine.Message{Group: "a"}, Sent: b.now, Receives: 1, Source: 9})
		b.check()
	}
	t.Run("standard", func(t *testing.T) {
		b := newBench(t, func(s *engine.Settings) { s.Delay = time.Minute })
		arrive(b)
		b.receive(1, 0, 1)
	})
	t.Run("FIFO", func(t *testing.T) {
		b := newBench(t, func(s *engine.Settings) { s.FIFO, s.Delay = true, time.Minute })
		arrive(b)
		b.counts(0, 0, 1)
		b.sleep(time.Minute)
		b.counts(1, 0, 0)
		b.configure(func(s *engine.Settings) { s.Delay = time.Hour }) // never received here
		b.counts(0, 0, 1)
	})
}

func TestArrivalPastItsRetention(t *testing.T) {
	b := newBench(t, func(s *engine.Settings) { s.Retention = time.Hour })
	arrive := func(age time.Duration) {
		b.q.Arrive(b.now, &engine.Moved{Sent: b.now - int64(age), Receives: 1, Source: 9})
		b.check()
	}
	arrive(time.Hour)
	b.counts(0, 0, 0)
	arrive(time.Hour - 1)
	b.counts(1, 0, 0)
	b.sleep(1)
	b.counts(0, 0, 0)
}

func TestTake(t *testing.T) {
	b := newBench(t, nil)
	b.send(1, "")
	b.q.Arrive(b.now, &engine.Moved{Sent: b.now, Receives: 4, First: 1, Source: 9, Origin: engine.Origin{Queue: 9, Seq: 5}})
	for _, want := range []engine.Delivery{{Receives: 0}, {Receives: 4, First: 1, Source: 9}} {
		if source, ok := b.q.Peek(b.now); !ok || source != want.Source {
			t.Fatalf("peeked at one of %d: %t", source, ok)
		}
		var out engine.Batch
		if !b.q.Take(b.now, &out) || out.Deliveries[0].Receives != want.Receives || out.Deliveries[0].First != want.First {
			t.Fatalf("took %+v", out.Deliveries)
		}
		b.check()
	}
	if _, ok := b.q.Peek(b.now); ok || b.q.Take(b.now, nil) {
		t.Fatal("took a message of an empty queue")
	}
}
