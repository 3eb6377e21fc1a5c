package main

import "time"

// plan says how much is measured.
type plan struct {
	races    int           // rounds of processor time
	messages int           // in a round over HTTP
	local    int           // in a round in process
	tasks    int           // in a round of asynq
	rounds   int           // of everything else, but for idleness, which does not vary
	loads    []load        // of batches
	warm     time.Duration // until a load is steady
	window   time.Duration // in which the requests of a load are counted
	changes  time.Duration // in which changes of visibility are counted
	idle     time.Duration // of watching an idle worker
	busy     time.Duration // of counting connections
	large    int           // messages of 1 MiB
	held     int           // of them at once, by as many handlers
	hold     time.Duration // by each
	ramp     int           // concurrency to be reached
	long     time.Duration // a handler there
}

// load is what batches are counted under: so many handlers, which take so long.
type load struct {
	concurrency int
	takes       time.Duration
}

var loads = []load{
	{10, 0}, {10, time.Millisecond}, {10, 10 * time.Millisecond}, {10, 100 * time.Millisecond},
	{64, 0}, {64, time.Millisecond}, {64, 10 * time.Millisecond}, {64, 100 * time.Millisecond},
	{256, 0}, {256, time.Millisecond}, {256, 10 * time.Millisecond}, {256, 100 * time.Millisecond},
}

var (
	thorough = plan{
		races: 15, messages: 10_000, local: 100_000, tasks: 20_000, rounds: 5, loads: loads, warm: time.Second, window: 2 * time.Second, changes: 4 * time.Second,
		idle: 65 * time.Second, busy: 10 * time.Second, large: 768, held: 256, hold: 2 * time.Second,
		ramp: 256, long: 2 * time.Second,
	}
	quick = plan{
		races: 7, messages: 5_000, local: 50_000, tasks: 10_000, rounds: 1, loads: loads, warm: 500 * time.Millisecond, window: time.Second, changes: 2 * time.Second,
		idle: 25 * time.Second, busy: 10 * time.Second, large: 512, held: 256, hold: time.Second,
		ramp: 256, long: 2 * time.Second,
	}
)

// What does not change with the plan.
const (
	bodySize   = 1 << 10 // bytes of a message
	smallSize  = 100     // in process, so that what waits in the heap does not spare collections
	largeSize  = 1 << 20 // the most that SQS takes
	visibility = 10 * time.Minute
	longPoll   = 20 * time.Second
	patience   = 2 * time.Minute // for anything that should take seconds
)
