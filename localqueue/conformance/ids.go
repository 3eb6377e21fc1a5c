package conformance

import (
	"fmt"
	"regexp"
	"strings"
)

// badID words the refusal of a group, deduplication or attempt id.
func badID(parameter, value string) string {
	return "Value " + value + " for parameter " + parameter + " is invalid. Reason: " + parameter +
		" can only include alphanumeric and punctuation characters. 1 to 128 in length."
}

const allIDCharacters = "azAZ09!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"

var (
	longestID = allIDCharacters + strings.Repeat("x", 128-len(allIDCharacters))
	badIDs    = []string{"", "a b", "é", "a\tb", "x" + longestID}
)

var idCases = []testCase{
	{"ids/legal", "2 group / dedup ids", 0, func(c *checker) {
		q := c.queue("orders.fifo")
		q.send("hello", group(longestID), dedup(longestID))
		m := q.with(allSystem).one("hello")
		equal(c, "MessageGroupId", m.Attributes["MessageGroupId"], longestID)
		equal(c, "MessageDeduplicationId", m.Attributes["MessageDeduplicationId"], longestID)
	}},
	{"ids/bad-group", "2 group / dedup ids", 0, func(c *checker) {
		fifo := c.fifo("orders")
		for _, id := range badIDs {
			_, err := fifo.trySend("hello", group(id))
			c.wantError(err, invalidParameter, badID("MessageGroupId", id))
		}
	}},
	{"ids/bad-group-on-standard", "2 group / dedup ids", 0, func(c *checker) {
		q := c.queue("orders")
		for _, id := range badIDs {
			_, err := q.trySend("hello", group(id))
			c.wantError(err, invalidParameter, badID("MessageGroupId", id))
		}
	}},
	{"ids/bad-dedup", "2 group / dedup ids", 0, func(c *checker) {
		q := c.queue("orders.fifo")
		for _, id := range badIDs {
			_, err := q.trySend("hello", group("A"), dedup(id))
			c.wantError(err, invalidParameter, badID("MessageDeduplicationId", id))
		}
	}},
	{"ids/dedup-on-standard", "2 group / dedup ids", 0, func(c *checker) {
		_, err := c.queue("orders").trySend("hello", dedup("x"))
		c.wantError(err, invalidParameter, c.emulated("Value x for parameter MessageDeduplicationId is invalid. Reason: "+wrongQueueType))
	}},
	{"ids/fifo-without-group", "5 send", 0, func(c *checker) {
		q := c.fifo("orders")
		_, err := q.trySend("hello")
		c.wantError(err, missingParameter, noGroup)
		q.none()
	}},
	{"ids/fifo-without-dedup", "5 send", 0, func(c *checker) {
		q := c.queue("orders.fifo")
		_, err := q.trySend("hello", group("A"))
		c.wantError(err, invalidParameter, noDedup)
		q.none()
	}},
	{"ids/fifo-sequence-number", "2 identifiers", 0, func(c *checker) {
		q := c.fifo("orders")
		last := ""
		for i := range 20 {
			n := deref(q.send(fmt.Sprint("m", i), group("A")).SequenceNumber)
			if !regexp.MustCompile(`^\d{20}$`).MatchString(n) {
				c.Fatalf("SequenceNumber: got %q, want 20 digits", n)
			}
			if n <= last {
				c.Errorf("SequenceNumber: got %s after %s, want it to increase", n, last)
			}
			last = n
		}
	}},
	{"ids/fifo-batch-without-group", "4 batch-level errors", 0, func(c *checker) {
		q := c.fifo("orders")
		_, err := q.trySendBatch(entry("a", "a1", group("A")), entry("b", "b1"))
		c.wantError(err, invalidParameter, noGroup)
		q.none()
	}},
	{"ids/fifo-batch-without-dedup", "4 batch-level errors", 0, func(c *checker) {
		q := c.queue("orders.fifo")
		_, err := q.trySendBatch(entry("a", "a1", group("A"), dedup("1")), entry("b", "b1", group("A")))
		c.wantError(err, invalidParameter, noDedup)
		q.none()
	}},
	{"ids/standard-batch-with-dedup", "2 group / dedup ids", Emulated, func(c *checker) {
		q := c.queue("orders")
		out := q.sendBatch(entry("bad", "x", dedup("x")), entry("good", "hello"))
		c.wantSent(out, "good")
		c.wantFailed(out.Failed, failure{"bad", invalidParameter, "Value x for parameter MessageDeduplicationId is invalid. Reason: " + wrongQueueType})
	}},
}
