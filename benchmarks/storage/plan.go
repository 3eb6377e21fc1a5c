package main

import "time"

// plan says how much is measured.
type plan struct {
	segment  int64 // bytes
	rounds   int
	loads    []load
	slice    time.Duration // of putting, in a round of calls
	cycles   time.Duration // of one store, in a round of a constant depth, and of HTTP
	depth    int           // messages, where it is constant
	messages int           // of the backlog
	opens    int           // times that the backlog is opened after a crash
	states   int           // messages of each state whose memory is measured
	soak     time.Duration
	sample   time.Duration // between two samples of the soak
	late     time.Duration // after which the soak's stragglers are deleted
}

// load is how a store is called.
type load struct{ callers, batch int }

var loads = []load{{1, 1}, {16, 1}, {64, 1}, {256, 1}, {1, 10}, {16, 10}, {64, 10}, {256, 10}}

var (
	thorough = plan{
		segment: 64 << 20, rounds: 5, loads: loads, slice: time.Second, cycles: 2 * time.Second, depth: 100_000,
		messages: 1_000_000, opens: 5, states: 1_000_000, sample: 10 * time.Second, late: 30 * time.Second,
	}
	quick = plan{
		segment: 64 << 20, rounds: 3, loads: loads, slice: 250 * time.Millisecond, cycles: time.Second, depth: 100_000,
		messages: 100_000, opens: 3, states: 100_000, sample: 2 * time.Second, late: 10 * time.Second,
	}
)

// What does not change with the plan.
const (
	workers  = 32 // callers at a constant depth
	ten      = 10 // messages a call of theirs
	patience = 2 * time.Minute
)
