package main

import "time"

// plan says how much is measured. Many short rounds are better than few long ones: what else the
// machine does comes in bursts, and neighbours in time are disturbed alike.
type plan struct {
	races       int           // rounds of throughput; every figure is a median over its rounds
	peerRaces   int           // of which peers take part in so many
	slice       time.Duration // one server's share of a round of throughput
	rounds      int           // of latencies
	peerRounds  int           // of those of peers
	wakes       int           // long polls woken in a round
	peerWakes   int           // by a peer
	longest     time.Duration // of such a round; only a slow server needs it
	drains      int           // rounds of draining
	deepest     int           // messages in the deepest queue that is drained
	deepestBody int           // bytes of each of them
	filling     time.Duration // how long a peer may take to be sent the messages that wait in a queue
	draining    time.Duration // how long a queue is drained that another server than quayside has
	deepestOf   int           // messages in the deepest queue of other servers
	depths      []int         // messages that wait while the cycle is measured
	groups      []int         // of FIFO queues
	loads       int           // times that memory is measured, each in a new process
	starts      int
	peerStarts  int
	watch       time.Duration // how long a connection that does nothing is watched for its end
}

var (
	thorough = plan{
		races: 25, peerRaces: 7, slice: 80 * time.Millisecond,
		rounds: 7, wakes: 1000, peerRounds: 3, peerWakes: 300, longest: 10 * time.Second,
		drains: 101, deepest: 1_000_000, deepestOf: 1_000_000, deepestBody: 1 << 10, filling: 10 * time.Second, draining: 3 * time.Second,
		depths: depths, groups: groups, loads: 3, starts: 20, peerStarts: 3, watch: 40 * time.Second,
	}
	quick = plan{
		races: 9, peerRaces: 5, slice: 40 * time.Millisecond,
		rounds: 5, wakes: 250, peerRounds: 2, peerWakes: 100, longest: 3 * time.Second,
		drains: 31, deepest: 1_000_000, deepestOf: middle, deepestBody: 100, filling: 15 * time.Second, draining: 2 * time.Second,
		depths: depths, groups: groups, loads: 1, starts: 20, peerStarts: 2,
	}
)

// fill is how long a server may take to be sent the messages that wait; 0: as long as it does.
func (p plan) fill(s *server) time.Duration {
	if s.peer {
		return p.filling
	}
	return 0
}

// What does not change with the plan.
var (
	depths = []int{0, 10_000, 100_000}
	groups = []int{1, 10, 1000, 10_000}
)

const (
	bodySize = 1 << 10 // bytes of a message, but for the deepest drain of a quick run
	crowd    = 10_000  // parked polls, and idle connections
	loaders  = 4       // connections that fill and drain queues
	patience = time.Minute
)

// connections are the numbers of callers that throughput is measured with; the targets are set at 16.
var connections = []int{1, 16, 64}

const judged = 16
