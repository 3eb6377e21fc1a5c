package conformance

import (
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// inFlightLimit is the number of messages that a queue may have in flight.
const inFlightLimit = 120_000

const tooManyInFlight = "Too many messages have been received without being deleted.\nPlease delete your received messages or let them timeout before receiving more."

// atTheLimit makes a standard queue with all that may be in flight in flight and
// five messages more. It returns the last ten received.
func atTheLimit(c *checker) (*queue, []types.Message) {
	c.Helper()
	q := c.queue("orders", "VisibilityTimeout", "43200")
	q.fill(inFlightLimit+5, "m")
	q.take(inFlightLimit - 10)
	return q, q.take(10)
}

// fullFIFO is atTheLimit for a FIFO queue: the messages in flight are of 12,000
// groups, the five more of one group of their own.
func fullFIFO(c *checker) (*queue, []types.Message) {
	c.Helper()
	q := c.fifo("orders", "VisibilityTimeout", "43200")
	for i := range inFlightLimit / 10 {
		q.fill(10, fmt.Sprint(i, "-"), group(fmt.Sprint("g", i)))
	}
	q.fill(5, "m", group("M"))
	q.take(inFlightLimit - 10)
	return q, q.take(10)
}

var limitCases = []testCase{
	{"limits/in-flight-short-poll", "3 in-flight limits", Heavy | Exact, func(c *checker) {
		q, last := atTheLimit(c)
		q.wantCounts(5, inFlightLimit, 0)
		_, err := q.tryReceive(c.ctx, 10)
		c.wantError(err, overLimit, c.emulated(tooManyInFlight))
		_, err = q.tryReceive(c.ctx, 1)
		c.wantError(err, overLimit, c.emulated(tooManyInFlight))

		q.delete(last[0]) // room for one
		equal(c, "messages received", len(q.receive(1)), 1)
		_, err = q.tryReceive(c.ctx, 1)
		c.wantError(err, overLimit, c.emulated(tooManyInFlight))

		q.change(last[1], 0)
		equal(c, "messages received", len(q.receive(1)), 1)
	}},
	{"limits/in-flight-long-poll", "3 in-flight limits", Heavy | Exact | Virtual, func(c *checker) {
		q, _ := atTheLimit(c)
		q.poll(5).want(5 * time.Second)
		q.wantCounts(5, inFlightLimit, 0)
	}},
	{"limits/in-flight-is-per-queue", "3 in-flight limits", Heavy | Exact, func(c *checker) {
		atTheLimit(c)
		other := c.queue("other")
		other.send("hello")
		other.expect(1, "hello")
	}},
	{"limits/in-flight-fifo", "3 in-flight limits", Heavy | Exact | Virtual, func(c *checker) {
		q, last := fullFIFO(c)
		q.wantCounts(5, inFlightLimit, 0)
		q.none() // no error, no messages
		q.poll(5).want(5 * time.Second)
		q.delete(last...) // room for ten
		q.expect(10, "m1", "m2", "m3", "m4", "m5")
	}},
	{"limits/fifo-backlog-window", "3 in-flight limits", Heavy | Exact, func(c *checker) {
		q := c.fifo("orders", "VisibilityTimeout", "43200")
		q.fill(inFlightLimit+10, "a", group("A"))
		q.sendTo("B", "b1")
		m := q.one("a1")
		q.none() // the first 120,000 are blocked, and no more are looked at
		q.delete(m)
		q.expect(3, "a2", "a3", "a4")
	}},
}
