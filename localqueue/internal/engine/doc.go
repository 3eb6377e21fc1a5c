// Package engine is SQS without a clock, a lock or a wire: the registry of
// queues with their attributes (Engine, Queue), and what a queue knows of its
// messages (Messages). Both are state machines. Their transitions are handed the
// time, draw no randomness, start no goroutine and take no lock; whoever calls
// them holds the lock of each queue concerned, and the registry's for an Engine.
//
// # The life of a message
//
//	        Send, delay                    delay over
//	─────────────────────────▶ delayed ─────────────────┐
//	                                                     ▼
//	        Send, no delay; Arrive                               Receive: receives+1
//	────────────────────────────────────────────────▶ visible ─────────────────────▶ in flight
//	                                                   ▲ │ ▲                            │ │
//	                                                   │ │ └──── visibility timeout ────┘ │
//	                                                   │ │       over, or changed to 0    │
//	                                Receive past       │ │                                │
//	                                MaxReceives ◀──────┼─┘                                │
//	                                (Arrive in the     │   ChangeVisibility, on standard  │
//	                                dead-letter queue) └── queues also of visible ones ───┘
//
//	Delete, end of retention, Purge and move tasks remove a message: the first
//	three in any state, the last a visible one.
//
// Whatever time brings about (delays, timeouts and retention ending, tenants
// growing quiet) happens at the beginning of the next call, in order of time and
// each at its own instant, so that it makes no difference when that call comes.
//
// # Order
//
// Standard queues hand out by sequence number, tenants by fairness; FIFO queues
// by group, each group by its head. The rules stand with Messages; the conformance
// suite has a case for each.
//
// # Structures
//
// A message is a slot of 88 bytes without pointers (slots.go) and a record in an
// arena (arena.go); groups likewise (groups.go). Lists run through the slots.
//
//	standard:  visible without group ─▶ loose pile            (pile.go: list + pairing heap)
//	           visible of a tenant ─▶ its pile; tenants in heaps, quiet by oldest message,
//	           noisy by messages in flight, cooling by when time changes them (fair.go)
//	FIFO:      all of a group ─▶ its list; groups with a visible head in a heap (fifo.go)
//	both:      delayed and in flight ─▶ heap of deadlines     (heap.go)
//	           all ─▶ order of age, strays in a heap           (ages.go)
//
// Send, Receive, Delete and ChangeVisibility cost O(log n) at worst, amortised;
// counts cost nothing. A changed FIFO delay or maxReceiveCount visits every
// message once.
//
// # Invariants
//
// Check knows them all and tests run it after every step:
//
//   - the three counts are those of the slots; a hidden message has exactly one
//     deadline, which lies ahead; no message is past its retention
//   - every message stands in the order of age once; visible messages of a
//     standard queue stand in exactly one pile, in sequence order
//   - a FIFO group lists its messages in sequence order, and is among the ready
//     ones exactly if its head is visible
//   - a tenant is in the heap its state says exactly if it has visible messages;
//     none is noisy without a backlog
//   - heaps are in order and every member knows its place
//   - the arena holds the bytes of the live messages and no others
//   - deduplication entries stand in order of time
//
// # On disk
//
// With a Log (log.go) the engine writes what it does, and contents stay in the log:
// a message knows its Place there. Which queues there are, settings, counts and orders
// are in memory, and recovery makes them again from the records.
//
// A record (record.go) states facts, not requests, with the numbers that were decided
// and each fact whole: a message was sent, with its content; this is what is known of
// it now; it is a message of another queue now; it is gone; all of a queue but its
// messages. So it makes no difference which older records are still there, as long as
// the latest about each thing is, and recovery (Engine.Replay, Engine.Recovered)
// reads what there is in the order it was written in and decides nothing. Only the
// head of a record is needed for that, the content is not.
//
//	send ─▶ facts ─▶ facts ─▶ move ─▶ facts ─▶ copy ─▶ facts ─▶ gone
//	home    mark     mark     mark    mark     home    mark     tombstone
//
// home is the record with the content, mark the segment of the latest fact about the
// message, if its home does not say all. What is needed of a segment is booked in a
// Ledger under the segment's number: homes, marks, deduplication ids and attempts
// of the last five minutes, the latest control of each queue, the last sequence number
// given, how far a move task is. Any segment of which nothing is needed may be
// dropped, in any order, but for bonds:
//
//   - One that tells that a message is gone, or has moved, stays as long as the
//     segment of the message's home at that time: its send or copy would bring it
//     back. That can be told again elsewhere (Forward), which ends the bond.
//   - One with a copy stays as long as the segment that it was copied from: the
//     tombstone names the copy's segment, and the older one has the message, too.
//     Nothing ends that bond but the end of the older one.
//
// A segment is emptied by writing again what is needed of it (Durable, Renote), by
// steps between which queues go on; what was not finished does no harm.
//
// What the log refuses does not happen, but for receives, changes of visibility and
// the end of retention: those stand in memory, and are told with the next fact.
//
// # Memory
//
// Bytes for each message, beside its content in memory; BenchmarkFootprint and
// BenchmarkFootprintOnDisk measure them:
//
//	                                                 in memory   on disk
//	standard, never received, no group, no delay        96          16
//	any other                                           96          88
//	delayed or in flight, more                          18          18
//	after a recovery, with a slot, more                     -         8
//	FIFO message group with messages, more                  84          65
//	deduplication id, for five minutes                      52          52
//
// The backlog of the 16 bytes (backlog.go) is a list in order of sending beside the
// slots; a message gets its slot as it is received, and never goes back but by
// recovery. A handle of before a recovery names a slot of before; its message is found
// by its sequence number (roll.go) as long as it exists, also one that was in the
// backlog at the recovery, since a power failure may have undone its receive.
//
// BenchmarkReplay measures what a message costs recovery. That keeps deduplication
// ids and attempts of five minutes at a time, not all that are in the log.
//
// # Invariants on disk
//
// Check also knows these, and the tests' log on paper the last two:
//
//   - a message in the backlog or in a slot has a home; one whose home was written
//     under another queue or number (flagAway) has a mark
//   - the backlog is in order of sequence numbers and of time, and begins and ends
//     with a message that is there
//   - what the Ledger has booked is what Weigh adds up from the state
//   - recovery from what stands in the log, whatever was dropped, gives an equal state
package engine
