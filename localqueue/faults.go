package localqueue

import "time"

// Faults are what goes wrong on purpose. SQS delivers a message twice now and then, or
// out of order, throttles, and networks lose replies; a Server does none of it unless it
// is told to by Options.Faults or SetFaults. Whoever relies on a handler tries it under
// these.
//
// Nothing about it is random. Whether a fault strikes is a hash of Seed, its kind, and
//
//   - where a message is concerned, its queue, its place among all messages of the queue,
//     and the number of the receive (Duplicate, SlowDelete, StaleDelete);
//   - otherwise the action, the queue, and the number of the call among those of this
//     action to this queue since the faults were set; for PartialBatch also the place of
//     the entry.
//
// The same calls in the same order therefore meet the same faults. The order in which
// goroutines make their calls is not promised by anybody.
//
// Faults are not kept on disk. What they do to messages is what calls do to them, and
// is written to the log like that: a durable Server finds after a restart what it left.
type Faults struct {
	Seed uint64
	// Rules say what strikes where. One call may meet faults of several kinds. The rules
	// of one kind share a draw, and the first that it is under strikes: two of Slow, at
	// rates of 0.01 and 0.1, delay one call in a hundred by the first one's Delay and nine
	// by the second one's.
	Rules []Fault
}

// Fault is one rule of Faults.
type Fault struct {
	Kind FaultKind
	// Action, such as "ReceiveMessage", and Queue, a queue's name, bound what the rule
	// concerns. "": all actions that the kind can strike, all queues. (A rule with a Queue
	// does not concern ListQueues, which names none.)
	Action, Queue string
	// Rate is how often it strikes of what it concerns, from 0 to 1.
	Rate float64
	// Delay is what Duplicate, SlowDelete and Slow say about it. Other kinds have none.
	Delay time.Duration
}

// FaultKind says what goes wrong.
type FaultKind string

// What a call of any action can meet, in this order:
const (
	// Slow has a call take Delay longer, before it does anything. It is over sooner if its
	// context ends or the Server is closed; nothing was done then.
	Slow FaultKind = "slow"

	// LostRequest has a request never arrive: nothing was done. The caller in this process
	// gets the error that an SDK client returns when a connection breaks, with a
	// *net.OpError in it; over HTTP the connection breaks.
	LostRequest FaultKind = "lost-request"

	// Throttled refuses a call: ThrottlingException (status 400) and *types.RequestThrottled
	// (status 403), about half of them each.
	Throttled FaultKind = "throttled"

	// ServerError fails a call, with nothing done: InternalFailure (status 500) and
	// ServiceUnavailable (status 503), about half of them each.
	ServerError FaultKind = "server-error"

	// LostReply loses the reply of a call, also one that is a refusal. The caller learns no
	// more than with LostRequest, but the action was carried out: what was sent is in the
	// queue, what was received stays in flight until its visibility timeout.
	LostReply FaultKind = "lost-reply"
)

// What ReceiveMessage on a standard queue can meet:
const (
	// Duplicate delivers a message a second time while its receiver still has it: it is
	// visible again at once, or Delay after its receive, if its visibility timeout is
	// longer than that and nobody changes it meanwhile. The second delivery has a receipt
	// handle of its own and counts as a receive. It is not doubled in turn; nor is the last
	// receive that a redrive policy allows, lest the message be moved away from whoever has
	// it.
	Duplicate FaultKind = "duplicate"

	// Reorder has a receive pass over up to nine messages whose turn it is, which keep
	// their places, and puts its reply out of order. Where there are no others it finds
	// what it would have found.
	Reorder FaultKind = "reorder"

	// FalseEmpty has a receive that does not wait find nothing, as one does that asks the
	// few of SQS's servers that have none of the messages.
	FalseEmpty FaultKind = "false-empty"
)

// What DeleteMessage and DeleteMessageBatch on a standard queue can meet:
const (
	// SlowDelete answers a delete at once and carries it out after Delay; not at all if the
	// message was received again meanwhile, or the Server was closed.
	SlowDelete FaultKind = "slow-delete"

	// StaleDelete has a delete by the handle of an earlier receive than the latest report
	// success and delete nothing, as SQS says it may. Without it such a delete deletes.
	StaleDelete FaultKind = "stale-delete"
)

// What the three batch actions can meet:
const (
	// PartialBatch fails single entries of a batch, with InternalError and SenderFault
	// false. The others are not concerned.
	PartialBatch FaultKind = "partial-batch"
)

// SetFaults puts f in the place of the faults in force, for calls that begin from now
// on; Faults{} ends them. Calls are numbered from 1 again. Deletes that a SlowDelete has
// put off stay so. If the error is not nil, which says what is wrong with f, nothing has
// changed.
func (s *Server) SetFaults(f Faults) error {
	if err := f.check(); err != nil {
		return err
	}
	s.faults.Store(newFaults(f))
	return nil
}
