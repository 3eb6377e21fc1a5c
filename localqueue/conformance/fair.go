package conformance

import (
	"fmt"
	"time"
)

// noisyQueue has 200 messages of tenant A, sent first, of which 60 are in flight:
// A is noisy by every measure.
func noisyQueue(c *checker) *queue {
	c.Helper()
	q := c.queue("orders", "VisibilityTimeout", "43200")
	q.fill(200, "a", group("A"))
	q.take(60)
	return q
}

var fairCases = []testCase{
	{"fair/group-is-an-attribute-only", "6 fair queues", Exact, func(c *checker) {
		q := c.queue("orders").with(allSystem)
		sent := q.send("a1", group("A"))
		q.send("a1", group("A")) // no deduplication
		q.send("a2", group("A"))
		if sent.SequenceNumber != nil {
			c.Errorf("%s\nwant no SequenceNumber on a standard queue", c.trace.last())
		}
		m := q.one("a1")
		c.wantSystem(m, "SenderId", "SentTimestamp", "ApproximateReceiveCount", "ApproximateFirstReceiveTimestamp", "MessageGroupId")
		equal(c, "MessageGroupId", m.Attributes["MessageGroupId"], "A")
		q.expect(10, "a1", "a2") // no lock
	}},
	{"fair/in-batches", "6 fair queues", 0, func(c *checker) {
		q := c.queue("orders").with(allSystem)
		c.wantSent(q.sendBatch(entry("1", "a1", group("A")), entry("2", "b1", group("B"))), "1", "2")
		msgs := q.expect(10, "a1", "b1")
		equal(c, "MessageGroupId of a1", msgs[0].Attributes["MessageGroupId"], "A")
		equal(c, "MessageGroupId of b1", msgs[1].Attributes["MessageGroupId"], "B")
	}},
	{"fair/quiet-first", "6 fair queues", Exact, func(c *checker) {
		q := noisyQueue(c)
		q.fill(5, "b", group("B"))
		q.expect(3, "b1", "b2", "b3")
		q.expect(10, "b4", "b5", "a61", "a62", "a63", "a64", "a65", "a66", "a67", "a68")
	}},
	{"fair/quiet-without-group-first", "6 fair queues", Exact, func(c *checker) {
		q := noisyQueue(c)
		q.fill(3, "u")
		q.expect(5, "u1", "u2", "u3", "a61", "a62")
	}},
	{"fair/several-quiet-by-age", "6 fair queues", Exact, func(c *checker) {
		q := noisyQueue(c)
		q.send("b1", group("B"))
		q.send("u1")
		q.send("c1", group("C"))
		q.send("b2", group("B"))
		q.expect(5, "b1", "u1", "c1", "b2", "a61")
	}},
	{"fair/noisy-flows-alone", "6 fair queues", Exact, func(c *checker) {
		q := noisyQueue(c)
		q.expect(3, "a61", "a62", "a63")
		equal(c, "messages left", len(q.take(137)), 137)
		q.none()
	}},
	{"fair/under-30-in-flight-is-quiet", "6 fair queues", Exact, func(c *checker) {
		q := c.queue("orders")
		q.fill(100, "a", group("A"))
		q.take(29)
		q.send("b1", group("B"))
		q.expect(1, "a30")
	}},
	{"fair/30-in-flight-is-noisy", "6 fair queues", Exact, func(c *checker) {
		q := c.queue("orders")
		q.fill(100, "a", group("A"))
		q.take(30)
		q.send("b1", group("B"))
		q.expect(1, "b1")
	}},
	{"fair/a-tenth-in-flight-is-quiet", "6 fair queues", Exact, func(c *checker) {
		q := c.queue("orders")
		for i := range 300 { // each a tenant of its own
			q.send("x", group(fmt.Sprint("t", i)))
		}
		q.take(300)
		q.fill(40, "a", group("A"))
		q.take(33) // of 333: a tenth, not more
		q.send("b1", group("B"))
		q.expect(1, "a34")
	}},
	{"fair/without-group-is-never-noisy", "6 fair queues", Exact, func(c *checker) {
		q := c.queue("orders")
		q.fill(100, "u")
		q.take(60)
		q.send("b1", group("B"))
		q.expect(1, "u61")
	}},
	{"fair/fewest-in-flight-of-the-noisy", "6 fair queues", Exact, func(c *checker) {
		q := noisyQueue(c) // 60 of A in flight
		q.fill(100, "b", group("B"))
		q.take(30) // of B, which is noisy from here on
		q.expect(10, "b31", "b32", "b33", "b34", "b35", "b36", "b37", "b38", "b39", "b40")
	}},
	{"fair/fewest-in-flight-may-change", "6 fair queues", Exact, func(c *checker) {
		q := c.queue("orders")
		q.fill(200, "a", group("A"))
		ours := q.take(60)
		q.fill(100, "b", group("B"))
		q.take(40)
		q.delete(ours[:50]...) // 10 of A, 40 of B
		q.expect(1, "a61")
	}},
	{"fair/quiet-before-the-noisy-several", "6 fair queues", Exact, func(c *checker) {
		q := noisyQueue(c)
		q.fill(100, "b", group("B"))
		q.take(40)
		q.send("c1", group("C"))
		q.expect(2, "c1", "b41")
	}},
	{"fair/quiet-when-all-is-done", "6 fair queues", Exact, func(c *checker) {
		q := c.queue("orders")
		q.fill(60, "a", group("A"))
		q.delete(q.take(60)...)
		q.send("a61", group("A"))
		q.send("b1", group("B"))
		q.expect(1, "a61")
	}},
	{"fair/noisy-while-it-sends", "6 fair queues", Exact | Virtual, func(c *checker) {
		q := noisyQueue(c)
		for i := range 4 {
			c.sleep(4 * time.Minute)
			q.send(fmt.Sprint("more", i), group("A"))
		}
		q.send("b1", group("B"))
		q.expect(1, "b1")
	}},
	{"fair/noisy-until-5-minutes-without-sends", "6 fair queues", Exact | Virtual, func(c *checker) {
		q := noisyQueue(c)
		c.sleep(5*time.Minute - 1)
		q.send("b1", group("B"))
		q.expect(1, "b1")
	}},
	{"fair/quiet-after-5-minutes-without-sends", "6 fair queues", Exact | Virtual, func(c *checker) {
		q := noisyQueue(c)
		c.sleep(5 * time.Minute)
		q.send("b1", group("B"))
		q.expect(1, "a61")
	}},
	{"fair/noisy-by-processing-time", "6 fair queues", Exact | Virtual, func(c *checker) {
		q := c.queue("orders")
		q.fill(100, "a", group("A"))
		for range 4 { // A alone keeps the consumers busy, never with 30 in flight
			msgs := q.take(10)
			c.sleep(25 * time.Second)
			q.delete(msgs...)
		}
		q.take(5)
		q.send("b1", group("B"))
		q.expect(1, "b1")
	}},
	{"fair/a-small-share-of-processing-time-is-quiet", "6 fair queues", Exact | Virtual, func(c *checker) {
		q := c.queue("orders")
		for i := range 40 {
			for t := range 20 { // each has a twentieth of the time
				q.send(fmt.Sprintf("%d-%d", t, i), group(fmt.Sprint("t", t)))
			}
		}
		for range 35 {
			msgs := q.take(20)
			c.sleep(4 * time.Second)
			q.delete(msgs...)
		}
		q.send("b1", group("B"))
		q.expect(1, "0-35")
	}},
	{"fair/not-on-fifo", "6 fair queues", Exact, func(c *checker) {
		q := c.fifo("orders")
		for i := range 40 {
			q.sendTo("A", fmt.Sprint("a", i+1))
		}
		q.take(10) // locks A, as a group of a FIFO queue is locked
		q.sendTo("B", "b1")
		q.expect(10, "b1")
		q.none()
	}},
}
