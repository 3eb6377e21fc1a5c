package conformance

import (
	"fmt"
	"time"
)

const (
	badTimeout    = " for parameter VisibilityTimeout is invalid. Reason: Must be between 0 and 43200."
	beyondLimit   = " for parameter VisibilityTimeout is invalid. Reason: Total VisibilityTimeout for the message is beyond the limit [43200 seconds]"
	handleExpired = " for parameter ReceiptHandle is invalid. Reason: The receipt handle has expired."
	messageGone   = " for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not available for visibility timeout change."
)

// wantHidden checks that the message "hello" stays hidden for d more, to the
// nanosecond.
func wantHidden(q *queue, d time.Duration) {
	q.c.Helper()
	q.c.sleep(d - 1)
	q.none()
	q.c.sleep(1)
	q.expect(10, "hello")
}

var visibilityCases = []testCase{
	{"visibility/default", "3 parameters", Virtual | Exact, func(c *checker) {
		q := c.queue("orders")
		q.send("hello")
		q.one("hello")
		wantHidden(q, 30*time.Second)
	}},
	{"visibility/of-the-queue", "3 parameters", Virtual | Exact, func(c *checker) {
		q := c.queue("orders", "VisibilityTimeout", "7")
		q.send("hello")
		q.one("hello")
		wantHidden(q, 7*time.Second)
	}},
	{"visibility/of-the-receive", "3 receipt handles", Virtual | Exact, func(c *checker) {
		q := c.queue("orders", "VisibilityTimeout", "7")
		q.send("hello")
		q.with(hide(60)).one("hello")
		wantHidden(q, time.Minute)
		wantHidden(q, 7*time.Second) // it applied to that receive only
	}},
	{"visibility/in-real-time", "3 parameters", 0, func(c *checker) {
		q := c.queue("orders", "VisibilityTimeout", "3")
		q.send("hello")
		first := q.one("hello")
		q.none()
		c.sleep(3 * time.Second)
		again := q.one("hello")
		equal(c, "MessageId", deref(again.MessageId), deref(first.MessageId))
		if deref(again.ReceiptHandle) == deref(first.ReceiptHandle) {
			c.Errorf("two receives gave one handle, %s", deref(first.ReceiptHandle))
		}
	}},
	{"visibility/zero-on-receive", "3 receipt handles", 0, func(c *checker) {
		q := c.queue("orders", "VisibilityTimeout", "0").with(allSystem)
		q.send("hello")
		handles := map[string]bool{}
		for range 3 {
			handles[deref(q.one("hello").ReceiptHandle)] = true
		}
		equal(c, "different handles of three receives", len(handles), 3)
		if c.has(Exact) {
			q.wantCounts(1, 0, 0)
			equal(c, "ApproximateReceiveCount", count(q.one("hello")), "4")
		}
	}},
	{"visibility/change-of-the-queue-is-for-later-receives", "3 parameters", Virtual | Exact, func(c *checker) {
		q := c.queue("orders")
		q.send("hello")
		q.one("hello")
		q.set("VisibilityTimeout", "100")
		wantHidden(q, 30*time.Second)
		wantHidden(q, 100*time.Second)
	}},
	{"visibility/longest", "3 parameters", Virtual | Exact, func(c *checker) {
		q := c.queue("orders")
		q.send("hello")
		q.with(hide(43200)).one("hello")
		wantHidden(q, 12*time.Hour)
	}},

	{"visibility/change-out-of-range", "4 timeout", 0, func(c *checker) {
		q := c.queue("orders")
		q.send("hello")
		m := q.one("hello")
		for _, n := range []int32{-1, 43201} {
			c.wantError(q.tryChange(deref(m.ReceiptHandle), n), invalidParameter, c.emulated(fmt.Sprint("Value ", n, badTimeout)))
		}
	}},
	{"visibility/change-replaces", "4 timeout", Virtual | Exact, func(c *checker) {
		q := c.queue("orders")
		q.send("hello")
		m := q.one("hello")
		c.sleep(20 * time.Second)
		q.change(m, 60) // counts from now
		wantHidden(q, time.Minute)
		wantHidden(q, 30*time.Second) // the next receive uses the default again
	}},
	{"visibility/change-shortens", "4 timeout", Virtual | Exact, func(c *checker) {
		q := c.queue("orders")
		q.send("hello")
		q.change(q.one("hello"), 5)
		wantHidden(q, 5*time.Second)
	}},
	{"visibility/change-again-and-again", "4 timeout", Virtual | Exact, func(c *checker) {
		q := c.queue("orders", "VisibilityTimeout", "10")
		q.send("hello")
		m := q.one("hello")
		for range 100 {
			c.sleep(10*time.Second - 1)
			q.change(m, 10)
			q.none()
		}
		wantHidden(q, 10*time.Second)
	}},
	{"visibility/change-to-0", "4 timeout", 0, func(c *checker) {
		q := c.queue("orders")
		q.send("hello")
		q.change(q.one("hello"), 0)
		m := q.one("hello")
		q.none()
		q.delete(m)
	}},
	{"visibility/limit-at-once", "4 timeout", 0, func(c *checker) {
		q := c.queue("orders")
		q.send("hello")
		m := q.one("hello")
		c.wantError(q.tryChange(deref(m.ReceiptHandle), 43200), invalidParameter, "Value 43200"+beyondLimit)
		if c.has(Exact) {
			q.change(m, 43199)
		}
	}},
	{"visibility/limit-later", "4 timeout", Virtual | Exact, func(c *checker) {
		q := c.queue("orders", "VisibilityTimeout", "600")
		q.send("hello")
		m := q.one("hello")
		c.sleep(10 * time.Second)
		c.wantError(q.tryChange(deref(m.ReceiptHandle), 43190), invalidParameter, "Value 43190"+beyondLimit)
		q.change(m, 43189)
		c.sleep(43188 * time.Second) // 2 s left of the 12 h, 1 s of the timeout
		c.wantError(q.tryChange(deref(m.ReceiptHandle), 2), invalidParameter, "Value 2"+beyondLimit)
		q.change(m, 1)
		wantHidden(q, time.Second)
	}},
	{"visibility/limit-restarts-with-a-receive", "4 timeout", Virtual | Exact, func(c *checker) {
		q := c.queue("orders")
		q.send("hello")
		q.one("hello")
		c.sleep(11 * time.Hour)
		m := q.one("hello")
		q.change(m, 43199)
		wantHidden(q, 43199*time.Second)
	}},
	{"visibility/refused-change-changes-nothing", "4 timeout", Virtual | Exact, func(c *checker) {
		q := c.queue("orders")
		q.send("hello")
		m := q.one("hello")
		c.sleep(10 * time.Second)
		c.wantError(q.tryChange(deref(m.ReceiptHandle), 43200), invalidParameter, "Value 43200"+beyondLimit)
		wantHidden(q, 20*time.Second)
	}},
	{"visibility/limit-on-fifo", "4 timeout", 0, func(c *checker) {
		q := c.fifo("orders")
		q.sendTo("A", "a1")
		m := q.one("a1")
		c.wantError(q.tryChange(deref(m.ReceiptHandle), 43200), invalidParameter, "Value 43200"+beyondLimit)
		if c.has(Exact) {
			q.change(m, 43199)
		}
	}},
}
