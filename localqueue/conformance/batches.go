package conformance

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

const badEntryID = "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long."

// wantIDs compares batch ids, in any order. A list that is empty must be absent.
func (c *checker) wantIDs(list string, got []string, present bool, want []string) {
	c.Helper()
	got, want = slices.Sorted(slices.Values(got)), slices.Sorted(slices.Values(want))
	if !slices.Equal(got, want) {
		c.Fatalf("%s\n%s: got %q, want %q", c.trace.last(), list, got, want)
	}
	if present && len(want) == 0 {
		c.Errorf("%s\nwant no list %s at all, got an empty one", c.trace.last(), list)
	}
}

// idHandle is a batch entry: its id and a receipt handle.
type idHandle struct{ id, handle string }

// handles makes entries m0, m1, ... of messages.
func handles(msgs ...types.Message) (list []idHandle) {
	for i, m := range msgs {
		list = append(list, idHandle{fmt.Sprint("m", i), deref(m.ReceiptHandle)})
	}
	return list
}

func (q *queue) tryDeleteBatch(entries ...idHandle) (*sqs.DeleteMessageBatchOutput, error) {
	list := []types.DeleteMessageBatchRequestEntry{} // empty, not absent
	for _, e := range entries {
		list = append(list, types.DeleteMessageBatchRequestEntry{Id: &e.id, ReceiptHandle: &e.handle})
	}
	return q.c.client.DeleteMessageBatch(q.c.ctx, &sqs.DeleteMessageBatchInput{QueueUrl: &q.url, Entries: list})
}

// wantDeleted deletes and checks which entries succeed and which fail.
func (q *queue) wantDeleted(entries []idHandle, succeed []string, fail ...failure) {
	q.c.Helper()
	out, err := q.tryDeleteBatch(entries...)
	var got []string
	for _, e := range ok(q.c, out, err).Successful {
		got = append(got, deref(e.Id))
	}
	q.c.wantIDs("Successful", got, out.Successful != nil, succeed)
	q.c.wantFailed(out.Failed, fail...)
}

func (q *queue) tryChangeBatch(seconds int32, entries ...idHandle) (*sqs.ChangeMessageVisibilityBatchOutput, error) {
	list := []types.ChangeMessageVisibilityBatchRequestEntry{}
	for _, e := range entries {
		list = append(list, types.ChangeMessageVisibilityBatchRequestEntry{Id: &e.id, ReceiptHandle: &e.handle, VisibilityTimeout: seconds})
	}
	return q.c.client.ChangeMessageVisibilityBatch(q.c.ctx, &sqs.ChangeMessageVisibilityBatchInput{QueueUrl: &q.url, Entries: list})
}

// wantChanged is wantDeleted for visibility.
func (q *queue) wantChanged(seconds int32, entries []idHandle, succeed []string, fail ...failure) {
	q.c.Helper()
	out, err := q.tryChangeBatch(seconds, entries...)
	var got []string
	for _, e := range ok(q.c, out, err).Successful {
		got = append(got, deref(e.Id))
	}
	q.c.wantIDs("Successful", got, out.Successful != nil, succeed)
	q.c.wantFailed(out.Failed, fail...)
}

// eachBatch calls f with every batch action, given the ids of its entries.
// The handles are malformed: ids are checked before them.
func (q *queue) eachBatch(ids []string, f func(action string, err error)) {
	var sends []types.SendMessageBatchRequestEntry
	var others []idHandle
	for _, id := range ids {
		sends = append(sends, entry(id, "hello"))
		others = append(others, idHandle{id, "bad"})
	}
	_, err := q.trySendBatch(sends...)
	f("SendMessageBatch", err)
	_, err = q.tryDeleteBatch(others...)
	f("DeleteMessageBatch", err)
	_, err = q.tryChangeBatch(5, others...)
	f("ChangeMessageVisibilityBatch", err)
}

