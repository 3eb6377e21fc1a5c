package conformance

import (
	"strconv"
	"time"
)

// deadLetters makes a queue without timeout, so that it can be received from again
// and again, and its dead-letter queue, to which messages move after n receives.
// A name that ends in .fifo makes both FIFO.
func deadLetters(c *checker, suffix string, n int, attributes ...string) (q, dlq *queue) {
	c.Helper()
	dlq = c.queue("dlq" + suffix)
	attributes = append([]string{"VisibilityTimeout", "0", "RedrivePolicy", redrivePolicy(dlq, n)}, attributes...)
	return c.queue("orders"+suffix, attributes...), dlq
}

var redriveCases = []testCase{
	{"redrive/after-n-receives", "7 move", Exact, func(c *checker) {
		q, dlq := deadLetters(c, "", 3)
		q.send("hello")
		for i := 1; i <= 3; i++ {
			equal(c, "ApproximateReceiveCount", count(q.with(allSystem).one("hello")), strconv.Itoa(i))
			dlq.wantCounts(0, 0, 0)
		}
		q.none()
		q.wantCounts(0, 0, 0)
		dlq.wantCounts(1, 0, 0)
		dlq.expect(10, "hello")
	}},
	{"redrive/after-one-receive", "7 move", Exact, func(c *checker) {
		q, dlq := deadLetters(c, "", 1)
		q.send("hello")
		q.one("hello")
		q.none()
		dlq.expect(10, "hello")
	}},
	{"redrive/eventually", "7 move", 0, func(c *checker) {
		q, dlq := deadLetters(c, "", 1)
		q.send("hello")
		q.one("hello")
		for range 5 { // the move may take a receive or two
			q.none()
		}
		dlq.expect(1, "hello")
	}},
	{"redrive/not-by-timeout-alone", "7 move", Virtual | Exact, func(c *checker) {
		q, dlq := deadLetters(c, "", 1)
		q.set("VisibilityTimeout", "30")
		q.send("hello")
		q.one("hello")
		c.sleep(time.Hour)
		q.wantCounts(1, 0, 0)
		dlq.wantCounts(0, 0, 0)
		q.none()
		dlq.expect(10, "hello")
	}},
	{"redrive/same-receive-returns-others", "7 move", Exact | Emulated, func(c *checker) {
		q, dlq := deadLetters(c, "", 1)
		q.send("old")
		q.one("old")
		q.send("new")
		q.expect(1, "new")
		dlq.expect(10, "old")
	}},
	{"redrive/what-stays", "7 move", Exact, func(c *checker) {
		q, dlq := deadLetters(c, "", 2)
		sent := q.send("hello", with("color", text("String", "blue")), header("Root=1"), group("tenant"))
		q.one("hello")
		q.one("hello")
		q.none()
		m := dlq.with(allSystem, attributeNames("All")).one("hello")
		equal(c, "MessageId", deref(m.MessageId), deref(sent.MessageId))
		equal(c, "MD5OfMessageAttributes", deref(m.MD5OfMessageAttributes), "da1b33cc3cbfe8b1630921e78e6b9880")
		c.wantSystem(m, "SenderId", "SentTimestamp", "ApproximateReceiveCount", "ApproximateFirstReceiveTimestamp", "MessageGroupId", "AWSTraceHeader", "DeadLetterQueueSourceArn")
		equal(c, "AWSTraceHeader", m.Attributes["AWSTraceHeader"], "Root=1")
		equal(c, "MessageGroupId", m.Attributes["MessageGroupId"], "tenant")
		equal(c, "DeadLetterQueueSourceArn", m.Attributes["DeadLetterQueueSourceArn"], q.arn())
		equal(c, "ApproximateReceiveCount", count(m), "3")
	}},
	{"redrive/sent-timestamp-stays-on-standard", "7 move", Virtual | Exact, func(c *checker) {
		q, dlq := deadLetters(c, "", 1)
		sent := strconv.FormatInt(time.Now().UnixMilli(), 10)
		q.send("hello")
		c.sleep(time.Hour)
		q.one("hello")
		q.none()
		equal(c, "SentTimestamp", dlq.with(allSystem).one("hello").Attributes["SentTimestamp"], sent)
	}},
	{"redrive/old-handle", "7 move", Exact, func(c *checker) {
		q, dlq := deadLetters(c, "", 1)
		q.send("hello")
		m := q.one("hello")
		q.none()
		q.delete(m) // succeeds
		dlq.expect(10, "hello")
	}},
	{"redrive/policy-set-later", "7 move", Exact, func(c *checker) {
		q, dlq := c.queue("orders", "VisibilityTimeout", "0"), c.queue("dlq")
		q.send("hello")
		for range 5 {
			q.one("hello")
		}
		q.set("RedrivePolicy", redrivePolicy(dlq, 5))
		q.none()
		dlq.expect(10, "hello")
	}},
	{"redrive/policy-removed", "7 move", Exact, func(c *checker) {
		q, dlq := deadLetters(c, "", 1)
		q.send("hello")
		q.one("hello")
		q.set("RedrivePolicy", "")
		q.one("hello")
		dlq.wantCounts(0, 0, 0)
	}},
	{"redrive/several-sources", "7 move", Exact, func(c *checker) {
		q, dlq := deadLetters(c, "", 1)
		other := c.queue("other", "VisibilityTimeout", "0", "RedrivePolicy", redrivePolicy(dlq, 1))
		for _, s := range []*queue{q, other} {
			s.send(s.name)
			s.one(s.name)
			s.none()
		}
		for range 2 {
			m := dlq.with(allSystem).receive(1)
			if len(m) != 1 {
				c.Fatalf("%s\nwant a message", c.trace.last())
			}
			want := q.arn()
			if deref(m[0].Body) == other.name {
				want = other.arn()
			}
			equal(c, "DeadLetterQueueSourceArn of "+deref(m[0].Body), m[0].Attributes["DeadLetterQueueSourceArn"], want)
		}
	}},

	{"redrive/fifo", "5 DLQ from FIFO", Exact, func(c *checker) {
		q, dlq := deadLetters(c, ".fifo", 2)
		sent := q.send("a1", group("A"), dedup("x"))
		q.one("a1")
		q.one("a1")
		q.none()
		m := dlq.with(allSystem).one("a1")
		equal(c, "MessageId", deref(m.MessageId), deref(sent.MessageId))
		equal(c, "MessageGroupId", m.Attributes["MessageGroupId"], "A")
		equal(c, "MessageDeduplicationId", m.Attributes["MessageDeduplicationId"], deref(sent.MessageId))
		equal(c, "DeadLetterQueueSourceArn", m.Attributes["DeadLetterQueueSourceArn"], q.arn())
		equal(c, "ApproximateReceiveCount", count(m), "3")
	}},
	{"redrive/fifo-group-continues", "5 DLQ from FIFO", Exact | Emulated, func(c *checker) {
		q, dlq := deadLetters(c, ".fifo", 1, "ContentBasedDeduplication", "true")
		q.sendTo("A", "a1", "a2")
		q.one("a1")
		q.expect(1, "a2") // in the very receive that moves a1
		dlq.expect(10, "a1")
	}},
	{"redrive/fifo-in-order", "5 DLQ from FIFO", Exact, func(c *checker) {
		q, dlq := deadLetters(c, ".fifo", 1, "ContentBasedDeduplication", "true")
		q.sendTo("A", "a1", "a2", "a3")
		q.expect(10, "a1", "a2", "a3")
		q.none()
		dlq.expect(10, "a1", "a2", "a3")
	}},
	{"redrive/fifo-equal-dedup-ids", "5 DLQ from FIFO", Exact, func(c *checker) {
		q, dlq := deadLetters(c, ".fifo", 1, "DeduplicationScope", "messageGroup")
		q.send("a1", group("A"), dedup("x"))
		q.send("b1", group("B"), dedup("x"))
		q.expect(10, "a1", "b1")
		q.none()
		dlq.expect(10, "a1", "b1")
	}},
	{"redrive/fifo-sent-timestamp-is-reset", "7 move", Virtual | Exact, func(c *checker) {
		q, dlq := deadLetters(c, ".fifo", 1, "ContentBasedDeduplication", "true")
		q.sendTo("A", "a1")
		c.sleep(time.Hour)
		q.one("a1")
		c.sleep(time.Minute)
		q.none()
		moved := strconv.FormatInt(time.Now().UnixMilli(), 10)
		c.sleep(time.Minute)
		equal(c, "SentTimestamp", dlq.with(allSystem).one("a1").Attributes["SentTimestamp"], moved)
	}},
	{"redrive/fifo-group-not-blocked-by-moved", "5 DLQ from FIFO", Exact, func(c *checker) {
		q, dlq := deadLetters(c, ".fifo", 1, "ContentBasedDeduplication", "true")
		q.sendTo("A", "a1")
		q.one("a1")
		q.none()
		q.sendTo("A", "a2")
		q.expect(10, "a2")
		dlq.expect(10, "a1")
	}},
}
