package conformance

import "time"

var purgeCases = []testCase{
	{"purge/all-kinds", "8 PurgeQueue", Virtual | Exact, func(c *checker) {
		q := c.queue("orders")
		q.fill(5, "m")
		q.receive(2)
		q.send("late", delay(60))
		q.wantCounts(3, 2, 1)
		c.do(q.tryPurge())
		q.wantCounts(0, 0, 0)
		q.none()
		c.sleep(time.Hour)
		q.none()
	}},
	{"purge/usable-at-once", "8 PurgeQueue", Exact, func(c *checker) {
		q := c.queue("orders")
		q.send("old")
		c.do(q.tryPurge())
		q.send("new")
		q.expect(10, "new")
	}},
	{"purge/once-in-60s", "8 PurgeQueue", 0, func(c *checker) {
		q, other := c.queue("orders"), c.queue("other")
		c.do(q.tryPurge())
		c.wantError(q.tryPurge(), purgeInProgress, "Only one PurgeQueue operation on "+q.name+" is allowed every 60 seconds.")
		c.do(other.tryPurge())
	}},
	{"purge/again-after-60s", "8 PurgeQueue", Virtual | Exact, func(c *checker) {
		q := c.queue("orders")
		c.do(q.tryPurge())
		c.sleep(time.Minute - 1)
		q.send("hello")
		c.wantError(q.tryPurge(), purgeInProgress, "Only one PurgeQueue operation on "+q.name+" is allowed every 60 seconds.")
		q.wantCounts(1, 0, 0)
		c.sleep(1)
		c.do(q.tryPurge())
		q.wantCounts(0, 0, 0)
	}},
	{"purge/old-handles", "8 PurgeQueue", Exact, func(c *checker) {
		q := c.queue("orders")
		q.send("hello")
		m := q.one("hello")
		c.do(q.tryPurge())
		q.delete(m) // as if deleted before
		h := deref(m.ReceiptHandle)
		c.wantError(q.tryChange(h, 10), invalidParameter, "Value "+h+messageGone)
	}},
	{"purge/fifo-clears-dedup", "8 PurgeQueue", Exact, func(c *checker) {
		q := c.fifo("orders")
		first := q.send("one", group("A"))
		c.do(q.tryPurge())
		c.wantNew(first, q.send("one", group("A")))
		q.expect(10, "one")
	}},
	{"purge/fifo-unlocks-groups", "8 PurgeQueue", Exact, func(c *checker) {
		q := c.fifo("orders")
		q.sendTo("A", "a1", "a2")
		q.one("a1")
		c.do(q.tryPurge())
		q.wantCounts(0, 0, 0)
		q.sendTo("A", "a3")
		q.expect(10, "a3")
	}},
	{"purge/one-queue-only", "8 PurgeQueue", Exact, func(c *checker) {
		q, other := c.queue("orders"), c.queue("other")
		q.send("gone")
		other.send("stays")
		c.do(q.tryPurge())
		other.expect(10, "stays")
	}},
}
