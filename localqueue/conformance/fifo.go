package conformance

import (
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// The rule behind these cases: a message of a group is deliverable if and only if
// it is available itself and no earlier undeleted message of its group is in flight.
var fifoCases = []testCase{
	{"fifo/in-order", "5 order rule", 0, func(c *checker) {
		q := c.fifo("orders")
		q.sendTo("A", "a1", "a2", "a3")
		for _, body := range []string{"a1", "a2", "a3"} {
			q.delete(q.one(body))
		}
		q.none()
	}},
	{"fifo/several-of-a-group-at-once", "5 order rule", 0, func(c *checker) {
		q := c.fifo("orders")
		q.sendTo("A", "a1", "a2", "a3")
		q.expect(10, "a1", "a2", "a3")
	}},
	{"fifo/in-flight-locks-the-later", "5 order rule", 0, func(c *checker) {
		q := c.fifo("orders")
		q.sendTo("A", "a1", "a2", "a3", "a4")
		q.expect(2, "a1", "a2")
		q.none()
	}},
	{"fifo/later-send-is-locked-too", "5 order rule", 0, func(c *checker) {
		q := c.fifo("orders")
		q.sendTo("A", "a1")
		q.one("a1")
		q.sendTo("A", "a2")
		q.none()
	}},
	{"fifo/other-groups-flow", "5 order rule", 0, func(c *checker) {
		q := c.fifo("orders")
		q.sendTo("A", "a1", "a2")
		q.sendTo("B", "b1")
		q.one("a1")
		q.expect(10, "b1")
		q.none()
	}},
	{"fifo/delete-all-unlocks", "5 order rule", 0, func(c *checker) {
		q := c.fifo("orders")
		q.sendTo("A", "a1", "a2", "a3", "a4")
		msgs := q.expect(2, "a1", "a2")
		q.delete(msgs...)
		q.expect(10, "a3", "a4")
	}},
	{"fifo/delete-some-does-not", "5 order rule", 0, func(c *checker) {
		for _, i := range []int{0, 1} {
			q := c.fifo(fmt.Sprint("orders", i))
			q.sendTo("A", "a1", "a2", "a3")
			msgs := q.expect(2, "a1", "a2")
			q.delete(msgs[i])
			q.none()
		}
	}},
	{"fifo/expiry-of-all-unlocks", "5 order rule", Virtual | Exact, func(c *checker) {
		q := c.fifo("orders")
		q.sendTo("A", "a1", "a2", "a3")
		q.expect(2, "a1", "a2")
		c.sleep(30*time.Second - 1)
		q.none()
		c.sleep(1)
		q.expect(10, "a1", "a2", "a3")
	}},
	{"fifo/expiry-of-some", "5 order rule", Virtual | Exact, func(c *checker) {
		q := c.fifo("orders")
		q.sendTo("A", "a1", "a2", "a3", "a4")
		msgs := q.expect(3, "a1", "a2", "a3")
		q.change(msgs[0], 10)
		c.sleep(10*time.Second - 1)
		q.none()
		c.sleep(1)
		q.expect(10, "a1") // alone: a2 and a3 are in flight, a4 is behind them
	}},
	{"fifo/reset-of-the-first", "5 order rule", Exact, func(c *checker) {
		q := c.fifo("orders")
		q.sendTo("A", "a1", "a2", "a3")
		msgs := q.expect(2, "a1", "a2")
		q.change(msgs[0], 0)
		q.expect(10, "a1")
		q.none()
	}},
	{"fifo/reset-of-a-later", "5 order rule", Exact, func(c *checker) {
		q := c.fifo("orders")
		q.sendTo("A", "a1", "a2", "a3")
		msgs := q.expect(2, "a1", "a2")
		q.change(msgs[1], 0)
		q.none() // a2 waits for a1
		q.delete(msgs[0])
		q.expect(10, "a2", "a3")
	}},
	{"fifo/reset-of-all", "5 order rule", Exact, func(c *checker) {
		q := c.fifo("orders")
		q.sendTo("A", "a1", "a2", "a3")
		msgs := q.expect(2, "a1", "a2")
		q.change(msgs[1], 0)
		q.change(msgs[0], 0)
		q.expect(10, "a1", "a2", "a3")
	}},
	{"fifo/reset-of-the-middle", "5 order rule", Exact, func(c *checker) {
		q := c.fifo("orders")
		q.sendTo("A", "a1", "a2", "a3", "a4")
		msgs := q.expect(3, "a1", "a2", "a3")
		q.delete(msgs[0])
		q.change(msgs[1], 0)
		q.expect(10, "a2") // a4 waits for a3
		q.none()
		q.delete(msgs[2])
		q.none() // a4 waits for a2
	}},
	{"fifo/lapsed-locks-when-received-again", "5 order rule", Virtual | Exact, func(c *checker) {
		q := c.fifo("orders")
		q.sendTo("A", "a1", "a2")
		q.expect(10, "a1", "a2")
		c.sleep(30 * time.Second)
		m := q.one("a1")
		q.none()
		q.delete(m)
		q.expect(10, "a2")
	}},
	{"fifo/hole-by-delete", "5 order rule", Virtual | Exact, func(c *checker) {
		q := c.fifo("orders")
		q.sendTo("A", "a1", "a2", "a3")
		msgs := q.expect(2, "a1", "a2")
		q.delete(msgs[1])
		c.sleep(30 * time.Second)
		q.expect(10, "a1", "a3")
	}},
	{"fifo/extension-keeps-the-lock", "5 order rule", Virtual | Exact, func(c *checker) {
		q := c.fifo("orders")
		q.sendTo("A", "a1", "a2")
		m := q.one("a1")
		c.sleep(20 * time.Second)
		q.change(m, 60)
		c.sleep(time.Minute - 1)
		q.none()
		c.sleep(1)
		q.expect(10, "a1", "a2")
	}},
	{"fifo/received-with-0-locks-nothing", "5 order rule", Exact, func(c *checker) {
		q := c.fifo("orders", "VisibilityTimeout", "0")
		q.sendTo("A", "a1", "a2")
		q.expect(1, "a1")
		q.expect(1, "a1")
		q.expect(10, "a1", "a2")
	}},
	{"fifo/many-groups-in-parallel", "5 order rule", Exact, func(c *checker) {
		q := c.fifo("orders")
		const groups, rounds = 50, 3
		for i := range rounds {
			for g := range groups {
				q.sendTo(fmt.Sprint("g", g), fmt.Sprintf("%d-%d", g, i))
			}
		}
		for i := range rounds { // each round locks every group once
			seen := map[string]bool{}
			var msgs []types.Message
			for range groups {
				msgs = append(msgs, q.take(1)...)
			}
			for _, m := range msgs {
				seen[deref(m.Body)] = true
			}
			for g := range groups {
				if body := fmt.Sprintf("%d-%d", g, i); !seen[body] {
					c.Fatalf("round %d: want one message of each group, got %q, without %s", i, bodies(msgs), body)
				}
			}
			q.none()
			q.delete(msgs...)
		}
	}},
	{"fifo/blocked-group-hides-nothing", "5 order rule", Exact, func(c *checker) {
		q := c.fifo("orders")
		q.fill(1000, "a", group("A"))
		q.sendTo("B", "b1")
		q.one("a1")
		q.expect(10, "b1")
	}},
	{"fifo/queue-delay-in-order", "5 order rule", Virtual | Exact, func(c *checker) {
		q := c.fifo("orders", "DelaySeconds", "10")
		q.sendTo("A", "a1")
		c.sleep(5 * time.Second)
		q.sendTo("A", "a2")
		c.sleep(5 * time.Second)
		m := q.expect(10, "a1")[0]
		c.sleep(5 * time.Second) // a2 is due, and locked
		q.none()
		q.delete(m)
		q.expect(10, "a2")
	}},
	{"fifo/receive-count", "5 order rule", Exact, func(c *checker) {
		q := c.fifo("orders").with(allSystem)
		q.sendTo("A", "a1", "a2")
		msgs := q.expect(10, "a1", "a2")
		q.change(msgs[1], 0)
		q.change(msgs[0], 0)
		msgs = q.expect(10, "a1", "a2")
		equal(c, "ApproximateReceiveCount of a1", count(msgs[0]), "2")
		equal(c, "ApproximateReceiveCount of a2", count(msgs[1]), "2")
	}},
}

// The rule behind these cases: a reply takes all it can from one group, then from
// the next. Groups stand in the order in which their first deliverable message
// became available: sent and past its delay, or hidden for the last time.
var fifoOrderCases = []testCase{
	{"fifo-order/group-by-group", "5 filling a reply", Exact, func(c *checker) {
		q := c.fifo("orders")
		q.sendTo("A", "a1")
		q.sendTo("B", "b1")
		q.sendTo("A", "a2")
		q.sendTo("C", "c1")
		q.sendTo("B", "b2")
		q.sendTo("A", "a3")
		q.expect(10, "a1", "a2", "a3", "b1", "b2", "c1")
	}},
	{"fifo-order/partly-taken-group", "5 filling a reply", Exact, func(c *checker) {
		q := c.fifo("orders")
		q.sendTo("A", "a1", "a2")
		q.sendTo("B", "b1", "b2", "b3")
		q.sendTo("C", "c1")
		q.expect(3, "a1", "a2", "b1")
		q.expect(10, "c1")
		q.none()
	}},
	{"fifo-order/ten-of-one-group", "5 filling a reply", Exact, func(c *checker) {
		q := c.fifo("orders")
		q.fill(12, "a", group("A"))
		q.sendTo("B", "b1")
		q.expect(10, "a1", "a2", "a3", "a4", "a5", "a6", "a7", "a8", "a9", "a10")
		q.expect(10, "b1")
	}},
	{"fifo-order/ties-by-sequence", "5 filling a reply", Exact, func(c *checker) {
		q := c.fifo("orders")
		for _, g := range []string{"C", "A", "B"} { // at one instant, where time is virtual
			q.sendTo(g, g)
		}
		q.expect(10, "C", "A", "B")
	}},
	{"fifo-order/after-delete-by-send-time", "5 filling a reply", Virtual | Exact, func(c *checker) {
		q := c.fifo("orders")
		q.sendTo("A", "a1")
		c.sleep(time.Second)
		q.sendTo("A", "a2")
		c.sleep(time.Second)
		q.sendTo("B", "b1")
		c.sleep(time.Second)
		q.sendTo("A", "a3")
		c.sleep(time.Second)
		q.delete(q.one("a1"))
		q.delete(q.one("a2")) // sent before b1
		q.delete(q.one("b1")) // sent before a3
		q.delete(q.one("a3"))
	}},
	{"fifo-order/after-reset", "5 filling a reply", Virtual | Exact, func(c *checker) {
		q := c.fifo("orders")
		q.sendTo("A", "a1", "a2")
		c.sleep(time.Second)
		q.sendTo("B", "b1")
		c.sleep(time.Second)
		q.change(q.one("a1"), 0) // A goes behind B
		q.expect(10, "b1", "a1", "a2")
	}},
	{"fifo-order/after-expiry", "5 filling a reply", Virtual | Exact, func(c *checker) {
		q := c.fifo("orders", "VisibilityTimeout", "5")
		q.sendTo("A", "a1", "a2")
		q.one("a1")
		c.sleep(4 * time.Second)
		q.sendTo("B", "b1")
		c.sleep(2 * time.Second)
		q.sendTo("C", "c1")
		q.expect(10, "b1", "a1", "a2", "c1") // available at 4 s, 5 s and 6 s
	}},
	{"fifo-order/round-robin-with-timeout-0", "5 filling a reply", Virtual | Exact, func(c *checker) {
		q := c.fifo("orders", "VisibilityTimeout", "0")
		for _, g := range []string{"a", "b", "c"} {
			q.sendTo(g, g+"1", g+"2")
			c.sleep(time.Second)
		}
		for range 3 {
			for _, g := range []string{"a", "b", "c"} {
				q.one(g + "1")
				c.sleep(time.Second)
			}
		}
	}},
	{"fifo-order/delay-counts", "5 filling a reply", Virtual | Exact, func(c *checker) {
		q := c.fifo("orders", "DelaySeconds", "10")
		q.sendTo("A", "a1")
		c.sleep(time.Second)
		q.sendTo("B", "b1")
		c.sleep(9 * time.Second)
		q.change(q.one("a1"), 0) // available again at 10 s, before b1 at 11 s
		c.sleep(time.Second)
		q.expect(10, "a1", "b1")
	}},
	{"fifo-order/change-of-timeout-counts", "5 filling a reply", Virtual | Exact, func(c *checker) {
		q := c.fifo("orders")
		q.sendTo("A", "a1")
		q.sendTo("B", "b1")
		msgs := q.expect(10, "a1", "b1")
		q.change(msgs[0], 20)
		q.change(msgs[1], 10)
		c.sleep(20 * time.Second)
		q.expect(10, "b1", "a1")
	}},
}
