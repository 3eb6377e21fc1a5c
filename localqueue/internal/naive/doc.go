// Package naive is the plain implementation of engine.Messages: one Go object
// per message, maps, lists and heaps, and every rule written where it is
// needed. It is the oracle that the model test holds other implementations
// against, and the yardstick of the benchmarks. Where it and a faster engine
// disagree, the rules in the comment of engine.Messages decide.
//
// A message is in one state at a time:
//
//	    Send, Arrive        delay over            Receive
//	new ───────────▶ delayed ────────▶ visible ─────────────▶ in flight
//	 │                                  ▲  ▲  ◀───────────────    │
//	 └──────── without delay ───────────┘  │    timeout over      │
//	                                       └── or set to 0 ───────┘
//
// and leaves from any of them: deleted, purged, taken, moved to the dead-letter
// queue, or past its retention. A FIFO message never received here goes back from
// visible to delayed when the queue's delay grows. On a standard queue a change
// of its timeout can bring a visible message in flight without a receive.
//
// Send, Receive, Delete and ChangeVisibility cost O(log n) on a standard queue
// of n messages, plus a scan of its tenants. FIFO receives scan all groups.
package naive
