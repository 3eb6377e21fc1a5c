package worker

import "time"

// Event is what Options.Hook is told about: one request to SQS, or one change
// in the life of a message or of the worker.
type Event struct {
	Kind   EventKind
	Worker *Worker // whose event it is, for its Stats; nil: a [Host]'s
	Queue  string  // name of the queue
	URL    string  // of the queue; "" until it is found

	Action    string // EventRequest, EventUnsettled: the SQS action, such as "ReceiveMessage"
	RequestID string // EventRequest: what SQS calls the request, if it said so
	Extends   bool   // EventRequest: it extends the visibility timeouts of messages at hand

	// Messages are those that an EventRequest has received, or was about;
	// Message is that of the kinds about one message. They must not be changed,
	// and not be kept longer than the call: handlers own them. Of deletes and
	// changes of visibility, done or given up, of lost leases and of handlers that were
	// abandoned, they hold no more than Queue, ID and receipt handle, and what
	// [Message.SetValue] left there if the handler has returned: the rest is with a
	// handler, or gone. An EventRequest with the Action "SendMessage" is about a copy for
	// the dead-letter queue, and so are its Queue and URL.
	Messages []*Message
	Message  *Message

	// Refused holds, of an EventRequest that deletes or changes visibility, for each of
	// Messages, why SQS would not take it, and nil for those that it took; it is empty if
	// SQS took all.
	Refused []error

	Outcome Outcome // EventHandled: what becomes of the message
	Count   int     // EventPollers: how many there are now

	Drained DrainReport // EventStopped

	// Err is what went wrong, nil if nothing did; see the kinds. Messages of a
	// batch that were refused one by one do not make it an error of the request.
	Err error

	// Start and Duration measure requests and handlers; they are zero otherwise.
	Start    time.Time
	Duration time.Duration
}

// EventKind says what happened.
type EventKind string

const (
	// EventRequest: SQS has answered a request, or the request failed with Err.
	// It is what SQS bills: the worker has the SDK repeat nothing, but for
	// GetQueueUrl. The long poll that a drain cancels has the Err ErrDraining.
	EventRequest EventKind = "request"
	// EventHandled: the handler has returned, with Err. On a FIFO queue, one that
	// is tried again without another receive has an event for each time.
	EventHandled EventKind = "handled"
	// EventSkipped: a message that was done before came again, because its
	// delete did not reach SQS in time. It is deleted without being handled.
	EventSkipped EventKind = "skipped"
	// EventReleased: the message goes back to its queue without having been
	// handled to an end, because of Err: at once, or, if its visibility timeout
	// ran out while it waited, it is back already.
	EventReleased EventKind = "released"
	// EventLeaseLost: the visibility timeout of the message ran out, or SQS would
	// not extend it. Its handler, if it had begun, is told by its context.
	EventLeaseLost EventKind = "lease lost"
	// EventPollers: there are more pollers or fewer: Count. Of two at the same time, the
	// later may be told first.
	EventPollers EventKind = "pollers"
	// EventWarning: the settings of the queue carry the risk that Err names.
	EventWarning EventKind = "warning"
	// EventAbandoned: the handler was still running when the drain ended.
	// The message goes back to its queue.
	EventAbandoned EventKind = "abandoned"
	// EventUnsettled: SQS did not take the message's delete or change of
	// visibility, because of Err, and the worker has given up; or the worker did
	// not ask for the change, or not once more, because the message may have been
	// delivered again by then.
	// The message comes back when that is so.
	EventUnsettled EventKind = "unsettled"
	// EventDraining: the worker has stopped polling: its context has ended, or
	// Err made it stop.
	EventDraining EventKind = "draining"
	// EventStopped: the drain is over and Run returns. Drained is its report.
	EventStopped EventKind = "stopped"
)
