package worker

import "time"

// Event is what Options.Hook is told about: one request to SQS, or one change
// in the life of a message or of the worker.
type Event struct {
	Kind  EventKind
	Queue string // name of the queue

	Action string // EventRequest, EventUnsettled: the SQS action, such as "ReceiveMessage"

	// Messages are those that an EventRequest has received, or was about;
	// Message is that of the kinds about one message. They must not be changed,
	// and not be kept longer than the call: handlers own them. Of deletes and
	// changes of visibility, done or given up, they hold no more than Queue, ID
	// and receipt handle: the worker itself has let go of the rest.
	Messages []*Message
	Message  *Message

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
	// This is one call of the Client. SQS bills each try of it: those that the
	// SDK makes on its own when one fails are inside one event. The long poll
	// that a drain cancels has the Err ErrDraining.
	EventRequest EventKind = "request"
	// EventHandled: the handler has returned, with Err.
	EventHandled EventKind = "handled"
	// EventSkipped: a message that was done before came again, because its
	// delete did not reach SQS in time. It is deleted without being handled.
	EventSkipped EventKind = "skipped"
	// EventReleased: the message goes back to its queue without having been
	// handled to an end, because of Err: at once, or, if its visibility timeout
	// ran out while it waited, it is back already.
	EventReleased EventKind = "released"
	// EventAbandoned: the handler was still running when the drain ended.
	// The message goes back to its queue.
	EventAbandoned EventKind = "abandoned"
	// EventUnsettled: SQS did not take the message's delete or change of
	// visibility, because of Err, and the worker has given up; or the worker did
	// not ask for the change, because the visibility timeout had run out before.
	// The message comes back when that is so.
	EventUnsettled EventKind = "unsettled"
	// EventDraining: the worker has stopped polling: its context has ended, or
	// Err made it stop.
	EventDraining EventKind = "draining"
)
