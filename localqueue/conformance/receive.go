package conformance

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// wantReceiveRefused checks a receive that is out of range.
func wantReceiveRefused(c *checker, q *queue, option receiveOption, text string) {
	c.Helper()
	_, err := q.tryReceive(c.ctx, 1, option)
	c.wantError(err, invalidParameter, text)
}

var receiveCases = []testCase{
	{"receive/max-number-out-of-range", "3 parameters", 0, func(c *checker) {
		q := c.queue("orders")
		for _, n := range []int32{-1, 11} {
			wantReceiveRefused(c, q, most(n), fmt.Sprintf("Value %d for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, if provided.", n))
		}
	}},
	{"receive/wait-out-of-range", "3 parameters", 0, func(c *checker) {
		q := c.queue("orders")
		for _, n := range []int32{-1, 21} {
			wantReceiveRefused(c, q, wait(n), fmt.Sprintf("Value %d for parameter WaitTimeSeconds is invalid. Reason: Must be >= 0 and <= 20, if provided.", n))
		}
	}},
	{"receive/visibility-out-of-range", "3 parameters", 0, func(c *checker) {
		q := c.queue("orders")
		for _, n := range []int32{-1, 43201} {
			wantReceiveRefused(c, q, hide(n), c.emulated(fmt.Sprintf("Value %d for parameter VisibilityTimeout is invalid. Reason: Must be >= 0 and <= 43200, if provided.", n)))
		}
	}},
	{"receive/attempt-id-on-standard", "3 parameters", 0, func(c *checker) {
		wantReceiveRefused(c, c.queue("orders"), attempt("x"), c.emulated("Value x for parameter ReceiveRequestAttemptId is invalid. Reason: "+wrongQueueType))
	}},
	{"receive/attempt-id-malformed", "3 parameters", 0, func(c *checker) {
		q := c.fifo("orders")
		for _, id := range badIDs {
			wantReceiveRefused(c, q, attempt(id), c.emulated(badID("ReceiveRequestAttemptId", id)))
		}
		q.with(attempt(longestID)).none()
	}},
	{"receive/one-by-default", "3 parameters", Exact, func(c *checker) {
		q := c.queue("orders")
		q.fill(3, "m")
		q.expect(0, "m1")
		q.expect(10, "m2", "m3")
	}},
	{"receive/empty", "3 polling", 0, func(c *checker) {
		q := c.queue("orders")
		out, err := c.client.ReceiveMessage(c.ctx, &sqs.ReceiveMessageInput{QueueUrl: &q.url})
		if ok(c, out, err).Messages != nil {
			c.Errorf("%s\nwant no Messages member at all", c.trace.last())
		}
	}},
	{"receive/ten-at-most", "3 parameters", Exact, func(c *checker) {
		q := c.queue("orders")
		q.fill(12, "m")
		equal(c, "messages received", len(q.receive(10)), 10)
		q.expect(10, "m11", "m12")
	}},
	{"receive/oldest-first", "3 receipt handles", Exact, func(c *checker) {
		q := c.queue("orders")
		q.fill(30, "m")
		var want []string
		for i := range 30 {
			want = append(want, fmt.Sprint("m", i+1))
		}
		for i := 0; i < 30; i += 5 {
			q.expect(5, want[i:i+5]...)
		}
	}},
	{"receive/lapsed-keeps-its-age", "3 receipt handles", Exact | Virtual, func(c *checker) {
		q := c.queue("orders", "VisibilityTimeout", "10")
		q.fill(3, "m")
		q.one("m1")
		c.sleep(5 * time.Second)
		q.one("m2")
		q.send("m4")
		c.sleep(5 * time.Second)
		q.expect(10, "m1", "m3", "m4")
	}},
	{"receive/reset-keeps-its-age", "3 receipt handles", Exact, func(c *checker) {
		q := c.queue("orders")
		q.fill(3, "m")
		msgs := q.expect(2, "m1", "m2")
		q.change(msgs[1], 0)
		q.expect(10, "m2", "m3")
	}},
	{"receive/delayed-keeps-its-age", "3 receipt handles", Exact | Virtual, func(c *checker) {
		q := c.queue("orders")
		q.send("early", delay(10))
		c.sleep(time.Second)
		q.send("late")
		c.sleep(9 * time.Second)
		q.expect(10, "early", "late")
	}},
	{"receive/no-duplicates", "3 receipt handles", Exact, func(c *checker) {
		q := c.queue("orders")
		q.fill(50, "m")
		seen := map[string]bool{}
		for _, m := range q.take(50) {
			if seen[deref(m.MessageId)] {
				c.Errorf("message %s came twice while in flight", deref(m.Body))
			}
			seen[deref(m.MessageId)] = true
		}
		q.none()
	}},
}

