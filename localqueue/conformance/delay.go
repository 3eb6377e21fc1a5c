package conformance

import (
	"strconv"
	"time"
)

var delayCases = []testCase{
	{"delay/of-a-message", "2 delay", Virtual | Exact, func(c *checker) {
		q := c.queue("orders")
		q.send("late", delay(900))
		q.send("now")
		q.expect(10, "now")
		c.sleep(15*time.Minute - 1)
		q.with(hide(43200)).expect(10, "now") // its default timeout is long over
		q.wantCounts(0, 1, 1)
		c.sleep(1)
		q.expect(10, "late")
	}},
	{"delay/of-the-queue", "2 delay", Virtual | Exact, func(c *checker) {
		q := c.queue("orders", "DelaySeconds", "60")
		q.send("queue")
		q.send("own", delay(10)) // overrides the queue's
		q = q.with(hide(600))
		c.sleep(10*time.Second - 1)
		q.none()
		c.sleep(1)
		q.expect(10, "own")
		c.sleep(50*time.Second - 1)
		q.none()
		c.sleep(1)
		q.expect(10, "queue")
	}},
	{"delay/hides", "2 delay", 0, func(c *checker) {
		q := c.queue("orders")
		q.send("late", delay(3))
		q.none()
		c.sleep(3 * time.Second)
		q.expect(1, "late")
	}},
	{"delay/out-of-range", "2 delay", 0, func(c *checker) {
		q := c.queue("orders")
		for _, n := range []int32{-1, 901} {
			_, err := q.trySend("hello", delay(n))
			c.wantError(err, invalidParameter, "Value "+strconv.Itoa(int(n))+badDelay)
		}
	}},
	{"delay/out-of-range-in-batch", "2 delay", 0, func(c *checker) {
		q := c.queue("orders")
		out := q.sendBatch(entry("bad", "x", delay(901)), entry("good", "hello"), entry("late", "late", delay(900)))
		c.wantSent(out, "good", "late")
		c.wantFailed(out.Failed, failure{"bad", invalidParameter, c.emulated("Value 901" + badDelay)})
		q.expect(10, "hello")
	}},
	{"delay/change-on-standard", "2 delay", Virtual | Exact, func(c *checker) {
		q := c.queue("orders")
		q.send("before")
		q.set("DelaySeconds", "60")
		q.send("after")
		q.expect(10, "before") // is not affected
		q.set("DelaySeconds", "0")
		c.sleep(time.Minute - 1)
		q.with(hide(600)).expect(10, "before")
		c.sleep(1)
		q.expect(10, "after") // keeps the delay it was sent with
	}},
	{"delay/fifo-has-none-per-message", "2 delay", 0, func(c *checker) {
		q := c.fifo("orders")
		_, err := q.trySend("hello", group("A"), delay(5))
		c.wantError(err, invalidParameter, "Value 5 for parameter DelaySeconds is invalid. Reason: "+wrongQueueType)
		q.none()
	}},
	{"delay/fifo-queue", "2 delay", Virtual | Exact, func(c *checker) {
		q := c.fifo("orders", "DelaySeconds", "60")
		q.sendTo("A", "a1")
		c.sleep(time.Second)
		q.sendTo("A", "a2")
		q.wantCounts(0, 0, 2)
		c.sleep(59*time.Second - 1)
		q.none()
		c.sleep(1)
		q.expect(10, "a1")
		c.sleep(time.Second)
		q.wantCounts(1, 1, 0)
	}},
	{"delay/fifo-change-lowered", "2 delay", Virtual | Exact, func(c *checker) {
		q := c.fifo("orders", "DelaySeconds", "600")
		q.sendTo("A", "a1")
		c.sleep(time.Second)
		q.none()
		q.set("DelaySeconds", "30") // counts from the send
		c.sleep(29*time.Second - 1)
		q.none()
		c.sleep(1)
		q.expect(10, "a1")
	}},
	{"delay/fifo-change-raised", "2 delay", Virtual | Exact, func(c *checker) {
		q := c.fifo("orders")
		q.sendTo("A", "a1")
		q.set("DelaySeconds", "60")
		q.none()
		q.wantCounts(0, 0, 1)
		c.sleep(time.Minute - 1)
		q.none()
		c.sleep(1)
		q.expect(10, "a1")
	}},
	{"delay/fifo-change-spares-the-received", "2 delay", Exact | Emulated, func(c *checker) {
		q := c.fifo("orders")
		q.sendTo("A", "a1")
		q.change(q.one("a1"), 0)
		q.set("DelaySeconds", "60") // is for messages that were never received
		q.expect(10, "a1")
	}},
}
