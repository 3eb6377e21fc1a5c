package main

import (
	"fmt"

	"github.com/quayside-go/quayside/benchmarks/internal/report"
	"github.com/quayside-go/quayside/benchmarks/internal/stats"
)

// queues measures servers in process with more and more queues: cycles on queues at random, and what it
// takes to make a queue and to keep it.
func (b *bench) queues() error {
	numbers := b.fitting(b.plan.queues, "queues", most, widest)
	lanes := make([]*lane, len(numbers))
	for i, n := range numbers {
		lanes[i] = b.child(queuesArgument, fmt.Sprint(n), b.plan.time.String())
	}
	if err := b.race("queues", lanes...); err != nil {
		return err
	}
	t := b.report.Table("SendMessageBatch, ReceiveMessage and DeleteMessageBatch of 10, in process, each time on another queue",
		"queues", "ns a message", "x of one queue", "CreateQueue, us", "bytes of a new queue", "bytes of one with a message")
	for i, n := range numbers {
		l := lanes[i]
		at := report.At(float64(n), "queues")
		b.report.Note("queues", "quayside", at, "time", "s/message", l.of("cycle-sec/msg")...)
		b.report.Note("queues", "quayside", at, "time of CreateQueue", "s/queue", l.of("create-sec/queue")...)
		b.report.Note("queues", "new", at, "memory", "bytes/queue", l.of("new-B/queue")...)
		b.report.Note("queues", "with a message", at, "memory", "bytes/queue", l.of("used-B/queue")...)
		t.Row(fmt.Sprint(n), nanosOf(l.of("cycle-sec/msg")), report.Ratio(stats.Ratio(l.of("cycle-sec/msg"), lanes[0].of("cycle-sec/msg"))),
			report.Micros(stats.Median(l.of("create-sec/queue"))), report.Count(stats.Median(l.of("new-B/queue"))), report.Count(stats.Median(l.of("used-B/queue"))))
	}
	b.report.Plot(report.Plot{
		Name: "queues", Title: "Batch cycles on queues at random, by queues", Lines: true,
		Measure: "queues", What: "time", X: "queues", Y: "ns a message", PerUnit: 1e-9, LogX: true,
	})
	b.report.Plot(report.Plot{
		Name: "queue-memory", Title: "Memory of a queue, by queues", Lines: true,
		Measure: "queues", What: "memory", X: "queues", Y: "kB a queue", PerUnit: 1e3, LogX: true,
	})
	return nil
}