var systemAttributeCases = []testCase{
	{"system-attributes/all-on-standard", "3 system attributes", 0, func(c *checker) {
		q := c.queue("orders")
		q.send("hello")
		c.wantSystem(q.with(allSystem).one("hello"), "SenderId", "SentTimestamp", "ApproximateReceiveCount", "ApproximateFirstReceiveTimestamp")
	}},
	{"system-attributes/all-with-group-and-header", "3 system attributes", 0, func(c *checker) {
		q := c.queue("orders")
		q.send("hello", group("tenant"), header("Root=1"))
		m := q.with(allSystem).one("hello")
		c.wantSystem(m, "SenderId", "SentTimestamp", "ApproximateReceiveCount", "ApproximateFirstReceiveTimestamp", "MessageGroupId", "AWSTraceHeader")
		equal(c, "MessageGroupId", m.Attributes["MessageGroupId"], "tenant")
		equal(c, "AWSTraceHeader", m.Attributes["AWSTraceHeader"], "Root=1")
	}},
	{"system-attributes/all-on-fifo", "3 system attributes", 0, func(c *checker) {
		q := c.queue("orders.fifo")
		sent := q.send("hello", group("A"), dedup("x"))
		m := q.with(allSystem).one("hello")
		c.wantSystem(m, "SenderId", "SentTimestamp", "ApproximateReceiveCount", "ApproximateFirstReceiveTimestamp", "MessageGroupId", "MessageDeduplicationId", "SequenceNumber")
		equal(c, "MessageGroupId", m.Attributes["MessageGroupId"], "A")
		equal(c, "MessageDeduplicationId", m.Attributes["MessageDeduplicationId"], "x")
		equal(c, "SequenceNumber", m.Attributes["SequenceNumber"], deref(sent.SequenceNumber))
	}},
	{"system-attributes/by-name", "3 system attributes", 0, func(c *checker) {
		q := c.queue("orders.fifo", "VisibilityTimeout", "0")
		q.send("hello", group("A"), dedup("x"), header("Root=1"))
		for _, name := range []string{"SenderId", "SentTimestamp", "ApproximateReceiveCount", "ApproximateFirstReceiveTimestamp", "MessageGroupId", "MessageDeduplicationId", "SequenceNumber", "AWSTraceHeader"} {
			c.wantSystem(q.with(systemNames(types.MessageSystemAttributeName(name))).one("hello"), name)
			c.wantSystem(q.with(deprecatedNames(name)).one("hello"), name)
		}
	}},
	{"system-attributes/none", "3 system attributes", 0, func(c *checker) {
		q := c.queue("orders", "VisibilityTimeout", "0")
		q.send("hello")
		for _, option := range []receiveOption{
			systemNames(), // none asked
			systemNames("AWSTraceHeader", "DeadLetterQueueSourceArn", "SequenceNumber"), // none there
			systemNames("Colour"), // no such name
		} {
			if m := q.with(option).one("hello"); m.Attributes != nil {
				c.Errorf("%s\nwant no Attributes member at all", c.trace.last())
			}
		}
	}},
	{"system-attributes/unknown-names-ignored", "3 system attributes", 0, func(c *checker) {
		q := c.queue("orders")
		q.send("hello")
		c.wantSystem(q.with(systemNames("Colour", "SentTimestamp")).one("hello"), "SentTimestamp")
	}},
	{"system-attributes/both-lists", "3 system attributes", 0, func(c *checker) {
		q := c.queue("orders", "VisibilityTimeout", "0")
		q.send("hello")
		c.wantSystem(q.with(deprecatedNames("All"), systemNames("SenderId")).one("hello"), "SenderId", "SentTimestamp", "ApproximateReceiveCount", "ApproximateFirstReceiveTimestamp")
		want := []string{"SenderId", "SentTimestamp"}
		if c.opts.Query { // both lists have the same keys in a form, and AttributeNames wins
			want = want[1:]
		}
		c.wantSystem(q.with(deprecatedNames("SentTimestamp"), systemNames("SenderId")).one("hello"), want...)
	}},
	{"system-attributes/timestamps", "3 system attributes", Virtual | Exact, func(c *checker) {
		q := c.queue("orders", "VisibilityTimeout", "5").with(allSystem)
		millis := func() string { return strconv.FormatInt(time.Now().UnixMilli(), 10) }
		c.sleep(1234 * time.Millisecond)
		sent := millis()
		q.send("hello", delay(3))
		c.sleep(4321 * time.Millisecond)
		first := millis()
		for i := range 3 {
			m := q.one("hello")
			equal(c, "SentTimestamp", m.Attributes["SentTimestamp"], sent)
			equal(c, "ApproximateFirstReceiveTimestamp", m.Attributes["ApproximateFirstReceiveTimestamp"], first)
			equal(c, "ApproximateReceiveCount", count(m), strconv.Itoa(i+1))
			c.sleep(5 * time.Second)
		}
	}},
	{"system-attributes/milliseconds", "3 system attributes", 0, func(c *checker) {
		q := c.queue("orders")
		q.send("hello")
		m := q.with(allSystem).one("hello")
		for _, name := range []string{"SentTimestamp", "ApproximateFirstReceiveTimestamp"} {
			ms, err := strconv.ParseInt(m.Attributes[name], 10, 64)
			if age := time.Since(time.UnixMilli(ms)); err != nil || age < -5*time.Minute || age > 5*time.Minute {
				c.Errorf("%s: got %q, want the milliseconds since 1970 of about now", name, m.Attributes[name])
			}
		}
	}},
	{"system-attributes/count-rises-with-timeout-0", "3 receipt handles", Exact, func(c *checker) {
		q := c.queue("orders", "VisibilityTimeout", "0").with(allSystem)
		q.send("hello")
		for i := 1; i <= 5; i++ {
			equal(c, "ApproximateReceiveCount", count(q.one("hello")), strconv.Itoa(i))
		}
	}},
}

