package conformance

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

func sha256Hex(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

// wantDuplicate checks that a send was taken for a repeat of first.
func (c *checker) wantDuplicate(first, second *sqs.SendMessageOutput) {
	c.Helper()
	if deref(first.MessageId) != deref(second.MessageId) || deref(first.SequenceNumber) != deref(second.SequenceNumber) {
		c.Errorf("%s\nwant a duplicate, with MessageId %s and SequenceNumber %s of the first send", c.trace.last(), deref(first.MessageId), deref(first.SequenceNumber))
	}
}

// wantNew checks that a send was not taken for a repeat of first.
func (c *checker) wantNew(first, second *sqs.SendMessageOutput) {
	c.Helper()
	if deref(first.MessageId) == deref(second.MessageId) || deref(first.SequenceNumber) == deref(second.SequenceNumber) {
		c.Errorf("%s\nwant a new message, not the MessageId %s and SequenceNumber %s of the earlier send", c.trace.last(), deref(first.MessageId), deref(first.SequenceNumber))
	}
}

var dedupCases = []testCase{
	{"dedup/explicit", "5 deduplication", 0, func(c *checker) {
		q := c.queue("orders.fifo")
		first := q.send("one", group("A"), dedup("x"))
		c.wantDuplicate(first, q.send("one", group("A"), dedup("x")))
		c.wantNew(first, q.send("two", group("A"), dedup("y")))
		q.expect(10, "one", "two")
	}},
	{"dedup/explicit-with-other-body", "5 deduplication", 0, func(c *checker) {
		q := c.queue("orders.fifo")
		first := q.send("one", group("A"), dedup("x"))
		second := q.send("two", group("A"), dedup("x"))
		c.wantDuplicate(first, second)
		if c.has(Emulated) {
			equal(c, "MD5OfMessageBody of the duplicate", deref(second.MD5OfMessageBody), md5Hex([]byte("two")))
		}
		q.expect(10, "one")
	}},
	{"dedup/without-is-no-duplicate", "5 deduplication", 0, func(c *checker) {
		q := c.queue("orders.fifo")
		c.wantNew(q.send("same", group("A"), dedup("x")), q.send("same", group("A"), dedup("y")))
		q.expect(10, "same", "same")
	}},
	{"dedup/by-content", "5 deduplication", 0, func(c *checker) {
		q := c.fifo("orders").with(allSystem)
		first := q.send("one", group("A"))
		c.wantDuplicate(first, q.send("one", group("A"), with("attribute", text("String", "ignored"))))
		c.wantNew(first, q.send("two", group("A")))
		msgs := q.expect(10, "one", "two")
		equal(c, "MessageDeduplicationId", msgs[0].Attributes["MessageDeduplicationId"], sha256Hex("one"))
	}},
	{"dedup/explicit-beats-content", "5 deduplication", 0, func(c *checker) {
		q := c.fifo("orders").with(allSystem)
		first := q.send("one", group("A"), dedup("x"))
		c.wantNew(first, q.send("one", group("A"), dedup("y")))
		c.wantDuplicate(first, q.send("two", group("A"), dedup("x")))
		msgs := q.expect(10, "one", "one")
		equal(c, "MessageDeduplicationId", msgs[0].Attributes["MessageDeduplicationId"], "x")
	}},
	{"dedup/explicit-and-content-share-a-space", "5 deduplication", 0, func(c *checker) {
		q := c.fifo("orders")
		c.wantDuplicate(q.send("one", group("A")), q.send("other", group("A"), dedup(sha256Hex("one"))))
		c.wantDuplicate(q.send("x", group("A"), dedup(sha256Hex("two"))), q.send("two", group("A")))
		q.expect(10, "one", "x")
	}},
	{"dedup/window", "5 deduplication", Virtual | Exact, func(c *checker) {
		q := c.fifo("orders")
		first := q.send("one", group("A"))
		c.sleep(3 * time.Minute)
		c.wantDuplicate(first, q.send("one", group("A"))) // does not restart the window
		c.sleep(2*time.Minute - 1)
		c.wantDuplicate(first, q.send("one", group("A")))
		c.sleep(1)
		second := q.send("one", group("A"))
		c.wantNew(first, second)
		c.wantDuplicate(second, q.send("one", group("A"))) // a window of its own
		c.sleep(5 * time.Minute)
		c.wantNew(second, q.send("one", group("A")))
		q.expect(10, "one", "one", "one")
	}},
	{"dedup/kept-after-receive-and-delete", "5 deduplication", 0, func(c *checker) {
		q := c.fifo("orders")
		first := q.send("one", group("A"))
		m := q.one("one")
		c.wantDuplicate(first, q.send("one", group("A")))
		q.delete(m)
		c.wantDuplicate(first, q.send("one", group("A")))
		q.none()
	}},
	{"dedup/scope-queue", "5 deduplication", 0, func(c *checker) {
		q := c.fifo("orders")
		c.wantDuplicate(q.send("one", group("A")), q.send("one", group("B")))
		q.expect(10, "one")
	}},
	{"dedup/scope-group", "5 deduplication", 0, func(c *checker) {
		for _, limit := range []string{"perQueue", "perMessageGroupId"} {
			q := c.fifo("orders-"+limit, "DeduplicationScope", "messageGroup", "FifoThroughputLimit", limit)
			a := q.send("one", group("A"))
			b := q.send("one", group("B"))
			c.wantNew(a, b)
			c.wantDuplicate(a, q.send("one", group("A")))
			c.wantDuplicate(b, q.send("one", group("B")))
			q.expect(10, "one", "one")
		}
	}},
	{"dedup/scope-change-shows-at-once", "5 deduplication", 0, func(c *checker) {
		q := c.fifo("orders")
		q.set("DeduplicationScope", "messageGroup")
		q.wantAttribute("DeduplicationScope", "messageGroup")
	}},
	{"dedup/scope-change-to-group", "5 deduplication", Virtual | Exact, func(c *checker) {
		q := c.fifo("orders")
		before := q.send("before", group("A"))
		q.set("DeduplicationScope", "messageGroup")
		c.wantDuplicate(before, q.send("before", group("B")))
		c.wantDuplicate(q.send("after", group("A")), q.send("after", group("B"))) // first used after the change
		c.sleep(time.Minute - 1)
		c.wantDuplicate(q.send("late", group("A")), q.send("late", group("B")))
		c.sleep(1)
		c.wantNew(q.send("new", group("A")), q.send("new", group("B")))
	}},
	{"dedup/scope-change-to-queue", "5 deduplication", Virtual | Exact, func(c *checker) {
		q := c.fifo("orders", "DeduplicationScope", "messageGroup")
		before := q.send("before", group("A"))
		q.set("DeduplicationScope", "queue")
		c.wantNew(before, q.send("before", group("B")))
		c.wantNew(q.send("after", group("A")), q.send("after", group("B")))
		c.sleep(time.Minute - 1)
		c.wantNew(q.send("late", group("A")), q.send("late", group("B")))
		c.sleep(1)
		c.wantDuplicate(q.send("new", group("A")), q.send("new", group("B")))
	}},
	{"dedup/by-content-switched-on", "1 attributes", Exact, func(c *checker) {
		q := c.queue("orders.fifo")
		_, err := q.trySend("one", group("A"))
		c.wantError(err, invalidParameter, noDedup)
		q.set("ContentBasedDeduplication", "true")
		c.wantDuplicate(q.send("one", group("A")), q.send("one", group("A")))
		q.set("ContentBasedDeduplication", "false")
		_, err = q.trySend("one", group("A"))
		c.wantError(err, invalidParameter, noDedup)
	}},
	{"dedup/refused-send-takes-no-id", "5 deduplication", 0, func(c *checker) {
		q := c.queue("orders.fifo", "MaximumMessageSize", "1024")
		_, err := q.trySend(strings.Repeat("x", 1025), group("A"), dedup("x"))
		c.wantError(err, invalidParameter, tooLong(1024))
		q.send("good", group("A"), dedup("x"))
		q.expect(10, "good")
	}},
	{"dedup/across-batches", "5 deduplication", 0, func(c *checker) {
		q := c.fifo("orders")
		first := q.send("one", group("A"))
		out := q.sendBatch(entry("a", "one", group("A")), entry("b", "two", group("A")))
		c.wantSent(out, "a", "b")
		for _, e := range out.Successful {
			if deref(e.Id) == "a" {
				equal(c, "MessageId of the duplicate entry", deref(e.MessageId), deref(first.MessageId))
				equal(c, "SequenceNumber of the duplicate entry", deref(e.SequenceNumber), deref(first.SequenceNumber))
			}
		}
		q.expect(10, "one", "two")
	}},
	{"dedup/within-a-batch", "5 deduplication", Emulated, func(c *checker) {
		q := c.fifo("orders")
		out := q.sendBatch(entry("a", "one", group("A")), entry("b", "one", group("A")))
		c.wantSent(out, "a", "b")
		equal(c, "MessageId of the second entry", deref(out.Successful[1].MessageId), deref(out.Successful[0].MessageId))
		q.expect(10, "one")
	}},
	{"dedup/per-queue", "5 deduplication", 0, func(c *checker) {
		one, two := c.fifo("one"), c.fifo("two")
		one.send("same", group("A"))
		two.send("same", group("A"))
		one.expect(10, "same")
		two.expect(10, "same")
	}},
}
