package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/quayside-go/quayside/benchmarks/internal/report"
)

// series is what one server reached with one workload and number of connections, a value a round.
type series struct {
	rate           []float64 // units a second
	server, client []float64 // processor seconds a unit
}

// A peer that is slow takes part in fewer rounds than others, and in no fewer than these.
const fewestRounds = 3

// lane is one server's part in a comparison.
type lane struct {
	server  *server
	work    workload
	callers []*caller
	queue   *requests // nil: a new one for every slice
	holds   int       // messages in that queue
	moved   int       // sent or deleted since
	n       int       // operations in a slice
	used    time.Time // when it was last
	took    time.Duration

	before       *lane // of the same server, with fewer connections or messages; nil: there is none
	perOperation time.Duration
	failed       string // why there is no series, in a word or two
	series       series
}

// load sends the messages that wait in the lane's queue.
func (l *lane) load(messages int, limit time.Duration) (err error) {
	if l.holds, err = l.server.fill(l.queue, messages, limit); err == nil && !l.server.forgets {
		err = l.server.holds(l.queue, l.holds, 0)
	}
	return err
}

// enough tells whether a peer has had its share.
func (l *lane) enough(p plan) bool {
	if !l.server.peer {
		return false
	}
	n := len(l.series.rate)
	return n >= p.peerRaces || n >= fewestRounds && l.took > time.Duration(2*p.peerRaces)*p.slice || n > 0 && l.took > longestSlice
}

// prepare connects, warms the server up and finds how many operations take about as long as a slice.
func (l *lane) prepare(p plan, conns int) (err error) {
	if l.callers, err = l.work.connect(l.server, conns); err != nil {
		return err
	}
	l.used = time.Now()
	l.n = 20 * len(l.callers)
	if l.server.peer {
		l.n = len(l.callers)
		if each := l.alone(conns); each > longestSlice {
			return fmt.Errorf("%w: to do it once on each of %d connections would take about %v", errSlow, conns, each.Round(time.Second))
		}
	}
	start := time.Now()
	for range 3 {
		got, err := l.slice(p)
		if err != nil {
			return err
		}
		fit := float64(got.operations) * float64(p.slice) / float64(got.elapsed)
		l.n = min(max(int(fit), 2*len(l.callers)), 20*l.n)
		if l.server.peer && time.Since(start) > 20*p.slice {
			break // it is slow
		}
	}
	return nil
}

// alone is how long a slice takes in which every connection is used once, as far as is known from fewer.
func (l *lane) alone(conns int) time.Duration {
	if l.before == nil || l.before.perOperation == 0 {
		return 0
	}
	return time.Duration(conns) * l.before.perOperation
}

// round measures one slice.
func (l *lane) round(p plan) error {
	start := time.Now()
	got, err := l.slice(p)
	l.took += time.Since(start)
	if err != nil {
		return err
	}
	if got.messages == 0 {
		return fmt.Errorf("%d times, and no message at all", got.operations)
	}
	l.perOperation = got.elapsed / time.Duration(got.operations)
	units := float64(got.messages)
	l.series.rate = append(l.series.rate, units/got.elapsed.Seconds())
	l.series.server = append(l.series.server, report.Known(got.server.Seconds()/units))
	l.series.client = append(l.series.client, report.Known(got.client.Seconds()/units))
	return nil
}

// A peer of which one slice would take longer than this is too slow to be measured.
const longestSlice = 3 * time.Second

// longestIdle is how long a connection may be idle: servers close those that are for longer.
const longestIdle = 2 * time.Second

// slice does n operations, or as many as a slow peer can in twice the time.
func (l *lane) slice(p plan) (got spent, err error) {
	if time.Since(l.used) > longestIdle {
		conns := len(l.callers)
		hangUp(l.callers)
		if l.callers, err = l.work.connect(l.server, conns); err != nil {
			return got, err
		}
	}
	limit := time.Duration(0)
	if l.server.peer {
		limit = 2 * p.slice
	}
	if l.queue != nil {
		got, err = l.sliceOf(l.queue, limit)
		l.holds += l.work.left(got)
		l.moved += got.messages
	} else {
		got, err = l.newSlice(limit)
	}
	l.used = time.Now()
	return got, err
}

// sliceOf does it on that queue.
func (l *lane) sliceOf(q *requests, limit time.Duration) (spent, error) {
	point(l.callers, q)
	return l.server.driveFor(l.callers, l.n, limit, l.work.op)
}

// newSlice does it on a queue that is made for it, and deleted once its messages are counted.
func (l *lane) newSlice(limit time.Duration) (got spent, err error) {
	q, err := l.server.newQueue(bodySize)
	if err != nil {
		return got, err
	}
	loaded := 0
	if l.work.waiting {
		if loaded, err = l.server.fill(q, l.n, 50*limit); err != nil {
			return got, err
		}
	}
	if got, err = l.sliceOf(q, limit); err != nil {
		return got, err
	}
	if !l.server.forgets {
		err = l.server.holds(q, loaded+l.work.left(got), got.messages)
	}
	return got, errors.Join(err, l.server.drop(q))
}
