package naive

import (
	"testing"
	"time"

	"github.com/quayside-go/quayside/localqueue/internal/engine"
)

func TestOrderIsBySequenceAlsoAfterAReceive(t *testing.T) {
	b := newBench(t, nil)
	b.send(3, "")
	b.receive(2, time.Second, 1, 2)
	b.receive(10, time.Second, 3)
	b.sleep(time.Second)
	b.receive(10, time.Second, 1, 2, 3)
}

func TestTimeoutIsOverAtItsEnd(t *testing.T) {
	b := newBench(t, nil)
	b.send(1, "")
	b.receive(1, time.Minute, 1)
	b.next(time.Minute)
	b.sleep(time.Minute - 1)
	b.counts(0, 1, 0)
	b.receive(1, time.Minute)
	b.sleep(1)
	b.counts(1, 0, 0)
	b.receive(1, time.Minute, 1)
}

func TestTimeoutZeroLeavesVisible(t *testing.T) {
	b := newBench(t, nil)
	b.send(2, "")
	b.receive(10, 0, 1, 2)
	b.counts(2, 0, 0)
	h := b.receive(1, 0, 1)
	if h[0].Receive != 2 {
		t.Fatalf("second receive has number %d", h[0].Receive)
	}
	b.delete(h[0], engine.Done)
	b.receive(10, 0, 2)
}

func TestDelay(t *testing.T) {
	b := newBench(t, func(s *engine.Settings) { s.Delay = time.Minute })
	b.send(1, "")
	b.q.Send(b.now, &engine.Message{Delay: 0})
	b.q.Send(b.now, &engine.Message{Delay: time.Second})
	b.counts(1, 0, 2)
	b.receive(10, time.Hour, 2)
	b.next(time.Second)
	b.sleep(time.Second)
	b.receive(10, time.Hour, 3)
	b.configure(func(s *engine.Settings) { s.Delay = 0 }) // for later sends only
	b.send(1, "")
	b.receive(10, time.Hour, 4)
	b.sleep(59*time.Second - 1)
	b.receive(10, time.Hour)
	b.sleep(1)
	b.receive(10, time.Hour, 1)
}

func TestRetention(t *testing.T) {
	b := newBench(t, func(s *engine.Settings) { s.Retention = time.Hour })
	b.send(2, "")
	h := b.receive(1, 2*time.Hour, 1)
	b.sleep(time.Hour - 1)
	b.counts(1, 1, 0)
	b.next(1) // may make room
	b.sleep(1)
	b.counts(0, 0, 0)
	b.delete(h[0], engine.Gone)
	b.send(1, "")
	b.sleep(time.Minute)
	b.configure(func(s *engine.Settings) { s.Retention = time.Minute })
	b.counts(0, 0, 0)
}

func TestHandlesOfStandardQueues(t *testing.T) {
	b := newBench(t, nil)
	b.send(2, "")
	old := b.receive(1, time.Second, 1)[0]
	b.sleep(time.Second)
	late := b.receive(1, 11*time.Hour, 1)[0]
	b.change(old, 0, engine.Done) // of the message, whoever has it
	b.counts(2, 0, 0)
	b.change(late, time.Minute, engine.Done) // hides a visible one
	b.counts(1, 1, 0)
	b.change(late, 0, engine.Done)
	b.change(late, 0, engine.Done)
	b.delete(old, engine.Done)
	b.delete(old, engine.Gone)
	b.change(late, time.Second, engine.Gone)
	b.delete(engine.Handle{Queue: 1, Slot: 1 << 31, Seq: 99, Receive: 1, At: b.now}, engine.Gone)
}

func TestTwelveHours(t *testing.T) {
	b := newBench(t, nil)
	b.send(1, "")
	h := b.receive(1, time.Second, 1)[0]
	b.change(h, engine.MaxVisibility, engine.BeyondLimit)
	b.change(h, engine.MaxVisibility-1, engine.Done)
	b.sleep(engine.MaxVisibility - 1)
	b.change(h, 1, engine.BeyondLimit)
	b.change(h, 0, engine.Done)
	b.sleep(1)
	b.change(h, 1, engine.BeyondLimit)
	b.change(h, 0, engine.Done)
	b.sleep(1)
	b.change(h, 0, engine.Expired)
	b.delete(h, engine.Expired)
	b.counts(1, 0, 0)
}

func TestMaxInFlight(t *testing.T) {
	b := newBench(t, func(s *engine.Settings) { s.MaxInFlight = 2 })
	b.send(3, "")
	h := b.receive(10, time.Minute, 1, 2)
	var out engine.Batch
	if !b.q.Receive(b.now, engine.Receive{Max: 1}, nil, &out) || len(out.Deliveries) > 0 {
		t.Fatal("a third message is not over the limit")
	}
	b.delete(h[0], engine.Done)
	b.receive(10, time.Minute, 3)
	b.receive(10, time.Minute) // nothing visible: not over
	b.change(h[1], 0, engine.Done)
	b.receive(10, 0, 2)
}

func TestPurge(t *testing.T) {
	b := newBench(t, nil)
	b.send(3, "")
	h := b.receive(1, time.Minute, 1)
	b.q.Purge(b.now)
	b.counts(0, 0, 0)
	b.next(-1)
	b.delete(h[0], engine.Gone)
	b.send(1, "")
	b.receive(10, time.Minute, 4)
}

func TestTimeNeverRunsBackwards(t *testing.T) {
	b := newBench(t, nil)
	b.send(1, "")
	b.receive(1, time.Minute, 1)
	b.sleep(time.Minute)
	b.counts(1, 0, 0)
	b.sleep(-time.Hour)
	b.counts(1, 0, 0)
	if h := b.receive(1, time.Minute, 1); h[0].At != b.now+int64(time.Hour) {
		t.Fatalf("received at %d, which is before the latest instant", h[0].At)
	}
}

func TestDelivery(t *testing.T) {
	b := newBench(t, nil)
	blob := []byte("body")
	b.q.Send(b.now, &engine.Message{Blob: blob, MD5: [16]byte{7}})
	clear(blob)
	first := b.now + 5
	b.sleep(5)
	b.receive(1, 0, 1)
	b.sleep(5)
	var out engine.Batch
	b.q.Receive(b.now, engine.Receive{Max: 1}, nil, &out)
	d := out.Deliveries[0]
	if d.Handle != (engine.Handle{Queue: 1, Seq: 1, Receive: 2, At: b.now}) || d.Origin != (engine.Origin{Queue: 1, Seq: 1}) ||
		d.Source != 0 || d.Sent != b.now-10 || d.First != first || d.Receives != 2 || d.MD5 != [16]byte{7} || string(d.Blob) != "body" {
		t.Fatalf("delivered %+v", d)
	}
}
