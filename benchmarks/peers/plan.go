package main

import "time"

// plan says how much is measured.
type plan struct {
	rounds    int
	distances []time.Duration // how much longer a request takes than on loopback
	handlers  []time.Duration // how long a handler takes
	warm      time.Duration   // until a load is steady
	window    time.Duration   // of a load that is measured
	arrivals  int             // messages that arrive one by one
	outlive   outliving
	restart   restarting
	sending   time.Duration // by many goroutines
	single    int           // messages that one sends
}

// outliving is handlers that take longer than the visibility timeout.
type outliving struct {
	messages   int
	visibility time.Duration // whole seconds
	takes      time.Duration
	limit      time.Duration // then it is over, whatever is left
}

// restarting is a worker that is told to end under load.
type restarting struct {
	each       int           // messages for every handler that runs at once
	visibility time.Duration // whole seconds
	takes      time.Duration
	away       time.Duration
	limit      time.Duration // for the worker that is started then
}

var (
	thorough = plan{
		rounds: 3, distances: []time.Duration{0, 5 * time.Millisecond, 20 * time.Millisecond},
		handlers: []time.Duration{0, time.Millisecond, 10 * time.Millisecond, 100 * time.Millisecond},
		warm:     800 * time.Millisecond, window: time.Second, arrivals: 200,
		outlive: lasting, restart: ending,
		sending: 500 * time.Millisecond, single: 50,
	}
	quick = plan{
		rounds: 1, distances: []time.Duration{0, 20 * time.Millisecond},
		handlers: []time.Duration{0, 10 * time.Millisecond, 100 * time.Millisecond},
		warm:     800 * time.Millisecond, window: 700 * time.Millisecond, arrivals: 200,
		outlive: lasting, restart: ending,
		sending: 400 * time.Millisecond, single: 20,
	}

	lasting = outliving{messages: 20, visibility: 2 * time.Second, takes: 5 * time.Second, limit: 16 * time.Second}
	ending  = restarting{
		each: 24, visibility: 10 * time.Second, takes: 200 * time.Millisecond, away: 5 * time.Millisecond,
		limit: 40 * time.Second,
	}
)

// What does not change with the plan.
const (
	concurrency = 64 // handlers, where there is such a setting
	bodySize    = 256
	reserve     = 20_000 // messages that are kept waiting under load
	rate        = 100    // messages that arrive in a second
	late        = 3 * time.Second
	grace       = 10 * time.Second // from SIGTERM until the process is ended
	visibility  = 10 * time.Minute
	longPoll    = 20 * time.Second
	senders     = 64              // goroutines
	patience    = 2 * time.Minute // for anything that should take seconds
)
