package main

import (
	"context"
	"fmt"
	"math"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/quayside-go/quayside/benchmarks/internal/remote"
	"github.com/quayside-go/quayside/benchmarks/internal/report"
	"github.com/quayside-go/quayside/benchmarks/internal/stats"
	"github.com/quayside-go/quayside/localqueue"
)

// What the worker may add to a message in process.
const (
	moreTime   = 2e-6 // seconds
	moreAllocs = 10
)

// local compares what a message takes in process, where a request costs little and the worker's own part
// shows.
func (b *bench) local() error {
	s := localqueue.New()
	defer func() { _ = s.Close() }() // in memory: nothing can be lost
	b.progress("local, %d rounds", b.plan.races)
	callers := []caller{one, quayside}
	round := func(c caller, took *series) error { return b.inProcess(s, c, took) }
	all, err := b.race(callers, b.plan.races, round)
	if err != nil {
		return err
	}
	yard, last := all[0], all[len(all)-1]
	b.judgeMore("local time", " us", 1e6, taken(last), taken(yard), moreTime)
	b.judgeMore("local allocations", "", 1, last.allocs, yard.allocs, moreAllocs)
	t := b.report.Table("In process, handlers that do nothing: of a message", "client", "CPU ns", "elapsed ns", "allocations", "CPU ns more", "allocations more")
	for i, c := range callers {
		x := all[i]
		x.note(b.report, "local", c.name)
		t.Row(c.name, nanos(stats.Median(x.cpu)), nanos(stats.Median(x.elapsed)), report.Written(stats.Median(x.allocs), "%.1f"),
			nanos(stats.Median(more(x.cpu, yard.cpu))), report.Written(stats.Median(more(x.allocs, yard.allocs)), "%.1f"))
	}
	b.plotCPU("local", "In process, a message that is received, handled and deleted")
	return b.profiled("local", round)
}

// taken is the processor time of a message, which handlers that run at once do not hide; where it is not
// known, the time that passed.
func taken(s *series) []float64 {
	if math.IsNaN(stats.Median(s.cpu)) {
		return s.elapsed
	}
	return s.cpu
}

func nanos(seconds float64) string { return report.Written(seconds*1e9, "%.0f") }

// more is how much more x is than y, round by round.
func more(x, y []float64) []float64 {
	d := make([]float64, len(x))
	for i := range x {
		d[i] = x[i] - y[i]
	}
	return d
}

// judgeMore notes how much more x is than y, beside how much more it may be. What is written is in units.
func (b *bench) judgeMore(key, unit string, units float64, x, y []float64, bound float64) {
	got := stats.Median(more(x, y))
	write := func(v float64) string { return report.Written(v*units, "%.2f"+unit) }
	b.report.Reach(key, write(got)+" more", write(bound), got/bound)
}

// inProcess is a round of one caller: all messages of a queue.
func (b *bench) inProcess(s *localqueue.Server, c caller, took *series) error {
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	queue := newName()
	if err := remote.Create(ctx, s, queue, visibility); err != nil {
		return err
	}
	if err := remote.Fill(ctx, s, queue, b.plan.local, smallSize); err != nil {
		return err
	}
	got, err := measured(func() error { return c.handle(ctx, s, queue, b.plan.local) })
	if err != nil {
		return err
	}
	after, err := remote.Stats(s, queue)
	if err != nil {
		return err
	}
	if n := int(after.Deleted); n != b.plan.local {
		return fmt.Errorf("%d messages of %d were deleted", n, b.plan.local)
	}
	took.add(got, b.plan.local)
	_, err = s.DeleteQueue(ctx, &sqs.DeleteQueueInput{QueueUrl: &queue})
	return err
}
