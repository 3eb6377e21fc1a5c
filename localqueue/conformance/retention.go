package conformance

import "time"

// wantKept checks that the queue's one message is there for d more, to the nanosecond.
func wantKept(q *queue, d time.Duration) {
	q.c.Helper()
	q.c.sleep(d - 1)
	q.wantCounts(1, 0, 0)
	q.c.sleep(1)
	q.wantCounts(0, 0, 0)
	q.none()
}

var retentionCases = []testCase{
	{"retention/default", "2 retention", Virtual | Exact, func(c *checker) {
		q := c.queue("orders")
		q.send("hello")
		wantKept(q, 4*24*time.Hour)
	}},
	{"retention/shortest", "2 retention", Virtual | Exact, func(c *checker) {
		q := c.queue("orders", "MessageRetentionPeriod", "60")
		q.send("hello")
		wantKept(q, time.Minute)
	}},
	{"retention/longest", "2 retention", Virtual | Exact, func(c *checker) {
		q := c.queue("orders", "MessageRetentionPeriod", "1209600")
		q.send("hello")
		wantKept(q, 14*24*time.Hour)
	}},
	{"retention/fifo", "2 retention", Virtual | Exact, func(c *checker) {
		q := c.fifo("orders", "MessageRetentionPeriod", "60")
		q.sendTo("A", "a1")
		wantKept(q, time.Minute)
	}},
	{"retention/each-message-its-own", "2 retention", Virtual | Exact, func(c *checker) {
		q := c.queue("orders", "MessageRetentionPeriod", "60")
		q.send("old")
		c.sleep(30 * time.Second)
		q.send("young")
		c.sleep(30 * time.Second)
		q.expect(10, "young")
	}},
	{"retention/counts-from-the-send-despite-delay", "2 retention", Virtual | Exact, func(c *checker) {
		q := c.queue("orders", "MessageRetentionPeriod", "60")
		q.send("hello", delay(40))
		c.sleep(40 * time.Second)
		wantKept(q, 20*time.Second)
	}},
	{"retention/delayed-beyond-it", "2 retention", Virtual | Exact, func(c *checker) {
		q := c.queue("orders", "MessageRetentionPeriod", "60")
		q.send("hello", delay(90))
		c.sleep(time.Minute - 1)
		q.wantCounts(0, 0, 1)
		c.sleep(1)
		q.wantCounts(0, 0, 0)
		c.sleep(time.Minute)
		q.none()
	}},
	{"retention/in-flight", "2 retention", Virtual | Exact, func(c *checker) {
		q := c.queue("orders", "MessageRetentionPeriod", "60", "VisibilityTimeout", "600")
		q.send("hello")
		m := q.one("hello")
		c.sleep(time.Minute - 1)
		q.wantCounts(0, 1, 0)
		c.sleep(1)
		q.wantCounts(0, 0, 0)
		q.delete(m) // its handle still deletes, without effect
		c.sleep(time.Hour)
		q.none()
	}},
	{"retention/receive-does-not-restart-it", "2 retention", Virtual | Exact, func(c *checker) {
		q := c.queue("orders", "MessageRetentionPeriod", "60", "VisibilityTimeout", "5")
		q.send("hello")
		for range 11 {
			q.one("hello")
			c.sleep(5 * time.Second)
		}
		wantKept(q, 5*time.Second)
	}},
	{"retention/shortened", "1 attributes", Virtual | Exact, func(c *checker) {
		q := c.queue("orders")
		q.send("old")
		c.sleep(100 * time.Second)
		q.send("young")
		c.sleep(10 * time.Second)
		q.set("MessageRetentionPeriod", "60")
		q.wantCounts(1, 0, 0) // the old one has expired
		wantKept(q, 50*time.Second)
	}},
	{"retention/lengthened", "1 attributes", Virtual | Exact, func(c *checker) {
		q := c.queue("orders", "MessageRetentionPeriod", "60")
		q.send("hello")
		c.sleep(30 * time.Second)
		q.set("MessageRetentionPeriod", "120")
		wantKept(q, 90*time.Second)
	}},
	{"retention/fifo-expiry-unlocks", "2 retention", Virtual | Exact, func(c *checker) {
		q := c.fifo("orders", "MessageRetentionPeriod", "60", "VisibilityTimeout", "600")
		q.sendTo("A", "a1")
		c.sleep(30 * time.Second)
		q.sendTo("A", "a2")
		q.one("a1")
		c.sleep(30*time.Second - 1)
		q.none()
		c.sleep(1)
		q.expect(10, "a2")
	}},
	{"retention/dlq-of-standard-goes-on", "2 retention", Virtual | Exact, func(c *checker) {
		q, dlq := deadLetters(c, "", 1)
		dlq.set("MessageRetentionPeriod", "7200")
		q.send("hello")
		c.sleep(time.Hour)
		q.one("hello")
		q.none()
		wantKept(dlq, time.Hour)
	}},
	{"retention/dlq-of-fifo-starts-anew", "2 retention", Virtual | Exact, func(c *checker) {
		q, dlq := deadLetters(c, ".fifo", 1, "ContentBasedDeduplication", "true")
		dlq.set("MessageRetentionPeriod", "7200")
		q.sendTo("A", "a1")
		c.sleep(time.Hour)
		q.one("a1")
		q.none()
		wantKept(dlq, 2*time.Hour)
	}},
}
