package main

import "time"

// plan says how much is measured. Many short rounds are better than few long ones: what else the
// machine does comes in bursts, and neighbours in time are disturbed alike.
type plan struct {
	races       int           // rounds of throughput; every figure is a median over its rounds
	slice       time.Duration // one server's share of a round of throughput
	rounds      int           // of latencies
	wakes       int           // long polls woken in a round
	longest     time.Duration // of such a round; only a slow server needs it
	drains      int           // rounds of draining
	deepest     int           // messages in the deepest queue that is drained
	deepestBody int           // bytes of each of them
	loads       int           // times that memory is measured, each in a new process
	starts      int
	watch       time.Duration // how long a connection that does nothing is watched for its end
}

var (
	thorough = plan{
		races: 31, slice: 80 * time.Millisecond, rounds: 7, wakes: 2000, longest: 10 * time.Second,
		drains: 101, deepest: 1_000_000, deepestBody: 1 << 10,
		loads: 3, starts: 20, watch: 40 * time.Second,
	}
	quick = plan{
		races: 11, slice: 40 * time.Millisecond, rounds: 5, wakes: 400, longest: 3 * time.Second,
		drains: 31, deepest: 1_000_000, deepestBody: 100,
		loads: 1, starts: 20,
	}
)

// What does not change with the plan.
const (
	bodySize = 1 << 10 // bytes of a message, but for the deepest drain of a quick run
	crowd    = 10_000  // parked polls, and idle connections
	loaders  = 4       // connections that fill and drain queues
	patience = 2 * time.Minute
)

// connections are the numbers of callers that throughput is measured with; the targets are set at 16.
var connections = []int{1, 16, 64}

const judged = 16
