package worker

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// entry is one message on its way through a lane. Unless its lease is extended, it
// holds no Message, so that the bodies of messages that are done are free to go
// while deletes wait.
type entry struct {
	kept *Message // extensions only

	id, handle string
	values     *value    // those of a message whose handler has ended
	polled     time.Time // see lease
	lasts      time.Time
	expires    time.Time

	at    time.Time // changes only: when the message is to be visible again
	due   time.Time // when it is to leave at the latest; zero: at once
	tries int       // requests that it was in; if there were any, due is also the earliest
	err   error     // what came of the last of them
	doubt bool      // one of them was not answered, and may have been carried out
}

func newEntry(m *Message) entry {
	l := &m.lease
	return entry{id: m.ID, handle: deref(m.sdk.ReceiptHandle), polled: l.polled, lasts: l.lasts, expires: l.expires}
}

// newChange returns an entry that has m visible at the given time.
func newChange(m *Message, at time.Time) entry {
	e := newEntry(m)
	e.at = at
	return e
}

// seconds returns the visibility timeout that, set now, ends at e.at or up to a
// second later, but inside SQS's limit. That counts from the receive; a second
// is left for the request to arrive.
func seconds(e entry, now time.Time) int32 {
	limit := maxInvisible - now.Sub(e.polled) - time.Second
	d := e.at.Sub(now)
	if d > limit {
		d = limit.Truncate(time.Second)
	}
	return int32(max(0, (d+time.Second-1)/time.Second))
}

// stub is what events tell of m while its handler may be changing it.
func (m *Message) stub() *Message {
	return entry{id: m.ID, handle: deref(m.sdk.ReceiptHandle)}.stub(m.Queue)
}

// stub is what events tell of the message that e stands for.
func (e entry) stub(queue string) *Message {
	return &Message{Queue: queue, ID: e.id, values: e.values, sdk: types.Message{MessageId: &e.id, ReceiptHandle: &e.handle}}
}
