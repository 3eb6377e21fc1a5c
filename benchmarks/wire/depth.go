package main

import (
	"fmt"

	"github.com/quayside-go/quayside/benchmarks/internal/report"
	"github.com/quayside-go/quayside/benchmarks/internal/stats"
)

// depth measures the batch cycle on queues in which messages wait already: cost that grows with the depth
// of a queue is what servers differ in most.
func (b *bench) depth() error {
	b.progress("depth")
	subjects := b.everybody()
	servers, err := b.up("depth", subjects)
	if err != nil {
		return err
	}
	all := make([]map[string]*lane, len(b.plan.depths))
	var before map[string]*lane
	for i, waiting := range b.plan.depths {
		b.progress("cycle with %d waiting", waiting)
		if all[i], err = b.depthAt(servers, before, waiting); err != nil {
			return fmt.Errorf("cycle with %d waiting: %w", waiting, err)
		}
		before = all[i]
	}
	for i, waiting := range b.plan.depths {
		b.tabulateDepth(subjects, all[i], waiting)
	}
	b.report.Plot(report.Plot{
		Name: "depth", Title: "Batch cycle, by how many messages wait", Lines: true,
		Measure: "depth", What: "rate", X: "messages waiting", Y: "messages/s", LogY: true,
	})
	return nil
}

// tabulateDepth writes a row for every server, and puts the figures beside their targets.
func (b *bench) tabulateDepth(subjects []subject, got map[string]*lane, waiting int) {
	columns := []string{"server", "messages/s", "CPU us/message", "quayside is x"}
	t := b.report.Table(fmt.Sprintf("Batch cycle with %d connections, %d messages of 1 KB waiting all along", judged, waiting), columns...)
	q := got["quayside"].reached()
	for _, x := range subjects {
		s := got[x.name].reached()
		if s == nil {
			failedRow(t, len(columns), got[x.name], x.name)
			continue
		}
		at := report.At(float64(waiting), "waiting")
		b.report.Note("depth", x.name, at, "rate", "messages/s", s.rate...)
		b.report.Note("depth", x.name, at, "processor time", "s/message", s.server...)
		times := stats.Ratio(q.rate, s.rate)
		t.Row(x.name, report.Count(stats.Median(s.rate)), report.Micros(stats.Median(s.server)), report.Ratio(times))
		b.report.Reach(fmt.Sprintf("%s cycle %d", x.name, waiting), report.Count(stats.Median(q.rate))+"/s", report.Count(stats.Median(s.rate))+"/s", times)
	}
}

// depthAt fills a queue on every server and measures the cycle on it.
func (b *bench) depthAt(servers []*server, before map[string]*lane, waiting int) (map[string]*lane, error) {
	what := fmt.Sprintf("cycle with %d waiting", waiting)
	all, lanes := lanesOf(servers, workload{name: "cycle", op: cycle, sends: 10, takes: true}, before)
	for _, l := range lanes {
		if err := b.step(what, l, func() error { return l.fill(b.plan, waiting) }); err != nil {
			return nil, err
		}
	}
	if err := b.race(what, lanes, judged, b.plan.races); err != nil {
		return nil, err
	}
	return all, b.dropAll(what, lanes)
}

// fill makes the lane's queue, with so many messages.
func (l *lane) fill(p plan, messages int) (err error) {
	if l.queue, err = l.server.newQueue(bodySize); err == nil {
		err = l.load(messages, p.fill(l.server))
	}
	return err
}
