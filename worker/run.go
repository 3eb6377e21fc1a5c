package worker

import (
	"context"
	"sync"
	"time"

	"github.com/quayside-go/quayside/internal/attr"
)

// A run is what a Worker is while it runs.
type run struct {
	worker *Worker // nil: a Host's
	client HostClient
	opts   *Options
	queue  queue
	stats  stats

	// values is Run's context without its end: handlers and requests are to outlive
	// it. last is values until a drain has no more patience; what a worker does in
	// a handler's place (sending to the dead-letter queue) ends with it.
	values context.Context
	last   context.Context
	abort  context.CancelFunc

	member  *member // in the pool
	gates   turnstile
	keyed   []keyed // those of gates that say what of the received may start
	settler *settler
	leases  *leases
	ledger  *ledger

	// polling is Run's context; halt ends it early, with a *haltError as cause,
	// when settling shows that going on is useless.
	polling context.Context
	halt    context.CancelCauseFunc

	grave *grave

	mu       sync.Mutex
	chains   map[*chain]struct{} // those not at their end, without those behind others
	groups   map[string]*chain   // FIFO: the same, by group
	hands    hands
	buffer   *buffer
	parked   map[*chain]struct{}        // without permits; see park.go
	stuck    map[*chain]struct{}        // with permits
	polls    map[*grant]struct{}        // under way
	asking   map[*chain]<-chan struct{} // those that wait for the gates; closed when they do not any more
	draining bool
	idle     chan struct{} // made by a drain; closed once chains is empty
	counts   DrainReport   // of the drain
}

func newRun(ctx context.Context, w *Worker) *run {
	r := &run{
		worker: w,
		client: w.client,
		opts:   &w.opts,
		queue:  newQueue(w.queue, ""),
		gates:  inOrder(&w.pause, w.opts.Gates),
		chains: make(map[*chain]struct{}),
		parked: make(map[*chain]struct{}),
		stuck:  make(map[*chain]struct{}),
		polls:  make(map[*grant]struct{}),
		asking: make(map[*chain]<-chan struct{}),
		grave:  newGrave(),
		groups: make(map[string]*chain),
	}
	for _, g := range w.opts.Gates {
		if g, ok := g.(keyed); ok {
			r.keyed = append(r.keyed, g)
		}
	}
	r.values = context.WithoutCancel(ctx)
	r.last, r.abort = context.WithCancel(r.values)
	r.polling, r.halt = context.WithCancelCause(ctx)
	r.settler = newSettler(r)
	r.leases = newLeases(r)
	r.ledger = newLedger(memorySize)
	r.buffer = newBuffer(r)
	return r
}

// haltError marks the cause of r.polling's end as an error of the worker's, which
// Run returns.
type haltError struct{ error }

// event tells the hook, if there is one.
func (r *run) event(ctx context.Context, e Event) {
	if r.opts.Hook == nil {
		return
	}
	e.Worker = r.worker
	if e.URL == "" {
		e.Queue, e.URL = r.queue.name, r.queue.url
	}
	r.opts.Hook(ctx, e)
}

// request counts a request to SQS that began at e.Start and is over, and tells the
// hook about it. ms returns what the hook is to see; nil: no messages.
func (r *run) request(e Event, ms func() []*Message) {
	r.stats.request(e.Action)
	if r.opts.Hook == nil {
		return
	}
	e.Kind, e.Duration = EventRequest, time.Since(e.Start)
	if e.Err != nil {
		e.RequestID = attr.FailedRequest(e.Err)
	}
	if ms != nil {
		e.Messages = ms()
	}
	r.event(r.values, e)
}
