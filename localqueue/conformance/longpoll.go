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
}
