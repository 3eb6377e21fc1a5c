package naive

import (
	"testing"
	"time"

	"github.com/quayside-go/quayside/localqueue/internal/engine"
)

func TestReceiveTakesTheRunOfAGroup(t *testing.T) {
	b := newBench(t, fifo)
	b.send(2, "a")
	b.send(1, "b")
	b.send(1, "a")
	b.receive(10, time.Minute, 1, 2, 4, 3)
}

func TestGroupIsBlockedBehindItsHead(t *testing.T) {
	b := newBench(t, fifo)
	b.send(3, "a")
	h := b.receive(2, time.Minute, 1, 2)
	b.receive(10, time.Minute)
	b.counts(1, 2, 0)
	b.delete(h[0], engine.Done)
	b.receive(10, time.Minute) // 2 is the head, in flight
	b.delete(h[1], engine.Done)
	b.receive(10, time.Minute, 3)
}

func TestRunEndsAtAMessageInFlight(t *testing.T) {
	b := newBench(t, fifo)
	b.send(3, "a")
	h := b.receive(2, time.Minute, 1, 2)
	b.change(h[0], 0, engine.Done)
	b.receive(10, time.Minute, 1)
}

func TestGroupsStandByWhenTheirHeadBecameAvailable(t *testing.T) {
	b := newBench(t, fifo)
	b.send(1, "a")
	b.sleep(1)
	b.send(1, "b")
	b.send(1, "c")
	b.sleep(1)
	b.receive(1, 0, 1) // a stands last now, by this receive with timeout 0
	b.sleep(1)
	b.receive(1, time.Minute, 2)
	b.receive(2, time.Minute, 3, 1)
	b.sleep(time.Minute)
	b.receive(10, time.Minute, 1, 2, 3)
}

func TestWindow(t *testing.T) {
	b := newBench(t, func(s *engine.Settings) { s.FIFO, s.Window = true, 2 })
	b.send(3, "a")
	b.send(1, "b")
	h := b.receive(10, time.Minute, 1, 2, 3) // the run of a goes on beyond it
	b.receive(10, time.Minute)
	b.delete(h[0], engine.Done)
	b.receive(10, time.Minute)
	b.delete(h[2], engine.Done)
	b.receive(10, time.Minute, 4)
}

func TestRetentionUnlocksAGroup(t *testing.T) {
	b := newBench(t, func(s *engine.Settings) { s.FIFO, s.Retention = true, time.Minute })
	b.send(1, "a")
	b.receive(1, time.Hour, 1)
	b.sleep(time.Second)
	b.send(1, "a")
	b.next(59 * time.Second)
	b.sleep(59 * time.Second)
	b.receive(1, time.Hour, 2)
}

func TestHandlesOfFIFOQueues(t *testing.T) {
	b := newBench(t, fifo)
	b.send(1, "a")
	old := b.receive(1, time.Second, 1)[0]
	b.sleep(time.Second)
	b.delete(old, engine.Expired) // not in flight
	b.change(old, time.Second, engine.Expired)
	late := b.receive(1, time.Minute, 1)[0]
	b.delete(old, engine.Expired) // of an earlier receive
	b.change(late, engine.MaxVisibility, engine.BeyondLimit)
	b.change(late, time.Hour, engine.Done)
	b.sleep(time.Minute)
	b.delete(late, engine.Done)
	b.delete(late, engine.Gone)
}

func TestQueueDelayOfFIFO(t *testing.T) {
	b := newBench(t, func(s *engine.Settings) { s.FIFO, s.Delay = true, time.Minute })
	b.send(2, "a")
	b.counts(0, 0, 2)
	b.sleep(time.Second)
	b.configure(func(s *engine.Settings) { s.Delay = time.Second })
	b.receive(1, 0, 1)
	b.configure(func(s *engine.Settings) { s.Delay = time.Minute })
	b.counts(1, 0, 1) // the one received is delayed no more
	b.receive(10, time.Hour, 1)
	b.sleep(59 * time.Second)
	b.counts(1, 1, 0)
}

