package main

import (
	"fmt"

	"github.com/quayside-go/quayside/benchmarks/internal/report"
)

// noted is a load as figures have it.
func (l load) noted() report.Load {
	if l.callers == 1 {
		return report.At(1, "caller")
	}
	return report.At(float64(l.callers), "callers")
}

// together says how many messages a call has.
func together(batch int) string {
	if batch == 1 {
		return "one by one"
	}
	return fmt.Sprintf("%d together", batch)
}

// batches is what the name of a measure of calls ends with, so that figures of one name differ in the
// number of callers alone.
func batches(batch int) string { return ", " + together(batch) }

// plotCalls says what is shown of puts and takes.
func (b *bench) plotCalls() {
	for _, x := range []struct{ name, title string }{{"put", "Durable enqueue"}, {"take", "Receive and durable delete"}} {
		for _, batch := range []int{1, ten} {
			p := report.Plot{
				Name: fmt.Sprintf("%s-%d", x.name, batch), Title: x.title + batches(batch), Measure: x.name + batches(batch),
				Lines: true, X: "callers", What: "rate", Y: "messages/s", LogX: true, LogY: true,
			}
			b.report.Plot(p)
			if x.name == "put" {
				p.Name, p.Title, p.What, p.Y, p.PerUnit = p.Name+"-p99", p.Title+": 99th percentile", "p99 of a call", "ms a call", 1e-3
				b.report.Plot(p)
			}
		}
	}
}

// plotSteady says what is shown of a constant depth.
func (b *bench) plotSteady() {
	title := fmt.Sprintf("%d messages wait", b.plan.depth)
	b.report.Plot(report.Plot{Name: "steady", Title: title + ": put, receive and delete", Measure: "steady", What: "rate", Y: "messages/s"})
	b.report.Plot(report.Plot{Name: "steady-written", Title: title + ": written to the disk", Measure: "steady", What: "written", Y: "bytes a message"})
	b.report.Plot(report.Plot{Name: "steady-disk", Title: title + ": files", Measure: "steady", What: "disk", Y: "MB", PerUnit: 1e6})
}

// plotBacklog says what is shown of a backlog.
func (b *bench) plotBacklog() {
	title := fmt.Sprintf("Backlog of %d messages", b.plan.messages)
	b.report.Plot(report.Plot{Name: "open", Title: title + ": opened after a crash", Measure: "backlog", What: "time", Y: "seconds"})
	b.report.Plot(report.Plot{Name: "load", Title: title + ": loaded", Measure: "backlog load", What: "rate", Y: "messages/s"})
	b.report.Plot(report.Plot{Name: "drain", Title: title + ": drained", Measure: "backlog drain", What: "rate", Y: "messages/s"})
}

// plotMemory says what is shown of messages by their state.
func (b *bench) plotMemory() {
	b.report.Plot(report.Plot{
		Name: "memory", Title: "Memory of a durable message, by its state", Measure: "memory", What: "memory", Y: "bytes a message",
	})
}

// plotHTTP says what is shown of cycles over HTTP.
func (b *bench) plotHTTP() {
	b.report.Plot(report.Plot{
		Name: "http", Title: "Over HTTP: send, receive, delete", Measure: "http", What: "rate", Y: "messages/s",
	})
}

// plotTCP says what is shown of servers beside each other.
func (b *bench) plotTCP() {
	p := report.Plot{
		Name: "tcp", Title: fmt.Sprintf("Durable enqueue, %d callers, one by one", connections), Measure: "tcp", What: "rate", Y: "messages/s", LogY: true,
	}
	b.report.Plot(p)
	p.Name, p.Title, p.What, p.Y, p.PerUnit = p.Name+"-p99", p.Title+": 99th percentile", "p99 of a call", "ms a call", 1e-3
	b.report.Plot(p)
}