var batchCases = []testCase{
	{"batches/empty", "4 batch-level errors", 0, func(c *checker) {
		c.queue("orders").eachBatch(nil, func(action string, err error) {
			want := "There should be at least one " + action + "RequestEntry in the request."
			if action == "ChangeMessageVisibilityBatch" {
				want = c.emulated(want)
			}
			c.wantError(err, emptyBatch, want)
		})
	}},
	{"batches/absent", "4 batch-level errors", Lax | Emulated, func(c *checker) {
		q := c.queue("orders")
		_, err := c.client.SendMessageBatch(c.ctx, &sqs.SendMessageBatchInput{QueueUrl: &q.url})
		c.wantError(err, emptyBatch, "There should be at least one SendMessageBatchRequestEntry in the request.")
		_, err = c.client.DeleteMessageBatch(c.ctx, &sqs.DeleteMessageBatchInput{QueueUrl: &q.url})
		c.wantError(err, emptyBatch, "There should be at least one DeleteMessageBatchRequestEntry in the request.")
		_, err = c.client.ChangeMessageVisibilityBatch(c.ctx, &sqs.ChangeMessageVisibilityBatchInput{QueueUrl: &q.url})
		c.wantError(err, emptyBatch, "There should be at least one ChangeMessageVisibilityBatchRequestEntry in the request.")
	}},
	{"batches/too-many", "4 batch-level errors", 0, func(c *checker) {
		q := c.queue("orders")
		for _, n := range []int{11, 20} {
			var ids []string
			for i := range n {
				ids = append(ids, fmt.Sprint("m", i))
			}
			q.eachBatch(ids, func(action string, err error) {
				c.wantError(err, tooManyEntries, fmt.Sprintf("Maximum number of entries per request are 10. You have sent %d.", n))
			})
		}
		q.none()
	}},
	{"batches/bad-id", "4 batch-level errors", 0, func(c *checker) {
		q := c.queue("orders")
		for _, id := range []string{"", "a b", "a.b", "ä", strings.Repeat("x", 81)} {
			q.eachBatch([]string{"good", id}, func(action string, err error) {
				c.wantError(err, invalidEntryID, badEntryID)
			})
		}
		q.none()
	}},
	{"batches/longest-id", "4 batch-level errors", 0, func(c *checker) {
		q := c.queue("orders")
		id := "Az09_-" + strings.Repeat("x", 74)
		c.wantSent(q.sendBatch(entry(id, "hello")), id)
	}},
	{"batches/repeated-id", "4 batch-level errors", 0, func(c *checker) {
		q := c.queue("orders")
		q.eachBatch([]string{"a", "b", "c", "b", "a"}, func(action string, err error) {
			c.wantError(err, idsNotDistinct, "Id b repeated.") // the first that is met again
		})
		q.none()
	}},
	{"batches/ids-are-case-sensitive", "4 batch-level errors", 0, func(c *checker) {
		c.wantSent(c.queue("orders").sendBatch(entry("a", "1"), entry("A", "2")), "a", "A")
	}},
	{"batches/send-all", "4 batches", 0, func(c *checker) {
		q := c.queue("orders")
		var entries []types.SendMessageBatchRequestEntry
		var ids, want []string
		for i := range 10 {
			ids, want = append(ids, fmt.Sprint("id", i)), append(want, fmt.Sprint("body", i))
			entries = append(entries, entry(ids[i], want[i]))
		}
		out := q.sendBatch(entries...)
		c.wantSent(out, ids...)
		c.wantFailed(out.Failed)
		for _, e := range out.Successful {
			equal(c, "MD5OfMessageBody of "+deref(e.Id), deref(e.MD5OfMessageBody), md5Hex([]byte("body"+strings.TrimPrefix(deref(e.Id), "id"))))
			if e.SequenceNumber != nil || e.MD5OfMessageAttributes != nil || e.MD5OfMessageSystemAttributes != nil {
				c.Errorf("entry %s: want neither SequenceNumber nor MD5s of attributes that are not there", deref(e.Id))
			}
		}
		q.expect(10, want...)
	}},
	{"batches/send-none", "4 batches", 0, func(c *checker) {
		q := c.queue("orders")
		out := q.sendBatch(entry("empty", ""), entry("bad", "\x02"))
		c.wantSent(out)
		c.wantFailed(out.Failed, failure{"empty", missingParameter, c.emulated(noBody)}, failure{"bad", invalidContents, c.emulated(badCharacters)})
		q.none()
	}},
	{"batches/order-of-the-request", "4 batches", Emulated, func(c *checker) {
		q := c.queue("orders")
		out := q.sendBatch(entry("z", "1"), entry("x", ""), entry("a", "2"), entry("d", ""), entry("m", "3"))
		var got []string
		for _, e := range out.Successful {
			got = append(got, deref(e.Id))
		}
		for _, e := range out.Failed {
			got = append(got, deref(e.Id))
		}
		equal(c, "ids of Successful and Failed", strings.Join(got, " "), "z a m x d")
	}},
	{"batches/delete", "4 batches", Exact, func(c *checker) {
		q, other := c.queue("orders"), c.queue("other")
		q.fill(3, "m")
		other.send("foreign")
		msgs := q.expect(10, "m1", "m2", "m3")
		foreign := deref(other.one("foreign").ReceiptHandle)
		q.wantDeleted(append(handles(msgs[:2]...), idHandle{"bad", "bad"}, idHandle{"foreign", foreign}, idHandle{"none", ""}), []string{"m0", "m1"},
			failure{"bad", invalidHandle, `The input receipt handle "bad" is not a valid receipt handle.`},
			failure{"foreign", invalidHandle, `The receipt handle "` + foreign + `" is not valid for this queue.`},
			failure{"none", missingParameter, c.emulated("The request must contain the parameter ReceiptHandle.")},
		)
		q.wantCounts(0, 1, 0)
		q.wantDeleted(handles(msgs...), []string{"m0", "m1", "m2"}) // again is no fault
		q.wantCounts(0, 0, 0)
		other.wantCounts(0, 1, 0)
	}},
	{"batches/change", "4 batches", Exact, func(c *checker) {
		q, other := c.queue("orders"), c.queue("other")
		q.fill(3, "m")
		other.send("foreign")
		msgs := q.expect(10, "m1", "m2", "m3")
		foreign := deref(other.one("foreign").ReceiptHandle)
		q.wantChanged(0, append(handles(msgs[:2]...), idHandle{"bad", "bad"}, idHandle{"foreign", foreign}), []string{"m0", "m1"},
			failure{"bad", invalidHandle, `The input receipt handle "bad" is not a valid receipt handle.`},
			failure{"foreign", invalidHandle, `The receipt handle "` + foreign + `" is not valid for this queue.`},
		)
		q.expect(10, "m1", "m2")
		other.wantCounts(0, 1, 0)
	}},
	{"batches/change-faults", "4 batches", 0, func(c *checker) {
		q := c.queue("orders")
		q.send("hello")
		q.send("gone")
		msgs := q.expect(10, "hello", "gone")
		q.wantChanged(43201, handles(msgs[0]), nil, failure{"m0", invalidParameter, c.emulated("Value 43201" + badTimeout)})
		q.wantChanged(43200, handles(msgs[0]), nil, failure{"m0", invalidParameter, "Value 43200" + beyondLimit})
		q.delete(msgs[1])
		q.wantChanged(10, handles(msgs...), []string{"m0"},
			failure{"m1", invalidParameter, "Value " + deref(msgs[1].ReceiptHandle) + messageGone})
	}},
	{"batches/each-its-own-timeout", "4 batches", Exact, func(c *checker) {
		q := c.queue("orders")
		q.fill(2, "m")
		msgs := q.expect(10, "m1", "m2")
		out, err := c.client.ChangeMessageVisibilityBatch(c.ctx, &sqs.ChangeMessageVisibilityBatchInput{QueueUrl: &q.url, Entries: []types.ChangeMessageVisibilityBatchRequestEntry{
			{Id: new("a"), ReceiptHandle: msgs[0].ReceiptHandle, VisibilityTimeout: 60},
			{Id: new("b"), ReceiptHandle: msgs[1].ReceiptHandle},
		}})
		equal(c, "entries that succeeded", len(ok(c, out, err).Successful), 2)
		q.expect(10, "m2")
	}},
	{"batches/fifo-delete-with-expired-handle", "4 batches", Virtual | Exact, func(c *checker) {
		q := c.fifo("orders")
		q.sendTo("A", "a1")
		q.sendTo("B", "b1")
		msgs := q.expect(10, "a1", "b1")
		q.change(msgs[0], 5)
		c.sleep(5e9)
		q.wantDeleted(handles(msgs...), []string{"m1"}, failure{"m0", invalidHandle, "The receipt handle has expired"})
		q.expect(10, "a1")
	}},
	{"batches/fifo-send-keeps-order", "4 batches", 0, func(c *checker) {
		q := c.fifo("orders")
		out := q.sendBatch(entry("3", "a1", group("A")), entry("1", "a2", group("A")), entry("2", "a3", group("A")))
		c.wantSent(out, "1", "2", "3")
		numbers := map[string]string{}
		for _, e := range out.Successful {
			numbers[deref(e.Id)] = deref(e.SequenceNumber)
		}
		if numbers["3"] == "" || numbers["3"] >= numbers["1"] || numbers["1"] >= numbers["2"] {
			c.Errorf("%s\nwant sequence numbers that increase in the order of the request", c.trace.last())
		}
		q.expect(10, "a1", "a2", "a3")
	}},
}
