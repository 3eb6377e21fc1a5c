package main

import (
	"fmt"
	"time"

	"github.com/quayside-go/quayside/benchmarks/internal/report"
	"github.com/quayside-go/quayside/benchmarks/internal/stats"
)

// startup measures the time from before a process is made until it has answered a first request,
// ListQueues. Its yardstick is a program that is little more than net/http.
func (b *bench) startup() error {
	subjects := []subject{b.quayside, b.fixed}
	times := make([][]float64, len(subjects))
	b.progress("start-up")
	for i := -2; i < b.plan.starts; i++ { // the first two bring the programs into memory
		for k := range subjects {
			k = (k + i + 2) % len(subjects)
			took, err := b.startOnce(subjects[k])
			if err != nil {
				return err
			}
			if i >= 0 {
				times[k] = append(times[k], took.Seconds())
			}
		}
	}
	t := b.report.Table(fmt.Sprintf("Start-up, from before the process is made to its first answer; %d times", b.plan.starts),
		"server", "median", "fastest", "slowest", "x fixed")
	for k, x := range subjects {
		b.report.Note("start", x.name, report.Load{}, "time", "s", times[k]...)
		t.Row(x.name, report.Millis(stats.Median(times[k])), report.Millis(stats.Quantile(times[k], 0)), report.Millis(stats.Quantile(times[k], 1)),
			report.Ratio(stats.Ratio(times[k], times[1])))
	}
	b.report.Reach("start", report.Millis(stats.Median(times[0])), report.Millis(stats.Median(times[1])), stats.Ratio(times[0], times[1]))
	return nil
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
