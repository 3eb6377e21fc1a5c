package conformance

import (
	"context"
	"errors"
	"fmt"
	"time"
)

var longPollCases = []testCase{
	{"long-poll/empty-after-the-wait", "3 polling", Virtual | Exact, func(c *checker) {
		q := c.queue("orders")
		for _, s := range []int32{1, 7, 20} {
			q.poll(s).want(time.Duration(s) * time.Second)
		}
	}},
	{"long-poll/short-poll-does-not-wait", "3 polling", Virtual | Exact, func(c *checker) {
		q := c.queue("orders")
		q.send("late", delay(1))
		q.poll(0).want(0)
	}},
	{"long-poll/wait-of-the-queue", "3 polling", Virtual | Exact, func(c *checker) {
		q := c.queue("orders", "ReceiveMessageWaitTimeSeconds", "9")
		q.poll(0).want(9 * time.Second)
		q.poll(3).want(3 * time.Second)
		q.poll(15).want(15 * time.Second)
		q.set("ReceiveMessageWaitTimeSeconds", "0")
		q.poll(0).want(0)
	}},
	{"long-poll/at-once-if-there-is-one", "3 polling", Virtual | Exact, func(c *checker) {
		q := c.queue("orders")
		q.fill(3, "m")
		q.poll(20).want(0, "m1", "m2", "m3")
	}},
	{"long-poll/send", "3 polling", Virtual | Exact, func(c *checker) {
		q := c.queue("orders")
		p := q.poll(20)
		c.sleep(5 * time.Second)
		p.wantWaiting()
		q.send("hello")
		p.want(5*time.Second, "hello")
	}},
	{"long-poll/send-at-the-last-moment", "3 polling", Virtual | Exact, func(c *checker) {
		q := c.queue("orders")
		p := q.poll(20)
		c.sleep(20*time.Second - 1)
		p.wantWaiting()
		q.send("hello")
		p.want(20*time.Second-1, "hello")
	}},
	{"long-poll/send-batch", "3 polling", Virtual | Exact, func(c *checker) {
		q := c.queue("orders")
		p := q.poll(20)
		c.sleep(time.Second)
		q.sendBatch(entry("1", "one"))
		p.want(time.Second, "one")
	}},
	{"long-poll/in-real-time", "3 polling", 0, func(c *checker) {
		q := c.queue("orders")
		sent := make(chan error)
		go func() {
			time.Sleep(time.Second)
			_, err := q.trySend("hello")
			sent <- err
		}()
		msgs := q.receive(1, wait(20))
		c.do(<-sent)
		c.wantBodies("long poll, with a send after a second", msgs, []string{"hello"})
	}},
	{"long-poll/end-of-delay", "3 polling", Virtual | Exact, func(c *checker) {
		q := c.queue("orders")
		q.send("hello", delay(6))
		q.poll(20).want(6*time.Second, "hello")
	}},
	{"long-poll/end-of-timeout", "3 polling", Virtual | Exact, func(c *checker) {
		q := c.queue("orders", "VisibilityTimeout", "8")
		q.send("hello")
		q.one("hello")
		q.poll(20).want(8*time.Second, "hello")
	}},
	{"long-poll/end-of-extended-timeout", "3 polling", Virtual | Exact, func(c *checker) {
		q := c.queue("orders", "VisibilityTimeout", "8")
		q.send("hello")
		m := q.one("hello")
		p := q.poll(20)
		c.sleep(5 * time.Second)
		q.change(m, 10)
		p.want(15*time.Second, "hello")
	}},
	{"long-poll/shortened-timeout", "3 polling", Virtual | Exact, func(c *checker) {
		q := c.queue("orders")
		q.send("hello")
		m := q.one("hello")
		p := q.poll(20)
		c.sleep(2 * time.Second)
		q.change(m, 3)
		p.want(5*time.Second, "hello")
	}},
	{"long-poll/timeout-set-to-0", "3 polling", Virtual | Exact, func(c *checker) {
		q := c.queue("orders")
		q.send("hello")
		m := q.one("hello")
		p := q.poll(20)
		c.sleep(4 * time.Second)
		q.change(m, 0)
		p.want(4*time.Second, "hello")
	}},
	{"long-poll/deleted-in-time", "3 polling", Virtual | Exact, func(c *checker) {
		q := c.queue("orders", "VisibilityTimeout", "8")
		q.send("hello")
		m := q.one("hello")
		p := q.poll(20)
		c.sleep(5 * time.Second)
		q.delete(m)
		p.want(20 * time.Second)
	}},
	{"long-poll/in-order-of-arrival", "3 polling", Virtual | Exact, func(c *checker) {
		q := c.queue("orders")
		var polls []*poll
		for range 5 {
			polls = append(polls, q.poll(20))
		}
		for i, p := range polls {
			c.sleep(time.Second)
			q.send(fmt.Sprint("m", i))
			p.want(time.Duration(i+1)*time.Second, fmt.Sprint("m", i))
			for _, later := range polls[i+1:] {
				later.wantWaiting()
			}
		}
	}},
	{"long-poll/cancelled-receiver", "3 polling", Virtual | Exact, func(c *checker) {
		q := c.queue("orders")
		first, second := q.poll(20), q.poll(20)
		c.sleep(3 * time.Second)
		first.stop()
		<-first.done
		if !errors.Is(first.err, context.Canceled) {
			c.Errorf("cancelled receive: got %q, error %v, want the error of its context", bodies(first.msgs), first.err)
		}
		equal(c, "duration of the cancelled receive", first.took, 3*time.Second)
		q.send("hello") // goes to the next in line
		second.want(3*time.Second, "hello")
	}},
	{"long-poll/receiver-past-its-deadline", "3 polling", Virtual | Exact, func(c *checker) {
		q := c.queue("orders")
		ctx, stop := context.WithTimeout(c.ctx, 2*time.Second)
		defer stop()
		msgs, err := q.tryReceive(ctx, 1, wait(20))
		if !errors.Is(err, context.DeadlineExceeded) {
			c.Errorf("receive with a deadline: got %q, error %v, want the error of its context", bodies(msgs), err)
		}
		q.send("hello")
		q.expect(10, "hello") // was not handed to the receiver that is gone
	}},
	{"long-poll/context-already-over", "3 polling", Exact, func(c *checker) {
		q := c.queue("orders")
		q.send("hello")
		ctx, stop := context.WithCancel(c.ctx)
		stop()
		if msgs, err := q.tryReceive(ctx, 1, wait(20)); !errors.Is(err, context.Canceled) {
			c.Errorf("receive with a context that is over: got %q, error %v, want the error of its context", bodies(msgs), err)
		}
		q.expect(10, "hello")
	}},
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
		wantHidden(q, 3*time.Second, "hello")
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