func TestDeduplication(t *testing.T) {
	b := newBench(t, fifo)
	send := func(group, id string, seq uint64, duplicate bool) {
		t.Helper()
		if got := b.q.Send(b.now, &engine.Message{Group: group, Dedup: id}); got != (engine.Sent{Seq: seq, Duplicate: duplicate}) {
			t.Fatalf("send of %q to group %q: %+v", id, group, got)
		}
		b.check()
	}
	send("a", "x", 1, false)
	b.delete(b.receive(1, time.Minute, 1)[0], engine.Done)
	send("b", "x", 1, true) // though it is gone
	send("a", "", 2, false) // from a move task
	send("a", "", 3, false)
	b.sleep(engine.DedupWindow - 1)
	send("a", "x", 1, true)
	b.sleep(1)
	send("b", "x", 4, false)

	b.configure(func(s *engine.Settings) { s.GroupScope = true })
	b.sleep(engine.ScopeDelay - 1)
	send("a", "x", 4, true)
	b.sleep(1)
	send("a", "x", 5, false)
	send("b", "x", 4, true)
	b.configure(func(s *engine.Settings) { s.GroupScope = false })
	b.sleep(engine.ScopeDelay)
	send("c", "x", 5, true) // the latest of two
	b.q.Purge(b.now)
	send("a", "x", 6, false)
}

func TestScopeChangedBackStays(t *testing.T) {
	b := newBench(t, fifo)
	duplicate := func(group string, want bool) {
		t.Helper()
		if got := b.q.Send(b.now, &engine.Message{Group: group, Dedup: "x"}); got.Duplicate != want {
			t.Fatalf("send to group %q: %+v", group, got)
		}
		b.check()
	}
	duplicate("a", false)
	b.configure(func(s *engine.Settings) { s.GroupScope = true })
	b.sleep(engine.ScopeDelay / 2)
	b.configure(func(s *engine.Settings) { s.GroupScope = false })
	b.sleep(engine.ScopeDelay)
	duplicate("b", true)
	b.configure(func(s *engine.Settings) { s.GroupScope = true })
	b.sleep(engine.ScopeDelay - 1)
	duplicate("b", true)
	b.sleep(1)
	duplicate("b", false)
}

func TestScopeOfANewQueueCountsAtOnce(t *testing.T) {
	b := newBench(t, func(s *engine.Settings) { s.FIFO, s.GroupScope = true, true })
	b.q.Send(b.now, &engine.Message{Group: "a", Dedup: "x"})
	if got := b.q.Send(b.now, &engine.Message{Group: "b", Dedup: "x"}); got.Duplicate {
		t.Fatal("the id of another group is a duplicate")
	}
}

func TestAttempt(t *testing.T) {
	b := newBench(t, fifo)
	b.send(3, "a")
	first := b.attempt("A", 2, time.Minute, 1, 2)
	b.sleep(time.Minute)
	again := b.attempt("A", 1, time.Hour, 1, 2) // also out of its timeout
	if again[0] != first[0] || again[1] != first[1] {
		t.Fatalf("handles are %v, and again %v", first, again)
	}
	b.sleep(4*time.Minute - 1)
	b.attempt("A", 1, 0, 1, 2)
	b.sleep(1)
	h := b.attempt("A", 1, time.Minute, 1) // over: a new receive
	b.attempt("A", 10, time.Minute, 1)
	b.change(h[0], time.Hour, engine.Done)
	b.attempt("A", 10, time.Minute)
	b.delete(h[0], engine.Done)
	b.attempt("A", 1, time.Minute, 2)
	b.q.Purge(b.now)
	b.attempt("A", 10, time.Minute)
	b.send(1, "a")
	b.attempt("A", 10, time.Second, 4)
	b.sleep(time.Second)
	b.receive(10, time.Second, 4)
	b.sleep(time.Second)
	if h := b.attempt("A", 10, time.Second, 4); h[0].Receive != 3 {
		t.Fatalf("an attempt on a message received since has number %d", h[0].Receive)
	}
}
