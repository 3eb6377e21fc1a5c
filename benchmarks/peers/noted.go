package main

import (
	"fmt"
	"time"

	"github.com/quayside-go/quayside/benchmarks/internal/report"
)

// note keeps a cost.
func (c *cost) note(r *report.Report, measure, who string, at report.Load) {
	r.Note(measure, who, at, "rate", "messages/s", c.rate...)
	r.Note(measure, who, at, "requests", "requests/message", c.requests...)
	r.Note(measure, who, at, "processor time", "s/message", c.cpu...)
	r.Note(measure, who, at, "allocations", "allocations/message", c.allocs...)
}

// note keeps how long messages took.
func (w *waits) note(r *report.Report, measure, who string, at report.Load) {
	r.Note(measure, who, at, "p50", "s", w.p50...)
	r.Note(measure, who, at, "p99", "s", w.p99...)
}

// note keeps what became of messages whose handlers outlive the visibility timeout.
func (o *outlived) note(r *report.Report, who string) {
	all := report.Load{}
	r.Note("outlive", who, all, "calls", "calls/message", o.perMessage...)
	r.Note("outlive", who, all, "handled again", "handlers", o.again...)
	r.Note("outlive", who, all, "not begun", "messages", o.left...)
}

// note keeps what became of messages when a worker was told to end.
func (r *restarted) note(to *report.Report, who string) {
	to.Note("restart", who, report.Under("begun again"), "number", "handlers", r.again...)
	to.Note("restart", who, report.Under("handled twice"), "number", "handlers", r.twice...)
	to.Note("restart", who, report.Under("never handled"), "number", "messages", r.never...)
	to.Note("restart", who, report.Under("took to end"), "time", "s", r.took...)
	to.Note("restart", who, report.Under("all deleted after"), "time", "s", r.last...)
}

// from is a distance as figures have it.
func from(away time.Duration) report.Load { return report.Under(away.String() + " away") }

// loadFrom is the measure of the figures of a load, so that those of one measure differ in how long handlers
// take alone.
func loadFrom(away time.Duration) string { return fmt.Sprintf("load, %v away", away) }

// plotLoad says what is shown of a load.
func (b *bench) plotLoad(away time.Duration) {
	p := report.Plot{
		Name: fmt.Sprintf("load-%v-rate", away), Title: fmt.Sprintf("Workers under load, %v away: throughput", away),
		Measure: loadFrom(away), What: "rate", X: "a handler takes", Y: "messages/s", LogY: true,
	}
	b.report.Plot(p)
	p.Name, p.Title = fmt.Sprintf("load-%v-requests", away), fmt.Sprintf("Workers under load, %v away: requests", away)
	p.What, p.Y, p.LogY = "requests", "requests a message", false
	b.report.Plot(p)
}

// plotWaits says what is shown of times from send to handled, and of one message after the other.
func (b *bench) plotWaits(measure, title string, quantiles ...string) {
	for _, q := range quantiles {
		b.report.Plot(report.Plot{
			Name: measure + "-" + q, Title: title + ", " + q, Measure: measure, What: q, Y: "ms", PerUnit: 1e-3, LogY: true,
		})
	}
}

// plotOutlive says what is shown of handlers that outlive the visibility timeout.
func (b *bench) plotOutlive() {
	o := b.plan.outlive
	b.report.Plot(report.Plot{
		Name: "outlive", Title: fmt.Sprintf("Handlers of %v, visibility timeout of %v", o.takes, o.visibility),
		Measure: "outlive", What: "calls", Y: "handlers called for a message begun",
	})
}

// plotRestart says what is shown of workers that are told to end: not what is handled twice or never, which is
// nothing as a rule.
func (b *bench) plotRestart() {
	b.report.Plot(report.Plot{Name: "restart", Title: "SIGTERM under load", Measure: "restart", What: "time", Y: "seconds"})
}

// plotSend says what is shown of senders.
func (b *bench) plotSend() {
	p := report.Plot{Name: "send-rate", Title: fmt.Sprintf("%d goroutines that send: throughput", senders), Measure: "send", What: "rate", Y: "messages/s"}
	b.report.Plot(p)
	p.Name, p.Title, p.What, p.Y = "send-requests", fmt.Sprintf("%d goroutines that send: requests", senders), "requests", "requests a message"
	b.report.Plot(p)
}
