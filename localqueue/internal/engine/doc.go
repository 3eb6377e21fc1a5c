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
// # Records
//
// Every change of state is also a record of what was decided (record.go), and
// replaying the records of a run into a fresh engine gives an equal state
// (Engine.Replay). A receive is recorded as the messages it took, not as a
// request to look for some.
package engine
