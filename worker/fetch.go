package worker

import (
	"context"
	"sync"
	"time"
)

const (
	// gather is how long a poll waits for more permits to become free, so that
	// under load messages are received by tens.
	gather = 100 * time.Millisecond
	// backlog bounds how many messages that are done may wait for their deletes,
	// in multiples of Options.Concurrency. Beyond that nothing is received.
	backlog = 10

	longPoll = 20 * time.Second
	// briefPoll is for polls that hold permits which others may want.
	briefPoll = time.Second
	// soon is how early an empty reply to a long poll is suspicious: SQS gives
	// one, without an error, when too many messages are in flight.
	soon = time.Second
	// alone is how fast a poller needs no company: it is not what others would wait
	// for.
	alone = 200 * time.Microsecond
)

// fetcher is the pollers of a run. There is always one, and there are more while
// receives come back full and take their time, and more pollers bring more messages, up
// to one for each ten messages that may be at hand. An empty receive ends one of them, an
// error too, and throttling half of them; and as many receives in a row as there are
// pollers, of which none brought half of what it asked for, end one.
//
// Receives that fail together are one failure: those that were under way when one failed
// say nothing that it has not said.
type fetcher struct {
	run  *run
	most int
	wg   sync.WaitGroup

	mu        sync.Mutex
	live      int // pollers
	target    int // how many there should be
	growth    growth
	empty     int       // receives in a row that brought nothing
	few       int       // receives in a row that brought less than half of what they asked for
	failures  int       // in a row
	failed    time.Time // the last of them
	pause     time.Time
	unstarted []*Message // came too late
}

func newFetcher(r *run) *fetcher {
	return &fetcher{run: r, most: r.opts.mostPollers(), target: 1}
}

// mostPollers is one for each ten messages that may be at hand.
func (o *Options) mostPollers() int {
	return (o.Concurrency + o.Prefetch + batchSize - 1) / batchSize
}

// maxUndeleted is backlog in messages.
func (r *run) maxUndeleted() int { return backlog * r.opts.Concurrency }

// poll runs the pollers until ctx is done, and returns messages that came too late
// to be started.
func (f *fetcher) poll(ctx context.Context) (unstarted []*Message) {
	f.spawn(ctx)
	f.wg.Wait()
	return f.unstarted
}

// spawn starts what is missing of the pollers.
func (f *fetcher) spawn(ctx context.Context) {
	f.mu.Lock()
	before := f.live
	for f.live < f.target {
		f.live++
		f.wg.Go(func() { f.poller(ctx) })
	}
	now := f.live
	f.run.stats.pollers.Store(int64(now))
	f.mu.Unlock()
	if now != before {
		f.tell(now)
	}
}

// stays reports whether a poller goes on.
func (f *fetcher) stays(ctx context.Context) bool {
	f.mu.Lock()
	if ctx.Err() == nil && f.live <= f.target {
		f.mu.Unlock()
		return true
	}
	f.live--
	now := f.live
	f.run.stats.pollers.Store(int64(now))
	f.mu.Unlock()
	f.tell(now)
	return false
}

func (f *fetcher) tell(n int) { f.run.event(f.run.values, Event{Kind: EventPollers, Count: n}) }

// poller polls until ctx is done or there are too many of it.
func (f *fetcher) poller(ctx context.Context) {
	r := f.run
	a := attempt{fifo: r.queue.fifo}
	for a.open() || f.stays(ctx) {
		f.rest(ctx)
		if !a.open() {
			r.settler.deletes.wait(ctx, r.maxUndeleted())
			a.grant, a.wait = r.take(ctx, f.idle())
		}
		if a.grant.messages() > 0 {
			f.attempt(ctx, &a)
		}
	}
}

// attempt makes a request for what a grants, and deals with the answer. Without an
// answer, what a grants is kept for another try.
func (f *fetcher) attempt(ctx context.Context, a *attempt) {
	r := f.run
	asked := a.grant.messages()
	poll := r.beginPoll(a.grant)
	start := time.Now()
	ms, err := r.receive(ctx, asked, a.wait, a.next())
	a.grant = r.endPoll(poll)
	a.ended(ctx, err)
	if ctx.Err() != nil {
		r.giveUp(a.grant)
		f.late(ms)
		return
	}
	took := time.Since(start)
	if !a.open() {
		r.dispatch(ms, a.grant)
	}
	f.adapt(ctx, asked, len(ms), err, took, took < min(soon, a.wait/2))
}

// rest waits until the pause after a failure is over.
func (f *fetcher) rest(ctx context.Context) {
	f.mu.Lock()
	d := time.Until(f.pause)
	f.mu.Unlock()
	if d > 0 {
		sleep(ctx, d)
	}
}

// idle returns how many receives in a row brought nothing.
func (f *fetcher) idle() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.empty
}

// late keeps messages that came although ctx is done.
func (f *fetcher) late(ms []*Message) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.unstarted = append(f.unstarted, ms...)
}
