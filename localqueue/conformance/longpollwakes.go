package conformance

import "time"

// wakeCases have long polls that are woken, or not, by what other rules do.
var wakeCases = []testCase{
	{"long-poll/fifo-unlocked-by-delete", "5 order rule", Virtual | Exact, func(c *checker) {
		q := c.fifo("orders")
		q.sendTo("A", "a1", "a2", "a3")
		msgs := q.expect(2, "a1", "a2")
		p := q.poll(20)
		c.sleep(time.Second)
		q.delete(msgs[0])
		c.sleep(time.Second)
		p.wantWaiting() // a2 is still in flight
		q.delete(msgs[1])
		p.want(2*time.Second, "a3")
	}},
	{"long-poll/fifo-unlocked-by-batch-delete", "5 order rule", Virtual | Exact, func(c *checker) {
		q := c.fifo("orders")
		q.sendTo("A", "a1", "a2", "a3")
		msgs := q.expect(2, "a1", "a2")
		p := q.poll(20)
		c.sleep(time.Second)
		q.wantDeleted(handles(msgs...), []string{"m0", "m1"})
		p.want(time.Second, "a3")
	}},
	{"long-poll/fifo-unlocked-by-expiry", "5 order rule", Virtual | Exact, func(c *checker) {
		q := c.fifo("orders", "VisibilityTimeout", "7")
		q.sendTo("A", "a1", "a2")
		q.one("a1")
		q.poll(20).want(7*time.Second, "a1", "a2")
	}},
	{"long-poll/fifo-reset", "5 order rule", Virtual | Exact, func(c *checker) {
		q := c.fifo("orders")
		q.sendTo("A", "a1", "a2")
		m := q.one("a1")
		p := q.poll(20)
		c.sleep(time.Second)
		q.change(m, 0)
		p.want(time.Second, "a1", "a2")
	}},
	{"long-poll/fifo-locked-send-wakes-nobody", "5 order rule", Virtual | Exact, func(c *checker) {
		q := c.fifo("orders")
		q.sendTo("A", "a1")
		q.one("a1")
		p := q.poll(20)
		c.sleep(time.Second)
		q.sendTo("A", "a2")
		p.wantWaiting()
		c.sleep(time.Second)
		q.sendTo("B", "b1")
		p.want(2*time.Second, "b1")
	}},
	{"long-poll/fifo-duplicate-wakes-nobody", "5 deduplication", Virtual | Exact, func(c *checker) {
		q := c.fifo("orders")
		q.sendTo("A", "a1")
		q.delete(q.one("a1"))
		p := q.poll(20)
		c.sleep(time.Second)
		q.sendTo("A", "a1")
		p.want(20 * time.Second)
	}},
	{"long-poll/fifo-lowered-delay", "2 delay", Virtual | Exact, func(c *checker) {
		q := c.fifo("orders", "DelaySeconds", "600")
		q.sendTo("A", "a1")
		p := q.poll(20)
		c.sleep(3 * time.Second)
		q.set("DelaySeconds", "5")
		p.want(5*time.Second, "a1")
	}},
	{"long-poll/redrive", "7 move", Virtual | Exact, func(c *checker) {
		q, dlq := deadLetters(c, "", 1)
		q.send("hello")
		q.one("hello")
		p := dlq.poll(20)
		c.sleep(3 * time.Second)
		p.wantWaiting()
		q.none()
		p.want(3*time.Second, "hello")
	}},
	{"long-poll/move-task", "7 StartMessageMoveTask", Virtual | Exact, func(c *checker) {
		dlq, dest := moveTarget(c, "")
		dlq.send("hello")
		p := dest.poll(20)
		c.sleep(3 * time.Second)
		p.wantWaiting()
		dlq.move(to(dest.arn()), rate(500))
		<-p.done
		if p.err != nil || len(p.msgs) != 1 {
			c.Fatalf("long poll of the destination: got %q, error %v, want the moved message", bodies(p.msgs), p.err)
		}
	}},
	{"long-poll/other-queue-wakes-nobody", "3 polling", Virtual | Exact, func(c *checker) {
		q, other := c.queue("orders"), c.queue("other")
		p := q.poll(5)
		c.sleep(time.Second)
		other.send("hello")
		p.want(5 * time.Second)
	}},
	{"long-poll/attributes-as-asked", "3 polling", Virtual | Exact, func(c *checker) {
		q := c.queue("orders")
		p := q.poll(20, allSystem, attributeNames("color"), hide(3))
		c.sleep(time.Second)
		q.send("hello", with("color", text("String", "blue")), with("size", text("String", "big")))
		m := p.want(time.Second, "hello")[0]
		equal(c, "MD5OfMessageAttributes", deref(m.MD5OfMessageAttributes), "da1b33cc3cbfe8b1630921e78e6b9880")
		equal(c, "ApproximateReceiveCount", count(m), "1")
		wantHidden(q, 3*time.Second)
	}},
	{"long-poll/twelve-hours-of-polls", "3 polling", Virtual | Exact, func(c *checker) {
		q := c.queue("orders")
		q.send("hello")
		q.with(hide(43200)).one("hello")
		for range 12*60*3 - 1 {
			q.poll(20).want(20 * time.Second)
		}
		c.sleep(20*time.Second - 1)
		q.poll(20).want(1, "hello")
	}},
}
