package conformance

import (
	"encoding/base64"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// wantExpired checks that a handle neither deletes nor changes visibility any more.
func wantExpired(q *queue, m types.Message) {
	q.c.Helper()
	h := deref(m.ReceiptHandle)
	q.c.wantError(q.tryDelete(h), invalidParameter, "Value "+h+handleExpired)
	q.c.wantError(q.tryChange(h, 10), invalidParameter, "Value "+h+handleExpired)
}

var handleCases = []testCase{
	{"handles/look", "2 identifiers", 0, func(c *checker) {
		q := c.queue("orders")
		q.send("hello")
		h := deref(q.one("hello").ReceiptHandle)
		if _, err := base64.StdEncoding.DecodeString(h); err != nil || !strings.HasPrefix(h, "AQEB") || len(h) > 1024 {
			c.Errorf("ReceiptHandle: got %q (%d bytes), want standard base64 that begins with AQEB, at most 1024 bytes", h, len(h))
		}
	}},
	{"handles/malformed", "4 handles", 0, func(c *checker) {
		q := c.queue("orders")
		q.send("hello")
		good := deref(q.one("hello").ReceiptHandle)
		for _, h := range []string{"bad", "AQEB", "AQEBAAAA", good + "x", good[:len(good)/2], strings.Repeat("x", 2000)} {
			want := fmt.Sprintf(`The input receipt handle "%s" is not a valid receipt handle.`, h)
			c.wantError(q.tryDelete(h), invalidHandle, want)
			c.wantError(q.tryChange(h, 10), invalidHandle, want)
		}
	}},
	{"handles/empty", "4 handles", 0, func(c *checker) {
		q := c.queue("orders")
		const want = "The request must contain the parameter ReceiptHandle."
		c.wantError(q.tryDelete(""), missingParameter, want)
		c.wantError(q.tryChange("", 10), missingParameter, want)
	}},
	{"handles/absent", "4 handles", Lax, func(c *checker) {
		q := c.queue("orders")
		const want = "The request must contain the parameter ReceiptHandle."
		_, err := c.client.DeleteMessage(c.ctx, &sqs.DeleteMessageInput{QueueUrl: &q.url})
		c.wantError(err, missingParameter, want)
		_, err = c.client.ChangeMessageVisibility(c.ctx, &sqs.ChangeMessageVisibilityInput{QueueUrl: &q.url, VisibilityTimeout: 5})
		c.wantError(err, missingParameter, want)
	}},
	{"handles/of-another-queue", "4 handles", 0, func(c *checker) {
		q, other := c.queue("orders"), c.queue("other")
		other.send("hello")
		h := deref(other.one("hello").ReceiptHandle)
		want := fmt.Sprintf(`The receipt handle "%s" is not valid for this queue.`, h)
		c.wantError(q.tryDelete(h), invalidHandle, want)
		c.wantError(q.tryChange(h, 0), invalidHandle, want)
		if c.has(Exact) {
			other.wantCounts(0, 1, 0)
		}
	}},

	{"handles/standard-delete", "3 receipt handles", Exact, func(c *checker) {
		q := c.queue("orders")
		q.fill(2, "m")
		m := q.one("m1")
		q.delete(m)
		q.wantCounts(1, 0, 0)
		q.delete(m) // again: success, no effect
		q.expect(10, "m2")
	}},
	{"handles/standard-delete-after-expiry", "3 receipt handles", Virtual | Exact, func(c *checker) {
		q := c.queue("orders")
		q.send("hello")
		m := q.one("hello")
		c.sleep(30 * time.Second)
		q.wantCounts(1, 0, 0)
		q.delete(m)
		q.wantCounts(0, 0, 0)
		q.none()
	}},
	{"handles/standard-delete-received-with-0", "3 receipt handles", Exact, func(c *checker) {
		q := c.queue("orders", "VisibilityTimeout", "0")
		q.send("hello")
		q.delete(q.one("hello"))
		q.none()
	}},
	{"handles/standard-delete-after-extension", "3 receipt handles", Virtual | Exact, func(c *checker) {
		q := c.queue("orders")
		q.send("hello")
		m := q.one("hello")
		c.sleep(20 * time.Second)
		q.change(m, 60)
		c.sleep(50 * time.Second)
		q.delete(m)
		c.sleep(time.Hour)
		q.none()
	}},
	{"handles/standard-delete-by-older-handle", "3 receipt handles", Exact, func(c *checker) {
		q := c.queue("orders", "VisibilityTimeout", "0")
		q.send("hello")
		old := q.one("hello")
		q.one("hello")
		q.delete(old)
		q.none()
	}},
	{"handles/standard-delete-by-older-handle-in-flight", "3 receipt handles", Virtual | Exact, func(c *checker) {
		q := c.queue("orders")
		q.send("hello")
		old := q.one("hello")
		c.sleep(30 * time.Second)
		q.one("hello")
		q.delete(old)
		q.wantCounts(0, 0, 0)
	}},
	{"handles/standard-change-after-expiry", "3 receipt handles", Virtual | Exact, func(c *checker) {
		q := c.queue("orders")
		q.send("hello")
		m := q.one("hello")
		c.sleep(45 * time.Second)
		q.wantCounts(1, 0, 0)
		q.change(m, 20) // hides it again
		q.wantCounts(0, 1, 0)
		wantHidden(q, 20*time.Second)
	}},
	{"handles/standard-change-by-older-handle", "3 receipt handles", Virtual | Exact, func(c *checker) {
		q := c.queue("orders")
		q.send("hello")
		old := q.one("hello")
		c.sleep(30 * time.Second)
		q.one("hello")
		q.change(old, 5)
		wantHidden(q, 5*time.Second)
		q.change(old, 0)
		q.expect(10, "hello")
	}},
	{"handles/standard-change-after-delete", "3 receipt handles", 0, func(c *checker) {
		q := c.queue("orders")
		q.send("hello")
		m := q.one("hello")
		q.delete(m)
		h := deref(m.ReceiptHandle)
		c.wantError(q.tryChange(h, 10), invalidParameter, "Value "+h+messageGone)
	}},
	{"handles/standard-after-12h", "3 receipt handles", Virtual | Exact, func(c *checker) {
		q := c.queue("orders")
		q.send("hello")
		q.send("other")
		msgs := q.expect(10, "hello", "other")
		c.sleep(12*time.Hour - 1)
		q.delete(msgs[1])
		c.sleep(2)
		wantExpired(q, msgs[0])
		q.expect(10, "hello")
	}},

	{"handles/fifo-delete", "3 receipt handles", 0, func(c *checker) {
		q := c.fifo("orders")
		q.sendTo("A", "a1", "a2")
		q.delete(q.one("a1"))
		q.expect(10, "a2")
	}},
	{"handles/fifo-delete-again", "3 receipt handles", Emulated, func(c *checker) {
		q := c.fifo("orders")
		q.sendTo("A", "a1")
		m := q.one("a1")
		q.delete(m)
		q.delete(m)
	}},
	{"handles/fifo-after-expiry", "3 receipt handles", Virtual | Exact, func(c *checker) {
		q := c.fifo("orders")
		q.sendTo("A", "a1")
		m := q.one("a1")
		c.sleep(30 * time.Second)
		wantExpired(q, m)
		q.wantCounts(1, 0, 0)
		q.expect(10, "a1")
	}},
	{"handles/fifo-until-expiry", "3 receipt handles", Virtual | Exact, func(c *checker) {
		q := c.fifo("orders")
		q.sendTo("A", "a1")
		m := q.one("a1")
		c.sleep(30*time.Second - 1)
		q.delete(m)
		q.wantCounts(0, 0, 0)
	}},
	{"handles/fifo-received-with-0", "3 receipt handles", 0, func(c *checker) {
		q := c.fifo("orders", "VisibilityTimeout", "0")
		q.sendTo("A", "a1")
		h := deref(q.one("a1").ReceiptHandle)
		c.wantError(q.tryDelete(h), invalidParameter, "Value "+h+handleExpired)
		q.expect(10, "a1")
	}},
	{"handles/fifo-reset-to-0", "3 receipt handles", 0, func(c *checker) {
		q := c.fifo("orders")
		q.sendTo("A", "a1")
		m := q.one("a1")
		q.change(m, 0)
		h := deref(m.ReceiptHandle)
		c.wantError(q.tryDelete(h), invalidParameter, "Value "+h+handleExpired)
		q.expect(10, "a1")
	}},
	{"handles/fifo-delete-after-extension", "3 receipt handles", Virtual | Exact, func(c *checker) {
		q := c.fifo("orders")
		q.sendTo("A", "a1")
		m := q.one("a1")
		c.sleep(20 * time.Second)
		q.change(m, 60)
		c.sleep(50 * time.Second)
		q.delete(m)
		q.wantCounts(0, 0, 0)
	}},
	{"handles/fifo-older-handle", "3 receipt handles", Virtual | Exact | Emulated, func(c *checker) {
		q := c.fifo("orders")
		q.sendTo("A", "a1")
		old := q.one("a1")
		c.sleep(30 * time.Second)
		q.one("a1")
		wantExpired(q, old)
		q.wantCounts(0, 1, 0)
	}},
	{"handles/fifo-change-after-delete", "3 receipt handles", 0, func(c *checker) {
		q := c.fifo("orders")
		q.sendTo("A", "a1")
		m := q.one("a1")
		q.delete(m)
		h := deref(m.ReceiptHandle)
		c.wantError(q.tryChange(h, 10), invalidParameter, "Value "+h+messageGone)
	}},
	{"handles/fifo-after-12h", "3 receipt handles", Virtual | Exact, func(c *checker) {
		q := c.fifo("orders")
		q.sendTo("A", "a1")
		m := q.with(hide(43200)).one("a1")
		c.sleep(12*time.Hour + 1)
		wantExpired(q, m)
	}},
}