// deprecatedNames asks for system attributes by the older of the two parameters.
func deprecatedNames(names ...string) receiveOption {
	return func(in *sqs.ReceiveMessageInput) {
		for _, n := range names {
			//lint:ignore SA1019 SQS still serves it
			in.AttributeNames = append(in.AttributeNames, types.QueueAttributeName(n))
		}
	}
}

// wantSystem checks which system attributes came, and that none is empty.
func (c *checker) wantSystem(m types.Message, names ...string) {
	c.Helper()
	got := slices.Sorted(maps.Keys(m.Attributes))
	want := slices.Sorted(slices.Values(names))
	if !slices.Equal(got, want) {
		c.Errorf("%s\nsystem attributes: got %v, want %v", c.trace.last(), m.Attributes, want)
	}
	for name, v := range m.Attributes {
		if v == "" {
			c.Errorf("%s\nsystem attribute %s is empty", c.trace.last(), name)
		}
	}
}

var filterCases = []testCase{
	{"filter/none-by-default", "3 message attributes", 0, func(c *checker) { wantFilter(c, "") }},
	{"filter/all", "3 message attributes", 0, func(c *checker) { wantFilter(c, "Hello Help.Me hello other", "All") }},
	{"filter/dot-star", "3 message attributes", 0, func(c *checker) { wantFilter(c, "Hello Help.Me hello other", ".*") }},
	{"filter/star", "3 message attributes", 0, func(c *checker) { wantFilter(c, "Hello Help.Me hello other", "*") }},
	{"filter/prefix", "3 message attributes", 0, func(c *checker) { wantFilter(c, "Hello Help.Me", "Hel.*") }},
	{"filter/prefix-at-a-dot", "3 message attributes", 0, func(c *checker) { wantFilter(c, "Help.Me", "Help.*") }},
	{"filter/prefix-is-whole-name", "3 message attributes", 0, func(c *checker) { wantFilter(c, "other", "other.*") }},
	{"filter/exact", "3 message attributes", 0, func(c *checker) { wantFilter(c, "Hello", "Hello") }},
	{"filter/several", "3 message attributes", 0, func(c *checker) { wantFilter(c, "Hello Help.Me other", "other", "Hel.*", "Hello") }},
	{"filter/unknown", "3 message attributes", 0, func(c *checker) { wantFilter(c, "", "Hell", "HELLO") }},
	{"filter/illegal", "3 message attributes", 0, func(c *checker) { wantFilter(c, "other", "a b", "..", "other") }},
}

// wantFilter receives one message with the names and checks which of its attributes come.
func wantFilter(c *checker, want string, names ...string) {
	c.Helper()
	q := c.queue("orders")
	var opts []sendOption
	for _, n := range []string{"Hello", "Help.Me", "hello", "other"} {
		opts = append(opts, with(n, text("String", "value of "+n)))
	}
	q.send("body", opts...)
	m := q.with(attributeNames(names...)).one("body")
	got := strings.Join(slices.Sorted(maps.Keys(m.MessageAttributes)), " ")
	equal(c, fmt.Sprintf("attributes that pass %q", names), got, want)
	for n, v := range m.MessageAttributes {
		equal(c, "value of "+n, deref(v.StringValue), "value of "+n)
	}
}
