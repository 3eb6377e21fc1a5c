package main

import (
	"fmt"
	"time"

	"github.com/quayside-go/quayside/benchmarks/internal/report"
)

// workload is an operation whose throughput is compared.
type workload struct {
	name, title string
	unit        string // what is counted: one message, or the one request that it takes
	op          operation
	waiting     bool // every operation takes a message that was sent before
}

var workloads = []workload{
	{"send", "SendMessage, 1 KB", "request", send, false},
	{"batch", "SendMessageBatch of 10, 1 KB each", "message", sendBatch, false},
	{"single", "ReceiveMessage of 1 and DeleteMessage, 1 KB", "message", receiveDelete, true},
	{"cycle", "SendMessageBatch of 10, ReceiveMessage of 10, DeleteMessageBatch of 10, 1 KB each", "message", cycle, false},
}

// series is what one server reached with one workload and number of connections, a value a round.
type series struct {
	rate           []float64 // units a second
	server, client []float64 // processor seconds a unit
}

// compare measures a workload on all subjects with every number of connections.
func (b *bench) compare(w workload, subjects []subject) (map[int]map[string]*series, error) {
	b.progress("%s", w.name)
	servers, stop, err := b.runAll(subjects)
	defer stop()
	if err != nil {
		return nil, err
	}
	all := map[int]map[string]*series{}
	for _, n := range connections {
		lanes := make([]*lane, len(servers))
		for i, s := range servers {
			lanes[i] = &lane{server: s, work: w}
		}
		b.progress("%s, %d connections", w.name, n)
		if all[n], err = b.race(lanes, n); err != nil {
			return nil, fmt.Errorf("%s with %d connections: %w", w.name, n, err)
		}
	}
	return all, nil
}

// race interleaves the lanes: in every round each has its slice of time, and each round begins with
// another. Each was warmed up before by slices that tell how many operations fill one.
func (b *bench) race(lanes []*lane, conns int) (map[string]*series, error) {
	for _, l := range lanes {
		defer func() { hangUp(l.callers) }()
		var err error
		if l.callers, err = l.server.callers(conns); err == nil {
			err = l.calibrate(b.plan.slice)
		}
		if err != nil {
			return nil, err
		}
	}
	for round := range b.plan.races {
		for i := range lanes {
			if err := lanes[(i+round)%len(lanes)].round(); err != nil {
				return nil, err
			}
			if err := b.ctx.Err(); err != nil {
				return nil, err
			}
		}
	}
	got := map[string]*series{}
	for _, l := range lanes {
		got[l.server.name] = &l.series
	}
	return got, nil
}

// lane is one server's part in a comparison.
type lane struct {
	server  *server
	work    workload
	callers []*caller
	queue   *requests // nil: a new one for every slice
	n       int       // operations in a slice
	series  series
}

// calibrate warms the server up and finds how many operations take about as long as a slice.
func (l *lane) calibrate(slice time.Duration) error {
	l.n = 20 * len(l.callers)
	start := time.Now()
	for i := 0; i < 3 || !l.server.warmed && time.Since(start) < l.server.warm; i++ {
		got, err := l.slice()
		if err != nil {
			return err
		}
		fit := float64(l.n) * float64(slice) / float64(got.elapsed)
		l.n = max(int(fit), 2*len(l.callers))
	}
	l.server.warmed = true
	return nil
}

// round measures one slice.
func (l *lane) round() error {
	got, err := l.slice()
	if err != nil {
		return err
	}
	units := float64(got.messages)
	l.series.rate = append(l.series.rate, units/got.elapsed.Seconds())
	l.series.server = append(l.series.server, report.Known(got.server.Seconds()/units))
	l.series.client = append(l.series.client, report.Known(got.client.Seconds()/units))
	return nil
}

// slice does n operations.
func (l *lane) slice() (spent, error) {
	got, err := l.sliceOf(l.queue)
	if err != nil {
		return got, &failure{l.server.name, err}
	}
	return got, nil
}

// sliceOf does n operations on q, or on a queue that is made for them and deleted.
func (l *lane) sliceOf(q *requests) (spent, error) {
	if q != nil {
		point(l.callers, q)
		return l.server.drive(l.callers, l.n, l.work.op)
	}
	q, err := l.server.newQueue(bodySize)
	if err != nil {
		return spent{}, err
	}
	if l.work.waiting {
		if err := l.server.load(q, l.n); err != nil {
			return spent{}, err
		}
	}
	got, err := l.sliceOf(q)
	if err != nil {
		return got, err
	}
	return got, l.server.drop(q)
}
