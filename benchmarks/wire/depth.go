package main

import (
	"fmt"

	"github.com/quayside-go/quayside/benchmarks/internal/report"
	"github.com/quayside-go/quayside/benchmarks/internal/stats"
)

// depth measures the batch cycle on queues in which messages wait already, beside the peers: cost that
// grows with the depth of a queue is what they differ in most.
func (b *bench) depth() error {
	if len(b.peers) == 0 {
		return b.skip("cycle by depth", errNoPeers)
	}
	return b.withPeers("cycle by depth", []subject{b.quayside}, func(subjects []subject) error {
		servers, stop, err := b.runAll(subjects)
		defer stop()
		if err != nil {
			return err
		}
		for _, waiting := range []int{0, 10_000, 100_000} {
			b.progress("cycle with %d waiting", waiting)
			got, err := b.depthAt(servers, waiting)
			if err != nil {
				return fmt.Errorf("cycle with %d waiting: %w", waiting, err)
			}
			b.tabulateDepth(subjects, got, waiting)
		}
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
