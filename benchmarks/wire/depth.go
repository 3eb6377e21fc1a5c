package main

import (
	"fmt"

	"github.com/quayside-go/quayside/benchmarks/internal/report"
	"github.com/quayside-go/quayside/benchmarks/internal/stats"
)

// depths are how many messages wait.
var depths = []int{0, 10_000, 100_000}

// depth measures the batch cycle on queues in which messages wait already, beside the peers: cost that
// grows with the depth of a queue is what they differ in most.
func (b *bench) depth() error {
	if len(b.peers) == 0 {
		b.report.Skip("cycle by depth", errNoPeers)
		return nil
	}
	return b.withPeers("cycle by depth", []subject{b.quayside}, func(subjects []subject) error {
		servers, stop, err := b.runAll(subjects)
		defer stop()
		if err != nil {
			return err
		}
		all := make([]map[string]*series, len(depths))
		for i, waiting := range depths {
			b.progress("cycle with %d waiting", waiting)
			if all[i], err = b.depthAt(servers, waiting); err != nil {
				return fmt.Errorf("cycle with %d waiting: %w", waiting, err)
			}
		}
		for i, waiting := range depths {
			b.tabulateDepth(subjects, all[i], waiting)
		}
		b.report.Plot(report.Plot{
			Name: "depth", Title: "Batch cycle, by how many messages wait", Lines: true,
			Measure: "depth", What: "rate", X: "messages waiting", Y: "messages/s", LogY: true,
		})
		return nil
	})
}

// tabulateDepth writes a row for every server, and puts the figures beside their targets.
func (b *bench) tabulateDepth(subjects []subject, got map[string]*series, waiting int) {
	t := b.report.Table(fmt.Sprintf("Batch cycle with %d connections, %d messages of 1 KB waiting all along", judged, waiting),
		"server", "messages/s", "CPU us/message", "quayside is x")
	q := got["quayside"]
	for _, x := range subjects {
		s := got[x.name]
		at := report.At(float64(waiting), "waiting")
		b.report.Note("depth", x.name, at, "rate", "messages/s", s.rate...)
		b.report.Note("depth", x.name, at, "processor time", "s/message", s.server...)
		times := stats.Ratio(q.rate, s.rate)
		t.Row(x.name, report.Count(stats.Median(s.rate)), report.Micros(stats.Median(s.server)), report.Ratio(times))
		b.report.Reach(fmt.Sprintf("%s cycle %d", x.name, waiting), report.Count(stats.Median(q.rate))+"/s", report.Count(stats.Median(s.rate))+"/s", times)
	}
}

// depthAt fills a queue on every server and measures the cycle on it.
func (b *bench) depthAt(servers []*server, waiting int) (map[string]*series, error) {
	cycles := workload{name: "cycle", op: cycle}
	lanes := make([]*lane, len(servers))
	for i, s := range servers {
		q, err := s.newQueue(bodySize)
		if err == nil {
			err = s.load(q, waiting)
		}
		if err != nil {
			return nil, &failure{s.name, err}
		}
		lanes[i] = &lane{server: s, work: cycles, queue: q}
	}
	got, err := b.race(lanes, judged)
	if err != nil {
		return nil, err
	}
	for _, l := range lanes {
		if err := l.server.drop(l.queue); err != nil {
			return nil, &failure{l.server.name, err}
		}
	}
	return got, nil
}
