package engine

import "time"

// Messages is everything a queue knows of its messages: a state machine without
// clock, lock, randomness or goroutine. Every call first brings the state to
// now: delays and visibility timeouts that are over end, messages past their
// retention vanish. A deadline d is over at now == d, not after. A caller holds
// the queue's lock around each call, and that of dead as well where one is given.
//
// Rules:
//
//   - Sequence numbers of a queue start at 1 and rise with each arrival.
//   - A message is delayed, visible or in flight, and each of these counts it once;
//     FIFO messages blocked behind their group are visible.
//   - Standard order: the lowest sequence number first, also when it was received
//     before or delayed, but tenants come first by fairness (below).
//   - FIFO order: only the head of a group (its oldest undeleted message) can be
//     deliverable: when it is neither in flight nor delayed. A receive takes from
//     that group the run of visible messages from its head, then goes to the next
//     group. Groups stand by the moment their head became available (send time
//     plus delay, or the end of its last visibility timeout, or its receive with
//     timeout 0), then by its sequence number. A group whose head is not among the
//     Window oldest undeleted messages of the queue is not looked at.
//   - Fairness on standard queues: a group is a tenant; a message without one is a
//     quiet tenant of its own. A receive takes the oldest visible message of all
//     quiet tenants; where there is none, that of the noisy tenant with the fewest
//     in flight, then the oldest. It looks again before each message. A tenant
//     becomes noisy as one of its messages is received, counting that one, while
//     its last send is less than QuietAfter ago, if
//     (a) its in flight >= NoisyFloor and 10*its > all in flight, or
//     (b) its recent receives >= NoisyFloor and 10*its busy time > all busy time.
//     Busy time is the integral of messages in flight over time, received and
//     ungrouped ones included in "all"; recent is the current ShareWindow
//     (now / ShareWindow) and the one before; an integral is booked in the
//     window in which the number in flight next changes (or is judged).
//     It is quiet again when it has neither visible nor delayed messages, and at
//     the instant when QuietAfter has passed since its last send.
type Messages interface {
	// Configure puts s in force. A changed Delay on FIFO moves the availability
	// of all messages never received here to send time + Delay, at once; on standard
	// only later sends see it. A changed Retention counts for all messages.
	// A changed GroupScope counts from ScopeDelay later, unless it is changed back
	// before; the first Configure counts at once. The kind of queue cannot change.
	Configure(now Time, s Settings)

	// Send enqueues m. On FIFO a message whose Dedup (within its Group under
	// GroupScope) was accepted less than DedupWindow ago is a duplicate: nothing
	// changes and that one's Seq is returned, though it may be gone (the latest one's,
	// where a change of scope made several the same). With
	// Dedup "" (a message brought by a move task) nothing is compared or remembered.
	Send(now Time, m *Message) Sent

	// Receive appends at most r.Max messages to out and leaves each in flight
	// until now + r.Visibility; with 0 that ends as the reply is complete, so that
	// each is handed out once in it. Receives counts up. No more are taken than MaxInFlight
	// allows; over reports that this alone kept a standard queue from answering
	// (in flight >= MaxInFlight and a message is visible).
	// A message already received MaxReceives times in this queue is moved to dead
	// instead of handed out, if dead is not nil; dead may be the queue itself, and
	// then the message goes to its end with a new sequence number. A call that
	// has moved 50 ends where it would have to move another, with what it has.
	// FIFO with Attempt: a repeat within AttemptWindow of the first call answers
	// with the same messages and handles (after a recovery these may differ in Slot,
	// and so in their text) and restarts their visibility with r.Visibility, counting no receive, provided each still exists, was not
	// received again, and was not changed by ChangeVisibility. Otherwise it is a
	// receive like any other, and the id stands for its messages from then on.
	// A call that returned nothing is not remembered.
	Receive(now Time, r Receive, dead Messages, out *Batch) (over bool)

	// NeedsDead reports whether a Receive might have to move a message away:
	// whether any message here was already received MaxReceives times.
	NeedsDead(now Time) bool

	// Delete removes the message of h. Standard: any handle not older than 12 hours
	// does (at h.At + MaxVisibility still, a nanosecond later no more). FIFO: only
	// that of the latest receive while it is in flight. Gone is a success to SQS.
	Delete(now Time, h Handle) Verdict

	// ChangeVisibility sets the timeout of the message of h to now + d; 0 makes it
	// visible. Standard: any handle, also while the message is visible (it is then
	// in flight again, without a receive). FIFO: as Delete.
	// BeyondLimit if now + d reaches h.At + MaxVisibility, for d > 0.
	// Order of checks: Gone, Expired, BeyondLimit.
	ChangeVisibility(now Time, h Handle, d time.Duration) Verdict

	// Release makes the message of h visible if it is in flight by that very
	// receive, and does nothing otherwise, on either kind of queue: it takes back
	// what a receiver was never told of, and no other receiver's message.
	Release(now Time, h Handle) (released bool)

	// Purge removes every message, the deduplication memory, the attempts, and the
	// past of tenants.
	Purge(now Time)

	// Arrive enqueues a message that a redrive policy moved here. Standard: Sent
	// stays, visible at once; FIFO: sent now, under the queue's delay. Receives goes on from m.Receives,
	// while MaxReceives counts only receives in this queue. It joins no
	// deduplication memory. First and Origin stay.
	Arrive(now Time, m *Moved) (seq uint64)

	// Take removes the message that a Receive would hand out next and appends it
	// to out as it stands (no receive counted), for a move task. False: none.
	Take(now Time, out *Batch) bool

	// Peek says which queue's redrive policy brought the message that Take would
	// remove; 0: none did.
	Peek(now Time) (source uint32, ok bool)

	// First says which message a Receive would hand out first, or move away, by a
	// handle that is good for ChangeVisibility on a standard queue.
	First(now Time) (h Handle, ok bool)

	// Latest reports whether h is of the latest receive of a message that is here.
	Latest(now Time, h Handle) bool

	// Arrivals is the last sequence number given.
	Arrivals() uint64

	// Oldest is when the message sent longest ago was sent; Never: there is none.
	Oldest(now Time) Time

	// Counts are the three numbers of GetQueueAttributes.
	Counts(now Time) Counts

	// Next is the instant at which a Receive that finds nothing now could find
	// something without a further call: the earliest end of a delay or visibility
	// timeout, or the earliest end of a retention if a message is in flight
	// (its going may unlock a group or make room). Never: none.
	Next(now Time) Time

	// Check returns the first invariant found broken, or nil.
	Check() error
}
