package conformance

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

const (
	noBody        = "The request must contain the parameter MessageBody."
	noGroup       = "The request must contain the parameter MessageGroupId."
	noDedup       = "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly"
	badCharacters = "Invalid characters found. Valid unicode characters are ..."
	badDelay      = " for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= 900."
)

func tooLong(limit int) string {
	return fmt.Sprintf("One or more parameters are invalid. Reason: Message must be shorter than %d bytes.", limit)
}

var sendCases = []testCase{
	{"send/reply", "2 identifiers", 0, func(c *checker) {
		q := c.queue("orders")
		a, b := q.send("message"), q.send("message")
		equal(c, "MD5OfMessageBody", deref(a.MD5OfMessageBody), "78e731027d8fd50ed642340b7c9a63b3")
		if !regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`).MatchString(deref(a.MessageId)) {
			c.Errorf("MessageId: got %q, want the text of a UUID", deref(a.MessageId))
		}
		if deref(a.MessageId) == deref(b.MessageId) {
			c.Errorf("two sends: both got MessageId %s", deref(a.MessageId))
		}
		if a.SequenceNumber != nil || a.MD5OfMessageAttributes != nil || a.MD5OfMessageSystemAttributes != nil {
			c.Errorf("%s\nwant neither SequenceNumber nor MD5s of attributes that are not there", c.trace.last())
		}
	}},
	{"send/message-comes-as-sent", "2 body", 0, func(c *checker) {
		q := c.queue("orders")
		sent := q.send("hello")
		m := q.one("hello")
		equal(c, "MessageId", deref(m.MessageId), deref(sent.MessageId))
		equal(c, "MD5OfBody", deref(m.MD5OfBody), deref(sent.MD5OfMessageBody))
	}},
	{"send/legal-characters", "2 body", 0, func(c *checker) {
		q := c.queue("orders")
		for _, body := range []string{
			"\t", "\n", "\r", "a\r\nb\r", " ", "\u007f", "\u0085", "\ud7ff", "\ue000", "\ufffd", "\U00010000", "\U0010ffff", "🦀 <&>\"' ä",
		} {
			q.send(body)
			m := q.one(body)
			equal(c, "MD5OfBody", deref(m.MD5OfBody), md5Hex([]byte(body)))
			q.delete(m)
		}
	}},
	{"send/illegal-characters", "2 body", 0, func(c *checker) {
		q := c.queue("orders")
		for _, r := range []rune{0, 1, 8, 0xb, 0xc, 0xe, 0x1f, 0xfffe, 0xffff} {
			_, err := q.trySend("hello" + string(r))
			c.wantError(err, invalidContents, c.emulated(badCharacters))
		}
	}},
	{"send/illegal-characters-in-batch", "2 body", 0, func(c *checker) {
		q := c.queue("orders")
		out := q.sendBatch(entry("good", "hello"), entry("bad", "\x01"))
		c.wantSent(out, "good")
		c.wantFailed(out.Failed, failure{"bad", invalidContents, c.emulated(badCharacters)})
		q.expect(10, "hello")
	}},
	{"send/empty-body", "2 body", 0, func(c *checker) {
		_, err := c.queue("orders").trySend("")
		c.wantError(err, missingParameter, noBody)
	}},
	{"send/absent-body", "2 body", Lax, func(c *checker) {
		q := c.queue("orders")
		_, err := c.client.SendMessage(c.ctx, &sqs.SendMessageInput{QueueUrl: &q.url})
		c.wantError(err, missingParameter, noBody)
	}},
	{"send/trace-header", "2 system attributes", 0, func(c *checker) {
		q := c.queue("orders")
		const value = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"
		out := q.send("hello", header(value))
		equal(c, "MD5OfMessageSystemAttributes", deref(out.MD5OfMessageSystemAttributes), md5OfSystem("AWSTraceHeader", value))
		if out.MD5OfMessageAttributes != nil {
			c.Errorf("%s\nwant no MD5OfMessageAttributes", c.trace.last())
		}
		m := q.with(systemNames("AWSTraceHeader")).one("hello")
		equal(c, "attributes", fmt.Sprint(m.Attributes), fmt.Sprint(map[string]string{"AWSTraceHeader": value}))
		if m.MD5OfMessageAttributes != nil {
			c.Errorf("%s\nwant no MD5OfMessageAttributes", c.trace.last())
		}
	}},
	{"send/trace-header-in-batch", "2 system attributes", 0, func(c *checker) {
		q := c.queue("orders")
		out := q.sendBatch(entry("a", "hello", header("Root=1")))
		c.wantSent(out, "a")
		equal(c, "MD5OfMessageSystemAttributes", deref(out.Successful[0].MD5OfMessageSystemAttributes), md5OfSystem("AWSTraceHeader", "Root=1"))
		equal(c, "AWSTraceHeader", q.with(allSystem).one("hello").Attributes["AWSTraceHeader"], "Root=1")
	}},
	{"send/bad-system-attribute", "2 system attributes", Emulated, func(c *checker) {
		q := c.queue("orders")
		_, err := q.trySend("hello", system("SenderId", "String", "me"))
		c.wantError(err, invalidParameter, "")
		_, err = q.trySend("hello", system("AWSTraceHeader", "Number", "1"))
		c.wantError(err, invalidParameter, "")
	}},
}

var sizeCases = []testCase{
	{"size/limit-of-the-queue", "2 size", 0, func(c *checker) {
		q := c.queue("orders", "MaximumMessageSize", "1024")
		q.send(strings.Repeat("x", 1024))
		q.send(strings.Repeat("é", 512)) // bytes of UTF-8, not characters
		for _, body := range []string{strings.Repeat("x", 1025), strings.Repeat("é", 512) + "x"} {
			_, err := q.trySend(body)
			c.wantError(err, invalidParameter, tooLong(1024))
		}
	}},
	{"size/default-limit", "2 size", 0, func(c *checker) {
		q := c.queue("orders")
		q.send(strings.Repeat("x", 1<<20))
		_, err := q.trySend(strings.Repeat("x", 1<<20+1))
		c.wantError(err, invalidParameter, tooLong(1<<20))
	}},
	{"size/attributes-count", "2 size", 0, func(c *checker) {
		q := c.queue("orders", "MaximumMessageSize", "1024")
		// name, type with label and value: 4+13+100; 4+6+200 with the bytes as they are
		attributes := []sendOption{
			with("name", text("String.custom", strings.Repeat("v", 100))),
			with("blob", blob("Binary", make([]byte, 200))),
		}
		const size = 4 + 13 + 100 + 4 + 6 + 200
		q.send(strings.Repeat("x", 1024-size), attributes...)
		_, err := q.trySend(strings.Repeat("x", 1024-size+1), attributes...)
		c.wantError(err, invalidParameter, tooLong(1024))
	}},
	{"size/system-attributes-are-free", "2 size", 0, func(c *checker) {
		c.queue("orders", "MaximumMessageSize", "1024").send(strings.Repeat("x", 1024), header("Root=1-5759e988-bd862e3fe1be46a994272793"))
	}},
	{"size/limit-changes", "2 size", Exact, func(c *checker) {
		q := c.queue("orders", "MaximumMessageSize", "1024")
		q.send(strings.Repeat("x", 1024))
		q.set("MaximumMessageSize", "2000")
		q.send(strings.Repeat("x", 2000))
		q.set("MaximumMessageSize", "1024")
		_, err := q.trySend(strings.Repeat("x", 1025))
		c.wantError(err, invalidParameter, tooLong(1024))
		equal(c, "messages left", len(q.receive(10)), 2) // those queued are left alone
	}},
	{"size/entry-too-long", "2 size", 0, func(c *checker) {
		q := c.queue("orders", "MaximumMessageSize", "1024")
		out := q.sendBatch(entry("long", strings.Repeat("x", 1025)), entry("good", "hello"))
		c.wantSent(out, "good")
		c.wantFailed(out.Failed, failure{"long", invalidParameter, "One or more parameters cannot be validated. Reason: Message must be shorter than 1024 bytes."})
	}},
	{"size/entry-too-long-on-fifo", "2 size", Emulated, func(c *checker) {
		q := c.fifo("orders", "MaximumMessageSize", "1024")
		_, err := q.trySendBatch(entry("good", "hello", group("A")), entry("long", strings.Repeat("x", 1025), group("A")))
		c.wantError(err, invalidParameter, "")
		q.none()
	}},
	{"size/batch-total", "2 size", 0, func(c *checker) {
		q := c.queue("orders")
		half := strings.Repeat("x", 1<<19)
		c.wantSent(q.sendBatch(entry("a", half), entry("b", half)), "a", "b")
		_, err := q.trySendBatch(entry("a", half), entry("b", half+"x"))
		c.wantError(err, batchTooLong, "Batch requests cannot be longer than 1048576 bytes. You have sent 1048577 bytes.")
		_, err = q.trySendBatch(entry("a", half), entry("b", half, with("n", text("String", "v"))))
		c.wantError(err, batchTooLong, "Batch requests cannot be longer than 1048576 bytes. You have sent 1048584 bytes.")
	}},
	{"size/batch-total-is-fixed", "2 size", 0, func(c *checker) {
		q := c.queue("orders", "MaximumMessageSize", "1024")
		k := strings.Repeat("x", 1024)
		c.wantSent(q.sendBatch(entry("a", k), entry("b", k), entry("c", k)), "a", "b", "c")
		// the total is looked at before the entries
		_, err := q.trySendBatch(entry("a", strings.Repeat("x", 1<<20+1)))
		c.wantError(err, batchTooLong, "Batch requests cannot be longer than 1048576 bytes. You have sent 1048577 bytes.")
	}},
}

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
}

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

// A failure is what is wanted of a failed batch entry; text is as in wantError.
type failure struct{ id, code, text string }

// wantSent checks which entries succeeded, in any order, and that a list without entries is absent.
func (c *checker) wantSent(out *sqs.SendMessageBatchOutput, ids ...string) {
	c.Helper()
	var got []string
	for _, e := range out.Successful {
		got = append(got, deref(e.Id))
	}
	c.wantIDs("Successful", got, out.Successful != nil, ids)
}

// wantFailed checks the failed entries, in any order.
func (c *checker) wantFailed(failed []types.BatchResultErrorEntry, want ...failure) {
	c.Helper()
	var got, ids []string
	for _, f := range failed {
		got = append(got, deref(f.Id))
	}
	for _, w := range want {
		ids = append(ids, w.id)
	}
	c.wantIDs("Failed", got, failed != nil, ids)
	for _, w := range want {
		for _, f := range failed {
			if deref(f.Id) != w.id {
				continue
			}
			start, open := strings.CutSuffix(w.text, "...")
			same := w.text == "" || deref(f.Message) == w.text || open && strings.HasPrefix(deref(f.Message), start)
			if deref(f.Code) != w.code || !same || !f.SenderFault {
				c.Errorf("%s\nentry %s: want Code %s, Message %s, SenderFault true\ngot Code %s, Message %s, SenderFault %t",
					c.trace.last(), w.id, w.code, quote(w.text), deref(f.Code), quote(deref(f.Message)), f.SenderFault)
			}
		}
	}
}
