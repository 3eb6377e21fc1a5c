package main

import (
	"fmt"
	"time"

	"github.com/quayside-go/quayside/benchmarks/internal/report"
	"github.com/quayside-go/quayside/benchmarks/internal/stats"
)

// startup measures the time from before a process is made until it has answered a first request,
// ListQueues. Its yardstick is a program that is little more than net/http. Peers start fewer times, in the
// last rounds.
func (b *bench) startup() error {
	subjects := append([]subject{b.quayside, b.durable, b.fixed}, b.peers...)
	times, failed := map[string][]float64{}, map[string]bool{}
	b.progress("start-up")
	for i := -2; i < b.plan.starts; i++ { // the first two bring the programs into memory
		for k := range subjects {
			x := subjects[(k+i+2)%len(subjects)]
			if failed[x.name] || x.peer && i < b.plan.starts-b.plan.peerStarts {
				continue
			}
			took, err := b.startOnce(x)
			if err != nil {
				failed[x.name] = true
				if err := b.leaveOut("start", x, err); err != nil {
					return err
				}
				continue
			}
			if i >= 0 {
				times[x.name] = append(times[x.name], took.Seconds())
			}
		}
	}
	b.tabulateStart(subjects, times, failed)
	return nil
}

func (b *bench) tabulateStart(subjects []subject, times map[string][]float64, failed map[string]bool) {
	columns := []string{"server", "times", "median", "fastest", "slowest", "x fixed"}
	t := b.report.Table("Start-up, from before the process is made to its first answer", columns...)
	for _, x := range subjects {
		took := times[x.name]
		if failed[x.name] {
			failedRow(t, len(columns), nil, x.name)
			continue
		}
		b.report.Note("start", x.name, report.Load{}, "time", "s", took...)
		beside := times["fixed"]
		t.Row(x.name, fmt.Sprint(len(took)), report.Millis(stats.Median(took)), report.Millis(stats.Quantile(took, 0)), report.Millis(stats.Quantile(took, 1)),
			report.Ratio(stats.Ratio(took, beside[len(beside)-len(took):])))
	}
	b.report.Plot(report.Plot{Name: "start", Title: "Start to first answer", Measure: "start", What: "time", Y: "ms", PerUnit: 1e-3, LogY: true})
	q, f := times["quayside"], times["fixed"]
	b.report.Reach("start", report.Millis(stats.Median(q)), report.Millis(stats.Median(f)), stats.Ratio(q, f))
}

// startOnce starts the subject, asks it one thing and ends it.
func (b *bench) startOnce(x subject) (time.Duration, error) {
	s, err := b.run(x)
	if err != nil {
		return 0, err
	}
	defer s.close()
	if _, err := s.ask(s.head("ListQueues").Append(nil, []byte("{}"))); err != nil {
		return 0, err
	}
	return time.Since(s.process.Started), nil
}
