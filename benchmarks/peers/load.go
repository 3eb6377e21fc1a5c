package main

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"time"

	"github.com/quayside-go/quayside/benchmarks/internal/process"
	"github.com/quayside-go/quayside/benchmarks/internal/remote"
	"github.com/quayside-go/quayside/benchmarks/internal/report"
	"github.com/quayside-go/quayside/benchmarks/internal/stats"
)

// cost is what the messages of a competitor took, a value a round; all but the rate of one message.
type cost struct{ rate, requests, cpu, allocs []float64 }

// instant is what is known at the begin or end of a window.
type instant struct {
	at     time.Time
	cpu    time.Duration // of this process; 0 where the system does not tell
	allocs uint64
	counts remote.Counts
}

// now is this instant.
func now(b *bench, s *remote.Server, queue string) (x instant, err error) {
	if x.counts, err = s.Counts(b.ctx, queue); err != nil {
		return x, err
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	x.allocs = m.Mallocs
	if x.cpu, err = process.CPU(os.Getpid()); err != nil {
		x.cpu = 0
	}
	x.at = time.Now()
	return x, nil
}

// add notes what so many messages took between two instants.
func (c *cost) add(before, after instant, messages int) {
	n := float64(messages)
	c.rate = append(c.rate, n/after.at.Sub(before.at).Seconds())
	c.requests = append(c.requests, float64(after.counts.Asked()-before.counts.Asked())/n)
	c.cpu = append(c.cpu, report.Known((after.cpu-before.cpu).Seconds()/n))
	c.allocs = append(c.allocs, float64(after.allocs-before.allocs)/n)
}

// row writes the columns of a cost beside those of a yardstick.
func (c *cost) row(yard *cost) []string {
	return []string{
		report.Count(stats.Median(c.rate)), report.Ratio(stats.Ratio(c.rate, yard.rate)),
		report.Written(stats.Median(c.requests), "%.3f"),
		report.Micros(stats.Median(c.cpu)), report.Ratio(stats.Ratio(c.cpu, yard.cpu)),
		report.Written(stats.Median(c.allocs), "%.0f"),
	}
}

// costs are the names of these columns.
func costs(yard string) []string {
	return []string{"messages/s", "x " + yard, "requests", "CPU us", "x " + yard, "allocations"}
}

// load measures peers that have enough to do.
func (b *bench) load() error {
	s, err := remote.Start(b.ctx)
	if err != nil {
		return err
	}
	defer s.Stop()
	some, names := b.those("load")
	for _, away := range b.plan.distances {
		all := make([][]cost, len(some)) // by peer, by how long handlers take
		for i := range all {
			all[i] = make([]cost, len(b.plan.handlers))
		}
		for j, takes := range b.plan.handlers {
			what := fmt.Sprintf("load, %v away, handlers of %v", away, takes)
			if err := b.turns(what, names, func(i int) error { return b.loaded(s, some[i], away, takes, &all[i][j]) }); err != nil {
				return err
			}
		}
		t := b.report.Table(fmt.Sprintf("Workers under load, %v away: of a message", away),
			append([]string{"handlers take", "worker"}, costs(names[0])...)...)
		for j, takes := range b.plan.handlers {
			for i := range some {
				t.Row(append([]string{takes.String(), names[i]}, all[i][j].row(&all[0][j])...)...)
				all[i][j].note(b.report, loadFrom(away), names[i], report.Under(takes.String()))
				b.judgeRequests("load", names[i], all[i][j].requests, all[0][j].requests, fmt.Sprintf("%v, %v away", takes, away))
			}
		}
		b.plotLoad(away)
	}
	return nil
}

// loaded measures one peer in a stretch of time in which its queue is never empty.
func (b *bench) loaded(s *remote.Server, p peer, away, takes time.Duration, c *cost) (err error) {
	queue, drop, err := b.queue(s, visibility)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, drop()) }()
	if err := s.Keep(b.ctx, queue, reserve, bodySize); err != nil {
		return err
	}
	runtime.GC() // of what was before
	r := b.begin(p, s, queue, away, about(takes))
	defer func() { err = errors.Join(err, r.end()) }()
	if err := r.during(b.ctx, b.plan.warm); err != nil {
		return err
	}
	before, err := now(b, s, queue)
	if err != nil {
		return err
	}
	if err := r.during(b.ctx, b.plan.window); err != nil {
		return err
	}
	after, err := now(b, s, queue)
	if err != nil {
		return err
	}
	if after.counts.Visible == 0 {
		return errors.New("the queue ran empty")
	}
	c.add(before, after, int(after.counts.Deleted-before.counts.Deleted))
	return nil
}
