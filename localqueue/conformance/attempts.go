package conformance

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// wantSameReceive checks that two replies hold the same messages by the same handles.
func (c *checker) wantSameReceive(first, second []types.Message) {
	c.Helper()
	for i := range first {
		equal(c, "MessageId of "+deref(first[i].Body), deref(second[i].MessageId), deref(first[i].MessageId))
		equal(c, "ReceiptHandle of "+deref(first[i].Body), deref(second[i].ReceiptHandle), deref(first[i].ReceiptHandle))
	}
}

var attemptCases = []testCase{
	{"attempts/repeat", "3 ReceiveRequestAttemptId", 0, func(c *checker) {
		q := c.fifo("orders").with(attempt("x"))
		q.sendTo("A", "a1", "a2")
		first := q.expect(10, "a1", "a2")
		c.wantSameReceive(first, q.expect(10, "a1", "a2"))
		q.delete(first...)
	}},
	{"attempts/repeat-again-and-again", "3 ReceiveRequestAttemptId", 0, func(c *checker) {
		q := c.fifo("orders").with(attempt("x"))
		q.sendTo("A", "a1")
		first := q.expect(10, "a1")
		for range 5 {
			c.wantSameReceive(first, q.expect(10, "a1"))
		}
		q.delete(first...)
	}},
	{"attempts/repeat-leaves-new-messages", "3 ReceiveRequestAttemptId", Exact, func(c *checker) {
		q := c.fifo("orders").with(attempt("x"))
		q.sendTo("A", "a1")
		first := q.expect(10, "a1")
		q.sendTo("B", "b1")
		c.wantSameReceive(first, q.expect(10, "a1"))
		q.with(attempt("y")).expect(10, "b1")
	}},
	{"attempts/other-id-is-another-receive", "3 ReceiveRequestAttemptId", 0, func(c *checker) {
		q := c.fifo("orders")
		q.sendTo("A", "a1", "a2")
		q.with(attempt("x")).expect(1, "a1")
		q.with(attempt("y")).none()
		q.none() // no id: SQS makes one up
	}},
	{"attempts/repeat-restarts-the-timeout", "3 ReceiveRequestAttemptId", Virtual | Exact, func(c *checker) {
		q := c.fifo("orders")
		q.sendTo("A", "a1", "a2")
		q.with(attempt("x")).expect(1, "a1")
		c.sleep(20 * time.Second)
		m := q.with(attempt("x")).expect(1, "a1")[0]
		c.sleep(30*time.Second - 1)
		q.none()
		q.change(m, 10)
		c.sleep(10*time.Second - 1)
		q.none()
		c.sleep(1)
		q.expect(10, "a1", "a2")
	}},
	{"attempts/repeat-until-5-minutes", "3 ReceiveRequestAttemptId", Virtual | Exact, func(c *checker) {
		q := c.fifo("orders", "VisibilityTimeout", "3600").with(attempt("x"))
		q.sendTo("A", "a1")
		first := q.expect(10, "a1")
		c.sleep(5*time.Minute - 1)
		c.wantSameReceive(first, q.expect(10, "a1"))
	}},
	{"attempts/forgotten-after-5-minutes", "3 ReceiveRequestAttemptId", Virtual | Exact, func(c *checker) {
		q := c.fifo("orders", "VisibilityTimeout", "3600").with(attempt("x"))
		q.sendTo("A", "a1")
		q.expect(10, "a1")
		c.sleep(5 * time.Minute)
		q.none() // a new receive, and a1 is in flight
		q.sendTo("B", "b1")
		q.with(attempt("y")).expect(10, "b1")
	}},
	{"attempts/void-after-a-delete", "3 ReceiveRequestAttemptId", Exact | Emulated, func(c *checker) {
		q := c.fifo("orders").with(attempt("x"))
		q.sendTo("A", "a1")
		q.sendTo("B", "b1")
		q.sendTo("A", "a2")
		msgs := q.expect(3, "a1", "a2", "b1")
		q.delete(msgs[0])
		q.none() // a new receive, and both others are in flight
	}},
	{"attempts/void-after-a-change", "3 ReceiveRequestAttemptId", Exact | Emulated, func(c *checker) {
		q := c.fifo("orders").with(attempt("x"))
		q.sendTo("A", "a1")
		q.sendTo("B", "b1")
		msgs := q.expect(10, "a1", "b1")
		q.change(msgs[0], 60)
		q.none()
	}},
	{"attempts/void-after-a-reset", "3 ReceiveRequestAttemptId", Exact | Emulated, func(c *checker) {
		q := c.fifo("orders").with(attempt("x"))
		q.sendTo("A", "a1")
		q.sendTo("B", "b1")
		msgs := q.expect(10, "a1", "b1")
		q.change(msgs[0], 0)
		again := q.expect(10, "a1")
		if deref(again[0].ReceiptHandle) == deref(msgs[0].ReceiptHandle) {
			c.Errorf("%s\nwant a new receive, with a new handle", c.trace.last())
		}
	}},
	{"attempts/void-after-another-receive", "3 ReceiveRequestAttemptId", Virtual | Exact | Emulated, func(c *checker) {
		q := c.fifo("orders")
		q.sendTo("A", "a1")
		q.with(attempt("x")).expect(10, "a1")
		c.sleep(30 * time.Second)
		q.with(attempt("y")).expect(10, "a1")
		q.with(attempt("x")).none()
	}},
	{"attempts/per-queue", "3 ReceiveRequestAttemptId", 0, func(c *checker) {
		one, two := c.fifo("one").with(attempt("x")), c.fifo("two").with(attempt("x"))
		one.sendTo("A", "a1")
		two.sendTo("A", "a2")
		one.expect(10, "a1")
		two.expect(10, "a2")
	}},
}
