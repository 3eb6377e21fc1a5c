package conformance

import (
	"fmt"
	"regexp"
	"strings"

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
